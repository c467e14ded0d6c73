//! Time status on a fixed company and on nobody.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{AttendedEntry, EmployeeTime, EntryState, PayRules, Workplace},
        time::{Period, Week},
        time_entry::EntryKind,
        time_off::{Assignment, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
        time_status::{self as rules, SubmittedTimesheet, TimeStatus, TimeStatusRules, WeekStatus},
    },
    reports::{NamedFile, time_status},
};

use super::{
    company, flags,
    golden::assert_golden,
    letterhead,
    read_back::{Read, Sheet, read},
};

const THE_WEEK: Date = date(2026, 11, 15);

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

/// Who was employed from a day on, with entries of November: day, hours, state.
fn person(
    name: &str,
    manager: Option<&str>,
    since: Date,
    entries: &[(i8, &str, EntryState)],
) -> EmployeeTime {
    let mut employee = company::named(name, name, manager);
    employee.start_date = Some(since);
    let entry = |(day, worked, state): &(i8, &str, EntryState)| AttendedEntry {
        date: date(2026, 11, *day),
        hours: hours(worked),
        kind: EntryKind::Regular,
        tags: Vec::new(),
        state: *state,
    };
    EmployeeTime {
        employee,
        last_entry: None,
        entries: entries.iter().map(entry).collect(),
        time_off: Vec::new(),
    }
}

fn timesheet(name: &str, sunday: Date, state: EntryState, held: &str) -> SubmittedTimesheet {
    SubmittedTimesheet {
        timesheet_id: format!("{name} {sunday}").into(),
        employee_id: name.into(),
        days: Week::of(sunday).period(),
        state,
        expenses_only: false,
        state_since: None,
        hours: hours(held),
    }
}

/// Six people, each in another state in the week of 15 November 2026, as of the Sunday after it.
fn status_of(period: Period) -> TimeStatus {
    use EntryState::{Approved, NotSubmitted, Pending, Rejected};
    let (ines, theo) = (Some("Ines Quill"), Some("Théo Lemaître"));
    let days = |state| [16, 17, 18, 19, 20].map(|day| (day, "8", state));
    let mut emil = person("Emil Sørensen", theo, THE_WEEK, &[]);
    emil.time_off.push(TimeOffRequest {
        id: "vacation".into(),
        workspace_id: "ws".into(),
        employee_id: "Emil Sørensen".into(),
        policy_id: "vacation".into(),
        status: TimeOffStatus::Approved,
        first_day: date(2026, 11, 16),
        last_day: date(2026, 11, 20),
        half_day: false,
        balance_diff: hours("40"),
        unit: TimeUnit::Hours,
        excluded_days: None,
        note: None,
        status_changed_at: None,
    });
    let [monday, _, wednesday, thursday, friday] = days(Approved);
    let mut fatima = vec![(11, "8", Approved)];
    fatima.extend(days(Pending));
    let people = [
        person("Ada Marlowe", ines, THE_WEEK, &days(Approved)),
        person(
            "Bruno Achterberg",
            None,
            date(2026, 11, 8),
            &[monday, wednesday, thursday, friday],
        ),
        person(
            "Chen Wei",
            ines,
            THE_WEEK,
            &[16, 17, 18, 19, 20].map(|day| (day, "7.75", NotSubmitted)),
        ),
        person(
            "Dara O'Neil",
            theo,
            THE_WEEK,
            &[monday, wednesday, thursday, friday, (17, "8", Rejected)],
        ),
        emil,
        person("Fatima Benali", ines, date(2026, 11, 1), &fatima),
    ];
    let since_friday = SubmittedTimesheet {
        state_since: Some(date(2026, 11, 20)),
        ..timesheet("Fatima Benali", THE_WEEK, Pending, "40")
    };
    let timesheets = [
        timesheet("Ada Marlowe", THE_WEEK, Approved, "0"),
        timesheet("Bruno Achterberg", THE_WEEK, Approved, "0"),
        timesheet("Dara O'Neil", THE_WEEK, Rejected, "0"),
        since_friday,
        timesheet("Fatima Benali", date(2026, 11, 8), Approved, "0"),
        timesheet("Fatima Benali", date(2026, 11, 1), Pending, "36.25"),
    ];
    let policies = [Policy {
        id: "vacation".into(),
        workspace_id: "ws".into(),
        name: "Vacation".into(),
        unit: TimeUnit::Hours,
        assignment: Assignment::default(),
        archived: false,
        is_stub: false,
    }];
    let pay = PayRules::default();
    let workplace = Workplace::new(&pay, &[], &[], &policies);
    let today = date(2026, 11, 22);
    rules::time_status(
        period,
        &people,
        &timesheets,
        &workplace,
        &TimeStatusRules::default(),
        today,
    )
}

fn company() -> TimeStatus {
    status_of(Week::of(THE_WEEK).period())
}

fn files(data: &TimeStatus) -> Vec<NamedFile> {
    time_status::files(data, &flags(), date(2023, 12, 31), &letterhead()).expect("time status")
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company());
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].name, "TimeStatus-2026-11-15.xlsx");
    assert_golden(&files[0]);
    for sheet in read(&files[0].bytes) {
        sheet.check_totals();
    }
}

#[test]
fn the_legend_counts_each_status() {
    let files = files(&company());
    let sheet = &read(&files[0].bytes)[0];
    for status in WeekStatus::ALL {
        let row = sheet.rows_where(1, |text| text == status.as_str())[0];
        let Some(Read::Formula(formula, count)) = sheet.cells.get(&(row, 2)) else {
            panic!("{} has no count", status.as_str());
        };
        assert_eq!(*formula, format!("COUNTIF(C7:C12,A{row})"));
        assert_eq!(count, "1");
    }
}

/// `domain.md` §7: "or each week of a longer period". Who stands in two weeks is counted in both.
#[test]
fn each_week_of_a_longer_period_has_its_heading() {
    let two = Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period");
    let files = files(&status_of(two));
    assert_eq!(files[0].name, "TimeStatus-2026-11-08.xlsx");
    let sheet = &read(&files[0].bytes)[0];
    assert_eq!(
        sheet.rows_where(1, |text| text.starts_with("Week ")).len(),
        2
    );
    let heads = |sheet: &Sheet| {
        let row = sheet.rows_where(1, |text| text == "Legend")[0] + 1;
        sheet.text(row, 2).map(str::to_owned)
    };
    assert_eq!(heads(sheet).as_deref(), Some("Weeks"));
    let of_one = &read(&self::files(&company())[0].bytes)[0];
    assert_eq!(heads(of_one).as_deref(), Some("People"));
}

/// Missing weeks reach to the last complete week, whatever week the report is of.
#[test]
fn the_missing_weeks_say_through_which_day_they_are_looked_for() {
    let earlier = status_of(Week::of(date(2026, 11, 1)).period());
    let sheet = &read(&files(&earlier)[0].bytes)[1];
    assert_eq!(
        sheet.text(3, 1),
        Some("Since Sun, Dec 31, 2023, through Sat, Nov 21, 2026")
    );
}

#[test]
fn an_empty_period_says_so() {
    let nobody = TimeStatus {
        weeks: Vec::new(),
        missing: Vec::new(),
        pending: Vec::new(),
        ..company()
    };
    let files = files(&nobody);
    for (sheet, sentence) in
        read(&files[0].bytes)
            .iter()
            .zip(["Nothing: ", "Nothing is", "No timesheet"])
    {
        assert_eq!(
            sheet.rows_where(1, |text| text.starts_with(sentence)).len(),
            1,
            "{}",
            sheet.name
        );
    }
}

//! Billable against non-billable hours on a fixed company, on nobody, and on random people.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{EmployeeTime, EntryState, PayRules, Workplace},
        billable_summary::{
            BillableSummary, PersonSummary, ProjectHours, SummaryHours, billable_summary,
        },
        employee::EmployeeStatus,
        project::Project,
        time::Week,
        time_off::{Assignment, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
        work::WorkEntry,
    },
    reports::billable_summary::files,
};

use super::{
    company, flags,
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

fn project(code: Option<&str>, title: &str, hours: [&str; 3]) -> ProjectHours {
    let [billable, non_billable, waiting] = hours.map(self::hours);
    ProjectHours {
        project_id: None,
        code: code.map(Into::into),
        title: title.into(),
        hours: SummaryHours {
            billable,
            non_billable,
            waiting,
        },
    }
}

fn person(name: &str, manager: Option<&str>, off: &[(Date, Date, &str)]) -> EmployeeTime {
    let leave = off
        .iter()
        .map(|(first_day, last_day, taken)| TimeOffRequest {
            id: format!("{name} {first_day}").into(),
            workspace_id: "ws".into(),
            employee_id: name.into(),
            policy_id: "vacation".into(),
            status: TimeOffStatus::Approved,
            first_day: *first_day,
            last_day: *last_day,
            half_day: false,
            balance_diff: hours(taken),
            unit: TimeUnit::Hours,
            excluded_days: None,
            note: None,
            status_changed_at: None,
        });
    EmployeeTime {
        employee: company::named(name, name, manager),
        last_entry: None,
        entries: Vec::new(),
        time_off: leave.collect(),
    }
}

fn work(name: &str, project: &str, worked: &str, billable: bool, state: EntryState) -> WorkEntry {
    WorkEntry {
        entry_id: format!("{name} {project} {worked}").into(),
        employee_id: name.into(),
        project_id: Some(project.into()),
        date: date(2026, 11, 16),
        hours: hours(worked),
        billable,
        hourly_rate: None,
        task: None,
        description: String::new(),
        state,
        state_known_since: None,
    }
}

/// Three people in one week: at work, leaving on its Thursday, on leave.
fn company() -> BillableSummary {
    use EntryState::{Approved, NotSubmitted, Pending};
    let (ada, bruno, emil) = ("Ada Marlowe", "Bruno Achterberg", "Emil Sørensen");
    let day = |day| date(2026, 11, day);
    let mut people = [
        person(emil, Some("Théo Lemaître"), &[(day(16), day(20), "40")]),
        person(bruno, None, &[(day(17), day(18), "16")]),
        person(ada, Some("Ines Quill"), &[]),
    ];
    people[1].employee.status = EmployeeStatus::Inactive;
    people[1].employee.end_date = Some(day(19));
    let work = [
        work(ada, "crossing", "31.25", true, Approved),
        work(ada, "overhead", "8.75", false, Approved),
        work(bruno, "yard", "12", true, Pending),
        work(bruno, "yard", "4", false, Approved),
        work(bruno, "yard", "7.5", true, NotSubmitted),
    ];
    let project = |id: &str, code: Option<&str>, title: &str| Project {
        id: id.into(),
        workspace_id: "ws".into(),
        client_id: None,
        name: title.into(),
        code: code.map(Into::into),
        title: title.into(),
        billable: true,
        archived: false,
        is_stub: false,
    };
    let projects = [
        project("crossing", Some("ABC-001"), "River Crossing"),
        project("overhead", Some("HP-000"), "Overhead"),
        project("yard", None, "Yard &amp; Shop"),
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
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &policies);
    let week = Week::of(day(15)).period();
    billable_summary(week, &people, &work, &projects, &workplace)
}

fn sheets(data: &BillableSummary) -> Vec<Sheet> {
    read(&files(data, &flags(), &letterhead()).expect("the summary")[0].bytes)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company(), &flags(), &letterhead()).expect("the summary");
    assert_eq!(files[0].name, "BillableSummary-2026-11-15-2026-11-21.xlsx");
    assert_golden(&files[0]);
}

/// `domain.md` §7: "waiting hours stand in a column of their own"; "percentages".
#[test]
fn waiting_hours_are_in_no_percentage() {
    let hours = &sheets(&company())[0];
    let row = hours.rows_where(1, |text| text == "Bruno Achterberg Total")[0];
    assert_eq!(hours.number(row, 5), Some("12".parse().expect("hours")));
    assert_eq!(hours.number(row, 7), Some("7.5".parse().expect("hours")));
    assert_eq!(hours.number(row, 8), Some("0.75".parse().expect("a share")));
    let off = hours.rows_where(1, |text| text == "Emil Sørensen Total")[0];
    assert_eq!(hours.number(off, 8), None);
}

/// Clockify escapes names; a person reads them as they were typed.
#[test]
fn names_are_printed_as_they_were_typed() {
    let hours = &sheets(&company())[0];
    assert_eq!(hours.rows_where(4, |text| text == "Yard & Shop").len(), 1);
}

#[test]
fn each_share_stands_beside_the_hours() {
    let shares = &sheets(&company())[1];
    let row = shares.rows_where(1, |text| text == "Bruno Achterberg")[0];
    assert_eq!(shares.number(row, 6), Some(hours("0.75")));
    let total = shares.rows_where(1, |text| text == "All staff Total")[0];
    assert_eq!(shares.number(total, 6), Some(hours("0.7723")));
}

#[test]
fn an_empty_period_says_so() {
    let nobody = BillableSummary {
        people: Vec::new(),
        ..company()
    };
    let sheets = sheets(&nobody);
    let names: Vec<_> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(
        names,
        ["Hours", "Shares", "Open flags"],
        "no chart of nothing"
    );
    assert_eq!(
        sheets[0]
            .rows_where(1, |text| text.starts_with("Nothing: "))
            .len(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn printed_lines_sum_to_printed_totals(
        staff in prop::collection::vec(
            prop::collection::vec((0i64..100_000, 0i64..100_000, 0i64..100_000), 0..5), 0..8)
    ) {
        let hours = |hundredths| Decimal::new(hundredths, 2);
        let people: Vec<PersonSummary> = staff.into_iter().map(|projects| PersonSummary {
            employee_id: "e".into(),
            name: "Somebody".into(),
            manager: None,
            projects: projects.into_iter().map(|(billable, non_billable, waiting)| ProjectHours {
                hours: SummaryHours {
                    billable: hours(billable),
                    non_billable: hours(non_billable),
                    waiting: hours(waiting),
                },
                ..project(None, "Title", ["0"; 3])
            }).collect(),
            notes: Vec::new(),
        }).collect();
        let data = BillableSummary { people, ..company() };
        let sheets = sheets(&data);
        let all = || data.people.iter().flat_map(|person| &person.projects);
        let sums: [Decimal; 3] = [
            all().map(|project| project.hours.billable).sum(),
            all().map(|project| project.hours.non_billable).sum(),
            all().map(|project| project.hours.waiting).sum(),
        ];
        for (sheet, first) in sheets.iter().zip([5, 3]) {
            sheet.check_totals();
            let row = sheet.rows_where(1, |text| text == "All staff Total")[0];
            for (column, sum) in (first..).zip(sums) {
                prop_assert_eq!(sheet.number(row, column), Some(sum));
            }
        }
    }
}

//! Payroll on a fixed company, on nobody, and on random people: from entries through the rules to cells.

use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{AttendedEntry, EmployeeTime, EntryState, PayRules, Workplace},
        employee::{Employee, EmployeeStatus, RateType},
        payroll::{self as rules, Payroll, PayrollEmployee, PayrollRules},
        time::Period,
        time_entry::EntryKind,
        time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
    },
    reports::{
        NamedFile,
        payroll::{CsvColumn, files},
    },
};

use super::{
    flags,
    golden::{assert_golden, unpack},
    letterhead,
    read_back::{Sheet, read},
};

const HEADINGS: [&str; 11] = [
    "Staff Member",
    "Type",
    "Date",
    "REG",
    "OT",
    "BANKED",
    "Used PTO",
    "STAT",
    "Policy",
    "Total Paid",
    "Status",
];
const SALARY: Option<RateType> = Some(RateType::Salary);
const HOURLY: Option<RateType> = Some(RateType::Hourly);

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

fn two_weeks() -> Period {
    Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period")
}

fn entry(day: i8, worked: &str, state: EntryState) -> AttendedEntry {
    AttendedEntry {
        date: date(2026, 11, day),
        hours: hours(worked),
        kind: EntryKind::Regular,
        tags: Vec::new(),
        state,
    }
}

fn approved(day: i8, worked: &str) -> AttendedEntry {
    entry(day, worked, EntryState::Approved)
}

fn banked(day: i8, worked: &str, tag: &str) -> AttendedEntry {
    AttendedEntry {
        tags: vec![tag.into()],
        ..approved(day, worked)
    }
}

/// Eight hours on each weekday but Remembrance Day and the days left out.
fn eight_hours_but(left_out: &[i8]) -> Vec<AttendedEntry> {
    two_weeks()
        .days()
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
        .map(Date::day)
        .filter(|day| *day != 11 && !left_out.contains(day))
        .map(|day| approved(day, "8"))
        .collect()
}

fn person(
    id: &str,
    name: &str,
    manager: Option<&str>,
    rate_type: Option<RateType>,
    entries: Vec<AttendedEntry>,
) -> EmployeeTime {
    EmployeeTime {
        employee: Employee {
            id: id.into(),
            workspace_id: "ws".into(),
            name: name.into(),
            email: None,
            status: EmployeeStatus::Active,
            role: None,
            start_date: Some(date(2024, 3, 4)),
            end_date: None,
            rate_type,
            reporting_manager: manager.map(Into::into),
            has_truck: false,
            truck_details: None,
            time_zone: None,
            is_stub: false,
        },
        last_entry: None,
        entries,
        time_off: Vec::new(),
    }
}

fn leave(person: &str, policy: &str, day: i8, hours_off: &str) -> TimeOffRequest {
    TimeOffRequest {
        id: format!("{person} {day}").into(),
        workspace_id: "ws".into(),
        employee_id: person.into(),
        policy_id: policy.into(),
        status: TimeOffStatus::Approved,
        first_day: date(2026, 11, day),
        last_day: date(2026, 11, day),
        half_day: false,
        balance_diff: hours(hours_off),
        unit: TimeUnit::Hours,
        excluded_days: None,
        note: None,
        status_changed_at: None,
    }
}

fn everyone() -> Assignment {
    Assignment {
        everyone: true,
        ..Assignment::default()
    }
}

/// The payroll of these people in the fixed company: one holiday, three policies.
fn payroll_of(people: &[EmployeeTime]) -> Payroll {
    let holidays = [Holiday {
        id: "remembrance".into(),
        workspace_id: "ws".into(),
        name: "Remembrance Day".into(),
        first_day: date(2026, 11, 11),
        last_day: date(2026, 11, 11),
        occurs_annually: true,
        assignment: everyone(),
    }];
    let policies = ["Vacation", "Banked Time", "Unpaid Leave"].map(|name| Policy {
        id: name.into(),
        workspace_id: "ws".into(),
        name: name.into(),
        unit: TimeUnit::Hours,
        assignment: everyone(),
        archived: false,
        is_stub: false,
    });
    let pay_rules = PayRules::default();
    let workplace = Workplace::new(&pay_rules, &holidays, &[], &policies);
    rules::payroll(two_weeks(), people, &workplace, &PayrollRules::default())
}

/// Fixed people, each with something that payroll must see.
fn company() -> Payroll {
    let mut ada = person(
        "64a1",
        "Ada Marlowe",
        Some("Ines Quill"),
        SALARY,
        eight_hours_but(&[13]),
    );
    ada.time_off.push(leave("64a1", "Vacation", 13, "8"));

    let mut bruno = eight_hours_but(&[10, 19]);
    bruno.extend([
        approved(10, "6.5"),
        banked(19, "10.25", "BANKED - SITE"),
        banked(21, "5", "Banked-Office"),
    ]);
    let bruno = person("64a2", "Bruno Achterberg", None, SALARY, bruno);

    let mut chen = eight_hours_but(&[9, 17, 18, 19, 20]);
    chen.extend([approved(9, "12.5"), approved(11, "6")]);
    chen.push(entry(17, "7.75", EntryState::NotSubmitted));
    chen.extend([18, 19, 20].map(|day| entry(day, "8", EntryState::Pending)));
    let chen = person("64a3", "Chen Wei", Some("Ines Quill"), HOURLY, chen);

    let mut dara = eight_hours_but(&[12, 16, 20]);
    dara.extend([entry(16, "8", EntryState::Rejected), approved(20, "4")]);
    let mut dara = person("64a4", "=Dara O'Neil", Some("Théo Lemaître"), HOURLY, dara);
    dara.time_off.push(leave("64a4", "Banked Time", 20, "4"));
    dara.time_off.push(leave("64a4", "Vacation", 20, "2"));

    let dara_too = person(
        "64a5",
        "=Dara O'Neil",
        Some("Ines Quill"),
        HOURLY,
        eight_hours_but(&[]),
    );

    let mut emil = eight_hours_but(&[]);
    emil.push(approved(14, "6.25"));
    let emil = person("64a6", "Emil Sørensen", Some("Théo Lemaître"), None, emil);

    payroll_of(&[ada, bruno, chen, dara, dara_too, emil])
}

fn made(payroll: &Payroll) -> Vec<NamedFile> {
    let made = files(payroll, &flags(), &letterhead(), &CsvColumn::ALL).expect("payroll");
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].name, "Payroll-2026-11-08-2026-11-21.zip");
    unpack(&made[0])
}

/// The first sheet of the workbook whose name holds `word`.
fn sheet(files: &[NamedFile], word: &str) -> Sheet {
    let file = files
        .iter()
        .find(|file| file.name.contains(word))
        .expect("the workbook");
    read(&file.bytes).remove(0)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = made(&company());
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Payroll-2026-11-08-2026-11-21.csv",
            "Payroll-Hourly-2026-11-08-2026-11-21.xlsx",
            "Payroll-Salary-2026-11-08-2026-11-21.xlsx",
        ]
    );
    for file in &files {
        assert_golden(file);
    }
}

/// Equal data and an equal time of issue give equal bytes.
#[test]
fn the_same_twice_is_the_same() {
    assert_eq!(made(&company()), made(&company()));
}

/// `interface.md` §4: headings, and total rows that begin with the name and `Total`.
#[test]
fn headings_and_total_rows_are_as_agreed() {
    let files = made(&company());
    let salaried = sheet(&files, "Salary");
    let heading = salaried.heading_row(&HEADINGS).expect("the heading row");
    let totals = salaried.rows_where(1, |text| text == "Ada Marlowe Total");
    assert_eq!(totals.len(), 1);
    assert!(totals[0] > heading);
    assert_eq!(salaried.number(totals[0], 10), Some(hours("80")));
    assert_eq!(salaried.number(totals[0], 12), Some(hours("80")));
    let bruno = salaried.rows_where(1, |text| text == "Bruno Achterberg Total")[0];
    // 7 × 8 + 6.5 + 8.5 + 8 of the holiday; banked 1.75 + 5.
    assert_eq!(salaried.number(bruno, 10), Some(hours("79")));
    assert_eq!(salaried.number(bruno, 6), Some(hours("6.75")));
}

/// `domain.md` §7: the salaried workbook names staff without a rate type, the hourly one lists them.
#[test]
fn staff_without_a_rate_type_stand_apart() {
    let files = made(&company());
    let salaried = sheet(&files, "Salary");
    let named = salaried.rows_where(1, |text| text == "Emil Sørensen");
    assert_eq!(named.len(), 1);
    assert_eq!(salaried.number(named[0], 4), None);
    let hourly = sheet(&files, "Hourly");
    let section = hourly.rows_where(1, |text| text.starts_with("Staff without a rate type"))[0];
    let rows = hourly.rows_where(1, |text| text == "Emil Sørensen");
    // Ten weekdays and a Saturday.
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|row| *row > section));
}

/// `domain.md` §11.6: two people of one name are two people.
#[test]
fn two_people_of_one_name_have_two_totals() {
    let hourly = sheet(&made(&company()), "Hourly");
    let totals = hourly.rows_where(1, |text| text == "=Dara O'Neil Total");
    assert_eq!(totals.len(), 2);
    assert_eq!(hourly.number(totals[0], 10), Some(hours("64")));
    assert_eq!(hourly.number(totals[1], 10), Some(hours("80")));
}

/// Who looks into an exception must know of whom it speaks, and what nobody can name has an id.
#[test]
fn exceptions_tell_two_of_one_name_apart_and_name_what_is_unknown() {
    let sam = |id| person(id, "Sam Same", None, HOURLY, vec![approved(10, "13")]);
    let mut stub = person("6b03", "", None, None, vec![approved(10, "13")]);
    stub.time_off.push(leave("6b03", "6c04", 12, "8"));
    let mut left = person("64a1", "Lee Leaver", Some("Ines Quill"), HOURLY, vec![]);
    left.employee.end_date = Some(date(2026, 11, 12));
    left.time_off.push(leave("64a1", "Banked Time", 13, "8"));
    let payroll = payroll_of(&[sam("64a7"), sam("64a8"), stub, left]);
    let files = made(&payroll);
    let hourly = files.iter().find(|file| file.name.contains("Hourly"));
    let sheets = read(&hourly.expect("the workbook").bytes);
    let exceptions = sheets.iter().find(|sheet| sheet.name == "Exceptions");
    let exceptions = exceptions.expect("the exceptions");
    for (name, what) in [
        ("Sam Same (id 64a7)", "Long day: check the entries"),
        ("Sam Same (id 64a8)", "Long day: check the entries"),
        (
            "Unknown person (id 6b03)",
            "The policy of leave is unknown: 6c04",
        ),
        ("Lee Leaver", "Leave outside employment is paid"),
    ] {
        let rows = exceptions.rows_where(1, |text| text == name);
        let found = rows
            .iter()
            .any(|row| exceptions.text(*row, 4) == Some(what));
        assert!(found, "{name}: {what}");
    }
    let totals = sheets[0].rows_where(1, |text| text == "Unknown person (id 6b03) Total");
    assert_eq!(totals.len(), 1);
    let named = sheet(&files, "Salary").rows_where(1, |text| text == "Unknown person (id 6b03)");
    assert_eq!(named.len(), 1);
}

#[test]
fn an_empty_period_says_so() {
    let nobody = payroll_of(&[]);
    for word in ["Salary", "Hourly"] {
        let sheet = sheet(&made(&nobody), word);
        assert!(sheet.heading_row(&HEADINGS).is_some());
        assert_eq!(
            sheet
                .rows_where(1, |text| text.starts_with("Nothing"))
                .len(),
            1
        );
    }
}

fn any_entry() -> impl Strategy<Value = AttendedEntry> {
    let tag = prop::sample::select(vec!["", "BANKED - SITE", "BANKED - OFFICE", "Travel"]);
    let state = prop::sample::select(vec![
        EntryState::Approved,
        EntryState::Approved,
        EntryState::Pending,
        EntryState::Rejected,
        EntryState::NotSubmitted,
    ]);
    (8i8..22, 0u32..60, tag, state).prop_map(|(day, quarters, tag, state)| AttendedEntry {
        hours: Decimal::from(quarters) / Decimal::from(4),
        tags: vec![tag.into()],
        ..entry(day, "0", state)
    })
}

fn any_person() -> impl Strategy<Value = EmployeeTime> {
    let entries = prop::collection::vec(any_entry(), 0..20);
    let time_off = prop::collection::vec(
        (
            prop::sample::select(vec!["Vacation", "Banked Time", "Unpaid Leave"]),
            9i8..14,
            0i64..801,
        ),
        0..3,
    );
    let rate_type = prop::sample::select(vec![SALARY, HOURLY, None]);
    (entries, time_off, rate_type, "[a-zA-Z =+éß🚧א]{1,30}").prop_map(
        |(entries, time_off, rate_type, name)| {
            let mut person = person(&name, &name, None, rate_type, entries);
            person.time_off = time_off
                .into_iter()
                .map(|(policy, day, hundredths)| TimeOffRequest {
                    balance_diff: Decimal::new(hundredths, 2),
                    ..leave(&name, policy, day, "0")
                })
                .collect();
            person
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Printed lines sum to printed totals, and those to the entries (`peers.md`: "lines must add up").
    #[test]
    fn printed_lines_sum_to_printed_totals(people in prop::collection::vec(any_person(), 0..12)) {
        let payroll = payroll_of(&people);
        let files = made(&payroll);
        let (mut paid, mut worked) = (Decimal::ZERO, Decimal::ZERO);
        for word in ["Salary", "Hourly"] {
            let sheet = sheet(&files, word);
            sheet.check_totals();
            for row in sheet.rows_where(1, |text| text.starts_with("All ") && text.ends_with("Total")) {
                let figure = |column| sheet.number(row, column).unwrap_or_default();
                paid += figure(10);
                worked += figure(4) + figure(5) + figure(6);
                prop_assert_eq!(figure(10), figure(4) + figure(5) + figure(7) + figure(8));
            }
        }
        let counted: Decimal = people.iter()
            .flat_map(|person| &person.entries)
            .filter(|entry| matches!(entry.state, EntryState::Approved | EntryState::Pending))
            .map(|entry| entry.hours)
            .sum();
        prop_assert_eq!(worked, counted);
        let lists = [&payroll.salaried, &payroll.hourly, &payroll.without_rate_type];
        let of_rules: Decimal = lists.into_iter().flatten().map(PayrollEmployee::total_paid).sum();
        prop_assert_eq!(paid, of_rules);
        prop_assert_eq!(csv_hours(&files), paid);
    }
}

/// The hours of all pay codes other than banked.
fn csv_hours(files: &[NamedFile]) -> Decimal {
    let file = files
        .iter()
        .find(|file| file.content_type == NamedFile::CSV)
        .expect("the CSV");
    csv::Reader::from_reader(file.bytes.as_slice())
        .records()
        .map(|record| record.expect("a record"))
        .filter(|record| &record[6] != "Banked")
        .map(|record| hours(&record[7]))
        .sum()
}

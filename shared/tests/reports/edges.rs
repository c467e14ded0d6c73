//! The edges that every report must stand: very much, very little, any name, any text, and the days on which
//! clocks or people change. An empty period is a test of each report.

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{EntryState, PayRules, Workplace},
        billing::{BillingInput, BillingRules, billing},
        employee::{EmployeeStatus, RateType},
        payroll::{PayrollRules, payroll},
        time::{CompanyZone, Period},
        time_off::{Assignment, Holiday},
        timesheet::{Timesheet, TimesheetState},
        work::WorkEntry,
    },
    reports::{self, Kind, NamedFile, Request},
};

use super::{
    company::Company,
    flags,
    golden::unpack,
    letterhead,
    office::Office,
    read_back::{Read, Sheet, read},
};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// The first sheet of a workbook of the report, its totals checked.
fn first_sheet(files: &[NamedFile], word: &str) -> Sheet {
    let found = files.iter().find(|file| file.name.contains(word));
    let sheet = read(&found.expect(word).bytes).remove(0);
    sheet.check_totals();
    sheet
}

fn figure(sheet: &Sheet, label: &str, column: u32) -> Decimal {
    let row = sheet.rows_where(1, |text| text == label)[0];
    sheet.number(row, column).expect("a figure")
}

async fn payroll_of(office: &Office, first: Date, last: Date) -> Vec<NamedFile> {
    let request = Request {
        from: Some(first),
        to: Some(last),
        ..Request::default()
    };
    let (_, files) = office.made(Kind::Payroll, &request).await;
    unpack(&files[0])
}

#[tokio::test]
async fn one_employee_is_a_company() {
    let office = Office::open().await;
    let company = Company::of(1);
    office.store(&company).await;
    for kind in [
        Kind::Payroll,
        Kind::Billing,
        Kind::BillableSummary,
        Kind::TimeStatus,
        Kind::BankedTime,
        Kind::ExpenseClaims,
    ] {
        let (_, made) = office.made(kind, &Request::default()).await;
        let files = match made[0].content_type {
            NamedFile::ZIP => unpack(&made[0]),
            _ => made,
        };
        for file in files.iter().filter(|file| file.bytes.starts_with(b"PK")) {
            for sheet in read(&file.bytes) {
                sheet.check_totals();
            }
        }
    }
}

#[test]
fn two_thousand_employees_are_paid_to_the_hour() {
    let company = Company::of(2000);
    let times = company.times();
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    let period = Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period");
    let data = payroll(period, &times, &workplace, &PayrollRules::default());
    let columns = reports::payroll::CsvColumn::ALL;
    let files = reports::payroll::files(&data, &flags(), &letterhead(), &columns);
    let files = unpack(&files.expect("payroll")[0]);
    let paid: Decimal = [
        ("Salary", "All salaried staff Total"),
        ("Hourly", "All hourly staff Total"),
    ]
    .into_iter()
    .map(|(word, label)| figure(&first_sheet(&files, word), label, 10))
    .sum();
    let counted = |state| matches!(state, EntryState::Approved | EntryState::Pending);
    let worked: Decimal = times
        .iter()
        .flat_map(|time| &time.entries)
        .filter(|entry| period.contains(entry.date) && counted(entry.state))
        .map(|entry| entry.hours)
        .sum();
    assert_eq!(paid, worked);
    assert!(worked > decimal("100000"));
}

#[test]
fn a_project_with_ten_thousand_entries_is_billed_to_the_cent() {
    let company = Company::without_work(10);
    let period = Period::new(date(2026, 10, 25), date(2026, 11, 21)).expect("a period");
    let days: Vec<Date> = period.days().collect();
    let work: Vec<WorkEntry> = (0..10_000_usize)
        .map(|n| WorkEntry {
            entry_id: format!("entry-{n:05}").into(),
            employee_id: format!("employee-{}", n % 10).into(),
            project_id: Some("project-0".into()),
            date: days[n % days.len()],
            hours: Decimal::new(25 * (1 + i64::try_from(n % 7).expect("small")), 2),
            billable: true,
            hourly_rate: Some(decimal("83.33")),
            task: None,
            description: format!("Entry {n}"),
            state: EntryState::Approved,
            state_known_since: None,
        })
        .collect();
    let input = BillingInput {
        period,
        only: None,
        work: &work,
        employees: &company.employees,
        projects: &company.projects,
        clients: &company.clients,
        billed: &[],
    };
    let data = billing(&input, &BillingRules::default());
    let columns = reports::billing::CsvColumn::ALL;
    let files = reports::billing::files(&data, &flags(), &letterhead(), "HP-IND", &columns);
    let files = unpack(&files.expect("billing")[0]);
    let workbook = files.iter().find(|file| file.name == "Nov-P-000.xlsx");
    let sheets = read(&workbook.expect("the project's workbook").bytes);
    // Billing, and a sheet for each of the ten.
    assert_eq!(sheets.len(), 11);
    let mut hours = Decimal::ZERO;
    for sheet in &sheets[1..] {
        sheet.check_totals();
        hours += figure(sheet, "Total", 2);
    }
    assert_eq!(hours, work.iter().map(|work| work.hours).sum::<Decimal>());
    let cents = |amount: Decimal| {
        amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    };
    let due: Decimal = (0..10)
        .map(|n| {
            let id = format!("employee-{n}");
            let of_person = work.iter().filter(|work| work.employee_id.as_str() == id);
            let hours: Decimal = of_person.map(|work| work.hours).sum();
            // Every fifth has a truck.
            let truck = if n % 5 == 0 {
                decimal("18.75")
            } else {
                Decimal::ZERO
            };
            cents(hours * decimal("83.33")) + cents(hours * truck)
        })
        .sum();
    assert_eq!(figure(&sheets[0], "GRAND TOTAL", 6), due);
}

#[tokio::test]
async fn names_with_emoji_and_right_to_left_stand_as_they_are() {
    const NAMES: [&str; 3] = ["🚧 Zoë 👷🏽‍♀️", "יעל לוי", "محمد علي =1+1"];
    let office = Office::open().await;
    let mut company = Company::of(3);
    for (employee, name) in company.employees.iter_mut().zip(NAMES) {
        employee.name = name.into();
        employee.reporting_manager = Some(NAMES[1].to_owned());
        employee.has_truck = true;
    }
    company.projects[0].title = NAMES[0].into();
    office.store(&company).await;
    let texts = |files: &[NamedFile]| -> Vec<String> {
        let workbooks = files.iter().filter(|file| file.bytes.starts_with(b"PK"));
        workbooks
            .flat_map(|file| read(&file.bytes))
            .flat_map(|sheet| sheet.cells.into_values())
            .filter_map(|cell| match cell {
                Read::Text(text) => Some(text),
                _ => None,
            })
            .collect()
    };
    for kind in [
        Kind::Payroll,
        Kind::Billing,
        Kind::BillableSummary,
        Kind::TimeStatus,
    ] {
        let (_, made) = office.made(kind, &Request::default()).await;
        let files = match made[0].content_type {
            NamedFile::ZIP => unpack(&made[0]),
            _ => made,
        };
        let texts = texts(&files);
        for name in NAMES {
            assert!(texts.iter().any(|text| text == name), "{kind}: {name}");
        }
    }
}

/// Words of ten digits with a blank between them, of Calibri in so many points: whether the cell shows all of them.
fn shows_all(sheet: &Sheet, row: u32, column: u32, points: u32) {
    let words = match sheet.text(row, column) {
        Some(text) => text.split(' ').count(),
        None => panic!("row {row}, column {column}: no text"),
    };
    // In hundredths of a pixel: a digit is 0.507 of the type's size wide, a blank 0.226; a point is 4/3 pixels.
    let (word, blank) = (676 * points, 3014 * points / 100);
    // Padding and indent.
    let room = (sheet.width(row, column) - 14) * 100;
    let words_in_a_line = (room + blank) / (word + blank);
    let lines = u32::try_from(words).expect("few").div_ceil(words_in_a_line);
    let heights = sheet.heights(row, column);
    let line = points * 17 / 10;
    let fit: u32 = heights.iter().map(|height| height / line).sum();
    assert!(fit >= lines, "{lines} lines in {fit}: {heights:?}");
    assert!(heights.iter().all(|height| *height <= 545), "{heights:?}");
}

#[test]
fn a_description_of_3000_characters_is_never_cut() {
    // One of two lines too: it is the first that an estimate would take for one.
    for words in [9, 272] {
        let long = vec!["1234567890"; words].join(" ");
        let claims = reports::expense_claims::ExpenseClaims {
            period: Period::new(date(2026, 10, 1), date(2026, 10, 31)).expect("a month"),
            claimants: vec![reports::expense_claims::Claimant {
                name: "Ada Marlowe".to_owned(),
                manager: None,
                claims: vec![reports::expense_claims::Claim {
                    date: date(2026, 10, 5),
                    category: long.clone(),
                    project: Some(long.clone()),
                    quantity: Decimal::ONE,
                    unit: None,
                    unit_price: None,
                    sub_total: decimal("42.80"),
                    tax: None,
                    status: "APPROVED",
                    notes: long.clone(),
                }],
            }],
            waiting: Vec::new(),
            mileage_rule: long.clone(),
        };
        let files = reports::expense_claims::files(&claims, &flags(), &letterhead());
        let sheet = first_sheet(&files.expect("the claims"), "Expense");
        let row = sheet.rows_where(11, |text| text == long)[0];
        for column in [2, 3, 11] {
            shows_all(&sheet, row, column, 10);
        }
        let rule = sheet.rows_where(1, |text| text == long)[0];
        shows_all(&sheet, rule, 1, 9);
    }
}

/// `domain.md` §4.6: "Holidays on a weekend pay nothing of themselves."
#[tokio::test]
async fn a_holiday_on_a_weekend_pays_nothing_of_itself() {
    let office = Office::open().await;
    let mut company = Company::of(1);
    company.holidays.push(Holiday {
        id: "holiday".into(),
        workspace_id: "ws".into(),
        name: "Founders' Day".to_owned(),
        first_day: date(2026, 11, 14),
        last_day: date(2026, 11, 14),
        occurs_annually: false,
        assignment: Assignment {
            everyone: true,
            ..Assignment::default()
        },
    });
    // Somebody worked on that Saturday.
    let mut worked = company.entries[14].clone();
    worked.id = "saturday".into();
    worked.start_date = date(2026, 11, 14);
    worked.hours = Some(decimal("6"));
    let holder = format!("timesheet-0-{}", date(2026, 11, 8));
    let held = company.holdings.get_mut(&holder.into()).expect("the week");
    held.insert(worked.id.clone());
    company.entries.push(worked);
    office.store(&company).await;
    let files = payroll_of(&office, date(2026, 11, 8), date(2026, 11, 21)).await;
    let sheet = first_sheet(&files, "Salary");
    assert_eq!(figure(&sheet, "All salaried staff Total", 8), Decimal::ZERO);
    let row = sheet.rows_where(13, |notes| notes.contains("Founders' Day"))[0];
    assert_eq!(sheet.number(row, 4), Some(decimal("6")));
    assert!(
        sheet
            .text(row, 13)
            .expect("notes")
            .contains("worked on holiday")
    );
}

/// `domain.md` §3: "since 8 March 2026 Edmonton is UTC−06:00 all year, and before that it had two changes a year."
#[tokio::test]
async fn the_weeks_of_8_march_and_1_november_2026_have_seven_days_of_their_own() {
    let zone = CompanyZone::named("America/Edmonton").expect("the zone is bundled");
    for (sunday, late_on_sunday, late_on_monday) in [
        // The night before the change was still UTC−07:00.
        (
            date(2026, 3, 8),
            "2026-03-09T05:30:00Z",
            "2026-03-10T05:30:00Z",
        ),
        // No clock was changed any more.
        (
            date(2026, 11, 1),
            "2026-11-02T05:30:00Z",
            "2026-11-03T05:30:00Z",
        ),
    ] {
        let office = Office::open().await;
        let mut company = Company::without_work(1);
        company.employees[0].start_date = Some(date(2026, 1, 1));
        let template = Company::of(1).entries.remove(0);
        let early_on_saturday_before = if sunday.month() == 3 {
            "2026-03-08T06:30:00Z"
        } else {
            "2026-11-01T05:30:00Z"
        };
        let starts = [early_on_saturday_before, late_on_sunday, late_on_monday];
        for (n, (start, hours)) in starts.into_iter().zip(["4", "2", "3"]).enumerate() {
            let mut entry = template.clone();
            entry.id = format!("e{n}").into();
            entry.start = start.parse::<Timestamp>().expect("an instant");
            entry.end = None;
            entry.start_date = zone.date_of(entry.start);
            entry.hours = Some(decimal(hours));
            company.entries.push(entry);
        }
        let held = company
            .entries
            .iter()
            .map(|entry| entry.id.clone())
            .collect();
        company.holdings.insert("week".into(), held);
        company.timesheets.push(Timesheet {
            id: "week".into(),
            workspace_id: "ws".into(),
            employee_id: "employee-0".into(),
            first_day: sunday,
            last_day: sunday.saturating_add(jiff::Span::new().days(6)),
            state: TimesheetState::Approved,
            state_updated_at: None,
            note: None,
            expenses_only: false,
        });
        office.store(&company).await;
        let last = sunday.saturating_add(jiff::Span::new().days(6));
        let sheet = first_sheet(&payroll_of(&office, sunday, last).await, "Salary");
        // 23:30 of Saturday is the week before; of Sunday and of Monday it is this one.
        assert_eq!(
            figure(&sheet, "All salaried staff Total", 4),
            decimal("5"),
            "{sunday}"
        );
        let rows = sheet.rows_where(1, |name| name == "Person 00000");
        // A Sunday with something on it, and Monday to Friday.
        assert_eq!(rows.len(), 6, "{sunday}");
        assert_eq!(sheet.number(rows[0], 4), Some(decimal("2")));
        assert_eq!(sheet.number(rows[1], 4), Some(decimal("3")));
    }
}

/// `domain.md` §7 *Payroll*: "the weekdays employed in the period"; §3: employed "through the end date".
#[tokio::test]
async fn an_employee_who_left_in_the_middle_is_expected_through_his_last_day() {
    let office = Office::open().await;
    let mut company = Company::of(1);
    let leaver = &mut company.employees[0];
    leaver.status = EmployeeStatus::Inactive;
    leaver.rate_type = Some(RateType::Salary);
    leaver.end_date = Some(date(2026, 11, 11));
    company
        .entries
        .retain(|entry| entry.start_date <= date(2026, 11, 12));
    let kept: Vec<_> = company
        .entries
        .iter()
        .map(|entry| entry.id.clone())
        .collect();
    for held in company.holdings.values_mut() {
        held.retain(|id| kept.contains(id));
    }
    office.store(&company).await;
    let files = payroll_of(&office, date(2026, 11, 8), date(2026, 11, 21)).await;
    let sheet = first_sheet(&files, "Salary");
    // Monday, 9 November through Wednesday, the 11th; what was worked on the 12th is paid and flagged.
    assert_eq!(figure(&sheet, "Person 00000 Total", 12), decimal("24"));
    let notes = sheet.rows_where(13, |notes| notes.contains("worked outside employment"));
    assert_eq!(notes.len(), 1);
    let week = Request {
        from: Some(date(2026, 11, 8)),
        to: Some(date(2026, 11, 21)),
        ..Request::default()
    };
    let (_, files) = office.made(Kind::TimeStatus, &week).await;
    // Listed in the week of his last day, and not in the one after.
    let sheet = first_sheet(&files, "TimeStatus");
    assert_eq!(sheet.rows_where(1, |name| name == "Person 00000").len(), 1);
}

/// `domain.md` §4: "The day's status is the worst among its entries"; §7 *Time status*: "the worst open state wins".
#[tokio::test]
async fn a_week_half_approved_shows_what_waits() {
    let office = Office::open().await;
    let mut company = Company::of(1);
    let week = date(2026, 11, 8);
    let holder = format!("timesheet-0-{week}").into();
    let mut days: Vec<_> = company.holdings[&holder].iter().cloned().collect();
    days.sort();
    // Thursday and Friday were never sent.
    let unsent: Vec<_> = days.split_off(3);
    company.holdings.insert(holder, days.into_iter().collect());
    office.store(&company).await;
    let friday = date(2026, 11, 14);
    let sheet = first_sheet(&payroll_of(&office, week, friday).await, "Salary");
    let rows = sheet.rows_where(1, |name| name == "Person 00000");
    let states: Vec<_> = rows
        .iter()
        .map(|row| sheet.text(*row, 11).expect("a status"))
        .collect();
    assert_eq!(
        states,
        [
            "APPROVED",
            "APPROVED",
            "APPROVED",
            "NO SUBMISSION",
            "NO SUBMISSION"
        ]
    );
    let hours = |ids: &dyn Fn(&str) -> bool| -> Decimal {
        let chosen = company
            .entries
            .iter()
            .filter(|entry| ids(entry.id.as_str()));
        chosen.filter_map(|entry| entry.hours).sum()
    };
    let waiting = hours(&|id| unsent.iter().any(|one| one.as_str() == id));
    let note = sheet.text(rows[3], 13).expect("why").to_owned();
    assert!(note.contains("h wait: NO SUBMISSION"), "{note}");
    let request = Request {
        from: Some(week),
        to: Some(friday),
        ..Request::default()
    };
    let (_, files) = office.made(Kind::TimeStatus, &request).await;
    let sheet = first_sheet(&files, "TimeStatus");
    let row = sheet.rows_where(1, |name| name == "Person 00000")[0];
    assert_eq!(sheet.text(row, 3), Some("NOT SUBMITTED"));
    let (_, files) = office.made(Kind::BillableSummary, &request).await;
    let sheet = first_sheet(&files, "BillableSummary");
    assert_eq!(figure(&sheet, "All staff Total", 7), waiting);
}

//! What report authors read agrees with what the program computes from the same records.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{
        attendance::{Counting, DayStatus, EntryState, PayRules, Workplace},
        billing::{BillingInput, BillingRules, billing},
        calendar::Month,
        employee::Employee,
        lem::{LemNumber, LemSheet, LemStatus, MaterialLine, SheetRates, WorkerLine, WorkerPrices},
        project::{Client, Project},
        time::{Period, Week},
        time_entry::{EntryKind, TimeEntry},
        time_status::{SubmittedTimesheet, TimeStatusRules, WeekStatus, time_status},
        timesheet::{Timesheet, TimesheetState},
    },
    store::{
        Row, Statement, Store, attendance, client, employee,
        lem_name::{self, LemName, NameList},
        lem_sheet, membership, project, task, time_entry, timesheet, work,
    },
};

on_each_engine! {
    attendance_is_that_of_the_domain,
    bills_are_those_of_the_domain,
    a_year_of_approved_work_has_known_figures,
    missing_and_pending_timesheets_are_those_of_the_domain,
    a_lem_counts_one_revision_at_its_frozen_prices,
    nothing_makes_empty_views,
}

const ATTENDANCE: Statement =
    Statement::new("SELECT * FROM report_attendance ORDER BY employee_id, work_date");
const LABOUR: Statement = Statement::new(
    "SELECT * FROM report_billing_labour ORDER BY project_id, invoice_month, employee_id, hourly_rate",
);
const BILLING: Statement =
    Statement::new("SELECT * FROM report_monthly_billing ORDER BY project_id, invoice_month");
const BY_YEAR: Statement =
    Statement::new("SELECT * FROM report_approved_by_year ORDER BY employee_id, work_year");
const APPROVED: Statement =
    Statement::new("SELECT COUNT(*) AS entries, SUM(hours) AS hours FROM report_approved_entries");
const MISSING: Statement =
    Statement::new("SELECT * FROM report_missing_timesheets ORDER BY employee_id, week_first_day");
const PENDING: Statement =
    Statement::new("SELECT * FROM report_pending_timesheets ORDER BY timesheet_id");
const LEM: Statement = Statement::new("SELECT * FROM report_lem_totals ORDER BY lem_number");

async fn rows(store: &Store, statement: &Statement) -> Vec<Row> {
    read!(store, |tx| tx.query(statement, &[]))
}

fn person(id: &str, has_truck: bool) -> Employee {
    Employee {
        name: format!("Person {id}"),
        has_truck,
        start_date: Some(date("2024-01-01")),
        end_date: None,
        ..employee(id)
    }
}

/// Three weeks of January and one of July 2024, of two people on two projects: work in every state, other kinds, a
/// running timer, days that end a billing period, hours and rates whose product has half a cent.
async fn fill(store: &Store) {
    let people = vec![person("e1", true), person("e2", false)];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let clients = vec![
        Client {
            long_name: Some(" Hill Plain Ltd ".into()),
            ..client("c1")
        },
        Client {
            long_name: Some("  ".into()),
            ..client("c2")
        },
    ];
    written!(store, |tx, spent| client::upsert_page(
        &mut tx, spent, &clients
    ));
    let projects = vec![
        project("ABC-001", Some("c1")),
        project("ABC-002", Some("c2")),
        project("NO-CLIENT", None),
    ];
    written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
    let tasks = vec![task("t1", "ABC-001")];
    written!(store, |tx, spent| task::upsert_page(&mut tx, spent, &tasks));

    let mut entries = Vec::new();
    let sundays = ["2024-01-07", "2024-01-14", "2024-01-21", "2024-07-14"];
    for (week, sunday) in (0..).zip(sundays) {
        for day in 0..7_u32 {
            for (who, whose) in ["e1", "e2"].into_iter().enumerate() {
                entries.push(day_of_work(date(sunday), week, day, who, whose));
            }
        }
    }
    let any = entries[1].clone();
    let with_kind = |id: &str, kind: EntryKind| TimeEntry {
        id: id.into(),
        kind,
        ..any.clone()
    };
    let others = [
        with_kind("break", EntryKind::Break),
        with_kind("off", EntryKind::TimeOff),
    ];
    entries.extend(others);
    entries.push(TimeEntry {
        end: None,
        duration_seconds: None,
        hours: None,
        ..with_kind("running", EntryKind::Regular)
    });
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));

    // e1: approved, pending, rejected, nothing; e2: approved, withdrawn, approved, pending.
    let states = [
        ("s11", "e1", "2024-01-07", TimesheetState::Approved),
        ("s12", "e1", "2024-01-14", TimesheetState::Pending),
        ("s13", "e1", "2024-01-21", TimesheetState::Rejected),
        ("s21", "e2", "2024-01-07", TimesheetState::Approved),
        ("s22", "e2", "2024-01-14", TimesheetState::WithdrawnApproval),
        ("s23", "e2", "2024-01-21", TimesheetState::Approved),
        ("s24", "e2", "2024-07-14", TimesheetState::Pending),
    ];
    let sheets: Vec<Timesheet> = states
        .iter()
        .map(|(id, whose, sunday, state)| Timesheet {
            id: (*id).into(),
            employee_id: (*whose).into(),
            first_day: date(sunday),
            last_day: date(sunday).saturating_add(6.days()),
            // Entries are put into it first, and released then.
            state: state.clone(),
            ..timesheet(id, TimesheetState::Pending)
        })
        .collect();
    // What e1 spent in a week that he never sent, and e2 in one that he took back: the weeks are missing all the same.
    let claims = [
        ("x14", "e1", "2024-07-14", TimesheetState::Pending),
        ("x22", "e2", "2024-01-14", TimesheetState::Rejected),
    ]
    .map(|(id, whose, sunday, state)| Timesheet {
        employee_id: whose.into(),
        first_day: date(sunday),
        last_day: date(sunday).saturating_add(6.days()),
        expenses_only: true,
        ..timesheet(id, state)
    });
    let all = [&sheets[..], &claims].concat();
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &all
    ));
    let holdings = sheets
        .iter()
        .map(|sheet| {
            let days = Period::new(sheet.first_day, sheet.last_day).expect("a week");
            let held = entries
                .iter()
                .filter(|entry| {
                    entry.employee_id == sheet.employee_id && days.contains(entry.start_date)
                })
                .map(|entry| entry.id.clone());
            (sheet.id.clone(), held.collect())
        })
        .collect();
    written!(store, |tx, spent| membership::hold(
        &mut tx, spent, &holdings
    ));
    let released = vec!["s13".into(), "s22".into()];
    written!(store, |tx, spent| membership::release(
        &mut tx,
        spent.ticket,
        &released
    ));
}

fn day_of_work(sunday: Date, week: i64, day: u32, who: usize, whose: &str) -> TimeEntry {
    let on = sunday.saturating_add(i64::from(day).days());
    let n = day as usize + who;
    TimeEntry {
        employee_id: whose.into(),
        project_id: [Some("ABC-001"), Some("ABC-002"), None][n % 3].map(Into::into),
        task_id: None,
        description: format!("day {day} of {whose}"),
        billable: n % 4 != 3,
        start_date: on,
        start: instant(&format!("{on}T15:00:00Z")),
        end: Some(instant(&format!("{on}T16:00:00Z"))),
        hours: Some(Decimal::new(25 * (1 + i64::from(day) + week), 2)),
        hourly_rate: [Some("95.01"), Some("0.02"), None][(n / 2) % 3].map(decimal),
        tag_ids: vec![],
        ..entry(&format!("n{week}{day}{whose}"))
    }
}

async fn attendance_is_that_of_the_domain(store: &Store) {
    fill(store).await;
    let period = Period::new(date("2024-01-07"), date("2024-07-20")).expect("a period");
    let records = read!(store, |tx| attendance::read(&mut tx, period, None));
    let rules = PayRules::default();
    let workplace = Workplace::new(
        &rules,
        &records.holidays,
        &records.groups,
        &records.policies,
    );
    let mut expected = Vec::new();
    for time in &records.people {
        for day in workplace.attendance(time, period, Counting::ApprovedAndPending) {
            if let DayStatus::Timesheet(state) = day.status {
                let hours = (day.worked, day.waiting, day.worked + day.waiting);
                expected.push((
                    time.employee.id.0.clone(),
                    day.date,
                    hours,
                    state.as_str().to_owned(),
                ));
            }
        }
    }
    let shown: Vec<_> = rows(store, &ATTENDANCE)
        .await
        .iter()
        .map(|row| {
            let hours = |column| row.hours(column).expect(column);
            let (worked, waiting) = (hours("worked_hours"), hours("waiting_hours"));
            assert_eq!(hours("approved_hours") + hours("pending_hours"), worked);
            assert!(hours("billable_hours") <= worked);
            let whose = row.text("employee_id").expect("an id");
            assert_eq!(
                row.text("employee").expect("a name"),
                format!("Person {whose}")
            );
            let status = row.text("status").expect("a status");
            (
                whose,
                row.date("work_date").expect("a date"),
                (worked, waiting, worked + waiting),
                status,
            )
        })
        .collect();
    assert_eq!(shown, expected);
    let states: BTreeSet<&str> = shown.iter().map(|(.., status)| status.as_str()).collect();
    assert_eq!(states.len(), 5, "each status comes: {states:?}");
}

async fn bills_are_those_of_the_domain(store: &Store) {
    fill(store).await;
    let (people, projects, clients): (Vec<Employee>, Vec<Project>, Vec<Client>) = (
        read!(store, |tx| employee::list(&mut tx)),
        read!(store, |tx| project::list(&mut tx)),
        read!(store, |tx| client::list(&mut tx)),
    );
    let (mut months, mut labour) = (Vec::new(), Vec::new());
    let mut month: Month = "2023-12".parse().expect("a month");
    while month <= "2024-09".parse().expect("a month") {
        let period = month.billing_period();
        let work = read!(store, |tx| work::read(&mut tx, period));
        let input = BillingInput {
            period,
            only: None,
            work: &work,
            employees: &people,
            projects: &projects,
            clients: &clients,
            billed: &[],
        };
        for bill in billing(&input, &BillingRules::default()).projects {
            if bill.labour.is_empty() {
                continue;
            }
            let project = bill.project_id.0.clone();
            let hours: Decimal = bill.labour.iter().map(|row| row.hours).sum();
            let truck: Decimal = bill.equipment.iter().map(|row| row.hours).sum();
            let days = (period.first_day(), period.last_day());
            let figures = (hours, bill.labour_total(), truck);
            months.push((
                project.clone(),
                month.to_string(),
                days,
                bill.client.clone(),
                figures,
            ));
            let mut printed: Vec<_> = bill
                .labour
                .iter()
                .map(|row| (row.employee_id.0.clone(), row.rate, row.hours, row.amount))
                .collect();
            printed.sort_unstable();
            labour.extend(
                printed
                    .into_iter()
                    .map(|row| (project.clone(), month.to_string(), row)),
            );
        }
        month = month.next();
    }
    months.sort();
    labour.sort();
    let month_of = |row: &Row| {
        row.date("invoice_month")
            .expect("a month")
            .strftime("%Y-%m")
            .to_string()
    };

    let shown: Vec<_> = rows(store, &BILLING)
        .await
        .iter()
        .map(|row| {
            let day = |column| row.date(column).expect(column);
            let hours = |column| row.hours(column).expect(column);
            (
                row.text("project_id").expect("an id"),
                month_of(row),
                (day("period_first_day"), day("period_last_day")),
                row.text("client").expect("a client"),
                (hours("hours"), hours("labour_amount"), hours("truck_hours")),
            )
        })
        .collect();
    assert_eq!(shown, months);
    assert_eq!(shown.len(), 4, "two projects, two months: {shown:?}");
    let shown: Vec<_> = rows(store, &LABOUR)
        .await
        .iter()
        .map(|row| {
            let hours = |column| row.hours(column).expect(column);
            let whose = row.text("employee_id").expect("an id");
            let figures = (whose, hours("hourly_rate"), hours("hours"), hours("amount"));
            (
                row.text("project_id").expect("an id"),
                month_of(row),
                figures,
            )
        })
        .collect();
    assert_eq!(shown, labour);
    let rounded = shown
        .iter()
        .filter(|(.., (_, rate, hours, amount))| rate * hours != *amount);
    assert!(rounded.count() > 0, "half cents come");
}

async fn a_year_of_approved_work_has_known_figures(store: &Store) {
    let people = vec![person("e1", false)];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let work = |id: &str, day: &str, hours: &str, rate: Option<&str>, billable| TimeEntry {
        start_date: date(day),
        hours: Some(decimal(hours)),
        hourly_rate: rate.map(decimal),
        billable,
        tag_ids: vec![],
        task_id: None,
        ..entry(id)
    };
    let entries = vec![
        work("n1", "2023-12-31", "8", Some("100"), true),
        work("n2", "2024-01-01", "0.25", Some("0.02"), true),
        work("n3", "2024-12-31", "7.5", Some("95.01"), true),
        work("n4", "2024-06-01", "1.25", Some("95.01"), true),
        work("n5", "2024-06-02", "4", Some("95.01"), false),
        work("n6", "2024-06-03", "2", None, true),
        work("waits", "2024-06-04", "8", Some("100"), true),
    ];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let sheets = vec![timesheet("s1", TimesheetState::Approved)];
    written!(store, |tx, spent| timesheet::upsert_page(
        &mut tx, spent, &sheets
    ));
    let held = entries[..6].iter().map(|entry| entry.id.clone()).collect();
    let holdings = [("s1".into(), held)].into();
    written!(store, |tx, spent| membership::hold(
        &mut tx, spent, &holdings
    ));

    let shown: Vec<_> = rows(store, &BY_YEAR)
        .await
        .iter()
        .map(|row| {
            let hours = |column| row.hours(column).expect(column).to_string();
            let figures = [hours("hours"), hours("billable_hours"), hours("amount")];
            (row.int("work_year").expect("a year"), figures)
        })
        .collect();
    // 0.25 × 0.02 is half a cent, up; 8.75 × 95.01 = 831.3375.
    let known = [
        (2023, ["8.00", "8.00", "800.00"]),
        (2024, ["15.00", "11.00", "831.35"]),
    ];
    assert_eq!(
        shown,
        known.map(|(year, figures)| (year, figures.map(str::to_owned)))
    );
    let approved = &rows(store, &APPROVED).await[0];
    assert_eq!(approved.int("entries").expect("a count"), 6);
    assert_eq!(approved.hours("hours").expect("hours"), decimal("23"));
}

async fn missing_and_pending_timesheets_are_those_of_the_domain(store: &Store) {
    fill(store).await;
    let period = Period::new(date("2024-01-07"), date("2024-07-20")).expect("a period");
    let records = read!(store, |tx| attendance::read(&mut tx, period, None));
    let pending_hours = read!(store, |tx| work::pending_hours(&mut tx));
    let sent: Vec<SubmittedTimesheet> = read!(store, |tx| timesheet::list(
        &mut tx,
        period.first_day(),
        period.last_day(),
        None
    ))
    .into_iter()
    .map(|sheet| SubmittedTimesheet {
        hours: pending_hours.get(&sheet.id).copied().unwrap_or_default(),
        timesheet_id: sheet.id,
        employee_id: sheet.employee_id,
        days: Period::new(sheet.first_day, sheet.last_day).expect("a week"),
        state: EntryState::of(Some(&sheet.state)),
        expenses_only: sheet.expenses_only,
        state_since: None,
    })
    .collect();
    let rules = PayRules::default();
    let workplace = Workplace::new(
        &rules,
        &records.holidays,
        &records.groups,
        &records.policies,
    );
    let status = time_status(
        period,
        &records.people,
        &sent,
        &workplace,
        &TimeStatusRules::default(),
        date("2024-07-22"),
    );
    let has_work = |who: &str, week: Week| {
        let time = records
            .people
            .iter()
            .find(|time| time.employee.id.as_str() == who);
        time.is_some_and(|time| {
            time.entries
                .iter()
                .any(|entry| week.period().contains(entry.date))
        })
    };
    // Weeks without any work are the time status report's alone.
    let expected: Vec<_> = status
        .missing
        .iter()
        .filter(|missing| has_work(missing.employee_id.as_str(), missing.week))
        .map(|missing| {
            (
                missing.employee_id.0.clone(),
                missing.week.sunday(),
                missing.status,
            )
        })
        .collect();
    let shown: Vec<_> = rows(store, &MISSING)
        .await
        .iter()
        .map(|row| {
            let word = row.text("status").expect("a status");
            let status = WeekStatus::ALL
                .into_iter()
                .find(|status| status.as_str() == word);
            let first_day = row.date("week_first_day").expect("a day");
            assert_eq!(
                row.date("week_last_day").expect("a day"),
                Week::of(first_day).saturday()
            );
            assert!(row.hours("hours").expect("hours") > Decimal::ZERO);
            (
                row.text("employee_id").expect("an id"),
                first_day,
                status.expect("a word of ours"),
            )
        })
        .collect();
    assert_eq!(shown, expected);
    let statuses = shown.iter().map(|(.., status)| *status).collect::<Vec<_>>();
    let (rejected, unsent) = (WeekStatus::Rejected, WeekStatus::NotSubmitted);
    assert_eq!(statuses, [rejected, unsent, unsent]);

    let expected: BTreeSet<_> = status
        .pending
        .iter()
        .map(|waiting| {
            (
                waiting.timesheet_id.0.clone(),
                waiting.days.first_day(),
                waiting.hours,
            )
        })
        .collect();
    let shown: BTreeSet<_> = rows(store, &PENDING)
        .await
        .iter()
        .map(|row| {
            let since = row.opt_instant("waiting_since").expect("an instant");
            assert_eq!(since, Some(instant("2026-11-08T15:00:00.123Z")));
            let day = row.date("first_day").expect("a day");
            (
                row.text("timesheet_id").expect("an id"),
                day,
                row.hours("hours").expect("hours"),
            )
        })
        .collect();
    assert_eq!((shown.len(), &shown), (3, &expected));
}

fn lem(number: u32, revision: u32, status: LemStatus) -> LemSheet {
    let prices = WorkerPrices {
        work_rate: Some(decimal("95.01")),
        ..WorkerPrices::default()
    };
    let rates = SheetRates {
        roles: [("r1".into(), prices)].into(),
        ..SheetRates::default()
    };
    LemSheet {
        id: format!("{number}.{revision}").as_str().into(),
        workspace_id: "ws".into(),
        client_id: "c1".into(),
        project_id: "ABC-001".into(),
        number: LemNumber::new(number).expect("a number"),
        revision,
        date: date("2024-06-01"),
        project_manager_id: None,
        client_representative: None,
        description: None,
        notes: None,
        workers: vec![WorkerLine {
            id: "w".into(),
            worker: "Dana Poole".into(),
            employee_id: None,
            role_id: "r1".into(),
            work_hours: decimal("8.75"),
            travel_hours: decimal("0.5"),
            calc_hours: Decimal::ZERO,
            meals: 0,
            hotel_nights: 0,
        }],
        equipment: vec![],
        materials: vec![MaterialLine {
            id: "m".into(),
            description: "Stakes".into(),
            quantity: decimal("3"),
            unit: "each".into(),
            unit_cost: decimal("1.15"),
            markup_percent: decimal("10.5"),
        }],
        frozen_rates: (status != LemStatus::Draft).then_some(rates),
        status,
        archived: false,
        submitted_at: None,
        signature: None,
        rejection_reason: None,
    }
}

/// `domain.md` §6: "Reports count one revision per number: the newest signed, else the newest"; "prices freeze at
/// submission".
async fn a_lem_counts_one_revision_at_its_frozen_prices(store: &Store) {
    use LemStatus::{Draft, Signed, Submitted};
    fill(store).await;
    let role = LemName {
        id: "r1".into(),
        client_id: "c1".into(),
        project_id: None,
        name: "Surveyor".into(),
    };
    store
        .write(async |mut tx| lem_name::insert(&mut tx, NameList::Roles, &role).await)
        .await
        .expect("a role");
    let archived = LemSheet {
        archived: true,
        ..lem(4, 1, Submitted)
    };
    let sheets = [
        lem(1, 1, Signed),
        lem(1, 2, Draft),
        lem(2, 1, Submitted),
        lem(2, 2, Draft),
        lem(3, 1, Signed),
        lem(3, 2, Signed),
        archived,
        lem(12_345, 1, Submitted),
    ];
    for sheet in &sheets {
        store
            .write(async |mut tx| lem_sheet::insert(&mut tx, sheet, "hash").await)
            .await
            .expect("a sheet");
    }
    let shown = async || -> Vec<(String, i64, Option<String>)> {
        let of = |row: &Row| {
            let money = |column| row.opt_money(column).expect(column);
            let parts = [
                money("labour_total"),
                money("equipment_total"),
                money("material_total"),
            ];
            let sum = parts.into_iter().sum::<Option<Decimal>>();
            assert_eq!(money("grand_total"), sum);
            assert_eq!(row.text("client").expect("a name"), "Hill Plain Ltd");
            let revision = row.int("revision").expect("a number");
            (
                row.text("lem_number").expect("a number"),
                revision,
                sum.map(|sum| sum.to_string()),
            )
        };
        rows(store, &LEM).await.iter().map(of).collect()
    };
    // 8.75 × 95.01 = 831.3375; travel has no rate; 3 × 1.15 × 1.105 = 3.81225.
    let price = Some("835.15".to_owned());
    let known = |number: &str, revision, price: &Option<String>| {
        (number.to_owned(), revision, price.clone())
    };
    let expected = vec![
        known("LEM-0001", 1, &price),
        known("LEM-0002", 2, &None),
        known("LEM-0003", 2, &price),
        known("LEM-12345", 1, &price),
    ];
    assert_eq!(shown().await, expected);
    let missing = rows(store, &LEM).await[0].bool("has_missing_rate");
    assert!(missing.expect("yes or no"));

    // Submitted, the draft has its price; what a program of before wrote without one has none.
    let submitted = LemSheet {
        status: Submitted,
        frozen_rates: sheets[2].frozen_rates.clone(),
        ..sheets[3].clone()
    };
    store
        .write(async |mut tx| lem_sheet::update(&mut tx, &submitted, 1).await)
        .await
        .expect("submitted");
    assert_eq!(shown().await[1], known("LEM-0002", 2, &price));
    store
        .write(async |mut tx| {
            const OLDER_PROGRAM: Statement =
                Statement::new("UPDATE lem_sheet SET version = version + 1 WHERE id = '2.2'");
            tx.execute(&OLDER_PROGRAM, &[]).await
        })
        .await
        .expect("written by a program of before");
    assert_eq!(shown().await[1], known("LEM-0002", 2, &None));
}

async fn nothing_makes_empty_views(store: &Store) {
    for view in [
        &ATTENDANCE,
        &LABOUR,
        &BILLING,
        &BY_YEAR,
        &MISSING,
        &PENDING,
        &LEM,
    ] {
        assert!(rows(store, view).await.is_empty());
    }
}

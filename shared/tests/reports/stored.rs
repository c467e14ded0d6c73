//! Reports of stored records, made as jobs: what comes out of storage is what went into the database.

use jiff::civil::date;
use rust_decimal::Decimal;
use shared::{
    domain::{time_entry::TimeEntry, timesheet::TimesheetState},
    reports::{Kind, NamedFile, Request},
};

use super::{
    company::Company,
    golden::unpack,
    office::Office,
    read_back::{Sheet, read},
};

/// The hours of the company's entries that a test chooses.
fn hours(company: &Company, chosen: impl Fn(&TimeEntry) -> bool) -> Decimal {
    let chosen = company.entries.iter().filter(|entry| chosen(entry));
    chosen.filter_map(|entry| entry.hours).sum()
}

fn sheet(files: &[NamedFile], word: &str) -> Sheet {
    let file = files
        .iter()
        .find(|file| file.name.contains(word))
        .expect(word);
    read(&file.bytes).remove(0)
}

fn figure(sheet: &Sheet, label: &str, column: u32) -> Decimal {
    let row = sheet.rows_where(1, |text| text == label)[0];
    sheet.number(row, column).expect("a figure")
}

#[tokio::test]
async fn payroll_is_made_from_what_is_stored() {
    let office = Office::open().await;
    let company = Company::of(12);
    office.store(&company).await;
    let (job, files) = office.made(Kind::Payroll, &Request::default()).await;
    assert_eq!(
        job.params,
        serde_json::json!({"from": "2026-11-08", "to": "2026-11-21"})
    );
    let files = unpack(&files[0]);
    let worked: Decimal = [
        ("Salary", "All salaried staff Total"),
        ("Hourly", "All hourly staff Total"),
    ]
    .into_iter()
    .map(|(word, label)| {
        let sheet = sheet(&files, word);
        sheet.check_totals();
        (4..=6)
            .map(|column| figure(&sheet, label, column))
            .sum::<Decimal>()
    })
    .sum();
    let in_period = |entry: &TimeEntry| {
        (date(2026, 11, 8)..=date(2026, 11, 21)).contains(&entry.start_date)
            && company
                .state_of(entry)
                .is_some_and(TimesheetState::holds_entries)
    };
    assert_eq!(worked, hours(&company, in_period));
    assert!(!worked.is_zero());
}

#[tokio::test]
async fn billing_is_made_from_what_is_stored() {
    let office = Office::open().await;
    let company = Company::of(12);
    office.store(&company).await;
    let (_, files) = office.made(Kind::Billing, &Request::default()).await;
    assert_eq!(files[0].name, "HP-IND-26-11.zip");
    let files = unpack(&files[0]);
    let is_billed = |entry: &TimeEntry| {
        (date(2026, 10, 25)..=date(2026, 11, 21)).contains(&entry.start_date)
            && company.state_of(entry) == Some(&TimesheetState::Approved)
            && entry.billable
    };
    let summary = sheet(&files, "Summary");
    summary.check_totals();
    let heading = summary
        .heading_row(&["Project Number", "Project", "Client"])
        .expect("the headings");
    let column = (1..20)
        .find(|column| summary.text(heading, *column) == Some("Hours"))
        .expect("the column of hours");
    let billed = figure(&summary, "All projects Total", column);
    assert_eq!(billed, hours(&company, is_billed));
    assert!(!billed.is_zero());

    // One project alone.
    let one = Request {
        project_code: Some("p-000".into()),
        ..Request::default()
    };
    let (job, files) = office.made(Kind::Billing, &one).await;
    assert_eq!(job.params["projectId"], "project-0");
    let names: Vec<String> = unpack(&files[0])
        .into_iter()
        .map(|file| file.name)
        .collect();
    assert_eq!(
        names,
        ["HP-IND-26-11.csv", "Nov-P-000.xlsx", "Nov-Summary.xlsx"]
    );
}

/// `domain.md` §7 *Exceptions*: "billable time of an earlier period approved after that period was billed".
#[tokio::test]
async fn what_is_approved_after_its_period_was_billed_is_an_exception_of_the_next() {
    let office = Office::open().await;
    let mut company = Company::of(4);
    office.store(&company).await;
    office.made(Kind::Billing, &Request::default()).await;

    let is_pending = |entry: &TimeEntry| company.state_of(entry) == Some(&TimesheetState::Pending);
    let late = hours(&company, |entry| is_pending(entry) && entry.billable);
    // Clockify says that they were approved long before the bill was made; but we learn it only now.
    let before_the_job = "2026-11-20T00:00:00Z".parse().expect("an instant");
    for timesheet in &mut company.timesheets {
        if timesheet.state == TimesheetState::Pending {
            timesheet.state = TimesheetState::Approved;
            timesheet.state_updated_at = Some(before_the_job);
        }
    }
    office.store(&company).await;
    let december = Request {
        month: "2026-12".parse().ok(),
        ..Request::default()
    };
    let (_, files) = office.made(Kind::Billing, &december).await;
    assert_eq!(files[0].name, "HP-IND-26-12.zip");
    let files = unpack(&files[0]);
    let summary = files
        .iter()
        .find(|file| file.name == "Dec-Summary.xlsx")
        .expect("the summary");
    let mut sheets = read(&summary.bytes).into_iter();
    let exceptions = sheets.find(|sheet| sheet.name == "Exceptions");
    let exceptions = exceptions.expect("the exceptions");
    exceptions.check_totals();
    assert_eq!(figure(&exceptions, "Total", 4), late);
    assert!(!late.is_zero());
    let reason = "approved after its period was billed";
    assert!(!exceptions.rows_where(5, |text| text == reason).is_empty());
}

#[tokio::test]
async fn the_week_reports_are_made_from_what_is_stored() {
    let office = Office::open().await;
    let company = Company::of(12);
    office.store(&company).await;

    let (_, files) = office.made(Kind::TimeStatus, &Request::default()).await;
    assert_eq!(files[0].name, "TimeStatus-2026-11-15.xlsx");
    let sheets = read(&files[0].bytes);
    assert_eq!(
        sheets[0]
            .rows_where(1, |text| text.starts_with("Person "))
            .len(),
        12
    );
    assert_eq!(
        sheets[0]
            .rows_where(3, |text| text == "NOT SUBMITTED")
            .len(),
        company.employees.len() / 4
    );
    let pending = figure(&sheets[2], "All pending timesheets Total", 5);
    let is_pending = |entry: &TimeEntry| company.state_of(entry) == Some(&TimesheetState::Pending);
    assert_eq!(pending, hours(&company, is_pending));

    let (_, files) = office
        .made(Kind::BillableSummary, &Request::default())
        .await;
    let summary = sheet(&files, "BillableSummary");
    summary.check_totals();
    let last_week = |entry: &TimeEntry| entry.start_date >= date(2026, 11, 15);
    let all: Decimal = (5..=7)
        .map(|column| figure(&summary, "All staff Total", column))
        .sum();
    assert_eq!(all, hours(&company, last_week));
}

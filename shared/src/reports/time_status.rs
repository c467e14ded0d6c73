//! Time status (`domain.md` §7) as a workbook: who has submitted, who has not, who was off.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Letterhead, NamedFile, OpenFlags, ReportError,
    book::Book,
    letterhead::{long_date, long_period},
    page::{Head, Orientation, Page},
    style::{CellKind, Mark},
    table::{Cell, Column, cell_name},
};
use crate::{
    domain::{
        attendance::{EntryState, PayRules, Workplace},
        time::{CompanyZone, Period, Week},
        time_status::{SubmittedTimesheet, TimeStatus, TimeStatusRules, WeekStatus, time_status},
        timesheet::{Timesheet, TimesheetState},
    },
    store::{Store, StoreError, attendance, timesheet, work},
};

/// Reads and computes the status of the whole weeks that a period touches, and what is missing since the
/// records began.
pub(super) async fn load(
    store: &Store,
    period: Period,
    pay: &PayRules,
    rules: &TimeStatusRules,
    zone: &CompanyZone,
    today: Date,
) -> Result<TimeStatus, ReportError> {
    let period = period.whole_weeks();
    let all = rules.looked_at(period, today);
    let (records, timesheets, hours) = store
        .read(async |mut tx| {
            let (from, to) = (all.first_day(), all.last_day());
            let mut timesheets = timesheet::list(&mut tx, from, to, None).await?;
            // Every pending one waits, however old its days are.
            let pending = timesheet::list_in_state(&mut tx, &TimesheetState::Pending).await?;
            let is_elsewhere = |one: &Timesheet| one.last_day < from || one.first_day > to;
            timesheets.extend(pending.into_iter().filter(is_elsewhere));
            Ok::<_, StoreError>((
                attendance::read(&mut tx, all, None).await?,
                timesheets,
                work::pending_hours(&mut tx).await?,
            ))
        })
        .await?;
    let timesheets: Vec<SubmittedTimesheet> = timesheets
        .iter()
        .map(|timesheet| SubmittedTimesheet {
            hours: hours.get(&timesheet.id).copied().unwrap_or_default(),
            ..submitted(timesheet, zone)
        })
        .collect();
    let workplace = Workplace::new(pay, &records.holidays, &records.groups, &records.policies);
    Ok(time_status(
        period,
        &records.people,
        &timesheets,
        &workplace,
        rules,
        today,
    ))
}

/// A timesheet as the rules see it; only pending ones show their hours.
fn submitted(timesheet: &Timesheet, zone: &CompanyZone) -> SubmittedTimesheet {
    let first_day = timesheet.first_day;
    SubmittedTimesheet {
        timesheet_id: timesheet.id.clone(),
        employee_id: timesheet.employee_id.clone(),
        days: Period::new(first_day, timesheet.last_day).unwrap_or(Period::day(first_day)),
        state: EntryState::of(Some(&timesheet.state)),
        expenses_only: timesheet.expenses_only,
        state_since: timesheet.state_updated_at.map(|at| zone.date_of(at)),
        hours: Decimal::ZERO,
    }
}

fn mark(status: WeekStatus) -> Mark {
    match status {
        WeekStatus::Rejected => Mark::Red,
        WeekStatus::NotSubmitted => Mark::Amber,
        WeekStatus::NoTime => Mark::Yellow,
        WeekStatus::Submitted => Mark::Blue,
        WeekStatus::Approved => Mark::Good,
        WeekStatus::NotApplicable => Mark::Grey,
    }
}

fn meaning(status: WeekStatus) -> &'static str {
    match status {
        WeekStatus::Rejected => "Rejected, or came back without a word",
        WeekStatus::NotSubmitted => "Has time, and sent nothing or took it back",
        WeekStatus::NoTime => "A weekday without time, leave or holiday",
        WeekStatus::Submitted => "Waits for the manager's approval",
        WeekStatus::Approved => "All time of the week is approved",
        WeekStatus::NotApplicable => "On leave or holiday all week",
    }
}

/// The workbook `TimeStatus-SUNDAY.xlsx`. `records_start` is the first day for which something can be
/// missing.
pub fn files(
    data: &TimeStatus,
    flags: &OpenFlags,
    records_start: Date,
    letterhead: &Letterhead,
) -> Result<Vec<NamedFile>, ReportError> {
    let mut book = Book::new(letterhead, "Time status")?;
    status_page(&mut book, data)?;
    missing_page(&mut book, data, records_start)?;
    pending_page(&mut book, data, letterhead)?;
    flags.write(&mut book)?;
    Ok(vec![NamedFile::workbook(
        format!("TimeStatus-{}.xlsx", data.period.first_day()),
        book.into_bytes()?,
    )])
}

const STATUS: usize = 2;

fn status_page(book: &mut Book<'_>, data: &TimeStatus) -> Result<(), ReportError> {
    let mut page = book.long_page(
        "Time status",
        Head {
            title: "Time status".to_owned(),
            subtitle: long_period(data.period.first_day(), data.period.last_day()),
        },
        Orientation::Portrait,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(32),
            Column::new("Manager", CellKind::LongText).up_to(28),
            Column::new("Status", CellKind::Word),
            Column::new("Notes", CellKind::LongText).up_to(52),
        ])?
        .filtered();
    let first_row = table.next_row();
    table.mark_words(STATUS, &marked_words());
    if data.weeks.iter().all(|week| week.staff.is_empty()) {
        table.nothing("Nothing: nobody was employed in this period.")?;
    }
    for week in &data.weeks {
        if data.weeks.len() > 1 {
            table.group(&week_name(week.week))?;
        }
        for person in &week.staff {
            table.row(&[
                (&person.name).into(),
                person.manager.as_deref().into(),
                person.status.as_str().into(),
                person.notes.join("; ").into(),
            ])?;
        }
    }
    let last_row = table.next_row().saturating_sub(1);
    table.end()?;
    legend(&mut page, data, first_row, last_row)?;
    book.add(page)
}

/// Each status with its colour, how many people have it, and what it means.
fn legend(
    page: &mut Page<'_>,
    data: &TimeStatus,
    first_row: u32,
    last_row: u32,
) -> Result<(), ReportError> {
    page.gap();
    page.section("Legend")?;
    // Who stands in several weeks is counted in each.
    let counted = match data.weeks.len() {
        0 | 1 => "People",
        _ => "Weeks",
    };
    let mut table = page.table(vec![
        Column::new("Status", CellKind::Word),
        Column::new(counted, CellKind::Count),
        Column::new("Meaning", CellKind::Text).up_to(14),
        Column::new("", CellKind::Text),
    ])?;
    table.mark_words(0, &marked_words());
    for status in WeekStatus::ALL {
        let row = table.next_row();
        let count = data
            .weeks
            .iter()
            .flat_map(|week| &week.staff)
            .filter(|person| person.status == status)
            .count();
        table.row(&[
            status.as_str().into(),
            Cell::Formula {
                formula: format!(
                    "COUNTIF({}:{},{})",
                    cell_name(STATUS, first_row),
                    cell_name(STATUS, last_row),
                    cell_name(0, row)
                ),
                value: count.to_string(),
            },
            meaning(status).into(),
        ])?;
    }
    table.end()
}

fn marked_words() -> [(&'static str, Mark); 6] {
    WeekStatus::ALL.map(|status| (status.as_str(), mark(status)))
}

fn missing_page(
    book: &mut Book<'_>,
    data: &TimeStatus,
    records_start: Date,
) -> Result<(), ReportError> {
    let mut page = book.long_page(
        "Missing weeks",
        Head {
            title: "Missing weeks".to_owned(),
            subtitle: format!(
                "Since {}, through {}",
                long_date(records_start),
                long_date(data.missing_through)
            ),
        },
        Orientation::Portrait,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(32),
            Column::new("Manager", CellKind::LongText).up_to(28),
            Column::new("Week From", CellKind::Date),
            Column::new("Week To", CellKind::Date),
            Column::new("Status", CellKind::Word),
        ])?
        .filtered();
    table.mark_words(4, &marked_words());
    if data.missing.is_empty() {
        table.nothing("Nothing is missing.")?;
    }
    for missing in &data.missing {
        table.row(&[
            (&missing.name).into(),
            missing.manager.as_deref().into(),
            missing.week.sunday().into(),
            missing.week.saturday().into(),
            missing.status.as_str().into(),
        ])?;
    }
    table.end()?;
    page.gap();
    page.remark(
        "Counted from the later of the start date and the first day above. Weeks of leave are skipped, \
         and people who need not submit are left out.",
    )?;
    book.add(page)
}

fn pending_page(
    book: &mut Book<'_>,
    data: &TimeStatus,
    letterhead: &Letterhead,
) -> Result<(), ReportError> {
    let mut page = book.long_page(
        "Pending timesheets",
        Head {
            title: "Pending timesheets".to_owned(),
            subtitle: format!("As of {}", long_date(letterhead.issue_date())),
        },
        Orientation::Portrait,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(32),
            Column::new("Manager", CellKind::LongText).up_to(28),
            Column::new("From", CellKind::Date),
            Column::new("To", CellKind::Date),
            Column::new("Hours", CellKind::TotalHours).summed(),
            Column::new("Waits Since", CellKind::Date),
            Column::new("Days Waited", CellKind::Count),
        ])?
        .filtered();
    if data.pending.is_empty() {
        table.nothing("No timesheet waits for approval.")?;
    }
    for pending in &data.pending {
        table.row(&[
            (&pending.name).into(),
            pending.manager.as_deref().into(),
            pending.days.first_day().into(),
            pending.days.last_day().into(),
            pending.hours.into(),
            pending.waits_since.into(),
            pending.days_waited.map(Decimal::from).into(),
        ])?;
    }
    table.total("All pending timesheets Total", &[])?;
    table.end()?;
    book.add(page)
}

fn week_name(week: Week) -> String {
    format!("Week {}", long_period(week.sunday(), week.saturday()))
}

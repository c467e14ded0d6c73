//! The two payroll workbooks.

use rust_decimal::Decimal;

use super::{
    codes::rate_type,
    exceptions::{Exception, exceptions},
};
use crate::{
    domain::{
        attendance::{AttendanceDay, Reason},
        payroll::{Payroll, PayrollEmployee},
        time::Period,
    },
    reports::{
        Letterhead, OpenFlags, ReportError,
        book::Book,
        letterhead::long_period,
        page::{Head, Orientation, Page},
        style::{CellKind, Mark},
        table::{Cell, Column, Table, cell_name},
    },
};

const DATE: usize = 2;
const REG: usize = 3;
const OT: usize = 4;
const BANKED: usize = 5;
const TOTAL_PAID: usize = 9;
const STATUS: usize = 10;
const DAY_LENGTH: usize = 11;
const NOTES: usize = 12;

/// The headings through `Status` are a contract (`interface.md` §4).
fn columns() -> Vec<Column> {
    vec![
        Column::new("Staff Member", CellKind::LongText).up_to(30),
        Column::new("Type", CellKind::Text),
        Column::new("Date", CellKind::Date),
        Column::new("REG", CellKind::Hours).summed(),
        Column::new("OT", CellKind::Hours).summed(),
        Column::new("BANKED", CellKind::Hours).summed(),
        Column::new("Used PTO", CellKind::Hours).summed(),
        Column::new("STAT", CellKind::Hours).summed(),
        Column::new("Policy", CellKind::LongText).up_to(24),
        Column::new("Total Paid", CellKind::TotalHours).summed(),
        Column::new("Status", CellKind::Word),
        Column::new("Day Length", CellKind::TotalHours),
        Column::new("Notes", CellKind::LongText).up_to(52),
    ]
}

/// Salaried staff, and the names of those of whom nobody knows how they are paid.
pub(super) fn salaried(
    payroll: &Payroll,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<u8>, ReportError> {
    const TITLE: &str = "Payroll, salaried staff";
    let mut book = Book::new(letterhead, TITLE)?;
    let mut page = payroll_page(&mut book, payroll.period, TITLE)?;
    let table = page.table(columns())?.filtered();
    staff_rows(table, &payroll.salaried, "All salaried staff Total")?;
    explain(&mut page)?;
    page.gap();
    page.section("Staff without a rate type")?;
    if payroll.without_rate_type.is_empty() {
        page.remark("None in this period.")?;
    } else {
        page.remark(
            "Their hours stand in the hourly workbook until somebody sets the rate type in Clockify.",
        )?;
    }
    for person in &payroll.without_rate_type {
        page.line(&person.listed_as)?;
    }
    book.add(page)?;
    let found = exceptions(&payroll.salaried);
    exceptions_page(&mut book, payroll.period, found, flags)?;
    book.into_bytes()
}

/// Hourly staff, and in a section of their own those without a rate type.
pub(super) fn hourly(
    payroll: &Payroll,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<u8>, ReportError> {
    const TITLE: &str = "Payroll, hourly staff";
    let mut book = Book::new(letterhead, TITLE)?;
    let mut page = payroll_page(&mut book, payroll.period, TITLE)?;
    let table = page.table(columns())?.filtered();
    staff_rows(table, &payroll.hourly, "All hourly staff Total")?;
    page.gap();
    page.section("Staff without a rate type, paid as hourly")?;
    if payroll.without_rate_type.is_empty() {
        page.remark("None in this period.")?;
    } else {
        let table = page.table(columns())?;
        let total = "All staff without a rate type Total";
        staff_rows(table, &payroll.without_rate_type, total)?;
    }
    explain(&mut page)?;
    book.add(page)?;
    let found = exceptions(payroll.hourly.iter().chain(&payroll.without_rate_type));
    exceptions_page(&mut book, payroll.period, found, flags)?;
    book.into_bytes()
}

fn payroll_page<'a>(
    book: &mut Book<'a>,
    period: Period,
    title: &str,
) -> Result<Page<'a>, ReportError> {
    let head = Head {
        title: title.to_owned(),
        subtitle: long_period(period.first_day(), period.last_day()),
    };
    book.long_page("Payroll", head, Orientation::Landscape)
}

fn staff_rows(
    mut table: Table<'_, '_>,
    people: &[PayrollEmployee],
    total: &str,
) -> Result<(), ReportError> {
    mark(&mut table);
    if people.is_empty() {
        table.nothing("Nothing: nobody of this kind was employed or has hours in this period.")?;
    }
    for person in people {
        person_rows(&mut table, person)?;
    }
    table.total(total, &[])?;
    table.end()
}

fn person_rows(table: &mut Table<'_, '_>, person: &PayrollEmployee) -> Result<(), ReportError> {
    let manager = person.manager.as_deref().unwrap_or("none given");
    table.group(&format!("{}   (manager: {manager})", person.listed_as))?;
    for day in &person.rows {
        table.row(&day_cells(person, day))?;
    }
    let label = format!("{} Total", person.name);
    match person.expected {
        Some(expected) => {
            let row = table.next_row();
            table.subtotal(&label, &expectation(person, expected, row))?;
        }
        None => {
            table.subtotal(&label, &[])?;
        }
    }
    Ok(())
}

fn day_cells<'a>(person: &'a PayrollEmployee, day: &AttendanceDay) -> Vec<Cell<'a>> {
    vec![
        (&person.name).into(),
        rate_type(person.rate_type).into(),
        day.date.into(),
        day.regular.into(),
        day.overtime.into(),
        day.banked.into(),
        day.paid_time_off().into(),
        day.stat.into(),
        day.policy_names().into(),
        day.total_paid.into(),
        day.status.as_str().into(),
        day.day_length.into(),
        notes(day).into(),
    ]
}

/// Why the figures of the day are what they are.
fn notes(day: &AttendanceDay) -> String {
    let reasons = day.reasons.iter().map(|reason| match reason {
        Reason::Waiting(state) => format!("{:.2} h wait: {state}", day.waiting),
        reason => reason.to_string(),
    });
    let notes: Vec<String> = day.holiday.clone().into_iter().chain(reasons).collect();
    notes.join("; ")
}

/// What a salaried total is held against, in the total row: the hours, and a sentence that follows them.
fn expectation(
    person: &PayrollEmployee,
    expected: Decimal,
    row: u32,
) -> Vec<(usize, Cell<'static>)> {
    let paid = cell_name(TOTAL_PAID, row);
    let due = cell_name(DAY_LENGTH, row);
    vec![
        (DAY_LENGTH, Cell::As(CellKind::ExpectedHours, expected)),
        (
            NOTES,
            Cell::Formula {
                formula: format!("IF(ROUND({paid}-{due},2)=0,\"as expected\",\"not as expected\")"),
                value: if person.is_as_expected() == Some(true) {
                    "as expected".to_owned()
                } else {
                    "not as expected".to_owned()
                },
            },
        ),
    ]
}

fn mark(table: &mut Table<'_, '_>) {
    table.mark(REG, BANKED, Mark::Red, |own, cell| {
        format!(
            "AND({own}<>0,ISNUMBER({}),{}+{}+{}>{})",
            cell(DATE),
            cell(REG),
            cell(OT),
            cell(BANKED),
            cell(DAY_LENGTH)
        )
    });
    for (mark, comparison) in [(Mark::Good, "="), (Mark::Amber, "<>")] {
        table.mark(TOTAL_PAID, TOTAL_PAID, mark, |_, cell| {
            format!(
                "AND(ISBLANK({}),ISNUMBER({due}),ROUND({}-{due},2){comparison}0)",
                cell(DATE),
                cell(TOTAL_PAID),
                due = cell(DAY_LENGTH),
            )
        });
    }
    table.mark_words(
        STATUS,
        &[
            ("PENDING", Mark::Yellow),
            ("NO SUBMISSION", Mark::Yellow),
            ("REJECTED", Mark::Red),
            ("WITHDRAWN", Mark::Red),
            ("NO TIME", Mark::Amber),
            ("TIME OFF", Mark::Blue),
            ("HOLIDAY", Mark::Blue),
        ],
    );
}

fn explain(page: &mut Page<'_>) -> Result<(), ReportError> {
    page.gap();
    page.remark(
        "Total Paid = REG + OT + Used PTO + STAT. BANKED hours are saved as time off and not paid. \
         Hours in red: worked more than the day length. Total Paid of a salaried person: green as \
         expected, amber not. Yellow: not approved yet. Hours that wait are not paid and stand on the \
         sheet Exceptions.",
    )
}

fn exceptions_page<'e>(
    book: &mut Book<'_>,
    period: Period,
    exceptions: impl Iterator<Item = Exception<'e>>,
    flags: &OpenFlags,
) -> Result<(), ReportError> {
    let head = Head {
        title: "Exceptions".to_owned(),
        subtitle: long_period(period.first_day(), period.last_day()),
    };
    let mut page = book.long_page("Exceptions", head, Orientation::Portrait)?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(30),
            Column::new("Date", CellKind::Date),
            Column::new("Hours", CellKind::TotalHours),
            Column::new("What to look at", CellKind::LongText).up_to(60),
        ])?
        .filtered();
    let mut exceptions = exceptions.peekable();
    if exceptions.peek().is_none() {
        table.nothing("Nothing to look at.")?;
    }
    for exception in exceptions {
        table.row(&[
            exception.name.into(),
            exception.date.into(),
            exception.hours.into(),
            exception.what.into(),
        ])?;
    }
    table.end()?;
    book.add(page)?;
    flags.write(book)
}

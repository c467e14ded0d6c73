//! The two payroll workbooks.

use rust_decimal::Decimal;

use super::{
    Day, Payroll, Person,
    codes::rate_type,
    exceptions::{Exception, exceptions},
};
use crate::{
    domain::employee::RateType,
    reports::{
        Letterhead, ReportError,
        book::Book,
        letterhead::long_period,
        page::{Head, Orientation, Page},
        style::{CellKind, Mark},
        table::{Cell, Column, Table},
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
        Column::new("Staff Member", CellKind::Text).up_to(30),
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
pub(super) fn salaried(payroll: &Payroll, letterhead: &Letterhead) -> Result<Vec<u8>, ReportError> {
    let chosen = |person: &Person| person.rate_type == Some(RateType::Salary);
    let mut book = Book::new(letterhead, "Payroll, salaried staff")?;
    let mut page = payroll_page(&mut book, payroll, "Payroll, salaried staff")?;
    staff_table(
        &mut page,
        payroll,
        &chosen,
        "All salaried staff Total",
        true,
    )?;
    explain(&mut page);
    page.gap();
    page.section("Staff without a rate type")?;
    let unknown = without_rate_type(payroll);
    if unknown.is_empty() {
        page.remark("None in this period.");
    } else {
        page.remark("Their hours stand in the hourly workbook until somebody sets the rate type in Clockify.");
        for person in unknown {
            page.line(&person.name)?;
        }
    }
    book.add(page)?;
    exceptions_page(&mut book, payroll, exceptions(payroll, chosen))?;
    book.into_bytes()
}

/// Hourly staff, and in a section of their own those without a rate type.
pub(super) fn hourly(payroll: &Payroll, letterhead: &Letterhead) -> Result<Vec<u8>, ReportError> {
    let chosen = |person: &Person| person.rate_type == Some(RateType::Hourly);
    let unknown = |person: &Person| person.rate_type.is_none();
    let mut book = Book::new(letterhead, "Payroll, hourly staff")?;
    let mut page = payroll_page(&mut book, payroll, "Payroll, hourly staff")?;
    staff_table(&mut page, payroll, &chosen, "All hourly staff Total", true)?;
    page.gap();
    page.section("Staff without a rate type, paid as hourly")?;
    if without_rate_type(payroll).is_empty() {
        page.remark("None in this period.");
    } else {
        staff_table(
            &mut page,
            payroll,
            &unknown,
            "All staff without a rate type Total",
            false,
        )?;
    }
    explain(&mut page);
    book.add(page)?;
    exceptions_page(
        &mut book,
        payroll,
        exceptions(payroll, |person| chosen(person) || unknown(person)),
    )?;
    book.into_bytes()
}

fn without_rate_type(payroll: &Payroll) -> Vec<&Person> {
    payroll
        .people
        .iter()
        .filter(|person| person.rate_type.is_none())
        .collect()
}

fn payroll_page<'a>(
    book: &mut Book<'a>,
    payroll: &Payroll,
    title: &str,
) -> Result<Page<'a>, ReportError> {
    let head = Head {
        title: title.to_owned(),
        subtitle: long_period(payroll.from, payroll.to),
    };
    book.page("Payroll", head, Orientation::Landscape)
}

fn staff_table(
    page: &mut Page<'_>,
    payroll: &Payroll,
    chosen: &dyn Fn(&Person) -> bool,
    total: &str,
    filtered: bool,
) -> Result<(), ReportError> {
    let mut table = page.table(columns())?;
    if filtered {
        table = table.filtered();
    }
    mark(&mut table);
    let mut people = payroll
        .people
        .iter()
        .filter(|person| chosen(person))
        .peekable();
    if people.peek().is_none() {
        table.nothing("Nothing: nobody of this kind was employed or has hours in this period.")?;
    }
    for person in people {
        person_rows(&mut table, person)?;
    }
    table.total(total, &[])?;
    table.end()
}

fn person_rows(table: &mut Table<'_, '_>, person: &Person) -> Result<(), ReportError> {
    let manager = person.manager.as_deref().unwrap_or("none given");
    table.group(&format!("{}   (manager: {manager})", person.name))?;
    let mut last = 0;
    for day in &person.days {
        last = table.row(&day_cells(person, day))?;
    }
    let label = format!("{} Total", person.name);
    match person.expected_hours {
        Some(expected) => {
            table.subtotal(&label, &expectation(person, expected, last + 1))?;
        }
        None => {
            table.subtotal(&label, &[])?;
        }
    }
    Ok(())
}

fn day_cells<'a>(person: &'a Person, day: &'a Day) -> Vec<Cell<'a>> {
    let policies: Vec<&str> = day.time_off.iter().map(|(name, _)| name.as_str()).collect();
    vec![
        (&person.name).into(),
        rate_type(person.rate_type).into(),
        day.date.into(),
        day.regular.into(),
        day.overtime.into(),
        day.banked.into(),
        day.used_time_off().into(),
        day.stat.into(),
        policies.join(", ").into(),
        day.total_paid().into(),
        day.status.into(),
        day.day_length.into(),
        day.reasons.join("; ").into(),
    ]
}

/// What a salaried total is held against, in the total row: the hours, and a sentence that follows them.
fn expectation(person: &Person, expected: Decimal, row: u32) -> Vec<(usize, Cell<'static>)> {
    let paid = crate::reports::table::cell_name(TOTAL_PAID, row);
    let due = crate::reports::table::cell_name(DAY_LENGTH, row);
    let as_it_should_be = person.total_paid() == expected;
    vec![
        (DAY_LENGTH, Cell::As(CellKind::ExpectedHours, expected)),
        (
            NOTES,
            Cell::Formula {
                formula: format!("IF(ROUND({paid}-{due},2)=0,\"as expected\",\"not as expected\")"),
                value: if as_it_should_be {
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
            ("RETURNED", Mark::Red),
            ("WITHDRAWN", Mark::Red),
            ("NO TIME", Mark::Amber),
            ("TIME OFF", Mark::Blue),
            ("HOLIDAY", Mark::Blue),
        ],
    );
}

fn explain(page: &mut Page<'_>) {
    page.gap();
    page.remark(
        "Total Paid = REG + OT + Used PTO + STAT. BANKED hours are saved as time off and not paid. \
         Hours in red: worked more than the day length. Total Paid of a salaried person: green as \
         expected, amber not. Yellow: not approved yet. Hours that wait are not paid and stand on the \
         sheet Exceptions.",
    );
}

fn exceptions_page(
    book: &mut Book<'_>,
    payroll: &Payroll,
    exceptions: Vec<Exception<'_>>,
) -> Result<(), ReportError> {
    let head = Head {
        title: "Exceptions".to_owned(),
        subtitle: long_period(payroll.from, payroll.to),
    };
    let mut page = book.page("Exceptions", head, Orientation::Portrait)?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::Text).up_to(30),
            Column::new("Date", CellKind::Date),
            Column::new("Hours", CellKind::TotalHours),
            Column::new("What to look at", CellKind::LongText).up_to(60),
        ])?
        .filtered();
    if exceptions.is_empty() {
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
    book.add(page)
}

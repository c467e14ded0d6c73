//! The billing workbook of one project: what the client gets.

use super::short_name;
use crate::{
    domain::{
        billing::{ProjectBilling, StaffWork},
        time::Period,
    },
    reports::{
        Letterhead, ReportError,
        book::Book,
        letterhead::long_period,
        page::{Head, Orientation, Page},
        style::CellKind,
        table::{Cell, Column, cell_name},
    },
};

const AMOUNT: usize = 5;

/// The headings are a contract (`interface.md` §4).
fn columns() -> Vec<Column> {
    vec![
        Column::new("Staff Member", CellKind::LongText).up_to(32),
        Column::new("Position (Equipment Type)", CellKind::LongText).up_to(32),
        Column::new("Qty", CellKind::Quantity).summed(),
        Column::new("Unit", CellKind::Word),
        Column::new("Rate", CellKind::Money),
        Column::new("Amount", CellKind::Money).summed(),
    ]
}

pub(super) fn workbook(
    period: Period,
    project: &ProjectBilling,
    letterhead: &Letterhead,
) -> Result<Vec<u8>, ReportError> {
    let mut book = Book::new(letterhead, &format!("Billing {}", short_name(project)))?;
    summary_page(&mut book, period, project)?;
    for staff in &project.staff {
        staff_page(&mut book, period, project, staff)?;
    }
    book.into_bytes()
}

fn head(title: &str, period: Period, project: &ProjectBilling) -> Head {
    Head {
        title: title.to_owned(),
        subtitle: format!(
            "{}, {}",
            short_name(project),
            long_period(period.first_day(), period.last_day())
        ),
    }
}

fn summary_page(
    book: &mut Book<'_>,
    period: Period,
    project: &ProjectBilling,
) -> Result<(), ReportError> {
    let mut page = book
        .page(
            "Billing",
            head("Billing", period, project),
            Orientation::Portrait,
        )?
        .document();
    let facts = [
        ("Project", Cell::from(&project.title)),
        (
            "Project Number",
            project.code.as_deref().unwrap_or("none").into(),
        ),
        ("Client", (&project.client).into()),
        (
            "Invoice Month",
            period.last_day().strftime("%B %Y").to_string().into(),
        ),
        (
            "Period",
            long_period(period.first_day(), period.last_day()).into(),
        ),
    ];
    page.gap();
    for (label, value) in &facts {
        page.fact(label, 1, value, CellKind::Text)?;
    }
    page.gap();
    let labour_total = labour_table(&mut page, project)?;
    page.gap();
    equipment_table(&mut page, project, labour_total)?;
    book.add(page)
}

/// Answers the row of its sub-total.
fn labour_table(page: &mut Page<'_>, project: &ProjectBilling) -> Result<u32, ReportError> {
    page.section("LABOUR")?;
    let mut table = page.table(columns())?;
    if project.labour.is_empty() {
        table.nothing("Nothing: no approved billable time in this period.")?;
    }
    for row in &project.labour {
        table.row(&[
            (&row.name).into(),
            row.position.as_deref().into(),
            row.hours.into(),
            "hour".into(),
            row.rate.into(),
            row.amount.into(),
        ])?;
    }
    let total = table.total("SUB TOTAL", &[])?;
    table.end()?;
    Ok(total)
}

fn equipment_table(
    page: &mut Page<'_>,
    project: &ProjectBilling,
    labour_total: u32,
) -> Result<(), ReportError> {
    page.section("EQUIPMENT")?;
    let mut table = page.table(columns())?;
    if project.equipment.is_empty() {
        table.nothing("Nothing: nobody with a truck in this period.")?;
    }
    for row in &project.equipment {
        table.row(&[
            (&row.name).into(),
            (&row.equipment).into(),
            row.hours.into(),
            "hour".into(),
            row.rate.into(),
            row.amount.into(),
        ])?;
    }
    let equipment_total = table.total("SUB TOTAL", &[])?;
    let grand_total = Cell::Formula {
        formula: format!(
            "{}+{}",
            cell_name(AMOUNT, labour_total),
            cell_name(AMOUNT, equipment_total)
        ),
        value: project.grand_total().normalize().to_string(),
    };
    table.closing("GRAND TOTAL", &[(AMOUNT, grand_total)])?;
    table.end()
}

fn staff_page(
    book: &mut Book<'_>,
    period: Period,
    project: &ProjectBilling,
    staff: &StaffWork,
) -> Result<(), ReportError> {
    let mut page = book.page(
        &staff.name,
        head(&staff.name, period, project),
        Orientation::Landscape,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Date", CellKind::Date),
            Column::new("Hours", CellKind::TotalHours).summed(),
            Column::new("Task", CellKind::LongText).up_to(30),
            Column::new("Description", CellKind::LongText).up_to(90),
        ])?
        .filtered();
    for line in &staff.lines {
        table.row(&[
            line.date.into(),
            line.hours.into(),
            line.task.as_deref().into(),
            (&line.description).into(),
        ])?;
    }
    table.total("Total", &[])?;
    table.end()?;
    book.add(page)
}

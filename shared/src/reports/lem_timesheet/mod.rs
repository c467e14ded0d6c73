//! LEM timesheet (`domain.md` §7): worker and equipment lines of a project's LEM sheets in a period.

mod load;

pub(super) use load::load;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Letterhead, NamedFile, ReportError,
    book::Book,
    letterhead::long_period,
    page::{Head, Orientation},
    sheet_names::legal_file_name,
    style::{CellKind, Mark},
    table::{Column, Table},
};
use crate::domain::time::Period;

/// Everything that the report prints. Archived and rejected sheets are left out.
#[derive(Clone, Debug)]
pub struct LemTimesheet {
    pub period: Period,
    pub project_code: Option<String>,
    pub project_title: String,
    /// The client's long name.
    pub client: String,
    /// By date, then sheet.
    pub workers: Vec<WorkerLine>,
    pub equipment: Vec<EquipmentLine>,
}

/// One worker on one sheet.
#[derive(Clone, Debug)]
pub struct WorkerLine {
    pub date: Date,
    pub worker: String,
    pub role: String,
    pub work: Decimal,
    pub calc: Decimal,
    pub travel: Decimal,
    pub meals: Decimal,
    pub hotel_nights: Decimal,
    pub number: String,
    pub status: &'static str,
}

/// One machine on one sheet.
#[derive(Clone, Debug)]
pub struct EquipmentLine {
    pub date: Date,
    pub equipment: String,
    pub quantity: Decimal,
    /// `day` or `unit`.
    pub basis: &'static str,
    pub number: String,
    pub status: &'static str,
}

/// The workbook `LEM-Timesheet-CODE-FROM-TO.xlsx`.
pub fn files(data: &LemTimesheet, letterhead: &Letterhead) -> Result<Vec<NamedFile>, ReportError> {
    let (from, to) = (data.period.first_day(), data.period.last_day());
    let project = data.project_code.as_deref().unwrap_or(&data.project_title);
    let mut book = Book::new(letterhead, &format!("LEM timesheet {project}"))?;
    let head = |title: &str| Head {
        title: format!("{title}, {project}"),
        subtitle: format!(
            "{}, {}, {}",
            data.project_title,
            data.client,
            long_period(from, to)
        ),
    };

    let mut page = book.long_page(
        "Workers",
        head("LEM timesheet: workers"),
        Orientation::Landscape,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Date", CellKind::Date),
            Column::new("Worker", CellKind::LongText).up_to(32),
            Column::new("Role", CellKind::LongText).up_to(28),
            Column::new("Work", CellKind::Hours).summed(),
            Column::new("Calc", CellKind::Hours).summed(),
            Column::new("Travel", CellKind::Hours).summed(),
            Column::new("Meals", CellKind::Count).summed(),
            Column::new("Hotel Nights", CellKind::Count).summed(),
            Column::new("Timesheet No.", CellKind::Text),
            Column::new("Status", CellKind::Word),
        ])?
        .filtered();
    mark_status(&mut table, 9);
    if data.workers.is_empty() {
        table.nothing("Nothing: no worker stands on a LEM sheet of this period.")?;
    }
    for line in &data.workers {
        table.row(&[
            line.date.into(),
            (&line.worker).into(),
            (&line.role).into(),
            line.work.into(),
            line.calc.into(),
            line.travel.into(),
            line.meals.into(),
            line.hotel_nights.into(),
            (&line.number).into(),
            line.status.into(),
        ])?;
    }
    table.total("Total", &[])?;
    table.end()?;
    book.add(page)?;

    let mut page = book.long_page(
        "Equipment",
        head("LEM timesheet: equipment"),
        Orientation::Portrait,
    )?;
    let mut table = page
        .table(vec![
            Column::new("Date", CellKind::Date),
            Column::new("Equipment", CellKind::LongText).up_to(36),
            Column::new("Quantity", CellKind::Quantity),
            Column::new("Day or Unit", CellKind::Word),
            Column::new("Timesheet No.", CellKind::Text),
            Column::new("Status", CellKind::Word),
        ])?
        .filtered();
    mark_status(&mut table, 5);
    if data.equipment.is_empty() {
        table.nothing("Nothing: no equipment stands on a LEM sheet of this period.")?;
    }
    for line in &data.equipment {
        table.row(&[
            line.date.into(),
            (&line.equipment).into(),
            line.quantity.into(),
            line.basis.into(),
            (&line.number).into(),
            line.status.into(),
        ])?;
    }
    // No total: days and units of different machines do not add up.
    table.end()?;
    book.add(page)?;

    Ok(vec![NamedFile::workbook(
        format!(
            "{}.xlsx",
            legal_file_name(&format!("LEM-Timesheet-{project}-{from}-{to}"))
        ),
        book.into_bytes()?,
    )])
}

fn mark_status(table: &mut Table<'_, '_>, column: usize) {
    table.mark_words(
        column,
        &[
            ("DRAFT", Mark::Grey),
            ("SUBMITTED", Mark::Yellow),
            ("SIGNED", Mark::Good),
        ],
    );
}

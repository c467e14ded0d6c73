//! LEM sheet (`domain.md` §7): the daily ticket as the client's representative signs it.

mod load;

pub(super) use load::{LemNames, load, status_word};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use rust_xlsxwriter::Image;

use super::{
    Letterhead, NamedFile, ReportError,
    book::Book,
    letterhead::{local_time, long_date},
    page::{Head, Orientation, Page},
    sheet_names::legal_file_name,
    style::{CellKind, Mark},
    table::{Cell, Column, cell_name},
};

/// Everything that the sheet prints. Money is what `domain.md` §6 *Cost* says; here it is only added up.
#[derive(Clone, Debug)]
pub struct LemSheet {
    /// The *Timesheet No.*, `LEM-0001`.
    pub number: String,
    /// 1 for the first.
    pub revision: u32,
    pub status: &'static str,
    /// Why the client's representative did not agree.
    pub rejection_reason: Option<String>,
    /// The client's long name.
    pub client: String,
    pub representative: String,
    pub date: Date,
    pub project_manager: Option<String>,
    pub project_code: Option<String>,
    pub project_title: String,
    /// The sheet's `notes`.
    pub task_description: String,
    /// The sheet's `description`.
    pub work_description: String,
    pub workers: Vec<Worker>,
    pub equipment: Vec<Equipment>,
    pub materials: Vec<Material>,
    /// Per role, kind and rate.
    pub summary: Vec<SummaryRow>,
    pub signature: Option<Signature>,
}

/// A worker line: hours and counts, no money.
#[derive(Clone, Debug)]
pub struct Worker {
    pub name: String,
    pub role: String,
    pub work: Decimal,
    pub travel: Decimal,
    pub calc: Decimal,
    pub meals: Decimal,
    pub hotel_nights: Decimal,
}

/// An equipment line.
#[derive(Clone, Debug)]
pub struct Equipment {
    pub name: String,
    pub quantity: Decimal,
    /// `day` or `unit`.
    pub basis: &'static str,
    /// None: missing.
    pub rate: Option<Decimal>,
    pub cost: Decimal,
}

/// A material line.
#[derive(Clone, Debug)]
pub struct Material {
    pub description: String,
    pub quantity: Decimal,
    pub unit: String,
    pub unit_cost: Decimal,
    /// 12.5 is 12.5 %.
    pub markup_percent: Decimal,
    pub cost: Decimal,
}

/// A priced row of labour: `Surveyor - Travel`.
#[derive(Clone, Debug)]
pub struct SummaryRow {
    pub role_and_kind: String,
    /// Hours, or a count of meals or nights.
    pub quantity: Decimal,
    /// None: missing.
    pub rate: Option<Decimal>,
    pub cost: Decimal,
}

/// Who signed, when, and how it looks.
#[derive(Clone, Debug)]
pub struct Signature {
    pub name: String,
    pub signed_at: Timestamp,
    /// The PNG that was drawn.
    pub picture: Option<Vec<u8>>,
}

/// Columns of the sheet's tables; money stands in the last one.
const LAST: usize = 6;
const SIGNATURE_HEIGHT: u32 = 90;
const SIGNATURE_WIDTH: u32 = 320;

/// The workbook `LEM-CODE-NUMBER.xlsx`; a revision has its number behind it.
pub fn files(sheet: &LemSheet, letterhead: &Letterhead) -> Result<Vec<NamedFile>, ReportError> {
    let project = sheet
        .project_code
        .as_deref()
        .unwrap_or(&sheet.project_title);
    let revision = match sheet.revision {
        0 | 1 => String::new(),
        later => format!("-R{later}"),
    };
    let mut book = Book::new(letterhead, &format!("LEM {}", sheet.number))?;
    let head = Head {
        title: format!("LEM sheet {}{revision}", sheet.number),
        subtitle: format!("{project}, {}", long_date(sheet.date)),
    };
    let mut page = book
        .page(&sheet.number, head, Orientation::Portrait)?
        .document();
    facts(&mut page, sheet)?;
    let totals = tables(&mut page, sheet)?;
    grand_totals(&mut page, sheet, totals)?;
    sign_off(&mut page, sheet, letterhead)?;
    book.add(page)?;
    let name = format!("LEM-{project}-{}{revision}", sheet.number);
    Ok(vec![NamedFile::workbook(
        format!("{}.xlsx", legal_file_name(&name)),
        book.into_bytes()?,
    )])
}

fn facts(page: &mut Page<'_>, sheet: &LemSheet) -> Result<(), ReportError> {
    let facts = [
        ("Client", Cell::from(&sheet.client), CellKind::Text),
        (
            "Client Representative",
            (&sheet.representative).into(),
            CellKind::Text,
        ),
        ("Date", sheet.date.into(), CellKind::Date),
        (
            "Project Manager",
            sheet.project_manager.as_deref().into(),
            CellKind::Text,
        ),
        ("Timesheet No.", (&sheet.number).into(), CellKind::Text),
        (
            "Project Code",
            sheet.project_code.as_deref().into(),
            CellKind::Text,
        ),
        ("Project", (&sheet.project_title).into(), CellKind::Text),
        ("Status", sheet.status.into(), CellKind::Text),
    ];
    page.gap();
    for (label, value, kind) in &facts {
        page.fact(label, 1, value, *kind)?;
    }
    if let Some(reason) = &sheet.rejection_reason {
        page.gap();
        page.section("Reason of the rejection")?;
        page.paragraph(reason)?;
    }
    for (heading, text) in [
        ("Task Description", &sheet.task_description),
        ("Description of Work Performed", &sheet.work_description),
    ] {
        page.gap();
        page.section(heading)?;
        page.paragraph(text)?;
    }
    Ok(())
}

/// Rows of the three totals.
#[derive(Clone, Copy)]
struct Totals {
    labour: u32,
    equipment: u32,
    materials: u32,
}

fn tables(page: &mut Page<'_>, sheet: &LemSheet) -> Result<Totals, ReportError> {
    page.gap();
    page.section("Workers")?;
    let mut table = page.table(vec![
        Column::new("Name", CellKind::LongText).up_to(30),
        Column::new("Role", CellKind::LongText).up_to(24),
        Column::new("Work", CellKind::Hours).summed(),
        Column::new("Travel", CellKind::Hours).summed(),
        Column::new("Calc", CellKind::Hours).summed(),
        Column::new("Meals", CellKind::Count).summed(),
        Column::new("Hotel Nights", CellKind::Count).summed(),
    ])?;
    if sheet.workers.is_empty() {
        table.nothing("Nobody.")?;
    }
    for worker in &sheet.workers {
        table.row(&[
            (&worker.name).into(),
            (&worker.role).into(),
            worker.work.into(),
            worker.travel.into(),
            worker.calc.into(),
            worker.meals.into(),
            worker.hotel_nights.into(),
        ])?;
    }
    table.total("Total", &[])?;
    table.end()?;

    Ok(Totals {
        labour: summary_table(page, sheet)?,
        equipment: equipment_table(page, sheet)?,
        materials: materials_table(page, sheet)?,
    })
}

fn summary_table(page: &mut Page<'_>, sheet: &LemSheet) -> Result<u32, ReportError> {
    page.gap();
    page.section("Labour")?;
    let mut table = page.table(vec![
        Column::new("Role and Kind", CellKind::LongText).up_to(30),
        Column::empty(),
        Column::empty(),
        Column::empty(),
        // Meals and nights stand there too.
        Column::new("Hours / Qty", CellKind::Quantity),
        Column::new("Rate", CellKind::Money),
        Column::new("Cost", CellKind::Money).summed(),
    ])?;
    mark_missing(&mut table);
    if sheet.summary.is_empty() {
        table.nothing("No labour.")?;
    }
    for row in &sheet.summary {
        table.row(&[
            (&row.role_and_kind).into(),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            row.quantity.into(),
            rate(row.rate),
            row.cost.into(),
        ])?;
    }
    let total = table.total("Labour Total", &[])?;
    table.end()?;
    Ok(total)
}

fn equipment_table(page: &mut Page<'_>, sheet: &LemSheet) -> Result<u32, ReportError> {
    page.gap();
    page.section("Equipment")?;
    let mut table = page.table(vec![
        Column::new("Equipment", CellKind::LongText).up_to(30),
        Column::empty(),
        Column::empty(),
        Column::new("Quantity", CellKind::Quantity),
        Column::new("Basis", CellKind::Word),
        Column::new("Rate", CellKind::Money),
        Column::new("Cost", CellKind::Money).summed(),
    ])?;
    mark_missing(&mut table);
    if sheet.equipment.is_empty() {
        table.nothing("No equipment.")?;
    }
    for line in &sheet.equipment {
        table.row(&[
            (&line.name).into(),
            Cell::Blank,
            Cell::Blank,
            line.quantity.into(),
            line.basis.into(),
            rate(line.rate),
            line.cost.into(),
        ])?;
    }
    let total = table.total("Equipment Total", &[])?;
    table.end()?;
    Ok(total)
}

fn materials_table(page: &mut Page<'_>, sheet: &LemSheet) -> Result<u32, ReportError> {
    page.gap();
    page.section("Materials")?;
    let mut table = page.table(vec![
        Column::new("Description", CellKind::LongText).up_to(30),
        Column::empty(),
        Column::new("Quantity", CellKind::Quantity),
        Column::new("Unit", CellKind::Word),
        Column::new("Unit Cost", CellKind::Money),
        Column::new("Markup %", CellKind::Markup),
        Column::new("Cost", CellKind::Money).summed(),
    ])?;
    if sheet.materials.is_empty() {
        table.nothing("No materials.")?;
    }
    for line in &sheet.materials {
        table.row(&[
            (&line.description).into(),
            Cell::Blank,
            line.quantity.into(),
            (&line.unit).into(),
            line.unit_cost.into(),
            line.markup_percent.into(),
            line.cost.into(),
        ])?;
    }
    let total = table.total("Material Total", &[])?;
    table.end()?;
    Ok(total)
}

/// A missing rate is said, and counts 0.
fn rate(rate: Option<Decimal>) -> Cell<'static> {
    rate.map_or("Missing rate".into(), Cell::Number)
}

fn mark_missing(table: &mut super::table::Table<'_, '_>) {
    table.mark_words(LAST - 1, &[("Missing rate", Mark::Red)]);
}

fn grand_totals(page: &mut Page<'_>, sheet: &LemSheet, totals: Totals) -> Result<(), ReportError> {
    let labour: Decimal = sheet.summary.iter().map(|row| row.cost).sum();
    let equipment: Decimal = sheet.equipment.iter().map(|line| line.cost).sum();
    let materials: Decimal = sheet.materials.iter().map(|line| line.cost).sum();
    page.gap();
    let mut table = page.table(vec![
        Column::new("Summary", CellKind::Text),
        Column::empty(),
        Column::empty(),
        Column::empty(),
        Column::empty(),
        Column::empty(),
        Column::new("Cost", CellKind::Money).summed(),
    ])?;
    for (label, row, value) in [
        ("Labour", totals.labour, labour),
        ("Equipment", totals.equipment, equipment),
        ("Materials", totals.materials, materials),
    ] {
        let figure = Cell::Sum {
            formula: cell_name(LAST, row),
            value,
        };
        let blank = || Cell::Blank;
        table.row(&[
            label.into(),
            blank(),
            blank(),
            blank(),
            blank(),
            blank(),
            figure,
        ])?;
    }
    table.total("Grand Total", &[])?;
    table.end()
}

fn sign_off(
    page: &mut Page<'_>,
    sheet: &LemSheet,
    letterhead: &Letterhead,
) -> Result<(), ReportError> {
    page.gap();
    page.section("Client's signature")?;
    let Some(signature) = &sheet.signature else {
        for label in ["Name", "Signature", "Date"] {
            page.blank_line(label)?;
        }
        return Ok(());
    };
    page.fact("Name", 1, &(&signature.name).into(), CellKind::Text)?;
    let when = local_time(signature.signed_at, &letterhead.zone);
    page.fact("Signed", 1, &when.into(), CellKind::Text)?;
    if let Some(picture) = &signature.picture {
        // A signed sheet never changes: what cannot be drawn today never will be, and the sheet is needed all the same.
        let Ok(image) = Image::new_from_buffer(picture) else {
            page.remark("The drawn signature is no picture that can be printed.")?;
            return Ok(());
        };
        let image = image
            .set_scale_to_size(SIGNATURE_WIDTH, SIGNATURE_HEIGHT, true)
            .set_alt_text(format!("Signature of {}", signature.name));
        page.picture(&image, SIGNATURE_HEIGHT)?;
    }
    Ok(())
}

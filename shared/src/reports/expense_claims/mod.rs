//! Expense claims (`domain.md` §7): what each employee is paid back.

mod load;

pub use load::claims_of;
pub(super) use load::load;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Letterhead, NamedFile, OpenFlags, ReportError,
    book::Book,
    letterhead::long_period,
    page::{Head, Orientation, Page},
    style::{CellKind, Mark},
    table::{Cell, Column},
};
use crate::domain::time::Period;

/// Everything that the report prints.
#[derive(Clone, Debug)]
pub struct ExpenseClaims {
    pub period: Period,
    /// By name; APPROVED and PENDING claims.
    pub claimants: Vec<Claimant>,
    /// By name; claims that were rejected, taken back or never sent.
    pub waiting: Vec<Claimant>,
    /// What explains the price of a kilometre.
    pub mileage_rule: String,
}

/// One employee with claims in the period.
#[derive(Clone, Debug)]
pub struct Claimant {
    pub name: String,
    pub manager: Option<String>,
    /// By date.
    pub claims: Vec<Claim>,
}

/// One line: a claim, or a part of one that crosses the year's limit of kilometres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub date: Date,
    pub category: String,
    pub project: Option<String>,
    pub quantity: Decimal,
    pub unit: Option<String>,
    pub unit_price: Option<Decimal>,
    /// To the cent.
    pub sub_total: Decimal,
    /// None unless it is known.
    pub tax: Option<Decimal>,
    pub status: &'static str,
    pub notes: String,
}

impl Claim {
    pub fn total(&self) -> Decimal {
        self.sub_total + self.tax.unwrap_or_default()
    }
}

const TAX: usize = 7;
const STATUS: usize = 9;

/// The workbook `ExpenseClaims-FROM-TO.xlsx`.
pub fn files(
    data: &ExpenseClaims,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<NamedFile>, ReportError> {
    let (from, to) = (data.period.first_day(), data.period.last_day());
    let mut book = Book::new(letterhead, "Expense claims")?;
    let head = |title: &str| Head {
        title: title.to_owned(),
        subtitle: long_period(from, to),
    };
    let mut page = book.long_page(
        "Expense claims",
        head("Expense claims"),
        Orientation::Landscape,
    )?;
    let nothing = "Nothing: nobody claims expenses in this period.";
    claims_table(&mut page, &data.claimants, nothing)?;
    page.gap();
    page.remark(&data.mileage_rule)?;
    page.remark("Tax is empty unless it is known.")?;
    book.add(page)?;
    let mut page = book.long_page(
        "Waiting claims",
        head("Claims that wait, and rejected ones"),
        Orientation::Landscape,
    )?;
    claims_table(&mut page, &data.waiting, "Nothing waits.")?;
    book.add(page)?;
    flags.write(&mut book)?;
    Ok(vec![NamedFile::workbook(
        format!("ExpenseClaims-{from}-{to}.xlsx"),
        book.into_bytes()?,
    )])
}

fn claims_table(
    page: &mut Page<'_>,
    claimants: &[Claimant],
    nothing: &str,
) -> Result<(), ReportError> {
    let mut table = page
        .table(vec![
            Column::new("Date", CellKind::Date),
            Column::new("Category", CellKind::LongText).up_to(28),
            Column::new("Project", CellKind::LongText).up_to(30),
            Column::new("Quantity", CellKind::Quantity),
            Column::new("Unit", CellKind::Word),
            Column::new("Unit Price", CellKind::Money),
            Column::new("Sub-total", CellKind::Money).summed(),
            Column::new("Tax", CellKind::Money).summed(),
            Column::new("Total", CellKind::Money).summed(),
            Column::new("Status", CellKind::Word),
            Column::new("Notes", CellKind::LongText).up_to(44),
        ])?
        .filtered();
    table.mark_words(
        STATUS,
        &[
            ("PENDING", Mark::Yellow),
            ("NO SUBMISSION", Mark::Yellow),
            ("REJECTED", Mark::Red),
            ("WITHDRAWN", Mark::Red),
        ],
    );
    if claimants.is_empty() {
        table.nothing(nothing)?;
    }
    for claimant in claimants {
        let manager = claimant.manager.as_deref().unwrap_or("none given");
        table.group(&format!("{}   (manager: {manager})", claimant.name))?;
        for claim in &claimant.claims {
            table.row(&[
                claim.date.into(),
                (&claim.category).into(),
                claim.project.as_deref().into(),
                claim.quantity.into(),
                claim.unit.as_deref().into(),
                claim.unit_price.into(),
                claim.sub_total.into(),
                claim.tax.into(),
                claim.total().into(),
                claim.status.into(),
                (&claim.notes).into(),
            ])?;
        }
        let untaxed = untaxed(&claimant.claims);
        table.subtotal(&format!("{} Total", claimant.name), untaxed)?;
    }
    let untaxed = untaxed(claimants.iter().flat_map(|claimant| &claimant.claims));
    table.total("All staff Total", untaxed)?;
    table.end()
}

/// A sum of unknown taxes is unknown, not 0.
fn untaxed<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> &'static [(usize, Cell<'static>)] {
    if claims.into_iter().all(|claim| claim.tax.is_none()) {
        &[(TAX, Cell::Blank)]
    } else {
        &[]
    }
}

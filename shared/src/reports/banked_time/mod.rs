//! Banked time (`domain.md` §7) as a workbook: each employee's ledger from opening to closing balance.

mod load;

pub(super) use load::load;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    Letterhead, NamedFile, OpenFlags, ReportError,
    book::Book,
    letterhead::{long_date, long_period},
    page::{Head, Orientation},
    style::CellKind,
    table::{Cell, Column, Table, cell_name},
};
use crate::domain::{banked_time::BankedPeriod, time::Period};

/// Everything that the report prints.
#[derive(Clone, Debug)]
pub struct BankedTime {
    pub period: Period,
    /// By name.
    pub accounts: Vec<Account>,
    /// What explains the rules, one sentence or two each.
    pub rules: Vec<String>,
}

/// One employee's ledger in the period.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    pub manager: Option<String>,
    pub ledger: BankedPeriod,
}

const OPENING: usize = 4;
const ACCRUED: usize = 5;
const USED: usize = 6;
const CORRECTIONS: usize = 7;
const CLOSING: usize = 8;

/// The workbook `BankedTime-FROM-TO.xlsx`.
pub fn files(
    data: &BankedTime,
    flags: &OpenFlags,
    letterhead: &Letterhead,
) -> Result<Vec<NamedFile>, ReportError> {
    let (from, to) = (data.period.first_day(), data.period.last_day());
    let mut book = Book::new(letterhead, "Banked time")?;
    let head = Head {
        title: "Banked time".to_owned(),
        subtitle: long_period(from, to),
    };
    let mut page = book.long_page("Banked time", head, Orientation::Landscape)?;
    let mut table = page
        .table(vec![
            Column::new("Staff Member", CellKind::LongText).up_to(32),
            Column::new("Date", CellKind::Date),
            Column::new("What", CellKind::Text),
            Column::new("Worked", CellKind::Hours),
            Column::new("Opening", CellKind::Hours).summed(),
            Column::new("Accrued", CellKind::Hours).summed(),
            Column::new("Used", CellKind::Hours).summed(),
            Column::new("Corrections", CellKind::Hours).summed(),
            Column::new("Closing", CellKind::TotalHours),
            Column::new("Reason", CellKind::LongText).up_to(48),
        ])?
        .filtered();
    if data.accounts.is_empty() {
        table.nothing("Nothing: nobody has banked time in this period.")?;
    }
    for account in &data.accounts {
        account_rows(&mut table, account, from)?;
    }
    let closing = data
        .accounts
        .iter()
        .map(|account| account.ledger.closing)
        .sum();
    let closing = closing_cell(table.next_row(), closing);
    table.total("All staff Total", &[(CLOSING, closing)])?;
    table.end()?;
    page.gap();
    for rule in &data.rules {
        page.remark(rule)?;
    }
    page.remark("Closing = Opening + Accrued − Used + Corrections.")?;
    book.add(page)?;
    flags.write(&mut book)?;
    Ok(vec![NamedFile::workbook(
        format!("BankedTime-{from}-{to}.xlsx"),
        book.into_bytes()?,
    )])
}

fn account_rows(
    table: &mut Table<'_, '_>,
    account: &Account,
    from: Date,
) -> Result<(), ReportError> {
    let manager = account.manager.as_deref().unwrap_or("none given");
    table.group(&format!("{}   (manager: {manager})", account.name))?;
    let ledger = &account.ledger;
    let name = || Cell::from(&account.name);
    table.row(&[
        name(),
        from.into(),
        "Opening balance".into(),
        Cell::Blank,
        ledger.opening.into(),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        format!("balance before {}", long_date(from)).into(),
    ])?;
    for movement in movements(ledger) {
        let mut cells = vec![name(), movement.date.into(), movement.what.into()];
        cells.push(movement.worked.into());
        cells.push(Cell::Blank);
        let in_column = |column| (movement.column == column).then_some(movement.hours);
        cells.extend([ACCRUED, USED, CORRECTIONS].map(|column| in_column(column).into()));
        cells.extend([Cell::Blank, movement.reason.into()]);
        table.row(&cells)?;
    }
    let closing = closing_cell(table.next_row(), ledger.closing);
    table.subtotal(&format!("{} Total", account.name), &[(CLOSING, closing)])?;
    Ok(())
}

/// One line of a ledger.
struct Movement {
    date: Date,
    what: &'static str,
    worked: Option<Decimal>,
    /// Where its hours stand.
    column: usize,
    hours: Decimal,
    reason: String,
}

/// Accruals, uses and corrections by date.
fn movements(ledger: &BankedPeriod) -> Vec<Movement> {
    let accrued = ledger.accruals.iter().map(|day| Movement {
        date: day.date,
        what: "Accrued",
        worked: Some(day.worked),
        column: ACCRUED,
        hours: day.banked,
        reason: day.reason.to_string(),
    });
    let used = ledger.uses.iter().map(|day| Movement {
        date: day.date,
        what: "Used",
        worked: None,
        column: USED,
        hours: day.hours,
        reason: if day.pending {
            "time off, not approved yet".to_owned()
        } else {
            "time off".to_owned()
        },
    });
    let corrected = ledger.corrections.iter().map(|correction| Movement {
        date: correction.date,
        what: if correction.paid_out {
            "Paid out"
        } else {
            "Correction"
        },
        worked: None,
        column: CORRECTIONS,
        hours: correction.hours,
        reason: correction.reason.clone(),
    });
    let mut movements: Vec<Movement> = accrued.chain(used).chain(corrected).collect();
    movements.sort_by_key(|movement| movement.date);
    movements
}

fn closing_cell(row: u32, hours: Decimal) -> Cell<'static> {
    Cell::Formula {
        formula: format!(
            "{}+{}-{}+{}",
            cell_name(OPENING, row),
            cell_name(ACCRUED, row),
            cell_name(USED, row),
            cell_name(CORRECTIONS, row)
        ),
        value: hours.normalize().to_string(),
    }
}

//! Payroll (`domain.md` §7): one workbook for salaried, one for hourly staff, a CSV of pay codes.

mod codes;
mod exceptions;
mod workbook;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use codes::CsvColumn;

use super::{Letterhead, NamedFile, ReportError, archive};
use crate::domain::{employee::RateType, ids::EmployeeId};

/// Everything that the payroll of one period prints.
#[derive(Clone, Debug)]
pub struct Payroll {
    pub from: Date,
    pub to: Date,
    /// In the order in which they are printed.
    pub people: Vec<Person>,
}

/// One employee in the period.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: EmployeeId,
    pub name: String,
    pub manager: Option<String>,
    pub rate_type: Option<RateType>,
    /// Monday to Friday, and weekend days with something on them, by date.
    pub days: Vec<Day>,
    /// The hours that a salaried total is held against.
    pub expected_hours: Option<Decimal>,
    /// What concerns the person and no single day: a missing field, time still running.
    pub remarks: Vec<String>,
}

/// One employee, one local day, as `domain.md` §4 computes it.
#[derive(Clone, Debug)]
pub struct Day {
    pub date: Date,
    pub regular: Decimal,
    pub overtime: Decimal,
    pub banked: Decimal,
    /// Paid time off: policy and hours.
    pub time_off: Vec<(String, Decimal)>,
    pub stat: Decimal,
    pub status: &'static str,
    /// T of this day.
    pub day_length: Decimal,
    /// Hours in entries that do not count yet.
    pub waiting: Decimal,
    pub is_holiday: bool,
    /// Why the figures are what they are.
    pub reasons: Vec<String>,
}

impl Day {
    pub fn used_time_off(&self) -> Decimal {
        self.time_off.iter().map(|(_, hours)| *hours).sum()
    }

    pub fn total_paid(&self) -> Decimal {
        self.regular + self.overtime + self.used_time_off() + self.stat
    }

    pub fn worked(&self) -> Decimal {
        self.regular + self.overtime + self.banked
    }
}

impl Person {
    pub fn total_paid(&self) -> Decimal {
        self.days.iter().map(Day::total_paid).sum()
    }
}

/// Two workbooks and the CSV, in `Payroll-FROM-TO.zip`.
pub fn files(
    payroll: &Payroll,
    letterhead: &Letterhead,
    csv_columns: &[CsvColumn],
) -> Result<Vec<NamedFile>, ReportError> {
    let Payroll { from, to, .. } = payroll;
    let files = [
        NamedFile::workbook(
            format!("Payroll-Salary-{from}-{to}.xlsx"),
            workbook::salaried(payroll, letterhead)?,
        ),
        NamedFile::workbook(
            format!("Payroll-Hourly-{from}-{to}.xlsx"),
            workbook::hourly(payroll, letterhead)?,
        ),
        codes::csv(payroll, csv_columns)?.into_file(format!("Payroll-{from}-{to}.csv"))?,
    ];
    let archive = archive::zip(format!("Payroll-{from}-{to}.zip"), &files, letterhead)?;
    Ok(vec![archive])
}

//! Payroll (`domain.md` §7): one workbook for salaried, one for hourly staff, a CSV of pay codes.

mod codes;
mod exceptions;
mod workbook;

pub use codes::CsvColumn;

use super::{Letterhead, NamedFile, OpenFlags, ReportError, archive};
use crate::{
    domain::{
        attendance::Workplace,
        payroll::{Payroll, payroll},
        time::Period,
    },
    settings::PaySettings,
    store::{Store, attendance},
};

/// Reads and computes the payroll of a period.
pub(super) async fn load(
    store: &Store,
    period: Period,
    pay: &PaySettings,
) -> Result<Payroll, ReportError> {
    let records = store
        .read(async |mut tx| attendance::read(&mut tx, period, None).await)
        .await?;
    let workplace = Workplace::new(
        &pay.rules,
        &records.holidays,
        &records.groups,
        &records.policies,
    );
    Ok(payroll(period, &records.people, &workplace, &pay.payroll))
}

/// Two workbooks and the CSV, in `Payroll-FROM-TO.zip`.
pub fn files(
    payroll: &Payroll,
    flags: &OpenFlags,
    letterhead: &Letterhead,
    csv_columns: &[CsvColumn],
) -> Result<Vec<NamedFile>, ReportError> {
    let (from, to) = (payroll.period.first_day(), payroll.period.last_day());
    let files = [
        NamedFile::workbook(
            format!("Payroll-Salary-{from}-{to}.xlsx"),
            workbook::salaried(payroll, flags, letterhead)?,
        ),
        NamedFile::workbook(
            format!("Payroll-Hourly-{from}-{to}.xlsx"),
            workbook::hourly(payroll, flags, letterhead)?,
        ),
        codes::csv(payroll, csv_columns)?.into_file(format!("Payroll-{from}-{to}.csv"))?,
    ];
    let archive = archive::zip(format!("Payroll-{from}-{to}.zip"), &files, letterhead)?;
    Ok(vec![archive])
}

//! A company of thousands, made a hundred people at a time: nothing of it stays in memory but what its reader
//! keeps, so that what is measured is the report.

use jiff::civil::date;
use shared::domain::{employee::RateType, time::Period};

use super::company::Company;

/// The rows of a large workbook. Each person has ten.
pub(crate) const ROWS: usize = 100_000;
pub(crate) const PEOPLE: usize = ROWS / 10;

/// The pay period that ended on the day before the reports are made.
pub(crate) fn two_weeks() -> Period {
    Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period")
}

/// People who are all paid by the hour, with two weeks of work: they stand in one workbook.
pub(crate) fn hourly(people: usize) -> impl Iterator<Item = Company> {
    let period = two_weeks();
    (0..people).step_by(100).map(move |first| {
        let mut part = Company::numbered(first..people.min(first + 100));
        for employee in &mut part.employees {
            employee.rate_type = Some(RateType::Hourly);
        }
        part.entries
            .retain(|entry| period.contains(entry.start_date));
        part.timesheets
            .retain(|sheet| period.contains(sheet.first_day));
        let sheets = &part.timesheets;
        part.holdings
            .retain(|id, _| sheets.iter().any(|sheet| sheet.id == *id));
        part
    })
}

/// What the system says this process has had in memory at most, in bytes; None where it does not say.
pub(crate) fn most_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

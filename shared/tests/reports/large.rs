//! A payroll of 100 000 rows, and how much memory it takes.

use jiff::civil::date;
use shared::{
    domain::{
        attendance::{EmployeeTime, PayRules, Workplace},
        employee::RateType,
        payroll::{Payroll, PayrollRules, payroll},
        time::Period,
    },
    reports::{self, NamedFile, OpenFlags},
};

use super::{company::Company, letterhead};

pub(crate) const ROWS: usize = 100_000;
/// Each has ten rows.
const PEOPLE: usize = ROWS / 10;

/// Two weeks of people who are all paid by the hour: they stand in one workbook.
pub(crate) fn hourly(people: usize) -> Payroll {
    let period = Period::new(date(2026, 11, 8), date(2026, 11, 21)).expect("a period");
    let times = times(people, period);
    let rules = PayRules::default();
    let workplace = Workplace::new(&rules, &[], &[], &[]);
    payroll(period, &times, &workplace, &PayrollRules::default())
}

/// Made a hundred people at a time: nothing of the company stays in memory but what a payroll is made from.
fn times(people: usize, period: Period) -> Vec<EmployeeTime> {
    let mut times = Vec::with_capacity(people);
    for first in (0..people).step_by(100) {
        let part = Company::numbered(first..people.min(first + 100)).times();
        times.extend(part.into_iter().map(|mut time| {
            time.employee.rate_type = Some(RateType::Hourly);
            time.entries.retain(|entry| period.contains(entry.date));
            time.entries.shrink_to_fit();
            time
        }));
    }
    times
}

pub(crate) fn large_payroll() -> Payroll {
    hourly(PEOPLE)
}

pub(crate) fn payroll_files(data: &Payroll) -> Vec<NamedFile> {
    let columns = reports::payroll::CsvColumn::ALL;
    let files = reports::payroll::files(data, &OpenFlags::default(), &letterhead(), &columns);
    files.expect("payroll")
}

/// What the system says this process has had in memory at most, in bytes; None where it does not say.
pub(crate) fn most_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

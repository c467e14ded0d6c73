//! The payroll CSV: one line per employee and pay code.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::{
    domain::{
        employee::RateType,
        payroll::{Payroll, PayrollEmployee},
    },
    reports::{
        ReportError,
        csv_file::{CsvFile, typed},
    },
};

/// A column of the CSV; which ones stand there, and in which order, is a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvColumn {
    EmployeeId,
    Employee,
    RateType,
    Manager,
    From,
    To,
    PayCode,
    Hours,
}

impl CsvColumn {
    /// All of them, in the usual order.
    pub const ALL: [Self; 8] = [
        Self::EmployeeId,
        Self::Employee,
        Self::RateType,
        Self::Manager,
        Self::From,
        Self::To,
        Self::PayCode,
        Self::Hours,
    ];

    /// Its heading, and its name in the settings.
    pub fn heading(self) -> &'static str {
        match self {
            Self::EmployeeId => "Employee Id",
            Self::Employee => "Employee",
            Self::RateType => "Type",
            Self::Manager => "Manager",
            Self::From => "From",
            Self::To => "To",
            Self::PayCode => "Pay Code",
            Self::Hours => "Hours",
        }
    }

    /// The column of that heading, without regard to case.
    pub fn named(heading: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column| column.heading().eq_ignore_ascii_case(heading.trim()))
    }
}

/// What hours are paid as. The order is that of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PayCode {
    Regular,
    Overtime,
    WorkedOnHoliday,
    Stat,
    Policy(String),
    Banked,
}

impl PayCode {
    const FIXED: [Self; 5] = [
        Self::Regular,
        Self::Overtime,
        Self::WorkedOnHoliday,
        Self::Stat,
        Self::Banked,
    ];

    /// A policy is its own code. One that is called like a code of ours says that it is leave.
    fn of_policy(name: &str) -> Self {
        let is_taken = Self::FIXED
            .iter()
            .any(|code| code.name().eq_ignore_ascii_case(name.trim()));
        if is_taken {
            Self::Policy(format!("{name} (leave)"))
        } else {
            Self::Policy(name.to_owned())
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Regular => "Regular",
            Self::Overtime => "Overtime",
            Self::WorkedOnHoliday => "Worked on holiday",
            Self::Stat => "STAT",
            Self::Policy(name) => name,
            Self::Banked => "Banked",
        }
    }
}

/// The hours of a person by pay code. Those other than banked sum to Total Paid: hours worked on a
/// holiday stand under that code instead of regular and overtime.
pub(super) fn hours_by_code(person: &PayrollEmployee) -> BTreeMap<PayCode, Decimal> {
    let mut hours = BTreeMap::new();
    let mut add = |code: PayCode, more: Decimal| {
        if !more.is_zero() {
            *hours.entry(code).or_default() += more;
        }
    };
    for day in &person.rows {
        if day.holiday.is_some() {
            add(PayCode::WorkedOnHoliday, day.regular + day.overtime);
        } else {
            add(PayCode::Regular, day.regular);
            add(PayCode::Overtime, day.overtime);
        }
        add(PayCode::Stat, day.stat);
        add(PayCode::Banked, day.banked);
        for share in &day.time_off {
            add(PayCode::of_policy(&share.policy_name), share.paid_hours());
        }
    }
    hours
}

pub(super) fn csv(payroll: &Payroll, columns: &[CsvColumn]) -> Result<CsvFile, ReportError> {
    let headings: Vec<&str> = columns.iter().map(|column| column.heading()).collect();
    let mut file = CsvFile::new(&headings)?;
    let people = [
        &payroll.salaried,
        &payroll.hourly,
        &payroll.without_rate_type,
    ];
    for person in people.into_iter().flatten() {
        for (code, hours) in hours_by_code(person) {
            let field = |column: &CsvColumn| match column {
                CsvColumn::EmployeeId => person.employee_id.to_string(),
                CsvColumn::Employee => typed(&person.name),
                CsvColumn::RateType => rate_type(person.rate_type).to_owned(),
                CsvColumn::Manager => typed(person.manager.as_deref().unwrap_or_default()),
                CsvColumn::From => payroll.period.first_day().to_string(),
                CsvColumn::To => payroll.period.last_day().to_string(),
                CsvColumn::PayCode => typed(code.name()),
                CsvColumn::Hours => format!("{hours:.2}"),
            };
            file.line(&columns.iter().map(field).collect::<Vec<_>>())?;
        }
    }
    Ok(file)
}

/// The word in the column Type.
pub(super) fn rate_type(rate_type: Option<RateType>) -> &'static str {
    match rate_type {
        Some(RateType::Salary) => "Salary",
        Some(RateType::Hourly) => "Hourly",
        None => "Not set",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_never_taken_for_another_code() {
        for (policy, code) in [
            ("Vacation", "Vacation"),
            ("Banked Time", "Banked Time"),
            ("banked", "banked (leave)"),
            (" STAT", " STAT (leave)"),
        ] {
            assert_eq!(PayCode::of_policy(policy).name(), code);
        }
    }

    #[test]
    fn columns_are_named_in_the_settings_as_in_the_file() {
        for column in CsvColumn::ALL {
            let lower = column.heading().to_lowercase();
            assert_eq!(CsvColumn::named(&lower), Some(column));
        }
        assert_eq!(CsvColumn::named("Salary"), None);
    }
}

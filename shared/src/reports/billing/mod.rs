//! Billing (`domain.md` §7): a workbook per project for the client, a summary of all, the rows as CSV.

mod project_book;
mod rows_csv;
mod summary_book;

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use rows_csv::CsvColumn;

use super::{Letterhead, NamedFile, ReportError, archive, sheet_names::legal_file_name};
use crate::domain::{
    ids::{EmployeeId, ProjectId},
    time::{Period, Week},
};

/// Everything that the billing of one period prints.
#[derive(Clone, Debug)]
pub struct Billing {
    pub period: Period,
    /// By code, then title.
    pub projects: Vec<ProjectBilling>,
}

/// One project in the period: APPROVED, billable work alone.
#[derive(Clone, Debug)]
pub struct ProjectBilling {
    pub project_id: ProjectId,
    pub code: Option<String>,
    pub title: String,
    /// The client's long name.
    pub client: String,
    pub labour: Vec<LabourRow>,
    pub equipment: Vec<EquipmentRow>,
    /// The work behind the rows, one sheet per employee.
    pub staff: Vec<StaffWork>,
    pub exceptions: Vec<Exception>,
}

/// One person at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabourRow {
    pub employee_id: EmployeeId,
    pub name: String,
    pub position: Option<String>,
    pub hours: Decimal,
    /// Per hour, to the cent.
    pub rate: Decimal,
    /// To the cent.
    pub amount: Decimal,
}

/// One person with a truck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EquipmentRow {
    pub employee_id: EmployeeId,
    pub name: String,
    pub equipment: String,
    pub hours: Decimal,
    pub rate: Decimal,
    pub amount: Decimal,
}

/// What one employee did on the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffWork {
    pub employee_id: EmployeeId,
    pub name: String,
    pub lines: Vec<WorkLine>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    pub date: Date,
    pub hours: Decimal,
    pub task: Option<String>,
    pub description: String,
}

/// Billable time that this bill does not hold, or holds at a rate of 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub kind: ExceptionKind,
    pub name: String,
    pub date: Date,
    pub hours: Decimal,
    pub description: String,
}

/// Why it stands on the sheet *Exceptions*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// Of an earlier period, approved after that period was billed.
    ApprovedLate,
    Pending,
    MissingRate,
}

impl ExceptionKind {
    fn reason(self) -> &'static str {
        match self {
            Self::ApprovedLate => "approved after its period was billed",
            Self::Pending => "not approved yet, not billed",
            Self::MissingRate => "no rate in Clockify, billed at $0.00",
        }
    }
}

impl ProjectBilling {
    pub fn labour_total(&self) -> Decimal {
        self.labour.iter().map(|row| row.amount).sum()
    }

    pub fn equipment_total(&self) -> Decimal {
        self.equipment.iter().map(|row| row.amount).sum()
    }

    pub fn hours(&self) -> Decimal {
        self.labour.iter().map(|row| row.hours).sum()
    }

    fn hours_in(&self, week: Week) -> Decimal {
        let lines = self.staff.iter().flat_map(|staff| &staff.lines);
        lines
            .filter(|line| week.period().contains(line.date))
            .map(|line| line.hours)
            .sum()
    }

    /// What its files are called after: the code, or the title where there is none.
    fn short_name(&self) -> &str {
        self.code.as_deref().unwrap_or(&self.title)
    }
}

/// The workbooks and the CSV in `PREFIX-YY-MM.zip`, all named by the end's year and month.
pub fn files(
    billing: &Billing,
    letterhead: &Letterhead,
    prefix: &str,
    csv_columns: &[CsvColumn],
) -> Result<Vec<NamedFile>, ReportError> {
    let end = billing.period.last_day();
    let month = end.strftime("%b").to_string();
    let archive_name = format!("{prefix}-{}", end.strftime("%y-%m"));
    let mut names = FileNames::default();
    let mut files = vec![NamedFile::workbook(
        names.unique(&format!("{month}-Summary")),
        summary_book::workbook(billing, letterhead)?,
    )];
    for project in &billing.projects {
        files.push(NamedFile::workbook(
            names.unique(&format!("{month}-{}", project.short_name())),
            project_book::workbook(billing.period, project, letterhead)?,
        ));
    }
    files.push(rows_csv::csv(billing, csv_columns)?.into_file(format!("{archive_name}.csv"))?);
    let archive = archive::zip(format!("{archive_name}.zip"), &files, letterhead)?;
    Ok(vec![archive])
}

/// Names of workbooks in one zip: equal ones get `-2`, also where only their case differs.
#[derive(Debug, Default)]
struct FileNames(HashMap<String, u32>);

impl FileNames {
    fn unique(&mut self, name: &str) -> String {
        let name = legal_file_name(name);
        let mut candidate = name.clone();
        let mut number = 1;
        while self.0.insert(candidate.to_lowercase(), number).is_some() {
            number += 1;
            candidate = format!("{name}-{number}");
        }
        format!("{candidate}.xlsx")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `domain.md` §7: "a project without code takes its title, equal names get `-2`".
    #[test]
    fn equal_names_get_a_number() {
        let mut names = FileNames::default();
        let cases = [
            ("Nov-ABC-001", "Nov-ABC-001.xlsx"),
            ("Nov-abc-001", "Nov-abc-001-2.xlsx"),
            ("Nov-ABC-001", "Nov-ABC-001-3.xlsx"),
            ("Nov-Yard/Shop", "Nov-Yard-Shop.xlsx"),
        ];
        for (wanted, expected) in cases {
            assert_eq!(names.unique(wanted), expected);
        }
    }
}

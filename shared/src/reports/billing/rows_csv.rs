//! The rows of all billing workbooks as CSV.

use rust_decimal::Decimal;

use crate::{
    domain::billing::{Billing, ProjectBilling},
    reports::{
        ReportError,
        csv_file::{CsvFile, typed},
    },
};

/// A column of the CSV; which ones stand there, and in which order, is a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvColumn {
    ProjectId,
    ProjectNumber,
    Project,
    Client,
    From,
    To,
    Table,
    EmployeeId,
    StaffMember,
    Position,
    Quantity,
    Unit,
    Rate,
    Amount,
}

impl CsvColumn {
    /// All of them, in the usual order.
    pub const ALL: [Self; 14] = [
        Self::ProjectId,
        Self::ProjectNumber,
        Self::Project,
        Self::Client,
        Self::From,
        Self::To,
        Self::Table,
        Self::EmployeeId,
        Self::StaffMember,
        Self::Position,
        Self::Quantity,
        Self::Unit,
        Self::Rate,
        Self::Amount,
    ];

    /// Its heading, and its name in the settings.
    pub fn heading(self) -> &'static str {
        match self {
            Self::ProjectId => "Project Id",
            Self::ProjectNumber => "Project Number",
            Self::Project => "Project",
            Self::Client => "Client",
            Self::From => "From",
            Self::To => "To",
            Self::Table => "Table",
            Self::EmployeeId => "Employee Id",
            Self::StaffMember => "Staff Member",
            Self::Position => "Position (Equipment Type)",
            Self::Quantity => "Qty",
            Self::Unit => "Unit",
            Self::Rate => "Rate",
            Self::Amount => "Amount",
        }
    }

    /// The column of that heading, without regard to case.
    pub fn named(heading: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column| column.heading().eq_ignore_ascii_case(heading.trim()))
    }
}

/// A row of either table.
struct Line<'a> {
    table: &'static str,
    employee_id: &'a str,
    name: &'a str,
    position: &'a str,
    hours: Decimal,
    rate: Decimal,
    amount: Decimal,
}

pub(super) fn csv(billing: &Billing, columns: &[CsvColumn]) -> Result<CsvFile, ReportError> {
    let headings: Vec<&str> = columns.iter().map(|column| column.heading()).collect();
    let mut file = CsvFile::new(&headings)?;
    for project in &billing.projects {
        for line in lines(project) {
            let field = |column: &CsvColumn| match column {
                CsvColumn::ProjectId => project.project_id.to_string(),
                CsvColumn::ProjectNumber => typed(project.code.as_deref().unwrap_or_default()),
                CsvColumn::Project => typed(&project.title),
                CsvColumn::Client => typed(&project.client),
                CsvColumn::From => billing.period.first_day().to_string(),
                CsvColumn::To => billing.period.last_day().to_string(),
                CsvColumn::Table => line.table.to_owned(),
                CsvColumn::EmployeeId => line.employee_id.to_owned(),
                CsvColumn::StaffMember => typed(line.name),
                CsvColumn::Position => typed(line.position),
                CsvColumn::Quantity => format!("{:.2}", line.hours),
                CsvColumn::Unit => "hour".to_owned(),
                CsvColumn::Rate => format!("{:.2}", line.rate),
                CsvColumn::Amount => format!("{:.2}", line.amount),
            };
            file.line(&columns.iter().map(field).collect::<Vec<_>>())?;
        }
    }
    Ok(file)
}

fn lines(project: &ProjectBilling) -> impl Iterator<Item = Line<'_>> {
    let labour = project.labour.iter().map(|row| Line {
        table: "LABOUR",
        employee_id: row.employee_id.as_str(),
        name: &row.name,
        position: row.position.as_deref().unwrap_or_default(),
        hours: row.hours,
        rate: row.rate,
        amount: row.amount,
    });
    let equipment = project.equipment.iter().map(|row| Line {
        table: "EQUIPMENT",
        employee_id: row.employee_id.as_str(),
        name: &row.name,
        position: &row.equipment,
        hours: row.hours,
        rate: row.rate,
        amount: row.amount,
    });
    labour.chain(equipment)
}

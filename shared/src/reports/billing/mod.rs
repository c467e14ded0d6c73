//! Billing (`domain.md` §7): a workbook per project for the client, a summary of all, the rows as CSV.

mod project_book;
mod rows_csv;
mod summary_book;

use std::collections::HashSet;

pub use rows_csv::CsvColumn;
use rust_decimal::Decimal;

use super::{Letterhead, NamedFile, OpenFlags, ReportError, archive, sheet_names::legal_file_name};
use crate::{
    domain::{
        billing::{
            Billed, Billing, BillingInput, BillingRules, Exception, ExceptionKind, ProjectBilling,
            billing,
        },
        ids::ProjectId,
        time::{CompanyZone, Period},
    },
    jobs::{Job, JobFilter, JobKind, JobStatus, REPORT},
    reports::{Kind, Order},
    store::{Store, StoreError, client, employee, job, project, work},
};

/// As many finished billing jobs are looked at, the newest: years of them.
const MOST_JOBS: u32 = 10_000;

/// Reads and computes the billing of a period, of all projects or of one.
pub(super) async fn load(
    store: &Store,
    period: Period,
    only: Option<&ProjectId>,
    rules: &BillingRules,
    zone: &CompanyZone,
) -> Result<Billing, ReportError> {
    let filter = JobFilter {
        kind_prefix: Some(JobKind::new(REPORT, Kind::Billing.as_str()).to_string()),
        status: Some(JobStatus::Succeeded),
        ..JobFilter::default()
    };
    let (records, billed) = store
        .read(async |mut tx| {
            let jobs = job::list(&mut tx, &filter, MOST_JOBS).await?;
            let billed: Vec<Billed> = jobs.iter().filter_map(|job| bill(job, zone)).collect();
            let mut work = work::read(&mut tx, period).await?;
            // Nothing is late before anything was billed.
            if let Some(first) = billed.iter().map(|billed| billed.began_at).min() {
                work.extend(work::approved_after(&mut tx, period.first_day(), first).await?);
            }
            let employees = employee::list(&mut tx).await?;
            let projects = project::list(&mut tx).await?;
            let clients = client::list(&mut tx).await?;
            Ok::<_, StoreError>(((work, employees, projects, clients), billed))
        })
        .await?;
    let (work, employees, projects, clients) = &records;
    let input = BillingInput {
        period,
        only,
        work,
        employees,
        projects,
        clients,
        billed: &billed,
    };
    Ok(billing(&input, rules))
}

/// What a succeeded job billed.
fn bill(job: &Job, zone: &CompanyZone) -> Option<Billed> {
    let order: Order = serde_json::from_value(job.params.clone()).ok()?;
    let period = order.period(Kind::Billing).ok()?;
    Billed::of(period, order.project_id, job.started_at?, zone)
}

/// The workbooks and the CSV in `PREFIX-YY-MM.zip`, all named by the end's year and month.
pub fn files(
    billing: &Billing,
    flags: &OpenFlags,
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
        summary_book::workbook(billing, flags, letterhead)?,
    )];
    // The client gets no workbook of nothing: what must be looked at stands in the summary.
    let for_client =
        |project: &&ProjectBilling| !project.labour.is_empty() || project.exceptions.is_empty();
    for project in billing.projects.iter().filter(for_client) {
        files.push(NamedFile::workbook(
            names.unique(&format!("{month}-{}", short_name(project))),
            project_book::workbook(billing.period, project, letterhead)?,
        ));
    }
    files.push(rows_csv::csv(billing, csv_columns)?.into_file(format!("{archive_name}.csv"))?);
    let archive = archive::zip(format!("{archive_name}.zip"), &files, letterhead)?;
    Ok(vec![archive])
}

/// What a project's files are called after: its code, or its title where it has none.
fn short_name(project: &ProjectBilling) -> &str {
    project.code.as_deref().unwrap_or(&project.title)
}

/// The approved billable hours of a project on the days of a period.
fn hours_in(project: &ProjectBilling, period: Period) -> Decimal {
    let lines = project.staff.iter().flat_map(|staff| &staff.lines);
    lines
        .filter(|line| period.contains(line.date))
        .map(|line| line.hours)
        .sum()
}

/// Why something stands on the sheet *Exceptions*.
fn reason(exception: &Exception) -> String {
    match exception.kind {
        ExceptionKind::ApprovedLate => "approved after its period was billed".to_owned(),
        ExceptionKind::WithoutProject => "no project in Clockify: nobody can be billed".to_owned(),
        ExceptionKind::Pending => format!("not billed: {}", exception.state),
        ExceptionKind::MissingRate => "no rate in Clockify, billed at $0.00".to_owned(),
    }
}

/// Names of workbooks in one zip: equal ones get `-2`, also where only their case differs.
#[derive(Debug, Default)]
struct FileNames(HashSet<String>);

impl FileNames {
    fn unique(&mut self, name: &str) -> String {
        let name = legal_file_name(name);
        let mut candidate = name.clone();
        let mut number = 1;
        while !self.0.insert(candidate.to_lowercase()) {
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

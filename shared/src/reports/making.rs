//! Reports as jobs: an order is loaded, printed, and its files put into storage.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Kind, Letterhead, Logo, NamedFile, OpenFlags, Order, ReportError, Request, RequestError,
    banked_time, billable_summary, billing, expense_claims, lem_sheet, lem_timesheet, payroll,
    time_status,
};
use crate::{
    azure::{
        StorageError,
        blobs::{Blobs, REPORTS},
    },
    clock::Clock,
    jobs::{JobKind, Progress, Slice, Work, WorkError},
    settings::Settings,
    store::{Store, StoreError, job::JobFile, lem_sheet as lem_sheets, project},
};

/// Checks what somebody asks for and completes it. `kind` is that of the report.
pub async fn order(
    store: &Store,
    settings: &Settings,
    clock: Clock,
    kind: Kind,
    request: &Request,
) -> Result<Order, OrderError> {
    let projects = if request.names_a_project() {
        store
            .read(async |mut tx| project::list(&mut tx).await)
            .await?
    } else {
        Vec::new()
    };
    let today = clock.today(&settings.company.zone);
    let order = request.order(kind, today, settings.pay.calendar, &projects)?;
    if let Some(id) = &order.lem_sheet_id {
        let is_known = store.read(async |mut tx| lem_sheets::exists(&mut tx, id).await);
        if !is_known.await? {
            return Err(RequestError::UnknownLemSheet(id.to_string()).into());
        }
    }
    Ok(order)
}

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a report: reads what it needs at one moment, and prints it on a thread that may block.
pub async fn make(
    kind: Kind,
    order: &Order,
    store: &Store,
    settings: &Arc<Settings>,
    letterhead: Letterhead,
) -> Result<Vec<NamedFile>, ReportError> {
    let settings = Arc::clone(settings);
    let flags = OpenFlags::read(store).await?;
    match kind {
        Kind::Payroll => {
            let period = order.period(kind)?;
            let data = payroll::load(store, period, &settings.pay).await?;
            print(move || payroll::files(&data, &flags, &letterhead, &settings.pay.csv_columns))
                .await
        }
        Kind::Billing => {
            let (period, only) = (order.period(kind)?, order.project_id.as_ref());
            let (rules, zone) = (&settings.reports.billing, &settings.company.zone);
            let data = billing::load(store, period, only, rules, zone).await?;
            print(move || {
                let reports = &settings.reports;
                let (prefix, columns) = (&reports.billing_prefix, &reports.billing_csv_columns);
                billing::files(&data, &flags, &letterhead, prefix, columns)
            })
            .await
        }
        Kind::BillableSummary => {
            let period = order.period(kind)?;
            let data = billable_summary::load(store, period, &settings.pay.rules).await?;
            print(move || billable_summary::files(&data, &flags, &letterhead)).await
        }
        Kind::TimeStatus => {
            let period = order.period(kind)?;
            let rules = settings.reports.time_status.clone();
            let today = letterhead.issue_date();
            let zone = &settings.company.zone;
            let pay = &settings.pay.rules;
            let data = time_status::load(store, period, pay, &rules, zone, today).await?;
            print(move || time_status::files(&data, &flags, rules.records_start, &letterhead)).await
        }
        Kind::LemSheet => {
            let data = lem_sheet::load(store, order.lem_sheet(kind)?).await?;
            print(move || lem_sheet::files(&data, &letterhead)).await
        }
        Kind::LemTimesheet => {
            let (period, project) = (order.period(kind)?, order.project(kind)?);
            let data = lem_timesheet::load(store, period, project).await?;
            print(move || lem_timesheet::files(&data, &letterhead)).await
        }
        Kind::BankedTime => {
            let period = order.period(kind)?;
            let data = banked_time::load(store, period, &settings.pay, &settings.balances).await?;
            print(move || banked_time::files(&data, &flags, &letterhead)).await
        }
        Kind::ExpenseClaims => {
            let period = order.period(kind)?;
            let data = expense_claims::load(store, period, &settings.reports.mileage).await?;
            print(move || expense_claims::files(&data, &flags, &letterhead)).await
        }
    }
}

/// Printing takes the processor for itself, so it goes to a thread that may block.
async fn print(
    work: impl FnOnce() -> Result<Vec<NamedFile>, ReportError> + Send + 'static,
) -> Result<Vec<NamedFile>, ReportError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ReportError::Interrupted)?
}

/// The work of the job family `report`.
#[derive(Clone, Debug)]
pub struct ReportMaker {
    settings: Arc<Settings>,
    blobs: Blobs,
    clock: Clock,
}

impl ReportMaker {
    pub fn new(settings: Arc<Settings>, blobs: Blobs, clock: Clock) -> Self {
        Self {
            settings,
            blobs,
            clock,
        }
    }

    /// The head of a report that is issued now. A logo that cannot be read is missed on paper, and is no
    /// reason to pay nobody.
    async fn letterhead(&self) -> Letterhead {
        let company = &self.settings.company;
        let logo = match &company.logo {
            Some(path) => match tokio::fs::read(path).await.map(Logo::from_bytes) {
                Ok(Some(logo)) => Some(logo),
                Ok(None) => {
                    tracing::warn!("COMPANY_LOGO is no picture: reports go without it");
                    None
                }
                Err(error) => {
                    tracing::warn!(%error, "COMPANY_LOGO cannot be read: reports go without it");
                    None
                }
            },
            None => None,
        };
        Letterhead {
            company: company.name.clone(),
            logo,
            zone: company.zone.clone(),
            paper: self.settings.reports.paper,
            issued_at: self.clock.now(),
        }
    }

    async fn make(&self, slice: &Slice) -> Result<Progress, WorkError> {
        let job = slice.job();
        let word = JobKind::from(job.kind.clone());
        let kind = Kind::named(word.what())
            .ok_or_else(|| WorkError::Permanent(format!("there is no report {}", word.what())))?;
        let order: Order = slice.params()?;
        let letterhead = self.letterhead().await;
        let made = make(kind, &order, slice.store(), &self.settings, letterhead).await?;
        let mut files = Vec::new();
        for file in made {
            let blob = format!("{REPORTS}/{}/{}", job.id, file.name);
            let size_bytes = file.bytes.len() as u64;
            self.blobs
                .put(&blob, file.bytes.into(), file.content_type)
                .await
                .map_err(|error| stored_in_vain(&error))?;
            files.push(JobFile {
                name: file.name,
                blob,
                content_type: file.content_type.to_owned(),
                size_bytes,
            });
        }
        Ok(Progress::Done(files))
    }
}

impl Work for ReportMaker {
    /// A report is made in one go: made again after a kill it replaces its own files.
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
        Box::pin(self.make(slice))
    }
}

fn stored_in_vain(error: &StorageError) -> WorkError {
    match error {
        StorageError::Unavailable(_) => WorkError::Transient {
            cause: error.to_string(),
            retry_after: None,
        },
        _ => WorkError::Permanent(error.to_string()),
    }
}

impl From<ReportError> for WorkError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) => error.into(),
            error => Self::Permanent(error.to_string()),
        }
    }
}

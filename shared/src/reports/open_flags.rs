//! How many flags are open (`domain.md` §9: "listed by an endpoint, counted in the reports").
//!
//! The count stands in what the office reads, never in what a client gets.

use rust_decimal::Decimal;

use super::{
    ReportError,
    book::Book,
    page::{Head, Orientation},
    style::CellKind,
    table::Column,
};
use crate::{
    domain::flags::FlagKind,
    store::{Store, flag},
};

/// The flags that are open when a report is made, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenFlags(Vec<(FlagKind, u64)>);

impl OpenFlags {
    /// Kinds without a flag need not be among them.
    pub fn new(counts: impl IntoIterator<Item = (FlagKind, u64)>) -> Self {
        let mut counts: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        counts.sort_unstable();
        Self(counts)
    }

    pub(super) async fn read(store: &Store) -> Result<Self, ReportError> {
        let counts = store.read(async |mut tx| flag::counts(&mut tx).await);
        Ok(Self::new(counts.await?))
    }

    /// A sheet of the counts.
    pub(super) fn write(&self, book: &mut Book<'_>) -> Result<(), ReportError> {
        let head = Head {
            title: "Open flags".to_owned(),
            subtitle: "What was open when this report was made".to_owned(),
        };
        let mut page = book.page("Open flags", head, Orientation::Portrait)?;
        let mut table = page.table(vec![
            Column::new("How many", CellKind::Count),
            Column::new("What to look at", CellKind::Text),
        ])?;
        if self.0.is_empty() {
            table.nothing("None.")?;
        }
        for (kind, count) in &self.0 {
            table.row(&[Decimal::from(*count).into(), meaning(*kind).into()])?;
        }
        table.end()?;
        page.gap();
        page.remark("Each is listed with its record under /api/flags.")?;
        book.add(page)
    }
}

/// The flag in the words of those who look after it.
fn meaning(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::ProjectWithoutCode => "projects without a code in their name",
        FlagKind::ProjectWithoutClient => "projects without a client",
        FlagKind::EmployeeWithoutStartDate => "employees without a start date",
        FlagKind::EmployeeWithoutRateType => "employees without a rate type",
        FlagKind::EmployeeWithoutManager => "employees without a manager",
        FlagKind::EmployeeFieldMalformed => "employees with a field that cannot be understood",
        FlagKind::BillableEntryWithoutRate => "billable entries without a rate",
        FlagKind::EntryWithoutProject => "entries without a project",
        FlagKind::EntryOverlap => "entries that overlap another of the same person",
        FlagKind::EntryTooLong => "entries that are too long",
        FlagKind::ApprovedTimesheetWithoutEntries => "approved timesheets without entries",
        FlagKind::TimeOffWithoutCountedDay => "time-off requests without a day that counts",
        FlagKind::UnknownRecord => "records that Clockify does not know",
        FlagKind::RecordUnreadable => "records that could not be stored",
        FlagKind::WorkOutsideEmployment => "work outside employment",
        FlagKind::LemRateMissing => "LEM sheets with a missing rate",
        FlagKind::BalancePushHeld => "balances that are held for a person to release",
        FlagKind::BalancePushNotAsMeant => "balances that are not as meant in Clockify",
        FlagKind::LeaverWithBalance => "leavers with a balance",
        FlagKind::BankedTimeTooOld => "banked hours that must be paid out",
        FlagKind::SyncStopped => "syncs that stopped before they deleted too much",
        FlagKind::WebhookUnhealthy => "webhooks that do not work",
        FlagKind::SyncLate => "syncs that are late",
        FlagKind::DeadLetter => "messages that failed for good",
    }
}

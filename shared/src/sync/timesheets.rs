//! The approvals lists as a step of a sync. It holds no lease of the scan row: tickets alone decide between it and the
//! scans that events ask for.

use serde::{Deserialize, Serialize};

use super::{
    Mirror, SyncError,
    approvals::{leaving::Settled, scan::Scan},
    hold::{Hold, JobPage, JobRecord},
    plan::Checkpoint,
    reread::Single,
    work::StepEnd,
};
use crate::{
    clockify::events::Reference,
    domain::{expense::Expense, time_entry::TimeEntry},
    jobs::Slice,
    store::{to_reread, tombstone::Grave},
};

/// What left its timesheet and is read again at once.
const REREAD_AT_ONCE: u32 = 100;

/// Where the step stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimesheetsPosition {
    scan: Scan,
    /// The second scan, which settles what the first has missed.
    is_second: bool,
    /// What stood in no list is settled: settled again by who goes on, it would count as missed twice.
    is_settled: bool,
}

impl TimesheetsPosition {
    fn begin(whole: bool, is_second: bool) -> Self {
        Self {
            scan: Scan::begin(whole),
            is_second,
            is_settled: false,
        }
    }

    /// After the lists are settled. One miss proves nothing, two do; and this sync must leave the same as a later one
    /// would: so where the first scan has missed anything, a second begins.
    fn after(&self, settled: &Settled, whole: bool) -> Self {
        if settled.missed > 0 && !self.is_second {
            return Self::begin(whole, true);
        }
        Self {
            is_settled: true,
            ..self.clone()
        }
    }
}

impl Mirror {
    pub(super) async fn mirror_timesheets(
        &self,
        slice: &Slice,
        checkpoint: &mut Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let whole = checkpoint.reads_lists_whole;
        let mut position = checkpoint
            .position()?
            .unwrap_or_else(|| TimesheetsPosition::begin(whole, false));
        while !position.is_settled {
            while !position.scan.has_read_all() {
                let begun = position.clone();
                self.scan_page(&mut position.scan, |scan| JobPage {
                    slice,
                    checkpoint: Some(checkpoint.at(&TimesheetsPosition {
                        scan: scan.clone(),
                        ..begun.clone()
                    })),
                })
                .await?;
                if slice.is_spent() {
                    return Ok(StepEnd::Spent);
                }
            }
            let hold = |settled: &Settled| JobPage {
                slice,
                checkpoint: Some(checkpoint.at(&position.after(settled, whole))),
            };
            let settled = self.settle_scan(&position.scan, hold).await?;
            position = position.after(&settled, whole);
            if let Some(stopped) = settled.stopped {
                return Err(SyncError::TooManyMissing {
                    kind: "timesheet",
                    missing: stopped.ids.len(),
                    live: stopped.live,
                });
            }
        }
        checkpoint.lists_read_whole |= whole;
        self.reread_what_left(JobRecord(slice), || slice.is_spent())
            .await
    }

    /// Reads the entries and expenses again that have left their timesheets: Clockify says which of them are gone. What
    /// is left when the slice is over stands in the database still.
    pub(super) async fn reread_what_left<H: Hold + Copy + Send>(
        &self,
        hold: H,
        is_spent: impl Fn() -> bool + Send + Sync,
    ) -> Result<StepEnd, SyncError> {
        if self.dry_run {
            return Ok(StepEnd::Done);
        }
        let entries = self.reread_left::<TimeEntry, H>(Grave::TimeEntry, hold, &is_spent);
        if entries.await? == StepEnd::Spent {
            return Ok(StepEnd::Spent);
        }
        self.reread_left::<Expense, H>(Grave::Expense, hold, &is_spent)
            .await
    }

    async fn reread_left<R: Single, H: Hold + Copy + Send>(
        &self,
        kind: Grave,
        hold: H,
        is_spent: &(impl Fn() -> bool + Send + Sync),
    ) -> Result<StepEnd, SyncError> {
        loop {
            let ids = self
                .store
                .read(async |mut tx| to_reread::list(&mut tx, kind, REREAD_AT_ONCE).await)
                .await?;
            if ids.is_empty() {
                return Ok(StepEnd::Done);
            }
            for (id, noted_at) in ids {
                let of = Reference::to_id(id.clone());
                let read = self.reread::<R, _>(&of, |_| hold).await;
                self.or_flagged::<R>(&of, read.map(drop)).await?;
                self.store
                    .write(async |mut tx| to_reread::remove(&mut tx, kind, &id, noted_at).await)
                    .await?;
                if is_spent() {
                    return Ok(StepEnd::Spent);
                }
            }
        }
    }
}

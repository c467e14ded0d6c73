//! The approvals lists as a step of a sync. It holds no lease of the scan row: tickets alone decide between it and the
//! scans that events ask for.

use serde::{Deserialize, Serialize};

use super::{
    Mirror, SyncError,
    approvals::scan::Scan,
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
            .unwrap_or_else(|| TimesheetsPosition {
                scan: Scan::begin(whole),
                is_second: false,
            });
        loop {
            while !position.scan.has_read_all() {
                let is_second = position.is_second;
                self.scan_page(&mut position.scan, |scan| JobPage {
                    slice,
                    checkpoint: Some(checkpoint.at(&TimesheetsPosition {
                        scan: scan.clone(),
                        is_second,
                    })),
                })
                .await?;
                if slice.is_spent() {
                    return Ok(StepEnd::Spent);
                }
            }
            let settled = self.settle_scan(&position.scan, &JobRecord(slice)).await?;
            if settled.missed == 0 || position.is_second {
                break;
            }
            // One miss proves nothing, two do; and this sync must leave the same as a later one would.
            position = TimesheetsPosition {
                scan: Scan::begin(whole),
                is_second: true,
            };
            self.save(slice, &checkpoint.at(&position)).await?;
        }
        checkpoint.lists_read_whole |= whole;
        // Its own slice may be exceeded by it: settled once, the lists must not be settled again by who goes on.
        self.reread_what_left(JobRecord(slice), || false).await?;
        Ok(StepEnd::Done)
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
            for id in ids {
                let of = Reference::to_id(id.clone());
                self.reread::<R, _>(&of, |_| hold).await?;
                self.store
                    .write(async |mut tx| to_reread::remove(&mut tx, kind, &id).await)
                    .await?;
                if is_spent() {
                    return Ok(StepEnd::Spent);
                }
            }
        }
    }
}

//! Flags of leave of which no day counts (`domain.md` §3, *Time off*): it pays 0. Holidays, and who is in which group,
//! decide that too, so a sync judges all leave of its days once it has read these; an event judges its own request.

use jiff::ToSpan;

use super::{
    Mirror, SyncError,
    hold::{Hold, JobRecord},
    plan::Checkpoint,
    time_off::DAYS_AHEAD,
    work::StepEnd,
};
use crate::{
    domain::{
        flags::FlagKind,
        holiday::Holidays,
        leave::counted_days,
        time_off::{TimeOffRequest, TimeOffStatus},
    },
    jobs::{Slice, Stats},
    store::{StoreError, Transaction, flag, group, holiday, time_off_request},
};

/// Judges these requests as they are stored; says how many flags were raised.
pub(super) async fn refresh(
    tx: &mut Transaction,
    requests: &[TimeOffRequest],
) -> Result<u64, StoreError> {
    let (holidays, groups) = (holiday::list(tx).await?, group::list(tx).await?);
    let holidays = Holidays::new(&holidays, &groups);
    let is_wanted = |request: &&TimeOffRequest| {
        matches!(
            request.status,
            TimeOffStatus::Pending | TimeOffStatus::Approved
        )
    };
    let flags: Vec<_> = requests
        .iter()
        .filter(is_wanted)
        .filter(|request| counted_days(request, &holidays.of(&request.employee_id)).is_empty())
        .map(|request| (request.id.as_str(), FlagKind::TimeOffWithoutCountedDay))
        .collect();
    let ids: Vec<&str> = requests.iter().map(|request| request.id.as_str()).collect();
    let owned = [FlagKind::TimeOffWithoutCountedDay];
    let changes = flag::replace(tx, "time_off_request", &owned, &ids, &flags).await?;
    Ok(changes.raised)
}

/// Judges these requests after they were read.
pub(super) async fn refresh_read(
    tx: &mut Transaction,
    read: &[TimeOffRequest],
) -> Result<u64, StoreError> {
    let ids: Vec<&str> = read.iter().map(|request| request.id.as_str()).collect();
    let stored = time_off_request::get_all(tx, &ids).await?;
    refresh(tx, &stored).await
}

impl Mirror {
    pub(super) async fn judge_counted_days(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let (first, last) = (checkpoint.days.first, checkpoint.days.last);
        let last = last.saturating_add(DAYS_AHEAD.days());
        let hold = JobRecord(slice);
        if self.dry_run {
            return Ok(StepEnd::Done);
        }
        self.store
            .write(async |mut tx| {
                hold.begin(&mut tx).await?;
                let requests = time_off_request::list(&mut tx, first, last, None).await?;
                let flagged = refresh(&mut tx, &requests).await?;
                let done = Stats {
                    flagged,
                    ..Stats::default()
                };
                hold.end(&mut tx, done).await
            })
            .await?;
        Ok(StepEnd::Done)
    }
}

//! Requests for time off. Clockify has a search for them and no read of one; those that vanish from it were withdrawn or
//! deleted, and what it shows as rejected is deleted here.

use jiff::ToSpan;

use super::{
    Mirror, SyncError,
    lists::{ListPosition, ReadPage},
    plan::Checkpoint,
    reading::{Reading, Understood},
    record::Record,
    work::StepEnd,
};
use crate::{
    clockify::{client::TimeOffSearch, convert::Conversion, wire},
    domain::time_off::TimeOffRequest,
    jobs::{Slice, Stats},
    store::{CompleteRead, References, Transaction, ticket::Spent, time_off_request},
};

/// How much wider than the days that are judged the search is: Clockify may compare with the day of asking.
const SEARCH_DAYS: i32 = 400;
/// Leave is asked for ahead.
pub(super) const DAYS_AHEAD: i32 = 366;

/// What is rejected counts as deleted (`domain.md` §3).
pub(super) fn is_rejected(row: &wire::TimeOffRequest) -> bool {
    let status = row.status.as_ref();
    let state = status.and_then(|status| status.status_type.as_deref());
    state == Some("REJECTED")
}

struct TimeOffPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    search: &'a TimeOffSearch,
    page: u32,
}

impl Reading for TimeOffPage<'_> {
    type Read = ReadPage<TimeOffRequest>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let mut page = self
            .mirror
            .client
            .search_time_off(self.search, self.page)
            .await?;
        page.rows.retain(|row| !is_rejected(row));
        Ok(ReadPage {
            rows: Understood::of(&page.rows, page.unreadable, self.conversion),
            is_last: page.is_last,
        })
    }

    fn references(&self, read: &Self::Read) -> References {
        read.rows.references()
    }

    async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> Result<Stats, SyncError> {
        Ok(read.rows.write(tx, spent).await?)
    }
}

impl Mirror {
    pub(super) async fn mirror_time_off(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let conversion = self.conversion().await?;
        let first_day = checkpoint.days.first;
        let last_day = checkpoint.days.last.saturating_add(DAYS_AHEAD.days());
        let search = TimeOffSearch {
            first_day: first_day.saturating_sub(SEARCH_DAYS.days()),
            last_day,
            users: Vec::new(),
        };
        let page = |page| TimeOffPage {
            mirror: self,
            conversion: &conversion,
            search: &search,
            page,
        };
        let mut position = checkpoint.position()?.unwrap_or_else(ListPosition::start);
        let (missing, first_ticket) = loop {
            let read = self
                .read_pages(slice, position, |position| checkpoint.at(position), page)
                .await?;
            let Some(read) = read else {
                return Ok(StepEnd::Spent);
            };
            let Some((ids, first_ticket)) = read.complete() else {
                return Ok(StepEnd::Done);
            };
            let complete = CompleteRead {
                ids: &ids,
                first_ticket,
            };
            let workspace_id = &conversion.workspace_id;
            let missing = self
                .store
                .read(async |mut tx| {
                    time_off_request::missing(&mut tx, workspace_id, first_day, last_day, complete)
                        .await
                })
                .await?;
            match read.read_again() {
                Some(again) if !missing.ids.is_empty() => position = again,
                _ => break (missing, first_ticket),
            }
        };
        self.refuse_too_many(slice, TimeOffRequest::KIND, &missing)
            .await?;
        let missing: Vec<String> = missing.ids.iter().map(ToString::to_string).collect();
        if !missing.is_empty() {
            self.end_missing::<TimeOffRequest>(slice, &missing, first_ticket)
                .await?;
        }
        Ok(StepEnd::Done)
    }
}

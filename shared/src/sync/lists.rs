//! Resources of which Clockify has one list: read page by page; what the complete list lacks has vanished.

use serde::{Deserialize, Serialize};

use super::{
    Mirror, SyncError,
    hold::{Hold, JobPage, JobRecord},
    plan::Checkpoint,
    reading::{Reading, Understood},
    record::{Listed, Record},
    reread::{self, Single},
    work::StepEnd,
};
use crate::{
    clockify::{convert::Conversion, events::Reference},
    domain::flags::FlagKind,
    jobs::{Slice, Stats},
    store::{CompleteRead, Missing, References, Ticket, Transaction, flag, ticket::Spent},
};

/// Where the reading of a list stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListPosition {
    /// The page to read next, from 1. None: all are read.
    page: Option<u32>,
    first_ticket: Option<Ticket>,
    /// Ids of all pages read so far. None: a row did not even show its id, so that nothing can be called missing.
    seen: Option<Vec<String>>,
    /// Rows can slide between pages only where there are several.
    #[serde(default)]
    spans_pages: bool,
    #[serde(default)]
    is_second_reading: bool,
}

impl ListPosition {
    pub(super) fn start() -> Self {
        Self {
            page: Some(1),
            first_ticket: None,
            seen: Some(Vec::new()),
            spans_pages: false,
            is_second_reading: false,
        }
    }

    /// The start of a second reading, where one is due: a row that slid from an unread page onto a read one while
    /// the list was read (another row left it) is seen by the second. What either reading saw is not missing.
    pub(super) fn read_again(&self) -> Option<Self> {
        (self.spans_pages && !self.is_second_reading).then(|| Self {
            page: Some(1),
            is_second_reading: true,
            ..self.clone()
        })
    }

    /// After a page.
    fn after<R: Record>(&self, rows: &Understood<R>, ticket: Ticket, is_last: bool) -> Self {
        let seen = self.seen.clone().zip(rows.ids());
        Self {
            page: self.page.filter(|_| !is_last).map(|page| page + 1),
            first_ticket: self.first_ticket.or(Some(ticket)),
            seen: seen.map(|(seen, more)| [seen, more].concat()),
            spans_pages: self.spans_pages || !is_last,
            is_second_reading: self.is_second_reading,
        }
    }

    /// Whether it is saved with the page: very long ones only now and then, and at their end.
    fn is_saved(&self) -> bool {
        let ids = self.seen.as_ref().map_or(0, Vec::len);
        ids < MANY_IDS || self.page.is_none_or(|page| page % PAGES_BETWEEN_SAVES == 0)
    }

    /// What was read, if all of it was read and can be called complete.
    pub(super) fn complete(&self) -> Option<(Vec<&str>, Ticket)> {
        if self.page.is_some() {
            return None;
        }
        let seen = self.seen.as_ref()?;
        Some((
            seen.iter().map(String::as_str).collect(),
            self.first_ticket?,
        ))
    }
}

/// A page of a list as it was read.
pub(super) struct ReadPage<R> {
    pub(super) rows: Understood<R>,
    pub(super) is_last: bool,
}

struct ListPage<'a, R> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    page: u32,
    kind: std::marker::PhantomData<fn() -> R>,
}

impl<R: Listed> Reading for ListPage<'_, R> {
    type Read = ReadPage<R>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let page = R::list(&self.mirror.client, self.page).await?;
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

/// With so many ids the position is not saved with each page any more, only every so many pages.
const MANY_IDS: usize = 5_000;
const PAGES_BETWEEN_SAVES: u32 = 20;

impl Mirror {
    /// Reads the pages that are left of something. None: the slice is over; the position is saved.
    pub(super) async fn read_pages<R: Record, P: Reading<Read = ReadPage<R>>>(
        &self,
        slice: &Slice,
        mut position: ListPosition,
        checkpoint_at: impl Fn(&ListPosition) -> Checkpoint + Send + Sync,
        reading: impl Fn(u32) -> P,
    ) -> Result<Option<ListPosition>, SyncError> {
        while let Some(page) = position.page {
            let done = self
                .perform(&reading(page), |read, ticket| {
                    let after = position.after(&read.rows, ticket, read.is_last);
                    JobPage {
                        slice,
                        checkpoint: after.is_saved().then(|| checkpoint_at(&after)),
                    }
                })
                .await?;
            position = position.after(&done.read.rows, done.ticket, done.read.is_last);
            if position.page.is_some() && slice.is_spent() {
                self.save(slice, &checkpoint_at(&position)).await?;
                return Ok(None);
            }
        }
        Ok(Some(position))
    }

    /// Reads a list to its end, and says what it lacks.
    async fn read_list<R: Listed>(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<ListEnd, SyncError> {
        let conversion = self.conversion().await?;
        let mut position = checkpoint.position()?.unwrap_or_else(ListPosition::start);
        let (missing, first_ticket, listed) = loop {
            let read = self
                .read_pages(
                    slice,
                    position,
                    |position| checkpoint.at(position),
                    |page| ListPage::<R> {
                        mirror: self,
                        conversion: &conversion,
                        page,
                        kind: std::marker::PhantomData,
                    },
                )
                .await?;
            let Some(read) = read else {
                return Ok(ListEnd::Spent);
            };
            let Some((ids, first_ticket)) = read.complete() else {
                return Ok(ListEnd::Unclear);
            };
            let complete = CompleteRead {
                ids: &ids,
                first_ticket,
            };
            let workspace_id = &conversion.workspace_id;
            let missing = self
                .store
                .read(async |mut tx| R::missing(&mut tx, workspace_id, complete).await)
                .await?;
            match read.read_again() {
                Some(again) if !missing.ids.is_empty() => position = again,
                _ => break (missing, first_ticket, read.seen.unwrap_or_default()),
            }
        };
        self.refuse_too_many(slice, R::KIND, &missing).await?;
        self.forget_unlisted::<R>(slice, &listed).await?;
        Ok(ListEnd::Complete {
            missing: missing.ids.iter().map(R::Id::to_string).collect(),
            first_ticket,
        })
    }

    /// A row that nobody could read, and that a complete list does not show any more, needs nobody's look.
    async fn forget_unlisted<R: Record>(
        &self,
        slice: &Slice,
        listed: &[String],
    ) -> Result<(), SyncError> {
        if self.dry_run {
            return Ok(());
        }
        self.store
            .write(async |mut tx| {
                slice.hold(&mut tx).await?;
                flag::keep_only(&mut tx, R::KIND, FlagKind::RecordUnreadable, listed).await?;
                Ok::<_, SyncError>(())
            })
            .await
    }

    /// Stops where a read lacks so much that a person must look first, and flags that; else clears the flag. A dry run
    /// stops as well, and leaves the flag alone.
    pub(super) async fn refuse_too_many<T>(
        &self,
        slice: &Slice,
        kind: &'static str,
        missing: &Missing<T>,
    ) -> Result<(), SyncError> {
        let windows = &self.rules.windows;
        let stops = missing.is_too_many(windows.stop_percent, windows.stop_rows);
        if !self.dry_run {
            self.store
                .write(async |mut tx| {
                    slice.hold(&mut tx).await?;
                    flag_stopped(&mut tx, kind, stops).await
                })
                .await?;
        }
        if stops {
            return Err(SyncError::TooManyMissing {
                kind,
                missing: missing.ids.len(),
                live: missing.live,
            });
        }
        Ok(())
    }

    /// Reads a list of records that Clockify knows in lists alone, and ends what it lacks.
    pub(super) async fn mirror_list<R: Listed>(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        match self.read_list::<R>(slice, checkpoint).await? {
            ListEnd::Spent => return Ok(StepEnd::Spent),
            ListEnd::Complete {
                missing,
                first_ticket,
            } if !missing.is_empty() => {
                self.end_missing::<R>(slice, &missing, first_ticket).await?;
            }
            ListEnd::Complete { .. } | ListEnd::Unclear => {}
        }
        Ok(StepEnd::Done)
    }

    /// Reads a list of records that can be asked for singly, and asks for each that it lacks.
    pub(super) async fn mirror_list_and_confirm<R: Listed + Single>(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        match self.read_list::<R>(slice, checkpoint).await? {
            ListEnd::Spent => Ok(StepEnd::Spent),
            ListEnd::Complete { missing, .. } => {
                let missing = missing.into_iter().map(Reference::to_id).collect();
                self.confirm_missing::<R>(slice, missing).await
            }
            ListEnd::Unclear => Ok(StepEnd::Done),
        }
    }

    /// Ends what a complete read lacks.
    pub(super) async fn end_missing<R: Record>(
        &self,
        slice: &Slice,
        missing: &[String],
        first_ticket: Ticket,
    ) -> Result<(), SyncError> {
        let hold = JobRecord(slice);
        if self.dry_run {
            let end = async |mut tx| reread::end::<R>(&mut tx, first_ticket, missing).await;
            let stats = self.store.rehearse(end).await?;
            return self.count(&hold, stats).await;
        }
        self.store
            .write(async |mut tx| {
                hold.begin(&mut tx).await?;
                let stats = reread::end::<R>(&mut tx, first_ticket, missing).await?;
                hold.end(&mut tx, stats).await
            })
            .await
    }

    /// That Clockify refuses one record, otherwise than by calling it gone, hinders none of the others: it is flagged.
    pub(super) async fn or_flagged<R: Record>(
        &self,
        of: &Reference,
        read: Result<(), SyncError>,
    ) -> Result<(), SyncError> {
        let refused = match read {
            Err(error) if error.is_of_one_record() => error,
            read => return read,
        };
        tracing::warn!(record.kind = R::KIND, record.id = of.id, error = %refused, "a record cannot be read");
        if !self.dry_run {
            let flags = [(of.id.as_str(), FlagKind::RecordUnreadable)];
            self.store
                .write(async |mut tx| flag::raise(&mut tx, R::KIND, &flags).await)
                .await?;
        }
        Ok(())
    }

    /// Reads each record again that a complete read lacks: Clockify says whether it is gone.
    pub(super) async fn confirm_missing<R: Single>(
        &self,
        slice: &Slice,
        missing: Vec<Reference>,
    ) -> Result<StepEnd, SyncError> {
        let last = missing.len();
        for (n, of) in missing.into_iter().enumerate() {
            let read = self.reread::<R, _>(&of, |_| JobRecord(slice)).await;
            self.or_flagged::<R>(&of, read.map(drop)).await?;
            if n + 1 < last && slice.is_spent() {
                return Ok(StepEnd::Spent);
            }
        }
        Ok(StepEnd::Done)
    }
}

/// Flags that a sync of that kind has stopped, or that it has not.
pub(super) async fn flag_stopped(
    tx: &mut Transaction,
    kind: &str,
    stops: bool,
) -> Result<(), SyncError> {
    let stopped = [(kind, FlagKind::SyncStopped)];
    let flags = if stops { &stopped[..] } else { &[] };
    flag::replace(tx, "sync", &[FlagKind::SyncStopped], &[kind], flags).await?;
    Ok(())
}

/// How the reading of a list ended.
enum ListEnd {
    /// The slice is over, the position is saved.
    Spent,
    /// All was read; this much is missing.
    Complete {
        missing: Vec<String>,
        first_ticket: Ticket,
    },
    /// All was read, but a row did not show its id, so nothing can be called missing.
    Unclear,
}

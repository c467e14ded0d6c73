//! The entries of one person, and the running timers of all.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    clockify::{
        client::{ClockifyError, Window},
        convert::Conversion,
        events::Reference,
    },
    domain::{ids::EmployeeId, time_entry::TimeEntry},
    jobs::{Slice, Stats},
    store::{
        CompleteRead, References, Transaction, employee,
        ticket::Spent,
        time_entry::{self, ReadOf},
    },
    sync::{
        Mirror, SyncError,
        hold::Free,
        lists::{ListPosition, ReadPage},
        plan::{Checkpoint, Days},
        reading::{Reading, Understood},
        work::StepEnd,
    },
};

/// A page of one person's entries.
struct EntriesPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    employee_id: &'a EmployeeId,
    window: Window,
    page: u32,
}

impl Reading for EntriesPage<'_> {
    type Read = ReadPage<TimeEntry>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let client = &self.mirror.client;
        match client
            .list_user_entries(self.employee_id, self.window, self.page)
            .await
        {
            Ok(page) => Ok(ReadPage {
                rows: Understood::of(&page.rows, page.unreadable, self.conversion),
                is_last: page.is_last,
            }),
            // The person is gone; whether his entries are is asked for each of them.
            Err(ClockifyError::Gone { .. }) => Ok(ReadPage {
                rows: Understood::none(),
                is_last: true,
            }),
            Err(error) => Err(error.into()),
        }
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

/// A page of the running timers.
struct RunningPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    page: u32,
}

impl Reading for RunningPage<'_> {
    type Read = ReadPage<TimeEntry>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let page = self.mirror.client.list_running_entries(self.page).await?;
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

/// Where a thorough reading of everyone's entries stands.
#[derive(Debug, Serialize, Deserialize)]
struct EveryonePosition {
    /// The last person whose entries are all read.
    after: Option<EmployeeId>,
    list: ListPosition,
}

impl Mirror {
    /// The instants of those days.
    pub(super) fn window(&self, days: Days) -> Result<Window, SyncError> {
        Window::of_days(&self.rules.zone, days.first, days.last).ok_or_else(|| {
            SyncError::Malformed(format!("no window from {} to {}", days.first, days.last))
        })
    }

    /// Reads the entries of all people over all days. What is missing is left to the report, which follows.
    pub(in crate::sync) async fn mirror_everyones_entries(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let mut position = checkpoint.position()?.unwrap_or_else(|| EveryonePosition {
            after: None,
            list: ListPosition::start(),
        });
        let everyone = self
            .store
            .read(async |mut tx| employee::list(&mut tx).await)
            .await?;
        let mut ids: Vec<EmployeeId> = everyone.into_iter().map(|person| person.id).collect();
        ids.sort_unstable();
        ids.retain(|id| position.after.as_ref().is_none_or(|after| id > after));
        for id in ids {
            let after = position.after.clone();
            let at = |list: &ListPosition| {
                checkpoint.at(&EveryonePosition {
                    after: after.clone(),
                    list: list.clone(),
                })
            };
            let list = self
                .read_entries_of(slice, &id, checkpoint.days, position.list, at)
                .await?;
            if list.is_none() {
                return Ok(StepEnd::Spent);
            }
            position = EveryonePosition {
                after: Some(id),
                list: ListPosition::start(),
            };
            if slice.is_spent() {
                self.save(slice, &checkpoint.at(&position)).await?;
                return Ok(StepEnd::Spent);
            }
        }
        Ok(StepEnd::Done)
    }

    /// Reads a person's entries of some days. None: the slice is over; the position is saved.
    pub(super) async fn read_entries_of(
        &self,
        slice: &Slice,
        employee_id: &EmployeeId,
        days: Days,
        start: ListPosition,
        checkpoint_at: impl Fn(&ListPosition) -> Checkpoint + Send + Sync,
    ) -> Result<Option<ListPosition>, SyncError> {
        let conversion = self.conversion().await?;
        let window = self.window(days)?;
        self.read_pages(slice, start, checkpoint_at, |page| EntriesPage {
            mirror: self,
            conversion: &conversion,
            employee_id,
            window,
            page,
        })
        .await
    }

    /// Reads a person's entries of some days and writes them, outside any job.
    pub(in crate::sync) async fn reread_days(
        &self,
        employee_id: &EmployeeId,
        first: Date,
        last: Date,
    ) -> Result<(), SyncError> {
        let conversion = self.conversion().await?;
        let window = self.window(Days { first, last })?;
        for page in 1.. {
            let reading = EntriesPage {
                mirror: self,
                conversion: &conversion,
                employee_id,
                window,
                page,
            };
            if self.perform(&reading, |_, _| Free).await?.read.is_last {
                break;
            }
        }
        Ok(())
    }

    /// Asks for each stored entry that a person's complete list lacks.
    pub(super) async fn confirm_entries_of(
        &self,
        slice: &Slice,
        employee_id: &EmployeeId,
        days: Days,
        read: &ListPosition,
    ) -> Result<StepEnd, SyncError> {
        let Some((ids, first_ticket)) = read.complete() else {
            return Ok(StepEnd::Done);
        };
        let window = self.window(days)?;
        let complete = CompleteRead {
            ids: &ids,
            first_ticket,
        };
        let missing = self
            .store
            .read(async |mut tx| {
                let of = ReadOf::Employee(employee_id);
                time_entry::missing(&mut tx, of, window.from, window.to, complete).await
            })
            .await?;
        let missing = missing
            .ids
            .iter()
            .map(|id| Reference::to_id(id.to_string()));
        self.confirm_missing::<TimeEntry>(slice, missing.collect())
            .await
    }

    /// Reads the running timers; a stored one that runs no more is read again.
    pub(super) async fn mirror_running(
        &self,
        slice: &Slice,
        start: ListPosition,
        checkpoint_at: impl Fn(&ListPosition) -> Checkpoint + Send + Sync,
    ) -> Result<StepEnd, SyncError> {
        let conversion = self.conversion().await?;
        let page = |page| RunningPage {
            mirror: self,
            conversion: &conversion,
            page,
        };
        let Some(read) = self.read_pages(slice, start, checkpoint_at, page).await? else {
            return Ok(StepEnd::Spent);
        };
        let Some((ids, first_ticket)) = read.complete() else {
            return Ok(StepEnd::Done);
        };
        let stopped = self
            .store
            .read(async |mut tx| time_entry::running_before(&mut tx, first_ticket).await)
            .await?;
        let stopped = stopped
            .into_iter()
            .filter(|id| !ids.contains(&id.as_str()))
            .map(|id| Reference::to_id(id.to_string()));
        self.confirm_missing::<TimeEntry>(slice, stopped.collect())
            .await
    }
}

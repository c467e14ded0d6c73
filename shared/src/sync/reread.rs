//! Reading one record again: after an event, for a reference to something unknown, and to be sure that what a list
//! lacks is gone.

use std::future::Future;

use jiff::{ToSpan, civil::Date};

use super::{
    Mirror, SyncError,
    hold::Hold,
    reading::{Reading, Understood},
    record::Record,
    time_off::is_rejected,
};
use crate::{
    clockify::{
        client::{Client as Clockify, ClockifyError, TimeOffSearch, Window},
        convert::Conversion,
        events::Reference,
        wire,
    },
    domain::{
        employee::{Employee, Group},
        expense::{Expense, ExpenseCategory},
        flags::FlagKind,
        project::{Client, Project, Tag, Task},
        time_entry::TimeEntry,
        time_off::{Policy, TimeOffRequest},
    },
    jobs::Stats,
    store::{References, Ticket, Transaction, flag, ticket::Spent},
};

/// How far around the leave its request is looked for: Clockify may compare with the day of asking.
const SEARCH_DAYS: i32 = 400;

/// A kind of record of which one can be looked up.
pub(super) trait Single: Record {
    /// Looks it up; `Gone` if Clockify does not know it. `today` is where a search without dates begins.
    fn look_up(
        clockify: &Clockify,
        of: &Reference,
        today: Date,
    ) -> impl Future<Output = Result<Self::Wire, ClockifyError>> + Send;
}

macro_rules! single {
    ($record:ident, $look_up:ident) => {
        impl Single for $record {
            async fn look_up(
                clockify: &Clockify,
                of: &Reference,
                _today: Date,
            ) -> Result<Self::Wire, ClockifyError> {
                clockify.$look_up(&of.id.as_str().into()).await
            }
        }
    };
}

single!(Group, find_group);
single!(Employee, find_user);
single!(Client, read_client);
single!(Project, read_project);
single!(Tag, read_tag);
single!(Policy, find_policy);
single!(TimeEntry, read_entry);
single!(Expense, read_expense);
single!(ExpenseCategory, find_expense_category);

impl Single for Task {
    async fn look_up(
        clockify: &Clockify,
        of: &Reference,
        _today: Date,
    ) -> Result<Self::Wire, ClockifyError> {
        let project = of.project_id.as_deref().unwrap_or_default();
        clockify
            .read_task(&project.into(), &of.id.as_str().into())
            .await
    }
}

impl Single for TimeOffRequest {
    async fn look_up(
        clockify: &Clockify,
        of: &Reference,
        today: Date,
    ) -> Result<Self::Wire, ClockifyError> {
        let utc = jiff::tz::TimeZone::UTC;
        let day = |instant: jiff::Timestamp| utc.to_datetime(instant).date();
        let (first, last) = of
            .when
            .map_or((today, today), |when| (day(when.from), day(when.to)));
        let search = TimeOffSearch {
            first_day: first.saturating_sub(SEARCH_DAYS.days()),
            last_day: last.saturating_add(SEARCH_DAYS.days()),
            users: of.user_id.iter().map(|id| id.as_str().into()).collect(),
        };
        let mut row = clockify
            .find_time_off_request(&of.id.as_str().into(), &search)
            .await?;
        if is_rejected(&row) {
            let operation = "find a time-off request";
            return Err(ClockifyError::Gone { operation });
        }
        // They hold as long as the request is for the days of which the event told.
        if row.exclude_days.is_none() && of.when.is_some() && of.when == leave_of(&row) {
            row.exclude_days.clone_from(&of.exclude_days);
        }
        Ok(row)
    }
}

/// When the leave is, where the row says so.
fn leave_of(row: &wire::TimeOffRequest) -> Option<Window> {
    let period = row.time_off_period.as_ref()?.period.as_ref()?;
    Some(Window {
        from: period.start.as_deref()?.parse().ok()?,
        to: period.end.as_deref()?.parse().ok()?,
    })
}

/// One record, looked up.
struct OneRecord<'a, R> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    of: &'a Reference,
    kind: std::marker::PhantomData<fn() -> R>,
}

impl<R: Single> Reading for OneRecord<'_, R> {
    /// None: Clockify says that it is gone.
    type Read = Option<Understood<R>>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let today = self.mirror.clock.today(&self.mirror.rules.zone);
        match R::look_up(&self.mirror.client, self.of, today).await {
            Ok(row) => Ok(Some(Understood::of(&[row], Vec::new(), self.conversion))),
            Err(ClockifyError::Gone { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn references(&self, read: &Self::Read) -> References {
        read.as_ref()
            .map_or_else(References::default, Understood::references)
    }

    async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> Result<Stats, SyncError> {
        match read {
            Some(record) => Ok(record.write(tx, spent).await?),
            None => end::<R>(tx, spent.ticket, std::slice::from_ref(&self.of.id)).await,
        }
    }
}

/// Ends records that are gone, with their flags.
pub(super) async fn end<R: Record>(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[String],
) -> Result<Stats, SyncError> {
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    // That it is unknown still holds of a stub.
    let cleared: Vec<FlagKind> = FlagKind::ALL
        .into_iter()
        .filter(|kind| *kind != FlagKind::UnknownRecord)
        .collect();
    flag::replace(tx, R::KIND, &cleared, &texts, &[]).await?;
    let ids: Vec<R::Id> = ids.iter().cloned().map(R::Id::from).collect();
    Ok(Stats {
        deleted: R::end(tx, ticket, &ids).await?,
        ..Stats::default()
    })
}

/// What became of a record that was read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    Stored,
    Gone,
}

impl Mirror {
    /// Reads one record again and writes what Clockify says of it.
    pub(super) async fn reread<R: Single, H: Hold + Send>(
        &self,
        of: &Reference,
        hold: impl Fn(Reread) -> H + Send + Sync,
    ) -> Result<Stats, SyncError> {
        let conversion = self.conversion().await?;
        let reading = OneRecord::<R> {
            mirror: self,
            conversion: &conversion,
            of,
            kind: std::marker::PhantomData,
        };
        let done = self
            .perform(&reading, |read, _| {
                hold(if read.is_some() {
                    Reread::Stored
                } else {
                    Reread::Gone
                })
            })
            .await?;
        Ok(done.stats)
    }
}

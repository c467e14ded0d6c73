//! The one way from Clockify into the database.

use std::{collections::HashSet, future::Future};

use super::{Mirror, SyncError, hold::Hold, record::Record};
use crate::{
    clockify::convert::{Conversion, Converted, Unreadable},
    crash_point::crash_point,
    domain::flags::FlagKind,
    jobs::Stats,
    store::{
        Changes, References, StoreError, Ticket, Transaction, flag,
        ticket::{self, Spent},
    },
};

/// Something that is read from Clockify under a ticket, and written under it.
pub(super) trait Reading: Sync {
    type Read: Send + Sync;

    /// Asks Clockify.
    fn read(&self) -> impl Future<Output = Result<Self::Read, SyncError>> + Send;

    /// What the answer refers to.
    fn references(&self, read: &Self::Read) -> References;

    /// Writes the answer.
    fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> impl Future<Output = Result<Stats, SyncError>> + Send;
}

/// What came of a reading.
#[derive(Debug)]
pub(super) struct Done<R> {
    pub(super) read: R,
    pub(super) ticket: Ticket,
    pub(super) stats: Stats,
}

impl Mirror {
    /// Draws a ticket, reads, fetches what is referred to and unknown, and writes. Where the ticket has become void
    /// meanwhile, all of it once more. `hold` says, from what was read, what else stands in the transaction.
    pub(super) async fn perform<R, H>(
        &self,
        reading: &R,
        hold: impl Fn(&R::Read, Ticket) -> H + Send + Sync,
    ) -> Result<Done<R::Read>, SyncError>
    where
        R: Reading,
        H: Hold + Send,
    {
        loop {
            let ticket = ticket::draw(&self.store).await?;
            let read = match reading.read().await {
                Ok(read) => read,
                Err(error) => {
                    self.give_back(ticket).await;
                    return Err(error);
                }
            };
            crash_point(H::READ);
            if let Err(error) = self.fetch_unknown(reading.references(&read)).await {
                self.give_back(ticket).await;
                return Err(error);
            }
            let hold = hold(&read, ticket);
            let written = if self.dry_run {
                self.rehearse_read(reading, &hold, &read, ticket).await?
            } else {
                self.store
                    .write(async |mut tx| {
                        self.write_read(&mut tx, reading, &hold, &read, ticket)
                            .await
                    })
                    .await?
            };
            if let Some(stats) = written {
                crash_point(H::APPLIED);
                return Ok(Done {
                    read,
                    ticket,
                    stats,
                });
            }
            tracing::warn!(ticket = ticket.0, "a read took too long and is repeated");
        }
    }

    async fn write_read<R: Reading, H: Hold>(
        &self,
        tx: &mut Transaction,
        reading: &R,
        hold: &H,
        read: &R::Read,
        ticket: Ticket,
    ) -> Result<Option<Stats>, SyncError> {
        hold.begin(tx).await?;
        let Some(spent) = ticket::spend(tx, ticket).await? else {
            return Ok(None);
        };
        let stats = reading.write(tx, spent, read).await?;
        hold.end(tx, stats).await?;
        Ok(Some(stats))
    }

    /// What writing it would do, counted; the ticket is closed all the same.
    async fn rehearse_read<R: Reading, H: Hold>(
        &self,
        reading: &R,
        hold: &H,
        read: &R::Read,
        ticket: Ticket,
    ) -> Result<Option<Stats>, SyncError> {
        let stats = self
            .store
            .rehearse(async |mut tx| self.write_read(&mut tx, reading, hold, read, ticket).await)
            .await?;
        self.give_back(ticket).await;
        if let Some(stats) = stats {
            self.count(hold, stats).await?;
        }
        Ok(stats)
    }

    /// Notes what a rehearsal would have done.
    pub(super) async fn count(&self, hold: &impl Hold, stats: Stats) -> Result<(), SyncError> {
        self.store
            .write(async |mut tx| {
                hold.begin(&mut tx).await?;
                hold.end(&mut tx, stats).await
            })
            .await
    }

    /// The ticket of a read that failed need not keep others from skipping unchanged rows. Where even that fails, it
    /// becomes void by itself.
    pub(super) async fn give_back(&self, ticket: Ticket) {
        if let Err(error) = ticket::give_back(&self.store, ticket).await {
            tracing::warn!(error = %error, "a ticket could not be given back");
        }
    }
}

/// Records of one kind as they were read, and those that nobody can read.
#[derive(Clone, Debug)]
pub(super) struct Understood<R> {
    pub(super) records: Vec<Converted<R>>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl<R: Record> Understood<R> {
    /// What Clockify's rows mean.
    pub(super) fn of(
        rows: &[R::Wire],
        unreadable: Vec<Unreadable>,
        conversion: &Conversion,
    ) -> Self {
        let mut understood = Self {
            records: Vec::with_capacity(rows.len()),
            unreadable,
        };
        for row in rows {
            match R::understand(row, conversion) {
                Ok(record) => understood.records.push(record),
                Err(error) => understood.unreadable.push(error),
            }
        }
        understood
    }

    /// Nothing was there to be read.
    pub(super) fn none() -> Self {
        Self {
            records: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    pub(super) fn references(&self) -> References {
        R::references(&self.bare())
    }

    /// The ids of all rows, also of those that cannot be read. None: one of them does not even show its id.
    pub(super) fn ids(&self) -> Option<Vec<String>> {
        let read = self
            .records
            .iter()
            .map(|row| Some(row.record.id().to_owned()));
        read.chain(self.unreadable.iter().map(|row| row.id.clone()))
            .collect()
    }

    fn bare(&self) -> Vec<R> {
        self.records.iter().map(|row| row.record.clone()).collect()
    }

    /// Writes the records with their flags.
    pub(super) async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
    ) -> Result<Stats, StoreError> {
        let records = self.bare();
        let before = R::days_before(tx, &records).await?;
        let changes = R::write(tx, spent, &records).await?;
        let mut flagged = self.write_flags(tx, &changes).await?;
        if changes.inserted + changes.updated > 0 {
            flagged += R::changed(tx, &records, before).await?;
        }
        Ok(Stats {
            read: (self.records.len() + self.unreadable.len()) as u64,
            inserted: changes.inserted,
            updated: changes.updated,
            skipped: (changes.refused.len() + self.unreadable.len()) as u64,
            flagged,
            ..Stats::default()
        })
    }

    /// Flags what the reading shows; of a record that a newer read has changed, nothing.
    async fn write_flags(
        &self,
        tx: &mut Transaction,
        changes: &Changes,
    ) -> Result<u64, StoreError> {
        let refused: HashSet<&str> = changes.refused.iter().map(String::as_str).collect();
        let (mut ids, mut flags) = (Vec::new(), Vec::new());
        for row in &self.records {
            let id = row.record.id();
            if !refused.contains(id) {
                ids.push(id);
                flags.extend(row.flags.iter().map(|kind| (id, *kind)));
            }
        }
        let unreadable = unreadable_flags(&self.unreadable);
        let mut raised = flag::replace(tx, R::KIND, R::FLAGS, &ids, &flags)
            .await?
            .raised;
        raised += flag::raise(tx, R::KIND, &unreadable).await?;
        raised += flag_stubs(tx, &changes.stubs).await?;
        Ok(raised)
    }
}

/// Stands for the id of a row that shows none.
const WITHOUT_ID: &str = "without-id";

/// Flags of rows that nobody can read.
pub(super) fn unreadable_flags(unreadable: &[Unreadable]) -> Vec<(&str, FlagKind)> {
    unreadable
        .iter()
        .map(|row| {
            let id = row.id.as_deref().unwrap_or(WITHOUT_ID);
            (id, FlagKind::RecordUnreadable)
        })
        .collect()
}

/// Flags records that are known by reference alone.
pub(super) async fn flag_stubs(
    tx: &mut Transaction,
    stubs: &References,
) -> Result<u64, StoreError> {
    fn texts<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
        ids.map(String::as_str).collect()
    }
    let mut raised = 0;
    let kinds = [
        ("employee", texts(stubs.employees.iter().map(|id| &id.0))),
        ("client", texts(stubs.clients.iter().map(|id| &id.0))),
        ("project", texts(stubs.projects.iter().map(|id| &id.0))),
        ("task", texts(stubs.tasks.keys().map(|id| &id.0))),
        ("tag", texts(stubs.tags.iter().map(|id| &id.0))),
        ("policy", texts(stubs.policies.iter().map(|id| &id.0))),
        (
            "expense_category",
            texts(stubs.expense_categories.iter().map(|id| &id.0)),
        ),
    ];
    for (kind, ids) in kinds {
        let flags: Vec<_> = ids
            .into_iter()
            .map(|id| (id, FlagKind::UnknownRecord))
            .collect();
        raised += flag::raise(tx, kind, &flags).await?;
    }
    Ok(raised)
}

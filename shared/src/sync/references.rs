//! References to records that the database has never seen (`domain.md` §3, *A reference to something unknown*): they
//! are fetched before what refers to them is written. What cannot be had becomes a stub there, and is flagged.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;

use super::{
    Mirror, SyncError,
    hold::Free,
    reading::{Reading, Understood},
    record::Listed,
    reread::{Single, end},
};
use crate::{
    clockify::{convert::Conversion, events::Reference, wire::Row},
    domain::{
        employee::Employee,
        expense::ExpenseCategory,
        project::{Client, Project, Tag, Task},
        time_off::Policy,
    },
    jobs::Stats,
    store::{References, Transaction, ticket::Spent},
};

impl Mirror {
    /// Fetches what is unknown: first what the others refer to. What is fetched may refer to more. A dry run, which could
    /// not keep it, goes on without.
    ///
    /// Of what Clockify reads only as a list, the list is read once, however many are unknown.
    pub(super) fn fetch_unknown(
        &self,
        references: References,
    ) -> BoxFuture<'_, Result<(), SyncError>> {
        Box::pin(async move {
            if references.is_empty() || self.dry_run {
                return Ok(());
            }
            let unknown = self
                .store
                .read(async |mut tx| references.clone().unknown(&mut tx).await)
                .await?;
            self.fetch_listed::<Employee>(texts(&unknown.employees))
                .await?;
            for id in &unknown.clients {
                self.fetch::<Client>(id.as_str(), None).await?;
            }
            for id in &unknown.projects {
                self.fetch::<Project>(id.as_str(), None).await?;
            }
            for (id, project) in &unknown.tasks {
                self.fetch::<Task>(id.as_str(), Some(project.as_str()))
                    .await?;
            }
            for id in &unknown.tags {
                self.fetch::<Tag>(id.as_str(), None).await?;
            }
            self.fetch_listed::<Policy>(texts(&unknown.policies))
                .await?;
            self.fetch_listed::<ExpenseCategory>(texts(&unknown.expense_categories))
                .await
        })
    }

    /// Fetches one.
    async fn fetch<R: Single>(&self, id: &str, project_id: Option<&str>) -> Result<(), SyncError> {
        let of = Reference {
            project_id: project_id.map(str::to_owned),
            ..Reference::to_id(id.to_owned())
        };
        let read = self.reread::<R, _>(&of, |_| Free).await;
        or_without::<R>(read.map(drop))
    }

    /// Fetches those of that kind from its list.
    async fn fetch_listed<R: Listed>(&self, ids: BTreeSet<String>) -> Result<(), SyncError> {
        if ids.is_empty() {
            return Ok(());
        }
        let conversion = self.conversion().await?;
        let reading = Sought::<R> {
            mirror: self,
            conversion: &conversion,
            ids: &ids,
            kind: std::marker::PhantomData,
        };
        let read = self.perform(&reading, |_, _| Free).await;
        or_without::<R>(read.map(drop))
    }
}

fn texts<T: ToString>(ids: &BTreeSet<T>) -> BTreeSet<String> {
    ids.iter().map(T::to_string).collect()
}

/// That Clockify does not give it is no reason to drop what refers to it.
fn or_without<R: super::record::Record>(read: Result<(), SyncError>) -> Result<(), SyncError> {
    match read {
        Err(error) if error.is_of_one_record() => {
            tracing::warn!(record.kind = R::KIND, %error, "a record that is referred to cannot be read");
            Ok(())
        }
        read => read,
    }
}

/// Records that are looked for in the list of their kind.
struct Sought<'a, R> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    ids: &'a BTreeSet<String>,
    kind: std::marker::PhantomData<fn() -> R>,
}

/// What the list showed of them.
struct Found<R> {
    rows: Understood<R>,
    /// Not in the list, which was read whole.
    gone: Vec<String>,
}

impl<R: Listed> Reading for Sought<'_, R> {
    type Read = Found<R>;

    /// Reads pages until all are found, or to the end; a list of several pages twice, for a row may have slid from an unread
    /// page onto a read one.
    async fn read(&self) -> Result<Self::Read, SyncError> {
        let mut rows: BTreeMap<String, R::Wire> = BTreeMap::new();
        let mut unreadable = BTreeMap::new();
        let mut hides_any = false;
        let (mut number, mut is_second_reading) = (1, false);
        loop {
            let page = R::list(&self.mirror.client, number).await?;
            let wanted = page.rows.into_iter();
            rows.extend(
                wanted
                    .filter(|row| self.ids.contains(row.id()))
                    .map(|row| (row.id().to_owned(), row)),
            );
            for row in page.unreadable {
                match &row.id {
                    Some(id) if self.ids.contains(id) => {
                        unreadable.insert(id.clone(), row);
                    }
                    Some(_) => {}
                    None => hides_any = true,
                }
            }
            let is_seen = |id: &String| rows.contains_key(id) || unreadable.contains_key(id);
            if self.ids.iter().all(is_seen) {
                break;
            } else if !page.is_last {
                number += 1;
            } else if number == 1 || is_second_reading {
                break;
            } else {
                (number, is_second_reading) = (1, true);
            }
        }
        let is_missing = |id: &&String| !rows.contains_key(*id) && !unreadable.contains_key(*id);
        let missing = self.ids.iter().filter(is_missing).cloned();
        // A row that does not even show its id may be any of them.
        let gone = missing.filter(|_| !hides_any).collect();
        let rows: Vec<R::Wire> = rows.into_values().collect();
        let unreadable = unreadable.into_values().collect();
        Ok(Found {
            rows: Understood::of(&rows, unreadable, self.conversion),
            gone,
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
        let mut stats = read.rows.write(tx, spent).await?;
        if !read.gone.is_empty() {
            stats += end::<R>(tx, spent.ticket, &read.gone).await?;
        }
        Ok(stats)
    }
}

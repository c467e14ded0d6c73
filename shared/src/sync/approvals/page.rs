//! One page of an approvals list: the timesheets, their entries and expenses, and which of these they hold.

use jiff::Timestamp;

use super::{FLAGS, KIND, scan::ListName};
use crate::{
    clockify::{
        convert::{self, Conversion, SubmittedTimesheet, Unreadable},
        wire::{self, Approval, Row},
    },
    domain::{
        expense::Expense,
        flags::{FlagKind, is_approved_and_empty},
        ids::{ExpenseId, TimeEntryId},
        time_entry::TimeEntry,
        timesheet::Timesheet,
    },
    jobs::Stats,
    store::{
        References, Transaction, flag,
        membership::{self, Holdings},
        ticket::Spent,
        timesheet, to_reread,
        tombstone::Grave,
    },
    sync::{
        Mirror, SyncError,
        reading::{Reading, Understood, flag_stubs, unreadable_flags},
    },
};

/// A page of a list.
pub(super) struct ApprovalsPage<'a> {
    pub(super) mirror: &'a Mirror,
    pub(super) conversion: &'a Conversion,
    pub(super) list: ListName,
    pub(super) page: u32,
    pub(super) page_rows: u32,
    /// Whether unchanged timesheets get the page's ticket too.
    pub(super) raises_all: bool,
}

pub(super) struct ReadApprovals {
    rows: Vec<SubmittedTimesheet>,
    unreadable: Vec<Unreadable>,
    pub(super) is_last: bool,
}

impl ReadApprovals {
    fn of(
        rows: &[Approval],
        unreadable: Vec<Unreadable>,
        is_last: bool,
        conversion: &Conversion,
    ) -> Self {
        let mut read = Self {
            rows: Vec::with_capacity(rows.len()),
            unreadable,
            is_last,
        };
        for row in rows {
            match convert::submitted_timesheet(row, conversion) {
                Ok(row) => read.rows.push(row),
                Err(error) => read.unreadable.push(error),
            }
        }
        read
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .map(|row| row.timesheet.id.as_str())
            .chain(self.unreadable_ids())
    }

    /// Of rows that stand in the list and cannot be read.
    pub(super) fn unreadable_ids(&self) -> impl Iterator<Item = &str> {
        self.unreadable.iter().filter_map(|row| row.id.as_deref())
    }

    /// Whether a row does not even show its id: it may be any timesheet.
    pub(super) fn hides_any(&self) -> bool {
        self.unreadable.iter().any(|row| row.id.is_none())
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.updated_at().max()
    }

    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.updated_at().min()
    }

    fn updated_at(&self) -> impl Iterator<Item = Timestamp> {
        self.rows
            .iter()
            .filter_map(|row| row.timesheet.state_updated_at)
    }

    fn timesheets(&self) -> Vec<Timesheet> {
        self.rows.iter().map(|row| row.timesheet.clone()).collect()
    }

    fn entries(&self) -> Understood<TimeEntry> {
        let rows = self.rows.iter();
        Understood {
            records: rows.flat_map(|row| row.entries.iter().cloned()).collect(),
            unreadable: self.unreadable_within(wire::TimeEntry::RESOURCE),
        }
    }

    fn expenses(&self) -> Understood<Expense> {
        let rows = self.rows.iter();
        Understood {
            records: rows.flat_map(|row| row.expenses.iter().cloned()).collect(),
            unreadable: self.unreadable_within(wire::Expense::RESOURCE),
        }
    }

    /// What the timesheets hold of that kind and nobody can read.
    fn unreadable_within(&self, resource: &'static str) -> Vec<Unreadable> {
        let within = self.rows.iter().flat_map(|row| &row.unreadable);
        within
            .filter(|row| row.resource == resource)
            .cloned()
            .collect()
    }
}

impl Reading for ApprovalsPage<'_> {
    type Read = ReadApprovals;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        let page = self
            .mirror
            .client
            .list_approvals(self.list.list(), self.page, self.page_rows)
            .await?;
        Ok(ReadApprovals::of(
            &page.rows,
            page.unreadable,
            page.is_last,
            self.conversion,
        ))
    }

    fn references(&self, read: &Self::Read) -> References {
        let mut references = timesheet::references(&read.timesheets());
        references += read.entries().references();
        references += read.expenses().references();
        references
    }

    async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> Result<Stats, SyncError> {
        let spent = Spent {
            older_is_open: spent.older_is_open || self.raises_all,
            ..spent
        };
        let changes = timesheet::upsert_page(tx, spent, &read.timesheets()).await?;
        let mut stats = Stats {
            read: read.ids().count() as u64,
            inserted: changes.inserted,
            updated: changes.updated,
            skipped: (changes.refused.len() + read.unreadable.len()) as u64,
            flagged: flag_stubs(tx, &changes.stubs).await?,
            ..Stats::default()
        };
        let written: Vec<&SubmittedTimesheet> = read
            .rows
            .iter()
            .filter(|row| !changes.refused.contains(row.timesheet.id.as_str()))
            .collect();
        stats += read.entries().write(tx, spent).await?;
        stats += read.expenses().write(tx, spent).await?;
        write_membership(tx, spent, &written).await?;
        stats.flagged += write_flags(tx, &written, &read.unreadable).await?;
        Ok(stats)
    }
}

/// Timesheets that hold something hold what they list; all others have released theirs. What left a timesheet has to be
/// read again, for only Clockify knows whether it is gone.
async fn write_membership(
    tx: &mut Transaction,
    spent: Spent,
    written: &[&SubmittedTimesheet],
) -> Result<(), SyncError> {
    let (mut entries, mut expenses) = (Holdings::new(), Holdings::new());
    let mut released = Vec::new();
    for row in written {
        let id = row.timesheet.id.clone();
        if row.timesheet.state.holds_entries() {
            // Where not even the id of one can be read, it is not known what has left.
            if let Some(unreadable) = unreadable_ids(row, wire::TimeEntry::RESOURCE) {
                let read = row.entries.iter().map(|entry| entry.record.id.clone());
                entries.insert(id.clone(), read.chain(unreadable).collect());
            }
            if let Some(unreadable) = unreadable_ids(row, wire::Expense::RESOURCE) {
                let read = row.expenses.iter().map(|expense| expense.record.id.clone());
                expenses.insert(id, read.chain(unreadable).collect());
            }
        } else {
            released.push(id);
        }
    }
    let left: Vec<TimeEntryId> = membership::hold(tx, spent, &entries).await?;
    let left: Vec<&str> = left.iter().map(TimeEntryId::as_str).collect();
    to_reread::add(tx, Grave::TimeEntry, &left).await?;
    let left: Vec<ExpenseId> = membership::hold(tx, spent, &expenses).await?;
    let left: Vec<&str> = left.iter().map(ExpenseId::as_str).collect();
    to_reread::add(tx, Grave::Expense, &left).await?;
    membership::release(tx, spent.ticket, &released).await?;
    Ok(())
}

/// The ids of what a timesheet holds of that kind and nobody can read. None: one does not even show its id.
fn unreadable_ids<T: From<String>>(
    row: &SubmittedTimesheet,
    resource: &'static str,
) -> Option<Vec<T>> {
    let unreadable = row.unreadable.iter();
    unreadable
        .filter(|unreadable| unreadable.resource == resource)
        .map(|unreadable| unreadable.id.clone().map(T::from))
        .collect()
}

async fn write_flags(
    tx: &mut Transaction,
    written: &[&SubmittedTimesheet],
    unreadable: &[Unreadable],
) -> Result<u64, SyncError> {
    let ids: Vec<&str> = written
        .iter()
        .map(|row| row.timesheet.id.as_str())
        .collect();
    let empty: Vec<(&str, FlagKind)> = written
        .iter()
        .filter(|row| {
            let held = row.entries.len() + row.expenses.len() + row.unreadable.len();
            is_approved_and_empty(&row.timesheet.state, held)
        })
        .map(|row| {
            (
                row.timesheet.id.as_str(),
                FlagKind::ApprovedTimesheetWithoutEntries,
            )
        })
        .collect();
    let unread = unreadable_flags(unreadable);
    let raised = flag::replace(tx, KIND, FLAGS, &ids, &empty).await?.raised;
    Ok(raised + flag::raise(tx, KIND, &unread).await?)
}

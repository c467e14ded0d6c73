//! Reading Clockify's three lists of approval requests (`design.md` §2, *A scan*): PENDING whole, then APPROVED and
//! WITHDRAWN_APPROVAL, newest change first, down to where the last complete scan began, or whole. Then what stood in no
//! list is settled.
//!
//! A request that moves between the lists while they are read is found in both or in the later one: its ticket there is
//! newer, and its entries move with it. One that is found in neither is no more than missed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    pages::{Next, Reading as ListReading},
    settle::{self, Missed, Told, Verdict},
};
use crate::{
    clockify::{
        client::ApprovalList,
        convert::{self, Conversion, SubmittedTimesheet, Unreadable},
        wire::Approval,
    },
    domain::{
        flags::{FlagKind, is_approved_and_empty},
        ids::{TimeEntryId, TimesheetId},
        time_entry::TimeEntry,
        timesheet::Timesheet,
    },
    jobs::Stats,
    store::{
        References, Ticket, Transaction, delivery, flag,
        scan::{self, Watermarks},
        ticket::Spent,
        time_entry::membership,
        timesheet,
        timesheet_miss::{self, ReadWhole, Unseen},
        to_reread,
        tombstone::Grave,
    },
    sync::{
        Mirror, SyncError,
        hold::Hold,
        reading::{Reading, Understood, flag_stubs},
    },
};

/// How far the newest change that was read is taken back, so that one that comes late is read by the next scan.
const WATERMARK_MARGIN: SignedDuration = SignedDuration::from_mins(10);
/// For how long a webhook may show that the lists are behind it.
pub(in crate::sync) const RECENT_SECONDS: i64 = 600;
/// Flags of timesheets that a scan decides.
const FLAGS: &[FlagKind] = &[
    FlagKind::ApprovedTimesheetWithoutEntries,
    FlagKind::RecordUnreadable,
];
const KIND: &str = "timesheet";

/// A scan under way: what a checkpoint keeps of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sync) struct Scan {
    /// Whether APPROVED and WITHDRAWN_APPROVAL are read whole. Then every row gets a new ticket, so that what was not
    /// seen is known by its old one; else the ids are remembered.
    whole: bool,
    /// None: all lists are read.
    list: Option<ListName>,
    reading: ListReading,
    first_ticket: Option<Ticket>,
    seen: BTreeSet<TimesheetId>,
    newest: BTreeMap<ListName, Timestamp>,
    /// A list could not be read completely: nothing is settled by this scan.
    gave_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ListName {
    Pending,
    Approved,
    WithdrawnApproval,
}

impl ListName {
    fn list(self) -> ApprovalList {
        match self {
            Self::Pending => ApprovalList::Pending,
            Self::Approved => ApprovalList::Approved,
            Self::WithdrawnApproval => ApprovalList::WithdrawnApproval,
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Pending => Some(Self::Approved),
            Self::Approved => Some(Self::WithdrawnApproval),
            Self::WithdrawnApproval => None,
        }
    }
}

impl Scan {
    /// At its start.
    pub(in crate::sync) fn begin(whole: bool) -> Self {
        Self {
            whole,
            list: Some(ListName::Pending),
            reading: ListReading::begin(),
            first_ticket: None,
            seen: BTreeSet::new(),
            newest: BTreeMap::new(),
            gave_up: false,
        }
    }

    /// Whether all lists are read, so that only settling is left.
    pub(in crate::sync) fn has_read_all(&self) -> bool {
        self.list.is_none()
    }

    /// As it is after a page.
    fn after(
        &self,
        list: ListName,
        read: &ReadApprovals,
        ticket: Ticket,
        until: Option<Timestamp>,
    ) -> Self {
        let mut after = self.clone();
        after.first_ticket = self.first_ticket.or(Some(ticket));
        if !self.whole {
            after.seen.extend(read.ids().map(TimesheetId::from));
        }
        if let Some(newest) = read.newest() {
            let known = after.newest.entry(list).or_insert(newest);
            *known = newest.max(*known);
        }
        let reaches_down = until.is_some_and(|until| read.oldest().is_some_and(|at| at < until));
        match after.reading.took(read.ids(), read.is_last || reaches_down) {
            Next::Page => {}
            next => {
                after.gave_up |= next == Next::GiveUp;
                after.list = list.next();
                after.reading = ListReading::begin();
            }
        }
        after
    }

    fn read_whole(&self) -> ReadWhole {
        if self.whole {
            ReadWhole::AllLists
        } else {
            ReadWhole::Pending
        }
    }

    fn watermarks(&self) -> Watermarks {
        let mark = |list| {
            let newest = self.newest.get(&list)?;
            newest.checked_sub(WATERMARK_MARGIN).ok()
        };
        Watermarks {
            approved: mark(ListName::Approved),
            withdrawn_approval: mark(ListName::WithdrawnApproval),
        }
    }
}

/// A page of a list.
struct ApprovalsPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    list: ListName,
    page: u32,
    page_rows: u32,
    raises_all: bool,
}

struct ReadApprovals {
    rows: Vec<SubmittedTimesheet>,
    unreadable: Vec<Unreadable>,
    is_last: bool,
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

    fn ids(&self) -> impl Iterator<Item = &str> {
        let unreadable = self.unreadable.iter().filter_map(|row| row.id.as_deref());
        self.rows
            .iter()
            .map(|row| row.timesheet.id.as_str())
            .chain(unreadable)
    }

    fn newest(&self) -> Option<Timestamp> {
        self.updated_at().max()
    }

    fn oldest(&self) -> Option<Timestamp> {
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
            records: rows
                .clone()
                .flat_map(|row| row.entries.iter().cloned())
                .collect(),
            unreadable: Vec::new(),
        }
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
        write_membership(tx, spent, &written).await?;
        stats.flagged += write_flags(tx, &written, &read.unreadable).await?;
        Ok(stats)
    }
}

/// Timesheets that hold entries hold what they list; all others have released theirs. What left a timesheet has to be
/// read again, for only Clockify knows whether it is gone.
async fn write_membership(
    tx: &mut Transaction,
    spent: Spent,
    written: &[&SubmittedTimesheet],
) -> Result<(), SyncError> {
    let mut holdings = membership::Holdings::new();
    let mut released = Vec::new();
    for row in written {
        let sheet = &row.timesheet;
        if sheet.state.holds_entries() {
            let read = row.entries.iter().map(|entry| entry.record.id.clone());
            let unreadable = row.unreadable.iter().filter_map(|entry| entry.id.clone());
            let ids = read.chain(unreadable.map(Into::into)).collect();
            holdings.insert(sheet.id.clone(), ids);
        } else {
            released.push(sheet.id.clone());
        }
    }
    let left = membership::hold(tx, spent, &holdings).await?;
    let left: Vec<&str> = left.iter().map(TimeEntryId::as_str).collect();
    to_reread::add(tx, Grave::TimeEntry, &left).await?;
    membership::release(tx, spent.ticket, &released).await?;
    Ok(())
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
        .filter(|row| is_approved_and_empty(&row.timesheet.state, row.entries.len()))
        .map(|row| {
            (
                row.timesheet.id.as_str(),
                FlagKind::ApprovedTimesheetWithoutEntries,
            )
        })
        .collect();
    let unread: Vec<(&str, FlagKind)> = unreadable
        .iter()
        .filter_map(|row| Some((row.id.as_deref()?, FlagKind::RecordUnreadable)))
        .collect();
    let raised = flag::replace(tx, KIND, FLAGS, &ids, &empty).await?.raised;
    Ok(raised + flag::raise(tx, KIND, &unread).await?)
}

/// What settling has left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sync) struct Settled {
    /// Timesheets that this scan has missed and that are not settled yet.
    pub(in crate::sync) missed: usize,
}

impl Mirror {
    /// Reads the next page of a scan. `hold` says, from the scan as it is then, what else stands in the transaction.
    pub(in crate::sync) async fn scan_page<H: Hold + Send>(
        &self,
        scan: &mut Scan,
        hold: impl Fn(&Scan) -> H + Send + Sync,
    ) -> Result<Stats, SyncError> {
        let Some(list) = scan.list else {
            return Ok(Stats::default());
        };
        let conversion = self.conversion().await?;
        let until = self.reads_down_to(scan, list).await?;
        let reading = ApprovalsPage {
            mirror: self,
            conversion: &conversion,
            list,
            page: scan.reading.page,
            page_rows: scan.reading.page_rows,
            raises_all: scan.whole,
        };
        let begun = scan.clone();
        let done = self
            .perform(&reading, |read, ticket| {
                hold(&begun.after(list, read, ticket, until))
            })
            .await?;
        *scan = begun.after(list, &done.read, done.ticket, until);
        Ok(done.stats)
    }

    /// Where the reading of a list may end. None: at its end.
    async fn reads_down_to(
        &self,
        scan: &Scan,
        list: ListName,
    ) -> Result<Option<Timestamp>, SyncError> {
        if scan.whole || list == ListName::Pending {
            return Ok(None);
        }
        let marks = self
            .store
            .read(async |mut tx| scan::watermarks(&mut tx).await)
            .await?;
        Ok(match list {
            ListName::Pending => None,
            ListName::Approved => marks.approved,
            ListName::WithdrawnApproval => marks.withdrawn_approval,
        })
    }

    /// Settles what stood in no list, after all of them are read, and moves the watermarks on.
    pub(in crate::sync) async fn settle_scan(
        &self,
        scan: &Scan,
        hold: &impl Hold,
    ) -> Result<Settled, SyncError> {
        let Some(first_ticket) = scan.first_ticket.filter(|_| !scan.gave_up) else {
            tracing::warn!("a list of approvals shifted too fast to be read completely");
            return Ok(Settled::default());
        };
        self.store
            .write(async |mut tx| {
                hold.begin(&mut tx).await?;
                let (settled, stats) = settle_unseen(&mut tx, scan, first_ticket).await?;
                scan::raise_watermarks(&mut tx, &scan.watermarks()).await?;
                hold.end(&mut tx, stats).await?;
                Ok::<_, SyncError>(settled)
            })
            .await
    }
}

async fn settle_unseen(
    tx: &mut Transaction,
    scan: &Scan,
    first_ticket: Ticket,
) -> Result<(Settled, Stats), SyncError> {
    let read = scan.read_whole();
    let mut unseen = timesheet_miss::untouched(tx, read, first_ticket).await?;
    unseen.retain(|unseen| !scan.seen.contains(&unseen.timesheet.id));
    let told = newest_told(tx, &unseen).await?;
    let (mut left, mut missed) = (Vec::new(), Vec::new());
    for Unseen {
        timesheet,
        missed_before,
    } in &unseen
    {
        let judged = Missed {
            state: timesheet.state.clone(),
            state_updated_at: timesheet.state_updated_at,
            missed_before: *missed_before,
        };
        match settle::settle(&judged, told.get(&timesheet.id)) {
            Verdict::NotYet => missed.push(&timesheet.id),
            Verdict::Left { state, told_at } => left.push(Timesheet {
                state,
                state_updated_at: told_at.or(timesheet.state_updated_at),
                ..timesheet.clone()
            }),
        }
    }
    left.extend(told_late(tx).await?);
    timesheet_miss::remember(tx, read, &missed).await?;
    let missed = missed.len();
    let stats = leave(tx, first_ticket, &left).await?;
    Ok((Settled { missed }, stats))
}

/// Writes the states of timesheets that have left the lists, and releases their entries.
async fn leave(
    tx: &mut Transaction,
    ticket: Ticket,
    left: &[Timesheet],
) -> Result<Stats, SyncError> {
    if left.is_empty() {
        return Ok(Stats::default());
    }
    let spent = Spent {
        ticket,
        older_is_open: false,
    };
    let changes = timesheet::upsert_page(tx, spent, left).await?;
    let ids: Vec<TimesheetId> = left
        .iter()
        .filter(|sheet| !changes.refused.contains(sheet.id.as_str()))
        .map(|sheet| sheet.id.clone())
        .collect();
    membership::release(tx, ticket, &ids).await?;
    let texts: Vec<&str> = ids.iter().map(TimesheetId::as_str).collect();
    flag::replace(tx, KIND, FLAGS, &texts, &[]).await?;
    Ok(Stats {
        updated: changes.updated,
        ..Stats::default()
    })
}

/// Timesheets that have left the lists already, of which a webhook has told more since.
async fn told_late(tx: &mut Transaction) -> Result<Vec<Timesheet>, SyncError> {
    let told = delivery::recently_told(tx, RECENT_SECONDS).await?;
    let ids: Vec<&str> = told.iter().map(|told| told.timesheet_id.as_str()).collect();
    let stored = timesheet::get_all(tx, &ids).await?;
    let late = stored.into_iter().filter_map(|sheet| {
        let told = told.iter().find(|told| told.timesheet_id == sheet.id)?;
        let is_news = !settle::is_listed(&sheet.state)
            && !settle::is_listed(&told.state)
            && sheet.state_updated_at.is_none_or(|known| known < told.at);
        is_news.then(|| Timesheet {
            state: told.state.clone(),
            state_updated_at: Some(told.at),
            ..sheet
        })
    });
    Ok(late.collect())
}

async fn newest_told(
    tx: &mut Transaction,
    unseen: &[Unseen],
) -> Result<HashMap<TimesheetId, Told>, SyncError> {
    let ids: Vec<&TimesheetId> = unseen.iter().map(|unseen| &unseen.timesheet.id).collect();
    let told = delivery::newest_told(tx, &ids).await?;
    Ok(told
        .into_iter()
        .map(|told| {
            let word = Told {
                state: told.state,
                at: told.at,
            };
            (told.timesheet_id, word)
        })
        .collect())
}

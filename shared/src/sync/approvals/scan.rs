//! Reading Clockify's three lists of approval requests (`design.md` §2, *A scan*): PENDING whole, then APPROVED and
//! WITHDRAWN_APPROVAL, newest change first, down to where the last complete scan began, or whole. Then what stood in no
//! list is settled.
//!
//! A request that moves between the lists while they are read is found in both or in the later one: its ticket there is
//! newer, and its entries move with it. One that is found in neither is no more than missed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    KIND,
    leaving::{self, Settled},
    page::{ApprovalsPage, ReadApprovals},
    pages::{Next, Reading as ListReading},
};
use crate::{
    clockify::client::ApprovalList,
    crash_point::crash_point,
    domain::{flags::FlagKind, ids::TimesheetId},
    jobs::Stats,
    store::{
        Ticket, flag,
        scan::{self, Watermarks},
        timesheet_miss::ReadWhole,
    },
    sync::{Mirror, SyncError, hold::Hold},
};

/// How far the newest change that was read is taken back, so that one that comes late is read by the next scan.
const WATERMARK_MARGIN: SignedDuration = SignedDuration::from_mins(10);

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
    /// What was read otherwise than by a new ticket.
    seen: BTreeSet<TimesheetId>,
    newest: BTreeMap<ListName, Timestamp>,
    /// A list could not be read completely, or a row of it did not even show its id: nothing is settled by this scan.
    gave_up: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ListName {
    Pending,
    Approved,
    WithdrawnApproval,
}

impl ListName {
    pub(super) fn list(self) -> ApprovalList {
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
        if self.whole {
            let unreadable = read.unreadable_ids();
            after.seen.extend(unreadable.map(TimesheetId::from));
        } else {
            after.seen.extend(read.ids().map(TimesheetId::from));
        }
        after.gave_up |= read.hides_any();
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

    pub(super) fn read_whole(&self) -> ReadWhole {
        if self.whole {
            ReadWhole::AllLists
        } else {
            ReadWhole::Pending
        }
    }

    /// Whether the scan has found that timesheet, as far as it remembers.
    pub(super) fn has_seen(&self, id: &TimesheetId) -> bool {
        self.seen.contains(id)
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

    /// Settles what stood in no list, after all of them are read, and moves the watermarks on. `hold` says, from what is
    /// left open, what else stands in the transaction.
    pub(in crate::sync) async fn settle_scan<H: Hold + Send>(
        &self,
        scan: &Scan,
        hold: impl Fn(&Settled) -> H + Send + Sync,
    ) -> Result<Settled, SyncError> {
        let Some(first_ticket) = scan.first_ticket.filter(|_| !scan.gave_up) else {
            tracing::warn!(
                "a list of approvals could not be read completely: nothing is settled by it"
            );
            let settled = Settled::default();
            self.count(&hold(&settled), Stats::default()).await?;
            return Ok(settled);
        };
        let limits = &self.rules.windows;
        if self.dry_run {
            let settle =
                async |mut tx| leaving::settle_unseen(&mut tx, scan, first_ticket, limits).await;
            let (settled, stats) = self.store.rehearse(settle).await?;
            // A second scan, which settles what the first has missed, would find no trace of the first.
            let stats = Stats {
                updated: stats.updated + settled.missed as u64,
                ..stats
            };
            let settled = Settled {
                missed: 0,
                ..settled
            };
            self.count(&hold(&settled), stats).await?;
            return Ok(settled);
        }
        let settled = self
            .store
            .write(async |mut tx| {
                let (settled, stats) =
                    leaving::settle_unseen(&mut tx, scan, first_ticket, limits).await?;
                if scan.whole {
                    let read: Vec<String> = scan.seen.iter().map(ToString::to_string).collect();
                    flag::keep_only(&mut tx, KIND, FlagKind::RecordUnreadable, &read).await?;
                }
                scan::raise_watermarks(&mut tx, &scan.watermarks()).await?;
                let hold = hold(&settled);
                hold.begin(&mut tx).await?;
                hold.end(&mut tx, stats).await?;
                Ok::<_, SyncError>(settled)
            })
            .await?;
        crash_point(H::APPLIED);
        Ok(settled)
    }
}

//! Which timesheet holds an entry (`design.md` §2, *Membership*): said by approvals and the detailed report
//! alone, under a ticket apart from that of the entry's content.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    Column, Row, Rows, Statement, StoreError, Ticket, Transaction, Value,
    record::{IDS, ids_of},
    ticket::Spent,
};
use crate::domain::{
    ids::{TimeEntryId, TimesheetId},
    timesheet::TimesheetState,
};

/// What is known of an entry's timesheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It was never submitted, or left its timesheet.
    None,
    /// A timesheet holds it.
    Held {
        /// Which.
        timesheet_id: TimesheetId,
        /// Its state.
        state: TimesheetState,
    },
    /// Its timesheet was rejected, withdrawn or returned, and no other holds it yet.
    Released {
        /// Which it was.
        timesheet_id: TimesheetId,
        /// That timesheet's state, which the entry shows until another holds it.
        state: TimesheetState,
    },
}

impl Membership {
    /// The state that the entry shows; None: it was never submitted.
    pub fn state(&self) -> Option<&TimesheetState> {
        match self {
            Self::None => None,
            Self::Held { state, .. } | Self::Released { state, .. } => Some(state),
        }
    }
}

pub(super) fn read(row: &Row) -> Result<Membership, StoreError> {
    if let Some(timesheet_id) = row.opt_id("timesheet_id")? {
        let state = row.text("timesheet_state")?.into();
        return Ok(Membership::Held {
            timesheet_id,
            state,
        });
    }
    let Some(timesheet_id) = row.opt_id("released_by_id")? else {
        return Ok(Membership::None);
    };
    // Submitted again, but without this entry: what it shows is not that timesheet's state any more.
    let state: TimesheetState = row.text("released_by_state")?.into();
    if state.holds_entries() {
        return Ok(Membership::None);
    }
    Ok(Membership::Released {
        timesheet_id,
        state,
    })
}

const MEMBERS: &[Column] = &[Column::id("id"), Column::id("timesheet_id")];

const KNOWN: Statement = Statement::new(
    "SELECT e.id, e.timesheet_id, e.membership_ticket FROM time_entry AS e JOIN {@ids} AS r ON r.id = e.id",
)
.rows(&[("@ids", IDS)]);
const HELD_BY: Statement = Statement::new(
    "SELECT e.id, e.timesheet_id, e.membership_ticket FROM time_entry AS e \
     JOIN {@ids} AS r ON r.id = e.timesheet_id ORDER BY e.id",
)
.rows(&[("@ids", IDS)]);
const HOLD: Statement = Statement::new(
    "UPDATE time_entry SET timesheet_id = r.timesheet_id, released_by_id = NULL, \
     membership_ticket = @ticket, updated_at = {now} \
     FROM {@rows} AS r WHERE time_entry.id = r.id AND time_entry.membership_ticket < @ticket",
)
.rows(&[("@rows", MEMBERS)]);
const LEAVE: Statement = Statement::new(
    "UPDATE time_entry SET timesheet_id = NULL, released_by_id = NULL, \
     membership_ticket = @ticket, updated_at = {now} \
     FROM {@ids} AS r WHERE time_entry.id = r.id AND time_entry.membership_ticket < @ticket",
)
.rows(&[("@ids", IDS)]);
const RAISE: Statement = Statement::new(
    "UPDATE time_entry SET membership_ticket = @ticket \
     FROM {@ids} AS r WHERE time_entry.id = r.id AND time_entry.membership_ticket < @ticket",
)
.rows(&[("@ids", IDS)]);

/// All entries of some timesheets, as a fresh pull of these timesheets listed them.
pub type Holdings = BTreeMap<TimesheetId, BTreeSet<TimeEntryId>>;

/// Replaces what these timesheets hold by what a read with that ticket listed. Timesheets and entries must
/// be stored already. Answers the entries that left: each must be read again, for only Clockify says whether
/// it is gone.
pub async fn hold(
    tx: &mut Transaction,
    spent: Spent,
    holdings: &Holdings,
) -> Result<Vec<TimeEntryId>, StoreError> {
    let timesheets: Vec<&str> = holdings.keys().map(TimesheetId::as_str).collect();
    if timesheets.is_empty() {
        return Ok(Vec::new());
    }
    let listed: BTreeMap<&str, &TimesheetId> = holdings
        .iter()
        .flat_map(|(timesheet, entries)| {
            entries.iter().map(move |entry| (entry.as_str(), timesheet))
        })
        .collect();
    let mut left: Vec<TimeEntryId> = Vec::new();
    for row in tx.query(&HELD_BY, &[("@ids", ids_of(&timesheets))]).await? {
        let id = row.text("id")?;
        if row.int("membership_ticket")? < spent.ticket.0 && !listed.contains_key(id.as_str()) {
            left.push(id.into());
        }
    }
    write(tx, &LEAVE, spent.ticket, &left).await?;
    set(tx, spent, &listed).await?;
    Ok(left)
}

/// Sets what the detailed report says of single entries: the timesheet that holds each, or that none does.
/// Timesheets must be stored already. An entry that was released and that none holds stays as it is.
pub async fn set_each(
    tx: &mut Transaction,
    spent: Spent,
    memberships: &[(TimeEntryId, Option<TimesheetId>)],
) -> Result<(), StoreError> {
    let held: BTreeMap<&str, &TimesheetId> = memberships
        .iter()
        .filter_map(|(entry, timesheet)| Some((entry.as_str(), timesheet.as_ref()?)))
        .collect();
    let free: Vec<&str> = memberships
        .iter()
        .filter(|(_, timesheet)| timesheet.is_none())
        .map(|(entry, _)| entry.as_str())
        .collect();
    let (mut leaving, mut same): (Vec<TimeEntryId>, Vec<TimeEntryId>) = Default::default();
    if !free.is_empty() {
        for row in tx.query(&KNOWN, &[("@ids", ids_of(&free))]).await? {
            let to = if row.opt_text("timesheet_id")?.is_some() {
                &mut leaving
            } else {
                &mut same
            };
            to.push(row.id("id")?);
        }
    }
    write(tx, &LEAVE, spent.ticket, &leaving).await?;
    if spent.older_is_open {
        write(tx, &RAISE, spent.ticket, &same).await?;
    }
    set(tx, spent, &held).await
}

/// Releases all that these timesheets hold: they were rejected, withdrawn or returned. The entries show
/// their last timesheet's state until another holds them. Says how many there were.
pub async fn release(
    tx: &mut Transaction,
    ticket: Ticket,
    timesheets: &[TimesheetId],
) -> Result<u64, StoreError> {
    const RELEASE: Statement = Statement::new(
        "UPDATE time_entry SET released_by_id = timesheet_id, timesheet_id = NULL, \
         membership_ticket = @ticket, updated_at = {now} \
         WHERE timesheet_id IN (SELECT r.id FROM {@ids} AS r) AND membership_ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    write(tx, &RELEASE, ticket, timesheets).await
}

/// The ids of the entries that a timesheet holds, in the order of their text.
pub async fn held_by(
    tx: &mut Transaction,
    timesheet_id: &TimesheetId,
) -> Result<Vec<TimeEntryId>, StoreError> {
    let rows = tx
        .query(&HELD_BY, &[("@ids", Value::ids([timesheet_id]))])
        .await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Puts each entry into its timesheet, where it is not there yet and no newer read has said otherwise.
async fn set(
    tx: &mut Transaction,
    spent: Spent,
    timesheet_of: &BTreeMap<&str, &TimesheetId>,
) -> Result<(), StoreError> {
    if timesheet_of.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = timesheet_of.keys().copied().collect();
    let (mut moving, mut same) = (Vec::new(), Vec::new());
    for row in tx.query(&KNOWN, &[("@ids", ids_of(&ids))]).await? {
        let id: TimeEntryId = row.id("id")?;
        let Some((entry, timesheet)) = timesheet_of.get_key_value(id.as_str()) else {
            continue;
        };
        if row.opt_text("timesheet_id")?.as_deref() == Some(timesheet.as_str()) {
            same.push(id);
        } else {
            moving.push((*entry, *timesheet));
        }
    }
    if !moving.is_empty() {
        moving.sort_unstable();
        let rows: Rows = moving
            .into_iter()
            .map(|(entry, timesheet)| vec![entry.into(), timesheet.into()])
            .collect();
        let params = [("@rows", rows.into()), ("@ticket", spent.ticket.into())];
        tx.execute(&HOLD, &params).await?;
    }
    if spent.older_is_open {
        write(tx, &RAISE, spent.ticket, &same).await?;
    }
    Ok(())
}

/// Runs a statement over ids, if there are any.
async fn write<T>(
    tx: &mut Transaction,
    statement: &Statement,
    ticket: Ticket,
    ids: &[T],
) -> Result<u64, StoreError>
where
    for<'a> Value: From<&'a T>,
{
    if ids.is_empty() {
        return Ok(0);
    }
    let params = [("@ids", Value::ids(ids)), ("@ticket", ticket.into())];
    tx.execute(statement, &params).await
}

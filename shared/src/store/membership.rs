//! Which timesheet holds an entry or an expense (`design.md` §2, *Membership*): said by approvals and, of
//! entries, by the detailed report alone, under a ticket apart from that of the content.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Column, Row, Rows, Statement, StoreError, Ticket, Transaction, Value,
    record::{IDS, ids_of},
    ticket::Spent,
};
use crate::domain::{
    ids::{ExpenseId, TimeEntryId, TimesheetId},
    timesheet::TimesheetState,
};

/// What is known of the timesheet of an entry or an expense.
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
        /// That timesheet's state, which it shows until another holds it.
        state: TimesheetState,
    },
}

impl Membership {
    /// The state that it shows; None: it was never submitted.
    pub fn state(&self) -> Option<&TimesheetState> {
        match self {
            Self::None => None,
            Self::Held { state, .. } | Self::Released { state, .. } => Some(state),
        }
    }
}

pub(super) fn read(row: &Row) -> Result<Membership, StoreError> {
    let Some(state) = state(row)? else {
        return Ok(Membership::None);
    };
    Ok(match row.opt_id("timesheet_id")? {
        Some(timesheet_id) => Membership::Held {
            timesheet_id,
            state,
        },
        None => Membership::Released {
            timesheet_id: row.id("released_by_id")?,
            state,
        },
    })
}

/// The state that it shows, of rows that say no more than the states of both timesheets.
pub(super) fn state(row: &Row) -> Result<Option<TimesheetState>, StoreError> {
    if let Some(state) = row.opt_text("timesheet_state")? {
        return Ok(Some(state.into()));
    }
    // Submitted again, but without this one: what it shows is not that timesheet's state any more.
    let released: Option<TimesheetState> = row.opt_text("released_by_state")?.map(Into::into);
    Ok(released.filter(|state| !state.holds_entries()))
}

const MEMBERS: &[Column] = &[Column::id("id"), Column::id("timesheet_id")];

/// The statements that say which timesheet holds the rows of one table.
#[derive(Debug)]
pub struct HeldTable {
    known: Statement,
    held_by: Statement,
    hold: Statement,
    leave: Statement,
    raise: Statement,
    release: Statement,
}

macro_rules! held_table {
    ($table:literal) => {
        HeldTable {
            known: Statement::new(concat!(
                "SELECT e.id, e.timesheet_id, e.membership_ticket FROM ",
                $table,
                " AS e JOIN {@ids} AS r ON r.id = e.id"
            ))
            .rows(&[("@ids", IDS)]),
            held_by: Statement::new(concat!(
                "SELECT e.id, e.timesheet_id, e.membership_ticket FROM ",
                $table,
                " AS e JOIN {@ids} AS r ON r.id = e.timesheet_id ORDER BY e.id"
            ))
            .rows(&[("@ids", IDS)]),
            hold: Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET timesheet_id = r.timesheet_id, released_by_id = NULL, \
                 membership_ticket = @ticket, updated_at = {now} FROM {@rows} AS r WHERE ",
                $table,
                ".id = r.id AND ",
                $table,
                ".membership_ticket < @ticket"
            ))
            .rows(&[("@rows", MEMBERS)]),
            leave: Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET timesheet_id = NULL, released_by_id = NULL, \
                 membership_ticket = @ticket, updated_at = {now} FROM {@ids} AS r WHERE ",
                $table,
                ".id = r.id AND ",
                $table,
                ".membership_ticket < @ticket"
            ))
            .rows(&[("@ids", IDS)]),
            raise: Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET membership_ticket = @ticket FROM {@ids} AS r WHERE ",
                $table,
                ".id = r.id AND ",
                $table,
                ".membership_ticket < @ticket"
            ))
            .rows(&[("@ids", IDS)]),
            release: Statement::new(concat!(
                "UPDATE ",
                $table,
                " SET released_by_id = timesheet_id, timesheet_id = NULL, \
                 membership_ticket = @ticket, updated_at = {now} \
                 WHERE timesheet_id IN (SELECT r.id FROM {@ids} AS r) AND membership_ticket < @ticket"
            ))
            .rows(&[("@ids", IDS)]),
        }
    };
}

static TIME_ENTRY: HeldTable = held_table!("time_entry");
static EXPENSE: HeldTable = held_table!("expense");

/// A kind of record that timesheets hold, by its id.
pub trait Held: Clone + Ord + From<String> + Send + Sync + 'static {
    /// Where it stands.
    fn table() -> &'static HeldTable;

    /// The id as text.
    fn text(&self) -> &str;
}

impl Held for TimeEntryId {
    fn table() -> &'static HeldTable {
        &TIME_ENTRY
    }

    fn text(&self) -> &str {
        self.as_str()
    }
}

impl Held for ExpenseId {
    fn table() -> &'static HeldTable {
        &EXPENSE
    }

    fn text(&self) -> &str {
        self.as_str()
    }
}

/// All entries, or all expenses, of some timesheets, as a fresh pull of these timesheets listed them.
pub type Holdings<T = TimeEntryId> = BTreeMap<TimesheetId, BTreeSet<T>>;

/// Replaces what these timesheets hold of a kind by what a read with that ticket listed. Timesheets and
/// records must be stored already. Answers what left: each must be read again, for only Clockify says
/// whether it is gone.
pub async fn hold<T: Held>(
    tx: &mut Transaction,
    spent: Spent,
    holdings: &Holdings<T>,
) -> Result<Vec<T>, StoreError> {
    let timesheets: Vec<&str> = holdings.keys().map(TimesheetId::as_str).collect();
    if timesheets.is_empty() {
        return Ok(Vec::new());
    }
    let listed: BTreeMap<&str, &TimesheetId> = holdings
        .iter()
        .flat_map(|(timesheet, entries)| entries.iter().map(move |entry| (entry.text(), timesheet)))
        .collect();
    let mut left: Vec<T> = Vec::new();
    let params = [("@ids", ids_of(&timesheets))];
    for row in tx.query(&T::table().held_by, &params).await? {
        let id = row.text("id")?;
        if row.int("membership_ticket")? < spent.ticket.0 && !listed.contains_key(id.as_str()) {
            left.push(id.into());
        }
    }
    write(tx, &T::table().leave, spent.ticket, &left).await?;
    set(tx, T::table(), spent, &listed).await?;
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
        for row in tx
            .query(&TIME_ENTRY.known, &[("@ids", ids_of(&free))])
            .await?
        {
            let to = if row.opt_text("timesheet_id")?.is_some() {
                &mut leaving
            } else {
                &mut same
            };
            to.push(row.id("id")?);
        }
    }
    write(tx, &TIME_ENTRY.leave, spent.ticket, &leaving).await?;
    if spent.older_is_open {
        write(tx, &TIME_ENTRY.raise, spent.ticket, &same).await?;
    }
    set(tx, &TIME_ENTRY, spent, &held).await
}

/// Releases all that these timesheets hold: they were rejected, withdrawn or returned. Entries and expenses
/// show their last timesheet's state until another holds them. Says how many there were.
pub async fn release(
    tx: &mut Transaction,
    ticket: Ticket,
    timesheets: &[TimesheetId],
) -> Result<u64, StoreError> {
    let timesheets: Vec<&str> = timesheets.iter().map(TimesheetId::as_str).collect();
    let mut released = 0;
    for table in [&TIME_ENTRY, &EXPENSE] {
        released += write_texts(tx, &table.release, ticket, &timesheets).await?;
    }
    Ok(released)
}

/// The ids of the entries, or the expenses, that a timesheet holds, in the order of their text.
pub async fn held_by<T: Held>(
    tx: &mut Transaction,
    timesheet_id: &TimesheetId,
) -> Result<Vec<T>, StoreError> {
    let params = [("@ids", Value::ids([timesheet_id]))];
    let rows = tx.query(&T::table().held_by, &params).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// Puts each into its timesheet, where it is not there yet and no newer read has said otherwise.
async fn set(
    tx: &mut Transaction,
    table: &HeldTable,
    spent: Spent,
    timesheet_of: &BTreeMap<&str, &TimesheetId>,
) -> Result<(), StoreError> {
    if timesheet_of.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = timesheet_of.keys().copied().collect();
    let (mut moving, mut same) = (Vec::new(), Vec::new());
    for row in tx.query(&table.known, &[("@ids", ids_of(&ids))]).await? {
        let id = row.text("id")?;
        let Some((entry, timesheet)) = timesheet_of.get_key_value(id.as_str()) else {
            continue;
        };
        if row.opt_text("timesheet_id")?.as_deref() == Some(timesheet.as_str()) {
            same.push(*entry);
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
        tx.execute(&table.hold, &params).await?;
    }
    if spent.older_is_open {
        write_texts(tx, &table.raise, spent.ticket, &same).await?;
    }
    Ok(())
}

/// Runs a statement over ids, if there are any.
async fn write<T: Held>(
    tx: &mut Transaction,
    statement: &Statement,
    ticket: Ticket,
    ids: &[T],
) -> Result<u64, StoreError> {
    let texts: Vec<&str> = ids.iter().map(T::text).collect();
    write_texts(tx, statement, ticket, &texts).await
}

async fn write_texts(
    tx: &mut Transaction,
    statement: &Statement,
    ticket: Ticket,
    ids: &[&str],
) -> Result<u64, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    let params = [("@ids", ids_of(ids)), ("@ticket", ticket.into())];
    tx.execute(statement, &params).await
}

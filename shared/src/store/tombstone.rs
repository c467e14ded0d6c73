//! What Clockify said is gone, and with which ticket that was read (`domain.md` §3, *Deleting*).
//!
//! A tombstone keeps a slow reader, whose ticket is older, from putting a deleted record back. A successful read
//! with a newer ticket lifts it.

use std::collections::HashSet;

use super::{Column, Statement, StoreError, Ticket, Transaction, Value};

/// Kinds of records that leave tombstones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grave {
    Group,
    Employee,
    Client,
    Project,
    Task,
    Tag,
    Policy,
    Holiday,
    TimeOffRequest,
    TimeEntry,
    Expense,
    ExpenseCategory,
}

impl Grave {
    /// The word in the table: the record's own table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Group => "employee_group",
            Self::Employee => "employee",
            Self::Client => "client",
            Self::Project => "project",
            Self::Task => "task",
            Self::Tag => "tag",
            Self::Policy => "policy",
            Self::Holiday => "holiday",
            Self::TimeOffRequest => "time_off_request",
            Self::TimeEntry => "time_entry",
            Self::Expense => "expense",
            Self::ExpenseCategory => "expense_category",
        }
    }
}

const IDS: &[Column] = &[Column::id("id")];

/// Marks records as gone; a mark with a newer ticket stays.
pub async fn bury(
    tx: &mut Transaction,
    kind: Grave,
    ticket: Ticket,
    ids: &[&str],
) -> Result<(), StoreError> {
    const RAISE: Statement = Statement::new(
        "UPDATE tombstone SET ticket = @ticket, updated_at = {now} \
         WHERE kind = @kind AND ticket < @ticket AND record_id IN (SELECT id FROM {@ids} AS gone)",
    )
    .rows(&[("@ids", IDS)]);
    const BURY: Statement = Statement::new(
        "INSERT INTO tombstone (kind, record_id, ticket, created_at, updated_at) \
         SELECT @kind, gone.id, @ticket, {now}, {now} FROM {@ids} AS gone \
         WHERE NOT EXISTS (SELECT 1 FROM tombstone AS known WHERE known.kind = @kind AND known.record_id = gone.id)",
    )
    .rows(&[("@ids", IDS)]);
    if ids.is_empty() {
        return Ok(());
    }
    for statement in [&RAISE, &BURY] {
        tx.execute(
            statement,
            &[
                ("@kind", kind.as_str().into()),
                ("@ticket", ticket.0.into()),
                ("@ids", id_rows(ids)),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Lifts the tombstones of records that a read with this ticket found alive, and says which of them a newer read found
/// gone: those must not be written.
pub async fn lift(
    tx: &mut Transaction,
    kind: Grave,
    ticket: Ticket,
    ids: &[&str],
) -> Result<HashSet<String>, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT record_id, ticket FROM tombstone WHERE kind = @kind AND record_id IN (SELECT id FROM {@ids} AS found)",
    )
    .rows(&[("@ids", IDS)]);
    const LIFT: Statement = Statement::new(
        "DELETE FROM tombstone WHERE kind = @kind AND ticket < @ticket \
         AND record_id IN (SELECT id FROM {@ids} AS found)",
    )
    .rows(&[("@ids", IDS)]);
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let known = tx
        .query(
            &FIND,
            &[("@kind", kind.as_str().into()), ("@ids", id_rows(ids))],
        )
        .await?;
    if known.is_empty() {
        return Ok(HashSet::new());
    }
    let mut buried = HashSet::new();
    let mut lifted = Vec::new();
    for row in known {
        let id = row.text("record_id")?;
        if row.int("ticket")? < ticket.0 {
            lifted.push(id);
        } else {
            buried.insert(id);
        }
    }
    let lifted: Vec<&str> = lifted.iter().map(String::as_str).collect();
    tx.execute(
        &LIFT,
        &[
            ("@kind", kind.as_str().into()),
            ("@ticket", ticket.0.into()),
            ("@ids", id_rows(&lifted)),
        ],
    )
    .await?;
    Ok(buried)
}

/// Removes tombstones that no open ticket can be older than.
pub async fn sweep(tx: &mut Transaction, older_than_seconds: i64) -> Result<u64, StoreError> {
    const SWEEP: Statement =
        Statement::new("DELETE FROM tombstone WHERE updated_at <= {now + @seconds}");
    tx.execute(&SWEEP, &[("@seconds", (-older_than_seconds).into())])
        .await
}

fn id_rows(ids: &[&str]) -> Value {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    Value::Rows(ids.into_iter().map(|id| vec![id.into()]).collect())
}

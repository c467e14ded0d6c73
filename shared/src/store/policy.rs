//! Time-off policies and to whom they are assigned. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction,
    assignment,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, SetTable, record_table, set_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{PolicyId, WorkspaceId},
    time_off::{Assignment, Policy, TimeUnit},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::id("unit"),
    Column::bool("everyone"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const ASSIGNMENTS: &[Column] = assignment::POLICY_COLUMNS;
const TABLE: RecordTable = record_table!(Some(Grave::Policy), "policy", COLUMNS);
const ASSIGNMENT_TABLE: SetTable =
    set_table!("policy_assignment", "policy_id", "policy", ASSIGNMENTS);
const VANISHING: Vanishing = vanishing!(
    "policy",
    "t.workspace_id = @workspace_id AND t.archived = 0"
);

/// Writes a page of policies that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    policies: &[Policy],
) -> Result<Changes, StoreError> {
    let Some(first) = policies.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = policies
        .iter()
        .map(|policy| (policy.id.0.clone(), incoming(policy)));
    let changes = record::upsert(tx, &TABLE, &[ASSIGNMENT_TABLE], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn incoming(policy: &Policy) -> Incoming {
    Incoming {
        cells: vec![
            (&policy.id).into(),
            (&policy.workspace_id).into(),
            (&policy.name).into(),
            unit_word(policy.unit).into(),
            policy.assignment.everyone.into(),
            policy.archived.into(),
            policy.is_stub.into(),
        ],
        sets: vec![assignment::rows(policy.id.as_str(), &policy.assignment)],
    }
}

/// Policies that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<PolicyId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives policies that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[PolicyId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE policy SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE policy.id = r.id AND policy.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(PolicyId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// All policies with their assignments, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Policy>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, name, unit, everyone, archived, is_stub FROM policy ORDER BY id",
    );
    const LIST_ASSIGNMENTS: Statement = Statement::new(
        "SELECT policy_id AS owner_id, assigned_to, assigned_id FROM policy_assignment",
    );
    let mut assignments = assignment::by_owner(&tx.query(&LIST_ASSIGNMENTS, &[]).await?)?;
    let rows = tx.query(&LIST, &[]).await?;
    rows.iter()
        .map(|row| {
            let assigned = assignments.remove(&row.text("id")?).unwrap_or_default();
            read(row, assigned)
        })
        .collect()
}

fn read(row: &Row, assigned: Assignment) -> Result<Policy, StoreError> {
    Ok(Policy {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        unit: read_unit(row)?,
        assignment: Assignment {
            everyone: row.bool("everyone")?,
            ..assigned
        },
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

pub(super) fn unit_word(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Hours => "HOURS",
        TimeUnit::Days => "DAYS",
    }
}

pub(super) fn read_unit(row: &Row) -> Result<TimeUnit, StoreError> {
    match row.text("unit")?.as_str() {
        "HOURS" => Ok(TimeUnit::Hours),
        "DAYS" => Ok(TimeUnit::Days),
        _ => Err(StoreError::value("unit", "is not a unit of time")),
    }
}

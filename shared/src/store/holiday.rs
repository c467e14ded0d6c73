//! Holidays and to whom they are assigned. What Clockify no longer lists is deleted.

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
    ids::{HolidayId, WorkspaceId},
    time_off::{Assignment, Holiday},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::date("first_day"),
    Column::date("last_day"),
    Column::bool("occurs_annually"),
    Column::bool("everyone"),
    Column::id("source_hash"),
];
const ASSIGNMENTS: &[Column] = assignment::HOLIDAY_COLUMNS;
const TABLE: RecordTable = record_table!(Some(Grave::Holiday), "holiday", COLUMNS);
const ASSIGNMENT_TABLE: SetTable =
    set_table!("holiday_assignment", "holiday_id", "holiday", ASSIGNMENTS);
const VANISHING: Vanishing = vanishing!("holiday", "t.workspace_id = @workspace_id");

/// Writes holidays that were read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    holidays: &[Holiday],
) -> Result<Changes, StoreError> {
    let Some(first) = holidays.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = holidays
        .iter()
        .map(|holiday| (holiday.id.0.clone(), incoming(holiday)));
    let changes = record::upsert(tx, &TABLE, &[ASSIGNMENT_TABLE], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn incoming(holiday: &Holiday) -> Incoming {
    Incoming {
        cells: vec![
            (&holiday.id).into(),
            (&holiday.workspace_id).into(),
            (&holiday.name).into(),
            holiday.first_day.into(),
            holiday.last_day.into(),
            holiday.occurs_annually.into(),
            holiday.assignment.everyone.into(),
        ],
        sets: vec![assignment::rows(holiday.id.as_str(), &holiday.assignment)],
    }
}

/// Holidays that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<HolidayId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Deletes holidays that Clockify no longer has, where no newer read has seen them.
pub async fn delete(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[HolidayId],
) -> Result<u64, StoreError> {
    const DELETE_ASSIGNMENTS: Statement = Statement::new(
        "DELETE FROM holiday_assignment WHERE holiday_id IN \
         (SELECT o.id FROM holiday AS o JOIN {@ids} AS r ON r.id = o.id WHERE o.ticket < @ticket)",
    )
    .rows(&[("@ids", IDS)]);
    const DELETE: Statement = Statement::new(
        "DELETE FROM holiday WHERE ticket < @ticket AND id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(HolidayId::as_str).collect();
    gone::end(tx, &TABLE, &[DELETE_ASSIGNMENTS, DELETE], ticket, &ids).await
}

/// All holidays with their assignments, in the order of ids. Which days of a period they cover is the
/// domain's to say: they may recur each year.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Holiday>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, name, first_day, last_day, occurs_annually, everyone \
         FROM holiday ORDER BY id",
    );
    const LIST_ASSIGNMENTS: Statement = Statement::new(
        "SELECT holiday_id AS owner_id, assigned_to, assigned_id FROM holiday_assignment",
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

fn read(row: &Row, assigned: Assignment) -> Result<Holiday, StoreError> {
    Ok(Holiday {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        first_day: row.date("first_day")?,
        last_day: row.date("last_day")?,
        occurs_annually: row.bool("occurs_annually")?,
        assignment: Assignment {
            everyone: row.bool("everyone")?,
            ..assigned
        },
    })
}

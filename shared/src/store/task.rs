//! Tasks of projects. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, ids_of, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{ProjectId, TaskId},
    project::Task,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("project_id"),
    Column::text("name"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Task), "task", COLUMNS);
const VANISHING: Vanishing = vanishing!("task", "t.project_id = @project_id AND t.archived = 0");

/// Writes a page of tasks that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    tasks: &[Task],
) -> Result<Changes, StoreError> {
    let Some(first) = tasks.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(tasks)).await?;
    let page = tasks
        .iter()
        .map(|task| (task.id.0.clone(), Incoming::of(cells(task))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(tasks: &[Task]) -> References {
    References {
        projects: tasks.iter().map(|task| task.project_id.clone()).collect(),
        ..References::default()
    }
}

fn cells(task: &Task) -> Vec<Value> {
    vec![
        (&task.id).into(),
        (&task.workspace_id).into(),
        (&task.project_id).into(),
        (&task.name).into(),
        task.archived.into(),
        task.is_stub.into(),
    ]
}

/// Tasks that a complete read of a project did not list.
pub async fn missing(
    tx: &mut Transaction,
    project_id: &ProjectId,
    read: CompleteRead<'_>,
) -> Result<Missing<TaskId>, StoreError> {
    let range = vec![("@project_id", project_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives tasks that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[TaskId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE task SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE task.id = r.id AND task.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(TaskId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// The task of that id.
pub async fn get(tx: &mut Transaction, id: &TaskId) -> Result<Option<Task>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, workspace_id, project_id, name, archived, is_stub FROM task WHERE id = @id",
    );
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// The tasks of these ids, in the order of ids; unknown ones are left out.
pub async fn get_all(tx: &mut Transaction, ids: &[&str]) -> Result<Vec<Task>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT t.id, t.workspace_id, t.project_id, t.name, t.archived, t.is_stub FROM task AS t \
         JOIN {@ids} AS r ON r.id = t.id ORDER BY t.id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&GET, &[("@ids", ids_of(ids))]).await?;
    rows.iter().map(read).collect()
}

/// All tasks, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Task>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, project_id, name, archived, is_stub FROM task ORDER BY id",
    );
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Task, StoreError> {
    Ok(Task {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        project_id: row.id("project_id")?,
        name: row.text("name")?,
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

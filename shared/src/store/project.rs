//! Projects. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{ProjectId, WorkspaceId},
    project::Project,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("client_id"),
    Column::text("name"),
    Column::text("code"),
    Column::text("title"),
    Column::bool("billable"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Project), "project", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "project",
    "t.workspace_id = @workspace_id AND t.archived = 0"
);

/// Writes a page of projects that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    projects: &[Project],
) -> Result<Changes, StoreError> {
    let Some(first) = projects.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(projects)).await?;
    let page = projects
        .iter()
        .map(|project| (project.id.0.clone(), Incoming::of(cells(project))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(projects: &[Project]) -> References {
    References {
        clients: projects
            .iter()
            .filter_map(|project| project.client_id.clone())
            .collect(),
        ..References::default()
    }
}

fn cells(project: &Project) -> Vec<Value> {
    vec![
        (&project.id).into(),
        (&project.workspace_id).into(),
        project.client_id.as_ref().into(),
        (&project.name).into(),
        project.code.as_deref().into(),
        (&project.title).into(),
        project.billable.into(),
        project.archived.into(),
        project.is_stub.into(),
    ]
}

/// Projects that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<ProjectId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives projects that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[ProjectId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE project SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE project.id = r.id AND project.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(ProjectId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// The project of that id.
pub async fn get(tx: &mut Transaction, id: &ProjectId) -> Result<Option<Project>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, workspace_id, client_id, name, code, title, billable, archived, is_stub FROM \
         project WHERE id = @id",
    );
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// All projects, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Project>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, client_id, name, code, title, billable, archived, is_stub FROM \
         project ORDER BY id",
    );
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

/// Projects that were inserted or changed by reads with that ticket or a newer one.
pub async fn changed_since(
    tx: &mut Transaction,
    ticket: Ticket,
) -> Result<Vec<Project>, StoreError> {
    const CHANGED: Statement = Statement::new(
        "SELECT id, workspace_id, client_id, name, code, title, billable, archived, is_stub FROM \
         project WHERE ticket >= @ticket ORDER BY id",
    );
    let rows = tx.query(&CHANGED, &[("@ticket", ticket.into())]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Project, StoreError> {
    Ok(Project {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        client_id: row.opt_id("client_id")?,
        name: row.text("name")?,
        code: row.opt_text("code")?,
        title: row.text("title")?,
        billable: row.bool("billable")?,
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

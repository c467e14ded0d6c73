//! The company in Clockify: every record belongs to one.

use super::{
    Changes, Column, Statement, StoreError, Transaction,
    record::{self, Incoming, RecordTable, record_table},
    ticket::Spent,
};
use crate::domain::{ids::WorkspaceId, workspace::Workspace};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::text("name"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(None, "workspace", COLUMNS);

/// Writes the workspace.
pub async fn upsert(
    tx: &mut Transaction,
    spent: Spent,
    workspace: &Workspace,
) -> Result<Changes, StoreError> {
    let cells = vec![(&workspace.id).into(), (&workspace.name).into()];
    let page = [(workspace.id.0.clone(), Incoming::of(cells))];
    record::upsert(tx, &TABLE, &[], spent, page).await
}

/// The workspace of that id.
pub async fn get(tx: &mut Transaction, id: &WorkspaceId) -> Result<Option<Workspace>, StoreError> {
    const GET: Statement = Statement::new("SELECT id, name FROM workspace WHERE id = @id");
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.map(|row| {
        Ok(Workspace {
            id: row.id("id")?,
            name: row.text("name")?,
        })
    })
    .transpose()
}

//! Tags of time entries. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{TagId, WorkspaceId},
    project::Tag,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Tag), "tag", COLUMNS);
const VANISHING: Vanishing = vanishing!("tag", "t.workspace_id = @workspace_id AND t.archived = 0");

/// Writes a page of tags that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    tags: &[Tag],
) -> Result<Changes, StoreError> {
    let Some(first) = tags.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = tags
        .iter()
        .map(|tag| (tag.id.0.clone(), Incoming::of(cells(tag))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn cells(tag: &Tag) -> Vec<Value> {
    vec![
        (&tag.id).into(),
        (&tag.workspace_id).into(),
        (&tag.name).into(),
        tag.archived.into(),
        tag.is_stub.into(),
    ]
}

/// Tags that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<TagId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives tags that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[TagId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE tag SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE tag.id = r.id AND tag.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(TagId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// The tag of that id.
pub async fn get(tx: &mut Transaction, id: &TagId) -> Result<Option<Tag>, StoreError> {
    const GET: Statement =
        Statement::new("SELECT id, workspace_id, name, archived, is_stub FROM tag WHERE id = @id");
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// All tags, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Tag>, StoreError> {
    const LIST: Statement =
        Statement::new("SELECT id, workspace_id, name, archived, is_stub FROM tag ORDER BY id");
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Tag, StoreError> {
    Ok(Tag {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

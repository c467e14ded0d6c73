//! Clients. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{ClientId, WorkspaceId},
    project::Client,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("short_name"),
    Column::text("long_name"),
    Column::text("email"),
    Column::text("address"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Client), "client", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "client",
    "t.workspace_id = @workspace_id AND t.archived = 0"
);

/// Writes a page of clients that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    clients: &[Client],
) -> Result<Changes, StoreError> {
    let Some(first) = clients.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = clients
        .iter()
        .map(|client| (client.id.0.clone(), Incoming::of(cells(client))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn cells(client: &Client) -> Vec<Value> {
    vec![
        (&client.id).into(),
        (&client.workspace_id).into(),
        (&client.short_name).into(),
        client.long_name.as_deref().into(),
        client.email.as_deref().into(),
        client.address.as_deref().into(),
        client.archived.into(),
        client.is_stub.into(),
    ]
}

/// Clients that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<ClientId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives clients that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[ClientId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE client SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE client.id = r.id AND client.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(ClientId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// The client of that id.
pub async fn get(tx: &mut Transaction, id: &ClientId) -> Result<Option<Client>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, workspace_id, short_name, long_name, email, address, archived, is_stub FROM \
         client WHERE id = @id",
    );
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// All clients, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Client>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, short_name, long_name, email, address, archived, is_stub FROM \
         client ORDER BY id",
    );
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Client, StoreError> {
    Ok(Client {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        short_name: row.text("short_name")?,
        long_name: row.opt_text("long_name")?,
        email: row.opt_text("email")?,
        address: row.opt_text("address")?,
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

//! Kinds of expenses and what a unit of them pays. What Clockify no longer lists is archived, never deleted.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    expense::ExpenseCategory,
    ids::{ExpenseCategoryId, WorkspaceId},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::money("unit_price"),
    Column::text("unit"),
    Column::bool("archived"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::ExpenseCategory), "expense_category", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "expense_category",
    "t.workspace_id = @workspace_id AND t.archived = 0"
);

/// Writes a page of categories that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    categories: &[ExpenseCategory],
) -> Result<Changes, StoreError> {
    let Some(first) = categories.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = categories
        .iter()
        .map(|category| (category.id.0.clone(), Incoming::of(cells(category))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn cells(category: &ExpenseCategory) -> Vec<Value> {
    vec![
        (&category.id).into(),
        (&category.workspace_id).into(),
        (&category.name).into(),
        Value::money(category.unit_price),
        category.unit.as_deref().into(),
        category.archived.into(),
        category.is_stub.into(),
    ]
}

/// Categories that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<ExpenseCategoryId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives categories that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[ExpenseCategoryId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE expense_category SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE expense_category.id = r.id AND expense_category.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(ExpenseCategoryId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// All categories, stubs and archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<ExpenseCategory>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, name, unit_price, unit, archived, is_stub FROM expense_category ORDER BY id",
    );
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<ExpenseCategory, StoreError> {
    Ok(ExpenseCategory {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        unit_price: row.opt_money("unit_price")?,
        unit: row.opt_text("unit")?,
        archived: row.bool("archived")?,
        is_stub: row.bool("is_stub")?,
    })
}

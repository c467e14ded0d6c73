//! Records to be read again by themselves, noted in the transaction that shows the need and taken off when it is met: so
//! a kill in between loses none.

use super::{Column, Statement, StoreError, Transaction, Value, tombstone::Grave};

const IDS: &[Column] = &[Column::id("id")];

/// Notes records.
pub async fn add(tx: &mut Transaction, kind: Grave, ids: &[&str]) -> Result<(), StoreError> {
    const ADD: Statement = Statement::new(
        "INSERT INTO to_reread (kind, record_id, created_at, updated_at) \
         SELECT @kind, wanted.id, {now}, {now} FROM {@ids} AS wanted \
         WHERE NOT EXISTS (SELECT 1 FROM to_reread AS known WHERE known.kind = @kind AND known.record_id = wanted.id)",
    )
    .rows(&[("@ids", IDS)]);
    if ids.is_empty() {
        return Ok(());
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let rows = Value::Rows(ids.into_iter().map(|id| vec![id.into()]).collect());
    tx.execute(&ADD, &[("@kind", kind.as_str().into()), ("@ids", rows)])
        .await?;
    Ok(())
}

/// Up to `limit` of the records of a kind.
pub async fn list(
    tx: &mut Transaction,
    kind: Grave,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT record_id FROM to_reread WHERE kind = @kind ORDER BY record_id {limit}",
    );
    let rows = tx
        .query(
            &LIST,
            &[("@kind", kind.as_str().into()), ("@limit", limit.into())],
        )
        .await?;
    rows.iter().map(|row| row.text("record_id")).collect()
}

/// Takes a record off: it was read again.
pub async fn remove(tx: &mut Transaction, kind: Grave, id: &str) -> Result<(), StoreError> {
    const REMOVE: Statement =
        Statement::new("DELETE FROM to_reread WHERE kind = @kind AND record_id = @id");
    tx.execute(
        &REMOVE,
        &[("@kind", kind.as_str().into()), ("@id", id.into())],
    )
    .await?;
    Ok(())
}

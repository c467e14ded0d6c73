//! Records to be read again by themselves, noted in the transaction that shows the need and taken off when it is met: so
//! a kill in between loses none.

use jiff::Timestamp;

use super::{Column, Statement, StoreError, Transaction, Value, tombstone::Grave};

const IDS: &[Column] = &[Column::id("id")];

/// Notes records; those that are noted already once more.
pub async fn add(tx: &mut Transaction, kind: Grave, ids: &[&str]) -> Result<(), StoreError> {
    const ADD: Statement = Statement::new(
        "INSERT INTO to_reread (kind, record_id, created_at, updated_at) \
         SELECT @kind, wanted.id, {now}, {now} FROM {@ids} AS wanted \
         WHERE NOT EXISTS (SELECT 1 FROM to_reread AS known WHERE known.kind = @kind AND known.record_id = wanted.id)",
    )
    .rows(&[("@ids", IDS)]);
    const AGAIN: Statement = Statement::new(
        "UPDATE to_reread SET updated_at = {now} WHERE kind = @kind \
         AND record_id IN (SELECT id FROM {@ids} AS wanted)",
    )
    .rows(&[("@ids", IDS)]);
    if ids.is_empty() {
        return Ok(());
    }
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let rows = Value::Rows(ids.into_iter().map(|id| vec![id.into()]).collect());
    let params = [("@kind", kind.as_str().into()), ("@ids", rows)];
    tx.execute(&AGAIN, &params).await?;
    tx.execute(&ADD, &params).await?;
    Ok(())
}

/// Up to `limit` of the records of a kind, with when each was noted last.
pub async fn list(
    tx: &mut Transaction,
    kind: Grave,
    limit: u32,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT record_id, updated_at FROM to_reread WHERE kind = @kind ORDER BY record_id {limit}",
    );
    let rows = tx
        .query(
            &LIST,
            &[("@kind", kind.as_str().into()), ("@limit", limit.into())],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.text("record_id")?, row.instant("updated_at")?)))
        .collect()
}

/// Takes a record off that was read again, unless it was noted once more meanwhile.
pub async fn remove(
    tx: &mut Transaction,
    kind: Grave,
    id: &str,
    noted_at: Timestamp,
) -> Result<(), StoreError> {
    const REMOVE: Statement = Statement::new(
        "DELETE FROM to_reread WHERE kind = @kind AND record_id = @id AND updated_at <= @noted_at",
    );
    let params = [
        ("@kind", kind.as_str().into()),
        ("@id", id.into()),
        ("@noted_at", noted_at.into()),
    ];
    tx.execute(&REMOVE, &params).await?;
    Ok(())
}

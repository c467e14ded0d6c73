//! Answers of creates, kept in the transaction of the create for the caller who repeats one (`interface.md` §3).
//!
//! The row is claimed before the work begins: a twin that runs at the same time waits for it, and then finds the
//! answer, or, where the work failed and was rolled back, does it himself. Old answers are trimmed by [`super::retention`].

use super::{Statement, StoreError, Transaction};

/// Who repeats what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatKey {
    /// As records name callers: `key power-app`.
    pub caller: String,
    /// Method and route: `POST /lem-sheets`.
    pub operation: String,
    /// SHA-256 of the caller's own key.
    pub key_hash: String,
}

/// The answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// SHA-256 of what was asked for.
    pub body_hash: String,
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub answer: String,
}

/// The answer that was given under that key; None: the key is claimed now, and [`keep`] must follow.
pub async fn claim(
    tx: &mut Transaction,
    key: &RepeatKey,
    body_hash: &str,
) -> Result<Option<KeptAnswer>, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT body_hash, status, answer FROM idempotency \
         WHERE caller = @caller AND operation = @operation AND key_hash = @key_hash",
    );
    const CLAIM: Statement = Statement::new(
        "INSERT INTO idempotency (caller, operation, key_hash, body_hash, status, answer, created_at, updated_at) \
         VALUES (@caller, @operation, @key_hash, @body_hash, 0, '', {now}, {now})",
    );
    let named = [
        ("@caller", key.caller.as_str().into()),
        ("@operation", key.operation.as_str().into()),
        ("@key_hash", key.key_hash.as_str().into()),
    ];
    if let Some(row) = tx.query_one(&FIND, &named).await? {
        return Ok(Some(KeptAnswer {
            body_hash: row.text("body_hash")?,
            status: u16::try_from(row.int("status")?)
                .map_err(|_| StoreError::value("status", "is no HTTP status"))?,
            answer: row.text("answer")?,
        }));
    }
    let [caller, operation, key_hash] = named;
    let claimed = [
        caller,
        operation,
        key_hash,
        ("@body_hash", body_hash.into()),
    ];
    tx.execute(&CLAIM, &claimed).await?;
    Ok(None)
}

/// Keeps the answer under the key that was claimed.
pub async fn keep(
    tx: &mut Transaction,
    key: &RepeatKey,
    status: u16,
    answer: &str,
) -> Result<(), StoreError> {
    const KEEP: Statement = Statement::new(
        "UPDATE idempotency SET status = @status, answer = @answer, updated_at = {now} \
         WHERE caller = @caller AND operation = @operation AND key_hash = @key_hash",
    );
    let params = [
        ("@caller", key.caller.as_str().into()),
        ("@operation", key.operation.as_str().into()),
        ("@key_hash", key.key_hash.as_str().into()),
        ("@status", i64::from(status).into()),
        ("@answer", answer.into()),
    ];
    tx.execute(&KEEP, &params).await?;
    Ok(())
}

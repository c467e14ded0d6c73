//! Messages that failed for good, kept with their error until a person replays them.

use jiff::Timestamp;

use super::{Row, Statement, StoreError, Transaction, flag};
use crate::domain::flags::FlagKind;

/// What its flag stands with.
const KIND: &str = "dead_letter";

/// A message that nobody could handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// A UUID.
    pub id: String,
    /// The queue it failed in.
    pub queue: String,
    /// Its text: may hold a webhook's body, never to be logged.
    pub message: String,
    /// What is known of why it failed.
    pub error: String,
    pub filed_at: Timestamp,
    pub replayed_at: Option<Timestamp>,
    pub replayed_by: Option<String>,
}

/// Files a message; one that was filed before (the queue's id says so) is left alone.
pub async fn file(
    tx: &mut Transaction,
    queue: &str,
    message_id: &str,
    message: &str,
    error: &str,
) -> Result<bool, StoreError> {
    const FILE: Statement = Statement::new(
        "INSERT INTO dead_letter (id, queue, message_id, message, error, filed_at, created_at, updated_at) \
         SELECT @id, @queue, @message_id, @message, @error, {now}, {now}, {now} \
         WHERE NOT EXISTS (SELECT 1 FROM dead_letter WHERE queue = @queue AND message_id = @message_id)",
    );
    let id = uuid::Uuid::now_v7().to_string();
    let filed = tx
        .execute(
            &FILE,
            &[
                ("@id", (&id).into()),
                ("@queue", queue.into()),
                ("@message_id", message_id.into()),
                ("@message", message.into()),
                ("@error", error.into()),
            ],
        )
        .await?;
    if filed > 0 {
        flag::raise(tx, KIND, &[(id.as_str(), FlagKind::DeadLetter)]).await?;
    }
    Ok(filed > 0)
}

/// Dead letters, newest first; `before` is the id of the last one of the page before.
pub async fn list(
    tx: &mut Transaction,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<DeadLetter>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT * FROM dead_letter WHERE (@before IS NULL OR id < @before) ORDER BY id DESC {limit}",
    );
    let rows = tx
        .query(
            &LIST,
            &[
                ("@before", before.map(str::to_owned).into()),
                ("@limit", limit.into()),
            ],
        )
        .await?;
    rows.iter().map(dead_letter).collect()
}

/// Those that nobody has replayed yet, oldest first.
pub async fn waiting(tx: &mut Transaction, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
    const WAITING: Statement =
        Statement::new("SELECT * FROM dead_letter WHERE replayed_at IS NULL ORDER BY id {limit}");
    let rows = tx.query(&WAITING, &[("@limit", limit.into())]).await?;
    rows.iter().map(dead_letter).collect()
}

/// Whether a check of the approvals scan failed for good, and no scan has succeeded since.
pub async fn is_check_waiting(tx: &mut Transaction) -> Result<bool, StoreError> {
    Ok(!checks_waiting(tx).await?.is_empty())
}

/// A scan has succeeded: what checks failed before it need nobody's look.
pub async fn settle_checks(tx: &mut Transaction) -> Result<(), StoreError> {
    for id in checks_waiting(tx).await? {
        mark_replayed(tx, &id, "a later scan").await?;
    }
    Ok(())
}

async fn checks_waiting(tx: &mut Transaction) -> Result<Vec<String>, StoreError> {
    // The body of a webhook stands in its message as base64: it cannot look so.
    const CHECKS: Statement = Statement::new(
        "SELECT id FROM dead_letter WHERE replayed_at IS NULL AND message LIKE '%\"check\":\"approvals\"%' ORDER BY id",
    );
    let rows = tx.query(&CHECKS, &[]).await?;
    rows.iter().map(|row| row.text("id")).collect()
}

/// A dead letter by its id.
pub async fn get(tx: &mut Transaction, id: &str) -> Result<Option<DeadLetter>, StoreError> {
    const GET: Statement = Statement::new("SELECT * FROM dead_letter WHERE id = @id");
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(dead_letter).transpose()
}

/// Notes that a dead letter was sent again.
pub async fn mark_replayed(tx: &mut Transaction, id: &str, by: &str) -> Result<(), StoreError> {
    const MARK: Statement = Statement::new(
        "UPDATE dead_letter SET replayed_at = {now}, replayed_by = @by, updated_at = {now} WHERE id = @id",
    );
    tx.execute(&MARK, &[("@id", id.into()), ("@by", by.into())])
        .await?;
    flag::replace(tx, KIND, &[FlagKind::DeadLetter], &[id], &[]).await?;
    Ok(())
}

fn dead_letter(row: &Row) -> Result<DeadLetter, StoreError> {
    Ok(DeadLetter {
        id: row.text("id")?,
        queue: row.text("queue")?,
        message: row.text("message")?,
        error: row.text("error")?,
        filed_at: row.instant("filed_at")?,
        replayed_at: row.opt_instant("replayed_at")?,
        replayed_by: row.opt_text("replayed_by")?,
    })
}

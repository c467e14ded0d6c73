//! What need not be kept for ever, removed in bounded batches: no statement holds the tables for long.
//!
//! Time, leave, timesheets, LEM sheets, rates, the ledger and jobs are not here: pay and balances are computed from
//! them again and again, so they are never trimmed. The audit of their changes is kept as long as the law asks at least.

use super::{Statement, StoreError, Transaction};

/// Rows of one statement.
pub const BATCH: u32 = 1000;

/// A table that is trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trimmed {
    /// Webhooks as they came in, once they are settled; what waits or failed is kept.
    Deliveries,
    /// Messages that failed for good, once a person has replayed them.
    DeadLetters,
    /// Answers of creates, kept for who repeats one.
    Answers,
    /// Who changed what through the API.
    Audit,
}

impl Trimmed {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Deliveries,
        Self::DeadLetters,
        Self::Answers,
        Self::Audit,
    ];
}

/// Removes at most [`BATCH`] rows that are older than so many days by the database's clock, the oldest first, and says
/// how many.
pub async fn trim(tx: &mut Transaction, what: Trimmed, days: u32) -> Result<u64, StoreError> {
    const DELIVERIES: Statement = Statement::new(
        "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery \
         WHERE last_received_at < {now + @seconds} AND outcome IN ('applied', 'gone', 'ignored') \
         ORDER BY last_received_at {limit})",
    );
    const DEAD_LETTERS: Statement = Statement::new(
        "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter \
         WHERE replayed_at < {now + @seconds} ORDER BY replayed_at {limit})",
    );
    const ANSWERS: Statement = Statement::new(
        "DELETE FROM idempotency WHERE created_at < {now + @seconds} AND key_hash IN \
         (SELECT key_hash FROM idempotency WHERE created_at < {now + @seconds} ORDER BY created_at {limit})",
    );
    const AUDIT: Statement = Statement::new(
        "DELETE FROM audit WHERE id IN (SELECT id FROM audit \
         WHERE at < {now + @seconds} ORDER BY at, id {limit})",
    );
    let statement = match what {
        Trimmed::Deliveries => &DELIVERIES,
        Trimmed::DeadLetters => &DEAD_LETTERS,
        Trimmed::Answers => &ANSWERS,
        Trimmed::Audit => &AUDIT,
    };
    let seconds = -i64::from(days) * 24 * 60 * 60;
    tx.execute(
        statement,
        &[("@seconds", seconds.into()), ("@limit", BATCH.into())],
    )
    .await
}

//! Trimming: what is old and settled goes, a batch at a time; what waits, failed, is young, or pay needs, stays.

use super::on_each_engine;
use crate::store::{
    Statement, Store, StoreError,
    retention::{BATCH, Trimmed, trim},
};

on_each_engine!(
    each_table_loses_what_is_old_and_settled_and_nothing_else,
    a_batch_is_bounded,
);

/// Days that rows are kept here.
const KEPT: u32 = 10;

async fn fill(store: &Store, statement: &Statement, rows: &[(&str, &str, i64)]) {
    for (id, word, age_days) in rows {
        store
            .write(async |mut tx| {
                let params = [
                    ("@id", (*id).into()),
                    ("@word", (*word).into()),
                    ("@seconds", (-age_days * 24 * 60 * 60).into()),
                ];
                tx.execute(statement, &params).await
            })
            .await
            .unwrap();
    }
}

async fn left(store: &Store, statement: &Statement) -> Vec<String> {
    store
        .read(async |mut tx| {
            let rows = tx.query(statement, &[]).await?;
            rows.iter()
                .map(|row| row.text("id"))
                .collect::<Result<_, StoreError>>()
        })
        .await
        .unwrap()
}

async fn trimmed(store: &Store, what: Trimmed) -> u64 {
    store
        .write(async |mut tx| trim(&mut tx, what, KEPT).await)
        .await
        .unwrap()
}

const DELIVERY: Statement = Statement::new(
    "INSERT INTO delivery (id, event_type, record_id, body_sha256, times_seen, last_event_id, first_received_at, \
     last_received_at, outcome, created_at, updated_at) \
     VALUES (@id, 'NEW_TAG', @id, @id, 1, @id, {now + @seconds}, {now + @seconds}, @word, {now}, {now})",
);

async fn each_table_loses_what_is_old_and_settled_and_nothing_else(store: &Store) {
    const DEAD_LETTER: Statement = Statement::new(
        "INSERT INTO dead_letter (id, queue, message_id, message, error, filed_at, replayed_at, created_at, updated_at) \
         SELECT @id, 'jobs', @id, '', '', {now + @seconds}, CASE WHEN @word = 'replayed' THEN {now + @seconds} END, {now}, {now}",
    );
    const ANSWER: Statement = Statement::new(
        "INSERT INTO idempotency (caller, operation, key_hash, body_hash, status, answer, created_at, updated_at) \
         VALUES ('key a', @word, @id, '', 201, '', {now + @seconds}, {now})",
    );
    const AUDIT: Statement = Statement::new(
        "INSERT INTO audit (id, at, caller, action, record_kind, record_id, change, created_at, updated_at) \
         VALUES (@id, {now + @seconds}, 'key a', @word, 'lem_sheet', @id, 'null', {now}, {now})",
    );
    fill(
        store,
        &DELIVERY,
        &[
            ("old-applied", "applied", 11),
            ("old-failed", "failed", 11),
            ("old-gone", "gone", 11),
            ("old-ignored", "ignored", 11),
            ("old-waiting", "waiting", 11),
            ("young", "applied", 9),
        ],
    )
    .await;
    fill(
        store,
        &DEAD_LETTER,
        &[
            ("old-replayed", "replayed", 11),
            ("old-unread", "", 11),
            ("young", "replayed", 9),
        ],
    )
    .await;
    fill(
        store,
        &ANSWER,
        &[("old", "POST /x", 11), ("young", "POST /x", 9)],
    )
    .await;
    fill(
        store,
        &AUDIT,
        &[("old", "create", 11), ("young", "create", 9)],
    )
    .await;
    let table: [(Trimmed, Statement, u64, &[&str]); 4] = [
        (
            Trimmed::Deliveries,
            Statement::new("SELECT id FROM delivery ORDER BY id"),
            3,
            &["old-failed", "old-waiting", "young"],
        ),
        (
            Trimmed::DeadLetters,
            Statement::new("SELECT id FROM dead_letter ORDER BY id"),
            1,
            &["old-unread", "young"],
        ),
        (
            Trimmed::Answers,
            Statement::new("SELECT key_hash AS id FROM idempotency ORDER BY key_hash"),
            1,
            &["young"],
        ),
        (
            Trimmed::Audit,
            Statement::new("SELECT id FROM audit ORDER BY id"),
            1,
            &["young"],
        ),
    ];
    assert_eq!(table.len(), Trimmed::ALL.len());
    for (what, listed, gone, kept) in table {
        assert_eq!(trimmed(store, what).await, gone, "{what:?}");
        assert_eq!(left(store, &listed).await, kept, "{what:?}");
        assert_eq!(trimmed(store, what).await, 0, "{what:?} again");
    }
}

async fn a_batch_is_bounded(store: &Store) {
    let ids: Vec<String> = (0..=BATCH).map(|n| format!("{n:05}")).collect();
    let rows: Vec<(&str, &str, i64)> = ids.iter().map(|id| (id.as_str(), "applied", 11)).collect();
    fill(store, &DELIVERY, &rows).await;
    assert_eq!(trimmed(store, Trimmed::Deliveries).await, u64::from(BATCH));
    assert_eq!(trimmed(store, Trimmed::Deliveries).await, 1);
}

//! Units of work: all or nothing, repeated where that helps, rolled back when dropped.

use std::{
    future::Future,
    sync::atomic::{AtomicU32, Ordering},
};

use jiff::{Timestamp, civil::Date};

use super::Database;
use crate::store::{Column, Rows, Statement, Store, StoreError, Transaction, Value};

const CREATE: Statement = Statement::new(
    "CREATE TABLE crew (
        id TEXT NOT NULL CONSTRAINT pk_crew PRIMARY KEY,
        name_key TEXT NOT NULL,
        hours INTEGER NULL,
        created_on TEXT NULL,
        created_at TEXT NULL,
        CONSTRAINT ck_crew_hours CHECK (hours < 100000)
    ) STRICT",
);
const CREATE_UNIQUE: Statement =
    Statement::new("CREATE UNIQUE INDEX uq_crew_name_key ON crew (name_key, hours)");
const CREATE_MEMBER: Statement = Statement::new(
    "CREATE TABLE member (
        id TEXT NOT NULL CONSTRAINT pk_member PRIMARY KEY,
        other_id TEXT NULL CONSTRAINT fk_member_other_id REFERENCES member (id),
        crew_id TEXT NOT NULL CONSTRAINT fk_member_crew_id REFERENCES crew (id)
    ) STRICT",
);
const ADD: Statement = Statement::new(
    "INSERT INTO crew (id, name_key, hours, created_on, created_at)
     VALUES (@id, @name, @hours, @on, @at)",
);
const ADD_MEMBER: Statement =
    Statement::new("INSERT INTO member (id, other_id, crew_id) VALUES (@id, NULL, @crew_id)");
const COUNT: Statement = Statement::new("SELECT COUNT(*) AS crews FROM crew");
const ALL: Statement = Statement::new(
    "SELECT id, name_key, hours, created_on, created_at FROM crew ORDER BY id {limit}",
);

async fn with_tables() -> Database {
    let database = Database::empty();
    database
        .store
        .write(async |mut tx| {
            tx.execute(&CREATE, &[]).await?;
            tx.execute(&CREATE_UNIQUE, &[]).await?;
            tx.execute(&CREATE_MEMBER, &[]).await
        })
        .await
        .expect("tables");
    database
}

async fn add(tx: &mut Transaction, id: &str, name: &str) -> Result<u64, StoreError> {
    // The parameters' order is not that of their appearance: they are bound by name.
    tx.execute(
        &ADD,
        &[
            ("@name", name.into()),
            ("@at", Value::Instant(None)),
            (
                "@hours",
                Value::hours("7.75".parse::<rust_decimal::Decimal>().ok()),
            ),
            ("@on", Value::Date(None)),
            ("@id", id.into()),
        ],
    )
    .await
}

async fn count(store: &Store) -> i64 {
    store
        .read(async |mut tx| {
            let row = tx.query_one(&COUNT, &[]).await?.expect("a row");
            row.int("crews")
        })
        .await
        .expect("a count")
}

#[tokio::test]
async fn a_unit_of_work_lasts_as_a_whole_or_not_at_all() {
    let database = with_tables().await;
    let store = &database.store;
    store
        .write(async |mut tx| {
            add(&mut tx, "a", "A").await?;
            add(&mut tx, "b", "B").await
        })
        .await
        .expect("two crews");
    assert_eq!(count(store).await, 2);

    let refused: Result<(), StoreError> = store
        .write(async |mut tx| {
            add(&mut tx, "c", "C").await?;
            Err(StoreError::statement("the caller changed his mind"))
        })
        .await;
    refused.expect_err("the caller's error");
    assert_eq!(count(store).await, 2);
}

#[tokio::test]
async fn a_dropped_unit_of_work_is_rolled_back_before_the_connection_serves_the_next() {
    let database = with_tables().await;
    let store = &database.store;
    {
        let work = store.write(async |mut tx| {
            add(&mut tx, "a", "A").await?;
            std::future::pending::<()>().await;
            Ok::<_, StoreError>(())
        });
        let mut work = std::pin::pin!(work);
        // Until the row is written and the closure waits for ever.
        let before = store.statements_run();
        while store.statements_run() == before {
            tokio::select! {
                biased;
                _ = &mut work => panic!("it never ends"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    store
        .write(async |mut tx| add(&mut tx, "b", "B").await)
        .await
        .expect("the next");
    assert_eq!(count(store).await, 1);
}

#[tokio::test]
async fn violations_are_told_apart_by_the_name_of_the_constraint() {
    let database = with_tables().await;
    let store = &database.store;
    store
        .write(async |mut tx| add(&mut tx, "a", "A").await)
        .await
        .expect("a crew");
    let fails = async |statement: Statement, params: Vec<(&'static str, Value)>| {
        store
            .write(async |mut tx| tx.execute(&statement, &params).await)
            .await
            .expect_err("a violation")
    };
    let crew = |id: &str, name: &str, hours: i64| {
        vec![
            ("@id", Value::from(id)),
            ("@name", Value::from(name)),
            ("@hours", Value::hours(rust_decimal::Decimal::new(hours, 2))),
            ("@on", Value::Date(None)),
            ("@at", Value::Instant(None)),
        ]
    };
    let member =
        |id: &str, crew: &str| vec![("@id", Value::from(id)), ("@crew_id", Value::from(crew))];

    let error = fails(ADD, crew("a", "Z", 100)).await;
    assert!(
        matches!(&error, StoreError::Duplicate { constraint } if constraint == "pk_crew"),
        "{error}"
    );
    let error = fails(ADD, crew("b", "A", 775)).await;
    assert!(error.violates("uq_crew_name_key"), "{error}");
    let error = fails(ADD, crew("b", "B", 100_000)).await;
    assert!(
        matches!(&error, StoreError::Refused { constraint } if constraint == "ck_crew_hours"),
        "{error}"
    );
    let error = fails(ADD_MEMBER, member("m", "nobody")).await;
    assert!(
        matches!(&error, StoreError::Reference { constraint } if constraint == "fk_member_crew_id"),
        "{error}"
    );

    store
        .write(async |mut tx| tx.execute(&ADD_MEMBER, &member("m", "a")).await)
        .await
        .expect("a member");
    let error = fails(Statement::new("DELETE FROM crew"), vec![]).await;
    assert!(error.violates("fk_member_crew_id"), "{error}");
    assert_eq!(count(store).await, 1, "nothing of the failures lasts");
}

#[tokio::test]
async fn a_duplicate_repeats_the_whole_closure_a_few_times() {
    let database = with_tables().await;
    let tries = AtomicU32::new(0);
    let store = &database.store;
    let lucky_at_last = store
        .write(async |mut tx| {
            add(&mut tx, "first", "F").await?;
            let id = if tries.fetch_add(1, Ordering::SeqCst) < 2 {
                "first"
            } else {
                "second"
            };
            add(&mut tx, id, "S").await
        })
        .await;
    assert_eq!(lucky_at_last.expect("the third try"), 1);
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(count(store).await, 2, "what the failed tries wrote is gone");

    tries.store(0, Ordering::SeqCst);
    let never = store
        .write(async |mut tx| {
            tries.fetch_add(1, Ordering::SeqCst);
            add(&mut tx, "first", "X").await
        })
        .await;
    assert!(never.expect_err("a duplicate").violates("pk_crew"));
    assert_eq!(tries.load(Ordering::SeqCst), 3, "bounded");
}

#[tokio::test]
async fn a_failed_statement_cannot_be_overlooked() {
    let database = with_tables().await;
    let store = &database.store;
    let overlooked = store
        .write(async |mut tx| {
            add(&mut tx, "a", "A").await?;
            let _ = tx
                .execute(
                    &ADD_MEMBER,
                    &[("@id", "m".into()), ("@crew_id", "nobody".into())],
                )
                .await;
            let after = add(&mut tx, "b", "B").await;
            assert!(matches!(after, Err(StoreError::Aborted)), "{after:?}");
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(
        matches!(overlooked, Err(StoreError::Aborted)),
        "{overlooked:?}"
    );
    assert_eq!(count(store).await, 0);
}

#[tokio::test]
async fn a_transaction_does_not_outlive_its_closure() {
    let database = with_tables().await;
    let store = &database.store;
    let escaped = store
        .write(async |mut tx| {
            add(&mut tx, "a", "A").await?;
            Ok::<_, StoreError>(tx)
        })
        .await;
    assert!(matches!(escaped, Err(StoreError::Escaped)), "{escaped:?}");
    assert_eq!(count(store).await, 0);
}

#[tokio::test]
async fn a_reader_sees_one_moment_and_writes_nothing() {
    let database = with_tables().await;
    let store = &database.store;
    store
        .read(async |mut tx| {
            let before = tx
                .query_one(&COUNT, &[])
                .await?
                .expect("a row")
                .int("crews")?;
            store
                .write(async |mut tx| add(&mut tx, "a", "A").await)
                .await?;
            let after = tx
                .query_one(&COUNT, &[])
                .await?
                .expect("a row")
                .int("crews")?;
            assert_eq!((before, after), (0, 0));
            Ok::<_, StoreError>(())
        })
        .await
        .expect("a reading");
    assert_eq!(count(store).await, 1);
    let written = store
        .read(async |mut tx| add(&mut tx, "b", "B").await)
        .await;
    written.expect_err("a reader cannot write");
}

#[tokio::test]
async fn parameters_must_be_those_of_the_statement() {
    let database = with_tables().await;
    for params in [
        vec![("@id", Value::from("m"))],
        vec![
            ("@id", "m".into()),
            ("@crew_id", "a".into()),
            ("@crew", "a".into()),
        ],
    ] {
        let wrong = database
            .store
            .write(async |mut tx| tx.execute(&ADD_MEMBER, &params).await)
            .await;
        assert!(
            matches!(wrong, Err(StoreError::Statement { .. })),
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    const ROWS: &[Column] = &[
        Column::id("id"),
        Column::text("name"),
        Column::hours("hours"),
        Column::date("created_on"),
        Column::instant("created_at"),
    ];
    const ADD_ALL: Statement = Statement::new(
        "INSERT INTO crew (id, name_key, hours, created_on, created_at)
         SELECT r.id, r.name, r.hours, r.created_on, r.created_at FROM {@rows} AS r",
    )
    .rows(&[("@rows", ROWS)]);
    let database = with_tables().await;
    let date: Date = "9999-12-31".parse().expect("a date");
    let at: Timestamp = "2026-11-01T08:00:00.123456Z".parse().expect("an instant");
    let hours: rust_decimal::Decimal = "-0.25".parse().expect("a decimal");
    let rows: Rows = [
        vec![
            "1".into(),
            "O'Néil 👷\u{1F3FD} ".into(),
            Value::hours(hours),
            date.into(),
            at.into(),
        ],
        vec![
            "2".into(),
            "".into(),
            Value::hours(None),
            Value::Date(None),
            Value::Instant(None),
        ],
    ]
    .into_iter()
    .collect();
    let read = database
        .store
        .write(async |mut tx| {
            let added = tx
                .execute(&ADD_ALL, &[("@rows", rows.clone().into())])
                .await?;
            assert_eq!(added, 2);
            tx.query(&ALL, &[("@limit", 10_i64.into())]).await
        })
        .await
        .expect("rows");
    assert_eq!(
        read[0].text("name_key").expect("text"),
        "O'Néil 👷\u{1F3FD} "
    );
    assert_eq!(read[0].hours("hours").expect("hours"), hours);
    assert_eq!(read[0].date("created_on").expect("a date"), date);
    assert_eq!(
        read[0]
            .instant("created_at")
            .expect("an instant")
            .to_string(),
        "2026-11-01T08:00:00.123Z"
    );
    assert_eq!(read[1].text("name_key").expect("text"), "");
    assert_eq!(read[1].opt_hours("hours").expect("hours"), None);
    assert_eq!(read[1].opt_date("created_on").expect("a date"), None);
    assert_eq!(read[1].opt_instant("created_at").expect("an instant"), None);
    read[1].hours("hours").expect_err("NULL is not hours");
    read[1].int("name_key").expect_err("text is not a number");
    read[1].text("nothing").expect_err("no such column");
}

#[tokio::test]
async fn more_decimals_than_the_column_has_are_refused_not_rounded() {
    let database = with_tables().await;
    let hours = Value::hours(rust_decimal::Decimal::new(7125, 3));
    let refused = database
        .store
        .write(async |mut tx| {
            let params = [
                ("@id", "a".into()),
                ("@name", "A".into()),
                ("@hours", hours.clone()),
                ("@on", Value::Date(None)),
                ("@at", Value::Instant(None)),
            ];
            tx.execute(&ADD, &params).await
        })
        .await;
    assert!(
        matches!(&refused, Err(StoreError::Value { name, .. }) if name == "@hours"),
        "{refused:?}"
    );
}

/// Handlers and spawned tasks can hold a unit of work across an await: this compiles or it does not.
#[tokio::test]
async fn a_unit_of_work_can_be_spawned_and_boxed() {
    async fn borrowing(store: &Store, names: &[String]) -> Result<u64, StoreError> {
        store
            .write(async |mut tx| {
                let mut added = 0;
                for name in names {
                    added += add(&mut tx, name, name).await?;
                }
                Ok(added)
            })
            .await
    }
    fn boxed<'a, T>(
        work: impl Future<Output = T> + Send + 'a,
    ) -> std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>> {
        Box::pin(work)
    }
    let database = with_tables().await;
    let store = database.store.clone();
    let names = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(boxed(borrowing(&store, &names)).await.expect("added"), 2);
    let task = tokio::spawn(async move {
        let more = vec!["c".to_owned()];
        borrowing(&store, &more).await?;
        let id = String::from("d");
        store
            .write(async |mut tx| add(&mut tx, &id, &names[0]).await)
            .await
            .map(|_| ())
    });
    let duplicate = task
        .await
        .expect("the task")
        .expect_err("the name is taken");
    assert!(duplicate.violates("uq_crew_name_key"), "{duplicate}");
}

#[tokio::test]
async fn statements_are_counted() {
    let database = with_tables().await;
    let before = database.store.statements_run();
    count(&database.store).await;
    assert_eq!(database.store.statements_run() - before, 1);
}

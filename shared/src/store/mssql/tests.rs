//! The engine against a stand-in that speaks TDS: tokens, transient errors, cut connections, transactions
//! that are dropped.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    time::OffsetDateTime,
};

use super::{
    Pool,
    stand_in::{Answer, Behaviour, Reply, StandIn},
    test_database::TestDatabase,
};
use crate::{
    domain::time_entry::TimeEntry,
    settings::{SqlServerLogin, SqlServerUrl},
    store::{
        Engine, Repeat, Spent, Statement, Store, StoreError, Ticket, Transaction,
        tests::samples::entry, time_entry,
    },
};

const WRITE: Statement = Statement::new("UPDATE project SET name = @name WHERE id = @id");
const READ: Statement = Statement::new("SELECT COUNT(*) AS answer FROM project");

/// Gives `token-1`, `token-2` …
#[derive(Debug, Default)]
struct Tokens(AtomicU32);

impl TokenCredential for Tokens {
    fn get_token<'a, 'b, 'c, 'd, 'async_trait>(
        &'a self,
        scopes: &'b [&'c str],
        _options: Option<TokenRequestOptions<'d>>,
    ) -> Pin<Box<dyn Future<Output = azure_core::Result<AccessToken>> + Send + 'async_trait>>
    where
        'a: 'async_trait,
        'b: 'async_trait,
        'c: 'async_trait,
        'd: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            assert_eq!(scopes, ["https://database.windows.net/.default"]);
            let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            let in_an_hour = OffsetDateTime::now_utc() + Duration::from_hours(1);
            Ok(AccessToken::new(format!("token-{number}"), in_an_hour))
        })
    }
}

fn store_of(server: &StandIn) -> Store {
    let url = SqlServerUrl {
        server: "127.0.0.1".to_owned(),
        port: server.port(),
        database: "clocking".to_owned(),
        login: SqlServerLogin::ManagedIdentity { client_id: None },
        trust_server_certificate: true,
    };
    let pool = Pool::with_credential(&url, Some(Arc::new(Tokens::default())));
    Store::over(Engine::Mssql(pool))
}

async fn write(tx: &mut Transaction) -> Result<u64, StoreError> {
    tx.execute(&WRITE, &[("@id", "p".into()), ("@name", "A".into())])
        .await
}

async fn number(store: &Store) -> Result<i64, StoreError> {
    store
        .read(async |mut tx| {
            let row = tx.query_one(&READ, &[]).await?;
            row.expect("a row").int("answer")
        })
        .await
}

/// Waits for something that another thread does.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{what} did not happen"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_unit_of_work_is_a_transaction_of_its_own_batches() {
    let answers = [
        Answer {
            to: "SET name = @P2 WHERE id = @P1",
            with: Reply::Touched(3),
        },
        Answer {
            to: "SELECT COUNT(*)",
            with: Reply::Number(42),
        },
    ];
    let server = StandIn::start(&[], &answers);
    let store = store_of(&server);
    let touched = store.write(async |mut tx| write(&mut tx).await).await;
    assert_eq!(touched.expect("written"), 3);
    assert_eq!(number(&store).await.expect("a number"), 42);
    let log = server.log();
    let expected = [
        "1: connected",
        "1: login token-1",
        "1: batch SET XACT_ABORT ON; SET LOCK_TIMEOUT 5000;",
        "1: batch IF @@TRANCOUNT > 0 ROLLBACK TRAN",
        "1: batch BEGIN TRAN",
        "1: call UPDATE project SET name = @P2 WHERE id = @P1",
        "1: batch COMMIT TRAN",
        "1: batch IF @@TRANCOUNT > 0 ROLLBACK TRAN",
        "1: batch BEGIN TRAN",
        "1: call SELECT COUNT(*) AS answer FROM project",
    ];
    assert_eq!(log[..expected.len()], expected);
    until("the reader's rollback", || {
        server.count("ROLLBACK TRAN") == 3
    })
    .await;
}

#[tokio::test]
async fn each_connection_has_a_token_of_its_own() {
    let server = StandIn::start(&[], &[]);
    let store = store_of(&server);
    store
        .write(async |_outer| store.write(async |mut tx| write(&mut tx).await).await)
        .await
        .expect("two at once");
    assert_eq!(server.count("login"), 2);
    assert_eq!((server.count("token-1"), server.count("token-2")), (1, 1));
}

#[tokio::test]
async fn a_server_without_tls_gets_no_token() {
    let server = StandIn::start(&[Behaviour::WithoutTls; 20], &[]);
    let store = Store {
        patience: Duration::ZERO,
        ..store_of(&server)
    };
    let refused = store.write(async |mut tx| write(&mut tx).await).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    assert_eq!(server.count("login"), 0);
}

/// A serverless database that sleeps answers 40613 until it is awake.
#[tokio::test]
async fn a_sleeping_database_is_waited_for() {
    let server = StandIn::start(
        &[Behaviour::RefuseLogin(40613), Behaviour::RefuseLogin(40613)],
        &[],
    );
    let store = store_of(&server);
    store
        .write(async |mut tx| write(&mut tx).await)
        .await
        .expect("awake at last");
    assert_eq!(server.count("login"), 3);
    assert_eq!(server.count("call UPDATE"), 1);
}

#[tokio::test]
async fn patience_ends_and_a_refused_login_is_not_repeated() {
    let server = StandIn::start(&[Behaviour::RefuseLogin(40613); 20], &[]);
    let store = Store {
        patience: Duration::from_secs(2),
        ..store_of(&server)
    };
    let away = store.write(async |mut tx| write(&mut tx).await).await;
    assert!(
        matches!(away, Err(StoreError::Unavailable { passing: true, .. })),
        "{away:?}"
    );
    let logins = server.count("login");
    assert!((2..=4).contains(&logins), "{logins} logins");
    assert_eq!(store_of(&server).patience(), Duration::from_secs(5));
    assert_eq!(store.patient().patience(), Duration::from_secs(90));

    let server = StandIn::start(&[Behaviour::RefuseLogin(18456); 20], &[]);
    let refused = store_of(&server)
        .write(async |mut tx| write(&mut tx).await)
        .await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { passing: false, .. })),
        "{refused:?}"
    );
    assert_eq!(server.count("login"), 1);
}

#[tokio::test]
async fn a_cut_connection_is_replaced_and_the_work_repeated() {
    let answers = [Answer {
        to: "SELECT COUNT(*)",
        with: Reply::Number(7),
    }];
    let server = StandIn::start(
        &[Behaviour::CutAt("UPDATE"), Behaviour::CutAt("SELECT")],
        &answers,
    );
    let store = store_of(&server);
    store
        .write(async |mut tx| write(&mut tx).await)
        .await
        .expect("on the second connection");
    assert_eq!(
        (
            server.count("1: call UPDATE"),
            server.count("2: call UPDATE")
        ),
        (1, 1)
    );
    assert_eq!(server.count("COMMIT TRAN"), 1);
    assert_eq!(number(&store).await.expect("on the third"), 7);
    assert_eq!(server.count("connected"), 3);
}

/// Nobody can know whether it lasted: the caller must look.
#[tokio::test]
async fn a_commit_that_was_not_answered_is_not_repeated() {
    let server = StandIn::start(&[Behaviour::CutAt("COMMIT")], &[]);
    let store = store_of(&server);
    let unknown = store.write(async |mut tx| write(&mut tx).await).await;
    assert!(
        matches!(unknown, Err(StoreError::Unavailable { .. })),
        "{unknown:?}"
    );
    assert_eq!(server.count("call UPDATE"), 1);
}

#[tokio::test]
async fn a_deadlocks_victim_repeats_its_whole_transaction() {
    let deadlock = Answer {
        to: "UPDATE",
        with: Reply::Error(1205, "deadlock victim"),
    };
    let server = StandIn::start(&[], &[deadlock, deadlock]);
    let store = store_of(&server);
    store
        .write(async |mut tx| write(&mut tx).await)
        .await
        .expect("the third time");
    assert_eq!(
        (server.count("BEGIN TRAN"), server.count("call UPDATE")),
        (3, 3)
    );
    assert_eq!(
        (server.count("COMMIT TRAN"), server.count("connected")),
        (1, 1)
    );

    let server = StandIn::start(&[], &[deadlock; 20]);
    let busy = store_of(&server)
        .write(async |mut tx| write(&mut tx).await)
        .await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    assert_eq!(server.count("call UPDATE"), 5, "bounded");
}

/// `design.md` §3: 5 s in HTTP, whatever is waited for.
#[tokio::test]
async fn work_is_repeated_no_longer_than_patience_lasts() {
    let server = StandIn::start(&[], &[]);
    let (callers, jobs) = (store_of(&server), store_of(&server).patient());
    for repeat in [Repeat::Contention, Repeat::DuplicateRace, Repeat::Passing] {
        let waits = |store: &Store, elapsed_s| {
            let elapsed = Duration::from_secs(elapsed_s);
            store.wait_before_repeating(repeat, 1, elapsed).is_some()
        };
        assert!(waits(&callers, 4) && !waits(&callers, 5), "{repeat:?}");
        assert!(waits(&jobs, 60) && !waits(&jobs, 90), "{repeat:?}");
    }
}

#[tokio::test]
async fn a_connection_is_waited_for_no_longer_than_patience_lasts() {
    let server = StandIn::start(&[Behaviour::SilentAt("SET XACT_ABORT")], &[]);
    let store = Store {
        patience: Duration::from_millis(300),
        ..store_of(&server)
    };
    let started = Instant::now();
    let away = store.write(async |mut tx| write(&mut tx).await).await;
    assert!(
        matches!(away, Err(StoreError::Unavailable { passing: true, .. })),
        "{away:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(5), "{started:?}");
}

#[tokio::test]
async fn violations_carry_the_constraints_name() {
    for (number, words, expected) in [
        (
            2627,
            "Violation of PRIMARY KEY constraint 'pk_project'. Cannot insert duplicate key in object 'dbo.project'.",
            "pk_project",
        ),
        (
            2601,
            "Cannot insert duplicate key row in object 'dbo.role' with unique index 'uq_role'.",
            "uq_role",
        ),
        (
            547,
            "The UPDATE statement conflicted with the FOREIGN KEY constraint \"fk_project_client\".",
            "fk_project_client",
        ),
        (
            547,
            "The UPDATE statement conflicted with the CHECK constraint \"ck_policy_unit\".",
            "ck_policy_unit",
        ),
        (
            515,
            "Cannot insert the value NULL into column 'name', table 'c.dbo.project'; column does not allow nulls.",
            "project.name",
        ),
    ] {
        let answer = Answer {
            to: "UPDATE",
            with: Reply::Error(number, words),
        };
        let server = StandIn::start(&[], &[answer; 3]);
        let error = store_of(&server)
            .write(async |mut tx| write(&mut tx).await)
            .await;
        let error = error.expect_err(words);
        assert!(error.violates(expected), "{error}");
        let kind = match number {
            547 if words.contains("FOREIGN") => matches!(error, StoreError::Reference { .. }),
            2627 | 2601 => matches!(error, StoreError::Duplicate { .. }),
            _ => matches!(error, StoreError::Refused { .. }),
        };
        assert!(kind, "{error:?}");
    }
}

#[tokio::test]
async fn a_dropped_transaction_is_rolled_back_before_its_connection_serves_again() {
    let server = StandIn::start(&[], &[]);
    let store = store_of(&server);
    {
        let answered = AtomicBool::new(false);
        let work = store.write(async |mut tx| {
            write(&mut tx).await?;
            answered.store(true, Ordering::SeqCst);
            std::future::pending::<()>().await;
            Ok::<_, StoreError>(())
        });
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            _ = &mut work => panic!("it never ends"),
            () = until("the write", || answered.load(Ordering::SeqCst)) => {}
        }
    }
    until("the rollback", || server.count("ROLLBACK TRAN") == 2).await;
    number_of_nothing(&store).await;
    assert_eq!(server.count("connected"), 1, "the connection is used again");
    assert_eq!(server.count("COMMIT TRAN"), 0);
}

#[tokio::test]
async fn a_connection_left_in_the_middle_of_a_message_is_closed() {
    let server = StandIn::start(&[Behaviour::SilentAt("UPDATE")], &[]);
    let store = store_of(&server);
    {
        let work = store.write(async |mut tx| write(&mut tx).await);
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            _ = &mut work => panic!("no answer comes"),
            () = until("the write", || server.count("call UPDATE") == 1) => {}
        }
    }
    until("its end", || server.count("1: given up") == 1).await;
    number_of_nothing(&store).await;
    assert_eq!(server.count("connected"), 2);
}

/// `crates.md`'s trap: an error that follows a result set must be seen, or a broken step is recorded as done.
#[tokio::test]
async fn a_migration_sees_an_error_that_follows_a_result() {
    let fails_late = Answer {
        to: "CREATE TABLE workspace",
        with: Reply::NumberThenError(2714, "There is already an object named 'workspace'."),
    };
    let server = StandIn::start(&[], &[fails_late]);
    let refused = store_of(&server).migrate().await;
    assert!(
        matches!(&refused, Err(StoreError::Statement { cause }) if cause.starts_with("2714")),
        "{refused:?}"
    );
    assert_eq!(server.count("sp_getapplock"), 1, "alone");
    assert_eq!(server.count("INSERT INTO schema_history"), 0);
    assert_eq!(server.count("COMMIT TRAN"), 0);
}

/// `design.md` §3: writes of many rows are set-based, never a row-by-row loop. The calls are those that the server sees.
#[tokio::test]
async fn a_page_takes_as_many_calls_whatever_its_length() {
    let calls_for = async |rows: u64| {
        let stored = Answer {
            to: "INSERT INTO time_entry (",
            with: Reply::Touched(rows),
        };
        let server = StandIn::start(&[], &[stored]);
        let page: Vec<TimeEntry> = (0..rows).map(|n| entry(&format!("n{n:05}"))).collect();
        let spent = Spent {
            ticket: Ticket(7),
            older_is_open: false,
        };
        let changes = store_of(&server)
            .write(async |mut tx| time_entry::upsert_page(&mut tx, spent, &page).await)
            .await;
        assert_eq!(changes.expect("stored").inserted, rows);
        server.count("call ")
    };
    // What is unknown, stored and buried is asked for; then the entries and their tags are written.
    assert_eq!((calls_for(1).await, calls_for(200).await), (5, 5));
}

/// Two tests on one server do not meet, and nothing is left behind.
#[tokio::test]
async fn a_tests_database_is_created_and_dropped_by_the_administrators_login() {
    let server = StandIn::start(&[], &[]);
    let admin = SqlServerUrl {
        server: "127.0.0.1".to_owned(),
        port: server.port(),
        database: "master".to_owned(),
        login: SqlServerLogin::Sql {
            user: "sa".to_owned(),
            password: "secret".to_owned().into(),
        },
        trust_server_certificate: true,
    };
    let one = TestDatabase::create(admin.clone()).await;
    let other = TestDatabase::create(admin).await;
    let names = [one.url().database, other.url().database];
    assert_ne!(names[0], names[1]);
    drop((one, other));
    for name in names {
        assert_eq!(server.count(&format!("CREATE DATABASE [{name}]")), 1);
        assert_eq!(server.count(&format!("DROP DATABASE [{name}]")), 1);
    }
}

/// A reading whose answer is empty.
async fn number_of_nothing(store: &Store) {
    let rows = store.read(async |mut tx| tx.query(&READ, &[]).await).await;
    assert!(rows.expect("an empty answer").is_empty());
}

//! What every engine must do alike.

mod attendance;
mod balance_ledger;
mod both_engines;
mod coordination;
mod dialect;
mod engine;
mod membership;
mod plans;
mod records;
mod report_views;
mod retention;
mod round_trips;
pub(super) mod samples;
mod set_based;
mod tickets;

use super::{
    Spent, Store, StoreError,
    mssql::test_database::TestDatabase,
    ticket::{self, Ticket},
};
use crate::settings::DatabaseUrl;

const FILE: &str = "new/clocking.db";

/// An empty database of its own, gone with the value.
pub(super) struct Database {
    pub(super) store: Store,
    home: Home,
}

enum Home {
    Folder(tempfile::TempDir),
    Server(TestDatabase),
}

impl Database {
    /// In a file.
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join(FILE));
        Self {
            store: Store::open(&url).expect("a database"),
            home: Home::Folder(folder),
        }
    }

    /// The same database, as another process has it.
    pub(super) fn opened_again(&self) -> Store {
        let url = match &self.home {
            Home::Folder(folder) => DatabaseUrl::Sqlite(folder.path().join(FILE)),
            Home::Server(database) => DatabaseUrl::SqlServer(database.url()),
        };
        Store::open(&url).expect("a database")
    }

    /// On the server of `TEST_MSSQL_URL`, whose login may create databases.
    pub(super) async fn empty_on_sql_server() -> Self {
        let url = std::env::var("TEST_MSSQL_URL").expect("TEST_MSSQL_URL names a server");
        let Ok(DatabaseUrl::SqlServer(admin)) = DatabaseUrl::parse(&url) else {
            panic!("TEST_MSSQL_URL must be mssql://SERVER/master?auth=sql&user=…&password=…");
        };
        let database = TestDatabase::create(admin).await;
        Self {
            store: Store::open(&DatabaseUrl::SqlServer(database.url())).expect("a pool"),
            home: Home::Server(database),
        }
    }

    pub(super) async fn migrated(self) -> Self {
        self.store.migrate().await.expect("the schema");
        self
    }
}

/// Called for every statement that a test runs.
pub(super) fn look_at(statement: &super::Statement) {
    dialect::parse(statement);
    plans::check(statement);
}

/// Runs each of the named functions against a fresh database of each engine; with `empty:` before a schema
/// is there. Without a server to test them on, those of SQL Server stand in the list as ignored.
macro_rules! on_each_engine {
    (empty: $($name:ident),+ $(,)?) => {
        $crate::store::tests::on_each_engine! { @ [] $($name)+ }
    };
    ($($name:ident),+ $(,)?) => {
        $crate::store::tests::on_each_engine! { @ [.migrated().await] $($name)+ }
    };
    (@ $made_ready:tt $($name:ident)+) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $name() {
                let database = $crate::store::tests::Database::empty();
                $crate::store::tests::on_each_engine! { @run $made_ready $name database }
            }
        )+}
        mod sql_server {$(
            #[tokio::test]
            #[cfg_attr(not(test_mssql), ignore = "SQL Server was not tested: TEST_MSSQL_URL is not set")]
            async fn $name() {
                let database = $crate::store::tests::Database::empty_on_sql_server().await;
                $crate::store::tests::on_each_engine! { @run $made_ready $name database }
            }
        )+}
    };
    (@run [$($made_ready:tt)*] $name:ident $database:ident) => {
        let database = $database $($made_ready)*;
        super::$name(&database.store).await;
    };
}
pub(super) use on_each_engine;

/// Writes with a fresh ticket: `written!(store, |tx, spent| project::upsert_page(&mut tx, spent, &rows))`.
macro_rules! written {
    ($store:expr, |$tx:ident, $spent:ident| $work:expr) => {{
        let ticket = crate::store::ticket::draw($store).await.expect("a ticket");
        crate::store::tests::written_with!($store, ticket, |$tx, $spent| $work)
    }};
}
use written;

/// Writes with a ticket that was drawn before.
macro_rules! written_with {
    ($store:expr, $ticket:expr, |$tx:ident, $spent:ident| $work:expr) => {
        $store
            .write(async |mut $tx| {
                let $spent = crate::store::tests::spend(&mut $tx, $ticket).await?;
                $work.await
            })
            .await
            .expect("written")
    };
}
use written_with;

/// Reads: `read!(store, |tx| project::list(&mut tx))`.
macro_rules! read {
    ($store:expr, |$tx:ident| $work:expr) => {
        $store
            .read(async |mut $tx| $work.await)
            .await
            .expect("read")
    };
}
use read;

async fn spend(tx: &mut super::Transaction, ticket: Ticket) -> Result<Spent, StoreError> {
    let spent = ticket::spend(tx, ticket).await?;
    Ok(spent.expect("the ticket is young"))
}

//! What every engine must do alike.

mod attendance;
mod balance_ledger;
pub(super) mod dialect;
mod engine;
mod membership;
mod records;
mod retention;
mod samples;
mod tickets;

use super::{
    Spent, Store, StoreError,
    ticket::{self, Ticket},
};
use crate::settings::DatabaseUrl;

/// An empty database of its own, gone with the value.
pub(super) struct Database {
    pub(super) store: Store,
    _folder: tempfile::TempDir,
}

impl Database {
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("new/clocking.db"));
        Self {
            store: Store::open(&url).expect("a database"),
            _folder: folder,
        }
    }

    async fn migrated() -> Self {
        let database = Self::empty();
        database.store.migrate().await.expect("the schema");
        database
    }
}

/// Runs each of the named functions against a fresh database of each engine.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test]
            async fn $name() {
                let database = crate::store::tests::Database::migrated().await;
                super::$name(&database.store).await;
            }
        )+}
    };
}
use on_each_engine;

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

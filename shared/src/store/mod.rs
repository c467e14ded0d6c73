//! The database: one SQL text for two engines, units of work, and one file per aggregate.
//!
//! Rules kept here: a statement is a fixed text and every value a parameter bound by name; what is
//! written in one unit of work lasts as a whole or not at all; many rows are written as a set.

mod assignment;
pub mod attendance;
pub mod client;
pub mod dead_letter;
pub mod delivery;
pub mod employee;
mod error;
pub mod flag;
mod gone;
pub mod group;
pub mod holiday;
pub mod job;
pub mod lease;
mod migration;
pub mod policy;
pub mod project;
mod record;
mod reference;
mod row;
pub mod scan;
mod sqlite;
mod statement;
pub mod tag;
pub mod task;
#[cfg(test)]
mod tests;
pub mod ticket;
pub mod time_entry;
pub mod time_off_request;
pub mod timesheet;
pub mod timesheet_miss;
pub mod to_reread;
pub mod tombstone;
mod transaction;
mod value;
pub mod work;
pub mod workspace;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use self::{error::Repeat, transaction::Ended};
pub use self::{
    error::StoreError,
    gone::{CompleteRead, Missing},
    migration::Migrated,
    record::Changes,
    reference::References,
    row::Row,
    statement::{Column, Statement},
    ticket::{Spent, Ticket},
    transaction::Transaction,
    value::{Params, Rows, Value},
};
use crate::settings::DatabaseUrl;

/// Tries of one unit of work, the first included.
const MOST_TRIES: u32 = 5;
/// A duplicate is a race at first; after this many tries it is the caller's own.
const MOST_TRIES_FOR_DUPLICATES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<Engine>,
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Pool),
}

/// A connection of either engine with an open transaction; dropped, it rolls back.
#[derive(Debug)]
enum Connection {
    Sqlite(sqlite::Connection),
}

/// What a unit of work may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Store {
    /// Opens the database, and creates it where it is a file and missing. Does not migrate it.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let engine = match url {
            DatabaseUrl::Sqlite(path) => Engine::Sqlite(sqlite::Pool::open(path)?),
            DatabaseUrl::SqlServer(_) => {
                return Err(StoreError::unavailable("this build knows SQLite alone"));
            }
        };
        Ok(Self {
            engine: Arc::new(engine),
            statements: Arc::default(),
        })
    }

    /// Runs a unit of work and makes it last if it ends well.
    ///
    /// The whole closure runs again, a few times, after a deadlock and after a duplicate key that a
    /// writer at the same moment may have caused: it must do nothing that a rollback does not undo.
    /// Dropping the future rolls back.
    ///
    /// ```ignore
    /// let changes = store
    ///     .write(async |mut tx| project::upsert_page(&mut tx, ticket, &projects).await)
    ///     .await?;
    /// ```
    pub async fn write<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        self.run(Access::Write, work).await
    }

    /// Runs a unit of work that only reads: all its statements see the database at one moment (SQLite).
    pub async fn read<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        self.run(Access::Read, work).await
    }

    /// How many statements this store has run, for tests that hold the number per page.
    pub fn statements_run(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    async fn run<T, E, F, W>(&self, access: Access, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        let mut tries = 1;
        loop {
            let connection = self.engine.begin(access).await?;
            let (transaction, mut ended) =
                Transaction::new(connection, Arc::clone(&self.statements));
            let result = work(transaction).await;
            let Ok(Ended { connection, failed }) = ended.try_recv() else {
                return Err(StoreError::Escaped.into());
            };
            let repeat = match (result, failed) {
                (Ok(value), None) => match end(connection, access).await {
                    Ok(()) => return Ok(value),
                    Err(error) if may_repeat(error.repeat(), tries) => error.repeat(),
                    Err(error) => return Err(error.into()),
                },
                (Ok(_), Some(_)) => return Err(StoreError::Aborted.into()),
                (Err(_), Some(repeat)) if may_repeat(repeat, tries) => {
                    drop(connection);
                    repeat
                }
                (Err(error), _) => return Err(error),
            };
            tracing::warn!(store.repeat = ?repeat, store.tries = tries, "the unit of work runs again");
            tokio::time::sleep(wait_before(tries)).await;
            tries += 1;
        }
    }
}

async fn end(connection: Connection, access: Access) -> Result<(), StoreError> {
    match access {
        Access::Write => connection.commit().await,
        Access::Read => Ok(()),
    }
}

fn may_repeat(repeat: Repeat, tries: u32) -> bool {
    match repeat {
        Repeat::Contention => tries < MOST_TRIES,
        Repeat::DuplicateRace => tries < MOST_TRIES_FOR_DUPLICATES,
        Repeat::Never => false,
    }
}

/// Doubles with each try, and is not the same for two that met.
fn wait_before(tries: u32) -> Duration {
    FIRST_WAIT * 2_u32.pow(tries - 1) + Duration::from_millis(rand::random_range(0..20))
}

impl Engine {
    async fn begin(&self, access: Access) -> Result<Connection, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.begin(access).await.map(Connection::Sqlite),
        }
    }
}

impl Connection {
    async fn execute(&mut self, statement: &Statement, params: &Params) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(statement, params).await,
        }
    }

    async fn query(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query(statement, params).await,
        }
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.script(sql).await,
        }
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.commit().await,
        }
    }
}

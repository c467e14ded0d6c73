//! The database: one SQL text for two engines, units of work, and one file per aggregate.
//!
//! Rules kept here: a statement is a fixed text and every value a parameter bound by name; what is
//! written in one unit of work lasts as a whole or not at all; many rows are written as a set.

mod assignment;
pub mod attendance;
pub mod audit;
pub mod balance;
pub mod balance_ledger;
pub mod balance_push;
pub mod balance_records;
pub mod client;
pub mod dead_letter;
pub mod delivery;
pub mod employee;
mod error;
pub mod expense;
pub mod expense_category;
pub mod flag;
mod gone;
pub mod group;
pub mod holiday;
pub mod idempotency;
pub mod job;
pub mod lease;
mod lem_line;
pub mod lem_name;
pub mod lem_rate;
pub mod lem_sheet;
pub mod membership;
mod migration;
mod mssql;
pub mod outside_employment;
pub mod policy;
pub mod project;
mod record;
mod reference;
pub mod retention;
pub mod rounding;
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
    time::{Duration, Instant},
};

use self::{error::Repeat, statement::Dialect, transaction::Ended};
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
/// How long a unit of work tries while the database is away or others hold its locks.
const PATIENCE_OF_CALLERS: Duration = Duration::from_secs(5);
const PATIENCE_OF_JOBS: Duration = Duration::from_secs(90);
const FIRST_WAIT_FOR_DATABASE: Duration = Duration::from_millis(250);
const LONGEST_WAIT_FOR_DATABASE: Duration = Duration::from_secs(8);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<Engine>,
    statements: Arc<AtomicU64>,
    patience: Duration,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Pool),
    Mssql(mssql::Pool),
}

/// A connection of either engine with an open transaction; dropped, it rolls back.
#[derive(Debug)]
enum Connection {
    Sqlite(sqlite::Connection),
    Mssql(mssql::Connection),
}

/// What a unit of work may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
    /// Writes, and takes all of it back.
    Rehearse,
}

impl Store {
    /// Opens the database, and creates it where it is a file and missing. Does not migrate it.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let engine = match url {
            DatabaseUrl::Sqlite(path) => Engine::Sqlite(sqlite::Pool::open(path)?),
            DatabaseUrl::SqlServer(url) => Engine::Mssql(mssql::Pool::open(url)?),
        };
        Ok(Self::over(engine))
    }

    fn over(engine: Engine) -> Self {
        Self {
            engine: Arc::new(engine),
            statements: Arc::default(),
            patience: PATIENCE_OF_CALLERS,
        }
    }

    /// The same store for work that nobody waits for: it tries for 90 s instead of 5 s while the database
    /// wakes, moves, is throttled or locked.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self {
            patience: PATIENCE_OF_JOBS,
            ..self.clone()
        }
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

    /// How long a unit of work tries while the database is away.
    #[cfg(test)]
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Runs a unit of work that writes, and takes all of it back: its answer says what would have happened.
    pub async fn rehearse<T, E, F, W>(&self, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        self.run(Access::Rehearse, work).await
    }

    /// How many statements this store has run, for tests that hold the number per page.
    pub fn statements_run(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    async fn run<T, E, F, W>(&self, access: Access, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        let started = Instant::now();
        let mut tries = 1;
        loop {
            let (error, repeat) = match self.attempt(access, &work).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            let Some(wait) = self.wait_before_repeating(repeat, tries, started.elapsed()) else {
                return Err(error);
            };
            tracing::warn!(store.repeat = ?repeat, store.tries = tries, "the unit of work runs again");
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }

    /// Runs the work once; a failure says whether it may be run again.
    async fn attempt<T, E, F, W>(&self, access: Access, work: &F) -> Result<T, (E, Repeat)>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: From<StoreError>,
    {
        let begun = self.engine.begin(access, self.patience).await;
        let connection = begun.map_err(|error| {
            // A lock that was not free has been waited for already.
            let repeat = match error.repeat() {
                Repeat::Passing => Repeat::Passing,
                _ => Repeat::Never,
            };
            (error.into(), repeat)
        })?;
        let (transaction, mut ended) = Transaction::new(connection, Arc::clone(&self.statements));
        let result = work(transaction).await;
        let Ok(Ended { connection, failed }) = ended.try_recv() else {
            return Err((StoreError::Escaped.into(), Repeat::Never));
        };
        match (result, failed) {
            (Ok(value), None) => end(connection, access).await.map(|()| value),
            (Ok(_), Some(_)) => Err((StoreError::Aborted, Repeat::Never)),
            (Err(error), failed) => return Err((error, failed.unwrap_or(Repeat::Never))),
        }
        .map_err(|(error, repeat)| (error.into(), repeat))
    }

    /// How long to wait before the work runs again; None: it must not.
    fn wait_before_repeating(
        &self,
        repeat: Repeat,
        tries: u32,
        elapsed: Duration,
    ) -> Option<Duration> {
        let doubled = |first: Duration| first * 2_u32.saturating_pow(tries - 1);
        // Two that met must not meet again.
        let spread = Duration::from_millis(rand::random_range(0..20));
        let wait = match repeat {
            Repeat::Contention if tries < MOST_TRIES => doubled(FIRST_WAIT),
            Repeat::DuplicateRace if tries < MOST_TRIES_FOR_DUPLICATES => doubled(FIRST_WAIT),
            Repeat::Passing => doubled(FIRST_WAIT_FOR_DATABASE).min(LONGEST_WAIT_FOR_DATABASE),
            Repeat::Contention | Repeat::DuplicateRace | Repeat::Never => return None,
        } + spread;
        (elapsed + wait < self.patience).then_some(wait)
    }
}

async fn end(connection: Connection, access: Access) -> Result<(), (StoreError, Repeat)> {
    match access {
        Access::Write => connection.commit().await.map_err(|error| {
            // A commit whose answer was lost may have lasted: only the caller knows whether to repeat it.
            let repeat = match error.repeat() {
                Repeat::Contention => Repeat::Contention,
                _ => Repeat::Never,
            };
            (error, repeat)
        }),
        // Dropped, the connection rolls back.
        Access::Read | Access::Rehearse => Ok(()),
    }
}

impl Engine {
    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Mssql(_) => Dialect::Mssql,
        }
    }

    async fn begin(&self, access: Access, patience: Duration) -> Result<Connection, StoreError> {
        match self {
            Self::Sqlite(pool) => pool.begin(access).await.map(Connection::Sqlite),
            Self::Mssql(pool) => pool.begin(patience).await.map(Connection::Mssql),
        }
    }
}

impl Connection {
    async fn execute(&mut self, statement: &Statement, params: &Params) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(statement, params).await,
            Self::Mssql(connection) => connection.execute(statement, params).await,
        }
    }

    async fn query(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(connection) => connection.query(statement, params).await,
            Self::Mssql(connection) => connection.query(statement, params).await,
        }
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.script(sql).await,
            Self::Mssql(connection) => connection.script(sql).await,
        }
    }

    async fn lock_schema(&mut self) -> Result<(), StoreError> {
        match self {
            // Its transaction keeps out every other writer anyway.
            Self::Sqlite(_) => Ok(()),
            Self::Mssql(connection) => connection.lock_schema().await,
        }
    }

    async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.commit().await,
            Self::Mssql(connection) => connection.commit().await,
        }
    }
}

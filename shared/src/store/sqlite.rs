//! The embedded engine: one connection that writes and a few that read, each on a thread of its own.
//!
//! A connection does what it is told in the order in which it is told. So a unit of work that is
//! dropped half-way needs no care: giving the connection back queues its rollback before anything else.

mod violation;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use rusqlite::{OpenFlags, types::ValueRef};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{
    Access, StoreError,
    row::{Cell, Row},
    statement::{Dialect, Statement},
    value::{Params, Value, instant_text, units},
};

const READERS: usize = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const CACHED_STATEMENTS: usize = 128;

type Task = Box<dyn FnOnce(&mut rusqlite::Connection) + Send>;

/// The connections to one database file.
#[derive(Debug)]
pub(super) struct Pool {
    path: PathBuf,
    busy_timeout: Duration,
    writers: Lane,
    readers: Lane,
}

/// Connections of one kind: at most so many, opened when first needed, then kept.
#[derive(Debug)]
struct Lane {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<mpsc::Sender<Task>>>>,
}

/// A connection while a unit of work has it.
#[derive(Debug)]
pub(super) struct Connection {
    worker: mpsc::Sender<Task>,
    idle: Arc<Mutex<Vec<mpsc::Sender<Task>>>>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// Opens the file, and creates it with its folder where it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, BUSY_TIMEOUT)
    }

    fn open_with(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(StoreError::unavailable)?;
        }
        let pool = Self {
            path: path.to_owned(),
            busy_timeout,
            writers: Lane::of(1),
            readers: Lane::of(READERS),
        };
        // The first one sets the journal mode, so that no reader has to.
        let worker = start(&pool.path, pool.busy_timeout, Access::Write)?;
        pool.writers.keep(worker);
        Ok(pool)
    }

    /// A connection with an open transaction.
    pub(super) async fn begin(&self, access: Access) -> Result<Connection, StoreError> {
        let lane = match access {
            Access::Write | Access::Rehearse => &self.writers,
            Access::Read => &self.readers,
        };
        let permit = Arc::clone(&lane.permits)
            .acquire_owned()
            .await
            .map_err(StoreError::unavailable)?;
        let worker = match lane.take() {
            Some(worker) => worker,
            None => start(&self.path, self.busy_timeout, access)?,
        };
        let connection = Connection {
            worker,
            idle: Arc::clone(&lane.idle),
            _permit: permit,
        };
        let begin = match access {
            Access::Write | Access::Rehearse => "BEGIN IMMEDIATE",
            Access::Read => "BEGIN",
        };
        connection
            .call(move |sqlite| {
                sqlite
                    .execute_batch(begin)
                    .map_err(|error| violation::plain(&error))
            })
            .await?;
        Ok(connection)
    }
}

impl Lane {
    fn of(most: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(most)),
            idle: Arc::default(),
        }
    }

    fn take(&self) -> Option<mpsc::Sender<Task>> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn keep(&self, worker: mpsc::Sender<Task>) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
    }
}

impl Connection {
    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone = |_| StoreError::unavailable("the connection's thread has ended");
        self.worker
            .send(Box::new(move |sqlite| {
                // Nobody listens where the unit of work was dropped; its rollback is next in the queue.
                let _ = answer.send(work(sqlite));
            }))
            .map_err(|_| StoreError::unavailable("the connection's thread has ended"))?;
        answered.await.map_err(gone)?
    }

    /// Runs a statement that answers nothing; says how many rows it touched.
    pub(super) async fn execute(
        &self,
        statement: &Statement,
        params: &Params,
    ) -> Result<u64, StoreError> {
        let sql = statement.text(Dialect::Sqlite);
        let params = bindable(params)?;
        self.call(move |sqlite| {
            let touched = run(sqlite, &sql, &params, |prepared| prepared.raw_execute());
            touched.map(|rows| rows as u64).map_err(|error| {
                violation::named(sqlite, &error, |sqlite| {
                    run(sqlite, &sql, &params, |prepared| prepared.raw_execute())
                })
            })
        })
        .await
    }

    /// Runs a statement that answers rows.
    pub(super) async fn query(
        &self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = statement.text(Dialect::Sqlite);
        let params = bindable(params)?;
        self.call(move |sqlite| {
            run(sqlite, &sql, &params, read_rows).map_err(|error| violation::plain(&error))
        })
        .await
    }

    /// Runs a script of statements without parameters: a migration.
    pub(super) async fn script(&self, sql: &'static str) -> Result<(), StoreError> {
        self.call(move |sqlite| {
            sqlite
                .execute_batch(sql)
                .map_err(|error| violation::plain(&error))
        })
        .await
    }

    /// Makes the transaction last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.call(|sqlite| {
            sqlite
                .execute_batch("COMMIT")
                .map_err(|error| violation::plain(&error))
        })
        .await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let rollback: Task = Box::new(|sqlite| {
            if !sqlite.is_autocommit()
                && let Err(error) = sqlite.execute_batch("ROLLBACK")
            {
                tracing::error!(error = %error, "a transaction could not be rolled back");
            }
        });
        // A thread that has ended took its transaction with it.
        if self.worker.send(rollback).is_ok() {
            self.idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(self.worker.clone());
        }
    }
}

/// A value in SQLite's own types.
type Bindable = (&'static str, rusqlite::types::Value);

fn bindable(params: &Params) -> Result<Vec<Bindable>, StoreError> {
    params
        .iter()
        .map(|(name, value)| Ok((*name, sqlite_value(name, value)?)))
        .collect()
}

fn sqlite_value(name: &str, value: &Value) -> Result<rusqlite::types::Value, StoreError> {
    use rusqlite::types::Value as Sqlite;
    let in_units = |amount, decimals| {
        units(amount, decimals)
            .map(Sqlite::Integer)
            .map_err(|cause| StoreError::value(name, cause))
    };
    Ok(match value {
        Value::Text(Some(text)) => Sqlite::Text(text.clone()),
        Value::Int(Some(number)) => Sqlite::Integer(*number),
        Value::Bool(Some(yes)) => Sqlite::Integer((*yes).into()),
        Value::Hundredths(Some(amount)) => in_units(*amount, 2)?,
        Value::Thousandths(Some(amount)) => in_units(*amount, 3)?,
        Value::Date(Some(date)) => Sqlite::Text(date.to_string()),
        Value::Instant(Some(instant)) => Sqlite::Text(instant_text(*instant)),
        Value::Bytes(Some(bytes)) => Sqlite::Blob(bytes.clone()),
        Value::Rows(rows) => Sqlite::Text(rows.json(Dialect::Sqlite)?),
        _ => Sqlite::Null,
    })
}

/// Prepares (once per connection), binds by name, and lets `work` run the statement.
fn run<T>(
    sqlite: &rusqlite::Connection,
    sql: &str,
    params: &[Bindable],
    work: impl FnOnce(&mut rusqlite::CachedStatement<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let mut prepared = sqlite.prepare_cached(sql)?;
    for (name, value) in params {
        let index = prepared
            .parameter_index(name)?
            .ok_or_else(|| rusqlite::Error::InvalidParameterName((*name).to_owned()))?;
        prepared.raw_bind_parameter(index, value)?;
    }
    if prepared.parameter_count() != params.len() {
        return Err(rusqlite::Error::InvalidParameterCount(
            params.len(),
            prepared.parameter_count(),
        ));
    }
    work(&mut prepared)
}

fn read_rows(prepared: &mut rusqlite::CachedStatement<'_>) -> rusqlite::Result<Vec<Row>> {
    let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let mut answer = prepared.raw_query();
    while let Some(row) = answer.next()? {
        let mut cells = Vec::with_capacity(columns.len());
        for n in 0..columns.len() {
            cells.push(match row.get_ref(n)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Text(_) => Cell::Text(row.get(n)?),
                ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => {
                    return Err(rusqlite::Error::InvalidColumnType(
                        n,
                        columns[n].clone(),
                        rusqlite::types::Type::Real,
                    ));
                }
            });
        }
        rows.push(Row::new(Arc::clone(&columns), cells));
    }
    Ok(rows)
}

/// Starts the thread of a new connection.
fn start(
    path: &Path,
    busy_timeout: Duration,
    access: Access,
) -> Result<mpsc::Sender<Task>, StoreError> {
    let mut sqlite = open(path, busy_timeout, access).map_err(|error| violation::plain(&error))?;
    let (worker, tasks) = mpsc::channel::<Task>();
    thread::Builder::new()
        .name("sqlite".to_owned())
        .spawn(move || {
            for task in tasks {
                task(&mut sqlite);
            }
        })
        .map_err(StoreError::unavailable)?;
    Ok(worker)
}

fn open(
    path: &Path,
    busy_timeout: Duration,
    access: Access,
) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = rusqlite::Connection::open_with_flags(path, flags)?;
    sqlite.busy_timeout(busy_timeout)?;
    if access == Access::Write {
        sqlite.pragma_update(None, "journal_mode", "WAL")?;
    }
    sqlite.pragma_update(None, "synchronous", "FULL")?;
    sqlite.pragma_update(None, "foreign_keys", true)?;
    sqlite.pragma_update(None, "query_only", access == Access::Read)?;
    sqlite.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(sqlite)
}

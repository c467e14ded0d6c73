//! One unit of work: statements that all last or all do not.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::oneshot;

use super::{Connection, StoreError, error::Repeat, row::Row, statement::Statement, value::Params};

/// An open transaction. [`Store::write`](super::Store::write) and [`Store::read`](super::Store::read)
/// make one, lend it to their closure, and end it; dropped half-way it is rolled back.
/// After a statement has failed every later one fails too.
#[derive(Debug)]
pub struct Transaction {
    /// None once it has been given back.
    connection: Option<Connection>,
    failed: Option<Repeat>,
    statements: Arc<AtomicU64>,
    home: Option<oneshot::Sender<Ended>>,
}

/// What a transaction leaves behind when its closure is done with it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) connection: Connection,
    /// Set if a statement failed.
    pub(super) failed: Option<Repeat>,
}

impl Transaction {
    pub(super) fn new(
        connection: Connection,
        statements: Arc<AtomicU64>,
    ) -> (Self, oneshot::Receiver<Ended>) {
        let (home, ended) = oneshot::channel();
        let transaction = Self {
            connection: Some(connection),
            failed: None,
            statements,
            home: Some(home),
        };
        (transaction, ended)
    }

    /// Runs a statement that answers nothing; says how many rows it touched.
    pub async fn execute(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<u64, StoreError> {
        #[cfg(test)]
        super::tests::look_at(statement);
        let done = self.ready()?.execute(statement, params).await;
        self.noted(done)
    }

    /// Runs a statement that answers rows.
    pub async fn query(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Vec<Row>, StoreError> {
        #[cfg(test)]
        super::tests::look_at(statement);
        let done = self.ready()?.query(statement, params).await;
        self.noted(done)
    }

    /// The first row of the answer, if there is one.
    pub async fn query_one(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(statement, params).await?.into_iter().next())
    }

    /// Runs a script without parameters: a migration, in the engine's words.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = self.ready()?.script(sql).await;
        self.noted(done)
    }

    /// Keeps others from migrating until the transaction ends.
    pub(super) async fn lock_schema(&mut self) -> Result<(), StoreError> {
        let done = self.ready()?.lock_schema().await;
        self.noted(done)
    }

    /// Ends the unit of work, to be run again: it saw one state of the database and met another.
    pub(crate) fn met_another_writer(&mut self) -> StoreError {
        let error = StoreError::Busy {
            cause: "another writer changed the same rows in between".to_owned(),
        };
        self.failed = Some(error.repeat());
        error
    }

    fn ready(&mut self) -> Result<&mut Connection, StoreError> {
        if self.failed.is_some() {
            return Err(StoreError::Aborted);
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.connection.as_mut().ok_or(StoreError::Aborted)
    }

    fn noted<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &done {
            self.failed = Some(error.repeat());
        }
        done
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let (Some(connection), Some(home)) = (self.connection.take(), self.home.take()) {
            // Where nobody waits for it any more, dropping the connection rolls it back.
            let _ = home.send(Ended {
                connection,
                failed: self.failed,
            });
        }
    }
}

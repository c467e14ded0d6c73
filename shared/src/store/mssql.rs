//! SQL Server and Azure SQL, through tiberius and a small pool.
//!
//! A connection goes back to the pool only in a known state: its last answer read to the end and its
//! transaction over. One whose unit of work was dropped is rolled back first, or closed where it was in the
//! middle of a message; the server then rolls back by itself.

mod failure;
mod link;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
pub(super) mod test_database;
#[cfg(test)]
mod tests;
mod wire;

use std::{sync::Arc, time::Duration};

use azure_core::credentials::TokenCredential;
use bb8::PooledConnection;
use tokio::{
    runtime::Handle,
    sync::{OnceCell, broadcast},
};

use self::link::{Link, Links};
use super::{Params, Row, Statement, StoreError, statement::Dialect};
use crate::{
    azure::identity::Identity,
    settings::{SqlServerLogin, SqlServerUrl},
};

const MOST_CONNECTIONS: u32 = 8;
/// An open connection keeps a serverless database awake.
const CLOSED_WHEN_IDLE_FOR: Duration = Duration::from_mins(1);
const LONGEST_LIFE: Duration = Duration::from_mins(30);
const WAIT_FOR_A_CONNECTION: Duration = Duration::from_secs(30);

/// The connections to one database.
#[derive(Debug)]
pub(super) struct Pool {
    links: Links,
    /// Made at the first use: it needs the runtime.
    shared: OnceCell<bb8::Pool<Links>>,
    failures: Failures,
}

/// Why connections do not come about. The pool itself would let who waits for one wait to the end.
#[derive(Clone, Debug)]
struct Failures(broadcast::Sender<StoreError>);

impl bb8::ErrorSink<StoreError> for Failures {
    fn sink(&self, error: StoreError) {
        // A connection that was no longer valid is replaced; that concerns nobody.
        if !matches!(error, StoreError::Aborted) {
            // Nobody may be waiting any more.
            let _ = self.0.send(error);
        }
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<StoreError>> {
        Box::new(self.clone())
    }
}

/// A connection while a unit of work has it.
#[derive(Debug)]
pub(super) struct Connection {
    /// None once it has been given back.
    link: Option<PooledConnection<'static, Links>>,
}

impl Pool {
    /// Connects to nothing yet: the database may be asleep.
    pub(super) fn open(url: &SqlServerUrl) -> Result<Self, StoreError> {
        let credential = match &url.login {
            SqlServerLogin::Sql { .. } => None,
            SqlServerLogin::ManagedIdentity { client_id } => {
                let identity = match client_id {
                    Some(client_id) => Identity::of_client(client_id),
                    None => Identity::of_this_process(),
                };
                Some(identity.map_err(StoreError::unavailable)?.credential())
            }
        };
        Ok(Self::with_credential(url, credential))
    }

    fn with_credential(url: &SqlServerUrl, credential: Option<Arc<dyn TokenCredential>>) -> Self {
        Self {
            links: Links::new(url.clone(), credential),
            shared: OnceCell::new(),
            failures: Failures(broadcast::channel(16).0),
        }
    }

    /// A connection with an open transaction; waits for one no longer than that patience.
    pub(super) async fn begin(&self, patience: Duration) -> Result<Connection, StoreError> {
        let pool = self
            .shared
            .get_or_init(async || {
                bb8::Pool::builder()
                    .max_size(MOST_CONNECTIONS)
                    .idle_timeout(CLOSED_WHEN_IDLE_FOR)
                    .max_lifetime(LONGEST_LIFE)
                    .connection_timeout(WAIT_FOR_A_CONNECTION)
                    .retry_connection(false)
                    .test_on_check_out(true)
                    .error_sink(Box::new(self.failures.clone()))
                    .build_unchecked(self.links.clone())
            })
            .await;
        let mut failures = self.failures.0.subscribe();
        let none_in_time = || StoreError::passing("no connection became free in time");
        let mut link = tokio::select! {
            biased;
            link = pool.get_owned() => link.map_err(|error| match error {
                bb8::RunError::User(error) => error,
                bb8::RunError::TimedOut => none_in_time(),
            })?,
            Ok(error) = failures.recv() => return Err(error),
            () = tokio::time::sleep(patience) => return Err(none_in_time()),
        };
        // A batch of its own: Babelfish, for one, wants it so.
        link.batch("BEGIN TRAN").await?;
        Ok(Connection { link: Some(link) })
    }
}

impl Connection {
    fn link(&mut self) -> Result<&mut Link, StoreError> {
        self.link.as_deref_mut().ok_or(StoreError::Aborted)
    }

    /// Runs a statement that answers nothing; says how many rows it touched.
    pub(super) async fn execute(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<u64, StoreError> {
        let sql = wire::numbered(&statement.text(Dialect::Mssql), params)?;
        let params = wire::values(params)?;
        self.link()?.execute(&sql, params).await
    }

    /// Runs a statement that answers rows.
    pub(super) async fn query(
        &mut self,
        statement: &Statement,
        params: &Params,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = wire::numbered(&statement.text(Dialect::Mssql), params)?;
        let params = wire::values(params)?;
        let rows = self.link()?.query(&sql, params).await?;
        wire::rows(rows)
    }

    /// Runs a script of batches that are separated by lines with `GO`: a migration.
    pub(super) async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        for batch in batches(sql) {
            self.link()?.long_batch(batch).await?;
        }
        Ok(())
    }

    /// Waits until nobody else migrates, and keeps others from it until the transaction ends.
    pub(super) async fn lock_schema(&mut self) -> Result<(), StoreError> {
        const LOCK: &str = "DECLARE @result INT; \
            EXEC @result = sp_getapplock @Resource = 'clocking schema', @LockMode = 'Exclusive', \
            @LockOwner = 'Transaction', @LockTimeout = 25000; \
            IF @result < 0 RAISERROR('another migration is running', 16, 1);";
        self.link()?.batch(LOCK).await
    }

    /// Makes the transaction last.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.link()?.batch("COMMIT TRAN").await?;
        // Nothing is left to roll back.
        drop(self.link.take());
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(mut link) = self.link.take() else {
            return;
        };
        if link.is_usable()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                if let Err(error) = link.batch("IF @@TRANCOUNT > 0 ROLLBACK TRAN").await {
                    tracing::warn!(error = %error, "a transaction was not rolled back; its connection is closed");
                    link.close();
                }
            });
        } else {
            link.close();
        }
    }
}

/// The batches of a script, without the lines that separate them.
pub(super) fn batches(script: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(script);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if line.trim().eq_ignore_ascii_case("GO") {
                rest = Some(&text[start + line.len()..]);
                return Some(&text[..start]);
            }
            start += line.len();
        }
        rest = None;
        Some(text)
    })
    .filter(|batch| !batch.trim().is_empty())
}

//! One connection: how it comes about, and whether it may be used again.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use azure_core::credentials::TokenCredential;
use tiberius::{AuthMethod, Client, ColumnData, Config, EncryptionLevel, Query};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use super::failure;
use crate::{
    settings::{SqlServerLogin, SqlServerUrl},
    store::StoreError,
};

const SCOPE: &str = "https://database.windows.net/.default";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// For each answer of the server, not for a whole unit of work.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// A migration may go through a large table.
const MIGRATION_TIMEOUT: Duration = Duration::from_hours(2);
/// Azure SQL's gateway sends a client on to the node that has the database, once.
const MOST_REDIRECTIONS: u32 = 2;

/// Any error ends the transaction, so that none can be half done; and a lock is waited for 5 s, as long as
/// a caller waits for anything.
const SESSION: &str = "SET XACT_ABORT ON; SET LOCK_TIMEOUT 5000;";

/// Makes connections for the pool.
#[derive(Clone)]
pub(super) struct Links {
    url: SqlServerUrl,
    /// None: a login with a password, for tests.
    credential: Option<Arc<dyn TokenCredential>>,
}

/// A connection.
pub(super) struct Link {
    client: Box<Client<Compat<TcpStream>>>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Its last answer was read to the end.
    Ready,
    /// In the middle of a message. Left so by a dropped future, nobody can use it any more.
    Busy,
    Broken,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Links {
    pub(super) fn new(url: SqlServerUrl, credential: Option<Arc<dyn TokenCredential>>) -> Self {
        Self { url, credential }
    }

    /// A token lives an hour, so each connection gets its own.
    async fn auth(&self) -> Result<AuthMethod, StoreError> {
        match (&self.url.login, &self.credential) {
            (SqlServerLogin::Sql { user, password }, _) => {
                Ok(AuthMethod::sql_server(user, password.reveal()))
            }
            (SqlServerLogin::ManagedIdentity { .. }, Some(credential)) => {
                let token = credential.get_token(&[SCOPE], None).await;
                let token = token.map_err(|error| {
                    StoreError::passing(format!("no token for the database: {error}"))
                })?;
                Ok(AuthMethod::aad_token(token.token.secret()))
            }
            (SqlServerLogin::ManagedIdentity { .. }, None) => {
                Err(StoreError::unavailable("there is no managed identity"))
            }
        }
    }

    fn config(&self, host: &str, port: u16, auth: AuthMethod) -> Config {
        let mut config = Config::new();
        config.host(host);
        config.port(port);
        config.database(&self.url.database);
        config.application_name("clocking");
        config.authentication(auth);
        config.encryption(EncryptionLevel::Required);
        // Each command has its own; see `within`.
        config.command_timeout(None);
        config.handshake_timeout(Some(CONNECT_TIMEOUT));
        if self.url.trust_server_certificate {
            config.trust_cert();
        }
        config
    }

    async fn client(&self) -> Result<Client<Compat<TcpStream>>, StoreError> {
        let auth = self.auth().await?;
        let (mut host, mut port) = (self.url.server.clone(), self.url.port);
        for _ in 0..=MOST_REDIRECTIONS {
            let tcp = timeout(CONNECT_TIMEOUT, TcpStream::connect((host.as_str(), port)))
                .await
                .map_err(|_| StoreError::passing("the server does not answer"))?
                .map_err(|error| {
                    StoreError::passing(format!("no connection to the server: {error}"))
                })?;
            tcp.set_nodelay(true).map_err(StoreError::passing)?;
            let config = self.config(&host, port, auth.clone());
            match Box::pin(Client::connect(config, tcp.compat_write())).await {
                Err(tiberius::error::Error::Routing { host: to, port: at }) => {
                    (host, port) = (to, at);
                }
                Err(error) => return Err(failure::of(&error)),
                Ok(client) => return Ok(client),
            }
        }
        Err(StoreError::passing(
            "the server sends us from address to address",
        ))
    }
}

impl bb8::ManageConnection for Links {
    type Connection = Link;
    type Error = StoreError;

    async fn connect(&self) -> Result<Link, StoreError> {
        let mut link = Link {
            client: Box::new(Box::pin(self.client()).await?),
            state: State::Ready,
        };
        link.batch(SESSION).await?;
        Ok(link)
    }

    async fn is_valid(&self, link: &mut Link) -> Result<(), StoreError> {
        let rolled_back = link.batch("IF @@TRANCOUNT > 0 ROLLBACK TRAN").await;
        rolled_back.map_err(|_| StoreError::Aborted)
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        !link.is_usable()
    }
}

impl Link {
    /// Whether another message may be sent on it.
    pub(super) fn is_usable(&self) -> bool {
        self.state == State::Ready
    }

    /// Makes the pool close it.
    pub(super) fn close(&mut self) {
        self.state = State::Broken;
    }

    /// Runs a batch without parameters, and reads all that it answers: an error may follow a result.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch_within(COMMAND_TIMEOUT, sql).await
    }

    /// The same for a batch that may take long.
    pub(super) async fn long_batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.batch_within(MIGRATION_TIMEOUT, sql).await
    }

    async fn batch_within(&mut self, longest: Duration, sql: &str) -> Result<(), StoreError> {
        self.begin()?;
        let done = within(longest, async {
            self.client.simple_query(sql).await?.into_results().await
        })
        .await;
        self.end(done).map(drop)
    }

    pub(super) async fn execute(
        &mut self,
        sql: &str,
        params: Vec<ColumnData<'static>>,
    ) -> Result<u64, StoreError> {
        self.begin()?;
        let done = within(
            COMMAND_TIMEOUT,
            query(sql, params).execute(&mut self.client),
        )
        .await;
        self.end(done).map(tiberius::ExecuteResult::total)
    }

    pub(super) async fn query(
        &mut self,
        sql: &str,
        params: Vec<ColumnData<'static>>,
    ) -> Result<Vec<tiberius::Row>, StoreError> {
        self.begin()?;
        let done = within(COMMAND_TIMEOUT, async {
            query(sql, params)
                .query(&mut self.client)
                .await?
                .into_results()
                .await
        })
        .await;
        let mut results = self.end(done)?;
        Ok(if results.is_empty() {
            Vec::new()
        } else {
            results.swap_remove(0)
        })
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if self.state != State::Ready {
            return Err(StoreError::passing(
                "the connection was left in the middle of a message",
            ));
        }
        self.state = State::Busy;
        Ok(())
    }

    fn end<T>(&mut self, done: tiberius::Result<T>) -> Result<T, StoreError> {
        match done {
            Ok(value) => {
                self.state = State::Ready;
                Ok(value)
            }
            Err(error) => {
                let survives = failure::leaves_connection_usable(&error);
                self.state = if survives {
                    State::Ready
                } else {
                    State::Broken
                };
                Err(failure::of(&error))
            }
        }
    }
}

/// The answer if it comes in time. The connection of one that does not is in the middle of a message, and is closed.
async fn within<T>(
    longest: Duration,
    answer: impl Future<Output = tiberius::Result<T>>,
) -> tiberius::Result<T> {
    timeout(longest, answer).await.unwrap_or_else(|_| {
        Err(tiberius::error::Error::Io {
            kind: std::io::ErrorKind::TimedOut,
            message: "the server did not answer in time".to_owned(),
        })
    })
}

fn query<'a>(sql: &'a str, params: Vec<ColumnData<'static>>) -> Query<'a> {
    let mut query = Query::new(Cow::Borrowed(sql));
    for param in params {
        query.bind(param);
    }
    query
}

//! Where the database, the files and the queues are.

use std::{fmt, path::PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

use super::Secret;

/// `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the embedded database.
    Sqlite(PathBuf),
    /// SQL Server or Azure SQL.
    SqlServer(SqlServerUrl),
}

/// An SQL Server database and how we prove who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlServerUrl {
    pub server: String,
    pub port: u16,
    pub database: String,
    pub login: SqlServerLogin,
    /// For test servers with a certificate of their own; never in Azure.
    pub trust_server_certificate: bool,
}

/// How a connection proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlServerLogin {
    /// A token of the app's managed identity; the client id names a user-assigned one.
    ManagedIdentity { client_id: Option<String> },
    /// User and password, for tests.
    Sql { user: String, password: Secret },
}

/// `STORAGE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageUrl {
    /// A folder, which `local-host` serves as `/files/…`.
    Folder(PathBuf),
    /// The blob endpoint of a storage account.
    Account(Url),
}

/// `QUEUE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueUrl {
    /// A file of the local queue.
    Sqlite(PathBuf),
    /// The queue endpoint of a storage account.
    Account(Url),
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::SqlServer(url) => {
                write!(f, "mssql://{}:{}/{}", url.server, url.port, url.database)
            }
        }
    }
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `mssql://SERVER[:PORT]/DATABASE?auth=…`; the error completes "must be …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = path_after("sqlite:", text) {
            return Ok(Self::Sqlite(path));
        }
        match Url::parse(text) {
            Ok(url) if url.scheme() == "mssql" => sql_server(&url).map(Self::SqlServer),
            _ => Err(
                "`sqlite:PATH` or `mssql://SERVER[:PORT]/DATABASE?auth=managed-identity`"
                    .to_owned(),
            ),
        }
    }
}

impl StorageUrl {
    /// Reads `file:PATH` or an https address; the error completes "must be …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = path_after("file:", text) {
            return Ok(Self::Folder(path));
        }
        account(text).map(Self::Account).ok_or_else(|| {
            "`file:PATH` or an address like https://ACCOUNT.blob.core.windows.net".to_owned()
        })
    }
}

impl QueueUrl {
    /// Reads `sqlite:PATH` or an https address; the error completes "must be …".
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = path_after("sqlite:", text) {
            return Ok(Self::Sqlite(path));
        }
        account(text).map(Self::Account).ok_or_else(|| {
            "`sqlite:PATH` or an address like https://ACCOUNT.queue.core.windows.net".to_owned()
        })
    }
}

fn path_after(scheme: &str, text: &str) -> Option<PathBuf> {
    text.strip_prefix(scheme)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

/// Bearer tokens go over https alone; a signature or a key in the address is not taken.
fn account(text: &str) -> Option<Url> {
    Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host() && url.query().is_none())
}

fn sql_server(url: &Url) -> Result<SqlServerUrl, String> {
    let server = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or("an mssql address with a server")?;
    let database = percent_decode_str(url.path().trim_start_matches('/'))
        .decode_utf8()
        .ok()
        .filter(|name| !name.is_empty() && !name.contains('/'))
        .ok_or("an mssql address with a database: mssql://SERVER/DATABASE?auth=…")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an mssql address without a login before the server: say `auth=…`".to_owned());
    }
    let mut asked = SqlServerQuery::default();
    for (name, value) in url.query_pairs() {
        let place = match &*name {
            "auth" => &mut asked.auth,
            "clientId" => &mut asked.client_id,
            "user" => &mut asked.user,
            "password" => &mut asked.password,
            "trustServerCertificate" => &mut asked.trust,
            _ => return Err("an mssql address whose parameters are among auth, clientId, user, password and trustServerCertificate".to_owned()),
        };
        *place = Some(value.into_owned());
    }
    let login = match (asked.auth.as_deref(), asked.user, asked.password) {
        (Some("managed-identity"), None, None) => SqlServerLogin::ManagedIdentity {
            client_id: asked.client_id,
        },
        (Some("sql"), Some(user), Some(password)) => SqlServerLogin::Sql {
            user,
            password: password.into(),
        },
        _ => {
            return Err("an mssql address with `auth=managed-identity`, or with `auth=sql`, `user` and `password`".to_owned());
        }
    };
    let trust_server_certificate = match asked.trust.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            return Err(
                "an mssql address whose trustServerCertificate is true or false".to_owned(),
            );
        }
    };
    Ok(SqlServerUrl {
        server: server.to_owned(),
        port: url.port().unwrap_or(1433),
        database: database.into_owned(),
        login,
        trust_server_certificate,
    })
}

#[derive(Default)]
struct SqlServerQuery {
    auth: Option<String>,
    client_id: Option<String>,
    user: Option<String>,
    password: Option<String>,
    trust: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_interface_2_are_read() {
        assert_eq!(
            DatabaseUrl::parse("sqlite:data/clocking.db"),
            Ok(DatabaseUrl::Sqlite("data/clocking.db".into()))
        );
        let managed = DatabaseUrl::parse(
            "mssql://x.database.windows.net/clocking?auth=managed-identity&clientId=abc",
        );
        assert_eq!(
            managed,
            Ok(DatabaseUrl::SqlServer(SqlServerUrl {
                server: "x.database.windows.net".into(),
                port: 1433,
                database: "clocking".into(),
                login: SqlServerLogin::ManagedIdentity {
                    client_id: Some("abc".into())
                },
                trust_server_certificate: false,
            }))
        );
        let sql = DatabaseUrl::parse(
            "mssql://localhost:14330/t?auth=sql&user=sa&password=p%26w&trustServerCertificate=true",
        );
        assert_eq!(
            sql,
            Ok(DatabaseUrl::SqlServer(SqlServerUrl {
                server: "localhost".into(),
                port: 14330,
                database: "t".into(),
                login: SqlServerLogin::Sql {
                    user: "sa".into(),
                    password: "p&w".into()
                },
                trust_server_certificate: true,
            }))
        );
        assert_eq!(
            StorageUrl::parse("https://127.0.0.1:10000/devstoreaccount1/"),
            Ok(StorageUrl::Account(
                Url::parse("https://127.0.0.1:10000/devstoreaccount1").unwrap()
            ))
        );
        assert_eq!(
            QueueUrl::parse("sqlite:data/queue.db"),
            Ok(QueueUrl::Sqlite("data/queue.db".into()))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "sqlite:",
            "postgres://x/y",
            "mssql://",
            "mssql://server?auth=managed-identity",
            "mssql://server/db",
            "mssql://server/db?auth=sql&user=sa",
            "mssql://sa:pw@server/db?auth=managed-identity",
            "mssql://server/db?auth=managed-identity&user=sa&password=x",
            "mssql://server/db?auth=managed-identity&encrypt=false",
            "mssql://server/db?auth=sql&user=a&password=b&trustServerCertificate=yes",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
        for text in [
            "",
            "file:",
            "http://account.blob.core.windows.net",
            "https://a.blob.core.windows.net/?sig=x",
        ] {
            assert!(StorageUrl::parse(text).is_err(), "{text}");
            assert!(QueueUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_never_shows() {
        let url = DatabaseUrl::parse("mssql://s/d?auth=sql&user=sa&password=sentinel").unwrap();
        assert!(!format!("{url:?}").contains("sentinel"));
        let DatabaseUrl::SqlServer(inner) = url else {
            panic!("an SQL Server address")
        };
        assert!(!format!("{inner:?}").contains("sentinel"));
    }
}

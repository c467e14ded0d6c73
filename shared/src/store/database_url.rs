//! `DATABASE_URL` (`interface.md` §2): which engine, and where.

use std::{fmt, path::PathBuf, str::FromStr};

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(PathBuf),
    /// `mssql://SERVER[:PORT]/DATABASE?auth=…`
    Mssql(MssqlAddress),
}

/// A database of SQL Server or Azure SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MssqlAddress {
    pub server: String,
    pub port: u16,
    pub database: String,
    pub auth: MssqlAuth,
    /// For tests against a server with a certificate of its own making.
    pub trust_server_certificate: bool,
}

/// How the program says who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum MssqlAuth {
    /// `auth=managed-identity`, with `clientId` for a user-assigned one.
    ManagedIdentity {
        /// None: the system-assigned identity.
        client_id: Option<String>,
    },
    /// `auth=sql`, for tests alone.
    Sql {
        /// The login's name.
        user: String,
        /// Never printed.
        password: String,
    },
}

/// Why an address was not understood. Never repeats the address: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DatabaseUrlError(&'static str);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Mssql(address) => {
                write!(
                    f,
                    "mssql://{}:{}/{}",
                    address.server, address.port, address.database
                )
            }
        }
    }
}

impl fmt::Debug for MssqlAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ManagedIdentity { .. } => "managed identity",
            Self::Sql { .. } => "sql login ***",
        })
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.trim().is_empty() || path.starts_with("//") || path.starts_with(':') {
                return Err(DatabaseUrlError(
                    "sqlite: needs the path of a file, as in sqlite:data/clocking.db",
                ));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("mssql:") {
            return mssql(text).map(Self::Mssql);
        }
        Err(DatabaseUrlError(
            "must be sqlite:PATH or mssql://SERVER[:PORT]/DATABASE?auth=managed-identity",
        ))
    }
}

fn mssql(text: &str) -> Result<MssqlAddress, DatabaseUrlError> {
    let url = url::Url::parse(text).map_err(|_| DatabaseUrlError("is not an address"))?;
    let server = url.host_str().filter(|host| !host.is_empty());
    let database = url.path().trim_matches('/');
    let (Some(server), false) = (server, database.is_empty() || database.contains('/')) else {
        return Err(DatabaseUrlError(
            "must name a server and a database: mssql://SERVER/DATABASE",
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(DatabaseUrlError(
            "must not hold a user before the server: use auth=sql&user=…&password=…",
        ));
    }
    let (mut auth, mut user, mut password, mut client_id) = (None, None, None, None);
    let mut trust_server_certificate = false;
    for (name, value) in url.query_pairs() {
        let value = value.into_owned();
        match &*name {
            "auth" => auth = Some(value),
            "user" => user = Some(value),
            "password" => password = Some(value),
            "clientId" => client_id = Some(value),
            "trustServerCertificate" => trust_server_certificate = value == "true",
            _ => {
                return Err(DatabaseUrlError(
                    "has an option that is not auth, clientId, user, password or trustServerCertificate",
                ));
            }
        }
    }
    let auth = match (auth.as_deref(), user, password) {
        (Some("managed-identity"), None, None) => MssqlAuth::ManagedIdentity { client_id },
        (Some("sql"), Some(user), Some(password)) => MssqlAuth::Sql { user, password },
        (Some("sql"), _, _) => return Err(DatabaseUrlError("auth=sql needs user and password")),
        _ => {
            return Err(DatabaseUrlError(
                "must say auth=managed-identity (or auth=sql for tests)",
            ));
        }
    };
    let database = percent_encoding::percent_decode_str(database)
        .decode_utf8()
        .map_err(|_| DatabaseUrlError("the database's name is not UTF-8"))?;
    Ok(MssqlAddress {
        server: server.to_owned(),
        port: url.port().unwrap_or(1433),
        database: database.into_owned(),
        auth,
        trust_server_certificate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_interface_is_understood() {
        assert_eq!(
            "sqlite:data/clocking.db".parse(),
            Ok(DatabaseUrl::Sqlite("data/clocking.db".into()))
        );
        let azure: DatabaseUrl =
            "mssql://hp.database.windows.net/clocking?auth=managed-identity&clientId=abc"
                .parse()
                .expect("an address");
        assert_eq!(
            azure,
            DatabaseUrl::Mssql(MssqlAddress {
                server: "hp.database.windows.net".into(),
                port: 1433,
                database: "clocking".into(),
                auth: MssqlAuth::ManagedIdentity {
                    client_id: Some("abc".into())
                },
                trust_server_certificate: false,
            })
        );
        let test: DatabaseUrl =
            "mssql://127.0.0.1:14330/test?auth=sql&user=sa&password=a%26b&trustServerCertificate=true"
                .parse()
                .expect("an address");
        let DatabaseUrl::Mssql(test) = test else {
            panic!("not mssql")
        };
        assert_eq!(test.port, 14330);
        assert!(test.trust_server_certificate);
        assert_eq!(
            test.auth,
            MssqlAuth::Sql {
                user: "sa".into(),
                password: "a&b".into()
            }
        );
    }

    #[test]
    fn faults_are_named_and_passwords_never_shown() {
        for wrong in [
            "",
            "sqlite:",
            "sqlite::memory:",
            "postgres://x/y",
            "mssql://server?auth=managed-identity",
            "mssql://server/db",
            "mssql://sa:secret@server/db?auth=managed-identity",
            "mssql://server/db?auth=sql&user=sa",
            "mssql://server/db?auth=managed-identity&encrypt=false",
        ] {
            let fault = wrong.parse::<DatabaseUrl>().expect_err(wrong);
            assert!(!fault.to_string().contains("secret"), "{fault}");
        }
        let url: DatabaseUrl = "mssql://s/d?auth=sql&user=sa&password=secret"
            .parse()
            .expect("an address");
        assert!(!format!("{url:?}").contains("secret"));
    }
}

//! Who the app is to Azure: its managed identity, and the one HTTP client that everything Azure shares.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use azure_core::{
    credentials::TokenCredential,
    error::ErrorKind,
    http::{ClientOptions, ExponentialRetryOptions, RetryOptions, StatusCode, Transport},
};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};

use super::StorageError;

/// A source of Entra tokens, and the client that carries them. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    credential: Arc<dyn TokenCredential>,
    http: reqwest::Client,
}

impl Identity {
    /// The one identity of this process: the app's managed identity where the platform offers one
    /// (`IDENTITY_ENDPOINT`; `AZURE_CLIENT_ID` names a user-assigned one, as everywhere in Azure), else that of
    /// the developer who is signed in on this machine.
    pub fn of_this_process() -> Result<Self, StorageError> {
        static IDENTITY: OnceLock<Identity> = OnceLock::new();
        if let Some(identity) = IDENTITY.get() {
            return Ok(identity.clone());
        }
        let http = http_client(reqwest::Client::builder())?;
        let credential: Arc<dyn TokenCredential> =
            if std::env::var_os("IDENTITY_ENDPOINT").is_some() {
                let client_id = std::env::var("AZURE_CLIENT_ID")
                    .ok()
                    .filter(|id| !id.is_empty());
                managed_identity(client_id, &http)?
            } else {
                DeveloperToolsCredential::new(None)
                    .map_err(|e| storage_error(&e, "developer's sign-in"))?
            };
        Ok(IDENTITY.get_or_init(|| Self { credential, http }).clone())
    }

    /// The user-assigned managed identity of that client id, where the platform offers managed identities;
    /// else the developer's.
    pub fn of_client(client_id: &str) -> Result<Self, StorageError> {
        let mut identity = Self::of_this_process()?;
        if std::env::var_os("IDENTITY_ENDPOINT").is_some() {
            identity.credential = managed_identity(Some(client_id.to_owned()), &identity.http)?;
        }
        Ok(identity)
    }

    /// Tokens from that source, carried by a client that is built like the app's own.
    pub fn with(
        credential: Arc<dyn TokenCredential>,
        client: reqwest::ClientBuilder,
    ) -> Result<Self, StorageError> {
        Ok(Self {
            credential,
            http: http_client(client)?,
        })
    }

    /// The source of tokens.
    pub fn credential(&self) -> Arc<dyn TokenCredential> {
        self.credential.clone()
    }

    /// What every client of the SDK is given, so that all share one set of connections.
    pub(super) fn client_options(&self) -> ClientOptions {
        client_options(&self.http)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}

fn managed_identity(
    client_id: Option<String>,
    http: &reqwest::Client,
) -> Result<Arc<dyn TokenCredential>, StorageError> {
    let credential = ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
        user_assigned_id: client_id.map(UserAssignedId::ClientId),
        client_options: client_options(http),
    }));
    Ok(credential.map_err(|e| storage_error(&e, "managed identity"))?)
}

/// Few and short tries: a webhook waits for its answer, and queue functions try again by themselves.
fn client_options(http: &reqwest::Client) -> ClientOptions {
    ClientOptions {
        transport: Some(Transport::new(Arc::new(http.clone()))),
        retry: RetryOptions::exponential(ExponentialRetryOptions {
            initial_delay: azure_core::time::Duration::milliseconds(200),
            max_retries: 3,
            max_total_elapsed: azure_core::time::Duration::seconds(8),
            ..ExponentialRetryOptions::default()
        }),
        ..ClientOptions::default()
    }
}

/// No redirects: an answer of storage is the answer of storage.
fn http_client(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, StorageError> {
    builder
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|e| StorageError::Unavailable(format!("no HTTP client: {e}")))
}

/// What an error of the SDK means to us. The text names status and code alone: addresses can hold signatures.
pub(super) fn storage_error(error: &azure_core::Error, what: &str) -> StorageError {
    match error.kind() {
        ErrorKind::HttpResponse {
            status: StatusCode::NotFound,
            ..
        } => StorageError::NotFound(what.to_owned()),
        ErrorKind::HttpResponse {
            status: StatusCode::BadRequest,
            error_code,
            ..
        } => StorageError::Refused(format!(
            "{what}: {}",
            error_code.as_deref().unwrap_or("400")
        )),
        // A role that is missing is somebody's to repair; the same request can succeed afterwards.
        ErrorKind::HttpResponse {
            status, error_code, ..
        } => StorageError::Unavailable(format!(
            "{what}: {} {}",
            u16::from(*status),
            error_code.as_deref().unwrap_or_default()
        )),
        ErrorKind::Credential => {
            StorageError::Unavailable(format!("{what}: no token from the app's identity"))
        }
        _ => StorageError::Unavailable(format!("{what}: no answer")),
    }
}

/// An instant of the SDK as ours, to the second or finer.
pub(super) fn timestamp(instant: azure_core::time::OffsetDateTime) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(instant.unix_timestamp_nanos()).unwrap_or(jiff::Timestamp::MAX)
}

/// An instant of ours as the SDK's, to the second.
pub(super) fn offset_date_time(instant: jiff::Timestamp) -> azure_core::time::OffsetDateTime {
    azure_core::time::OffsetDateTime::from_unix_timestamp(instant.as_second())
        .unwrap_or(azure_core::time::OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_whether_another_try_can_help() {
        let answer = |status: StatusCode, code: &str| {
            ErrorKind::HttpResponse {
                status,
                error_code: Some(code.to_owned()),
                raw_response: None,
            }
            .into_error()
        };
        for (error, expected) in [
            (
                answer(StatusCode::NotFound, "BlobNotFound"),
                StorageError::NotFound("a".into()),
            ),
            (
                answer(StatusCode::BadRequest, "InvalidInput"),
                StorageError::Refused("a: InvalidInput".into()),
            ),
            (
                answer(StatusCode::ServiceUnavailable, "ServerBusy"),
                StorageError::Unavailable("a: 503 ServerBusy".into()),
            ),
            (
                answer(StatusCode::Forbidden, "AuthorizationFailure"),
                StorageError::Unavailable("a: 403 AuthorizationFailure".into()),
            ),
            (
                ErrorKind::Connection.into_error(),
                StorageError::Unavailable("a: no answer".into()),
            ),
        ] {
            assert_eq!(storage_error(&error, "a"), expected);
        }
    }

    #[test]
    fn instants_survive_the_border_to_the_second() {
        for text in ["2026-11-22T07:31:49Z", "1970-01-01T00:00:00Z"] {
            let instant: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(timestamp(offset_date_time(instant)), instant);
        }
    }
}

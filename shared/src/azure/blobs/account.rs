//! Files in a storage account: the first part of a name is the container, the rest the blob.
//!
//! A link is a user-delegation SAS: signed with a key that Azure lends to the app's identity, read-only,
//! for one blob, over https. Its start is left out, so that a clock that goes slow shuts nobody out.

use std::{sync::Arc, time::Duration};

use azure_core::http::{RequestContent, Url, XmlFormat};
use azure_storage_blob::{
    BlobClient, BlobServiceClient, BlobServiceClientOptions,
    models::{BlobClientUploadOptions, KeyInfo},
};
use azure_storage_common::models::UserDelegationKey;
use azure_storage_sas::{SasBuilder, SasProtocol};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{Link, REPORTS, content_disposition};
use crate::azure::{
    StorageError,
    identity::{Identity, offset_date_time, storage_error},
};

/// Azure lends a key for at most seven days; the clocks of both sides may differ by minutes.
const LONGEST_KEY: SignedDuration = SignedDuration::from_hours(7 * 24 - 1);
/// A key is used for links until they would outlive it, so it is borrowed for longer than the first link needs.
const KEY_BEYOND_LINK: SignedDuration = SignedDuration::from_hours(24);
const CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(15);

/// The blob service of a storage account.
#[derive(Clone)]
pub(super) struct Account {
    service: Arc<BlobServiceClient>,
    name: String,
    borrowed: Arc<Mutex<Option<Borrowed>>>,
}

/// A key for links, and when it ends.
struct Borrowed {
    key: UserDelegationKey,
    until: Timestamp,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Account {
    pub(super) fn open(url: &Url, identity: &Identity) -> Result<Self, StorageError> {
        let service = BlobServiceClient::new(
            url.clone(),
            Some(identity.credential()),
            Some(BlobServiceClientOptions {
                client_options: identity.client_options(),
                ..BlobServiceClientOptions::default()
            }),
        )
        .map_err(|e| storage_error(&e, "blob service"))?;
        Ok(Self {
            service: Arc::new(service),
            name: account_name(url),
            borrowed: Arc::default(),
        })
    }

    pub(super) async fn put(
        &self,
        name: &str,
        bytes: Bytes,
        content_type: &str,
    ) -> Result<(), StorageError> {
        self.blob(name)?
            .upload(
                RequestContent::from(bytes.to_vec()),
                Some(BlobClientUploadOptions {
                    blob_content_type: Some(content_type.to_owned()),
                    ..BlobClientUploadOptions::default()
                }),
            )
            .await
            .map(drop)
            .map_err(|e| storage_error(&e, name))
    }

    pub(super) async fn get(&self, name: &str) -> Result<Bytes, StorageError> {
        let answer = self
            .blob(name)?
            .download(None)
            .await
            .map_err(|e| storage_error(&e, name))?;
        answer
            .body
            .collect()
            .await
            .map_err(|e| storage_error(&e, name))
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StorageError> {
        match self.blob(name)?.delete(None).await {
            Ok(_) => Ok(()),
            Err(error) => match storage_error(&error, name) {
                StorageError::NotFound(_) => Ok(()),
                other => Err(other),
            },
        }
    }

    pub(super) async fn link(
        &self,
        name: &str,
        file_name: &str,
        content_type: &str,
        valid_for: Duration,
    ) -> Result<Link, StorageError> {
        let (container, blob) = parts(name)?;
        let now = Timestamp::now();
        let valid_for = SignedDuration::try_from(valid_for)
            .unwrap_or(LONGEST_KEY)
            .min(LONGEST_KEY);
        let expires_at = Timestamp::from_second((now + valid_for).as_second()).unwrap_or(now);

        let mut borrowed = self.borrowed.lock().await;
        if borrowed.as_ref().is_none_or(|held| held.until < expires_at) {
            let until = now + (valid_for + KEY_BEYOND_LINK).min(LONGEST_KEY);
            *borrowed = Some(Borrowed {
                key: self.borrow_key(now - CLOCK_DIFFERENCE, until).await?,
                until,
            });
        }
        let Some(held) = borrowed.as_ref() else {
            return Err(StorageError::Unavailable("key for links".to_owned()));
        };
        let token = SasBuilder::new(&self.name, &held.key, offset_date_time(expires_at))
            .map_err(|e| storage_error(&e, "key for links"))?
            .blob(container, blob)
            .read()
            .protocol(SasProtocol::Https)
            .content_type(content_type)
            .content_disposition(content_disposition(file_name))
            .build();
        let mut url = self.blob(name)?.url().clone();
        url.set_query(Some(&token));
        Ok(Link {
            url: url.into(),
            expires_at,
        })
    }

    /// Asks for a container: the app's roles do not let it ask for the service itself.
    pub(super) async fn check(&self) -> Result<(), StorageError> {
        self.service
            .blob_container_client(REPORTS)
            .get_properties(None)
            .await
            .map(drop)
            .map_err(|e| storage_error(&e, "container of the reports"))
    }

    async fn borrow_key(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<UserDelegationKey, StorageError> {
        let wanted = KeyInfo {
            start: Some(offset_date_time(from)),
            expiry: Some(offset_date_time(until)),
            ..KeyInfo::default()
        };
        let wanted: RequestContent<KeyInfo, XmlFormat> = wanted
            .try_into()
            .map_err(|e| storage_error(&e, "key for links"))?;
        self.service
            .get_user_delegation_key(wanted, None)
            .await
            .and_then(azure_core::http::Response::into_model)
            .map_err(|e| storage_error(&e, "key for links"))
    }

    fn blob(&self, name: &str) -> Result<BlobClient, StorageError> {
        let (container, blob) = parts(name)?;
        Ok(self.service.blob_client(container, blob))
    }
}

/// `container/rest`.
fn parts(name: &str) -> Result<(&str, &str), StorageError> {
    name.split_once('/')
        .ok_or_else(|| StorageError::Refused(format!("a file without a container: {name:?}")))
}

/// `https://NAME.blob.core.windows.net`, or `https://127.0.0.1:PORT/NAME` as Azurite has it.
fn account_name(url: &Url) -> String {
    match url.host() {
        Some(url::Host::Domain(domain)) if domain.contains('.') => {
            domain.split('.').next().unwrap_or_default().to_owned()
        }
        _ => url
            .path_segments()
            .and_then(|mut segments| segments.next().map(str::to_owned))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_stands_in_the_host_or_first_in_the_path() {
        for (url, name) in [
            ("https://clocking.blob.core.windows.net/", "clocking"),
            (
                "https://127.0.0.1:10000/devstoreaccount1",
                "devstoreaccount1",
            ),
            (
                "https://localhost:10000/devstoreaccount1",
                "devstoreaccount1",
            ),
        ] {
            assert_eq!(account_name(&Url::parse(url).unwrap()), name);
        }
    }
}

//! Files: reports, and webhook bodies too large for a message. Written whole or not at all, read whole,
//! and handed to people as links that are read-only, for one file, and expire.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use url::Url;

use super::{StorageError, identity::Identity};
use crate::settings::StorageUrl;

mod account;
pub mod folder;

use account::Account;
use folder::Folder;

/// The container of the reports, and of the other files that jobs make.
pub const REPORTS: &str = "reports";
/// The container of the webhook bodies that are too large for a message.
pub const WEBHOOKS: &str = "webhooks";

/// What a path segment of a link cannot hold as it is.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What the extended form of a file name leaves as it is (RFC 8187, `attr-char`).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// What a person gets to download a file with.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The whole address. It is as good as the file itself, so it never stands in a log.
    pub url: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("url", &"***")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// All files of the app.
#[derive(Debug, Clone)]
pub struct Blobs(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Folder(Folder),
    Account(Account),
}

impl Blobs {
    /// Opens the files at that address (`STORAGE_URL`). Links into a folder start with `public_base_url`,
    /// where local-host answers them.
    pub fn open(url: &StorageUrl, public_base_url: &str) -> Result<Self, StorageError> {
        match url {
            StorageUrl::Folder(path) => {
                Ok(Self(Kind::Folder(Folder::open(path, public_base_url)?)))
            }
            StorageUrl::Account(url) => Self::in_account(url, &Identity::of_this_process()?),
        }
    }

    /// Opens the files of that storage account for that identity.
    pub fn in_account(url: &Url, identity: &Identity) -> Result<Self, StorageError> {
        Ok(Self(Kind::Account(Account::open(url, identity)?)))
    }

    /// Writes a file, or replaces it. It is durable, and whole, when this returns `Ok`.
    pub async fn put(
        &self,
        name: &str,
        bytes: Bytes,
        content_type: &str,
    ) -> Result<(), StorageError> {
        check_name(name)?;
        check_header_text(content_type)?;
        match &self.0 {
            // A folder keeps no content type: each link carries its own.
            Kind::Folder(folder) => folder.put(name, bytes).await,
            Kind::Account(account) => account.put(name, bytes, content_type).await,
        }
    }

    /// Reads a file.
    pub async fn get(&self, name: &str) -> Result<Bytes, StorageError> {
        check_name(name)?;
        match &self.0 {
            Kind::Folder(folder) => folder.get(name).await,
            Kind::Account(account) => account.get(name).await,
        }
    }

    /// Deletes a file; one that is gone already is no error.
    pub async fn delete(&self, name: &str) -> Result<(), StorageError> {
        check_name(name)?;
        match &self.0 {
            Kind::Folder(folder) => folder.delete(name).await,
            Kind::Account(account) => account.delete(name).await,
        }
    }

    /// A link to download a file under `file_name`, good for `valid_for` from now in real time.
    /// Whether the file exists shows when it is followed.
    pub async fn link(
        &self,
        name: &str,
        file_name: &str,
        content_type: &str,
        valid_for: Duration,
    ) -> Result<Link, StorageError> {
        check_name(name)?;
        check_header_text(file_name)?;
        check_header_text(content_type)?;
        match &self.0 {
            Kind::Folder(folder) => Ok(folder.link(name, file_name, content_type, valid_for)),
            Kind::Account(account) => account.link(name, file_name, content_type, valid_for).await,
        }
    }

    /// Whether the files can be reached.
    pub async fn check(&self) -> Result<(), StorageError> {
        match &self.0 {
            Kind::Folder(folder) => folder.check().await,
            Kind::Account(account) => account.check().await,
        }
    }
}

/// The `Content-Disposition` that makes a browser save a file under this name: plain for old ones,
/// exact (RFC 6266) for all others.
pub fn content_disposition(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '/' => '_',
            c if c.is_ascii() && !c.is_ascii_control() => c,
            _ => '_',
        })
        .collect();
    let exact = utf8_percent_encode(file_name, ATTRIBUTE);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// `part/part/…`: no part is empty, hidden, `.` or `..`, nothing in it means something to a file system.
fn check_name(name: &str) -> Result<(), StorageError> {
    let speaks_plainly = |part: &str| {
        !part.is_empty()
            && part.len() <= 200
            && !part.starts_with('.')
            && !part.ends_with(['.', ' '])
            && !part.contains(|c: char| c.is_control() || matches!(c, '\\' | ':' | '\u{FFFD}'))
    };
    if name.chars().count() <= 1024 && name.split('/').all(speaks_plainly) {
        Ok(())
    } else {
        Err(StorageError::Refused(format!("a file named {name:?}")))
    }
}

/// What is printed into a header of the answer can hold no line break.
fn check_header_text(text: &str) -> Result<(), StorageError> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(StorageError::Refused(format!("{text:?} in a header")));
    }
    Ok(())
}

/// A name as the path of a link.
fn encoded_path(name: &str) -> String {
    utf8_percent_encode(name, PATH).to_string()
}

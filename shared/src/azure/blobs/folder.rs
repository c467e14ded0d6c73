//! The local stand-in for blob storage: a folder, and links that local-host answers.
//!
//! A link reads `{base}/files/{path}?exp&type&name&sig`. The signature (HMAC-SHA256) covers path, expiry,
//! content type and file name; its key lies in the folder, readable by its owner alone, so that the handler
//! that makes a link and the host that answers it share it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use rand::RngCore as _;
use sha2::Sha256;

use super::{Link, check_name, encoded_path};
use crate::azure::StorageError;

/// Starts with a dot: no file that is put can have this name.
const KEY_FILE: &str = ".link-key";
const KEY_BYTES: usize = 32;

/// Files under one folder.
#[derive(Clone)]
pub struct Folder {
    root: PathBuf,
    public_base_url: Arc<str>,
    key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folder")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

/// A file that a good link points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Its content.
    pub bytes: Bytes,
    /// What the link says that it is.
    pub content_type: String,
    /// What the link says that it is called.
    pub file_name: String,
}

/// Why a link is not answered with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// A part is missing or was changed.
    #[error("this link is not one that was made here, or it was altered")]
    Altered,
    /// Its time has passed.
    #[error("this link has expired")]
    Expired,
    /// The file was deleted, or could not be read.
    #[error("the file of this link is gone")]
    Gone,
}

/// What the signature covers.
struct Signed<'a> {
    name: &'a str,
    expires_s: i64,
    content_type: &'a str,
    file_name: &'a str,
}

impl Folder {
    /// Opens the folder, and makes it and its key if they are missing.
    pub fn open(root: &Path, public_base_url: &str) -> Result<Self, StorageError> {
        let key = fs::create_dir_all(root)
            .and_then(|()| key_of(root))
            .map_err(|e| unavailable(&e))?;
        Ok(Self {
            root: root.to_owned(),
            public_base_url: public_base_url.trim_end_matches('/').into(),
            key,
        })
    }

    pub(super) async fn put(&self, name: &str, bytes: Bytes) -> Result<(), StorageError> {
        let path = self.root.join(name);
        blocking(name, move || write_whole(&path, &bytes)).await
    }

    pub(super) async fn get(&self, name: &str) -> Result<Bytes, StorageError> {
        let path = self.root.join(name);
        blocking(name, move || fs::read(path).map(Bytes::from)).await
    }

    pub(super) async fn delete(&self, name: &str) -> Result<(), StorageError> {
        let path = self.root.join(name);
        match blocking(name, move || fs::remove_file(path)).await {
            Err(StorageError::NotFound(_)) => Ok(()),
            outcome => outcome,
        }
    }

    pub(super) async fn check(&self) -> Result<(), StorageError> {
        let root = self.root.clone();
        blocking("folder", move || fs::metadata(root).map(drop)).await
    }

    pub(super) fn link(
        &self,
        name: &str,
        file_name: &str,
        content_type: &str,
        valid_for: Duration,
    ) -> Link {
        let now_s = Timestamp::now().as_second();
        let expires_s =
            now_s.saturating_add(i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX));
        let signature = self
            .mac(&Signed {
                name,
                expires_s,
                content_type,
                file_name,
            })
            .finalize()
            .into_bytes();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("exp", &expires_s.to_string())
            .append_pair("type", content_type)
            .append_pair("name", file_name)
            .append_pair("sig", &hex::encode(signature))
            .finish();
        Link {
            url: format!(
                "{}/files/{}?{query}",
                self.public_base_url,
                encoded_path(name)
            ),
            expires_at: Timestamp::from_second(expires_s).unwrap_or(Timestamp::MAX),
        }
    }

    /// Answers a link: `path` as it stands after `/files/`, still percent-encoded, and the query.
    pub async fn follow(&self, path: &str, query: &str) -> Result<Linked, LinkRefused> {
        let name = percent_encoding::percent_decode_str(path)
            .decode_utf8()
            .map_err(|_| LinkRefused::Altered)?;
        check_name(&name).map_err(|_| LinkRefused::Altered)?;
        let parameter = |wanted: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == wanted)
                .map(|(_, value)| value.into_owned())
                .ok_or(LinkRefused::Altered)
        };
        let (content_type, file_name) = (parameter("type")?, parameter("name")?);
        let expires_s = parameter("exp")?
            .parse()
            .map_err(|_| LinkRefused::Altered)?;
        let signature = hex::decode(parameter("sig")?).map_err(|_| LinkRefused::Altered)?;
        self.mac(&Signed {
            name: &name,
            expires_s,
            content_type: &content_type,
            file_name: &file_name,
        })
        .verify_slice(&signature)
        .map_err(|_| LinkRefused::Altered)?;
        if Timestamp::now().as_second() >= expires_s {
            return Err(LinkRefused::Expired);
        }
        let bytes = self.get(&name).await.map_err(|_| LinkRefused::Gone)?;
        Ok(Linked {
            bytes,
            content_type,
            file_name,
        })
    }

    fn mac(&self, signed: &Signed<'_>) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        let expires = signed.expires_s.to_string();
        // Lengths first, so that no two different links can sign the same bytes.
        for part in [signed.name, &expires, signed.content_type, signed.file_name] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

async fn blocking<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StorageError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
            Err(StorageError::NotFound(format!("file {name:?}")))
        }
        Ok(Err(error)) => Err(unavailable(&error)),
        Err(error) => Err(unavailable(&error)),
    }
}

/// A temporary file, flushed, then renamed: a reader sees the old file or the new one, never half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".{}.part", uuid::Uuid::new_v4().simple()));
    let written = File::create_new(&temporary)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // The new name is an entry of the folder: that is flushed too.
    File::open(folder)?.sync_all()
}

/// The key of the folder's links. Whoever comes first makes it; all others read it.
fn key_of(root: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = root.join(KEY_FILE);
    if !path.exists() {
        let mut fresh = [0; KEY_BYTES];
        rand::rng().fill_bytes(&mut fresh);
        let temporary = root.join(format!(".{}.part", uuid::Uuid::new_v4().simple()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(&fresh)?;
        file.sync_all()?;
        // A link, unlike a rename, never replaces the key that another process made meanwhile.
        match fs::hard_link(&temporary, &path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => fs::remove_file(&temporary)?,
        }
    }
    let mut key = [0; KEY_BYTES];
    File::open(path)?.read_exact(&mut key)?;
    Ok(key)
}

fn unavailable(error: &dyn std::error::Error) -> StorageError {
    StorageError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests;

//! Where the files and the queues are; where the database is, [`DatabaseUrl`](crate::store::DatabaseUrl) reads.

use std::path::PathBuf;

use url::Url;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_interface_2_are_read() {
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
            "file:",
            "http://account.blob.core.windows.net",
            "https://a.blob.core.windows.net/?sig=x",
        ] {
            assert!(StorageUrl::parse(text).is_err(), "{text}");
            assert!(QueueUrl::parse(text).is_err(), "{text}");
        }
    }
}

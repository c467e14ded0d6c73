use tempfile::TempDir;

use super::*;
use crate::{
    azure::blobs::{Blobs, content_disposition},
    settings::StorageUrl,
};

const HOUR: Duration = Duration::from_hours(1);
const NAME: &str = "reports/42/Zeitübersicht Q1 & Q2.xlsx";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct Storage {
    root: TempDir,
    blobs: Blobs,
    folder: Folder,
}

fn storage() -> Storage {
    let root = TempDir::new().expect("a folder for the test");
    let base = "http://127.0.0.1:7071/";
    let blobs = Blobs::open(&StorageUrl::Folder(root.path().into()), base).expect("opened");
    let folder = Folder::open(root.path(), base).expect("opened again");
    Storage {
        root,
        blobs,
        folder,
    }
}

impl Storage {
    async fn put(&self, name: &str, content: &'static str) {
        let bytes = Bytes::from_static(content.as_bytes());
        self.blobs.put(name, bytes, XLSX).await.expect("stored");
    }

    /// Path and query of a fresh link to [`NAME`].
    async fn link(&self, valid_for: Duration) -> (String, String) {
        let link = self.blobs.link(NAME, "Q1 & Q2.xlsx", XLSX, valid_for);
        let url = link.await.expect("a link").url;
        let rest = url
            .strip_prefix("http://127.0.0.1:7071/files/")
            .expect("the base address");
        let (path, query) = rest.split_once('?').expect("a query");
        (path.to_owned(), query.to_owned())
    }
}

#[tokio::test]
async fn a_file_is_replaced_whole_and_leaves_no_temporary_behind() {
    let storage = storage();
    storage.put(NAME, "first, long").await;
    storage.put(NAME, "second").await;
    let read = storage.blobs.get(NAME).await;
    assert_eq!(read, Ok(Bytes::from_static(b"second")));
    let files = fs::read_dir(storage.root.path().join("reports/42")).expect("the folder");
    assert_eq!(files.count(), 1);
    storage.blobs.delete(NAME).await.expect("deleted");
    storage.blobs.delete(NAME).await.expect("gone already");
    let missing = storage.blobs.get(NAME).await;
    assert!(matches!(missing, Err(StorageError::NotFound(_))));
}

#[tokio::test]
async fn a_name_cannot_leave_the_folder_or_reach_the_key() {
    let storage = storage();
    for name in [
        "",
        "/etc/passwd",
        "../secret",
        "a/../../secret",
        "a//b",
        "a/.",
        ".link-key",
        "a\\b",
        "c:/x",
        "a\nb",
        "a/",
        "x.",
    ] {
        let outcome = storage.blobs.get(name).await;
        let refused = matches!(outcome, Err(StorageError::Refused(_)));
        assert!(refused, "{name:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_link_gives_the_file_with_its_type_and_name() {
    let storage = storage();
    storage.put(NAME, "content").await;
    let (path, query) = storage.link(HOUR).await;
    let expected = Linked {
        bytes: Bytes::from_static(b"content"),
        content_type: XLSX.to_owned(),
        file_name: "Q1 & Q2.xlsx".to_owned(),
    };
    assert_eq!(storage.folder.follow(&path, &query).await, Ok(expected));
}

#[tokio::test]
async fn a_link_that_was_altered_expired_or_lost_its_file_is_refused() {
    let storage = storage();
    storage.put(NAME, "content").await;
    storage.put("reports/43/other.xlsx", "other").await;
    let (path, query) = storage.link(HOUR).await;
    for (path, query) in [
        ("reports/43/other.xlsx", query.clone()),
        (&path, query.replace("exp=", "exp=9")),
        (&path, query.replace("type=application", "type=text")),
        (&path, query.replace("name=Q1", "name=Q3")),
        (&path, query.replace("sig=", "sig=00")),
        (&path, String::new()),
        ("..%2f..%2fsecret", query.clone()),
    ] {
        let outcome = storage.folder.follow(path, &query).await;
        assert_eq!(outcome, Err(LinkRefused::Altered), "{path} {query}");
    }
    let (path, query) = storage.link(Duration::ZERO).await;
    let outcome = storage.folder.follow(&path, &query).await;
    assert_eq!(outcome, Err(LinkRefused::Expired));
    let (path, query) = storage.link(HOUR).await;
    storage.blobs.delete(NAME).await.expect("deleted");
    let outcome = storage.folder.follow(&path, &query).await;
    assert_eq!(outcome, Err(LinkRefused::Gone));
}

#[tokio::test]
async fn a_link_is_not_printed_by_debug() {
    let storage = storage();
    let link = storage.blobs.link(NAME, "a.xlsx", XLSX, HOUR).await;
    assert!(!format!("{link:?}").contains("sig"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let storage = storage();
    let metadata = fs::metadata(storage.root.path().join(KEY_FILE)).expect("the key");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_download_keeps_its_name_in_every_browser() {
    for (given, expected) in [
        (
            "Payroll-Salary.xlsx",
            "attachment; filename=\"Payroll-Salary.xlsx\"; filename*=UTF-8''Payroll-Salary.xlsx",
        ),
        (
            "Té \"1\"/2.xlsx",
            "attachment; filename=\"T_ _1__2.xlsx\"; filename*=UTF-8''T%C3%A9%20%221%22%2F2.xlsx",
        ),
    ] {
        assert_eq!(content_disposition(given), expected);
    }
}

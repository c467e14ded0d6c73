//! What every engine must do alike.

mod engine;

use super::Store;
use crate::settings::DatabaseUrl;

/// An empty database of its own, gone with the value.
pub(super) struct Database {
    pub(super) store: Store,
    _folder: tempfile::TempDir,
}

impl Database {
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("new/clocking.db"));
        Self {
            store: Store::open(&url).expect("a database"),
            _folder: folder,
        }
    }
}

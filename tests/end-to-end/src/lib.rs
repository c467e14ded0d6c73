//! What the stories need besides the stand-ins: a company at work, its people who call the app, and eyes for the
//! database and the workbooks.

use std::path::PathBuf;

pub mod api;
pub mod azure;
pub mod azurite;
pub mod burst;
pub mod clockify;
pub mod company;
pub mod database;
pub mod package;
pub mod people;
pub mod proxy;
pub mod story;
pub mod workbook;

/// The project's folder, where `host.json` stands.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

//! The deployment package, as `infra/package` leaves it, and unpacked as the platform unpacks it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use local_host::cargo;
use serde_json::Value;
use tempfile::TempDir;
use zip::ZipArchive;

use crate::project;

/// Names the package to look at; without it one is packed around this build's handler, for which compiler settings it
/// was built with changes nothing else.
const PACKAGE: &str = "PACKAGE";

/// A package.
#[derive(Debug)]
pub struct Package {
    zip: PathBuf,
    _folder: Option<TempDir>,
}

impl Package {
    /// The package that `PACKAGE` names, else one packed here, which goes when this is dropped.
    pub fn here() -> Self {
        match std::env::var_os(PACKAGE) {
            Some(zip) => Self {
                zip: project().join(zip),
                _folder: None,
            },
            None => Self::packed(),
        }
    }

    fn packed() -> Self {
        cargo::build_programs().expect("the handler is built");
        let folder = tempfile::tempdir().expect("a folder");
        let packed = Command::new("python3")
            .arg("infra/package.py")
            .arg(cargo::sister("handlers").expect("the handler"))
            .arg(folder.path())
            .current_dir(project())
            .status()
            .expect("python3 starts");
        assert!(packed.success(), "infra/package.py: {packed}");
        Self {
            zip: folder.path().join("clocking.zip"),
            _folder: Some(folder),
        }
    }

    /// What it holds.
    pub fn file_names(&self) -> BTreeSet<String> {
        self.archive().file_names().map(str::to_owned).collect()
    }

    /// Unpacks it into a new folder, which lasts as long as what is returned.
    pub fn unpacked(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        self.archive().extract(folder.path()).expect("unpacked");
        folder
    }

    /// The bill of materials beside it.
    pub fn bill_of_materials(&self) -> Value {
        json(&self.zip.with_extension("cdx.json"))
    }

    fn archive(&self) -> ZipArchive<File> {
        let file = File::open(&self.zip).expect("the package");
        ZipArchive::new(file).expect("a zip")
    }
}

/// A file of JSON.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

//! The deployment package, unpacked as the platform unpacks it. It is packed here by the script that
//! `infra/package` calls, around this build's handler: which compiler settings it was built with changes no name.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use local_host::{LocalHost, Options, cargo};
use serde_json::Value;
use zip::ZipArchive;

struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn made() -> Self {
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
        Self { folder }
    }

    fn archive(&self) -> ZipArchive<File> {
        let file = File::open(self.folder.path().join("clocking.zip")).expect("the package");
        ZipArchive::new(file).expect("a zip")
    }

    fn bill_of_materials(&self) -> Value {
        json(&self.folder.path().join("clocking.cdx.json"))
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

fn functions() -> BTreeSet<String> {
    let folders = fs::read_dir(project().join("function-definitions")).expect("the folders");
    folders
        .map(|folder| {
            let name = folder.expect("a folder").file_name();
            name.into_string().expect("a plain name")
        })
        .collect()
}

#[tokio::test]
async fn the_unpacked_package_is_what_the_platform_wants_and_serves() {
    let package = Package::made();
    let app = package.folder.path().join("app");
    package.archive().extract(&app).expect("unpacked");

    let mut expected: BTreeSet<String> = functions()
        .iter()
        .map(|function| format!("{function}/function.json"))
        .collect();
    expected.extend(["host.json".to_owned(), "handlers".to_owned()]);
    let held: BTreeSet<String> = package.archive().file_names().map(str::to_owned).collect();
    assert_eq!(
        held, expected,
        "host.json, functions and handler, at the root"
    );
    let executable =
        json(&app.join("host.json"))["customHandler"]["description"]["defaultExecutablePath"]
            .as_str()
            .expect("a name")
            .to_owned();
    let mode = fs::metadata(app.join(&executable))
        .expect("the handler")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755, "{executable} may be executed");

    // The handler is found by host.json, as the platform finds it.
    let data = tempfile::tempdir().expect("a folder");
    let host = LocalHost::start(Options::for_test(&app, data.path()))
        .await
        .expect("it starts");
    host.until_ready()
        .await
        .expect("the packaged handler answers");
    let health = reqwest::get(host.url("/api/health"))
        .await
        .expect("an answer");
    assert_eq!(health.status(), 200);
    let refused = reqwest::get(host.url("/api/whoami"))
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 401);
    assert!(host.findings().is_empty(), "{:?}", host.findings());
    host.stop().await;
}

/// Who deploys can tell what is in it: the crates that are linked, and none that only tests need.
#[test]
fn the_bill_of_materials_names_what_is_linked() {
    let package = Package::made();
    let bill = package.bill_of_materials();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    let components = bill["components"].as_array().expect("components");
    let named = |name: &str| components.iter().any(|component| component["name"] == name);
    for linked in ["axum", "tiberius", "rusqlite", "rust_xlsxwriter", "shared"] {
        assert!(named(linked), "{linked} is linked");
    }
    for not_linked in ["proptest", "criterion", "local-host", "clockify-sim"] {
        assert!(!named(not_linked), "{not_linked} is not");
    }
    assert!(
        components
            .iter()
            .all(|component| component["version"].is_string())
    );
}

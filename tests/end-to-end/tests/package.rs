//! The deployment package, unpacked as the platform unpacks it: `PACKAGE=target/package/clocking.zip` looks at the one that
//! `infra/package` made, else one is packed around this build's handler.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

use end_to_end::{
    company::company,
    package::{Package, json},
    project,
};
use local_host::{LocalHost, Options};
use shared::settings::setting;

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
    let package = Package::here();
    let app = package.unpacked();
    let app = app.path();

    let mut expected: BTreeSet<String> = functions()
        .iter()
        .map(|function| format!("{function}/function.json"))
        .collect();
    expected.extend(["host.json".to_owned(), "handlers".to_owned()]);
    assert_eq!(
        package.file_names(),
        expected,
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
    let host = LocalHost::start(Options::for_test(app, data.path()))
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
    let bill = Package::here().bill_of_materials();
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

/// The settings that the template gives the app: the names in its `baseSettings`.
fn given_by_the_template() -> BTreeSet<String> {
    let bicep =
        fs::read_to_string(project().join("infra/modules/app.bicep")).expect("the template");
    let (_, block) = bicep.split_once("var baseSettings = {").expect("settings");
    let (block, _) = block.split_once("\n}").expect("their end");
    let lines = block.lines().filter_map(|line| line.split_once(": "));
    lines
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.starts_with("//"))
        .collect()
}

/// Otherwise the stories of the package would show that it works on this machine, and not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_stories_it_is_told_no_more_than_azure_tells() {
    /// Of the platform, and of the process that it starts; the last is for the certificate of the tests' own authority.
    const OF_THE_PLATFORM: [&str; 8] = [
        "FUNCTIONS_",
        "WEBSITE_",
        "IDENTITY_",
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "SSL_CERT_FILE",
    ];
    let story = company(12).packaged().play().await;
    let life = story.host.until_ready().await.expect("it listens");
    let environment = fs::read(format!("/proc/{}/environ", life.pid)).expect("its environment");
    let environment = String::from_utf8(environment).expect("text");
    let told: BTreeSet<&str> = environment
        .split_terminator('\0')
        .filter_map(|variable| variable.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let template = given_by_the_template();
    for name in &told {
        let of_the_platform = OF_THE_PLATFORM.iter().any(|start| name.starts_with(start));
        // What the README's table names can be given with the template's `extraSettings`.
        assert!(
            of_the_platform || template.contains(*name) || setting(name).is_some(),
            "Azure would not tell it {name}"
        );
    }
    for name in template.iter().filter(|name| setting(name).is_some()) {
        assert!(told.contains(name.as_str()), "Azure would tell it {name}");
    }
    let program = fs::read_link(format!("/proc/{}/exe", life.pid)).expect("its program");
    assert_eq!(program.parent(), story.app().canonicalize().ok().as_deref());
}

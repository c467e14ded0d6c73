//! Settings that are missing or unresolved: the program refuses to start and names each.

use std::process::Command;

use end_to_end::story::handler;

#[test]
fn in_azure_a_missing_or_unresolved_setting_refuses_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = Command::new(handler())
        .arg("serve")
        .current_dir(folder.path())
        .env_clear()
        .env("WEBSITE_SITE_NAME", "clocking")
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", "1")
        .env(
            "CLOCKIFY_API_KEY",
            "@Microsoft.KeyVault(VaultName=v;SecretName=s)",
        )
        .env("CLOCKIFY_REQUESTS_PER_SECOND", "many")
        .output()
        .expect("it ends by itself");
    assert!(!ended.status.success());
    let log = String::from_utf8_lossy(&ended.stdout).into_owned();
    for setting in [
        "DATABASE_URL",
        "STORAGE_URL",
        "QUEUE_URL",
        "CLOCKIFY_API_KEY",
        "CLOCKIFY_REQUESTS_PER_SECOND",
    ] {
        assert!(log.contains(setting), "{setting} is named: {log}");
    }
    assert!(!log.contains("SecretName"), "{log}");
    let files = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files, 0, "nothing was written");
}

//! The start of the real program: with settings missing or wrong it is refused, and one message names each fault
//! (`interface.md` §2, `design.md` §2 and §5).

use std::process::Command;

use serde_json::Value;

/// Runs `handlers serve` in that environment and nothing else. It cannot go on to serve: its port is no number.
fn refused(settings: &[(&str, &str)]) -> (Vec<Value>, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_handlers"))
        .arg("serve")
        .env_clear()
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", "none")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    assert!(
        !ended.status.success(),
        "the host leaves an app dead that ended with 0"
    );
    let text = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(
        String::from_utf8(ended.stderr).unwrap(),
        "",
        "the log is on stdout alone"
    );
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (lines, text)
}

const REFERENCE: &str = "@Microsoft.KeyVault(VaultName=clocking-kv;SecretName=sentinel)";

#[test]
fn in_azure_each_missing_setting_and_each_dead_reference_is_named_in_one_message() {
    let (lines, text) = refused(&[
        ("WEBSITE_SITE_NAME", "clocking-app"),
        ("WEBSITE_HOSTNAME", "clocking-app.azurewebsites.net"),
        ("CLOCKIFY_API_KEY", REFERENCE),
        ("CLOCKIFY_WEBHOOK_SECRETS", REFERENCE),
        ("CALLER_KEYS", REFERENCE),
        ("EASY_AUTH", "on"),
        ("PAY_RECORD_YEARS", "2"),
    ]);
    let [line] = &lines[..] else {
        panic!("one message, not {text}")
    };
    assert_eq!(line["level"], "ERROR");
    let error = line["error"].as_str().unwrap();
    assert!(
        error.starts_with("7 settings are missing or wrong: "),
        "{error}"
    );
    for name in ["DATABASE_URL", "STORAGE_URL", "QUEUE_URL"] {
        assert!(
            error.contains(&format!("{name} is missing, and has no default in Azure")),
            "{error}"
        );
    }
    for name in [
        "CLOCKIFY_API_KEY",
        "CLOCKIFY_WEBHOOK_SECRETS",
        "CALLER_KEYS",
    ] {
        let fault = format!("{name} is a Key Vault reference that the platform could not resolve");
        assert!(error.contains(&fault), "{error}");
    }
    // Records of employment are kept for three years.
    assert!(
        error.contains("PAY_RECORD_YEARS must be a whole number from 3"),
        "{error}"
    );
    assert!(!text.contains("sentinel"), "{text}");
}

#[test]
fn in_azure_a_password_for_the_database_and_a_wrong_secret_are_refused_without_being_told() {
    let (lines, text) = refused(&[
        ("WEBSITE_SITE_NAME", "clocking-app"),
        (
            "DATABASE_URL",
            "mssql://s/d?auth=sql&user=sa&password=sentinel-password",
        ),
        ("STORAGE_URL", "https://clocking.blob.core.windows.net"),
        ("QUEUE_URL", "https://clocking.queue.core.windows.net"),
        (
            "CALLER_KEYS",
            r#"{"app": {"sha256": ["sentinel-hash"], "roles": ["Everything"]}}"#,
        ),
    ]);
    assert_eq!(lines.len(), 1, "{text}");
    let error = lines[0]["error"].as_str().unwrap();
    for name in ["DATABASE_URL", "CALLER_KEYS"] {
        assert!(error.contains(name), "{error}");
    }
    assert!(!text.contains("sentinel"), "{text}");
}

/// With all settings right the next thing that is looked at is the port: so the refusals above are the settings'.
#[test]
fn with_right_settings_the_start_goes_on() {
    let (_, text) = refused(&[
        ("WEBSITE_SITE_NAME", "clocking-app"),
        ("WEBSITE_HOSTNAME", "clocking-app.azurewebsites.net"),
        (
            "DATABASE_URL",
            "mssql://s.database.windows.net/clocking?auth=managed-identity",
        ),
        ("STORAGE_URL", "https://clocking.blob.core.windows.net"),
        ("QUEUE_URL", "https://clocking.queue.core.windows.net"),
    ]);
    assert!(
        text.contains("FUNCTIONS_CUSTOMHANDLER_PORT must be the port"),
        "{text}"
    );
}

//! `handlers webhooks plan` and `apply`, against the simulator.

use std::{fs, path::Path};

use clockify_sim::{Config, Simulator};
use handlers::webhooks::{self, WebhooksError};
use shared::{clockify::webhook, settings::Settings};

fn settings(simulator: &Simulator, data: &Path, secrets: Option<&str>) -> Settings {
    let at = |name: &str| data.join(name).display().to_string();
    Settings::from_env(|name| match name {
        "CLOCKIFY_API_URL" => Some(simulator.api_url()),
        "CLOCKIFY_REPORTS_URL" => Some(simulator.reports_url()),
        "CLOCKIFY_API_KEY" => Some(simulator.api_key().to_owned()),
        "CLOCKIFY_REQUESTS_PER_SECOND" => Some("50".to_owned()),
        "CLOCKIFY_WEBHOOK_SECRETS" => secrets.map(str::to_owned),
        "DATABASE_URL" => Some(format!("sqlite:{}", at("clocking.db"))),
        "QUEUE_URL" => Some(format!("sqlite:{}", at("queue.db"))),
        "STORAGE_URL" => Some(format!("file:{}", at("storage"))),
        "PUBLIC_BASE_URL" => Some("https://clocking.example.com".to_owned()),
        _ => None,
    })
    .expect("the settings are right")
}

#[tokio::test]
async fn the_administrator_plans_applies_and_has_nothing_left_to_do() {
    let config = Config {
        people: 3,
        weeks: 1,
        ..Config::default()
    };
    let simulator = Simulator::start(config).await.expect("it starts");
    let data = tempfile::tempdir().expect("a folder");
    let without_secrets = settings(&simulator, data.path(), None);

    let plan = webhooks::plan(&without_secrets, 10).await.expect("a plan");
    let calls = plan.lines().filter(|line| line.starts_with("to make"));
    assert_eq!(calls.count(), 10, "{plan}");
    assert!(
        plan.contains("url https://clocking.example.com/api/clockify/webhooks"),
        "{plan}"
    );

    let file = data.path().join("secrets.json");
    let said = webhooks::apply(&without_secrets, 10, &file)
        .await
        .expect("applied");
    assert_eq!(
        said.lines().filter(|line| line.starts_with("made")).count(),
        10,
        "{said}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&file).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    }
    let secrets = fs::read_to_string(&file).expect("the secrets");
    assert!(!said.contains(&secrets[20..40]), "secrets are not printed");

    // What Clockify now sends is let in by what stands in the file.
    let with_secrets = settings(&simulator, data.path(), Some(&secrets));
    let of_clockify: serde_json::Value = serde_json::from_str(&secrets).expect("JSON by event");
    let signature = of_clockify["TIME_ENTRY_DELETED"][0]
        .as_str()
        .expect("a secret");
    assert!(webhook::verify(
        &with_secrets.webhook_secrets,
        "TIME_ENTRY_DELETED",
        signature
    ));
    assert!(!webhook::verify(
        &with_secrets.webhook_secrets,
        "NEW_TIME_ENTRY",
        signature
    ));

    let plan = webhooks::plan(&with_secrets, 10).await.expect("a plan");
    assert_eq!(
        plan.lines()
            .filter(|line| line.starts_with("in order"))
            .count(),
        10,
        "{plan}"
    );
    assert!(
        !plan.contains("to make") && !plan.contains("at fault"),
        "{plan}"
    );

    // A second run makes nothing, and no file is ever overwritten.
    let refused = webhooks::apply(&with_secrets, 10, &file).await;
    assert!(
        matches!(refused, Err(WebhooksError::Secrets(_))),
        "{refused:?}"
    );
    let again = data.path().join("again.json");
    let said = webhooks::apply(&with_secrets, 10, &again)
        .await
        .expect("applied");
    assert!(!said.contains("made"), "{said}");
    assert_eq!(fs::read_to_string(&again).expect("the secrets"), secrets);
}

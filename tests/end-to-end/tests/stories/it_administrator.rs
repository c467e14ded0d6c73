//! IT administrator: "sees what failed, replays it, rotates keys; never loses a record".

use clockify_sim::{Command, EntryPlan, Fault, Trouble};
use end_to_end::{
    api::Api,
    company::company,
    people::{Person, caller_keys},
    story::{PATIENCE, Story},
};
use local_host::waiting::until;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The watchdog goes round; what is in the poison queues is filed.
async fn dead_letters(story: &Story, expected: usize) -> Vec<Value> {
    let it = story.api(Person::ItAdministrator);
    let filed = async || {
        story.host.run_by_hand("watchdog", "").expect("a watchdog");
        story.settled().await;
        let letters = it.list("/dead-letters").await;
        let waiting: Vec<Value> = letters
            .into_iter()
            .filter(|one| one["replayedAt"].is_null())
            .collect();
        (waiting.len() == expected).then_some(waiting)
    };
    until(PATIENCE, filed).await.expect("dead letters")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_it_administrator_sees_what_failed_and_replays_it() {
    let story = company(12).with_strict_clockify().synced().play().await;
    let it = story.api(Person::ItAdministrator);
    let database = story.database();
    let health = story.stranger().get("/health").await.expect(200);
    assert_eq!(health["status"], "ok", "{health}");

    // Clockify refuses to tell one entry, for a reason that does not pass by itself: five tries, then a dead letter.
    let refuses = Fault::once("*/time-entries/*", Trouble::Status(403)).times(5);
    story.control.add_fault(&refuses).await.expect("a fault");
    let person = story.control.people().await.expect("people")[6].id;
    let entry = story
        .clockify_makes(Command::RecordEntry(EntryPlan {
            person,
            start: "2026-11-02T13:00:00Z".parse().expect("an instant"),
            end: Some("2026-11-02T14:00:00Z".parse().expect("an instant")),
            project: None,
            task: None,
            tags: Vec::new(),
            billable: None,
            description: "Refused at first".to_owned(),
            is_break: false,
        }))
        .await;
    story.settled().await;
    let stored = format!("SELECT COUNT(*) FROM time_entry WHERE id = '{entry}'");
    assert_eq!(database.number(&stored), 0);
    let letters = dead_letters(&story, 1).await;
    assert_eq!(letters[0]["queue"], "clockify-events");
    assert!(
        letters[0]["error"]
            .as_str()
            .is_some_and(|error| error.contains("403")),
        "{letters:?}"
    );
    let flags = it.list("/flags?kind=dead-letter").await;
    assert_eq!(flags.len(), 1, "{flags:?}");

    // Replayed when the cause is gone: the record is there, and the letter can be replayed only once.
    let path = format!(
        "/dead-letters/{}/replay",
        letters[0]["id"].as_str().expect("an id")
    );
    assert_eq!(it.post(&path, &json!({})).await.expect(200)["replayed"], 1);
    story.settled().await;
    assert_eq!(database.number(&stored), 1);
    assert_eq!(it.post(&path, &json!({})).await.refusal(409), "conflict");
    dead_letters(&story, 0).await;
    for caller in [
        story.api(Person::OfficeManager),
        story.api(Person::PowerApps),
    ] {
        assert_eq!(caller.get("/dead-letters").await.status, 403);
    }
    assert_eq!(story.stranger().get("/dead-letters").await.status, 401);
}

fn with_hashes(keys: &[&str]) -> String {
    let hashes: Vec<String> = keys
        .iter()
        .map(|key| hex::encode(Sha256::digest(key)))
        .collect();
    let mut callers: Value = serde_json::from_str(&caller_keys()).expect("JSON");
    callers["power-apps"]["sha256"] = json!(hashes);
    callers.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_it_administrator_rotates_keys_without_an_hour_of_silence() {
    let story = company(12).synced().play().await;
    let old = Person::PowerApps.key();
    let status = async |story: &Story, key: &str| {
        let api = Api::new(&story.host.base_url, Some(key));
        api.get("/lookups/clients").await.status.as_u16()
    };
    let webhook = async |story: &Story, secret: &str| {
        let posted = reqwest::Client::new()
            .post(story.host.url("/api/clockify/webhooks"))
            .header("clockify-webhook-event-type", "NEW_INVOICE")
            .header("clockify-signature", secret)
            .body("{}");
        posted.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(
        [status(&story, &old).await, status(&story, "new").await],
        [200, 401]
    );
    // Both hold while the callers change over; then the new one alone.
    let both = with_hashes(&[&old, "new"]);
    let secrets = r#"{"*": ["the secret of the webhooks", "next"]}"#;
    let settings = [
        ("CALLER_KEYS", both.as_str()),
        ("CLOCKIFY_WEBHOOK_SECRETS", secrets),
    ];
    let story = story.restarted_with(&settings).await;
    assert_eq!(
        [status(&story, &old).await, status(&story, "new").await],
        [200, 200]
    );
    let known = ["the secret of the webhooks", "next", "other"];
    let mut answers = Vec::new();
    for secret in known {
        answers.push(webhook(&story, secret).await);
    }
    assert_eq!(answers, [202, 202, 401]);
    let new_alone = with_hashes(&["new"]);
    let settings = [
        ("CALLER_KEYS", new_alone.as_str()),
        ("CLOCKIFY_WEBHOOK_SECRETS", r#"{"*": "next"}"#),
    ];
    let story = story.restarted_with(&settings).await;
    assert_eq!(
        [status(&story, &old).await, status(&story, "new").await],
        [401, 200]
    );
    assert_eq!(
        [
            webhook(&story, known[0]).await,
            webhook(&story, known[1]).await
        ],
        [401, 202]
    );
    // Nothing of it is written in plain anywhere.
    let log = std::fs::read_to_string(story.host.data_dir.join("handler.log")).expect("a log");
    assert!(!log.contains(&old) && !log.contains("the secret of the webhooks"));
}

/// What happens by the clock happens: each timer goes off once, and its jobs end well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_it_administrator_need_not_start_anything_by_hand() {
    let story = company(12).play().await;
    for (timer, kind, resource) in [
        ("nightly-sync", "sync", "all"),
        ("weekly-sync", "sync", "all"),
        // A Monday: the time status of the week before is due.
        ("due-reports", "report", "time-status"),
    ] {
        let jobs = story.goes_off(timer).await;
        let kinds: Vec<String> = jobs.iter().map(|job| job["kind"].to_string()).collect();
        assert!(
            kinds
                .iter()
                .any(|one| one.contains(kind) && one.contains(resource)),
            "{timer}: {kinds:?}"
        );
    }
    let entries = "SELECT COUNT(*) FROM time_entry";
    assert!(story.database().number(entries) > 100);
    let made = story.developer().list("/jobs").await;
    let has_files = |job: &&Value| {
        job["files"]
            .as_array()
            .is_some_and(|files| !files.is_empty())
    };
    assert!(made.iter().any(|job| has_files(&job)), "{made:?}");
}

//! Database, queue and files away for a while.

use std::fs;

use end_to_end::{
    burst::{Burst, Webhook},
    company::company,
    people::Person,
    story::{PATIENCE, Story, WEBHOOK_SECRET},
};
use local_host::waiting::until;
use rusqlite::Connection;
use serde_json::json;

use crate::{assert_equals_clockify, record_an_hour};

/// Nobody else can write that file while this is held, as when a database sleeps or a deadlock is not yet broken.
fn locked(story: &Story, file: &str) -> Connection {
    let connection = Connection::open(story.host.data_dir.join(file)).expect("the file");
    connection.busy_timeout(PATIENCE).expect("a timeout");
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .expect("the lock");
    connection
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_is_away_while_events_are_applied() {
    let story = company(12).weeks(1).synced().play().await;
    let lock = locked(&story, "clocking.db");
    record_an_hour(&story, 6, 2).await;
    record_an_hour(&story, 7, 2).await;
    // Taken all the same: the webhook's path needs no database. Then put off, as the database does not answer.
    let put_off = async || {
        let counts = story.host.counts("clockify-events").await.ok()?;
        (counts.delayed == 2).then_some(())
    };
    until(PATIENCE, put_off)
        .await
        .expect("both events wait for another try");
    drop(lock);
    story.settled_for_good().await;
    assert_equals_clockify(&story).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_is_away_while_a_webhook_comes() {
    let story = company(12)
        .weeks(1)
        .without_webhooks()
        .synced()
        .play()
        .await;
    record_an_hour(&story, 6, 2).await;
    let webhook: Webhook = story.webhooks_of("NEW_TIME_ENTRY").await.remove(0);
    let lock = locked(&story, "queue.db");
    let refused = reqwest::Client::new()
        .post(story.host.url("/api/clockify/webhooks"))
        .header("clockify-webhook-event-type", &webhook.event)
        .header("clockify-signature", WEBHOOK_SECRET)
        .body(webhook.body.clone())
        .send()
        .await
        .expect("an answer");
    // Not stored, so not accepted: Clockify repeats it.
    assert_eq!(refused.status(), 503);
    drop(lock);
    let once = Burst {
        connections: 1,
        within: std::time::Duration::ZERO,
        kills: 0,
    };
    once.post(&story, &[webhook]).await;
    story.settled_for_good().await;
    assert_equals_clockify(&story).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_are_away_while_a_report_is_made() {
    let story = company(12).weeks(2).synced().play().await;
    let storage = story.host.data_dir.join("storage");
    let aside = story.host.data_dir.join("aside");
    if storage.exists() {
        fs::rename(&storage, &aside).expect("moved");
    }
    fs::write(&storage, "no folder").expect("a file in its place");
    let payroll = story.api(Person::PayrollAdministrator);
    let period = json!({"from": "2026-10-18", "to": "2026-10-31"});
    let job = payroll.post("/reports/payroll", &period).await.expect(202);
    let job = job["jobId"].as_str().expect("a job").to_owned();
    let put_off = async || {
        let counts = story.host.counts("jobs").await.ok()?;
        (counts.delayed == 1).then_some(())
    };
    until(PATIENCE, put_off)
        .await
        .expect("the job waits for another try");
    fs::remove_file(&storage).expect("removed");
    if aside.exists() {
        fs::rename(&aside, &storage).expect("moved back");
    }
    story.settled_for_good().await;
    story.succeeded(&job).await;
    let made = payroll.get(&format!("/jobs/{job}")).await.expect(200);
    let file = &made["files"][0];
    let answer = story.follow(file["url"].as_str().expect("a link")).await;
    let bytes = answer.bytes().await.expect("all of it");
    assert_eq!(file["bytes"].as_u64(), Some(bytes.len() as u64));
}

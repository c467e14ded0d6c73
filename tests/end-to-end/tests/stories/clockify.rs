//! Clockify: "posts webhooks, expects a 2xx fast, retries little or never".

use std::time::Duration;

use clockify_sim::{Fault, Trouble};
use end_to_end::{
    api::Answer,
    burst::{Burst, Webhook},
    company::company,
    database::assert_same,
    people::Person,
    story::{Story, WEBHOOK_SECRET},
};
use serde_json::{Value, json};

async fn post(story: &Story, event: &str, secret: &str, body: &str) -> Answer {
    let answer = reqwest::Client::new()
        .post(story.host.url("/api/clockify/webhooks"))
        .header("clockify-webhook-event-type", event)
        .header("clockify-signature", secret)
        .body(body.to_owned())
        .send()
        .await
        .expect("an answer");
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        text: answer.text().await.expect("its body"),
    }
}

/// With the real handler behind them, whatever the order in which it is asked and answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_story_told_twice_posts_the_same_webhooks() {
    let tell = async || {
        let story = company(20).synced().approve_all().play().await;
        let webhooks = story.webhooks_of("APPROVAL_REQUEST_STATUS_UPDATED").await;
        let bodies: Vec<String> = webhooks.into_iter().map(|one| one.body).collect();
        bodies
    };
    let told = tell().await;
    assert!(told.len() > 10, "{}", told.len());
    assert_eq!(tell().await, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approve_all_during_which_the_handler_dies_loses_nothing() {
    let story = company(60)
        .week("2026-10-25")
        .with_strict_clockify()
        .synced()
        .approve_all()
        .kill_handler_after(3)
        .play()
        .await;
    story.settled_for_good().await;
    assert_eq!(story.lives().await, 2);
    let pending = "SELECT COUNT(*) FROM timesheet WHERE state = 'PENDING'";
    assert_eq!(story.database().number(pending), 0);
    let expected = story.as_a_fresh_sync_tells().await;
    assert_same(&story.database().as_clockify_lists(), &expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clockify_is_answered_at_once_and_whatever_it_sends_is_kept() {
    let story = company(60)
        .without_webhooks()
        .synced()
        .approve_all()
        .play()
        .await;
    let webhooks = story.webhooks_of("APPROVAL_REQUEST_STATUS_UPDATED").await;
    assert!(webhooks.len() >= 50, "{}", webhooks.len());
    let database = story.database();

    // Answered while Clockify itself does not answer: no work is done inside the request (§11.1).
    let away = Fault::once("/api/*", Trouble::Status(503)).times(100_000);
    story.control.add_fault(&away).await.expect("away");
    let burst = Burst {
        connections: 50,
        within: Duration::ZERO,
        kills: 0,
    };
    let figures = burst.post(&story, &webhooks).await;
    assert_eq!(
        (figures.answered.len(), figures.unanswered),
        (webhooks.len(), 0)
    );
    let approved = "SELECT COUNT(*) FROM timesheet WHERE state = 'PENDING'";
    let still_pending = database.number(approved);
    assert!(still_pending >= 50, "{still_pending}");
    story.control.clear_faults().await.expect("back");
    story.settled_for_good().await;
    assert_eq!(database.number(approved), 0);

    // The same again, each twice: counted, and no row is changed.
    let before = database.domain_and_its_writes();
    let twice: Vec<Webhook> = webhooks.iter().chain(&webhooks).cloned().collect();
    burst.post(&story, &twice).await;
    story.settled_for_good().await;
    assert_same(&database.domain_and_its_writes(), &before);
    let deliveries = story.api(Person::ItAdministrator).list("/deliveries").await;
    assert_eq!(deliveries.len(), webhooks.len());
    for delivery in &deliveries {
        assert_eq!(
            (&delivery["timesSeen"], &delivery["outcome"]),
            (&json!(3), &json!("applied")),
            "{delivery}"
        );
    }

    // A wrong secret is refused and leaves no trace.
    let some = &webhooks[0];
    for secret in ["", "wrong", &WEBHOOK_SECRET[1..]] {
        assert_eq!(
            post(&story, &some.event, secret, &some.body).await.status,
            401,
            "{secret:?}"
        );
    }
    // What is not used is counted; what makes no sense is parked: both 202, or Clockify would switch the webhook off.
    let unused = post(&story, "NEW_INVOICE", WEBHOOK_SECRET, "{}")
        .await
        .expect(202);
    assert_eq!(unused["ignored"], true);
    for body in ["", "{\"id\":", "[1, 2]", "null", &"x".repeat(60_000)] {
        let parked: Value = post(&story, "NEW_TIME_ENTRY", WEBHOOK_SECRET, body)
            .await
            .expect(202);
        assert!(parked["eventId"].is_string(), "{parked}");
    }
    story.settled_for_good().await;
    assert_same(&database.domain_and_its_writes(), &before);
    let failed = story
        .api(Person::ItAdministrator)
        .list("/deliveries?outcome=failed")
        .await;
    assert_eq!(failed.len(), 5, "{failed:?}");
}

//! Leases, tries, poison, encoding (custom-handler.md §3.4, §6.1).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use local_host::{Rule, waiting::until};
use serde_json::{Value, json};
use shared::{azure::queues::Queues, settings::QueueUrl};

use crate::support::{App, LIMIT, envelope_in, header_values, queue_function};

fn app(behaviour: &[&str]) -> App {
    App::with_handler(behaviour).queue("Orders")
}

/// The queues of an app that is not yet started.
fn queues_of(app: &App) -> Queues {
    let file = QueueUrl::Sqlite(app.path().join("data/queue.db"));
    Queues::open(&file).expect("opened")
}

#[tokio::test]
async fn a_message_is_posted_to_the_folders_name_encoded_twice_and_deleted_after_2xx() {
    let running = app(&["ok"]).start().await;
    running.send("orders", r#"{"orderId":"A-17"}"#).await;
    running.until_idle().await;
    let got = running.until_got(1).await.remove(0);
    assert_eq!(
        (&got["method"], &got["uri"]),
        (&json!("POST"), &json!("/Orders"))
    );
    assert_eq!(header_values(&got, "transfer-encoding"), ["chunked"]);
    assert_eq!(
        header_values(&got, "x-azure-functions-invocationid")[0].len(),
        36
    );
    let envelope = envelope_in(&got);
    assert_eq!(envelope["Data"]["order"], r#""{\"orderId\":\"A-17\"}""#);
    assert_eq!(envelope["Metadata"]["DequeueCount"], "1");
    assert_eq!(envelope["Metadata"]["orderId"], "\"A-17\"");
    assert_eq!(envelope["Metadata"]["sys"]["MethodName"], "Orders");
    assert_eq!(running.queues().count("orders").await, Ok(0));
    assert_eq!(running.findings(), vec![]);
}

#[tokio::test]
async fn a_failing_message_is_tried_max_dequeue_count_times_and_then_poisoned_as_it_is() {
    let running = app(&["reply", "500", "text/plain", "no"])
        .host_json(&json!({"extensions": {"queues": {"maxDequeueCount": 3}}}))
        .start()
        .await;
    running.send("orders", "bad").await;
    let dead = until(LIMIT, async || {
        let dead = running.queues().take_poisoned("orders", 10).await;
        dead.ok().filter(|dead| !dead.is_empty())
    });
    let dead = dead.await.expect("poisoned");
    assert_eq!(dead[0].text, "bad");
    let counts: Vec<Value> = running
        .heard("GOT")
        .iter()
        .map(|got| envelope_in(got)["Metadata"]["DequeueCount"].clone())
        .collect();
    assert_eq!(counts, ["1", "2", "3"]);
    let found = running.until_found(Rule::ReplyStatus).await;
    assert!(found.starts_with("Orders: "), "{found}");
}

#[tokio::test]
async fn visibility_timeout_is_the_delay_before_a_failed_message_comes_again() {
    let running = app(&["reply", "500", "text/plain", "no"])
        .host_json(&json!({"extensions": {"queues": {"visibilityTimeout": "00:10:00"}}}))
        .start()
        .await;
    running.send("orders", "bad").await;
    running.until_got(1).await;
    running.until_idle().await;
    let counts = running.counts("orders").await.expect("counts");
    assert_eq!((counts.ready, counts.leased, counts.delayed), (0, 0, 1));
    assert_eq!(running.hasten("orders").await, Ok(1));
    running.until_got(2).await;
}

#[tokio::test]
async fn a_test_need_not_wait_for_a_delay() {
    let delays = json!({"extensions": {"queues": {"visibilityTimeout": "00:10:00"}}});
    let failing = ["reply", "500", "text/plain", "no"];
    let running = app(&failing).host_json(&delays).start().await;
    running.send("orders", "bad").await;
    let empty = running.until_queues_are_empty(LIMIT).await;
    empty.expect("five tries without a delay");
    assert_eq!(running.heard("GOT").len(), 5);
    // Or the delay is set beforehand.
    let app = app(&failing).host_json(&delays);
    let running = app.setting("LOCAL_RETRY_DELAY_MS", "10").start().await;
    running.send("orders", "bad").await;
    running.until_got(5).await;
}

#[tokio::test]
async fn a_message_beyond_its_tries_is_poisoned_without_being_delivered() {
    let app = app(&["ok"]).host_json(&json!({"extensions": {"queues": {"maxDequeueCount": 2}}}));
    let queues = queues_of(&app);
    let sent = queues.send("orders", "tired", Duration::ZERO).await;
    sent.expect("sent");
    for _ in 0..2 {
        let taken = queues.receive("orders", 1, Duration::ZERO).await;
        assert_eq!(taken.expect("taken").len(), 1);
    }
    let running = app.start().await;
    let dead = until(LIMIT, async || {
        (running.queues().count("orders-poison").await == Ok(1)).then_some(())
    });
    dead.await.expect("poisoned");
    assert_eq!(running.heard("GOT").len(), 0);
}

#[tokio::test]
async fn a_poison_queue_has_no_poison_queue() {
    let running = App::with_handler(&["reply", "500", "text/plain", "no"])
        .function("Dead", &queue_function("orders-poison"))
        .host_json(&json!({"extensions": {"queues": {"maxDequeueCount": 1}}}))
        .start()
        .await;
    running.send("orders-poison", "bad").await;
    running.until_got(1).await;
    // Left until its lease ends.
    let left = until(LIMIT, async || {
        let counts = running.counts("orders-poison").await.ok()?;
        (counts.leased == 1).then_some(())
    });
    left.await.expect("left");
    assert_eq!(running.queues().count("orders-poison-poison").await, Ok(0));
}

#[tokio::test]
async fn a_lease_is_renewed_while_the_function_runs_and_the_message_is_not_delivered_again() {
    let running = app(&["slow", "1500"])
        .options(|options| options.message_lease = Duration::from_millis(400))
        .start()
        .await;
    running.send("orders", "long").await;
    running.until_got(1).await;
    running.until_idle().await;
    assert_eq!(running.heard("GOT").len(), 1);
    assert_eq!(running.queues().count("orders").await, Ok(0));
}

#[tokio::test]
async fn more_is_fetched_when_in_flight_drops_to_the_threshold_and_not_before() {
    let app = app(&["slow-when", "slow", "60000"])
        .host_json(&json!({"extensions": {"queues": {"batchSize": 2, "newBatchThreshold": 1}}}));
    let queues = queues_of(&app);
    for text in ["fast", "slow 1", "slow 2", "slow 3", "slow 4"] {
        let sent = queues.send("orders", text, Duration::ZERO).await;
        sent.expect("sent");
    }
    let running = app.start().await;
    // Two at first; the fast one ends, one is left, two more are fetched: three run.
    running.until_got(4).await;
    let more = until(Duration::from_millis(300), async || {
        (running.heard("GOT").len() > 4).then_some(())
    });
    more.await
        .expect_err("no more than batchSize + newBatchThreshold run");
}

#[tokio::test]
async fn a_killed_handlers_message_comes_again_with_one_more_try() {
    let running = app(&["slow", "300"]).start().await;
    running.send("orders", "twice").await;
    running.until_got(1).await;
    running.kill_handler().await;
    let got = running.until_got(2).await;
    running.until_idle().await;
    let count = |n: usize| envelope_in(&got[n])["Metadata"]["DequeueCount"].clone();
    assert_eq!((count(0), count(1)), (json!("1"), json!("2")));
    assert_eq!(running.queues().count("orders").await, Ok(0));
}

#[tokio::test]
async fn what_a_host_held_that_was_stopped_is_delivered_by_the_next_one() {
    let running = app(&["slow-at", "/Orders", "60000"]).start().await;
    running.send("orders", "kept").await;
    running.until_got(1).await;
    let running = running.restart(|_| {}).await;
    let got = running.until_got(1).await.remove(0);
    assert_eq!(envelope_in(&got)["Metadata"]["DequeueCount"], "2");
}

#[tokio::test]
async fn base64_is_the_default_and_is_undone_before_delivery() {
    let app =
        app(&["ok"]).host_json(&json!({"extensions": {"queues": {"messageEncoding": "base64"}}}));
    let running = app.start().await;
    running.send("orders", &STANDARD.encode("hello")).await;
    let got = running.until_got(1).await.remove(0);
    assert_eq!(envelope_in(&got)["Data"]["order"], "\"hello\"");
}

#[tokio::test]
async fn the_empty_message_and_long_ones_arrive() {
    let running = app(&["ok"]).start().await;
    let long = "é\"\\".repeat(16_000);
    for text in ["", "\"", "null", long.as_str()] {
        running.send("orders", text).await;
    }
    let got = running.until_got(4).await;
    let mut texts: Vec<String> = got
        .iter()
        .map(|got| {
            let envelope = envelope_in(got);
            let encoded = envelope["Data"]["order"].as_str().expect("text").to_owned();
            serde_json::from_str(&encoded).expect("text in text")
        })
        .collect();
    texts.sort();
    let mut expected = vec![String::new(), "\"".to_owned(), "null".to_owned(), long];
    expected.sort();
    assert_eq!(texts, expected);
}

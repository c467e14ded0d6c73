//! Faults on demand: each is seen by the handler as the real thing would be.

use local_host::{FaultPlan, Rule, handler::State, waiting::until};
use serde_json::json;

use crate::support::{App, LIMIT, Running, envelope_in};

fn app(behaviour: &[&str]) -> App {
    App::with_handler(behaviour)
        .queue("Orders")
        .http("web", "web")
}

async fn control(running: &Running, path: &str, body: &serde_json::Value) {
    let request = running.http.post(running.url(path));
    let answer = request
        .header("x-api-key", &running.key)
        .json(body)
        .send()
        .await;
    assert!(answer.expect("an answer").status().is_success());
}

fn texts(running: &Running) -> Vec<String> {
    let got = running.heard("GOT");
    let text = |got| {
        envelope_in(got)["Data"]["order"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    got.iter().map(text).collect()
}

#[tokio::test]
async fn a_message_is_delivered_again_after_it_was_done() {
    let running = app(&["ok"]).start().await;
    control(&running, "/control/faults", &json!({"deliverTwice": 1})).await;
    running.send("orders", "x").await;
    running.until_got(2).await;
    running.until_idle().await;
    assert_eq!(texts(&running), ["\"x\"", "\"x\""]);
    assert_eq!(running.queues().count("orders").await, Ok(0));
}

#[tokio::test]
async fn a_message_is_delivered_twice_at_the_same_time() {
    let running = app(&["slow", "300"]).start().await;
    running
        .add_faults(FaultPlan {
            deliver_together: Some(1),
            ..FaultPlan::default()
        })
        .await;
    running.send("orders", "x").await;
    let got = running.until_got(2).await;
    running.until_idle().await;
    let count = |n: usize| envelope_in(&got[n])["Metadata"]["DequeueCount"].clone();
    assert_eq!((count(0), count(1)), (json!("1"), json!("1")));
}

#[tokio::test]
async fn messages_are_delivered_in_reverse() {
    let running = app(&["ok"]).start().await;
    running
        .add_faults(FaultPlan {
            reverse: Some(3),
            ..FaultPlan::default()
        })
        .await;
    for text in ["1", "2", "3"] {
        running.send("orders", text).await;
    }
    running.until_got(3).await;
    assert_eq!(texts(&running), ["\"3\"", "\"2\"", "\"1\""]);
}

#[tokio::test]
async fn messages_are_delivered_late_until_told_otherwise() {
    let running = app(&["ok"]).start().await;
    running
        .add_faults(FaultPlan {
            late_ms: Some(300),
            ..FaultPlan::default()
        })
        .await;
    let sent = std::time::Instant::now();
    running.send("orders", "x").await;
    running.until_got(1).await;
    assert!(sent.elapsed().as_millis() >= 300);
}

#[tokio::test]
async fn a_reply_is_lost_after_the_work_was_done() {
    let running = app(&["ok"]).start().await;
    running
        .add_faults(FaultPlan {
            lose_replies: Some(2),
            ..FaultPlan::default()
        })
        .await;
    assert_eq!(running.get("/api/web").await.status(), 502);
    running.send("orders", "x").await;
    let got = running.until_got(3).await;
    running.until_idle().await;
    assert_eq!(envelope_in(&got[2])["Metadata"]["DequeueCount"], "2");
    assert_eq!(running.findings(), vec![]);
}

#[tokio::test]
async fn the_handler_is_killed_after_so_many_invocations() {
    let running = app(&["ok"]).start().await;
    running
        .add_faults(FaultPlan {
            kill_after: Some(2),
            ..FaultPlan::default()
        })
        .await;
    for _ in 0..2 {
        assert_eq!(running.get("/api/web").await.status(), 200);
    }
    let second = until(LIMIT, async || {
        matches!(running.handler().state(), State::Ready(life) if life.number == 2).then_some(())
    });
    second.await.expect("a second life");
    assert!(!running.found(Rule::Died));
}

#[tokio::test]
async fn the_handler_is_killed_now() {
    let running = app(&["ok"]).start().await;
    running.until_ready().await.expect("ready");
    control(&running, "/control/kill", &json!({})).await;
    assert_eq!(running.until_ready().await.expect("ready").number, 2);
}

#[tokio::test]
async fn the_handler_crashes_at_a_named_point_once_and_the_message_is_not_lost() {
    let running = app(&["crash-at", "after-write"]).start().await;
    running.until_ready().await.expect("ready");
    control(
        &running,
        "/control/faults",
        &json!({"crashAt": "after-write"}),
    )
    .await;
    running.send("orders", "x").await;
    let got = running.until_got(2).await;
    running.until_idle().await;
    assert_eq!(envelope_in(&got[1])["Metadata"]["DequeueCount"], "2");
    assert_eq!(running.queues().count("orders").await, Ok(0));
    assert_eq!(running.findings(), vec![]);
}

#[tokio::test]
async fn a_slow_start_makes_requests_wait() {
    let running = app(&["ok"]).start().await;
    running.until_ready().await.expect("ready");
    control(&running, "/control/faults", &json!({"slowStartMs": 400})).await;
    let asked = std::time::Instant::now();
    assert_eq!(running.get("/api/web").await.status(), 200);
    assert!(asked.elapsed().as_millis() >= 300, "{:?}", asked.elapsed());
}

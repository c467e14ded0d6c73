//! Faults on demand: each does what it says, to the requests that it names, as often as it says.

use std::time::{Duration, Instant};

use crate::support::{Api, fixture, id};
use clockify_sim::{Fault, Trouble};
use serde_json::{Value, json};

async fn faulty(fault: Fault) -> Api {
    let api = Api::start().await;
    api.control().add_fault(&fault).await.unwrap();
    api
}

#[tokio::test]
async fn an_error_meets_the_named_requests_and_is_then_used_up() {
    let api = faulty(
        Fault::once("*/tags", Trouble::Status(500))
            .after(1)
            .times(2),
    )
    .await;
    assert_eq!(api.get("/clients").await.status, 200);
    let statuses = [
        api.get("/tags").await.status,
        api.get("/tags").await.status,
        api.get("/tags").await.status,
        api.get("/tags").await.status,
    ];
    assert_eq!(statuses, [200, 500, 500, 200]);
}

#[tokio::test]
async fn a_gateway_answers_html() {
    let api = faulty(Fault::once("*", Trouble::Html)).await;
    let answer = api.get("/tags").await;
    assert_eq!(answer.status, 502);
    assert!(answer.text.starts_with("<html>"));
}

#[tokio::test]
async fn too_many_requests_with_and_without_retry_after() {
    let api = faulty(Fault::once("*", Trouble::TooMany(Some(2)))).await;
    let answer = api.get("/tags").await;
    assert_eq!(
        (answer.status, answer.json()),
        (429, fixture("errors/429.json"))
    );
    assert_eq!(answer.headers["retry-after"], "2");
    api.control()
        .add_fault(&Fault::once("*", Trouble::TooMany(None)))
        .await
        .unwrap();
    assert!(!api.get("/tags").await.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_slow_answer_is_right_but_late() {
    let api = faulty(Fault::once("*/tags", Trouble::Slow(120))).await;
    let began = Instant::now();
    assert_eq!(api.get("/tags").await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn half_a_body_is_an_error_in_the_middle_of_reading() {
    let api = faulty(Fault::once("*/projects", Trouble::HalfBody)).await;
    let response = api.request("GET", "/projects").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.text().await.is_err());
    assert_eq!(api.get("/projects").await.status, 200);
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_and_does_nothing() {
    let api = faulty(Fault::once("*/webhooks", Trouble::Cut).on("POST")).await;
    let body = fixture("api/request-bodies/webhook.create.json");
    let request = api.request("POST", "/webhooks").body(body.to_string());
    assert!(request.send().await.is_err());
    assert_eq!(api.json("/webhooks").await["workspaceWebhookCount"], 0);
}

#[tokio::test]
async fn a_lost_reply_gives_no_answer_although_it_was_done() {
    let api = Api::start().await;
    let policy = id(&api.json("/time-off/policies").await[2]).to_owned();
    let person = api.control().people().await.unwrap()[40].id;
    let balance = || async {
        let rows = api.json(&format!("/time-off/balance/user/{person}")).await;
        let rows = rows["balances"].as_array().unwrap().clone();
        rows.into_iter()
            .find(|row| row["policyId"] == policy.as_str())
            .unwrap()["total"]
            .clone()
    };
    let before: Value = balance().await;
    let fault = Fault::once("*/balance/policy/*", Trouble::LoseReply).on("PATCH");
    api.control().add_fault(&fault).await.unwrap();
    let body = json!({"userIds": [person], "value": 0.25, "note": ""});
    let path = format!("/time-off/balance/policy/{policy}");
    let request = api.request("PATCH", &path).body(body.to_string());
    assert!(request.send().await.is_err());
    assert_ne!(balance().await, before);
}

#[tokio::test]
async fn a_page_that_shifted_repeats_the_end_of_the_one_before() {
    let api = faulty(Fault::once("*/projects", Trouble::Shift(1))).await;
    let first = api.get("/projects?page=1&page-size=5").await.rows();
    let second = api.get("/projects?page=2&page-size=5").await.rows();
    assert_eq!(first[4], second[0]);
}

#[tokio::test]
async fn a_page_that_shifted_the_other_way_leaves_out_a_row() {
    let api = faulty(Fault::once("*/projects", Trouble::Shift(-1))).await;
    let first = api.get("/projects?page=1&page-size=5").await.rows();
    let second = api.get("/projects?page=2&page-size=5").await.rows();
    assert_eq!(api.control().status().await.unwrap().faults_left, 0);
    let all = api.get("/projects?page-size=10").await.rows();
    assert_eq!((&first[..], &second[..4]), (&all[..5], &all[6..]));
}

#[tokio::test]
async fn requests_are_counted_by_route_and_kept_in_their_order() {
    let api = Api::start().await;
    let control = api.control();
    api.get("/tags?page=1").await;
    api.get("/tags?page=2").await;
    api.get("/projects/x").await;
    let counts = control.request_counts().await.unwrap();
    assert_eq!(counts["GET workspaces/{ws}/tags"], 2);
    assert_eq!(counts["GET workspaces/{ws}/projects/{project}"], 1);
    let seen: Vec<(String, u16)> = control
        .requests()
        .await
        .unwrap()
        .into_iter()
        .map(|request| (request.path, request.status))
        .collect();
    assert!(seen[0].0.ends_with("/tags?page=1"), "{seen:?}");
    assert_eq!(
        seen.iter().map(|(_, status)| *status).collect::<Vec<_>>(),
        [200, 200, 400]
    );
    control.forget_requests().await.unwrap();
    assert!(control.request_counts().await.unwrap().is_empty());
}

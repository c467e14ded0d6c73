//! Which webhooks are planned, made and found at fault.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    clockify::webhook_setup::{FaultKind, Setup, USUAL_QUOTA, apply, faults, survey},
    settings::{Secret, WebhookSecrets},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{
    answers::PATIENT,
    fixture::{AVERY, Fixture, JORDAN, WORKSPACE, client_of},
};

const OURS: &str = "https://clocking.example.com/api/clockify/webhooks";

fn setup(quota: usize) -> Setup {
    Setup {
        address: OURS.parse().unwrap(),
        quota,
    }
}

fn now() -> jiff::Timestamp {
    "2026-03-12T00:00:00Z".parse().unwrap()
}

fn any_secret() -> WebhookSecrets {
    [("*".to_owned(), vec![Secret::from("token")])]
        .into_iter()
        .collect()
}

fn webhook(event: &str, changes: &Value) -> Value {
    let mut webhook = json!({
        "id": format!("w-{event}"), "name": "n", "url": OURS, "webhookEvent": event, "userId": AVERY,
        "authToken": "token", "enabled": true, "planEnabled": true, "deliveryEnabled": true,
    });
    for (field, value) in changes.as_object().unwrap() {
        webhook[field] = value.clone();
    }
    webhook
}

/// Clockify with these webhooks, the key being Avery's.
async fn clockify(webhooks: Vec<Value>) -> MockServer {
    let server = MockServer::start().await;
    let workspace = format!("/api/v1/workspaces/{WORKSPACE}");
    Mock::given(method("GET"))
        .and(path("/api/v1/user"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"id": AVERY})))
        .mount(&server)
        .await;
    let list = json!({"workspaceWebhookCount": webhooks.len(), "webhooks": webhooks});
    Mock::given(method("GET"))
        .and(path(format!("{workspace}/webhooks")))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    server
}

async fn posted(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| request.method.as_str() == "POST")
        .filter(|request| request.url.path().ends_with("/webhooks"))
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect()
}

#[tokio::test]
async fn in_an_empty_workspace_the_ten_that_matter_most_are_planned() {
    let server = clockify(Vec::new()).await;
    let client = client_of(&server, PATIENT);
    let plan = survey(&client, &setup(USUAL_QUOTA), &any_secret(), now())
        .await
        .unwrap();
    let events: Vec<_> = plan.to_make.iter().map(|webhook| webhook.event).collect();
    assert_eq!(events.len(), 10);
    assert_eq!(events[0], "APPROVAL_REQUEST_STATUS_UPDATED");
    assert!(events.contains(&"TIME_ENTRY_DELETED"));
    assert_eq!(plan.left_to_the_sync.len(), 30);
    assert!(plan.left_to_the_sync.contains(&"TAG_UPDATED"));
    assert!(
        plan.faults
            .iter()
            .all(|fault| fault.kind == FaultKind::Missing)
    );
    for webhook in &plan.to_make {
        assert!((2..=30).contains(&webhook.name.len()), "{}", webhook.name);
    }
    let shown = plan.to_string();
    assert!(
        shown.contains("to make    NEW_TIME_ENTRY: POST /workspaces/{workspace}/webhooks"),
        "{shown}"
    );
    assert_eq!(
        posted(&server).await,
        [] as [Value; 0],
        "a survey changes nothing"
    );

    let plan = survey(&client, &setup(100), &any_secret(), now())
        .await
        .unwrap();
    assert_eq!((plan.to_make.len(), plan.left_to_the_sync.len()), (40, 0));
}

#[tokio::test]
async fn what_the_keys_user_owns_counts_against_the_quota() {
    let elsewhere = json!({"url": "https://other.example.com/"});
    let of_another = json!({"url": "https://other.example.com/", "userId": JORDAN});
    let server = clockify(vec![
        webhook("NEW_TIME_ENTRY", &json!({})),
        webhook("NEW_TAG", &elsewhere),
        webhook("NEW_TASK", &elsewhere),
        webhook("NEW_CLIENT", &of_another),
    ])
    .await;
    let client = client_of(&server, PATIENT);
    let plan = survey(&client, &setup(5), &any_secret(), now())
        .await
        .unwrap();
    assert_eq!(plan.in_order, ["NEW_TIME_ENTRY"]);
    assert_eq!(plan.to_make.len(), 2, "three of five are taken");
    assert!(
        plan.left_to_the_sync.contains(&"NEW_TAG"),
        "posts elsewhere"
    );
}

#[tokio::test]
async fn each_fault_is_told_with_what_puts_it_right() {
    for (changes, kind) in [
        (json!({"enabled": false}), FaultKind::Disabled),
        (json!({"planEnabled": false}), FaultKind::NotInPlan),
        (json!({"deliveryEnabled": false}), FaultKind::GivenUp),
        (json!({"authToken": "another"}), FaultKind::UnknownSecret),
    ] {
        let server = clockify(vec![webhook("NEW_TIME_ENTRY", &changes)]).await;
        let log = json!([{"id": "d1", "statusCode": 503}, {"id": "d2", "statusCode": 500}]);
        Mock::given(method("POST"))
            .and(path(format!(
                "/api/v1/workspaces/{WORKSPACE}/webhooks/w-NEW_TIME_ENTRY/logs"
            )))
            .respond_with(ResponseTemplate::new(200).set_body_json(log))
            .mount(&server)
            .await;
        let client = client_of(&server, PATIENT);
        let plan = survey(&client, &setup(USUAL_QUOTA), &any_secret(), now())
            .await
            .unwrap();
        let mut at_fault = plan.faults.iter();
        let fault = at_fault
            .find(|fault| fault.event == "NEW_TIME_ENTRY")
            .unwrap();
        assert_eq!(fault.kind, kind);
        assert_eq!(fault.failed_deliveries, 2);
        assert!(plan.in_order.is_empty());
        assert!(
            plan.to_make
                .iter()
                .all(|webhook| webhook.event != "NEW_TIME_ENTRY"),
            "a second one would not help"
        );
        assert!(
            plan.to_string()
                .contains("(2 failed deliveries within 7 days)")
        );

        let before = client.requests_sent();
        let found = faults(&client, &setup(USUAL_QUOTA), &any_secret())
            .await
            .unwrap();
        assert!(found.iter().any(|fault| fault.kind == kind));
        assert_eq!(client.requests_sent() - before, 1);
    }
}

#[tokio::test]
async fn apply_makes_what_is_missing_and_hands_out_every_secret() {
    let server = clockify(vec![
        webhook("NEW_TIME_ENTRY", &json!({"authToken": "t1"})),
        webhook("NEW_TIME_ENTRY", &json!({"authToken": "t2", "id": "w2"})),
        webhook("TIMER_STOPPED", &json!({"authToken": "t3"})),
        webhook(
            "NEW_TAG",
            &json!({"authToken": "t4", "url": "https://other.example.com/"}),
        ),
    ])
    .await;
    let made = webhook("NEW_APPROVAL_REQUEST", &json!({"authToken": "t5"}));
    Mock::given(method("POST"))
        .and(path(format!("/api/v1/workspaces/{WORKSPACE}/webhooks")))
        .respond_with(ResponseTemplate::new(201).set_body_json(made))
        .mount(&server)
        .await;
    let client = client_of(&server, PATIENT);
    let setup = setup(6);
    let secrets = ["t1", "t2", "t3"].map(Secret::from).to_vec();
    let secrets = [("*".to_owned(), secrets)].into_iter().collect();
    let plan = survey(&client, &setup, &secrets, now()).await.unwrap();
    let applied = apply(&client, &setup, &plan).await.unwrap();
    assert_eq!(
        applied.made,
        ["APPROVAL_REQUEST_STATUS_UPDATED", "NEW_APPROVAL_REQUEST"]
    );
    let posted = posted(&server).await;
    assert_eq!(posted.len(), 2);
    assert_eq!(posted[0]["url"], OURS);
    assert_eq!(posted[0]["triggerSource"], json!([WORKSPACE]));
    let secrets: BTreeMap<String, Vec<String>> =
        serde_json::from_str(applied.secrets.reveal()).unwrap();
    let expected = [
        ("NEW_APPROVAL_REQUEST", vec!["t5", "t5"]),
        ("NEW_TIME_ENTRY", vec!["t1", "t2"]),
        ("TIMER_STOPPED", vec!["t3"]),
    ];
    let expected: BTreeMap<_, Vec<_>> = expected
        .into_iter()
        .map(|(event, tokens)| {
            (
                event.to_owned(),
                tokens.into_iter().map(str::to_owned).collect(),
            )
        })
        .collect();
    assert_eq!(
        secrets, expected,
        "of the listed and of the new ones, ours alone"
    );
    assert!(!format!("{applied:?}").contains("t1"));
}

#[tokio::test]
async fn apply_stops_at_the_plans_limit_and_keeps_what_was_made() {
    let server = clockify(Vec::new()).await;
    let body = json!({"message": "Webhook limit", "code": 4033});
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"id": "w"})))
        .up_to_n_times(3)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(400).set_body_json(body))
        .mount(&server)
        .await;
    let client = client_of(&server, PATIENT);
    let setup = setup(USUAL_QUOTA);
    let plan = survey(&client, &setup, &any_secret(), now()).await.unwrap();
    let applied = apply(&client, &setup, &plan).await.unwrap();
    assert!(applied.plan_limit_reached);
    assert_eq!(applied.made.len(), 3);
    assert_eq!(posted(&server).await.len(), 4);
}

/// The fixture's webhooks post to another system's address: none of them is ours.
#[tokio::test]
async fn webhooks_of_another_system_are_left_alone() {
    let rows = Fixture::named("api/webhooks.json").json()["webhooks"].clone();
    let server = clockify(rows.as_array().unwrap().clone()).await;
    let client = client_of(&server, PATIENT);
    let plan = survey(&client, &setup(USUAL_QUOTA), &any_secret(), now())
        .await
        .unwrap();
    assert!(plan.in_order.is_empty());
    assert_eq!(plan.to_make.len(), 2, "eight of ten are taken");
}

//! What we send has the form that Clockify documents, and webhooks are managed as it says.

use jiff::{Timestamp, civil::date};
use serde_json::{Value, json};
use shared::clockify::client::{
    BalanceChange, NewBalance, NewWebhook, Retries, TimeOffSearch, Window,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::fixture::{Fixture, JORDAN, WORKSPACE, client_of, decimal};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    let Some(name) = fixture.file.strip_prefix("api/request-bodies/") else {
        return read_webhooks(fixture).await;
    };
    let documented = fixture.json();
    let server = MockServer::start().await;
    let client = client_of(&server, Retries::default());
    let answer = |body: Value| {
        Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(body))
    };
    match name {
        "balance.update.json" => {
            Mock::given(any())
                .respond_with(ResponseTemplate::new(204))
                .mount(&server)
                .await;
            let change = BalanceChange {
                user: JORDAN.into(),
                value: NewBalance(decimal("-1.5")),
                note: "nightly adjustment 2026-03-13".to_owned(),
            };
            let policy = "654276000011000000000002".into();
            client.change_balance(&policy, &change).await.unwrap();
            assert_eq!(sent(&server, "PATCH").await, documented);
        }
        "time-off-requests.search.json" => {
            answer(json!({"count": 0, "requests": []}))
                .mount(&server)
                .await;
            let search = TimeOffSearch {
                first_day: date(2026, 1, 1),
                last_day: date(2026, 12, 31),
                users: Vec::new(),
            };
            client.search_time_off(&search, 1).await.unwrap();
            assert_eq!(sent(&server, "POST").await, documented);
        }
        "report.detailed.json" => {
            answer(json!({"totals": [], "timeentries": []}))
                .mount(&server)
                .await;
            let window = Window {
                from: "2026-03-08T07:00:00Z".parse().unwrap(),
                to: "2026-03-15T06:00:00Z".parse().unwrap(),
            };
            client.list_reported_entries(window, 1).await.unwrap();
            // The window in UTC, so that Clockify's zone rules do not matter; sums are not needed.
            let mut expected = documented;
            expected["dateRangeStart"] = json!("2026-03-08T07:00:00.000");
            expected["dateRangeEnd"] = json!("2026-03-15T05:59:59.999");
            expected["timeZone"] = json!("UTC");
            expected["detailedFilter"]["options"]["totals"] = json!("EXCLUDE");
            assert_eq!(sent(&server, "POST").await, expected);
        }
        "webhook.create.json" => {
            answer(json!({"id": "w", "authToken": "secret of the new one"}))
                .mount(&server)
                .await;
            let webhook = NewWebhook {
                name: "hp-new-time-entry".to_owned(),
                url: "https://hooks.example.com/clockify/new_time_entry"
                    .parse()
                    .unwrap(),
                event: "NEW_TIME_ENTRY",
            };
            let made = client.create_webhook(&webhook).await.unwrap();
            assert_eq!(made.auth_token.unwrap().reveal(), "secret of the new one");
            assert_eq!(sent(&server, "POST").await, documented);
        }
        "webhook-logs.search.json" => {
            answer(json!([])).mount(&server).await;
            let instant = |text: &str| -> Timestamp { text.parse().unwrap() };
            client
                .list_failed_deliveries(
                    "w",
                    instant("2026-03-05T00:00:00Z"),
                    instant("2026-03-12T00:00:00Z"),
                )
                .await
                .unwrap();
            assert_eq!(sent(&server, "POST").await, documented);
        }
        // We write no entries: the body shows in which form others do.
        "time-entry.create.json" => assert_eq!(documented["type"], "REGULAR"),
        _ => return false,
    }
    true
}

async fn read_webhooks(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/webhooks.json" => {
            let served = fixture.serve().await;
            let webhooks = served.client.list_webhooks().await.unwrap();
            assert_eq!(webhooks.rows.len(), 8);
            let given_up: Vec<_> = webhooks
                .rows
                .iter()
                .filter(|webhook| webhook.delivery_enabled == Some(false))
                .map(|webhook| webhook.webhook_event.as_deref())
                .collect();
            assert_eq!(given_up, [Some("PROJECT_UPDATED")]);
            let printed = format!("{webhooks:?}");
            assert!(!printed.contains("synthetic-"), "secrets are never printed");
        }
        "api/webhook-logs.json" => {
            let served = fixture.serve().await;
            let instant = |text: &str| -> Timestamp { text.parse().unwrap() };
            let failed = served.client.list_failed_deliveries(
                "695bee100016000000000002",
                instant("2026-03-05T00:00:00Z"),
                instant("2026-03-12T00:00:00Z"),
            );
            let failed = failed.await.unwrap();
            served.was_asked_as_documented().await;
            assert_eq!(failed.rows[0].status_code, Some(503));
        }
        _ => return false,
    }
    true
}

/// The one body that was sent.
async fn sent(server: &MockServer, method: &str) -> Value {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method.as_str(), method);
    assert!(requests[0].url.path().contains(WORKSPACE));
    serde_json::from_slice(&requests[0].body).unwrap()
}

#[tokio::test]
async fn a_webhooks_secret_can_be_renewed() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"id": "w1", "authToken": "new"})),
        )
        .mount(&server)
        .await;
    let client = client_of(&server, Retries::default());
    let webhook = client.renew_webhook_secret("w1").await.unwrap();
    assert_eq!(webhook.auth_token.unwrap().reveal(), "new");
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].method.as_str(), "PATCH");
    assert!(requests[0].url.path().ends_with("/webhooks/w1/token"));
}

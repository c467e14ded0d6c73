//! How webhooks arrive (clockify.md §9.2): their headers, repeats, order, further attempts, and the
//! end of Clockify's patience.

use std::{collections::BTreeSet, time::Duration};

use crate::support::{
    Api, config, fixture, id,
    receiver::{Received, Receiver},
};
use clockify_sim::{Command, Config, Delivery, Release, Switches};

const PATIENCE: Duration = Duration::from_secs(20);

async fn with_delivery(receiver: &Receiver, delivery: Delivery) -> Api {
    Api::with(Config {
        webhook_url: Some(receiver.url.clone()),
        webhook_secret: Some("s3cret".to_owned()),
        switches: Switches {
            delivery,
            ..config().switches
        },
        ..config()
    })
    .await
}

async fn add_tags(api: &Api, names: &[&str]) {
    for name in names {
        let name = (*name).to_owned();
        api.control().run(&Command::AddTag { name }).await.unwrap();
    }
}

fn names(received: &[Received]) -> Vec<String> {
    received
        .iter()
        .map(|hook| hook.json()["name"].as_str().unwrap().to_owned())
        .collect()
}

fn one_at_a_time() -> Delivery {
    Delivery {
        parallel: 1,
        ..Delivery::default()
    }
}

#[tokio::test]
async fn approve_all_posts_more_than_fifty_webhooks_in_one_burst() {
    let receiver = Receiver::start().await;
    let api = with_delivery(&receiver, Delivery::default()).await;
    let outcome = api.control().approve_all(None).await.unwrap();
    api.control().settled(PATIENCE).await.unwrap();
    let received = receiver.received();
    assert!(received.len() > 50, "{}", received.len());
    assert_eq!(received.len(), outcome.webhooks);
    assert_eq!(received.len(), outcome.ids.len());
    for hook in &received {
        assert_eq!(hook.event, "APPROVAL_REQUEST_STATUS_UPDATED");
        assert_eq!(hook.signature, "s3cret");
        assert_eq!(hook.content_type, "application/json");
        assert_eq!(hook.json()["status"]["state"], "APPROVED");
    }
    let keys: BTreeSet<&str> = received
        .iter()
        .map(|hook| hook.idempotency_key.as_str())
        .collect();
    assert_eq!(keys.len(), received.len());
}

#[tokio::test]
async fn each_webhook_has_a_token_of_its_own_unless_told_otherwise() {
    let receiver = Receiver::start().await;
    let api = Api::start().await;
    api.control()
        .add_webhooks(&receiver.url, None)
        .await
        .unwrap();
    add_tags(&api, &["a"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    let secrets = api.control().webhook_secrets().await.unwrap();
    let token = &receiver.received()[0].signature;
    assert_eq!(secrets["NEW_TAG"][0], token.as_str());
    assert_ne!(secrets["TAG_UPDATED"][0], token.as_str());
    assert_eq!(token.len(), 32);
}

#[tokio::test]
async fn what_is_not_answered_2xx_comes_again_byte_for_byte_under_a_new_key() {
    let receiver = Receiver::start().await;
    receiver.answer_next_with(&[503, 500]);
    let delivery = Delivery {
        retry_gaps_ms: vec![1, 1, 1],
        ..one_at_a_time()
    };
    let api = with_delivery(&receiver, delivery).await;
    add_tags(&api, &["a"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|hook| hook.body == received[0].body));
    let keys: BTreeSet<&str> = received
        .iter()
        .map(|hook| hook.idempotency_key.as_str())
        .collect();
    assert_eq!(keys.len(), 3);
    let attempts: Vec<(u32, Option<u16>)> = api
        .control()
        .deliveries()
        .await
        .unwrap()
        .iter()
        .map(|attempt| (attempt.attempt, attempt.status))
        .collect();
    assert_eq!(attempts, [(1, Some(503)), (2, Some(500)), (3, Some(200))]);
}

#[tokio::test]
async fn after_too_many_failures_delivery_is_switched_off_until_the_webhook_is_saved_again() {
    let receiver = Receiver::start().await;
    receiver.answer_next_with(&[500; 3]);
    let delivery = Delivery {
        retry_gaps_ms: vec![1; 10],
        switch_off_after: 3,
        ..one_at_a_time()
    };
    let api = with_delivery(&receiver, delivery).await;
    add_tags(&api, &["a"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    add_tags(&api, &["b"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    assert_eq!(receiver.received().len(), 3, "nothing more is posted");
    let list = api.json("/webhooks").await;
    let of_tags = |list: &serde_json::Value| {
        let rows = list["webhooks"].as_array().unwrap();
        rows.iter()
            .find(|row| row["webhookEvent"] == "NEW_TAG")
            .unwrap()
            .clone()
    };
    let stopped = of_tags(&list);
    assert_eq!(
        (&stopped["deliveryEnabled"], &stopped["enabled"]),
        (&false.into(), &true.into())
    );
    let path = format!("/webhooks/{}", stopped["id"].as_str().unwrap());
    assert_eq!(api.send("PUT", &path, Some(&stopped)).await.status, 200);
    add_tags(&api, &["c"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    assert_eq!(names(&receiver.received()[3..]), ["c"]);
}

#[tokio::test]
async fn duplicates_come_even_after_a_200() {
    let receiver = Receiver::start().await;
    let delivery = Delivery {
        duplicate_every: 2,
        ..one_at_a_time()
    };
    let api = with_delivery(&receiver, delivery).await;
    add_tags(&api, &["a", "b", "c", "d"]).await;
    api.control().settled(PATIENCE).await.unwrap();
    assert_eq!(names(&receiver.received()), ["a", "b", "b", "c", "d", "d"]);
}

#[tokio::test]
async fn webhooks_can_be_held_back_and_let_go_in_any_order() {
    let receiver = Receiver::start().await;
    let delivery = Delivery {
        hold: true,
        ..one_at_a_time()
    };
    let api = with_delivery(&receiver, delivery).await;
    for (order, expected) in [
        (Release::Forward, ["a", "b", "c"]),
        (Release::Backward, ["c", "b", "a"]),
    ] {
        let before = receiver.received().len();
        add_tags(&api, &["a", "b", "c"]).await;
        api.control().settled(PATIENCE).await.unwrap();
        assert_eq!(receiver.received().len(), before, "held");
        api.control().release(order).await.unwrap();
        api.control().settled(PATIENCE).await.unwrap();
        assert_eq!(names(&receiver.received()[before..]), expected);
    }
}

#[tokio::test]
async fn a_burst_can_arrive_shuffled() {
    let receiver = Receiver::start().await;
    let delivery = Delivery {
        shuffle: true,
        ..one_at_a_time()
    };
    let api = with_delivery(&receiver, delivery).await;
    let outcome = api.control().approve_all(None).await.unwrap();
    api.control().settled(PATIENCE).await.unwrap();
    let ids: Vec<String> = receiver
        .received()
        .iter()
        .map(|hook| hook.json()["id"].as_str().unwrap().to_owned())
        .collect();
    let in_order: Vec<String> = outcome.ids.iter().map(ToString::to_string).collect();
    assert_ne!(ids, in_order);
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>(),
        in_order.iter().collect::<BTreeSet<_>>()
    );
}

#[tokio::test]
async fn the_same_seed_and_scenario_give_the_same_requests_and_webhooks_byte_for_byte() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let receiver = Receiver::start().await;
        let api = Api::with(Config {
            seed,
            webhook_url: Some(receiver.url.clone()),
            switches: Switches {
                delivery: Delivery {
                    shuffle: true,
                    duplicate_every: 5,
                    ..one_at_a_time()
                },
                ..config().switches
            },
            ..config()
        })
        .await;
        let control = api.control();
        let mut answers = String::new();
        for path in [
            "/users?include-roles=false",
            "/projects",
            "/approval-requests?status=PENDING",
        ] {
            answers.push_str(&api.get(path).await.text);
        }
        let person = control.people().await.unwrap()[41].id;
        let week = "2026-10-28".parse().unwrap();
        let entry = control.entries(person, week).await.unwrap()[0].id;
        control.delete_entry(entry).await.unwrap();
        control.restore_entry(entry).await.unwrap();
        control.approve_all(None).await.unwrap();
        control.settled(PATIENCE).await.unwrap();
        answers.push_str(
            &api.get("/approval-requests?status=APPROVED&sort-column=UPDATED_AT")
                .await
                .text,
        );
        let posted: Vec<(String, String, Vec<u8>)> = receiver
            .received()
            .into_iter()
            .map(|hook| (hook.event, hook.idempotency_key, hook.body.to_vec()))
            .collect();
        runs.push((answers, posted, control.requests().await.unwrap()));
    }
    assert!(runs[0].1.len() > 60);
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0].0, runs[2].0);
    assert_ne!(runs[0].1, runs[2].1);
}

#[tokio::test]
async fn webhooks_are_limited_by_the_plan_and_carry_one_event_each() {
    let api = Api::with(Config {
        switches: Switches {
            webhook_limit: 2,
            ..config().switches
        },
        ..config()
    })
    .await;
    let body = fixture("api/request-bodies/webhook.create.json");
    for expected in [201, 201, 400] {
        assert_eq!(
            api.send("POST", "/webhooks", Some(&body)).await.status,
            expected
        );
    }
    let mut wrong = body.clone();
    wrong["webhookEvent"] = "NO_SUCH_EVENT".into();
    assert_eq!(
        api.send("POST", "/webhooks", Some(&wrong)).await.status,
        400
    );
    let list = api.get("/webhooks").await.json();
    let first = &list["webhooks"][0];
    let path = format!("/webhooks/{}/token", id(first));
    let rotated = api.send("PATCH", &path, None).await.json();
    assert_ne!(rotated["authToken"], first["authToken"]);
    assert_eq!(
        api.send("DELETE", &format!("/webhooks/{}", id(first)), None)
            .await
            .status,
        204
    );
    assert_eq!(
        api.get("/webhooks").await.json()["workspaceWebhookCount"],
        1
    );
}

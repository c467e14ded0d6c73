//! `POST /clockify/webhooks`: size, secret, queue, 202, and no database (`design.md` §2).

use std::time::Duration;

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Request;
use shared::{azure::queues::CLOCKIFY_EVENTS, sync::envelope::Envelope};

use crate::support::{Answer, App, WEBHOOK_SECRET};

async fn post(app: &App, event: &str, signature: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri("/api/clockify/webhooks")
        .header("Clockify-Webhook-Event-Type", event)
        .header("Clockify-Signature", signature)
        .body(body.into())
        .unwrap();
    app.send(request).await
}

/// The messages that are in the queue now.
async fn queued(app: &App) -> Vec<Envelope> {
    let queues = app.context.queues();
    let messages = queues
        .receive(CLOCKIFY_EVENTS, 32, Duration::from_mins(1))
        .await
        .unwrap();
    messages
        .iter()
        .map(|message| serde_json::from_str(&message.text).unwrap())
        .collect()
}

#[tokio::test]
async fn a_webhook_is_kept_byte_for_byte_and_answered_without_the_database() {
    let app = App::new();
    let body = "{\"id\": \"1\",\r\n \"name\": \"Zoë\"}";
    let answer = post(&app, "NEW_PROJECT", WEBHOOK_SECRET, body).await;
    assert_eq!(answer.status, 202);
    let [envelope] = &queued(&app).await[..] else {
        panic!("one message")
    };
    assert_eq!(
        answer.json(),
        serde_json::json!({ "eventId": envelope.event_id })
    );
    assert_eq!(envelope.event_type, "NEW_PROJECT");
    let kept = STANDARD
        .decode(envelope.body_base64.as_deref().unwrap())
        .unwrap();
    assert_eq!(kept, body.as_bytes());
    assert!(!app.has_database());
}

/// "Clockify repeats every non-2xx and then switches the webhook off": so what makes no sense is kept too.
#[tokio::test]
async fn what_makes_no_sense_is_kept_and_what_is_not_used_is_said_to_be_ignored() {
    let table: [(&str, &[u8], bool); 6] = [
        ("NEW_TIME_ENTRY", b"not json", false),
        ("NEW_TIME_ENTRY", b"", false),
        ("NEW_TIME_ENTRY", b"\xff\xfe\x00", false),
        ("NEW_INVOICE", b"{}", true),
        ("AN_EVENT_OF_TOMORROW", b"{}", true),
        ("", b"{}", true),
    ];
    for (event, body, ignored) in table {
        let app = App::new();
        let answer = post(&app, event, WEBHOOK_SECRET, body).await;
        assert_eq!(answer.status, 202, "{event}");
        let told = answer.json()["ignored"].as_bool().unwrap_or_default();
        assert_eq!(told, ignored, "{event}");
        let [envelope] = &queued(&app).await[..] else {
            panic!("one message for {event}")
        };
        let kept = STANDARD
            .decode(envelope.body_base64.as_deref().unwrap())
            .unwrap();
        assert_eq!(kept, body, "{event}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_nothing_is_kept() {
    let bound = [(
        "CLOCKIFY_WEBHOOK_SECRETS",
        r#"{"NEW_PROJECT": "of-projects"}"#,
    )];
    let app = App::with(&bound);
    let sentence = "The secret in `Clockify-Signature` is not one of this webhook's.";
    for (event, signature) in [
        ("NEW_PROJECT", ""),
        ("NEW_PROJECT", "wrong"),
        ("NEW_PROJECT", WEBHOOK_SECRET),
        ("NEW_CLIENT", "of-projects"),
    ] {
        let answer = post(&app, event, signature, "{}").await;
        assert_eq!(
            answer.problem(),
            (401, "webhook-refused".into(), sentence.into()),
            "{event} {signature}"
        );
    }
    assert_eq!(
        post(&app, "NEW_PROJECT", "of-projects", "{}").await.status,
        202
    );
    assert_eq!(queued(&app).await.len(), 1);
    let without = App::with(&[("CLOCKIFY_WEBHOOK_SECRETS", "")]);
    assert_eq!(post(&without, "NEW_PROJECT", "", "{}").await.status, 401);
}

/// `domain.md` §10: several secrets may be valid at once, so that one can be rotated without a refused webhook.
#[tokio::test]
async fn a_secret_is_rotated_without_a_gap_and_the_old_one_ends() {
    for (valid, old, new) in [
        (r#"["old"]"#, 202, 401),
        (r#"["new", "old"]"#, 202, 202),
        (r#"["new"]"#, 401, 202),
    ] {
        let secrets = format!(r#"{{"NEW_PROJECT": {valid}}}"#);
        let app = App::with(&[("CLOCKIFY_WEBHOOK_SECRETS", &secrets)]);
        for (secret, status) in [("old", old), ("new", new)] {
            let answer = post(&app, "NEW_PROJECT", secret, "{}").await;
            assert_eq!(answer.status, status, "{secret} where {valid} are valid");
        }
    }
}

/// design.md §2: "over 40 KB encoded: body to blob, pointer in the message".
#[tokio::test]
async fn a_large_body_goes_into_a_blob() {
    const MOST_IN_A_MESSAGE: usize = 40 * 1024 / 4 * 3;
    for (size, in_a_message) in [
        (MOST_IN_A_MESSAGE, true),
        (MOST_IN_A_MESSAGE + 1, false),
        (1024 * 1024, false),
    ] {
        let app = App::new();
        let body = vec![b'x'; size];
        assert_eq!(
            post(&app, "PROJECT_UPDATED", WEBHOOK_SECRET, body.clone())
                .await
                .status,
            202,
            "{size}"
        );
        let [envelope] = &queued(&app).await[..] else {
            panic!("one message of {size}")
        };
        assert_eq!(envelope.body_base64.is_some(), in_a_message, "{size}");
        if let Some(blob) = &envelope.blob {
            assert_eq!(app.context.blobs().get(blob).await.unwrap(), body, "{size}");
        }
    }
}

#[tokio::test]
async fn a_body_over_1_mb_is_refused_before_its_secret_is_looked_at() {
    let app = App::new();
    let answer = post(
        &app,
        "NEW_PROJECT",
        WEBHOOK_SECRET,
        vec![b'x'; 2 * 1024 * 1024],
    )
    .await;
    let sentence = "The body is over 1 MB; send less at once.";
    assert_eq!(answer.problem(), (413, "too-large".into(), sentence.into()));
    assert!(queued(&app).await.is_empty());
}

//! How the client asks: what it repeats, what it never does twice, and what it does not tell.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use shared::{
    clockify::{
        Client, ClockifyError,
        client::{BalanceChange, NewBalance, Refusal, Retries, TransientCause},
    },
    settings::ClockifySettings,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path},
};

use crate::{
    answers::{PATIENT, answering, tags},
    fixture::{JORDAN, client_of, decimal, settings_of},
};

fn change() -> BalanceChange {
    BalanceChange {
        user: JORDAN.into(),
        value: NewBalance(decimal("0.25")),
        note: "Banked time".to_owned(),
    }
}

async fn change_balance(client: &Client) -> Result<(), ClockifyError> {
    client.change_balance(&"policy".into(), &change()).await
}

#[tokio::test]
async fn a_read_is_repeated_until_the_answer_can_be_used() {
    for bad in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(503).set_body_string("upstream unavailable"),
        ResponseTemplate::new(502).set_body_string("<html>502 Bad Gateway</html>"),
        ResponseTemplate::new(429).insert_header("Retry-After", "0"),
        // A success that is none: HTML, half a body, nothing at all.
        ResponseTemplate::new(200).set_body_string("<html>Just a moment</html>"),
        ResponseTemplate::new(200).set_body_string(r#"[{"id": "a", "na"#),
        ResponseTemplate::new(200),
    ] {
        let server = answering(vec![bad.clone(), bad, tags(&["a"])]).await;
        let client = client_of(&server, PATIENT);
        let page = client.list_tags(1).await.unwrap();
        assert_eq!(page.rows.len(), 1);
        assert_eq!(client.requests_sent(), 3);
    }
}

/// Hurried where it must time out; else a slow machine would time out too.
fn hurried_for(cause: TransientCause) -> Retries {
    let time_limit = match cause {
        TransientCause::TimedOut => Duration::from_millis(200),
        _ => PATIENT.time_limit,
    };
    Retries {
        time_limit,
        ..PATIENT
    }
}

#[tokio::test]
async fn a_read_that_never_succeeds_ends_as_transient_with_its_cause() {
    for (bad, cause) in [
        (ResponseTemplate::new(503), TransientCause::Status(503)),
        (
            ResponseTemplate::new(200).set_body_string("["),
            TransientCause::BrokenJson,
        ),
        (
            tags(&["a"]).set_delay(Duration::from_mins(1)),
            TransientCause::TimedOut,
        ),
    ] {
        let server = answering(vec![bad]).await;
        let client = client_of(&server, hurried_for(cause));
        let error = client.list_tags(1).await.unwrap_err();
        assert_eq!(
            error,
            ClockifyError::Transient {
                operation: "list tags",
                cause,
                retry_after: None
            }
        );
        assert_eq!(client.requests_sent(), 3);
    }
}

/// A server that says that more will come, and hangs up.
async fn hanging_up(answer: &'static str) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let url = Url::parse(&format!("http://{address}/api/v1")).unwrap();
    (url, connections)
}

#[tokio::test]
async fn a_cut_connection_is_repeated_for_a_read_and_unclear_for_a_change() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{\"id\": \"a\"",
    ] {
        let (url, connections) = hanging_up(answer).await;
        let server = MockServer::start().await;
        let settings = ClockifySettings {
            api_url: url,
            ..settings_of(&server)
        };
        let client = Client::with_retries(&settings, reqwest::Client::new(), PATIENT);
        let error = client.list_tags(1).await.unwrap_err();
        let cause = TransientCause::CutOff;
        assert!(
            matches!(error, ClockifyError::Transient { cause: found, .. } if found == cause),
            "{error}"
        );
        assert_eq!(connections.load(Ordering::SeqCst), 3);

        let error = change_balance(&client).await.unwrap_err();
        let operation = "change a balance";
        assert_eq!(error, ClockifyError::Unclear { operation, cause });
        assert_eq!(connections.load(Ordering::SeqCst), 4, "never repeated");
    }
}

/// `clockify.md` §8.3: the PATCH adds, so a repeat would book twice.
#[tokio::test]
async fn a_change_is_sent_once_whatever_happens() {
    let operation = "change a balance";
    let unclear = |cause| ClockifyError::Unclear { operation, cause };
    for (answer, expected) in [
        (
            ResponseTemplate::new(500),
            unclear(TransientCause::Status(500)),
        ),
        (
            ResponseTemplate::new(504),
            unclear(TransientCause::Status(504)),
        ),
        (
            ResponseTemplate::new(204).set_delay(Duration::from_mins(1)),
            unclear(TransientCause::TimedOut),
        ),
        // Refused for certain: it may be sent again by whoever decides so.
        (
            ResponseTemplate::new(429).insert_header("Retry-After", "1"),
            ClockifyError::Transient {
                operation,
                cause: TransientCause::TooManyRequests,
                retry_after: Some(Duration::from_secs(1)),
            },
        ),
        (
            ResponseTemplate::new(400).set_body_string(r#"{"code": 501}"#),
            ClockifyError::Permanent {
                operation,
                refusal: Refusal::Request {
                    status: 400,
                    code: Some(501),
                },
            },
        ),
    ] {
        let server = answering(vec![answer, ResponseTemplate::new(204)]).await;
        let retries = match &expected {
            ClockifyError::Unclear { cause, .. } => hurried_for(*cause),
            _ => PATIENT,
        };
        let client = client_of(&server, retries);
        assert_eq!(change_balance(&client).await, Err(expected));
        assert_eq!(client.requests_sent(), 1);
    }
}

#[tokio::test]
async fn a_change_that_never_left_is_merely_transient() {
    let server = MockServer::start().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let settings = ClockifySettings {
        api_url: Url::parse(&format!("http://{address}/api/v1")).unwrap(),
        ..settings_of(&server)
    };
    let client = Client::with_retries(&settings, reqwest::Client::new(), PATIENT);
    let error = change_balance(&client).await.unwrap_err();
    let cause = TransientCause::CannotConnect;
    assert!(
        matches!(error, ClockifyError::Transient { cause: found, .. } if found == cause),
        "{error}"
    );
}

#[tokio::test]
async fn the_key_is_sent_and_appears_nowhere_else() {
    let server = MockServer::start().await;
    Mock::given(header("X-Api-Key", "synthetic-key"))
        .respond_with(tags(&[]))
        .mount(&server)
        .await;
    let client = client_of(&server, PATIENT);
    client.list_tags(1).await.unwrap();
    let printed = format!("{client:?}");
    assert!(!printed.contains("synthetic-key"), "{printed}");
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_and_the_setting_is_named() {
    let server = answering(vec![tags(&[])]).await;
    let settings = ClockifySettings {
        api_key: None,
        ..settings_of(&server)
    };
    let client = Client::new(&settings, reqwest::Client::new());
    for error in [
        client.list_tags(1).await.unwrap_err(),
        change_balance(&client).await.unwrap_err(),
    ] {
        assert!(matches!(error, ClockifyError::NotConfigured(_)));
        assert!(error.to_string().contains("CLOCKIFY_API_KEY"), "{error}");
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn without_a_workspace_the_only_one_that_the_key_sees_is_taken() {
    for (workspaces, found) in [
        (
            json!([{"id": "w1", "featureSubscriptionType": "FREE"}]),
            true,
        ),
        (json!([{"id": "w1"}, {"id": "w2"}]), false),
        (json!([]), false),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/api/v1/workspaces"))
            .respond_with(ResponseTemplate::new(200).set_body_json(workspaces))
            .mount(&server)
            .await;
        Mock::given(path("/api/v1/workspaces/w1/tags"))
            .respond_with(tags(&[]))
            .mount(&server)
            .await;
        let settings = ClockifySettings {
            workspace_id: None,
            ..settings_of(&server)
        };
        let client = Client::with_retries(&settings, reqwest::Client::new(), PATIENT);
        let first = client.list_tags(1).await;
        if found {
            first.unwrap();
            client.list_tags(1).await.unwrap();
            assert_eq!(client.requests_sent(), 3, "looked for once");
        } else {
            let error = first.unwrap_err();
            assert!(
                error.to_string().contains("CLOCKIFY_WORKSPACE_ID"),
                "{error}"
            );
        }
    }
}

/// Ids come from webhook bodies too, which anybody who knows a secret can write.
#[tokio::test]
async fn an_id_that_cannot_be_one_is_never_sent() {
    let server = answering(vec![tags(&[])]).await;
    let client = client_of(&server, PATIENT);
    for id in ["", "..", "a/b", "a?b=c", "a b", "é", &"a".repeat(65)] {
        let error = client.read_entry(&id.into()).await.unwrap_err();
        let refusal = Refusal::ImpossibleId;
        let operation = "read a time entry";
        assert_eq!(error, ClockifyError::Permanent { operation, refusal });
    }
    assert_eq!(client.requests_sent(), 0);
}

#[tokio::test]
async fn an_answer_of_another_form_is_a_fault_to_look_at_and_not_repeated() {
    let body = json!({"message": "moved", "rows": []});
    let server = answering(vec![ResponseTemplate::new(200).set_body_json(body)]).await;
    let client = client_of(&server, PATIENT);
    let error = client.list_tags(1).await.unwrap_err();
    assert!(
        matches!(
            &error,
            ClockifyError::Permanent {
                refusal: Refusal::UnknownForm { .. },
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(client.requests_sent(), 1);
}

//! The bodies with which Clockify refuses, told apart by what a caller should do (`clockify.md` §2.5).

use std::time::Duration;

use shared::clockify::{
    ClockifyError,
    client::{Refusal, Retries, TransientCause},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::fixture::{Fixture, client_of};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    let Some(name) = fixture.file.strip_prefix("errors/") else {
        return false;
    };
    let status = fixture.entry()["status"].as_u64().unwrap();
    let answer = ResponseTemplate::new(u16::try_from(status).unwrap())
        .set_body_raw(fixture.bytes.clone(), "application/json");
    let (of_record, of_list) = asked(&answer).await;
    let permanent = |refusal: Refusal| (Some(refusal), None, false);
    let expected = match name {
        "400-501-does-not-belong.json" | "400-501-project.json" => (None, None, true),
        "401-1000.json" => permanent(Refusal::Key { code: Some(1000) }),
        "401-4003.json" => permanent(Refusal::Key { code: Some(4003) }),
        "401-4017.json" => permanent(Refusal::Key { code: Some(4017) }),
        "403-4005.json" => permanent(Refusal::ApprovedEntry),
        "404-3000.json" => permanent(Refusal::Request {
            status: 404,
            code: Some(3000),
        }),
        "405-3000.json" => permanent(Refusal::Request {
            status: 405,
            code: Some(3000),
        }),
        "404-empty-body.txt" => permanent(Refusal::UnknownWorkspace),
        "429.json" => (None, Some(TransientCause::TooManyRequests), false),
        "502-html.html" => (None, Some(TransientCause::Status(502)), false),
        _ => return false,
    };
    assert_eq!(told_apart(&of_record), expected, "{name} for a record");
    if of_record.is_gone() {
        let code = Some(501);
        let refusal = Refusal::Request { status: 400, code };
        assert_eq!(
            told_apart(&of_list),
            permanent(refusal),
            "a whole list is never gone"
        );
    } else {
        assert_eq!(told_apart(&of_list), expected, "{name} for a list");
    }

    let message = String::from_utf8_lossy(&fixture.bytes);
    let said = serde_json::from_str::<serde_json::Value>(&message).unwrap_or_default();
    if let Some(said) = said["message"].as_str() {
        for error in [of_record, of_list] {
            let printed = format!("{error} {error:?}");
            assert!(
                !printed.contains(said),
                "Clockify's words can hold our data"
            );
        }
    }
    true
}

/// How the answer is understood where one record is read, and where a list is.
async fn asked(answer: &ResponseTemplate) -> (ClockifyError, ClockifyError) {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(answer.clone())
        .mount(&server)
        .await;
    let quickly = Retries {
        attempts: 2,
        first_delay: Duration::from_millis(1),
        ..Retries::default()
    };
    let id = "69b0efc800e1000000000006".into();
    let of_record = client_of(&server, quickly).read_entry(&id).await;
    let of_list = client_of(&server, quickly).list_users(1).await;
    (of_record.unwrap_err(), of_list.unwrap_err())
}

/// What it refuses, what is passing, and whether the record is gone.
fn told_apart(error: &ClockifyError) -> (Option<Refusal>, Option<TransientCause>, bool) {
    match error.clone() {
        ClockifyError::Permanent { refusal, .. } => (Some(refusal), None, false),
        ClockifyError::Transient { cause, .. } => (None, Some(cause), false),
        ClockifyError::Gone { .. } => (None, None, true),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn other_refusals_are_told_apart_too() {
    for (status, body, refusal) in [
        (400, r#"{"message": "x", "code": 4033}"#, Refusal::PlanLimit),
        (
            403,
            r#"{"message": "x", "code": 1003}"#,
            Refusal::Forbidden { code: Some(1003) },
        ),
        (403, "", Refusal::Forbidden { code: None }),
        (401, "<html>", Refusal::Key { code: None }),
        (
            400,
            r#"{"message": "x", "code": 3001}"#,
            Refusal::Request {
                status: 400,
                code: Some(3001),
            },
        ),
        (
            400,
            r#"{"code": "501"}"#,
            Refusal::Request {
                status: 400,
                code: None,
            },
        ),
        (
            404,
            r#"{"message": "x", "code": 501}"#,
            Refusal::Request {
                status: 404,
                code: Some(501),
            },
        ),
        (
            302,
            "",
            Refusal::Request {
                status: 302,
                code: None,
            },
        ),
    ] {
        let answer = ResponseTemplate::new(status).set_body_string(body);
        let (of_record, _) = asked(&answer).await;
        assert_eq!(told_apart(&of_record).0, Some(refusal), "{status} {body}");
    }
    for status in [408, 500, 501, 503, 504] {
        let (of_record, _) = asked(&ResponseTemplate::new(status)).await;
        let cause = Some(TransientCause::Status(status));
        assert_eq!(told_apart(&of_record), (None, cause, false), "{status}");
    }
}

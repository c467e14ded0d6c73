//! What the host asks for by itself: readiness, and triggers by envelope (`custom-handler.md` §1, §3, §4).

use axum::body::Body;
use http::{Request, header};
use serde_json::json;
use shared::functions::role::Role;

use crate::support::{Answer, App};

pub(crate) async fn trigger(app: &App, function: &str, envelope: &str) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/{function}"))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header("x-azure-functions-invocationid", "i-1")
        .body(Body::from(envelope.to_owned()))
        .unwrap();
    app.send(request).await
}

/// A queue message as the host wraps it: the text encoded twice.
pub(crate) fn envelope(text: &str, message_id: &str) -> String {
    json!({
        "Data": { "message": json!(text).to_string() },
        "Metadata": { "DequeueCount": "1", "Id": json!(message_id).to_string() },
    })
    .to_string()
}

/// `custom-handler.md` §1.4: any answer to `GET /` counts; it comes every 25 ms, so nothing may be opened for it.
#[tokio::test]
async fn readiness_opens_no_database() {
    let app = App::new();
    let answer = app.call("GET", "/", None, None).await;
    assert_eq!(answer.status, 204);
    assert!(!app.has_database());
}

/// `custom-handler.md` §4: success is 200 with `{}` as JSON, failure is not 2xx; never an empty body.
#[tokio::test]
async fn a_trigger_is_answered_as_the_host_can_read_it() {
    let app = App::new();
    let made = app
        .post("/api/reports/payroll", Role::PayrollRead, json!({}))
        .await;
    let message = json!({ "v": 1, "job": made.json()["jobId"] }).to_string();
    let table = [
        (envelope(&message, "m-1"), 200),
        (
            envelope(&json!({ "v": 1, "job": "of no row" }).to_string(), "m-2"),
            200,
        ),
        (envelope("no message of ours", "m-3"), 500),
        ("{}".to_owned(), 500),
        (String::new(), 500),
    ];
    for (body, status) in table {
        let answer = trigger(&app, "run-jobs", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/json",
            "{body}"
        );
        assert_eq!(answer.text, "{}", "{body}");
    }
}

/// The host posts to `/<name>`; callers come by `/api`. Neither may take the other's way.
#[tokio::test]
async fn callers_cannot_reach_triggers() {
    let app = App::new();
    let answer = app
        .call("POST", "/api/run-jobs", None, Some(json!({})))
        .await;
    assert_eq!(answer.status, 404);
    assert_eq!(app.call("GET", "/run-jobs", None, None).await.status, 405);
}

#[tokio::test]
async fn health_is_told_to_anybody_without_a_key() {
    let app = App::new();
    let answer = app.call("GET", "/api/health", None, None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({
            "status": "ok", "version": handlers::VERSION, "database": "ok", "queue": "ok", "storage": "ok",
            "lastSync": null,
        })
    );
}

#[tokio::test]
async fn health_says_what_is_away_and_not_why() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below_a_file = format!("sqlite:{}/clocking.db", file.path().display());
    let app = App::with(&[("DATABASE_URL", &below_a_file)]);
    let answer = app.call("GET", "/api/health", None, None).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["database"], "away");
    assert_eq!(answer.json()["queue"], "ok");
    assert!(
        !answer.text.contains(file.path().to_str().unwrap()),
        "{}",
        answer.text
    );
    let jobs = app.get("/api/jobs", Role::Admin).await;
    let sentence =
        "The service cannot reach its database or storage just now; try again in a moment.";
    assert_eq!(jobs.problem(), (503, "unavailable".into(), sentence.into()));
    assert_eq!(jobs.headers[header::RETRY_AFTER], "5");
}

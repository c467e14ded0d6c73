//! Bad input: the exact status, code and sentence, and nothing written.

use crate::support::{Answer, App, key_of};
use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use shared::functions::role::Role;

/// Method, path, the caller's one role, body; status, code and sentence of the answer.
type Case = (
    &'static str,
    &'static str,
    Option<Role>,
    Value,
    u16,
    &'static str,
    String,
);

const REPORT: &str = "/api/reports/payroll";

async fn post_raw(app: &App, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("x-api-key", key_of(Role::PayrollRead))
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap();
    app.send(request).await
}

#[tokio::test]
async fn a_wrong_request_is_answered_with_what_to_change() {
    const DATE: &str = "is not a date that can be read: send YYYY-MM-DD, M/D/YYYY, or an RFC 3339 instant such as 2026-03-07T15:00:00Z.";
    let payroll = Some(Role::PayrollRead);
    let table: &[Case] = &[
        (
            "POST", REPORT, payroll, json!({ "from": "2026-11-07", "to": "2026-10-25" }), 400, "invalid-period",
            "The period ends on 2026-10-25, before it starts on 2026-11-07; send from before to.".into(),
        ),
        (
            "POST", REPORT, payroll, json!({ "from": "2026-02-30", "to": "2026-03-07" }), 400, "invalid-input",
            format!("`from` must be a date: \"2026-02-30\" {DATE}"),
        ),
        (
            "GET", "/api/reports/payroll?from=2026-02-01&to=2026-02-30", payroll, Value::Null, 400, "invalid-input",
            format!("`to` must be a date: \"2026-02-30\" {DATE}"),
        ),
        (
            "POST", REPORT, payroll, json!({ "from": "2026-10-25" }), 400, "invalid-input",
            "Send both from and to, or neither: to is missing.".into(),
        ),
        (
            "POST", REPORT, payroll, json!({ "from": "2001-01-01", "to": "2026-01-01" }), 400, "invalid-period",
            "The period has 9132 days; at most 3660 are possible.".into(),
        ),
        (
            "POST", REPORT, payroll, json!({ "form": "2026-10-25" }), 400, "invalid-input",
            "`form` is an unknown field; check how it is spelled, or leave it out.".into(),
        ),
        (
            "POST", "/api/reports/payroll?wait=101", payroll, json!({}), 400, "invalid-input",
            "`wait` must be whole seconds, at most 100.".into(),
        ),
        (
            "POST", "/api/reports/payrol", payroll, json!({}), 404, "not-found",
            "There is no such report; there are: payroll, billing, billable-summary, time-status, lem-sheet, lem-timesheet, banked-time, expense-claims.".into(),
        ),
        (
            "POST", REPORT, None, json!({}), 401, "no-caller",
            "Nobody is signed in; send a key in the header `x-api-key`, or sign in.".into(),
        ),
        (
            "POST", REPORT, Some(Role::Admin), json!({}), 403, "role-missing",
            "This needs the role `Payroll.Read`; ask the administrator for it.".into(),
        ),
        (
            "DELETE", REPORT, payroll, Value::Null, 405, "method-not-allowed",
            "This address does not take that method; the `Allow` header names those it takes.".into(),
        ),
        (
            "GET", "/api/nothing", payroll, Value::Null, 404, "not-found",
            "There is nothing at this address; `/api/openapi.json` lists what there is.".into(),
        ),
        (
            "GET", "/api/jobs?limit=201&status=done", Some(Role::Admin), Value::Null, 400, "invalid-input",
            "`limit` must be a whole number from 1 to 200.".into(),
        ),
        (
            "GET", "/api/jobs/../../etc/passwd", Some(Role::Admin), Value::Null, 404, "not-found",
            "There is nothing at this address; `/api/openapi.json` lists what there is.".into(),
        ),
        (
            "GET", "/api/jobs/%27%20OR%201=1--", Some(Role::Admin), Value::Null, 404, "not-found",
            "There is no such job, or it is not yours.".into(),
        ),
    ];
    let app = App::new();
    for (method, path, role, body, status, code, sentence) in table {
        let key = role.map(key_of);
        let body = (!body.is_null()).then(|| body.clone());
        let answer = app.call(method, path, key.as_deref(), body).await;
        let expected = (*status, (*code).to_owned(), sentence.clone());
        assert_eq!(answer.problem(), expected, "{method} {path}");
    }
    assert_eq!(app.written().await, (0, 0, 0));
}

#[tokio::test]
async fn a_wrong_key_is_told_so() {
    let app = App::new();
    let answer = app
        .call("POST", REPORT, Some("wrong"), Some(json!({})))
        .await;
    let sentence = "The key in `x-api-key` is not known here, or no longer valid; ask the administrator for a new one.";
    assert_eq!(
        answer.problem(),
        (401, "unknown-key".into(), sentence.into())
    );
    assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "ApiKey");
    assert_eq!(app.written().await, (0, 0, 0));
}

#[tokio::test]
async fn a_body_that_cannot_be_taken_is_refused() {
    let app = App::new();
    let large = " ".repeat(2 * 1024 * 1024);
    let table: [(&str, String, u16, &str, &str); 4] = [
        (
            "application/json",
            large,
            413,
            "too-large",
            "The body is over 1 MB; send less at once.",
        ),
        (
            "application/json",
            "{\"from\": \"2026-10-25\",".into(),
            400,
            "malformed-json",
            "The body is not valid JSON: look at line 1, column 22.",
        ),
        (
            "application/json",
            "[1]".into(),
            400,
            "invalid-input",
            "`body` must be a JSON object.",
        ),
        (
            "text/csv",
            "from;to".into(),
            415,
            "unsupported-media-type",
            "Send the body as JSON, with the header `Content-Type: application/json`.",
        ),
    ];
    for (content_type, body, status, code, sentence) in table {
        let answer = post_raw(&app, REPORT, content_type, body).await;
        assert_eq!(answer.problem(), (status, code.into(), sentence.into()));
    }
    assert_eq!(app.written().await, (0, 0, 0));
}

#[tokio::test]
async fn all_faulty_fields_are_named() {
    let app = App::new();
    let answer = app
        .post(
            REPORT,
            Role::PayrollRead,
            json!({ "from": "soon", "to": "later" }),
        )
        .await;
    let errors = answer.json()["errors"].clone();
    let fields: Vec<&str> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["from", "to"]);
}

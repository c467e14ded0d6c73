//! The list of traps (custom-handler.md §9): a handler that falls into one is caught, with a message that says
//! what is wrong. Those that are no fault of a handler are tested where they belong.

use local_host::Rule;
use serde_json::{Value, json};

use crate::support::App;

/// A queue function whose handler replies like that breaks this rule, and the message says this.
async fn trap(behaviour: &[&str], rule: Rule, said: &str) {
    let running = App::with_handler(behaviour).queue("Orders").start().await;
    running.send("orders", r#"{"orderId":"A-17"}"#).await;
    let found = running.until_found(rule).await;
    assert!(found.contains(said), "{behaviour:?}: {found}");
    assert!(found.contains("Orders: "), "{behaviour:?}: {found}");
}

/// An HTTP function with one more output, so that it gets the envelope.
fn envelope_function() -> Value {
    json!({"bindings": [
        {"type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "orders"},
        {"type": "http", "direction": "out", "name": "res"},
        {"type": "queue", "direction": "out", "name": "outq", "queueName": "orders-out"},
    ]})
}

async fn http_trap(reply: &str, rule: Rule, said: &str) {
    let behaviour = ["reply", "200", "application/json", reply];
    let app = App::with_handler(&behaviour).function("Orders", &envelope_function());
    let running = app.start().await;
    assert_eq!(running.get("/api/orders").await.status(), 500, "{reply}");
    let found = running.until_found(rule).await;
    assert!(found.contains(said), "{reply}: {found}");
}

#[tokio::test]
async fn trap_1_an_empty_or_null_reply_hangs() {
    for (status, body) in [("200", ""), ("200", "null"), ("204", ""), ("202", "")] {
        let behaviour = ["reply", status, "application/json", body];
        trap(&behaviour, Rule::EmptyReply, "waits until functionTimeout").await;
    }
}

#[tokio::test]
async fn trap_2_a_message_that_is_decoded_once_is_still_text() {
    let said = "the message is no object";
    trap(&["decodes-once"], Rule::ReplyStatus, said).await;
}

#[tokio::test]
async fn trap_3_a_messages_property_hides_the_queues_own_metadata() {
    let running = App::with_handler(&["ok"]).queue("Orders").start().await;
    running
        .send("orders", r#"{"id":"mine","dequeueCount":9}"#)
        .await;
    let found = running.until_found(Rule::PropertyHidesMetadata).await;
    assert!(
        found.contains("Id") && found.contains("DequeueCount"),
        "{found}"
    );
}

#[tokio::test]
async fn traps_4_and_5_texts_that_the_host_would_change() {
    for (value, rule, said) in [
        (r#""test""#, Rule::Base64Text, "decoded"),
        (r#""2026-03-02T09:15:30Z""#, Rule::DateText, "date"),
        (
            r#"{"at": "2026-03-02T09:15:30.100-06:00"}"#,
            Rule::DateText,
            "date",
        ),
    ] {
        let reply = format!(r#"{{"Outputs": {{"res": {{}}, "outq": {value}}}}}"#);
        http_trap(&reply, rule, said).await;
    }
}

#[tokio::test]
async fn an_output_under_a_name_in_another_case_is_lost() {
    let reply = r#"{"Outputs": {"res": {}, "OUTQ": ["x"]}}"#;
    let app = App::with_handler(&["reply", "200", "application/json", reply]);
    let running = app.function("Orders", &envelope_function()).start().await;
    assert_eq!(running.get("/api/orders").await.status(), 200);
    let found = running.until_found(Rule::OutputName).await;
    assert!(found.contains("OUTQ is not outq"), "{found}");
    assert_eq!(running.queues().count("orders-out").await, Ok(0));
}

#[tokio::test]
async fn trap_6_one_more_binding_takes_the_request_away() {
    let app = App::with_handler(&["ok"]).function("Orders", &envelope_function());
    let running = app.start().await;
    let found = running.until_found(Rule::EnvelopeInsteadOfRequest).await;
    assert!(found.contains("/<name> instead of the request"), "{found}");
}

#[tokio::test]
async fn trap_7_envelopes_go_to_the_functions_name_without_prefix() {
    trap(
        &["api-only"],
        Rule::NoRouteForEnvelope,
        "without any route prefix",
    )
    .await;
}

#[tokio::test]
async fn trap_8_status_is_not_status_code() {
    let reply = r#"{"Outputs": {"res": {"status": 201, "body": "x"}}}"#;
    http_trap(reply, Rule::StatusField, "write `statusCode`").await;
    http_trap(r#"{"Outputs": {}}"#, Rule::HttpOutputMissing, "http output").await;
    let reply = r#"{"Outputs": {"res": "text"}}"#;
    http_trap(reply, Rule::HttpOutputNotObject, "must be an object").await;
}

#[tokio::test]
async fn trap_9_a_failure_discards_its_logs() {
    let behaviour = ["reply", "500", "application/json", r#"{"Logs": ["why"]}"#];
    trap(&behaviour, Rule::LogsDiscarded, "write them to stdout").await;
}

#[tokio::test]
async fn trap_10_redirects_are_followed_or_fail() {
    for (forwards, said) in [(true, "fails"), (false, "would be followed")] {
        let behaviour = ["reply-with-header", "302", "location", "/elsewhere"];
        let running = App::with_handler(&behaviour)
            .queue("Orders")
            .host_json(&json!({"customHandler": {"enableForwardingHttpRequest": forwards}}))
            .start()
            .await;
        running.send("orders", "x").await;
        let found = running.until_found(Rule::Redirect).await;
        assert!(found.contains(said), "{found}");
    }
}

#[tokio::test]
async fn replies_must_be_json_objects_of_the_right_kind() {
    for (content_type, body, rule, said) in [
        ("text/plain", "{}", Rule::ReplyContentType, "text/plain"),
        (
            "application/problem+json",
            "{}",
            Rule::ReplyContentType,
            "application/json",
        ),
        ("application/json", "done", Rule::ReplyNotJson, "not JSON"),
        (
            "application/json",
            "[]",
            Rule::ReplyNotObject,
            "must be a JSON object",
        ),
        (
            "application/json",
            r#"{"Outputs":"done"}"#,
            Rule::ReplyNotObject,
            "Outputs is \"done\"",
        ),
        (
            "application/json",
            r#"{"Logs":"text"}"#,
            Rule::ReplyNotObject,
            "Logs is \"text\"",
        ),
    ] {
        trap(&["reply", "200", content_type, body], rule, said).await;
    }
}

#[tokio::test]
async fn a_handler_that_closes_the_connection_is_told_apart_from_one_that_died() {
    trap(&["closes"], Rule::NoAnswer, "without an answer").await;
}

#[tokio::test]
async fn trap_20_plain_messages_under_base64_end_in_the_poison_queue() {
    let running = App::with_handler(&["ok"])
        .queue("Orders")
        .host_json(&json!({"extensions": {"queues": {"messageEncoding": null}}}))
        .start()
        .await;
    running.send("orders", r#"{"orderId":"A-17"}"#).await;
    let found = running.until_found(Rule::NotBase64).await;
    assert!(found.contains("set messageEncoding to none"), "{found}");
    running.until_idle().await;
    assert_eq!(running.queues().count("orders-poison").await, Ok(1));
    assert_eq!(running.heard("GOT").len(), 0);
}

#[tokio::test]
async fn trap_30_a_handlers_own_limit_refuses_a_large_envelope() {
    let app = App::with_handler(&["small-limit"]).function("Orders", &envelope_function());
    let running = app.start().await;
    let body = vec![b'x'; 3 * 1024 * 1024];
    let request = running.http.post(running.url("/api/orders")).body(body);
    assert_eq!(request.send().await.expect("an answer").status(), 500);
    let found = running.until_found(Rule::ReplyStatus).await;
    assert!(found.contains("413"), "{found}");
}

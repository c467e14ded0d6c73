use http::StatusCode;
use serde_json::json;

use super::*;

fn raw(status: u16, content_type: &str, body: &str) -> RawReply {
    RawReply {
        status: StatusCode::from_u16(status).expect("a status"),
        content_type: content_type.to_owned(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn reply(body: &Value) -> Reply {
    read(&raw(200, "application/json", &body.to_string()), true).expect("a reply")
}

fn rule<T: std::fmt::Debug>(outcome: Result<T, Broken>) -> Rule {
    outcome.expect_err("a broken rule").rule
}

#[test]
fn a_reply_must_be_2xx_json_and_an_object() {
    const JSON: &str = "application/json; charset=utf-8";
    for (given, expected) in [
        (raw(200, JSON, ""), Rule::EmptyReply),
        (raw(200, JSON, " \n"), Rule::EmptyReply),
        (raw(200, JSON, "null"), Rule::EmptyReply),
        (raw(204, "", ""), Rule::EmptyReply),
        (raw(200, "text/plain", "{}"), Rule::ReplyContentType),
        (raw(200, "", "{}"), Rule::ReplyContentType),
        (raw(200, JSON, "done"), Rule::ReplyNotJson),
        (raw(200, JSON, "[]"), Rule::ReplyNotObject),
        (raw(200, JSON, "\"done\""), Rule::ReplyNotObject),
        (raw(400, JSON, "{}"), Rule::ReplyStatus),
        (raw(500, JSON, "{}"), Rule::ReplyStatus),
        (raw(404, JSON, ""), Rule::NoRouteForEnvelope),
        (raw(302, JSON, ""), Rule::Redirect),
    ] {
        let outcome = read(&given, true);
        assert_eq!(rule(outcome), expected, "{given:?}");
    }
    for content_type in [
        "application/json",
        "text/json",
        "Application/JSON;charset=utf-8",
    ] {
        assert_eq!(
            read(&raw(200, content_type, "{}"), true),
            Ok(Reply::default())
        );
    }
}

#[test]
fn logs_of_a_failure_are_discarded() {
    let given = raw(500, "application/json", r#"{"Logs": ["why"]}"#);
    let broken = read(&given, true).expect_err("a failure");
    assert_eq!(broken.also, Some(Rule::LogsDiscarded));
}

#[test]
fn names_of_the_reply_are_read_without_case() {
    let reply = reply(&json!({"outputs": {"res": {"StatusCode": 201}}, "logs": ["one", 2]}));
    assert_eq!(reply.logs, ["one", "2"]);
    let answer = reply.http_answer("res").expect("an answer");
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[test]
fn names_of_outputs_are_read_with_case() {
    let reply = reply(&json!({"Outputs": {"Res": {}, "other": 1}}));
    assert_eq!(rule(reply.http_answer("res")), Rule::HttpOutputMissing);
    assert_eq!(reply.output("res"), None);
    let misspelt = ["res", "Res", "other"].map(|name| reply.misspelt(name));
    assert_eq!(misspelt, [Some("Res"), None, None]);
}

#[test]
fn parts_of_the_wrong_type_make_a_reply_unreadable() {
    for body in [
        r#"{"Outputs": "done"}"#,
        r#"{"Outputs": ["done"]}"#,
        r#"{"Logs": "text"}"#,
        r#"{"Logs": {"0": "text"}}"#,
        r#"{"Logs": [{"text": "one"}]}"#,
    ] {
        let outcome = read(&raw(200, "application/json", body), true);
        assert_eq!(rule(outcome), Rule::ReplyNotObject, "{body}");
    }
    let nothing = r#"{"Outputs": null, "Logs": null, "ReturnValue": null}"#;
    let outcome = read(&raw(200, "application/json", nothing), true);
    assert_eq!(outcome, Ok(Reply::default()));
}

#[test]
fn an_http_output_becomes_the_callers_answer() {
    for (output, status, content_type, body) in [
        (json!({}), 200, "text/plain; charset=utf-8", ""),
        (
            json!({"statusCode": "404"}),
            404,
            "text/plain; charset=utf-8",
            "",
        ),
        (
            json!({"body": "hi"}),
            200,
            "text/plain; charset=utf-8",
            "hi",
        ),
        (
            json!({"body": 12.50}),
            200,
            "text/plain; charset=utf-8",
            "12.5",
        ),
        (
            json!({"body": {"a": 1}, "headers": {"Content-Type": "application/json"}}),
            200,
            "application/json",
            "{\n  \"a\": 1\n}",
        ),
        // Base64 is not decoded here: a named output cannot answer with bytes.
        (
            json!({"body": "aGk="}),
            200,
            "text/plain; charset=utf-8",
            "aGk=",
        ),
    ] {
        let answer = reply(&json!({"Outputs": {"res": output}})).http_answer("res");
        let expected = HttpAnswer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: vec![],
            content_type: content_type.to_owned(),
            body: body.to_owned(),
        };
        assert_eq!(answer, Ok(expected), "{output}");
    }
}

#[test]
fn an_http_output_that_confuses_the_host_is_refused() {
    for (body, expected) in [
        (json!({}), Rule::HttpOutputMissing),
        (json!({"Outputs": {}}), Rule::HttpOutputMissing),
        (json!({"Outputs": {"other": {}}}), Rule::HttpOutputMissing),
        (json!({"Outputs": {"res": "hi"}}), Rule::HttpOutputNotObject),
        (
            json!({"Outputs": {"res": {"status": 201}}}),
            Rule::StatusField,
        ),
        (
            json!({"Outputs": {"res": {"statusCode": "ok"}}}),
            Rule::HttpOutputStatus,
        ),
        (
            json!({"Outputs": {"res": {"headers": {"x": null}}}}),
            Rule::HttpOutputHeader,
        ),
        (
            json!({"Outputs": {"res": {"headers": "nonsense"}}}),
            Rule::HttpOutputHeader,
        ),
        (
            json!({"Outputs": {"res": {"body": {"at": ["2026-03-02T09:15:30Z"]}}}}),
            Rule::DateText,
        ),
    ] {
        assert_eq!(rule(reply(&body).http_answer("res")), expected, "{body}");
    }
}

#[test]
fn the_return_value_feeds_the_binding_of_that_name_alone() {
    let reply = reply(&json!({"ReturnValue": {"statusCode": 202}}));
    let answer = reply.http_answer("$return").expect("an answer");
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(rule(reply.http_answer("res")), Rule::HttpOutputMissing);
}

#[test]
fn a_queue_output_writes_what_the_host_makes_of_it() {
    for (value, expected) in [
        (json!("refresh the cache"), vec!["refresh the cache"]),
        (json!(["{\"id\":1}", "aGk="]), vec!["{\"id\":1}", "aGk="]),
        (json!({"id": 1}), vec!["{\n  \"id\": 1\n}"]),
        // A text that is JSON is parsed and written anew.
        (json!("{\"id\":1}"), vec!["{\n  \"id\": 1\n}"]),
        (json!("[\"a\",\"b\"]"), vec!["a", "b"]),
        (json!([]), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(queue_messages(&value), Ok(expected), "{value}");
    }
}

#[test]
fn a_queue_output_that_the_host_would_change_is_refused() {
    for (value, expected) in [
        (json!("test"), Rule::Base64Text),
        (json!("abcd1234"), Rule::Base64Text),
        (json!(""), Rule::Base64Text),
        (json!("2026-03-02T09:15:30Z"), Rule::DateText),
        (json!(["2026-03-02T09:15:30Z"]), Rule::DateText),
        (json!("refresh cache"), Rule::Base64Text),
        (
            json!({"at": "2026-03-02T09:15:30.100-06:00"}),
            Rule::DateText,
        ),
        (
            json!([{"days": [{"at": "2026-03-02T09:15:30Z"}]}]),
            Rule::DateText,
        ),
        (json!("{\"at\":\"2026-03-02T09:15:30Z\"}"), Rule::DateText),
    ] {
        assert_eq!(rule(queue_messages(&value)), expected, "{value}");
    }
}

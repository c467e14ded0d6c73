//! The JSON that is posted, against `tests/fixtures/host` (custom-handler.md §2.2, §3).

use jiff::Timestamp;
use local_host::invoke::envelope::{self, HttpRequest, TimerStatus};
use serde_json::{Value, json};
use shared::azure::queues::Message;

use crate::support::fixture;

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// Each run has its own instant and id; their form is checked elsewhere.
fn without_sys(mut envelope: Value) -> Value {
    for key in ["sys", "$sys"] {
        if envelope["Metadata"][key].is_object() {
            let sys = envelope["Metadata"][key]
                .as_object_mut()
                .expect("an object");
            let guid = sys["RandGuid"].as_str().expect("RandGuid is text");
            assert_eq!(guid.len(), 36);
            let now = sys["UtcNow"].as_str().expect("UtcNow is text");
            assert!(now.ends_with('Z'), "{now}");
            sys.remove("RandGuid");
            sys.remove("UtcNow");
        }
    }
    envelope
}

fn queue_envelope(text: &str, dequeue_count: u32) -> Value {
    let message = Message {
        queue: "orders".to_owned(),
        id: "b7c1c7a8-5d0e-4a55-9a3f-1a4d0b7f9e10".to_owned(),
        text: text.to_owned(),
        dequeue_count,
        inserted_at: at("2026-03-02T09:15:30.987Z"),
        expires_at: at("2026-03-09T09:15:30.987Z"),
        next_visible_at: at("2026-03-02T09:25:31.123Z"),
        pop_receipt: "AgAAAAMAAAAAAAAAq0exampleR".to_owned(),
    };
    let now = at("2026-03-02T09:15:31.4821093Z");
    envelope::queue("ProcessOrder", "order", false, &message, text, now).json
}

#[test]
fn queue_envelopes_are_the_real_hosts() {
    let object =
        r#"{"orderId":"A-17","qty":2,"rush":true,"customer":{"name":"Ann"},"tags":["x","y"]}"#;
    for (name, text, dequeue_count) in [
        ("queue.json-object", object, 1),
        ("queue.plain-text", "refresh-cache", 3),
    ] {
        let expected = without_sys(fixture(name));
        let written = without_sys(queue_envelope(text, dequeue_count));
        assert_eq!(written, expected, "{name}");
    }
}

#[test]
fn queue_envelopes_encode_any_text_as_the_real_host_does() {
    // These fixtures show less of the metadata than is posted.
    for (name, text) in [
        ("queue.json-array", r#"["x",{"id":1}]"#),
        ("queue.text-that-is-json", "123"),
        ("queue.quoted-text", "\"x\""),
        (
            "queue.overwritten-metadata",
            r#"{"id":7,"dequeueCount":99,"sys":"mine"}"#,
        ),
    ] {
        let (expected, written) = (
            without_sys(with_sys(fixture(name))),
            without_sys(queue_envelope(text, 1)),
        );
        assert_eq!(written["Data"], expected["Data"], "{name}");
        for (key, value) in expected["Metadata"].as_object().expect("an object") {
            assert_eq!(&written["Metadata"][key], value, "{name}: {key}");
        }
    }
}

fn with_sys(mut envelope: Value) -> Value {
    let metadata = envelope["Metadata"].as_object_mut().expect("an object");
    metadata.entry("sys").or_insert_with(|| {
        json!({"MethodName": "ProcessOrder", "UtcNow": "Z",
               "RandGuid": "6d0a3f0e-9d3d-4a0e-8f0b-3b1f0f7a2c55"})
    });
    envelope
}

#[test]
fn a_binary_queue_message_is_base64_in_one_layer() {
    let message = Message {
        queue: "orders".to_owned(),
        id: String::new(),
        text: "hi".to_owned(),
        dequeue_count: 1,
        inserted_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
        next_visible_at: Timestamp::UNIX_EPOCH,
        pop_receipt: String::new(),
    };
    let written = envelope::queue("F", "order", true, &message, "hi", Timestamp::UNIX_EPOCH);
    assert_eq!(written.json["Data"]["order"], "aGk=");
}

#[test]
fn timer_envelopes_are_the_real_hosts() {
    let on_time = TimerStatus {
        last: Some(at("2026-03-02T09:10:00.0123456Z")),
        next: at("2026-03-02T09:15:00Z"),
        last_updated: at("2026-03-02T09:10:00.0123456Z"),
    };
    let now = at("2026-03-02T09:15:00.0042117Z");
    for (name, status) in [
        ("timer.on-time", Some(&on_time)),
        ("timer.without-monitor", None),
    ] {
        let written = envelope::timer("Nightly", "tick", status, false, now);
        assert_eq!(without_sys(written), without_sys(fixture(name)), "{name}");
    }
}

#[test]
fn the_first_run_ever_has_the_year_one_as_its_last() {
    let status = TimerStatus {
        last: None,
        next: at("2026-03-02T09:15:00Z"),
        last_updated: at("2026-03-02T09:10:00Z"),
    };
    let written = envelope::timer("Nightly", "tick", Some(&status), false, status.next);
    let shown = &written["Data"]["tick"]["ScheduleStatus"]["Last"];
    let expected = fixture("timer.first-run");
    assert_eq!(shown, &expected["Data"]["tick"]["ScheduleStatus"]["Last"]);
}

#[test]
fn http_envelopes_are_the_real_hosts() {
    let text = |text: &str| text.to_owned();
    let request = HttpRequest {
        url: text("http://localhost:7071/api/orders/A-17?verbose=1&tag=x&tag=y"),
        method: text("POST"),
        headers: vec![
            (text("Host"), text("localhost:7071")),
            (text("Content-Type"), text("application/json")),
            (text("Content-Length"), text("9")),
            (text("x-functions-key"), text("<key>")),
        ],
        query: vec![
            (text("verbose"), text("1")),
            (text("tag"), text("x")),
            (text("tag"), text("y")),
        ],
        parameters: vec![(text("id"), Some(text("A-17")))],
        body: Some(b"{\"qty\":2}".to_vec()),
    };
    let now = at("2026-03-02T09:15:31.4821093Z");
    let written = envelope::http("Orders", "req", &request, now);
    assert_eq!(
        without_sys(written),
        without_sys(fixture("http/default-payload"))
    );
}

#[test]
fn bodies_are_text_but_for_two_kinds_that_are_base64() {
    for (content_type, bytes, expected) in [
        (
            "application/json",
            "{\"a\":1}".as_bytes(),
            json!("{\"a\":1}"),
        ),
        ("text/plain", b"hi", json!("hi")),
        ("application/octet-stream", b"hi", json!("aGk=")),
        ("multipart/form-data; boundary=x", b"hi", json!("aGk=")),
        // A picture is read as text, and spoilt.
        ("image/png", b"\x89PNG", json!("\u{FFFD}PNG")),
    ] {
        let request = HttpRequest {
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            body: Some(bytes.to_vec()),
            ..HttpRequest::default()
        };
        let written = envelope::http("F", "req", &request, Timestamp::UNIX_EPOCH);
        assert_eq!(written["Data"]["req"]["Body"], expected, "{content_type}");
    }
}

#[test]
fn parameters_that_did_not_match_are_null_and_a_missing_body_is_left_out() {
    let request = HttpRequest {
        parameters: vec![("id".to_owned(), None)],
        ..HttpRequest::default()
    };
    let written = envelope::http("F", "req", &request, Timestamp::UNIX_EPOCH);
    assert_eq!(written["Data"]["req"]["Params"], json!({"id": null}));
    assert_eq!(written["Data"]["req"].get("Body"), None);
}

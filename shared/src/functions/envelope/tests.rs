use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../tests/fixtures/host/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const ID: &str = "b7c1c7a8-5d0e-4a55-9a3f-1a4d0b7f9e10";

/// `custom-handler.md` §3.2 to 3.4: how each message arrives.
#[test]
fn queue_messages_arrive_as_they_were_sent() {
    let table = [
        (
            "queue.json-object",
            r#"{"orderId":"A-17","qty":2,"rush":true,"customer":{"name":"Ann"},"tags":["x","y"]}"#,
            Some(1),
            Some(ID),
        ),
        ("queue.plain-text", "refresh-cache", Some(3), Some(ID)),
        ("queue.json-array", r#"["x",{"id":1}]"#, Some(1), Some(ID)),
        ("queue.text-that-is-json", "123", Some(1), Some(ID)),
        ("queue.quoted-text", "\"x\"", Some(1), Some(ID)),
        (
            "queue.overwritten-metadata",
            r#"{"id":7,"dequeueCount":99,"sys":"mine"}"#,
            None,
            None,
        ),
        (
            "queue.encoded-once",
            r#"{ "orderId": "A-17" }"#,
            Some(2),
            Some(ID),
        ),
    ];
    for (name, text, dequeue_count, message_id) in table {
        let expected = QueueInvocation {
            text: text.to_owned(),
            dequeue_count,
            message_id: message_id.map(str::to_owned),
        };
        assert_eq!(
            QueueInvocation::parse(&fixture(name)),
            Ok(expected),
            "{name}"
        );
    }
}

/// `custom-handler.md` §3.5: `Next` is the occurrence being run; the first run, no monitor, no offset.
#[test]
fn timers_say_which_occurrence_is_run() {
    let table = [
        ("timer.on-time", Some("2026-03-02T09:15:00Z"), false),
        ("timer.first-run", Some("2026-03-02T09:15:00Z"), false),
        (
            "timer.without-offset",
            Some("2026-03-02T09:15:00.1234567Z"),
            true,
        ),
        ("timer.without-monitor", None, false),
    ];
    for (name, planned, is_past_due) in table {
        let expected = TimerInvocation {
            planned: planned.map(instant),
            is_past_due,
        };
        assert_eq!(
            TimerInvocation::parse(&fixture(name)),
            Ok(expected),
            "{name}"
        );
    }
}

#[test]
fn every_fixture_of_the_host_is_read() {
    let folder = format!("{}/../tests/fixtures/host", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names.len(), 11);
    for name in names {
        let body = fixture(&name);
        let is_read = match name.split_once('.') {
            Some(("queue", _)) => QueueInvocation::parse(&body).is_ok(),
            Some(("timer", _)) => TimerInvocation::parse(&body).is_ok(),
            _ => false,
        };
        assert!(is_read, "{name}");
    }
}

#[test]
fn what_is_no_envelope_is_an_error_and_never_a_message() {
    let table: [(&str, EnvelopeError); 4] = [
        ("", EnvelopeError::Malformed { line: 1, column: 0 }),
        ("{}", EnvelopeError::Malformed { line: 1, column: 2 }),
        (r#"{"Data":{}}"#, EnvelopeError::NotOneValue(0)),
        (
            r#"{"Data":{"a":"\"x\"","b":"\"y\""}}"#,
            EnvelopeError::NotOneValue(2),
        ),
    ];
    for (body, error) in table {
        assert_eq!(
            QueueInvocation::parse(body.as_bytes()),
            Err(error),
            "{body}"
        );
    }
    let no_instant = r#"{"Data":{"t":{"ScheduleStatus":{"Next":"soon"},"IsPastDue":false}}}"#;
    assert_eq!(
        TimerInvocation::parse(no_instant.as_bytes()),
        Err(EnvelopeError::NoInstant)
    );
}

/// `design.md` §2: "keyed by kind and planned time (`ScheduleStatus.Next`; when that lies over 60 s ahead, a run by
/// hand: keyed by invocation): a late or repeated tick creates nothing new".
#[test]
fn a_tick_is_keyed_by_its_planned_time_and_a_run_by_hand_by_its_invocation() {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-azure-functions-invocationid", "i-1".parse().unwrap());
    let invocation = InvocationId::of(&headers);
    let planned = |at: &str| TimerInvocation {
        planned: Some(instant(at)),
        is_past_due: false,
    };
    let table = [
        (
            "2026-03-02T09:15:00Z",
            "2026-03-02T09:15:00.2Z",
            "planned 2026-03-02T09:15:00Z",
        ),
        (
            "2026-03-02T09:15:00.123Z",
            "2026-03-02T11:00:00Z",
            "planned 2026-03-02T09:15:00Z",
        ),
        (
            "2026-03-02T09:15:00Z",
            "2026-03-02T09:14:00Z",
            "planned 2026-03-02T09:15:00Z",
        ),
        (
            "2026-03-02T09:15:00Z",
            "2026-03-02T09:13:59Z",
            "by hand i-1",
        ),
    ];
    for (next, now, key) in table {
        assert_eq!(
            planned(next).occasion(instant(now), &invocation),
            key,
            "{next} at {now}"
        );
        let due_at = if key.starts_with("planned") {
            next
        } else {
            now
        };
        assert_eq!(planned(next).due_at(instant(now)), instant(due_at));
    }
    let without = TimerInvocation {
        planned: None,
        is_past_due: false,
    };
    assert_eq!(
        without.occasion(instant("2026-03-02T09:15:00Z"), &invocation),
        "by hand i-1"
    );
}

proptest::proptest! {
    /// Whatever is posted, it is read or refused.
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let _ = QueueInvocation::parse(&bytes);
        let _ = TimerInvocation::parse(&bytes);
    }

    /// A message comes out of the host's two layers as it went into the queue, whatever it holds.
    #[test]
    fn every_message_comes_back_from_the_hosts_layers(text in "\\PC*|[\\x00-\\x7f]*") {
        let layers = serde_json::json!({
            "Data": { "message": serde_json::json!(text).to_string() },
            "Metadata": { "DequeueCount": "1", "Id": "\"m-1\"" },
        });
        let read = QueueInvocation::parse(layers.to_string().as_bytes()).unwrap();
        proptest::prop_assert_eq!(read.text, text);
    }
}

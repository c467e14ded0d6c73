//! What a handler sees of a request, and a caller of an answer, in each of the three modes (custom-handler.md §2).

use local_host::Rule;
use serde_json::{Value, json};

use crate::support::{App, Running, envelope_in, fixture, header_values};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Proxying,
    Forwarding,
    Payload,
}
use Mode::{Forwarding, Payload, Proxying};

fn app(mode: Mode, behaviour: &[&str]) -> App {
    App::with_handler(behaviour)
        .http("orders", "orders/{*rest}")
        .host_json(&json!({"customHandler": {
            "enableProxyingHttpRequest": mode == Proxying,
            "enableForwardingHttpRequest": mode == Forwarding,
        }}))
}

async fn got_by(running: &Running, request: reqwest::RequestBuilder) -> Value {
    request.send().await.expect("an answer");
    running.until_got(1).await.remove(0)
}

/// What the handler saw of one request.
async fn seen(mode: Mode, request: impl Fn(&Running) -> reqwest::RequestBuilder) -> Value {
    let running = app(mode, &["says"]).start().await;
    got_by(&running, request(&running)).await
}

#[tokio::test]
async fn the_path_keeps_its_prefix_but_in_default_payload_mode() {
    for (mode, method, uri) in [
        (Proxying, "PUT", "/api/orders/A-17?b=2"),
        (Forwarding, "PUT", "/api/orders/A-17?b=2"),
        (Payload, "POST", "/orders"),
    ] {
        let got = seen(mode, |app| app.http.put(app.url("/api/orders/A-17?b=2"))).await;
        assert_eq!(
            (&got["method"], &got["uri"]),
            (&json!(method), &json!(uri)),
            "{mode:?}"
        );
    }
}

#[tokio::test]
async fn proxying_keeps_the_raw_query_and_forwarding_rebuilds_it() {
    for (mode, query) in [
        (Proxying, "tag=x&tag=y&k&q=a+b"),
        (Forwarding, "tag=x%2Cy&k=&q=a%20b"),
    ] {
        let running = app(mode, &["says"]).start().await;
        let url = running.url("/api/orders?tag=x&tag=y&k&q=a+b");
        let got = got_by(&running, running.http.get(url)).await;
        assert_eq!(got["uri"], format!("/api/orders?{query}"), "{mode:?}");
        assert_eq!(running.found(Rule::RepeatedQueryKeys), mode == Forwarding);
    }
}

#[tokio::test]
async fn proxying_replaces_host_and_forwarding_keeps_it() {
    for mode in [Proxying, Forwarding] {
        let running = app(mode, &["says"]).start().await;
        let port = running.until_ready().await.expect("ready").port;
        let request = running
            .http
            .get(running.url("/api/orders"))
            .header("Host", "clocking.example")
            .header("X-Forwarded-For", "203.0.113.9");
        let got = got_by(&running, request).await;
        let (host, forwarded_for, forwarded_host) = match mode {
            Proxying => (
                format!("127.0.0.1:{port}"),
                "127.0.0.1",
                vec!["clocking.example"],
            ),
            _ => ("clocking.example".to_owned(), "203.0.113.9", vec![]),
        };
        assert_eq!(header_values(&got, "host"), [host], "{mode:?}");
        assert_eq!(
            header_values(&got, "x-forwarded-for"),
            [forwarded_for],
            "{mode:?}"
        );
        assert_eq!(
            header_values(&got, "x-forwarded-host"),
            forwarded_host,
            "{mode:?}"
        );
    }
}

#[tokio::test]
async fn the_hosts_own_headers_replace_a_forged_one_when_proxying_and_follow_it_when_forwarding() {
    for (mode, values) in [(Proxying, 1), (Forwarding, 2), (Payload, 1)] {
        let got = seen(mode, |app| {
            let request = app.http.get(app.url("/api/orders"));
            request.header("X-Azure-Functions-InvocationId", "forged")
        })
        .await;
        let ids = header_values(&got, "x-azure-functions-invocationid");
        assert_eq!(ids.len(), values, "{mode:?}");
        assert_eq!(ids[values - 1].len(), 36, "the last one is the host's");
        assert_eq!(
            header_values(&got, "x-azure-functions-hostversion").len(),
            1
        );
    }
}

#[tokio::test]
async fn the_user_agent_names_the_host_where_the_host_builds_the_request() {
    for (mode, expected) in [
        (Proxying, "mine"),
        (Forwarding, "mine Azure-Functions-Host/4."),
        (Payload, "Azure-Functions-Host/4."),
    ] {
        let got = seen(mode, |app| {
            app.http
                .get(app.url("/api/orders"))
                .header("User-Agent", "mine")
        })
        .await;
        let agent = header_values(&got, "user-agent").remove(0);
        assert!(agent.starts_with(expected), "{mode:?}: {agent}");
    }
}

#[tokio::test]
async fn content_encoding_is_dropped_when_forwarding() {
    for (mode, expected) in [(Proxying, vec!["gzip"]), (Forwarding, vec![])] {
        let running = app(mode, &["says"]).start().await;
        let request = running
            .http
            .post(running.url("/api/orders"))
            .header("Content-Encoding", "gzip")
            .header("Content-Type", "application/json")
            .body("zipped");
        let got = got_by(&running, request).await;
        assert_eq!(header_values(&got, "content-encoding"), expected);
        assert_eq!(header_values(&got, "content-type"), ["application/json"]);
        assert_eq!(got["body"], "zipped");
        assert_eq!(
            running.found(Rule::ContentEncodingDropped),
            mode == Forwarding
        );
    }
}

#[tokio::test]
async fn a_chunked_body_is_lost_unless_proxying() {
    for (mode, body) in [(Proxying, "in chunks"), (Forwarding, "")] {
        let running = app(mode, &["says"]).start().await;
        let chunks = ["in ", "chunks"].map(Ok::<_, std::io::Error>);
        let request = running
            .http
            .post(running.url("/api/orders"))
            .body(reqwest::Body::wrap_stream(futures::stream::iter(chunks)));
        let got = got_by(&running, request).await;
        assert_eq!(got["body"], body, "{mode:?}");
        assert_eq!(running.found(Rule::BodyWithoutLength), mode == Forwarding);
    }
}

#[tokio::test]
async fn keys_are_not_stripped_and_a_forged_principal_is() {
    for mode in [Proxying, Forwarding] {
        let got = seen(mode, |app| {
            let request = app.http.get(app.url("/api/orders?code=secret"));
            request
                .header("x-functions-key", "secret")
                .header("X-MS-CLIENT-PRINCIPAL", "forged")
                .header("X-MS-CLIENT-PRINCIPAL-NAME", "forged")
        })
        .await;
        assert_eq!(header_values(&got, "x-functions-key"), ["secret"]);
        assert_eq!(got["uri"], "/api/orders?code=secret");
        assert!(!got.to_string().contains("forged"), "{mode:?}: {got}");
    }
}

#[tokio::test]
async fn a_test_may_play_app_service_authentication() {
    let app = app(Proxying, &["says"]).options(|options| options.trusts_principal = true);
    let running = app.start().await;
    let request = running.http.get(running.url("/api/orders"));
    let got = got_by(&running, request.header("X-MS-CLIENT-PRINCIPAL", "eyJ9")).await;
    assert_eq!(header_values(&got, "x-ms-client-principal"), ["eyJ9"]);
}

#[tokio::test]
async fn the_host_adds_no_traceparent_of_its_own() {
    for mode in [Proxying, Forwarding, Payload] {
        let got = seen(mode, |app| app.http.get(app.url("/api/orders"))).await;
        assert_eq!(header_values(&got, "traceparent"), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_handlers_answer_passes_as_it_is() {
    for mode in [Proxying, Forwarding] {
        for (status, name, value) in [
            ("201", "etag", "\"7\""),
            // Passed on, and not followed.
            ("302", "location", "/elsewhere"),
            ("500", "retry-after", "30"),
            ("404", "set-cookie", "a=b"),
        ] {
            let behaviour = ["reply-with-header", status, name, value];
            let running = app(mode, &behaviour).start().await;
            let answer = running.get("/api/orders").await;
            assert_eq!(answer.status().as_str(), status, "{mode:?}");
            assert_eq!(answer.headers()[name], value, "{mode:?}");
            // Any status is a success of the invocation.
            assert_eq!(running.findings(), vec![], "{mode:?}");
        }
    }
}

#[tokio::test]
async fn a_broken_connection_is_500_when_forwarding_and_502_when_proxying() {
    for (mode, status) in [(Forwarding, 500), (Proxying, 502), (Payload, 500)] {
        let app = app(mode, &["exit-on-request", "3"]);
        let running = app.start().await;
        let answer = running.get("/api/orders").await;
        assert_eq!(answer.status(), status, "{mode:?}");
        assert_eq!(answer.text().await.expect("a body"), "");
    }
}

#[tokio::test]
async fn a_host_from_before_proxying_falls_back_to_forwarding() {
    let running = App::with_handler(&["says"])
        .http("orders", "orders")
        .options(|options| options.plays_old_host = true)
        .start()
        .await;
    let url = running.url("/api/orders?tag=x&tag=y");
    let got = got_by(&running, running.http.get(url)).await;
    assert_eq!(got["uri"], "/api/orders?tag=x%2Cy");
}

#[tokio::test]
async fn one_more_binding_moves_a_function_to_default_payload_mode() {
    let definition = json!({"bindings": [
        {"type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "orders/{id?}"},
        {"type": "http", "direction": "out", "name": "res"},
        {"type": "queue", "direction": "out", "name": "outq", "queueName": "orders-out"},
    ]});
    let behaviour =
        r#"{"Outputs": {"res": {"statusCode": 201, "body": "made"}, "outq": ["{\"id\":1}"]}}"#;
    let running = App::with_handler(&["reply", "200", "application/json", behaviour])
        .function("orders", &definition)
        .start()
        .await;
    let answer = running.get("/api/orders/7").await;
    assert_eq!(answer.status(), 201);
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    assert_eq!(answer.text().await.expect("a body"), "made");
    let got = running.until_got(1).await.remove(0);
    assert_eq!(got["uri"], "/orders");
    let envelope = envelope_in(&got);
    assert_eq!(envelope["Data"]["req"]["Params"]["id"], "7");
    assert_eq!(envelope["Data"]["req"]["Method"], "GET");
    // The queue output was written after the answer.
    assert_eq!(running.queues().count("orders-out").await, Ok(1));
}

#[tokio::test]
async fn envelopes_come_in_chunks_with_four_headers() {
    let got = seen(Payload, |app| app.http.get(app.url("/api/orders"))).await;
    assert_eq!(
        header_values(&got, "content-type"),
        ["application/json; charset=utf-8"]
    );
    assert_eq!(header_values(&got, "transfer-encoding"), ["chunked"]);
    assert_eq!(header_values(&got, "content-length"), Vec::<String>::new());
}

#[tokio::test]
async fn headers_that_the_host_knows_have_its_spelling_in_the_envelope() {
    let got = seen(Payload, |app| {
        let request = app.http.post(app.url("/api/orders")).body("{}");
        request
            .header("content-type", "application/json")
            .header("x-functions-key", "secret")
    })
    .await;
    let envelope = envelope_in(&got);
    let expected = fixture("http/default-payload");
    for place in ["/Data/req/Headers", "/Metadata/Headers"] {
        let names = |envelope: &Value| -> Vec<String> {
            let headers = envelope.pointer(place).and_then(Value::as_object);
            headers.expect("headers").keys().cloned().collect()
        };
        let written = names(&envelope);
        for name in names(&expected) {
            assert!(written.contains(&name), "{place}: {name} in {written:?}");
        }
    }
}

#[tokio::test]
async fn a_failure_in_default_payload_mode_is_500_without_a_body() {
    for behaviour in [
        ["reply", "500", "application/json", "{}"],
        ["reply", "200", "application/json", ""],
        [
            "reply",
            "200",
            "application/json",
            r#"{"Outputs": {"res": "text"}}"#,
        ],
    ] {
        let running = app(Payload, &behaviour).start().await;
        let answer = running.get("/api/orders").await;
        assert_eq!(answer.status(), 500, "{behaviour:?}");
        assert_eq!(answer.text().await.expect("a body"), "", "{behaviour:?}");
    }
}

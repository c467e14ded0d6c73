//! Routes, keys, limits, admin endpoints, links (custom-handler.md §2.6, §6.4, §7; design.md §2).

use std::time::Duration;

use bytes::Bytes;
use local_host::Rule;
use serde_json::json;
use shared::{azure::blobs::Blobs, settings::StorageUrl};

use crate::support::{App, http_function, timer_function};

fn app() -> App {
    App::with_handler(&["says"])
}

#[tokio::test]
async fn an_unknown_route_and_a_wrong_method_are_the_hosts_own_empty_404() {
    let mut definition = http_function("orders");
    definition["bindings"][0]["methods"] = json!(["get", "POST"]);
    let running = app().function("orders", &definition).start().await;
    for (method, path, status) in [
        ("GET", "/api/orders", 200),
        ("POST", "/api/orders", 200),
        ("GET", "/API/Orders", 200),
        ("DELETE", "/api/orders", 404),
        ("GET", "/api/others", 404),
        ("GET", "/apiorders", 404),
        ("GET", "/orders", 404),
    ] {
        let method = method.parse().expect("a method");
        let answer = running.http.request(method, running.url(path)).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), status, "{path}");
        if status == 404 {
            assert_eq!(answer.text().await.expect("a body"), "");
        }
    }
}

#[tokio::test]
async fn without_methods_every_method_passes() {
    let running = app().http("orders", "orders").start().await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let method = method.parse().expect("a method");
        let request = running.http.request(method, running.url("/api/orders"));
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
}

#[tokio::test]
async fn the_folders_name_is_the_default_route_and_the_prefix_can_be_empty() {
    let mut definition = http_function("x");
    definition["bindings"][0]
        .as_object_mut()
        .expect("a binding")
        .remove("route");
    let running = app()
        .function("orders", &definition)
        .host_json(&json!({"extensions": {"http": {"routePrefix": ""}}}))
        .start()
        .await;
    assert_eq!(running.get("/orders").await.status(), 200);
    assert_eq!(running.get("/api/orders").await.status(), 404);
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_an_empty_401_before_the_handler() {
    for level in [Some("function"), Some("admin"), None] {
        let mut definition = http_function("orders");
        definition["bindings"][0]["authLevel"] = json!(level.unwrap_or("function"));
        if level.is_none() {
            // Function is the default.
            let binding = definition["bindings"][0]
                .as_object_mut()
                .expect("a binding");
            binding.remove("authLevel");
        }
        let running = app().function("orders", &definition).start().await;
        for (path, key, status) in [
            ("/api/orders".to_owned(), None, 401),
            ("/api/orders".to_owned(), Some("wrong"), 401),
            ("/api/orders".to_owned(), Some(running.key.as_str()), 200),
            (format!("/api/orders?code={}", running.key), None, 200),
            // The header is looked at first.
            (
                format!("/api/orders?code={}", running.key),
                Some("wrong"),
                401,
            ),
        ] {
            let mut request = running.http.get(running.url(&path));
            if let Some(key) = key {
                request = request.header("x-functions-key", key);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), status, "{level:?} {path} {key:?}");
            if status == 401 {
                assert_eq!(answer.text().await.expect("a body"), "");
            }
        }
        assert_eq!(running.heard("GOT").len(), 2);
    }
}

#[tokio::test]
async fn a_body_over_the_hosts_limit_is_413() {
    let app = app().http("orders", "orders");
    let running = app
        .setting("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "10")
        .start()
        .await;
    for (body, status) in [("0123456789", 200), ("0123456789a", 413)] {
        let request = running.http.post(running.url("/api/orders")).body(body);
        assert_eq!(request.send().await.expect("an answer").status(), status);
    }
    assert!(running.found(Rule::BodyTooLarge));
}

#[tokio::test]
async fn the_host_answers_its_root_itself() {
    let running = app().http("orders", "orders").start().await;
    assert_eq!(running.get("/").await.status(), 200);
    let app = App::with_handler(&["says"]).http("orders", "orders");
    let running = app
        .setting("AzureWebJobsDisableHomepage", "true")
        .start()
        .await;
    assert_eq!(running.get("/").await.status(), 204);
    assert_eq!(running.heard("GOT").len(), 0);
}

#[tokio::test]
async fn admin_endpoints_ask_for_the_master_key_but_ping_does_not() {
    let running = app().http("orders", "orders").start().await;
    running.until_ready().await.expect("ready");
    assert_eq!(running.get("/admin/host/ping").await.status(), 200);
    assert_eq!(running.get("/admin/host/status").await.status(), 401);
    let url = running.url("/admin/host/status");
    let request = running
        .http
        .get(url)
        .header("x-functions-key", &running.key);
    let status: serde_json::Value = request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(status["state"], "Running");
    assert_eq!(status["errors"], json!([]));
}

#[tokio::test]
async fn a_function_is_started_by_hand_and_the_input_becomes_the_message() {
    let running = app()
        .queue("Orders")
        .function("tick", &timer_function("0 0 0 1 1 *"))
        .http("web", "web")
        .start()
        .await;
    for (name, key, status) in [
        ("Orders", "wrong", 401),
        ("Orders", running.key.as_str(), 202),
        ("tick", running.key.as_str(), 202),
        ("web", running.key.as_str(), 400),
        ("nobody", running.key.as_str(), 404),
    ] {
        let request = running
            .http
            .post(running.url(&format!("/admin/functions/{name}")))
            .header("x-functions-key", key)
            .body(r#"{"input": "hello"}"#);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{name}");
    }
    let got = running.until_got(2).await;
    let body = |uri: &str| {
        let call = got.iter().find(|call| call["uri"] == uri).expect("called");
        crate::support::envelope_in(call)
    };
    assert_eq!(body("/Orders")["Data"]["order"], "\"hello\"");
    assert_eq!(body("/tick")["Data"]["tick"]["IsPastDue"], false);
}

#[tokio::test]
async fn the_control_endpoints_ask_for_the_development_key() {
    let running = app().http("orders", "orders").start().await;
    assert_eq!(running.get("/control").await.status(), 401);
    let request = running.http.get(running.url("/control"));
    let answer = request.header("x-api-key", &running.key).send().await;
    let state: serde_json::Value = answer.expect("an answer").json().await.expect("JSON");
    assert_eq!(state["findings"], json!([]));
}

#[tokio::test]
async fn a_link_gives_the_file_to_anybody_and_an_altered_one_to_nobody() {
    let running = app().http("orders", "orders").start().await;
    let storage = running.environment.get("STORAGE_URL").expect("a folder");
    let storage = StorageUrl::parse(&storage).expect("an address");
    let blobs = Blobs::open(&storage, &running.base_url).expect("opened");
    let name = "reports/1/Übersicht 1.xlsx";
    let stored = blobs.put(name, Bytes::from_static(b"content"), "application/x-test");
    stored.await.expect("stored");
    let link = |seconds| {
        blobs.link(
            name,
            "Übersicht 1.xlsx",
            "application/x-test",
            Duration::from_secs(seconds),
        )
    };
    let good = link(60).await.expect("a link").url;
    let answer = running.http.get(&good).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-test");
    let disposition = answer.headers()["content-disposition"]
        .to_str()
        .expect("ASCII");
    assert!(
        disposition.contains("filename*=UTF-8''%C3%9Cbersicht%201.xlsx"),
        "{disposition}"
    );
    assert_eq!(answer.bytes().await.expect("a body"), "content");
    for (url, status) in [
        (link(0).await.expect("a link").url, 403),
        (good.replace("sig=", "sig=0"), 403),
        (good.replace("reports/1", "reports/2"), 403),
        (running.url("/files/.link-key"), 403),
        (running.url("/files/..%2fdevelopment-key"), 403),
    ] {
        let answer = running.http.get(&url).send().await.expect("an answer");
        assert_eq!(answer.status(), status, "{url}");
    }
    // Read-only.
    let written = running.http.put(&good).body("x").send().await;
    assert_eq!(written.expect("an answer").status(), 405);
}

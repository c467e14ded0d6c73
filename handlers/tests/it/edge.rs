//! What every answer carries and what is sent away before a handler sees it (`domain.md` §10): pages of other sites,
//! too many requests, and nothing about the server in what is said.

use axum::body::Body;
use http::{Request, header};
use shared::functions::role::Role;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    support::{Answer, App, WEBHOOK_SECRET, key_of},
    who_may::principal,
};

/// Names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

const BASE: &str = "https://clocking.example";
const COOKIE: (&str, &str) = ("cookie", "ARRAffinity=1; AppServiceAuthSession=abc");
const OTHER_SITE: (&str, &str) = ("origin", "https://evil.example");
const SIGN_IN: [(&str, &str); 3] = [
    ("EASY_AUTH", "on"),
    ("WEBSITE_AUTH_ENABLED", "True"),
    ("PUBLIC_BASE_URL", BASE),
];

async fn send(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// "A browser session (cookie) can change nothing without a same-origin proof (CSRF)": each route that changes
/// something, asked by a page of another site, of ours, and by programs.
#[tokio::test]
async fn a_session_changes_nothing_for_a_page_of_another_site() {
    let app = App::with(&SIGN_IN);
    let person = principal("roles", &Role::ALL);
    let person = ("x-ms-client-principal", person.as_str());
    let key = key_of(Role::Admin);
    let key = ("x-api-key", key.as_str());
    let table = [
        (vec![person, COOKIE], true),
        (vec![person, COOKIE, OTHER_SITE], true),
        (vec![person, COOKIE, ("sec-fetch-site", "cross-site")], true),
        (vec![person, COOKIE, ("origin", BASE)], false),
        (
            vec![person, COOKIE, ("sec-fetch-site", "same-origin")],
            false,
        ),
        (
            vec![person, ("authorization", "Bearer abc"), OTHER_SITE],
            false,
        ),
        (vec![key, COOKIE, OTHER_SITE], false),
    ];
    let mut tried = 0;
    for route in handlers::functions()
        .http
        .iter()
        .flat_map(|function| &function.routes)
    {
        let path = format!("/api{}?from=never&wait=never", route.path)
            .replace("{kind}", "payroll")
            .replace(['{', '}'], "");
        if route.path == "/clockify/webhooks" {
            continue;
        }
        tried += 1;
        for (headers, refused) in &table {
            let answer = send(&app, route.method.as_str(), &path, headers).await;
            let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
            let code = &body["code"];
            let is_refused = *refused && route.method != "GET";
            assert_eq!(
                *code == "cross-site",
                is_refused,
                "{} {path} {headers:?}",
                route.method
            );
            if is_refused {
                assert_eq!(answer.status, 403);
            }
        }
    }
    assert!(tried > 40, "only {tried} routes");
}

/// `interface.md` §3: 429 with `Retry-After`; 100 a second for each caller, Clockify's webhook exempt.
#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is() {
    let app = App::with(&[("CALLER_REQUESTS_PER_SECOND", "1")]);
    let hurried = key_of(Role::LemRead);
    let mut refused = None;
    for _ in 0..100 {
        let answer = app.call("GET", "/api/whoami", Some(&hurried), None).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 200);
    }
    let refused = refused.expect("one of a hundred within a second is too many");
    assert_eq!(refused.problem().1, "too-many-requests");
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");

    let other = app.get("/api/whoami", Role::LemWrite).await;
    assert_eq!(other.status, 200, "another caller has turns of his own");
    for _ in 0..20 {
        let health = app.call("GET", "/api/health", Some(&hurried), None).await;
        assert_eq!(health.status, 200);
        let headers = [
            ("clockify-webhook-event-type", "NEW_INVOICE"),
            ("clockify-signature", WEBHOOK_SECRET),
        ];
        let webhook = send(&app, "POST", "/api/clockify/webhooks", &headers).await;
        assert_eq!(webhook.status, 202, "an approval burst is never sent away");
    }
}

/// Guesses at keys share one turn: they neither fill the memory nor take a turn from a caller who is known.
#[tokio::test]
async fn a_flood_of_strangers_is_slowed_down_as_one() {
    let app = App::with(&[("CALLER_REQUESTS_PER_SECOND", "2")]);
    let mut told = Vec::new();
    for guess in 0..100 {
        let key = format!("guess-{guess}");
        told.push(
            app.call("GET", "/api/whoami", Some(&key), None)
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(told[0], 401);
    assert!(told.contains(&429), "{told:?}");
    assert_eq!(app.get("/api/whoami", Role::Admin).await.status, 200);
}

#[tokio::test]
async fn a_page_of_another_origin_reads_nothing_unless_the_settings_name_it() {
    const PAGE: &str = "https://app.example";
    let key = key_of(Role::Admin);
    let asks = [
        ("origin", PAGE),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-api-key"),
    ];
    let calls = [("origin", PAGE), ("x-api-key", &key)];
    for (origins, allowed) in [
        ("", false),
        ("https://other.example", false),
        ("https://other.example, https://app.example", true),
        ("https://app.example.evil.example", false),
        ("http://app.example", false),
    ] {
        let app = App::with(&[("CORS_ORIGINS", origins)]);
        let question = send(&app, "OPTIONS", "/api/whoami", &asks).await;
        let answer = send(&app, "GET", "/api/whoami", &calls).await;
        assert_eq!(
            answer.status, 200,
            "whether a page may read is for its browser to keep"
        );
        for answer in [&question, &answer] {
            let told = answer.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(
                told.is_some_and(|origin| origin == PAGE),
                allowed,
                "{origins:?}"
            );
            assert_eq!(told.is_some(), allowed, "{origins:?}");
            let credentials = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
            assert!(
                !answer.headers.contains_key(credentials),
                "cookies are never asked for"
            );
        }
        assert_eq!(
            question.status,
            if allowed { 204 } else { 405 },
            "{origins:?}"
        );
    }
}

#[tokio::test]
async fn every_answer_says_what_browsers_must_not_do_and_nothing_about_the_server() {
    let broken = tempfile::NamedTempFile::new().unwrap();
    let below_a_file = format!("sqlite:{}/sentinel.db", broken.path().display());
    let app = App::with(&[("DATABASE_URL", &below_a_file)]);
    let key = key_of(Role::Admin);
    let known = [("x-api-key", key.as_str())];
    let table: [(&str, &str, Headers<'_>, u16); 8] = [
        ("GET", "/api/whoami", &known, 200),
        ("GET", "/api/openapi.json", &known, 200),
        ("GET", "/api/whoami", &[], 401),
        ("GET", "/api/attendance", &known, 403),
        ("GET", "/api/nowhere", &known, 404),
        ("DELETE", "/api/whoami", &known, 405),
        ("GET", "/api/jobs", &known, 503),
        ("GET", "/api/health", &[], 503),
    ];
    for (method, path, headers, status) in table {
        let answer = send(&app, method, path, headers).await;
        assert_eq!(answer.status, status, "{method} {path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            (
                "strict-transport-security",
                "max-age=31536000; includeSubDomains",
            ),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers[name], value, "{method} {path}");
        }
        assert!(!answer.headers.contains_key("server"), "{method} {path}");
        assert!(
            !answer.headers.contains_key("x-powered-by"),
            "{method} {path}"
        );
        for inner in ["sentinel", "sqlite", "panicked", ".rs", "/tmp"] {
            assert!(
                !answer.text.contains(inner),
                "{method} {path}: {}",
                answer.text
            );
        }
    }
}

/// "413 over 1 MB" reaches who sends it, also where he sends all of it first, as the host does; and the connection
/// stays whole for what comes next.
#[tokio::test]
async fn a_body_that_is_too_large_is_refused_over_a_whole_connection() {
    const BYTES: usize = 6 * 1024 * 1024;
    let app = App::new();
    let mut connection = TcpStream::connect(app.serve().await).await.unwrap();
    for key in [key_of(Role::LemWrite), "nobody's".to_owned()] {
        let head = format!(
            "POST /api/lem-sheets HTTP/1.1\r\nhost: clocking\r\nx-api-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: {BYTES}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        connection.write_all(&vec![b' '; BYTES]).await.unwrap();
        let mut answer = [0; 64];
        connection.read_exact(&mut answer).await.unwrap();
        let status = if key == "nobody's" { "401" } else { "413" };
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        let mut rest = [0; 4096];
        let read = connection.read(&mut rest).await.unwrap();
        let rest = String::from_utf8_lossy(&rest[..read]).into_owned();
        assert!(rest.ends_with('}'), "{rest}");
    }
}

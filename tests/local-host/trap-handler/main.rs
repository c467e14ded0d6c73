//! Handlers that the tests of the host need: one that says what it got, and one for each thing that a handler
//! can do wrong. The first argument says which.

use std::{
    collections::BTreeMap,
    env,
    io::{self, Write as _},
    net::Ipv4Addr,
    process,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let behaviour: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match behaviour[..] {
        ["exit", code] => process::exit(code.parse().expect("an exit code")),
        ["never-listens"] => tokio::time::sleep(Duration::from_mins(1)).await,
        _ => serve(arguments).await,
    }
}

/// A handler that would be told of its end could say so.
#[cfg(unix)]
fn listen_for_notice() {
    use tokio::signal::unix::{SignalKind, signal};

    let mut notice = signal(SignalKind::terminate()).expect("a signal");
    tokio::spawn(async move {
        while notice.recv().await.is_some() {
            say("TOLD", &json!("SIGTERM"));
        }
    });
}

async fn serve(behaviour: Vec<String>) {
    #[cfg(unix)]
    listen_for_notice();
    say(
        "STARTED",
        &json!({"environment": functions_environment(), "directory": directory()}),
    );
    let port = env::var("FUNCTIONS_CUSTOMHANDLER_PORT").expect("the host names a port");
    let port = port.parse().expect("a port");
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let router = Router::new().fallback(async move |request: Request| {
        let behaviour: Vec<&str> = behaviour.iter().map(String::as_str).collect();
        answer(&behaviour, request).await
    });
    axum::serve(listener.expect("a free port"), router)
        .await
        .expect("serving does not end");
}

async fn answer(behaviour: &[&str], request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    let seen = json!({
        "method": parts.method.as_str(),
        "uri": parts.uri.to_string(),
        "headers": headers(&parts.headers),
        "body": text,
    });
    if parts.uri.path() == "/" {
        say("PING", &seen);
        if behaviour == ["hangs"] {
            std::future::pending::<()>().await;
        }
        // Any answer counts.
        return StatusCode::IM_A_TEAPOT.into_response();
    }
    say("GOT", &seen);
    match *behaviour {
        ["reply", status, content_type, body] => reply(status, content_type, body),
        ["reply-with-header", status, name, value] => (
            status.parse::<StatusCode>().expect("a status"),
            [(name.to_owned(), value.to_owned())],
            "{}",
        )
            .into_response(),
        ["slow", milliseconds] => slow(milliseconds).await,
        ["slow-at", path, milliseconds] if parts.uri.path() == path => slow(milliseconds).await,
        ["slow-when", part, milliseconds] if text.contains(part) => slow(milliseconds).await,
        ["exit-on-request", code] => process::exit(code.parse().expect("an exit code")),
        ["crash-at", point] => {
            if env::var("CRASH_AT").is_ok_and(|wanted| wanted == point) {
                process::abort();
            }
            ok()
        }
        ["stderr", line] => {
            eprintln!("{line}");
            ok()
        }
        ["closes"] => Response::new(Body::from_stream(futures::stream::iter([Err::<
            &[u8],
            io::Error,
        >(
            io::Error::other("closed"),
        )]))),
        ["streams", milliseconds] => streams(milliseconds),
        ["breaks-off"] => {
            let chunks = futures::stream::iter([Ok("half"), Err(io::Error::other("closed"))]);
            let body = Body::from_stream(chunks.then(async |chunk| {
                // Long enough for the piece before it to leave.
                tokio::time::sleep(Duration::from_millis(20)).await;
                chunk
            }));
            ([(header::CONTENT_LENGTH, "100")], body).into_response()
        }
        ["api-only"] if !parts.uri.path().starts_with("/api/") => {
            StatusCode::NOT_FOUND.into_response()
        }
        ["decodes-once"] => decode_once(&text),
        ["small-limit"] if body.len() > 2 * 1024 * 1024 => {
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        }
        ["says", ..] => (
            [(header::CONTENT_TYPE, "application/json")],
            seen.to_string(),
        )
            .into_response(),
        _ => ok(),
    }
}

/// Takes the envelope as the host's documents show it: a message that is an object, encoded once.
fn decode_once(body: &str) -> Response {
    let envelope: Value = serde_json::from_str(body).unwrap_or_default();
    let message = envelope["Data"]["order"].as_str().unwrap_or_default();
    match serde_json::from_str::<BTreeMap<String, Value>>(message) {
        Ok(_) => ok(),
        Err(_) => reply("500", "text/plain", "the message is no object"),
    }
}

async fn slow(milliseconds: &str) -> Response {
    let milliseconds = milliseconds.parse().expect("a number");
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    ok()
}

/// The head and a first piece at once, a second one later.
fn streams(milliseconds: &str) -> Response {
    let pause = Duration::from_millis(milliseconds.parse().expect("a number"));
    let chunks = futures::stream::unfold(0, move |sent| async move {
        match sent {
            0 => Some((Ok::<_, io::Error>("first, "), 1)),
            1 => {
                tokio::time::sleep(pause).await;
                say("STREAMED", &json!(null));
                Some((Ok("second"), 2))
            }
            _ => None,
        }
    });
    Body::from_stream(chunks).into_response()
}

fn ok() -> Response {
    reply("200", "application/json", "{}")
}

fn reply(status: &str, content_type: &str, body: &str) -> Response {
    (
        status.parse::<StatusCode>().expect("a status"),
        [(header::CONTENT_TYPE, content_type.to_owned())],
        body.to_owned(),
    )
        .into_response()
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let named = headers.iter();
    named
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

fn functions_environment() -> BTreeMap<String, String> {
    env::vars()
        .filter(|(name, _)| name.starts_with("FUNCTIONS_") || name.starts_with("TEST_"))
        .collect()
}

fn directory() -> String {
    env::current_dir()
        .map(|path| path.display().to_string())
        .unwrap_or_default()
}

fn say(what: &str, value: &Value) {
    println!("{what} {value}");
    let _ = io::stdout().flush();
}

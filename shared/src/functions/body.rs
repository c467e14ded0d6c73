//! A request's JSON body and its query, read whole or refused with the field that is at fault.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::problem::{Problem, ProblemKind};

/// The largest body that is taken (`interface.md` §3: 413 over 1 MB).
pub const LARGEST_BODY_BYTES: usize = 1024 * 1024;

/// So much of a larger one is taken in before it is refused, so that the refusal finds a whole connection.
const MOST_DRAINED_BYTES: usize = 10 * 1024 * 1024;

/// A body must have come within this time, so that nobody holds a request open by sending drop by drop.
const SLOWEST_BODY: Duration = Duration::from_secs(30);

/// A JSON body. Nothing at all is the same as `{}`.
#[derive(Clone, Debug)]
pub struct JsonBody<T>(pub T);

/// The query of the address.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = read_limited(request).await?;
        if bytes.is_empty() {
            return parse(b"{}").map(Self);
        }
        if !is_json {
            return Err(Problem::new(
                ProblemKind::UnsupportedMediaType,
                "Send the body as JSON, with the header `Content-Type: application/json`.",
            ));
        }
        parse(&bytes).map(Self)
    }
}

/// The whole body, or 413, or 408. A length that is announced is refused before anything is read.
pub async fn read_limited(request: Request) -> Result<Bytes, Problem> {
    read_within(request, SLOWEST_BODY).await
}

async fn read_within(request: Request, longest: Duration) -> Result<Bytes, Problem> {
    tokio::time::timeout(longest, read_whole(request))
        .await
        .unwrap_or_else(|_| Err(too_slow()))
}

/// Takes in a body that will be refused, up to a limit, and keeps nothing of it.
pub(super) async fn drain(body: Body) -> Result<(), Problem> {
    let mut chunks = body.into_data_stream();
    let mut taken = 0;
    let all = async {
        while taken < MOST_DRAINED_BYTES
            && let Some(Ok(chunk)) = chunks.next().await
        {
            taken += chunk.len();
        }
    };
    tokio::time::timeout(SLOWEST_BODY, all)
        .await
        .map_err(|_| too_slow())
}

async fn read_whole(request: Request) -> Result<Bytes, Problem> {
    let announced = announced_bytes(request.headers());
    if announced.is_some_and(|length| length > LARGEST_BODY_BYTES as u64) {
        return Err(too_large());
    }
    to_bytes(request.into_body(), LARGEST_BODY_BYTES)
        .await
        .map_err(|error| {
            let over = std::error::Error::source(&error)
                .is_some_and(|cause| cause.to_string().contains("length limit"));
            if over {
                too_large()
            } else {
                Problem::new(
                    ProblemKind::InvalidInput,
                    "The body ended before it was whole; send it again.",
                )
            }
        })
}

/// How long the body is, where that is said beforehand.
pub(super) fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_slow() -> Problem {
    Problem::new(
        ProblemKind::TooSlow,
        "The body took too long to arrive; send it again.",
    )
}

fn too_large() -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "The body is over 1 MB; send less at once.",
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(media_type) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
    else {
        return false;
    };
    let media_type = media_type.trim().to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A struct would also be read from an array, field after field, which nobody means.
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins != Some(&b'{') {
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes)
            .map_err(|error| malformed(&error))?;
        return Err(Problem::invalid_field("body", "must be a JSON object"));
    }
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            at_fault(&path, &error.to_string())
        } else {
            malformed(&error)
        }
    })?;
    source.end().map_err(|error| malformed(&error))?;
    Ok(body)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(
        ProblemKind::MalformedJson,
        format!(
            "The body is not valid JSON: look at line {}, column {}.",
            error.line(),
            error.column()
        ),
    )
}

/// The field and what its reader said.
fn at_fault(path: &str, message: &str) -> Problem {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let field = if path == "." { "body" } else { path };
    Problem::invalid_field(field, in_plain_words(message))
}

/// What completes "`field` …". Our own readers say "must be …"; serde speaks of types and lists what it knows.
fn in_plain_words(message: &str) -> String {
    if message.starts_with("must ") {
        return message.to_owned();
    }
    if message.starts_with("unknown field ") {
        return "is an unknown field; check how it is spelled, or leave it out".to_owned();
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("lacks the field {name}");
    }
    if message.starts_with("duplicate field ") {
        return "stands there twice; send it once".to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if expected.starts_with("struct ") => {
            "must be an object with fields".to_owned()
        }
        Some((_, expected)) => format!("must be {expected}"),
        None => format!("cannot be read: {message}"),
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|error| {
                let error = error.to_string();
                let name = error.split('`').nth(1).unwrap_or("query");
                Problem::invalid_field(name, in_plain_words(&error))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sheet {
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Line {
        count: u32,
    }

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<Sheet, serde_json::Value> {
        let request = Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(body.into())
            .unwrap();
        match JsonBody::from_request(request, &()).await {
            Ok(JsonBody(sheet)) => Ok(sheet),
            Err(problem) => {
                let id = super::super::invocation::InvocationId::of(&HeaderMap::new());
                Err(serde_json::from_slice(&problem.body(&id)).unwrap())
            }
        }
    }

    #[tokio::test]
    async fn a_body_is_read_and_nothing_counts_as_empty() {
        let sheet = read(
            "application/json; charset=utf-8",
            r#"{"lines":[{"count":1}]}"#,
        )
        .await;
        assert_eq!(sheet.unwrap().lines[0].count, 1);
        assert_eq!(read("", "").await.unwrap(), Sheet { lines: vec![] });
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_with_its_path() {
        let table = [
            (
                r#"{"lines":[{"count":1},{"count":"two"}]}"#,
                "invalid-input",
                "lines[1].count",
            ),
            (r#"{"lines":[{}]}"#, "invalid-input", "lines[0]"),
            (r#"{"line":[]}"#, "invalid-input", "line"),
            ("[]", "invalid-input", "body"),
        ];
        for (body, code, field) in table {
            let problem = read("application/json", body).await.unwrap_err();
            assert_eq!(problem["code"], code, "{body}");
            assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        }
    }

    #[tokio::test]
    async fn broken_json_names_the_place() {
        for (body, place) in [
            ("{\"lines\": [", "line 1, column 11"),
            ("{\n oops}", "line 2, column 2"),
            ("{} {}", "line 1, column 4"),
            ("\u{feff}{}", "line 1, column 1"),
        ] {
            let problem = read("application/json", body).await.unwrap_err();
            assert_eq!(problem["code"], "malformed-json", "{body}");
            assert!(
                problem["detail"].as_str().unwrap().contains(place),
                "{body}: {problem}"
            );
        }
        let deep = "[".repeat(100_000);
        assert_eq!(
            read("application/json", deep).await.unwrap_err()["status"],
            400
        );
    }

    #[tokio::test]
    async fn what_is_not_json_or_too_large_is_refused() {
        assert_eq!(read("text/plain", "{}").await.unwrap_err()["status"], 415);
        assert_eq!(
            read("application/jsonp", "{}").await.unwrap_err()["status"],
            415
        );
        let blanks = |n: usize| " ".repeat(n - 2) + "{}";
        assert!(
            read("application/json", blanks(LARGEST_BODY_BYTES))
                .await
                .is_ok()
        );
        let over = read("application/json", blanks(LARGEST_BODY_BYTES + 1)).await;
        assert_eq!(over.unwrap_err()["status"], 413);
        let chunks = futures::stream::iter(
            (0..3).map(|_| Ok::<_, std::io::Error>(vec![b' '; LARGEST_BODY_BYTES / 2])),
        );
        let chunked = read("application/json", Body::from_stream(chunks)).await;
        assert_eq!(chunked.unwrap_err()["status"], 413);
    }

    #[tokio::test]
    async fn a_body_that_comes_drop_by_drop_is_given_up() {
        let drops = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::new(Body::from_stream(drops));
        let problem = read_within(request, Duration::from_millis(10)).await;
        assert_eq!(problem.unwrap_err().kind(), ProblemKind::TooSlow);
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_unread() {
        let request = Request::builder()
            .header(header::CONTENT_LENGTH, LARGEST_BODY_BYTES + 1)
            .body(Body::empty())
            .unwrap();
        let problem = read_limited(request).await.unwrap_err();
        assert_eq!(problem.kind(), ProblemKind::TooLarge);
    }
}

//! The edge of every request: its id, the body of its problem, the headers of its answer and its one log line.
//!
//! A log line names the route's pattern, never the address or the body: those can hold names. A panic is a
//! problem like any other, and takes nothing else down.

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use super::{
    body::{LARGEST_BODY_BYTES, announced_bytes, drain, read_limited},
    cors,
    guard::Guard,
    invocation::InvocationId,
    problem::{Problem, ProblemKind},
    reply::Failure,
};
use crate::settings::Settings;

/// A caller's request may take so long, waiting for a report included. What the host runs by itself is not cut off
/// here: it has its own limit.
const LONGEST_REQUEST: Duration = Duration::from_mins(2);
const RETRY_AFTER_SECONDS: u32 = 5;

/// Puts the edge around a router.
pub fn around<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    settings: &Arc<Settings>,
) -> Router<S> {
    let edge = Arc::new(Edge {
        guard: Guard::new(Arc::clone(settings)),
        settings: Arc::clone(settings),
        longest_request: LONGEST_REQUEST,
    });
    edge.around(router)
}

struct Edge {
    guard: Guard,
    settings: Arc<Settings>,
    longest_request: Duration,
}

impl Edge {
    fn around<S: Clone + Send + Sync + 'static>(self: Arc<Self>, router: Router<S>) -> Router<S> {
        let watch = move |request: Request, next: Next| {
            let edge = Arc::clone(&self);
            async move { edge.watch(request, next).await }
        };
        router
            .fallback(async || {
                Problem::not_found(
                    "There is nothing at this address; `/api/openapi.json` lists what there is.",
                )
            })
            .method_not_allowed_fallback(async || {
                Problem::of_status(StatusCode::METHOD_NOT_ALLOWED)
            })
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(watch))
    }

    async fn watch(&self, mut request: Request, next: Next) -> Response {
        let started = Instant::now();
        let id = InvocationId::of(request.headers());
        request.extensions_mut().insert(id.clone());
        let method = request.method().clone();
        let route = request
            .extensions()
            .get::<MatchedPath>()
            .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
        let span =
            tracing::info_span!("invocation", invocation.id = %id, caller = tracing::field::Empty);
        let line = Line {
            method,
            route,
            started,
        };
        async {
            let mut response = self.answer(request, next).await;
            explain(&mut response, &id);
            secure(response.headers_mut());
            line.log(&response);
            response
        }
        .instrument(span)
        .await
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        let allowed = &self.settings.edge.cors_origins;
        let Some(origin) = cors::allowed_origin(allowed, request.headers()) else {
            return self.let_in(request, next).await;
        };
        let is_question = cors::is_question(request.method(), request.headers());
        let mut response = if is_question {
            StatusCode::NO_CONTENT.into_response()
        } else {
            self.let_in(request, next).await
        };
        cors::allow(response.headers_mut(), origin, is_question);
        response
    }

    async fn let_in(&self, request: Request, next: Next) -> Response {
        let request = match self.guard.admit(&request) {
            Ok(true) => match received(request).await {
                Ok(request) => request,
                Err(problem) => return problem.into_response(),
            },
            Ok(false) => drained(request).await,
            Err(problem) => {
                drained(request).await;
                return problem.into_response();
            }
        };
        if !request.uri().path().starts_with("/api/") {
            return next.run(request).await;
        }
        match tokio::time::timeout(self.longest_request, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::unavailable(RETRY_AFTER_SECONDS, "the request took too long")
                .into_response(),
        }
    }
}

/// The panic's own words stay out: they can hold data. Where it happened is logged by the program's panic hook.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Takes the body in before a handler decides about the request. A refusal that left it unread would close the
/// connection, and this request or the next that the host sends over it would end as a 502. Of a body that is too
/// large only its length goes on, by which it is refused.
async fn received(request: Request) -> Result<Request, Problem> {
    let Some(announced) = announced_bytes(request.headers()) else {
        return Ok(request);
    };
    let (parts, body) = request.into_parts();
    if announced > LARGEST_BODY_BYTES as u64 {
        drain(body).await?;
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    let bytes = read_limited(Request::new(body)).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// The same for who is sent away: what comes is dropped as it comes.
async fn drained(request: Request) -> Request {
    if announced_bytes(request.headers()).is_none() {
        return request;
    }
    let (parts, body) = request.into_parts();
    // Whether all of it came or not, he is refused for who he is.
    let came = drain(body).await;
    drop(came);
    Request::from_parts(parts, Body::empty())
}

/// Gives an error answer its body. What no handler explained is explained by its status; an answer in JSON is a
/// handler's own, such as that of health.
fn explain(response: &mut Response, id: &InvocationId) {
    let status = response.status();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes() == b"application/json");
    if status.as_u16() < 400 || is_json {
        return;
    }
    if response.extensions().get::<Problem>().is_none() {
        response.extensions_mut().insert(Problem::of_status(status));
    }
    let Some(problem) = response.extensions().get::<Problem>().cloned() else {
        return;
    };
    *response.status_mut() = problem.kind().status();
    *response.body_mut() = Body::from(problem.body(id));
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if matches!(
        problem.kind(),
        ProblemKind::NoCaller | ProblemKind::UnknownKey
    ) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
    }
}

/// Answers are for programs: nothing of them may be guessed at, framed, kept or sent on.
fn secure(headers: &mut HeaderMap) {
    const ALWAYS: [(HeaderName, &str); 7] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::VARY, "origin"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        ),
    ];
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

struct Line {
    method: Method,
    route: String,
    started: Instant,
}

impl Line {
    /// One line per request. The host's readiness probe comes every 25 ms and health is asked for all the time:
    /// both are quiet while all is well.
    fn log(&self, response: &Response) {
        let status = response.status().as_u16();
        let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, route) = (self.method.as_str(), self.route.as_str());
        let failure = response.extensions().get::<Failure>().map(Failure::reason);
        let problem = response.extensions().get::<Problem>();
        let code = problem.map(|problem| problem.kind().code());
        let cause = failure.or_else(|| problem.and_then(Problem::cause));
        if status >= 500 {
            tracing::error!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                code,
                cause,
                "failed"
            );
        } else if status >= 400 {
            tracing::warn!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                code,
                cause,
                "refused"
            );
        } else if matches!(route, "/" | "/api/health") {
            tracing::debug!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                "answered"
            );
        } else {
            tracing::info!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                "answered"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::to_bytes,
        routing::{get, post},
    };
    use futures::StreamExt as _;
    use tower::ServiceExt;

    fn edge(longest_request: Duration) -> Arc<Edge> {
        let settings = Arc::new(Settings::from_env(|_| None).unwrap());
        Arc::new(Edge {
            guard: Guard::new(Arc::clone(&settings)),
            settings,
            longest_request,
        })
    }

    fn router() -> Router {
        edge(LONGEST_REQUEST).around(
            Router::new()
                .route("/fine", get(async || "fine"))
                .route(
                    "/broken",
                    get(async || -> &'static str { panic!("sentinel") }),
                )
                .route(
                    "/plain",
                    get(async || (StatusCode::BAD_REQUEST, "sentinel")),
                )
                .route("/away", get(async || Problem::unavailable(7, "sentinel")))
                .route("/queue", post(async || Failure::new("sentinel"))),
        )
    }

    async fn call(method: &str, path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-azure-functions-invocationid", "id-1")
            .body(Body::empty())
            .unwrap();
        let response = router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 100_000).await.unwrap();
        (
            parts.status,
            parts.headers,
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn every_error_becomes_a_problem_without_internals() {
        let table = [
            ("GET", "/nowhere", 404, "not-found"),
            ("POST", "/fine", 405, "method-not-allowed"),
            ("GET", "/broken", 500, "internal"),
            ("GET", "/plain", 400, "invalid-input"),
            ("GET", "/away", 503, "unavailable"),
        ];
        for (method, path, status, code) in table {
            let (answered, headers, body) = call(method, path).await;
            assert_eq!(answered, status, "{path}");
            assert_eq!(
                headers[header::CONTENT_TYPE],
                "application/problem+json",
                "{path}"
            );
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["code"], code, "{path}");
            assert_eq!(body["requestId"], "id-1", "{path}");
            assert!(!body.to_string().contains("sentinel"), "{path}");
        }
    }

    /// A caller's request ends; what the host runs by itself has the host's limit.
    #[tokio::test]
    async fn a_request_that_takes_too_long_is_ended() {
        let edge = edge(Duration::from_millis(20));
        let wait = || get(async || tokio::time::sleep(Duration::from_millis(200)).await);
        let router = edge.around(
            Router::new()
                .route("/api/slow", wait())
                .route("/slow", wait()),
        );
        for (path, status) in [("/api/slow", 503), ("/slow", 200)] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(
                response.headers().contains_key(header::RETRY_AFTER),
                status == 503,
                "{path}"
            );
        }
    }

    /// Left unread it would close the connection under the next request of the host. What nobody who is known sends is
    /// taken in too, and reaches no handler.
    #[tokio::test]
    async fn a_body_is_taken_in_also_where_the_request_is_refused() {
        use std::sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        };
        let settings = Settings::from_env(|name| match name {
            "CALLER_REQUESTS_PER_SECOND" => Some("1".to_owned()),
            "CALLER_KEYS" => Some(caller_keys("office", "known").to_string()),
            _ => None,
        });
        let router = around(
            Router::new().route("/fine", get(async || "fine")).route(
                "/api/length",
                post(async |body: String| body.len().to_string()),
            ),
            &Arc::new(settings.unwrap()),
        );
        for (path, key, status, answer) in [
            ("/fine", "wrong", 405, None),
            ("/api/length", "wrong", 200, Some("0")),
            ("/api/length", "wrong", 429, None),
            ("/api/length", "known", 200, Some("12")),
        ] {
            let taken = Arc::new(AtomicBool::new(false));
            let at_the_end = Arc::clone(&taken);
            let chunks = futures::stream::iter(0..3).map(move |n| {
                at_the_end.store(n == 2, Ordering::Relaxed);
                Ok::<_, std::io::Error>("abcd")
            });
            let request = Request::builder()
                .method("POST")
                .uri(path)
                .header("x-api-key", key)
                .header(header::CONTENT_LENGTH, 12)
                .body(Body::from_stream(chunks))
                .unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{path} by {key}");
            assert!(taken.load(Ordering::Relaxed), "{path} by {key}");
            if let Some(answer) = answer {
                let body = to_bytes(response.into_body(), 100).await.unwrap();
                assert_eq!(body, answer, "{path} by {key}");
            }
        }
    }

    fn caller_keys(name: &str, key: &str) -> serde_json::Value {
        use sha2::{Digest, Sha256};
        let hash = hex::encode(Sha256::digest(key));
        serde_json::json!({ name: { "sha256": [hash], "roles": [] } })
    }

    #[tokio::test]
    async fn a_refused_method_learns_the_allowed_ones() {
        let (_, headers, _) = call("DELETE", "/fine").await;
        assert_eq!(headers[header::ALLOW], "GET,HEAD");
    }

    #[tokio::test]
    async fn a_failed_trigger_keeps_the_body_that_the_host_can_read() {
        let (status, _, body) = call("POST", "/queue").await;
        assert_eq!((status.as_u16(), body.as_str()), (500, "{}"));
    }

    #[tokio::test]
    async fn every_answer_carries_the_security_headers() {
        for path in ["/fine", "/nowhere", "/broken"] {
            let (_, headers, _) = call("GET", path).await;
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
            assert!(
                headers.contains_key(header::CONTENT_SECURITY_POLICY),
                "{path}"
            );
            assert!(!headers.contains_key(header::SERVER), "{path}");
        }
    }
}

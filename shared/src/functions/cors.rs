//! Pages of other origins: none may read an answer, unless the settings name its origin (`CORS_ORIGINS`).
//!
//! Cookies are never asked for: a page of another origin comes with a key or a token.

use http::{HeaderMap, HeaderValue, Method, header};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-match, x-api-key";
/// What a script may read besides the plain headers: those that the interface speaks of.
const READABLE: &str = "etag, location, retry-after";
/// How long a browser may remember the answer to its question: 10 minutes.
const REMEMBER_SECONDS: &str = "600";

/// The origin of the page that asks, where it is one of those that may.
pub(super) fn allowed_origin(allowed: &[String], headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let is_allowed = allowed.iter().any(|allowed| origin == allowed.as_str());
    is_allowed.then(|| origin.clone())
}

/// Whether a browser asks, before the request itself, if it may send it.
pub(super) fn is_question(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets the page of that origin read the answer; `to_question`: and says what it may send.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue, to_question: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let more: &[(header::HeaderName, &'static str)] = if to_question {
        &[
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBER_SECONDS),
        ]
    } else {
        &[(header::ACCESS_CONTROL_EXPOSE_HEADERS, READABLE)]
    };
    for (name, value) in more {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

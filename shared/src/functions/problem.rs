//! Every error that an HTTP caller sees (RFC 9457, `interface.md` §3).
//!
//! The domain's errors know no HTTP; they become a [`Problem`] at the edge, with a stable code, one sentence that
//! a foreman can act on, and for the log alone a cause. Codes are a contract; 5xx tell nothing but the request's
//! id. [`super::edge`] writes the body, because it knows that id, and the one log line.

use std::{borrow::Cow, fmt};

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;

use super::invocation::InvocationId;

/// What went wrong, as a caller's program tells it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    MalformedJson,
    InvalidInput,
    InvalidPeriod,
    NoCaller,
    UnknownKey,
    WebhookRefused,
    RoleMissing,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    TooSlow,
    Conflict,
    StaleVersion,
    TooLarge,
    UnsupportedMediaType,
    RefusedByRule,
    TooManyRequests,
    Internal,
    Unavailable,
}

impl ProblemKind {
    /// The HTTP status, the stable code and the title.
    const fn facts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::MalformedJson => (S::BAD_REQUEST, "malformed-json", "Malformed JSON"),
            Self::InvalidInput => (S::BAD_REQUEST, "invalid-input", "Invalid input"),
            Self::InvalidPeriod => (S::BAD_REQUEST, "invalid-period", "Invalid period"),
            Self::NoCaller => (S::UNAUTHORIZED, "no-caller", "No caller"),
            Self::UnknownKey => (S::UNAUTHORIZED, "unknown-key", "Unknown key"),
            Self::WebhookRefused => (S::UNAUTHORIZED, "webhook-refused", "Webhook refused"),
            Self::RoleMissing => (S::FORBIDDEN, "role-missing", "Role missing"),
            Self::CrossSite => (S::FORBIDDEN, "cross-site", "Cross-site request"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            ),
            Self::TooSlow => (S::REQUEST_TIMEOUT, "too-slow", "Too slow"),
            Self::Conflict => (S::CONFLICT, "conflict", "Conflict"),
            Self::StaleVersion => (S::PRECONDITION_FAILED, "stale-version", "Stale version"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Unsupported media type",
            ),
            Self::RefusedByRule => (
                S::UNPROCESSABLE_ENTITY,
                "refused-by-rule",
                "Refused by a rule",
            ),
            Self::TooManyRequests => (
                S::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
            ),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Unavailable"),
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.facts().0
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        self.facts().1
    }

    const fn title(self) -> &'static str {
        self.facts().2
    }
}

/// A field of the request that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The path of the field: `from`, `workers[2].roleId`; in the body, the query or the path.
    pub field: String,
    /// What it must be.
    pub message: String,
}

/// An error answer.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
    /// For the log alone: nothing personal, no secret.
    cause: Option<String>,
}

impl Problem {
    /// A problem of that kind with the sentence that says what to change.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            cause: None,
        }
    }

    /// 400: the request's fields are not what they must be. The sentence is that of the first field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(
            || "The request is not what it must be.".to_owned(),
            |first| format!("`{}` {}.", first.field, first.message),
        );
        Self {
            errors,
            ..Self::new(ProblemKind::InvalidInput, detail)
        }
    }

    /// 400: one field is not what it must be; the message completes "`field` …".
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }

    /// What a rule says of one field: its error becomes the sentence.
    pub fn about(kind: ProblemKind, field: &str, error: &impl fmt::Display) -> Self {
        let message = error.to_string();
        let mut letters = message.chars();
        let first = letters
            .next()
            .map(|letter| letter.to_uppercase().to_string());
        let detail = format!("{}{}.", first.unwrap_or_default(), letters.as_str());
        Self::new(kind, detail).with_errors(vec![FieldError {
            field: field.to_owned(),
            message,
        }])
    }

    /// 422: well-formed, but a rule refuses these fields. The sentence is that of the first.
    pub fn refused(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(
            || "A rule refuses this request.".to_owned(),
            |first| format!("`{}` {}.", first.field, first.message),
        );
        Self::new(ProblemKind::RefusedByRule, detail).with_errors(errors)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemKind::NotFound, detail)
    }

    /// 500: a fault of ours. The cause goes into the log; the caller learns the request's id.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(
            ProblemKind::Internal,
            "Something went wrong on our side; try again, and if it stays so, give the administrator the request id.",
        )
        .caused_by(cause)
    }

    /// 503: something that we need is away; the caller may come again.
    pub fn unavailable(retry_after_seconds: u32, cause: impl fmt::Display) -> Self {
        let problem = Self::new(
            ProblemKind::Unavailable,
            "The service cannot reach its database or storage just now; try again in a moment.",
        );
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..problem.caused_by(cause)
        }
    }

    /// 429: the caller asks more often than he may; he may come again after so many seconds.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        let problem = Self::new(
            ProblemKind::TooManyRequests,
            "Too many requests at once; wait a moment and go on more slowly.",
        );
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..problem
        }
    }

    /// The same with fields that are at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same with a cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The cause, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The problem that stands for an answer which nobody explained: what a library refused by itself.
    pub(super) fn of_status(status: StatusCode) -> Self {
        use ProblemKind as K;
        match status {
            StatusCode::NOT_FOUND => Self::not_found("There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                K::MethodNotAllowed,
                "This address does not take that method; the `Allow` header names those it takes.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(K::TooLarge, "The request is too large."),
            status if status.is_client_error() => {
                Self::new(K::InvalidInput, "The request cannot be read.")
            }
            status => Self::internal(format!("an unexplained answer {status}")),
        }
    }

    /// The body that the caller gets.
    pub(super) fn body(&self, request: &InvocationId) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            code: &'a str,
            detail: &'a str,
            request_id: &'a str,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'a [FieldError],
        }
        let code = self.kind.code();
        serde_json::to_vec(&Body {
            r#type: format!("urn:clocking:problem:{code}"),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            code,
            detail: &self.detail,
            request_id: request.as_str(),
            errors: &self.errors,
        })
        .unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    /// The status and the problem itself; [`super::edge`] adds the body.
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_a_program_and_a_person_need() {
        let problem = Problem::invalid_field("from", "must be a date");
        let request = InvocationId::of(&http::HeaderMap::new());
        let body: serde_json::Value = serde_json::from_slice(&problem.body(&request)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:clocking:problem:invalid-input",
                "title": "Invalid input",
                "status": 400,
                "code": "invalid-input",
                "detail": "`from` must be a date.",
                "requestId": request.as_str(),
                "errors": [{"field": "from", "message": "must be a date"}],
            })
        );
    }

    #[test]
    fn a_fault_of_ours_tells_no_internals() {
        let problem = Problem::internal("disk sentinel");
        let body = problem.body(&InvocationId::of(&http::HeaderMap::new()));
        assert!(!String::from_utf8(body).unwrap().contains("sentinel"));
        assert_eq!(problem.cause(), Some("disk sentinel"));
        let away = Problem::unavailable(5, "login failed for sentinel").into_response();
        assert_eq!(away.headers()["retry-after"], "5");
    }
}

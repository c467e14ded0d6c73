//! What the host accepts as an answer to its envelope.
//!
//! An empty or `null` 2xx makes the invocation hang until its time-out, which kills the process and all else in
//! flight; so success is always 200 with the JSON object `{}`, and failure always a status that is not 2xx.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header::CONTENT_TYPE};

/// The work is done, or durably queued again: the message may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done;

/// The work failed: the host tries the message again, and after five tries files it as poison.
/// The reason goes into the log, once, and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    reason: String,
}

/// What a queue or timer function answers.
pub type Outcome = Result<Done, Failure>;

impl Failure {
    /// A failure for that reason, which must hold nothing personal or secret.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
        }
    }

    /// The reason, for the log.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.reason)
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        json(StatusCode::OK)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = json(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

fn json(status: StatusCode) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], "{}").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    /// `custom-handler.md` §4.1: status 200, `application/json`, body `{}` is the least that is valid; §4.2: what
    /// is not 2xx is a failure.
    #[tokio::test]
    async fn the_host_takes_both_answers() {
        for (response, status) in [
            (Done.into_response(), 200),
            (Failure::new("database away").into_response(), 500),
        ] {
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
            let body = to_bytes(response.into_body(), 100).await.unwrap();
            assert_eq!(&body[..], b"{}");
        }
    }
}

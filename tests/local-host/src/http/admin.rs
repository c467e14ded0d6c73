//! The platform's own endpoints, under the master key.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::has_key;
use crate::{
    handler::State as HandlerState,
    host::{Core, RunError},
    invoke::HOST_VERSION,
};

#[derive(Deserialize)]
struct RunRequest {
    input: Option<String>,
}

pub(super) async fn ping() -> StatusCode {
    StatusCode::OK
}

pub(super) async fn status(State(core): State<Arc<Core>>, request: Request) -> Response {
    if !has_key(&core, request.headers(), request.uri().query()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let state = match core.caller.handler().state() {
        HandlerState::Starting => "Initialized",
        HandlerState::Ready(_) | HandlerState::Ended(_) => "Running",
        HandlerState::Stopped => "Error",
    };
    let errors: Vec<_> = core
        .caller
        .findings()
        .faults()
        .iter()
        .map(ToString::to_string)
        .collect();
    Json(json!({"state": state, "version": HOST_VERSION, "errors": errors})).into_response()
}

pub(super) async fn list_functions(State(core): State<Arc<Core>>, request: Request) -> Response {
    if !has_key(&core, request.headers(), request.uri().query()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let names: Vec<Value> = core
        .app
        .functions
        .keys()
        .map(|name| json!({"name": name}))
        .collect();
    Json(names).into_response()
}

/// Starts a queue or timer function by hand, and does not wait for it.
pub(super) async fn run_function(
    State(core): State<Arc<Core>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    if !has_key(&core, request.headers(), request.uri().query()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), core.body_limit_bytes).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let asked: RunRequest = match serde_json::from_slice(&bytes) {
        Ok(asked) => asked,
        Err(_) if bytes.is_empty() => RunRequest { input: None },
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    match core.run_by_hand(&name, asked.input.unwrap_or_default()) {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(RunError::Unknown) => StatusCode::NOT_FOUND.into_response(),
        Err(RunError::Http) => (
            StatusCode::BAD_REQUEST,
            "an HTTP function is called by its route",
        )
            .into_response(),
    }
}

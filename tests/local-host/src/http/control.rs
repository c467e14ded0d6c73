//! What no real host has: faults on demand, for tests and for curious people. Under the development key, so
//! that no web page can reach it through a browser.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, request::Parts};
use serde_json::json;

use super::is_key;
use crate::{faults::Plan, handler::State as HandlerState, host::Core};

/// Proof that the caller holds the development key.
pub(super) struct Developer;

impl FromRequestParts<Arc<Core>> for Developer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, core: &Arc<Core>) -> Result<Self, StatusCode> {
        let as_caller = parts.headers.get("x-api-key");
        if as_caller.is_some_and(|key| is_key(core, key.as_bytes())) {
            Ok(Self)
        } else {
            Err(StatusCode::UNAUTHORIZED)
        }
    }
}

/// What is going on.
pub(super) async fn show(_: Developer, State(core): State<Arc<Core>>) -> Response {
    let handler = match core.caller.handler().state() {
        HandlerState::Starting => json!({"state": "starting"}),
        HandlerState::Ready(life) => {
            json!({"state": "ready", "pid": life.pid, "port": life.port, "life": life.number})
        }
        HandlerState::Ended(life) => json!({"state": "ended", "life": life.number}),
        HandlerState::Stopped => json!({"state": "stopped"}),
    };
    let findings: Vec<_> = core
        .caller
        .findings()
        .all()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut queues = serde_json::Map::new();
    for queue in core.trigger_queues() {
        if let Ok(counts) = core.counts(&queue).await {
            let counts =
                json!({"ready": counts.ready, "leased": counts.leased, "delayed": counts.delayed});
            queues.insert(queue, counts);
        }
    }
    Json(json!({
        "handler": handler,
        "now": core.clock.now().to_string(),
        "findings": findings,
        "queues": queues,
        "invocations": core.activity.counts(),
        "running": core.activity.running(),
        "faults": core.faults.plan(),
    }))
    .into_response()
}

pub(super) async fn add_faults(
    _: Developer,
    State(core): State<Arc<Core>>,
    Json(plan): Json<Plan>,
) -> StatusCode {
    core.add_faults(plan).await;
    StatusCode::NO_CONTENT
}

pub(super) async fn kill(_: Developer, State(core): State<Arc<Core>>) -> StatusCode {
    core.caller.handler().kill().await;
    StatusCode::NO_CONTENT
}

/// Makes delayed messages visible now.
pub(super) async fn hasten(
    _: Developer,
    State(core): State<Arc<Core>>,
    Path(queue): Path<String>,
) -> Response {
    match core.hasten(&queue).await {
        Ok(hastened) => Json(json!({"hastened": hastened})).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

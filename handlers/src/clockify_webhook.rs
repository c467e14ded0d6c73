//! `POST /clockify/webhooks`: one address for all of Clockify's webhooks.
//!
//! The webhook is stored durably and answered; all work comes after. The database is not touched: it may be
//! asleep, Clockify does not wait, and every answer that is not 2xx is repeated until Clockify switches the webhook
//! off. So whatever comes with the right secret is kept, also a body that makes no sense.

use axum::{
    Json,
    extract::{Request, State},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    azure::{blobs::WEBHOOKS, queues::CLOCKIFY_EVENTS},
    clockify::{events::Event, webhook},
    functions::{
        body::read_limited,
        context::Context,
        problem::{Problem, ProblemKind},
    },
    sync::envelope::Envelope,
};
use std::time::Duration;
use uuid::Uuid;

use crate::routes::{HttpFunction, Rule};

/// A larger body, as base64, would not leave room in a queue message: it goes into a blob.
const LARGEST_ENCODED_BYTES: usize = 40 * 1024;
const EVENT_HEADER: &str = "clockify-webhook-event-type";
const SIGNATURE_HEADER: &str = "clockify-signature";
/// Clockify's names of events are shorter by far.
const LONGEST_EVENT_NAME: usize = 100;

pub(crate) fn function() -> HttpFunction {
    HttpFunction::new("clockify-webhook").post(
        "/clockify/webhooks",
        Rule::Varies("Clockify, by the webhook's secret"),
        take_webhook,
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    event_id: String,
    /// The event changes nothing here; it is counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ignored: bool,
}

async fn take_webhook(
    State(context): State<Context>,
    request: Request,
) -> Result<(StatusCode, Json<Taken>), Problem> {
    let headers = request.headers().clone();
    let body = read_limited(request).await?;
    let event_type = header(&headers, EVENT_HEADER)
        .filter(|name| name.len() <= LONGEST_EVENT_NAME)
        .unwrap_or_default();
    let signature = header(&headers, SIGNATURE_HEADER).unwrap_or_default();
    if !webhook::verify(&context.settings().webhook_secrets, event_type, signature) {
        return Err(Problem::new(
            ProblemKind::WebhookRefused,
            "The secret in `Clockify-Signature` is not one of this webhook's.",
        ));
    }
    let event_id = Uuid::now_v7().to_string();
    keep(&context, &event_id, event_type, body).await?;
    tracing::info!(event.id = event_id, event.type = event_type, "a webhook was taken");
    let ignored = !Event::named(event_type).is_some_and(Event::is_used);
    Ok((StatusCode::ACCEPTED, Json(Taken { event_id, ignored })))
}

/// Durable when it returns: in the queue, a large body in a blob first.
async fn keep(
    context: &Context,
    event_id: &str,
    event_type: &str,
    body: Bytes,
) -> Result<(), Problem> {
    let received_at = Timestamp::now();
    let encoded_bytes = body.len().div_ceil(3) * 4;
    let envelope = if encoded_bytes > LARGEST_ENCODED_BYTES {
        let blob = format!("{WEBHOOKS}/{event_id}.json");
        context.blobs().put(&blob, body, "application/json").await?;
        Envelope::with_blob(event_id.to_owned(), event_type, received_at, blob)
    } else {
        Envelope::with_body(event_id.to_owned(), event_type, received_at, &body)
    };
    let text = envelope.to_text();
    context
        .queues()
        .send(CLOCKIFY_EVENTS, &text, Duration::ZERO)
        .await?;
    Ok(())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

//! Webhooks themselves, and the log of what was posted.

use serde_json::{Value, json};

use crate::{
    calendar::instant_text,
    company::{people::user_id, work::workspace_id},
    id::{Id, Kind},
    world::{Attempt, Webhook},
};

pub(crate) fn row(webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "webhookEvent": webhook.event,
        "triggerSourceType": "WORKSPACE_ID",
        "triggerSource": [workspace_id()],
        "userId": user_id(0),
        "workspaceId": workspace_id(),
        "authToken": webhook.token,
        "enabled": true,
        "deliveryEnabled": webhook.delivers,
        "planEnabled": true,
    })
}

/// One attempt; `respondedAt` is written with `+00:00`.
pub(crate) fn log(attempt: &Attempt) -> Value {
    let number = attempt.parcel.number;
    let place = number << 8 | u64::from(attempt.parcel.attempt);
    json!({
        "id": Id::new(Kind::WebhookLog, attempt.at, place),
        "webhookId": attempt.webhook,
        "webhookEventStatusId": Id::new(Kind::WebhookStatus, attempt.at, number),
        "statusCode": attempt.status.unwrap_or(0),
        "requestBody": String::from_utf8_lossy(&attempt.parcel.body),
        "responseBody": attempt.answer,
        "respondedAt": instant_text(attempt.at).replace('Z', ".000+00:00"),
    })
}

//! The webhooks that Clockify keeps, and their log.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::page::row;
use crate::settings::Secret;

/// The envelope of the webhooks list.
#[derive(Debug, Deserialize)]
pub struct WebhookList {
    #[serde(default)]
    pub webhooks: Vec<Box<RawValue>>,
}

/// One webhook: one event, one address, one secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    pub id: String,
    pub name: Option<String>,
    pub url: Option<String>,
    pub webhook_event: Option<String>,
    /// Who made it: the quota counts by user.
    pub user_id: Option<String>,
    /// Clockify sends it as `Clockify-Signature`.
    pub auth_token: Option<Secret>,
    pub enabled: Option<bool>,
    /// False where the plan no longer covers it.
    pub plan_enabled: Option<bool>,
    /// False once Clockify gave up after too many failures.
    pub delivery_enabled: Option<bool>,
}
row!(Webhook, "webhook");

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookDelivery {
    pub id: String,
    /// What the receiver answered.
    pub status_code: Option<u16>,
    pub responded_at: Option<String>,
}
row!(WebhookDelivery, "webhook delivery");

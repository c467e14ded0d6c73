//! The webhooks that Clockify keeps for the workspace (`clockify.md` §9.1).

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{json, value::RawValue};
use url::Url;

use super::{Answer, Call, Client, ClockifyError, Kind, Page, checked};
use crate::clockify::wire::{Webhook, WebhookDelivery, WebhookList};

/// Deliveries on a page of the log.
const LOG_PAGE_SIZE: usize = 50;

/// A webhook to be made: one event each, for the whole workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// 2 to 30 characters.
    pub name: String,
    pub url: Url,
    pub event: &'static str,
}

impl Client {
    /// All webhooks of the workspace, their secrets included.
    pub async fn list_webhooks(&self) -> Result<Page<Webhook>, ClockifyError> {
        let url = self.in_workspace(&["webhooks"]).await?;
        let answer: Answer<WebhookList> = self.get("list webhooks", Kind::List, url).await?;
        Ok(Page::new(&answer.body.webhooks, usize::MAX, Some(true)))
    }

    /// Makes a webhook; the answer holds its secret. Never repeated by itself: after
    /// [`ClockifyError::Unclear`] the list says whether it was made.
    pub async fn create_webhook(&self, webhook: &NewWebhook) -> Result<Webhook, ClockifyError> {
        let url = self.in_workspace(&["webhooks"]).await?;
        let workspace_id = self.workspace_id().await?;
        let answer = self
            .ask(Call {
                operation: "create a webhook",
                kind: Kind::Change,
                method: Method::POST,
                url,
                body: Some(json!({
                    "name": webhook.name,
                    "url": webhook.url.as_str(),
                    "webhookEvent": webhook.event,
                    "triggerSourceType": "WORKSPACE_ID",
                    "triggerSource": [workspace_id],
                })),
            })
            .await?;
        Ok(answer.body)
    }

    /// Gives a webhook a new secret; the old one is void at once.
    pub async fn renew_webhook_secret(&self, id: &str) -> Result<Webhook, ClockifyError> {
        const OPERATION: &str = "renew a webhook's secret";
        let id = checked(OPERATION, id)?;
        let url = self.in_workspace(&["webhooks", id, "token"]).await?;
        let answer = self
            .ask(Call {
                operation: OPERATION,
                kind: Kind::Change,
                method: Method::PATCH,
                url,
                body: None,
            })
            .await?;
        Ok(answer.body)
    }

    /// The newest deliveries of a webhook that failed, at most 50; Clockify keeps them for 7 days.
    pub async fn list_failed_deliveries(
        &self,
        id: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Page<WebhookDelivery>, ClockifyError> {
        const OPERATION: &str = "list failed deliveries of a webhook";
        let id = checked(OPERATION, id)?;
        let mut url = self.in_workspace(&["webhooks", id, "logs"]).await?;
        url.query_pairs_mut()
            .append_pair("page", "0")
            .append_pair("size", &LOG_PAGE_SIZE.to_string());
        let body = json!({
            "from": from.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "to": to.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "status": "FAILED",
            "sortByNewest": true,
        });
        let answer: Answer<Vec<Box<RawValue>>> = self.search(OPERATION, url, body).await?;
        Ok(Page::new(&answer.body, LOG_PAGE_SIZE, answer.last_page))
    }
}

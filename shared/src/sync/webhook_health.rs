//! Whether Clockify's webhooks do their work (`domain.md` §8, *watchdog*): one that is missing, switched off or given up
//! after too many failed deliveries is flagged under its event's name, until it is in order again.

use std::collections::BTreeSet;

use super::SyncError;
use crate::{
    clockify::{
        client::Client,
        events::EVENTS,
        webhook_setup::{self, Setup},
    },
    domain::flags::FlagKind,
    settings::WebhookSecrets,
    store::{Store, flag},
};

/// What flags call a webhook.
const KIND: &str = "webhook";

/// Asks Clockify for its webhooks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WebhookHealth {
    pub client: Client,
    pub setup: Setup,
    pub secrets: WebhookSecrets,
}

impl WebhookHealth {
    /// Flags the webhooks that are at fault and clears the flags of the others; says how many are at fault. None:
    /// Clockify cannot be asked now, so that the flags stay as they are. It costs one request.
    pub(super) async fn check(&self, store: &Store) -> Result<Option<usize>, SyncError> {
        let asked = webhook_setup::faults(&self.client, &self.setup, &self.secrets).await;
        let faults = match asked {
            Ok(faults) => faults,
            Err(error) => {
                tracing::warn!(error = %error, "the webhooks could not be looked at");
                return Ok(None);
            }
        };
        for fault in &faults {
            tracing::error!(
                webhook.event = fault.event,
                fault = %fault.kind,
                "a webhook does not do its work"
            );
        }
        let at_fault: BTreeSet<&str> = faults.iter().map(|fault| &*fault.event).collect();
        let flags: Vec<_> = at_fault
            .iter()
            .map(|event| (*event, FlagKind::WebhookUnhealthy))
            .collect();
        let all = EVENTS.iter().map(|event| event.name);
        let all: Vec<&str> = all.chain(at_fault.iter().copied()).collect();
        store
            .write(async |mut tx| {
                flag::replace(&mut tx, KIND, &[FlagKind::WebhookUnhealthy], &all, &flags).await
            })
            .await?;
        Ok(Some(faults.len()))
    }
}

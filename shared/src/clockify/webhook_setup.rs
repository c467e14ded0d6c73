//! The webhooks that this system needs, against those that Clockify keeps (`clockify.md` §9.1).
//!
//! One webhook carries one event, and Clockify allows 10 for each user on most plans: the most important
//! come first, and the nightly sync covers what is left out. [`survey`] only reads; [`apply`] makes what
//! is missing and can be repeated at any time, because Clockify's own list holds the secrets.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    Client, ClockifyError,
    client::{NewWebhook, Refusal},
    events::{EVENTS, Event},
    webhook, wire,
};
use crate::settings::{Secret, WebhookSecrets};

/// What one user may own on most plans.
pub const USUAL_QUOTA: usize = 10;

/// What must arrive at once: hours that are submitted, approved or changed after that, and leave.
/// Everything else can wait for the night.
const FIRST: [&str; USUAL_QUOTA] = [
    "APPROVAL_REQUEST_STATUS_UPDATED",
    "NEW_APPROVAL_REQUEST",
    "TIME_ENTRY_UPDATED",
    "TIME_ENTRY_DELETED",
    "NEW_TIME_ENTRY",
    "TIMER_STOPPED",
    "TIME_ENTRY_RESTORED",
    "TIME_ENTRY_SPLIT",
    "TIME_OFF_REQUEST_APPROVED",
    "TIME_OFF_REQUEST_WITHDRAWN",
];

/// Clockify keeps its log of deliveries for so long.
const LOG_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the webhooks should be.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where Clockify shall post: `PUBLIC_BASE_URL/api/clockify/webhooks`.
    pub address: Url,
    /// How many webhooks the key's user may own.
    pub quota: usize,
}

/// Which webhooks there are, which are to be made, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Events that arrive as they should.
    pub in_order: Vec<&'static str>,
    /// The calls that would be made, the most important first.
    pub to_make: Vec<NewWebhook>,
    /// Used events for which the quota has no room; the nightly sync covers them.
    pub left_to_the_sync: Vec<&'static str>,
    pub faults: Vec<WebhookFault>,
}

/// A webhook that does not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookFault {
    pub event: String,
    pub kind: FaultKind,
    /// Deliveries that failed within the last 7 days, the newest 50 at most.
    pub failed_deliveries: usize,
}

/// What is wrong with a webhook, and what puts it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An event that must arrive at once has none.
    Missing,
    /// Somebody switched it off.
    Disabled,
    /// The plan covers fewer webhooks than there are.
    NotInPlan,
    /// Clockify gave up after too many deliveries failed.
    GivenUp,
    /// Its secret is not in `CLOCKIFY_WEBHOOK_SECRETS`: what it sends is refused.
    UnknownSecret,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is none: run `handlers webhooks apply --secrets-to FILE`",
            Self::Disabled => "it is switched off: switch it on in Clockify's settings",
            Self::NotInPlan => "the plan does not cover it: delete others or change the plan",
            Self::GivenUp => {
                "Clockify gave up after too many failed deliveries: switch it on again in \
                 Clockify's settings, then start a sync"
            }
            Self::UnknownSecret => {
                "its secret is not in CLOCKIFY_WEBHOOK_SECRETS, so what it sends is refused: run \
                 `handlers webhooks apply --secrets-to FILE` and put the file's content into the setting"
            }
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.in_order {
            writeln!(f, "in order   {event}")?;
        }
        for webhook in &self.to_make {
            writeln!(
                f,
                "to make    {}: POST /workspaces/{{workspace}}/webhooks (name {}, url {})",
                webhook.event, webhook.name, webhook.url
            )?;
        }
        for fault in &self.faults {
            write!(f, "at fault   {}: {}", fault.event, fault.kind)?;
            match fault.failed_deliveries {
                0 => writeln!(f)?,
                failed => writeln!(f, " ({failed} failed deliveries within 7 days)")?,
            }
        }
        for event in &self.left_to_the_sync {
            writeln!(
                f,
                "left out   {event}: no room in the quota; the nightly sync covers it"
            )?;
        }
        Ok(())
    }
}

/// What [`apply`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub made: Vec<&'static str>,
    /// Set where the plan of the workspace allowed no more.
    pub plan_limit_reached: bool,
    /// The value for `CLOCKIFY_WEBHOOK_SECRETS`: the secrets of all our webhooks, as Clockify has them.
    pub secrets: Secret,
}

/// Compares Clockify's webhooks with what is needed. Changes nothing.
pub async fn survey(
    client: &Client,
    setup: &Setup,
    secrets: &WebhookSecrets,
    now: Timestamp,
) -> Result<Plan, ClockifyError> {
    let webhooks = client.list_webhooks().await?.rows;
    let owner = client.read_key_owner().await?.id;
    let mut plan = plan(setup, &webhooks, owner.as_str(), secrets);
    for fault in &mut plan.faults {
        let of_event = |webhook: &&wire::Webhook| {
            is_ours(webhook, setup) && webhook.webhook_event.as_deref() == Some(&fault.event)
        };
        if let Some(webhook) = webhooks.iter().find(of_event) {
            let failed = client
                .list_failed_deliveries(&webhook.id, now - LOG_LIFE, now)
                .await?;
            fault.failed_deliveries = failed.rows.len();
        }
    }
    Ok(plan)
}

/// Makes the webhooks of a plan, and collects the secrets of all that are ours. Stops where the plan of
/// the workspace allows no more; any other failure ends it too, and it can be run again.
pub async fn apply(client: &Client, setup: &Setup, plan: &Plan) -> Result<Applied, ClockifyError> {
    let mut made = Vec::new();
    let mut answers = Vec::new();
    let mut plan_limit_reached = false;
    for webhook in &plan.to_make {
        match client.create_webhook(webhook).await {
            Ok(answer) => {
                made.push(webhook.event);
                answers.push(answer);
            }
            Err(ClockifyError::Permanent {
                refusal: Refusal::PlanLimit,
                ..
            }) => {
                plan_limit_reached = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let mut webhooks = client.list_webhooks().await?.rows;
    // The list may not show yet what was made a moment ago.
    answers.retain(|answer| webhooks.iter().all(|listed| listed.id != answer.id));
    webhooks.append(&mut answers);
    Ok(Applied {
        made,
        plan_limit_reached,
        secrets: secrets_of(setup, &webhooks),
    })
}

/// The faults alone, without asking for logs: for a check that runs often. It costs one request.
pub async fn faults(
    client: &Client,
    setup: &Setup,
    secrets: &WebhookSecrets,
) -> Result<Vec<WebhookFault>, ClockifyError> {
    let webhooks = client.list_webhooks().await?.rows;
    Ok(faults_of(setup, &webhooks, secrets))
}

fn plan(setup: &Setup, webhooks: &[wire::Webhook], owner: &str, secrets: &WebhookSecrets) -> Plan {
    let faults = faults_of(setup, webhooks, secrets);
    let owned = webhooks
        .iter()
        .filter(|webhook| webhook.user_id.as_deref() == Some(owner))
        .count();
    let mut room = setup.quota.saturating_sub(owned);
    let mut in_order = Vec::new();
    let mut to_make = Vec::new();
    let mut left_to_the_sync = Vec::new();
    for (place, event) in by_importance().enumerate() {
        if has_webhook(setup, webhooks, event.name) {
            if !faults.iter().any(|fault| fault.event == event.name) {
                in_order.push(event.name);
            }
        } else if room > 0 {
            room -= 1;
            to_make.push(NewWebhook {
                name: format!("clocking-{:02}", place + 1),
                url: setup.address.clone(),
                event: event.name,
            });
        } else {
            left_to_the_sync.push(event.name);
        }
    }
    Plan {
        in_order,
        to_make,
        left_to_the_sync,
        faults,
    }
}

fn faults_of(
    setup: &Setup,
    webhooks: &[wire::Webhook],
    secrets: &WebhookSecrets,
) -> Vec<WebhookFault> {
    let fault = |event: &str, kind| WebhookFault {
        event: event.to_owned(),
        kind,
        failed_deliveries: 0,
    };
    let missing = FIRST
        .iter()
        .filter(|event| !has_webhook(setup, webhooks, event))
        .map(|event| fault(event, FaultKind::Missing));
    let unhealthy = webhooks
        .iter()
        .filter(|webhook| is_ours(webhook, setup))
        .filter_map(|webhook| {
            let event = webhook.webhook_event.as_deref()?;
            Some(fault(event, fault_of(webhook, event, secrets)?))
        });
    missing.chain(unhealthy).collect()
}

fn fault_of(webhook: &wire::Webhook, event: &str, secrets: &WebhookSecrets) -> Option<FaultKind> {
    if webhook.enabled == Some(false) {
        return Some(FaultKind::Disabled);
    }
    if webhook.plan_enabled == Some(false) {
        return Some(FaultKind::NotInPlan);
    }
    if webhook.delivery_enabled == Some(false) {
        return Some(FaultKind::GivenUp);
    }
    let token = webhook.auth_token.as_ref()?;
    let is_known = webhook::verify(secrets, event, token.reveal());
    (!is_known).then_some(FaultKind::UnknownSecret)
}

/// JSON as `CLOCKIFY_WEBHOOK_SECRETS` takes it; two webhooks of one event are both valid.
fn secrets_of(setup: &Setup, webhooks: &[wire::Webhook]) -> Secret {
    let mut secrets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for webhook in webhooks.iter().filter(|webhook| is_ours(webhook, setup)) {
        if let (Some(event), Some(token)) = (&webhook.webhook_event, &webhook.auth_token) {
            secrets.entry(event).or_default().push(token.reveal());
        }
    }
    Secret::from(serde_json::json!(secrets).to_string())
}

/// All used events, the most important first.
fn by_importance() -> impl Iterator<Item = &'static Event> {
    let first = FIRST.iter().filter_map(|name| Event::named(name));
    let others = EVENTS
        .iter()
        .filter(|event| event.is_used() && !FIRST.contains(&event.name));
    first.chain(others)
}

fn has_webhook(setup: &Setup, webhooks: &[wire::Webhook], event: &str) -> bool {
    webhooks
        .iter()
        .any(|webhook| is_ours(webhook, setup) && webhook.webhook_event.as_deref() == Some(event))
}

/// Ours are those that post to our address, whatever they are called.
fn is_ours(webhook: &wire::Webhook, setup: &Setup) -> bool {
    webhook
        .url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
        .is_some_and(|url| url == setup.address)
}

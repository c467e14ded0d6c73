//! Webhooks: which events are posted where, with which token, and what became of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, Reply};
use crate::{
    wire::webhooks,
    world::{Refusal, Webhook, World},
};

fn webhook<'a>(world: &'a World, call: &Call) -> Result<&'a Webhook, ApiError> {
    let id = call.id("webhook", "Webhook")?;
    Ok(world.webhook(id).ok_or(Refusal::Gone("Webhook"))?)
}

/// Not paginated.
pub(super) fn list(world: &mut World, _call: &Call) -> Answer {
    let rows: Vec<Value> = world.webhooks().iter().map(webhooks::row).collect();
    Ok(Reply::ok(
        json!({"workspaceWebhookCount": rows.len(), "webhooks": rows}),
    ))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    Ok(Reply::ok(webhooks::row(webhook(world, call)?)))
}

struct Asked {
    name: String,
    url: String,
    event: String,
}

fn asked(call: &Call) -> Result<Asked, ApiError> {
    let body = call.json()?;
    let text = |key: &str| {
        body[key]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| ApiError::unreadable(format!("{key} must not be null")))
    };
    let name = text("name")?;
    if !(2..=30).contains(&name.chars().count()) {
        return Err(ApiError::unreadable("name must have 2 to 30 characters"));
    }
    Ok(Asked {
        name,
        url: text("url")?,
        event: text("webhookEvent")?,
    })
}

pub(super) fn create(world: &mut World, call: &Call) -> Answer {
    let asked = asked(call)?;
    if !crate::events::is_known(&asked.event) {
        return Err(ApiError::unreadable(format!(
            "{:?} is not a webhook event",
            asked.event
        )));
    }
    let most = usize::try_from(world.switches.webhook_limit).unwrap_or(usize::MAX);
    if world.webhooks().len() >= most {
        return Err(ApiError::new(400, 4033, "Webhook limit reached"));
    }
    let id = world.add_webhook(asked.name, asked.url, asked.event, None);
    let webhook = world.webhook(id).ok_or(Refusal::Gone("Webhook"))?;
    Ok(Reply::created(webhooks::row(webhook)))
}

pub(super) fn update(world: &mut World, call: &Call) -> Answer {
    let id = webhook(world, call)?.id;
    let asked = asked(call)?;
    world.edit_webhook(id, |webhook| {
        webhook.name = asked.name;
        webhook.url = asked.url;
        webhook.event = asked.event;
        // Saving a webhook that Clockify had stopped starts its delivery again.
        webhook.delivers = true;
        webhook.failed_in_a_row = 0;
    })?;
    Ok(Reply::ok(webhooks::row(webhook(world, call)?)))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let id = webhook(world, call)?.id;
    world.remove_webhook(id);
    Ok(Reply::no_content())
}

/// The old token is invalid at once.
pub(super) fn rotate_token(world: &mut World, call: &Call) -> Answer {
    let id = webhook(world, call)?.id;
    let token = world.new_token();
    world.edit_webhook(id, |webhook| webhook.token = token)?;
    Ok(Reply::ok(webhooks::row(webhook(world, call)?)))
}

/// Pages count from 0 here, and their size is `size`.
pub(super) fn search_logs(world: &mut World, call: &Call) -> Answer {
    let id = webhook(world, call)?.id;
    let body = call.json()?;
    let bound = |name: &str| -> Result<Option<i64>, ApiError> {
        body[name]
            .as_str()
            .map(|text| {
                text.parse()
                    .map(Timestamp::as_second)
                    .map_err(|_| ApiError::unreadable(format!("{name} is not an instant")))
            })
            .transpose()
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let wanted = body["status"].as_str().unwrap_or("ALL");
    let mut rows: Vec<_> = world
        .attempts()
        .iter()
        .filter(|attempt| attempt.webhook == id)
        .filter(|attempt| from.is_none_or(|from| attempt.at >= from))
        .filter(|attempt| to.is_none_or(|to| attempt.at <= to))
        .filter(|attempt| match wanted {
            "SUCCEEDED" => attempt.succeeded(),
            "FAILED" => !attempt.succeeded(),
            _ => true,
        })
        .collect();
    if body["sortByNewest"].as_bool() == Some(true) {
        rows.reverse();
    }
    let (rows, _) = call.page_from_zero(50)?.of(&rows);
    Ok(Reply::ok(
        rows.iter().map(|attempt| webhooks::log(attempt)).collect(),
    ))
}

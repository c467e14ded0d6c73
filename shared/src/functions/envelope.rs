//! What the Functions host posts for queue and timer triggers: one JSON envelope, with encodings of its own.
//!
//! The host writes a string value as a JSON string that itself holds JSON text, so a queue message comes encoded
//! twice; objects come as they are. Of a message that looks like an object, the top-level properties are merged
//! into the metadata and overwrite the queue's own, whatever their case: a count or an id that the message could
//! have written is therefore not believed.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{invocation::InvocationId, reply::Failure};
use crate::jobs::Delivered;

/// A queue message holds at most 64 KiB, and twofold escaping makes six characters of one at worst.
const LARGEST_ENVELOPE: usize = 4 * 1024 * 1024;

/// An envelope that is not as the host writes it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the envelope is not JSON with `Data` and `Metadata`: line {line}, column {column}")]
    Malformed { line: usize, column: usize },
    #[error("the envelope's `Data` holds {0} values, not the trigger's alone")]
    NotOneValue(usize),
    #[error("the timer's `Next` is no instant")]
    NoInstant,
}

/// One delivery of a queue message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueInvocation {
    /// The message as it stood in the queue.
    pub text: String,
    /// How often the queue has delivered it, this time included; None where the message itself overwrote it.
    pub dequeue_count: Option<u32>,
    /// The queue's id of the message; None where the message itself overwrote it.
    pub message_id: Option<String>,
}

/// One tick of a timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerInvocation {
    /// The occurrence that is being run; None where the host keeps no schedule.
    pub planned: Option<Timestamp>,
    /// The occurrence was missed and is made up for.
    pub is_past_due: bool,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Data")]
    data: std::collections::BTreeMap<String, Box<RawValue>>,
    #[serde(rename = "Metadata", default)]
    metadata: Map<String, Value>,
}

impl Envelope {
    fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        serde_json::from_slice(body).map_err(|error| EnvelopeError::Malformed {
            line: error.line(),
            column: error.column(),
        })
    }

    /// The trigger's value. Our functions have no other input binding, so its name does not matter.
    fn trigger(&self) -> Result<&RawValue, EnvelopeError> {
        let mut values = self.data.values();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            _ => Err(EnvelopeError::NotOneValue(self.data.len())),
        }
    }

    /// A metadata value with one layer of encoding taken off: `"1"` and `1` are `1`, `"\"a\""` and `"a"` are `a`.
    fn metadata(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .metadata
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        match value {
            Value::String(layer) => Some(without_layer(layer)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Takes off the layer that the host puts around strings. A string that is no encoded string was encoded once
/// only, as the host's documents (but not its source) say, and is the value itself.
fn without_layer(layer: &str) -> String {
    serde_json::from_str::<String>(layer).unwrap_or_else(|_| layer.to_owned())
}

impl QueueInvocation {
    /// Reads the host's envelope.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = Envelope::parse(body)?;
        let data = envelope.trigger()?;
        let text = match serde_json::from_str::<String>(data.get()) {
            Ok(layer) => without_layer(&layer),
            Err(_) => data.get().to_owned(),
        };
        let merged: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        let unless_overwritten = |name: &str| {
            let overwritten = merged.keys().any(|key| key.eq_ignore_ascii_case(name));
            (!overwritten).then(|| envelope.metadata(name)).flatten()
        };
        Ok(Self {
            dequeue_count: unless_overwritten("DequeueCount").and_then(|count| count.parse().ok()),
            message_id: unless_overwritten("Id"),
            text,
        })
    }
}

impl QueueInvocation {
    /// The message for those who handle messages; they tell deliveries of one message from those of others by its id.
    pub fn delivered(&self) -> Result<Delivered<'_>, Failure> {
        let message_id = self.message_id.as_deref();
        Ok(Delivered {
            message_id: message_id
                .ok_or_else(|| Failure::new("the envelope names no id of the message"))?,
            text: &self.text,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimerInfo {
    schedule_status: Option<ScheduleStatus>,
    #[serde(default)]
    is_past_due: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleStatus {
    next: Option<String>,
}

impl TimerInvocation {
    /// Reads the host's envelope.
    pub fn parse(body: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = Envelope::parse(body)?;
        let info: TimerInfo = serde_json::from_str(envelope.trigger()?.get()).map_err(|error| {
            EnvelopeError::Malformed {
                line: error.line(),
                column: error.column(),
            }
        })?;
        let planned = info
            .schedule_status
            .and_then(|status| status.next)
            .map(|next| host_instant(&next).ok_or(EnvelopeError::NoInstant))
            .transpose()?;
        Ok(Self {
            planned,
            is_past_due: info.is_past_due,
        })
    }

    /// What this tick is for, as the key under which its jobs are made: the planned time, so that a late or
    /// repeated tick makes nothing new. A planned time over 60 s ahead means a run by hand, which is keyed by its
    /// invocation (`design.md` §2, *Jobs*).
    pub fn occasion(&self, now: Timestamp, invocation: &InvocationId) -> String {
        match self.planned_by(now) {
            Some(planned) => format!("planned {}", whole_second(planned)),
            None => format!("by hand {invocation}"),
        }
    }

    /// The instant whose work is due: the planned one, also when the tick is late, and now for a run by hand, where
    /// the host names the next planned one.
    pub fn due_at(&self, now: Timestamp) -> Timestamp {
        self.planned_by(now).unwrap_or(now)
    }

    /// When it was planned, unless that lies ahead.
    fn planned_by(&self, now: Timestamp) -> Option<Timestamp> {
        const EARLY_SECONDS: i64 = 60;
        self.planned
            .filter(|planned| planned.as_second() - now.as_second() <= EARLY_SECONDS)
    }
}

fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

/// An instant with 0 to 7 decimals of a second, and an offset, `Z` or (meaning UTC) neither.
fn host_instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        local
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    })
}

impl<S: Sync> FromRequest<S> for QueueInvocation {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self::parse(&read(request).await?)?)
    }
}

impl<S: Sync> FromRequest<S> for TimerInvocation {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        Ok(Self::parse(&read(request).await?)?)
    }
}

/// The envelope comes in chunks and without a length, or with one.
async fn read(request: Request) -> Result<bytes::Bytes, Failure> {
    to_bytes(request.into_body(), LARGEST_ENVELOPE)
        .await
        .map_err(|error| Failure::new(format!("the envelope cannot be read: {error}")))
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        Self::new(error)
    }
}

#[cfg(test)]
mod tests;

//! What the queue `clockify-events` carries: a webhook as it came in, or where its body lies.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::jobs::resend::Tries;

/// A message of the queue `clockify-events`. Its fields must not bear the names of the host's own metadata, which they
/// would replace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Version of this form: 1.
    pub v: u32,
    /// Made when the webhook came in, and told to its sender.
    pub event_id: String,
    /// Clockify's name of the event, from the header.
    pub event_type: String,
    pub received_at: Timestamp,
    /// The body byte for byte, where it is small enough for a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// The blob that holds the body, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<String>,
    /// Set on the copy of a message that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
}

impl Envelope {
    /// A webhook with its body.
    pub fn with_body(
        event_id: String,
        event_type: &str,
        received_at: Timestamp,
        body: &[u8],
    ) -> Self {
        Self {
            body_base64: Some(STANDARD.encode(body)),
            ..Self::empty(event_id, event_type, received_at)
        }
    }

    /// A webhook whose body was put into a blob.
    pub fn with_blob(
        event_id: String,
        event_type: &str,
        received_at: Timestamp,
        blob: String,
    ) -> Self {
        Self {
            blob: Some(blob),
            ..Self::empty(event_id, event_type, received_at)
        }
    }

    fn empty(event_id: String, event_type: &str, received_at: Timestamp) -> Self {
        Self {
            v: 1,
            event_id,
            event_type: event_type.to_owned(),
            received_at,
            body_base64: None,
            blob: None,
            tries: None,
        }
    }

    /// As it is sent.
    pub fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// A message of the same queue that says: see whether a scan of the approvals lists is still wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanCheck {
    /// Version of this form: 1.
    pub v: u32,
    /// Always `approvals`.
    pub check: String,
    /// Set on the copy of a message that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
}

impl ScanCheck {
    pub(super) fn new() -> Self {
        Self {
            v: 1,
            check: "approvals".to_owned(),
            tries: None,
        }
    }
}

/// Either message of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventMessage {
    Webhook(Envelope),
    Check(ScanCheck),
}

impl EventMessage {
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let json: serde_json::Value = serde_json::from_str(text)?;
        Ok(if json.get("check").is_some() {
            Self::Check(serde_json::from_value(json)?)
        } else {
            Self::Webhook(serde_json::from_value(json)?)
        })
    }

    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Webhook(envelope) => envelope.to_text(),
            Self::Check(check) => serde_json::json!(check).to_string(),
        }
    }

    pub(super) fn tries(&self) -> Option<&Tries> {
        match self {
            Self::Webhook(envelope) => envelope.tries.as_ref(),
            Self::Check(check) => check.tries.as_ref(),
        }
    }

    /// The same, after these tries.
    pub(super) fn after(&self, tries: Option<Tries>) -> Self {
        match self.clone() {
            Self::Webhook(envelope) => Self::Webhook(Envelope { tries, ..envelope }),
            Self::Check(check) => Self::Check(ScanCheck { tries, ..check }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `custom-handler.md` §3.3: top-level properties of a message replace the host's metadata of the same name.
    #[test]
    fn no_field_bears_the_name_of_the_hosts_metadata() {
        let at = "2026-11-02T10:00:00Z".parse().unwrap();
        let envelope = Envelope {
            blob: Some("b".into()),
            tries: Some(Tries::after(None, "e", at)),
            ..Envelope::with_body("e".into(), "NEW_TAG", at, b"{}")
        };
        let json: serde_json::Value = serde_json::from_str(&envelope.to_text()).unwrap();
        let hosts = [
            "id",
            "dequeuecount",
            "popreceipt",
            "insertiontime",
            "expirationtime",
            "nextvisibletime",
            "queuetrigger",
            "sys",
        ];
        let names: Vec<_> = json.as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 7);
        for name in names {
            assert!(!hosts.contains(&name.to_lowercase().as_str()), "{name}");
        }
    }

    #[test]
    fn an_envelope_is_read_as_it_was_written() {
        let at = "2026-11-02T10:00:00.123Z".parse().unwrap();
        let envelope = Envelope::with_body("e-1".into(), "NEW_TAG", at, b"{\"id\":\"1\"}");
        assert_eq!(
            serde_json::from_str::<Envelope>(&envelope.to_text()).unwrap(),
            envelope
        );
    }
}

//! Whether a webhook comes from Clockify (`clockify.md` §9.2): it sends the secret of the webhook itself,
//! so the secret is compared, in a time that tells nothing about it.

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::settings::WebhookSecrets;

/// Clockify's secrets have 32 characters or are tokens of some hundred; nothing longer is compared.
const MAX_SIGNATURE_BYTES: usize = 2000;

/// Whether `signature`, the header `Clockify-Signature`, is one of the secrets of that event or of those
/// that hold for all events. Without secrets nothing is.
///
/// Every secret is compared, also after one was equal, and hashes of equal length are compared rather
/// than the secrets.
pub fn verify(secrets: &WebhookSecrets, event: &str, signature: &str) -> bool {
    if signature.len() > MAX_SIGNATURE_BYTES {
        return false;
    }
    let sent = Sha256::digest(signature);
    secrets
        .of(event)
        .map(|secret| Sha256::digest(secret.reveal()).ct_eq(&sent))
        .fold(Choice::from(0), |known, equal| known | equal)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Secret;

    fn secrets() -> WebhookSecrets {
        [
            ("NEW_PROJECT", vec!["new", "old"]),
            ("NEW_TASK", vec!["task"]),
            ("*", vec!["any", "any-old"]),
        ]
        .into_iter()
        .map(|(event, secrets)| {
            (
                event.to_owned(),
                secrets.into_iter().map(Secret::from).collect(),
            )
        })
        .collect()
    }

    #[test]
    fn a_secret_holds_for_its_event_alone_and_several_may_be_valid_at_once() {
        for (event, signature, known) in [
            ("NEW_PROJECT", "new", true),
            ("NEW_PROJECT", "old", true),
            ("NEW_PROJECT", "any", true),
            ("NEW_PROJECT", "any-old", true),
            ("NEW_PROJECT", "task", false),
            ("NEW_TASK", "task", true),
            ("NEW_TASK", "new", false),
            ("NEW_CLIENT", "any", true),
            ("NEW_CLIENT", "new", false),
            ("*", "any", true),
            ("*", "new", false),
            ("NEW_PROJECT", "", false),
            ("NEW_PROJECT", "ne", false),
            ("NEW_PROJECT", "new ", false),
            ("NEW_PROJECT", "NEW", false),
            ("an event of tomorrow", "any", true),
        ] {
            assert_eq!(
                verify(&secrets(), event, signature),
                known,
                "{event} with {signature:?}"
            );
        }
    }

    #[test]
    fn without_secrets_every_webhook_is_refused() {
        assert!(!verify(&WebhookSecrets::default(), "NEW_PROJECT", ""));
        assert!(!verify(&WebhookSecrets::default(), "NEW_PROJECT", "new"));
    }

    #[test]
    fn a_signature_longer_than_any_token_is_refused_unread() {
        let long = "s".repeat(MAX_SIGNATURE_BYTES + 1);
        let secrets = [("*".to_owned(), vec![Secret::from(long.as_str())])]
            .into_iter()
            .collect();
        assert!(!verify(&secrets, "NEW_PROJECT", &long));
    }
}

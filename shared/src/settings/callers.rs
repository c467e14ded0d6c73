//! Who may call: the keys of programs, and whether people's sign-ins are trusted.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Secret, reader::Reader};
use crate::{functions::role::Role, settings::parse};

/// `CALLER_KEYS` and `EASY_AUTH`.
#[derive(Clone, Debug, Default)]
pub struct CallerSettings {
    pub keys: Vec<CallerKey>,
    /// Whether `X-MS-CLIENT-PRINCIPAL` is trusted: `EASY_AUTH=on`, and the platform says that its
    /// authentication, which strips forged headers, runs.
    pub trusts_principals: bool,
}

/// A program that may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerKey {
    pub name: String,
    /// Hashes of all keys that are valid now: two while one is being exchanged for the other.
    pub sha256: Vec<[u8; 32]>,
    pub roles: Vec<Role>,
}

/// `CLOCKIFY_WEBHOOK_SECRETS`: the secrets that hold for an event; several may, so that one can be rotated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookSecrets(BTreeMap<String, Vec<Secret>>);

impl WebhookSecrets {
    /// The secrets of that event, and those that hold for all.
    pub fn of(&self, event: &str) -> impl Iterator<Item = &Secret> {
        let own = self.0.get(event).filter(|_| event != "*");
        own.into_iter().chain(self.0.get("*")).flatten()
    }
}

impl FromIterator<(String, Vec<Secret>)> for WebhookSecrets {
    fn from_iter<I: IntoIterator<Item = (String, Vec<Secret>)>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    sha256: Vec<String>,
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Secret),
    Many(Vec<Secret>),
}

pub(super) fn read_callers(reader: &mut Reader<'_>) -> CallerSettings {
    const FORM: &str =
        "JSON like {\"name\": {\"sha256\": [\"64 hex digits\"], \"roles\": [\"Reports.Read\"]}}";
    let written: BTreeMap<String, WrittenKey> = reader.json("CALLER_KEYS", FORM);
    let mut keys = Vec::new();
    for (name, WrittenKey { sha256, roles }) in written {
        let mut key = CallerKey {
            name,
            sha256: Vec::new(),
            roles: Vec::new(),
        };
        for digits in &sha256 {
            let mut hash = [0; 32];
            match hex::decode_to_slice(digits, &mut hash) {
                Ok(()) => key.sha256.push(hash),
                Err(_) => reader.fault(
                    "CALLER_KEYS",
                    format!("has under `{}` a hash that is not 64 hex digits", key.name),
                ),
            }
        }
        for role in &roles {
            match Role::named(role) {
                Some(role) => key.roles.push(role),
                None => reader.fault(
                    "CALLER_KEYS",
                    format!(
                        "has under `{}` the unknown role `{role}`; roles are {}",
                        key.name,
                        Role::ALL.map(Role::name).join(", ")
                    ),
                ),
            }
        }
        keys.push(key);
    }
    fault_shared_keys(reader, &keys);
    let easy_auth = reader.value("EASY_AUTH", parse::switch);
    let platform_authenticates = reader
        .platform("WEBSITE_AUTH_ENABLED")
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true") || flag == "1");
    CallerSettings {
        keys,
        trusts_principals: easy_auth && platform_authenticates,
    }
}

/// A key is one caller's: of two, records would name the wrong one.
fn fault_shared_keys(reader: &mut Reader<'_>, keys: &[CallerKey]) {
    let mut owners: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    for key in keys {
        for hash in &key.sha256 {
            if let Some(other) = owners.insert(*hash, &key.name)
                && other != key.name
            {
                reader.fault(
                    "CALLER_KEYS",
                    format!("has one hash under both `{other}` and `{}`", key.name),
                );
            }
        }
    }
}

pub(super) fn read_webhook_secrets(reader: &mut Reader<'_>) -> WebhookSecrets {
    const FORM: &str =
        "JSON like {\"*\": \"secret\", \"NEW_PROJECT\": [\"new secret\", \"old secret\"]}";
    let written: BTreeMap<String, OneOrMany> = reader.json("CLOCKIFY_WEBHOOK_SECRETS", FORM);
    let mut secrets = BTreeMap::new();
    for (event, secret) in written {
        let of_event = match secret {
            OneOrMany::One(secret) => vec![secret],
            OneOrMany::Many(secrets) => secrets,
        };
        if of_event
            .iter()
            .any(|secret| secret.reveal().trim().is_empty())
        {
            reader.fault(
                "CLOCKIFY_WEBHOOK_SECRETS",
                format!("has an empty secret under `{event}`"),
            );
        }
        secrets.insert(event, of_event);
    }
    WebhookSecrets(secrets)
}

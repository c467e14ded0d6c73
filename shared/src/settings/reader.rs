//! Reads settings by the table and gathers what is wrong with them, so that all faults come in one message.

use std::fmt;

use serde::de::DeserializeOwned;

use super::{
    Secret,
    table::{Fallback, Setting, setting},
};

/// What is wrong with the settings: every fault of every setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    pub faults: Vec<Fault>,
}

/// One setting that is missing or wrong. The message never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub setting: &'static str,
    pub message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.len() {
            1 => f.write_str("one setting is missing or wrong")?,
            n => write!(f, "{n} settings are missing or wrong")?,
        }
        let mut separator = ": ";
        for fault in &self.faults {
            write!(f, "{separator}{} {}", fault.setting, fault.message)?;
            separator = "; ";
        }
        Ok(())
    }
}

/// Looks settings up, one after the other, and remembers the faults. A reader always yields a value, in need
/// the default's, so that it can go on to the next fault; what it yielded is thrown away if there was any.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) in_azure: bool,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            in_azure: lookup("WEBSITE_SITE_NAME").is_some_and(|name| !name.trim().is_empty()),
            lookup,
            faults: Vec::new(),
        }
    }

    /// What the platform says of itself: not a setting of ours, so without a row in the table.
    pub(super) fn platform(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    pub(super) fn fault(&mut self, name: &'static str, message: impl Into<String>) {
        self.faults.push(Fault {
            setting: name,
            message: message.into(),
        });
    }

    pub(super) fn finish<T>(self, settings: T) -> Result<T, SettingsError> {
        if self.faults.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError {
                faults: self.faults,
            })
        }
    }

    /// A setting that may be missing. `parse` says what it expects where it fails.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let setting = row(name);
        let text = self.text(setting)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(expected) => {
                let shown = if setting.secret {
                    String::new()
                } else {
                    format!(", not `{}`", shortened(&text))
                };
                self.fault(name, format!("must be {expected}{shown}"));
                None
            }
        }
    }

    /// A setting with a default.
    pub(super) fn value<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        if let Some(value) = self.optional(name, &parse) {
            return value;
        }
        let fallback = row(name).fallback.value().and_then(|text| parse(text).ok());
        fallback.expect(
            "a setting read with `value` has a default that can be read: a test reads them all",
        )
    }

    /// A setting that holds JSON.
    pub(super) fn json<T: DeserializeOwned + Default>(
        &mut self,
        name: &'static str,
        form: &str,
    ) -> T {
        let parse = |text: &str| -> Result<T, String> {
            let source = &mut serde_json::Deserializer::from_str(text);
            serde_path_to_error::deserialize(source).map_err(|error| {
                // The inner message can quote the value, which may be a secret: only the place is told.
                let path = error.path().to_string();
                let place = error.into_inner();
                format!(
                    "{form} (line {}, column {}, at `{path}`)",
                    place.line(),
                    place.column()
                )
            })
        };
        match row(name).fallback.value() {
            Some(_) => self.value(name, parse),
            None => self.optional(name, parse).unwrap_or_default(),
        }
    }

    /// Text with a default.
    pub(super) fn words(&mut self, name: &'static str) -> String {
        self.value(name, |text| Ok(text.to_owned()))
    }

    /// Text that may be missing.
    pub(super) fn optional_words(&mut self, name: &'static str) -> Option<String> {
        self.optional(name, |text| Ok(text.to_owned()))
    }

    pub(super) fn secret(&mut self, name: &'static str) -> Option<Secret> {
        self.optional(name, |text| Ok(Secret::from(text)))
    }

    /// The trimmed text, or None where it is missing, empty or itself a fault.
    fn text(&mut self, setting: &'static Setting) -> Option<String> {
        let text = (self.lookup)(setting.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty());
        match &text {
            Some(value) if value.starts_with("@Microsoft.KeyVault(") => {
                self.fault(
                    setting.name,
                    "is a Key Vault reference that the platform could not resolve: check that the secret exists and that the app's identity may read it",
                );
                None
            }
            None if self.in_azure && matches!(setting.fallback, Fallback::OutsideAzure(_)) => {
                self.fault(
                    setting.name,
                    format!(
                        "is missing, and has no default in Azure: {}",
                        setting.meaning
                    ),
                );
                None
            }
            _ => text,
        }
    }
}

fn row(name: &str) -> &'static Setting {
    setting(name).unwrap_or_else(|| {
        unreachable!("{name} is read and has no row in the table: a test reads them all")
    })
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

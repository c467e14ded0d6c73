//! `handlers webhooks`: what the administrator runs once, and again whenever webhooks are at fault.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use jiff::Timestamp;
use shared::{
    clockify::{
        Client, ClockifyError,
        webhook_setup::{self, Setup},
    },
    settings::Settings,
};

/// Why the webhooks could not be planned or made.
#[derive(Debug, thiserror::Error)]
pub enum WebhooksError {
    #[error(transparent)]
    Clockify(#[from] ClockifyError),
    #[error("the file for the secrets cannot be written: {0}")]
    Secrets(#[from] io::Error),
    /// Clockify must be able to reach it.
    #[error(
        "PUBLIC_BASE_URL must be the https address at which Clockify reaches this app, which is not {0}"
    )]
    Address(String),
}

/// What would be done, for reading. Nothing is changed.
pub async fn plan(settings: &Settings, quota: usize) -> Result<String, WebhooksError> {
    let client = Client::alone(&settings.clockify)?;
    let setup = setup(settings, quota)?;
    let plan =
        webhook_setup::survey(&client, &setup, &settings.webhook_secrets, Timestamp::now()).await?;
    Ok(plan.to_string())
}

/// Makes what is missing and writes the secrets into a new file that only its owner can read. Says what
/// was done; can be run again.
pub async fn apply(
    settings: &Settings,
    quota: usize,
    secrets_to: &Path,
) -> Result<String, WebhooksError> {
    let client = Client::alone(&settings.clockify)?;
    let setup = setup(settings, quota)?;
    let plan =
        webhook_setup::survey(&client, &setup, &settings.webhook_secrets, Timestamp::now()).await?;
    // Before anything is made: a secret that cannot be kept would help nobody.
    let mut file = private_file(secrets_to)?;
    let applied = webhook_setup::apply(&client, &setup, &plan).await;
    if applied.is_err() {
        // Else the next run would find it in its way.
        std::fs::remove_file(secrets_to)?;
    }
    let applied = applied?;
    file.write_all(applied.secrets.reveal().as_bytes())?;
    file.sync_all()?;

    let mut said: Vec<String> = applied
        .made
        .iter()
        .map(|event| format!("made       {event}"))
        .collect();
    if applied.plan_limit_reached {
        said.push("stopped    the workspace's plan allows no more webhooks".to_owned());
    }
    said.push(format!(
        "secrets    {}: put its content into CLOCKIFY_WEBHOOK_SECRETS, then delete it\n",
        secrets_to.display()
    ));
    Ok(said.join("\n"))
}

fn setup(settings: &Settings, quota: usize) -> Result<Setup, WebhooksError> {
    let address = settings.links.address("/api/clockify/webhooks");
    match address.parse() {
        Ok(parsed) if address.starts_with("https://") => Ok(Setup {
            address: parsed,
            quota,
        }),
        _ => Err(WebhooksError::Address(address)),
    }
}

/// A file that did not exist before.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

//! How a host is started.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use shared::azure::identity::Identity;

/// What a host is told at its start. `Options::default()` is what the program does without arguments.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where `host.json` stands.
    pub app: PathBuf,
    /// Where database, queue, files, timers' status, key and the handler's log lie.
    pub data: PathBuf,
    /// 0: any free port.
    pub port: u16,
    /// The handler's executable; None: as `host.json` says, else beside this program.
    pub handler: Option<PathBuf>,
    /// Wins over the environment of this process, which wins over `local.settings.json`.
    pub environment: BTreeMap<String, String>,
    /// Whether the environment of this process and `local.settings.json` count at all.
    pub reads_settings: bool,
    /// Whether timers fire by themselves.
    pub timers: bool,
    /// Plays a host from before mid-2025, which knows no proxying and forwards instead.
    pub plays_old_host: bool,
    /// Lets `X-MS-CLIENT-PRINCIPAL` through, as if App Service Authentication had written it: for tests.
    pub trusts_principal: bool,
    /// Whether the handler's console is shown on ours.
    pub shows_handler_output: bool,
    /// How long a message is leased at a time.
    pub message_lease: Duration,
    /// Who takes messages from the queues of a storage account; None: this process's own identity.
    pub identity: Option<Identity>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            app: PathBuf::from("."),
            data: PathBuf::from("data"),
            port: 7071,
            handler: None,
            environment: BTreeMap::new(),
            reads_settings: true,
            timers: true,
            plays_old_host: false,
            trusts_principal: false,
            shows_handler_output: false,
            message_lease: Duration::from_mins(10),
            identity: None,
        }
    }
}

impl Options {
    /// For tests: any free port, no settings but those given, no timer fires by itself, and the handler may die
    /// as often as it likes.
    pub fn for_test(app: impl Into<PathBuf>, data: impl Into<PathBuf>) -> Self {
        Self {
            app: app.into(),
            data: data.into(),
            port: 0,
            reads_settings: false,
            timers: false,
            ..Self::default()
        }
        .with("LOCAL_RESTART_BUDGET", "0")
    }

    /// With one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }
}

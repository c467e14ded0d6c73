//! What all functions share.

use std::{fmt, sync::Arc};

use axum::extract::FromRef;
use tokio::sync::OnceCell;

use super::{problem::Problem, reply::Failure};
use crate::{
    azure::{StorageError, blobs::Blobs, queues::Queues},
    balances::{BalanceRules, Balances},
    clock::Clock,
    clockify::{
        client::Client,
        webhook_setup::{Setup, USUAL_QUOTA},
    },
    jobs::{BALANCES, DRY_RUN, JobError, Jobs, REPORT, RETENTION, SYNC},
    reports::ReportMaker,
    retention::Retention,
    settings::{DatabaseUrl, Settings},
    store::{Store, StoreError},
    sync::{
        Mirror, SyncError, SyncRules, events::Events, watchdog::Watchdog,
        webhook_health::WebhookHealth,
    },
};

/// Settings, clock, queues and files, and the database as soon as somebody asks for it. Cheap to clone.
///
/// The database is not touched at the start: it may be asleep, a webhook does not need it, and the host wants its
/// first answer at once.
#[derive(Clone)]
pub struct Context(Arc<Shared>);

struct Shared {
    settings: Arc<Settings>,
    clock: Clock,
    queues: Queues,
    blobs: Blobs,
    http: reqwest::Client,
    database: OnceCell<Database>,
}

/// What becomes possible with the database.
struct Database {
    store: Store,
    jobs: Jobs,
    events: Events,
    watchdog: Watchdog,
}

impl Context {
    /// Opens queues and files, and leaves the database for later.
    pub fn new(settings: Settings) -> Result<Self, StorageError> {
        Ok(Self(Arc::new(Shared {
            clock: settings.clock.start(),
            queues: Queues::open(&settings.queue)?,
            blobs: Blobs::open(&settings.storage, settings.links.base())?,
            http: http_client()?,
            database: OnceCell::new(),
            settings: Arc::new(settings),
        })))
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The business clock.
    pub fn clock(&self) -> Clock {
        self.0.clock
    }

    pub fn queues(&self) -> &Queues {
        &self.0.queues
    }

    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// The database; opened by whoever asks first. A file of the embedded database is migrated then, a server's
    /// database by a step of the deployment (`handlers migrate`).
    pub async fn store(&self) -> Result<&Store, StoreError> {
        Ok(&self.database().await?.store)
    }

    /// Jobs as callers ask for them and watch them; what nobody waits for takes them [`patient`](Jobs::patient).
    pub async fn jobs(&self) -> Result<&Jobs, StoreError> {
        Ok(&self.database().await?.jobs)
    }

    /// What applies webhooks.
    pub async fn events(&self) -> Result<&Events, StoreError> {
        Ok(&self.database().await?.events)
    }

    /// What files failures and sends again what was lost.
    pub async fn watchdog(&self) -> Result<&Watchdog, StoreError> {
        Ok(&self.database().await?.watchdog)
    }

    async fn database(&self) -> Result<&Database, StoreError> {
        self.0.database.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Database, StoreError> {
        let url = &self.settings().database;
        let store = Store::open(url)?;
        if let DatabaseUrl::Sqlite(_) = url {
            store.migrate().await?;
        }
        let settings = &self.0.settings;
        // Nobody waits for what queues and timers start, and the database may be asleep.
        let patient = store.patient();
        let mirror = Mirror {
            store: patient.clone(),
            client: Client::new(&settings.clockify, self.0.http.clone()),
            clock: self.clock(),
            rules: SyncRules {
                windows: settings.sync,
                zone: settings.company.zone.clone(),
                rounding: settings.pay.rounding,
                flags: settings.pay.flags,
            },
            dry_run: false,
        };
        let balances = Balances::new(
            mirror.client.clone(),
            self.clock(),
            BalanceRules::from(&**settings),
        );
        let reports = ReportMaker::new(Arc::clone(settings), self.blobs().clone(), self.clock());
        let jobs = Jobs::new(store.clone(), self.queues().clone())
            .with(SYNC, mirror.clone())
            .with(DRY_RUN, mirror.rehearsing())
            .with(BALANCES, balances)
            .with(REPORT, reports)
            .with(RETENTION, Retention::new(settings));
        let webhooks = self.webhook_health(&mirror.client);
        let events = Events::new(mirror, self.queues().clone(), self.blobs().clone());
        let watchdog =
            Watchdog::new(patient, self.queues().clone(), jobs.patient()).watching(webhooks);
        Ok(Database {
            store,
            jobs,
            events,
            watchdog,
        })
    }
}

impl Context {
    /// None where Clockify could not reach this app anyway, as on a person's own machine.
    fn webhook_health(&self, client: &Client) -> Option<WebhookHealth> {
        let address: url::Url = self
            .settings()
            .links
            .address("/api/clockify/webhooks")
            .parse()
            .ok()?;
        (address.scheme() == "https").then(|| WebhookHealth {
            client: client.clone(),
            setup: Setup {
                address,
                quota: USUAL_QUOTA,
            },
            secrets: self.settings().webhook_secrets.clone(),
        })
    }
}

/// The client for Clockify: no redirects, so that its key goes nowhere else.
fn http_client() -> Result<reqwest::Client, StorageError> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| StorageError::Unavailable(format!("no HTTP client: {error}")))
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("settings", &self.0.settings)
            .field("database", &self.0.database.initialized())
            .finish_non_exhaustive()
    }
}

impl FromRef<Context> for Arc<Settings> {
    fn from_ref(context: &Context) -> Self {
        Arc::clone(&context.0.settings)
    }
}

/// How long a caller should wait before he comes again while the database or storage is away.
const RETRY_AFTER_SECONDS: u32 = 5;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::unavailable(RETRY_AFTER_SECONDS, error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unavailable(_) => Self::unavailable(RETRY_AFTER_SECONDS, error),
            _ => Self::internal(error),
        }
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Store(error) => error.into(),
            JobError::Queue(error) => error.into(),
            JobError::Message(_) => Self::internal(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        Self::new(error)
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::new(error)
    }
}

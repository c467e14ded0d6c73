//! What is done every quarter of an hour so that nothing is lost for long (`design.md` §2): failures are filed, messages
//! that were never sent are sent, what is not needed any more is swept away.
//!
//! It looks at the queues first, and at the database only where something waits there, or when this process has not
//! looked for an hour: a database that can sleep should be let sleep. Messages are lost with a process alone, and the
//! one that follows looks at once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{
    SyncError,
    envelope::{EventMessage, ScanCheck},
    webhook_health::WebhookHealth,
};
use crate::{
    azure::queues::{CLOCKIFY_EVENTS, JOBS, Message, Queues},
    crash_point::crash_point,
    domain::flags::FlagKind,
    jobs::{JobKind, JobMessage, Jobs, SYNC},
    store::{
        Store, StoreError, Transaction, dead_letter, delivery, flag, job, scan, ticket, tombstone,
    },
};

/// Poison messages that are taken at once.
const BATCH: usize = 32;
/// An open job that nobody has touched for so long has lost its message.
const ABANDONED_AFTER_SECONDS: i64 = 300;
/// No ticket that is open could be older.
const TOMBSTONE_SECONDS: i64 = 24 * 3600;
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// A nightly sync that is older has failed or was never started.
const LATE_AFTER: SignedDuration = SignedDuration::from_hours(26);
/// What is filed where nothing is known of why.
const UNKNOWN_ERROR: &str = "it was tried five times, and the handler could not say why it failed";

/// Looks after what may have been left behind. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Watchdog {
    store: Store,
    queues: Queues,
    jobs: Jobs,
    webhooks: Option<WebhookHealth>,
    looked_at: Arc<Mutex<Option<Instant>>>,
    webhooks_looked_at: Arc<Mutex<Option<Instant>>>,
}

/// What it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Poison messages that were filed as dead letters.
    pub filed: u64,
    /// Open jobs whose message was sent again.
    pub jobs_sent: u64,
    /// A scan was wanted that nobody made.
    pub scan_was_left: bool,
    /// No sync of everything has succeeded for too long.
    pub sync_is_late: bool,
    /// Webhooks that do not do their work. None: it was not looked, or Clockify could not be asked.
    pub webhooks_at_fault: Option<usize>,
}

impl Watchdog {
    /// A watchdog over that database and those queues.
    pub fn new(store: Store, queues: Queues, jobs: Jobs) -> Self {
        Self {
            store,
            queues,
            jobs,
            webhooks: None,
            looked_at: Arc::default(),
            webhooks_looked_at: Arc::default(),
        }
    }

    /// Has it look at Clockify's webhooks as well, once an hour.
    #[must_use]
    pub fn watching(mut self, webhooks: Option<WebhookHealth>) -> Self {
        self.webhooks = webhooks;
        self
    }

    /// Goes round once.
    pub async fn run(&self) -> Result<Found, SyncError> {
        let mut found = Found::default();
        for queue in [CLOCKIFY_EVENTS, JOBS] {
            found.filed += self.file_poisoned(queue).await?;
        }
        if !self.has_to_look().await? {
            return Ok(found);
        }
        found.jobs_sent = self.send_abandoned_jobs().await?;
        found.scan_was_left = self.check_scan().await?;
        found.sync_is_late = self.is_late().await?;
        if is_due(&self.webhooks_looked_at) {
            if let Some(webhooks) = &self.webhooks {
                found.webhooks_at_fault = webhooks.check(&self.store).await?;
            }
            note(&self.webhooks_looked_at);
        }
        self.sweep().await?;
        note(&self.looked_at);
        tracing::info!(
            watchdog.filed = found.filed,
            watchdog.jobs_sent = found.jobs_sent,
            watchdog.scan_was_left = found.scan_was_left,
            "the watchdog has gone round"
        );
        Ok(found)
    }

    async fn has_to_look(&self) -> Result<bool, SyncError> {
        for queue in [CLOCKIFY_EVENTS, JOBS] {
            if self.queues.count(queue).await? > 0 {
                return Ok(true);
            }
        }
        Ok(is_due(&self.looked_at))
    }

    /// Files the failures of a queue, each before it is taken off.
    async fn file_poisoned(&self, queue: &'static str) -> Result<u64, SyncError> {
        let mut filed = 0;
        loop {
            let messages = self.queues.take_poisoned(queue, BATCH).await?;
            if messages.is_empty() {
                return Ok(filed);
            }
            for message in messages {
                let is_new = self
                    .store
                    .write(async |mut tx| file(&mut tx, queue, &message).await)
                    .await?;
                crash_point("dead_letter.filed");
                self.queues.delete(&message).await?;
                filed += u64::from(is_new);
                tracing::error!(
                    queue,
                    message.id = message.id,
                    "a message has failed for good"
                );
            }
        }
    }

    async fn send_abandoned_jobs(&self) -> Result<u64, SyncError> {
        let abandoned = self
            .store
            .read(async |mut tx| job::abandoned(&mut tx, ABANDONED_AFTER_SECONDS).await)
            .await?;
        let mut sent = 0;
        for id in abandoned {
            tracing::warn!(job.id = %id, "nobody works on an open job: its message is sent again");
            self.jobs
                .send_message_again(&id)
                .await
                .map_err(SyncError::from)?;
            sent += 1;
        }
        Ok(sent)
    }

    async fn check_scan(&self) -> Result<bool, SyncError> {
        let (is_left, has_failed) = self
            .store
            .read(async |mut tx| {
                let has_failed = dead_letter::is_check_waiting(&mut tx).await?;
                Ok::<_, StoreError>((scan::is_left(&mut tx).await?, has_failed))
            })
            .await?;
        // One letter says it; another try that fails for good would say no more.
        if is_left && !has_failed {
            let check = EventMessage::Check(ScanCheck::new()).to_text();
            self.queues
                .send(CLOCKIFY_EVENTS, &check, Duration::ZERO)
                .await?;
        }
        Ok(is_left && !has_failed)
    }

    /// Whether syncs have run before, and the last good one is too old: that is flagged until one succeeds.
    async fn is_late(&self) -> Result<bool, SyncError> {
        let all = JobKind::new(SYNC, "all");
        let last = self
            .store
            .read(async |mut tx| job::last_success(&mut tx, all.as_str()).await)
            .await?;
        let is_late = last.is_some_and(|at| Timestamp::now().duration_since(at) > LATE_AFTER);
        if is_late {
            tracing::error!(sync.last_success = ?last, "no sync has succeeded for over a day");
        }
        self.store
            .write(async |mut tx| flag_late(&mut tx, is_late).await)
            .await?;
        Ok(is_late)
    }

    async fn sweep(&self) -> Result<(), SyncError> {
        self.store
            .write(async |mut tx| {
                ticket::sweep(&mut tx).await?;
                tombstone::sweep(&mut tx, TOMBSTONE_SECONDS).await?;
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }
}

/// Flags that the sync of everything is late, or that it is so no more.
pub(super) async fn flag_late(tx: &mut Transaction, is_late: bool) -> Result<(), StoreError> {
    let late = [("all", FlagKind::SyncLate)];
    let flags = if is_late { &late[..] } else { &[] };
    flag::replace(tx, "sync", &[FlagKind::SyncLate], &["all"], flags).await?;
    Ok(())
}

/// Whether it was not looked for an hour.
fn is_due(looked_at: &Mutex<Option<Instant>>) -> bool {
    let looked_at = *looked_at.lock().unwrap_or_else(PoisonError::into_inner);
    looked_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY)
}

fn note(looked_at: &Mutex<Option<Instant>>) {
    *looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Files a message, and closes the job that it was about.
async fn file(
    tx: &mut Transaction,
    queue: &'static str,
    message: &Message,
) -> Result<bool, StoreError> {
    let (text, error) = if queue == JOBS {
        of_job(tx, message).await?
    } else {
        (
            message.text.clone(),
            error_of_event(tx, &message.text).await?,
        )
    };
    dead_letter::file(tx, queue, &message.id, &text, &error).await
}

/// A poisoned job has failed. Its letter asks for a new job of the same work.
async fn of_job(tx: &mut Transaction, message: &Message) -> Result<(String, String), StoreError> {
    let Ok(read) = serde_json::from_str::<JobMessage>(&message.text) else {
        return Ok((
            message.text.clone(),
            "the message cannot be read".to_owned(),
        ));
    };
    let last_error = job::get(tx, &read.job).await?.and_then(|job| job.error);
    let error = last_error.unwrap_or_else(|| UNKNOWN_ERROR.to_owned());
    job::fail(tx, &read.job, &message.id, &error).await?;
    let again = JobMessage {
        again: true,
        tries: None,
        ..read
    };
    Ok((again.to_text(), error))
}

async fn error_of_event(tx: &mut Transaction, text: &str) -> Result<String, StoreError> {
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let noted = match json["eventId"].as_str() {
        Some(event_id) => delivery::error_of(tx, event_id).await?,
        None => delivery::error_of_approvals(tx).await?,
    };
    let of_last_try = || {
        json.pointer("/tries/lastError")?
            .as_str()
            .map(str::to_owned)
    };
    Ok(noted
        .or_else(of_last_try)
        .unwrap_or_else(|| UNKNOWN_ERROR.to_owned()))
}

//! Jobs: syncs, balance runs and reports (`design.md` §2, *Jobs*).
//!
//! The job's row says what is wanted and how far it got; a message of the queue `jobs` carries its id. Whoever handles
//! the message takes the job's lease, works for at most four minutes, saves a checkpoint, gives the lease back and sends
//! the next message. So a job survives a kill at any point: the same message comes again and goes on from the
//! checkpoint; a message that was never sent is sent by whoever finds the row unfinished.

mod kind;
mod message;
pub mod resend;
mod runner;
#[cfg(test)]
mod tests;
mod work;

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

pub use self::{
    kind::{BALANCES, DRY_RUN, JobKind, REPORT, RETENTION, SYNC},
    message::{Delivered, JobMessage},
    work::{Progress, SLICE, Slice, Work, WorkError},
};
pub use crate::store::job::{Job, JobFile, JobFilter, JobStatus, Requested, Stats};
use crate::{
    azure::{
        StorageError,
        queues::{JOBS, Queues},
    },
    crash_point::crash_point,
    domain::ids::JobId,
    store::{
        Store, StoreError, Transaction,
        job::{self, NewJob},
    },
};

/// Makes jobs, runs them, and tells how they stand. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    queues: Queues,
    families: Arc<HashMap<&'static str, Arc<dyn Work>>>,
    slice: Duration,
}

/// A job that somebody wants.
#[derive(Clone, Debug)]
pub struct JobRequest {
    pub kind: JobKind,
    /// What exactly: part of what makes two requests the same work.
    pub params: Json,
    /// A caller's name, or the timer's.
    pub requested_by: String,
    /// For timers: what makes one job and never a second (`nightly 2026-11-02T11:00:00Z`).
    pub occasion: Option<String>,
}

/// Why a message could not be handled, or a job not be made. For a queue function it means: not answered 2xx.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] StorageError),
    /// The message is not one of ours.
    #[error("the message cannot be read: {0}")]
    Message(String),
}

impl Jobs {
    /// Jobs over that database and those queues; [`Jobs::with`] says who does the work.
    pub fn new(store: Store, queues: Queues) -> Self {
        Self {
            store,
            queues,
            families: Arc::default(),
            slice: SLICE,
        }
    }

    /// The same jobs for what nobody waits for: 90 s of patience with a database that may be asleep.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self {
            store: self.store.patient(),
            ..self.clone()
        }
    }

    /// Has the jobs of a family done by `work`.
    #[must_use]
    pub fn with(mut self, family: &'static str, work: impl Work + 'static) -> Self {
        Arc::make_mut(&mut self.families).insert(family, Arc::new(work));
        self
    }

    /// Shortens the slices, for tests of what happens between two of them.
    #[must_use]
    pub fn with_slices_of(mut self, slice: Duration) -> Self {
        self.slice = slice;
        self
    }

    /// Makes a job, or finds the open one for the same work, and sees to it that its message is on the way.
    pub async fn request(&self, request: &JobRequest) -> Result<Requested, JobError> {
        let requested = self
            .store
            .write(async |mut tx| Self::request_in(&mut tx, request).await)
            .await?;
        crash_point("job.created");
        self.announce(&requested).await?;
        Ok(requested)
    }

    /// The part of [`Jobs::request`] that is a transaction; [`Jobs::announce`] must follow when it is committed.
    pub async fn request_in(
        tx: &mut Transaction,
        request: &JobRequest,
    ) -> Result<Requested, StoreError> {
        let new = NewJob {
            id: &JobId(uuid::Uuid::now_v7().to_string()),
            kind: request.kind.as_str(),
            params: &request.params,
            requested_by: &request.requested_by,
            work_key: &work_key(request),
            occasion: request.occasion.as_deref(),
        };
        job::request(tx, &new).await
    }

    /// Sends the message of a requested job, where it has none that lives.
    pub async fn announce(&self, requested: &Requested) -> Result<(), JobError> {
        if requested.needs_message {
            self.send(&JobMessage::new(requested.id.clone()), Duration::ZERO)
                .await?;
        }
        Ok(())
    }

    /// A job by its id.
    pub async fn get(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        self.store
            .read(async |mut tx| job::get(&mut tx, id).await)
            .await
    }

    /// Jobs, newest first.
    pub async fn list(&self, filter: &JobFilter, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.store
            .read(async |mut tx| job::list(&mut tx, filter, limit).await)
            .await
    }

    /// Sends the message of an open job that has lost it.
    pub async fn send_message_again(&self, id: &JobId) -> Result<(), JobError> {
        self.send(&JobMessage::new(id.clone()), Duration::ZERO)
            .await
    }

    /// Makes a new job of the same work, for whoever replays the message of one that failed.
    async fn request_again(&self, id: &JobId) -> Result<(), JobError> {
        let Some(job) = self.get(id).await? else {
            return Ok(());
        };
        let request = JobRequest {
            kind: JobKind::from(job.kind),
            params: job.params,
            requested_by: job.requested_by,
            occasion: None,
        };
        self.request(&request).await?;
        Ok(())
    }

    async fn send(&self, message: &JobMessage, delay: Duration) -> Result<(), JobError> {
        Ok(self.queues.send(JOBS, &message.to_text(), delay).await?)
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut families: Vec<_> = self.families.keys().collect();
        families.sort_unstable();
        f.debug_struct("Jobs")
            .field("families", &families)
            .finish_non_exhaustive()
    }
}

/// Equal for equal work, however long its parameters are. Objects of serde_json are sorted by key.
fn work_key(request: &JobRequest) -> String {
    hex::encode(Sha256::digest(format!(
        "{}\n{}",
        request.kind, request.params
    )))
}

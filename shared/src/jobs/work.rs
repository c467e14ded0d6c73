//! What a kind of job has to bring: to go on from a checkpoint, for a few minutes at a time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use crate::store::{
    Store, StoreError, Transaction,
    job::{self, Job, JobFile, Stats},
    lease::Fence,
};

/// How long a job works before it saves its checkpoint and passes on to the next message: the platform kills a handler
/// whose function overruns, with all else in flight.
pub const SLICE: Duration = Duration::from_mins(4);

/// The work of a family of jobs.
pub trait Work: Send + Sync {
    /// Goes on from the checkpoint until all is done, or until [`Slice::is_spent`].
    ///
    /// Every transaction that writes calls [`Slice::hold`] first and [`Slice::save`] last, so that what is written and
    /// how far it got are one, and nothing is written once another has taken the job over. The future may be dropped at
    /// any await.
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>>;
}

/// How far a slice came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All is done, and these files were made.
    Done(Vec<JobFile>),
    /// The checkpoint is saved; the next message goes on from it.
    More,
}

/// Why a slice failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// It passes by itself: the message is sent again later.
    #[error("{cause}")]
    Transient {
        cause: String,
        /// How long the other side asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// It would fail in the same way again: the job has failed.
    #[error("{0}")]
    Permanent(String),
    /// Another message has taken the job over, and goes on with it.
    #[error("another delivery has taken the job over")]
    LostLease,
}

impl From<StoreError> for WorkError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::Transient {
                cause: error.to_string(),
                retry_after: None,
            }
        } else {
            Self::Permanent(error.to_string())
        }
    }
}

/// A stretch of work on a job, by the owner of its lease.
#[derive(Debug)]
pub struct Slice {
    job: Job,
    fence: Fence,
    store: Store,
    began: Instant,
    length: Duration,
    has_saved: AtomicBool,
}

impl Slice {
    pub(super) fn new(job: Job, fence: Fence, store: Store, length: Duration) -> Self {
        Self {
            job,
            fence,
            store,
            began: Instant::now(),
            length,
            has_saved: AtomicBool::new(false),
        }
    }

    /// The job as it was when the slice began.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The database that the job is written to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was asked for.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, WorkError> {
        T::deserialize(&self.job.params).map_err(|cause| {
            WorkError::Permanent(format!("the job's parameters cannot be read: {cause}"))
        })
    }

    /// What was saved last. None: nothing was done yet.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, WorkError> {
        self.job
            .checkpoint
            .as_ref()
            .map(T::deserialize)
            .transpose()
            .map_err(|cause| {
                WorkError::Permanent(format!("the job's checkpoint cannot be read: {cause}"))
            })
    }

    /// Whether it is time to save the checkpoint and pass on.
    pub fn is_spent(&self) -> bool {
        self.began.elapsed() >= self.length
    }

    /// Renews the lease: the first statement of every transaction.
    pub async fn hold(&self, tx: &mut Transaction) -> Result<(), WorkError> {
        if job::renew(tx, &self.job.id, self.fence).await? {
            Ok(())
        } else {
            Err(WorkError::LostLease)
        }
    }

    /// Saves how far the work got, in the transaction of what it wrote.
    pub async fn save(
        &self,
        tx: &mut Transaction,
        checkpoint: &impl Serialize,
        done: Stats,
    ) -> Result<(), WorkError> {
        let checkpoint = serde_json::to_value(checkpoint).map_err(|cause| {
            WorkError::Permanent(format!("the checkpoint cannot be written: {cause}"))
        })?;
        job::save(tx, &self.job.id, &checkpoint, done).await?;
        self.has_saved.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Adds to what the job has done, where the checkpoint stays as it is.
    pub async fn count(&self, tx: &mut Transaction, done: Stats) -> Result<(), WorkError> {
        job::count(tx, &self.job.id, done).await?;
        Ok(())
    }

    pub(super) fn fence(&self) -> Fence {
        self.fence
    }

    /// Whether anything was saved in this slice: then earlier failures do not count any more.
    pub(super) fn has_saved(&self) -> bool {
        self.has_saved.load(Ordering::Relaxed)
    }
}

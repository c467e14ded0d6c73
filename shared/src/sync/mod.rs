//! Keeping the database equal to Clockify: by webhooks at once, by syncs for certain.
//!
//! Everything that is read from Clockify goes one way (`reading`): draw a ticket, read, fetch what it refers to and
//! the database has never seen, then write all of it in one transaction under that ticket. An event, a page of a sync
//! and a page of the approvals scan differ only in what else stands in that transaction (`hold`).

pub mod approvals;
pub mod coalesce;
mod counted_days;
mod entries;
pub mod envelope;
pub mod events;
mod expenses;
mod hold;
mod lists;
mod outside_employment;
mod overlaps;
mod plan;
mod projects;
mod reading;
mod record;
mod references;
mod reread;
#[cfg(test)]
mod tests;
mod time_off;
mod timesheets;
pub mod watchdog;
pub mod webhook_health;
mod work;

pub use self::plan::{RESOURCES, SyncParams, check_days};
use std::time::Duration;

use crate::{
    azure::StorageError,
    clock::Clock,
    clockify::{
        client::{Client, ClockifyError, Refusal},
        convert::{Conversion, Unreadable},
    },
    domain::{
        flags::FlagRules,
        time::{CompanyZone, Rounding},
    },
    jobs::{JobError, WorkError},
    settings::SyncSettings,
    store::{Store, StoreError},
};

/// What all of it shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mirror {
    pub store: Store,
    pub client: Client,
    pub clock: Clock,
    pub rules: SyncRules,
    /// Nothing of what is read is kept: a job counts what it would change.
    pub dry_run: bool,
}

/// The settings that decide what a sync reads and what it makes of it.
#[derive(Clone, Debug)]
pub struct SyncRules {
    pub windows: SyncSettings,
    pub zone: CompanyZone,
    pub rounding: Rounding,
    pub flags: FlagRules,
}

/// Why something read from Clockify is not stored.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Clockify(#[from] ClockifyError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The whole record asked for is of no use.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A job cannot go on.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// Another has taken over what this one was doing.
    #[error("another delivery has taken over")]
    LostLease,
    /// A complete read lacks so much that a person has to look (`design.md` §3).
    #[error(
        "the sync would remove {missing} of {live} records ({kind}) and stopped: if that is right, raise \
         SYNC_STOP_PERCENT or SYNC_STOP_ROWS for one run"
    )]
    TooManyMissing {
        kind: &'static str,
        missing: usize,
        live: u64,
    },
    /// A message or a body that is not what it should be.
    #[error("{0}")]
    Malformed(String),
}

impl SyncError {
    /// Whether Clockify refuses this one record: neither the key nor the workspace is at fault, and no later try helps.
    pub(super) fn is_of_one_record(&self) -> bool {
        matches!(
            self,
            Self::Clockify(ClockifyError::Permanent { refusal, .. })
                if !matches!(refusal, Refusal::Key { .. } | Refusal::UnknownWorkspace)
        )
    }

    /// Whether it passes by itself.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Clockify(error) => error.is_transient(),
            Self::Storage(error) => matches!(error, StorageError::Unavailable(_)),
            Self::Work(error) => matches!(error, WorkError::Transient { .. }),
            Self::Unreadable(_)
            | Self::LostLease
            | Self::TooManyMissing { .. }
            | Self::Malformed(_) => false,
        }
    }

    /// How long the other side asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Clockify(error) => error.retry_after(),
            Self::Work(WorkError::Transient { retry_after, .. }) => *retry_after,
            _ => None,
        }
    }
}

impl From<JobError> for SyncError {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Store(error) => error.into(),
            JobError::Queue(error) => error.into(),
            JobError::Message(cause) => Self::Malformed(cause),
        }
    }
}

impl From<SyncError> for WorkError {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Work(error) => error,
            SyncError::LostLease => Self::LostLease,
            error if error.is_transient() => Self::Transient {
                retry_after: error.retry_after(),
                cause: error.to_string(),
            },
            error => Self::Permanent(error.to_string()),
        }
    }
}

impl Mirror {
    /// The same, for dry runs.
    #[must_use]
    pub fn rehearsing(&self) -> Self {
        Self {
            dry_run: true,
            ..self.clone()
        }
    }

    /// What the meaning of Clockify's rows depends on. Asks for the workspace where the settings do not name it.
    async fn conversion(&self) -> Result<Conversion, SyncError> {
        Ok(Conversion {
            workspace_id: self.client.workspace_id().await?.clone(),
            zone: self.rules.zone.clone(),
            rounding: self.rules.rounding,
            flag_rules: self.rules.flags,
        })
    }
}

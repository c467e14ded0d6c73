//! What else stands in the transaction that writes something read from Clockify.

use std::future::Future;

use serde::Serialize;

use super::SyncError;
use crate::{
    domain::ids::DeliveryId,
    jobs::{Slice, Stats},
    store::{
        Transaction,
        delivery::{self, Outcome},
        lease::Fence,
        scan,
    },
};

/// The right to write, proved first, and how far one got, noted last, both in the transaction of what is written.
pub(super) trait Hold: Sync {
    /// Where a test may kill between reading and writing, and after writing.
    const READ: &'static str;
    const APPLIED: &'static str;

    /// Before anything is written.
    fn begin(&self, tx: &mut Transaction) -> impl Future<Output = Result<(), SyncError>> + Send;

    /// After all is written.
    fn end(
        &self,
        tx: &mut Transaction,
        done: Stats,
    ) -> impl Future<Output = Result<(), SyncError>> + Send;
}

/// Nothing else: the ticket alone decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Free;

impl Hold for Free {
    const READ: &'static str = "reference.read";
    const APPLIED: &'static str = "reference.applied";

    async fn begin(&self, _tx: &mut Transaction) -> Result<(), SyncError> {
        Ok(())
    }

    async fn end(&self, _tx: &mut Transaction, _done: Stats) -> Result<(), SyncError> {
        Ok(())
    }
}

/// A page of a job: its lease, and its checkpoint as it is after the page, where that is saved.
#[derive(Debug)]
pub(super) struct JobPage<'a, C> {
    pub(super) slice: &'a Slice,
    pub(super) checkpoint: Option<C>,
}

impl<C: Serialize + Sync> Hold for JobPage<'_, C> {
    const READ: &'static str = "job.page_read";
    const APPLIED: &'static str = "job.page_applied";

    async fn begin(&self, tx: &mut Transaction) -> Result<(), SyncError> {
        Ok(self.slice.hold(tx).await?)
    }

    async fn end(&self, tx: &mut Transaction, done: Stats) -> Result<(), SyncError> {
        match &self.checkpoint {
            Some(checkpoint) => self.slice.save(tx, checkpoint, done).await?,
            None => self.slice.count(tx, done).await?,
        }
        Ok(())
    }
}

/// A single record of a job: its lease; the checkpoint stays.
#[derive(Clone, Copy, Debug)]
pub(super) struct JobRecord<'a>(pub(super) &'a Slice);

impl Hold for JobRecord<'_> {
    const READ: &'static str = "job.page_read";
    const APPLIED: &'static str = "job.page_applied";

    async fn begin(&self, tx: &mut Transaction) -> Result<(), SyncError> {
        Ok(self.0.hold(tx).await?)
    }

    async fn end(&self, tx: &mut Transaction, done: Stats) -> Result<(), SyncError> {
        Ok(self.0.count(tx, done).await?)
    }
}

/// A page of the coalesced scan: the lease of the scan row, and how far the scan has got after the page.
#[derive(Clone, Debug)]
pub(super) struct ScanPage<P> {
    pub(super) fence: Fence,
    pub(super) progress: P,
}

impl<P: Serialize + Sync> Hold for ScanPage<P> {
    const READ: &'static str = "scan.page_read";
    const APPLIED: &'static str = "scan.page_applied";

    async fn begin(&self, tx: &mut Transaction) -> Result<(), SyncError> {
        match scan::renew(tx, self.fence).await? {
            Some(_) => Ok(()),
            None => Err(SyncError::LostLease),
        }
    }

    async fn end(&self, tx: &mut Transaction, _done: Stats) -> Result<(), SyncError> {
        let progress = serde_json::to_string(&self.progress)
            .map_err(|cause| SyncError::Malformed(cause.to_string()))?;
        Ok(scan::save_progress(tx, self.fence, Some(&progress)).await?)
    }
}

/// A record that an event spoke of: the event is settled with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settles<'a> {
    pub(super) delivery: &'a DeliveryId,
    pub(super) outcome: Outcome,
}

impl Hold for Settles<'_> {
    const READ: &'static str = "event.read";
    const APPLIED: &'static str = "event.applied";

    async fn begin(&self, _tx: &mut Transaction) -> Result<(), SyncError> {
        Ok(())
    }

    async fn end(&self, tx: &mut Transaction, _done: Stats) -> Result<(), SyncError> {
        Ok(delivery::settle(tx, self.delivery, self.outcome).await?)
    }
}

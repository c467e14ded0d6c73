//! Handling one message of the queue `jobs`.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Delivered, JobError, JobKind, JobMessage, Jobs, Progress, Slice, Work, WorkError, resend::Tries,
};
use crate::{
    crash_point::crash_point,
    domain::ids::JobId,
    store::{
        StoreError,
        job::{self, JobFile, OwnedJob},
        lease::Claim,
    },
};

/// How often the lease is renewed while the work waits for something.
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How long after the end of another's lease a message looks again.
const AFTER_EXPIRY: Duration = Duration::from_secs(5);

impl Jobs {
    /// Handles one message: takes the job, works on it for a slice, and passes it on or closes it.
    ///
    /// `Ok` means that the message is done with: the job is closed, or another message goes on with it, or this one was
    /// sent again as a copy. An error means that nothing of that is sure, and the message must come again.
    pub async fn run(&self, delivered: Delivered<'_>) -> Result<(), JobError> {
        let patient = self.patient();
        let message: JobMessage = serde_json::from_str(delivered.text)
            .map_err(|cause| JobError::Message(cause.to_string()))?;
        match patient.handle(&message, delivered.message_id).await {
            // The row cannot say anything while the database is away: the copy alone carries what happened.
            Err(JobError::Store(error)) if error.is_transient() => {
                patient.send_again(&message, error).await
            }
            handled => handled,
        }
    }

    async fn handle(&self, message: &JobMessage, message_id: &str) -> Result<(), JobError> {
        if message.again {
            return self.request_again(&message.job).await;
        }
        let claimed = self
            .store
            .write(async |mut tx| job::claim(&mut tx, &message.job, message_id).await)
            .await?;
        let OwnedJob { job, fence } = match claimed {
            Claim::Ours(owned) => owned,
            Claim::NothingToDo => return Ok(()),
            Claim::Held { seconds_left } => {
                let left = Duration::from_secs(seconds_left.unsigned_abs());
                return self.send(message, left + AFTER_EXPIRY).await;
            }
        };
        crash_point("job.claimed");
        let kind = JobKind::from(job.kind.clone());
        let slice = Slice::new(job, fence, self.store.clone(), self.slice);
        let worked = match self.families.get(kind.family()) {
            Some(work) => self.work(work, &slice).await,
            None => Err(WorkError::Permanent(format!(
                "this program does no jobs of the kind {kind}"
            ))),
        };
        tracing::info!(
            job.id = %slice.job().id,
            job.kind = %kind,
            job.outcome = outcome(&worked),
            "a slice of a job has ended"
        );
        match worked {
            Ok(Progress::Done(files)) => self.close(&slice, Ok(&files)).await,
            Ok(Progress::More) => self.pass_on(&slice).await,
            Err(WorkError::LostLease) => Ok(()),
            Err(WorkError::Permanent(cause)) => self.close(&slice, Err(&cause)).await,
            Err(WorkError::Transient { cause, retry_after }) => {
                self.try_later(&slice, message, &cause, retry_after).await
            }
        }
    }

    /// Works, and renews the lease meanwhile.
    async fn work(&self, work: &Arc<dyn Work>, slice: &Slice) -> Result<Progress, WorkError> {
        tokio::select! {
            worked = work.run(slice) => worked,
            () = self.keep_lease(slice) => Err(WorkError::LostLease),
        }
    }

    /// Ends when the lease is another's.
    async fn keep_lease(&self, slice: &Slice) {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let renewed = self
                .store
                .write(async |mut tx| job::renew(&mut tx, &slice.job().id, slice.fence()).await)
                .await;
            match renewed {
                Ok(true) => {}
                Ok(false) => return,
                // Should the lease run out meanwhile, then the next transaction of the work tells.
                Err(error) => tracing::warn!(error = %error, "the lease could not be renewed"),
            }
        }
    }

    async fn close(&self, slice: &Slice, ended: Result<&[JobFile], &str>) -> Result<(), JobError> {
        let job = slice.job();
        if let Err(cause) = ended {
            tracing::error!(job.id = %job.id, job.kind = job.kind, error = cause, "a job has failed");
        }
        self.store
            .write(async |mut tx| job::finish(&mut tx, &job.id, slice.fence(), ended).await)
            .await?;
        crash_point("job.finished");
        Ok(())
    }

    /// Gives the lease back, then sends the next message: in this order, so that it finds the job free.
    async fn pass_on(&self, slice: &Slice) -> Result<(), JobError> {
        self.release(slice, None).await?;
        crash_point("job.released");
        self.send(&JobMessage::new(slice.job().id.clone()), Duration::ZERO)
            .await?;
        crash_point("job.passed_on");
        Ok(())
    }

    async fn try_later(
        &self,
        slice: &Slice,
        message: &JobMessage,
        cause: &str,
        retry_after: Option<Duration>,
    ) -> Result<(), JobError> {
        let before = message.tries.as_ref().filter(|_| !slice.has_saved());
        let now = Timestamp::now();
        let tries = Tries::after(before, cause, now);
        let Some(delay) = tries.delay(now, retry_after) else {
            let cause = format!("gave up after {} tries: {cause}", tries.attempt);
            return self.close(slice, Err(&cause)).await;
        };
        tracing::warn!(
            job.id = %slice.job().id,
            job.tries = tries.attempt,
            error = cause,
            delay_s = delay.as_secs(),
            "a job is tried again later"
        );
        self.release(slice, Some(cause)).await?;
        let copy = JobMessage {
            tries: Some(tries),
            ..message.clone()
        };
        self.send(&copy, delay).await?;
        crash_point("resend.sent");
        Ok(())
    }

    async fn send_again(&self, message: &JobMessage, error: StoreError) -> Result<(), JobError> {
        let now = Timestamp::now();
        let tries = Tries::after(message.tries.as_ref(), &error.to_string(), now);
        let Some(delay) = tries.delay(now, None) else {
            return Err(error.into());
        };
        let copy = JobMessage {
            tries: Some(tries),
            ..message.clone()
        };
        self.send(&copy, delay).await
    }

    async fn release(&self, slice: &Slice, error: Option<&str>) -> Result<(), JobError> {
        let id: &JobId = &slice.job().id;
        self.store
            .write(async |mut tx| job::release(&mut tx, id, slice.fence(), error).await)
            .await?;
        Ok(())
    }
}

fn outcome(worked: &Result<Progress, WorkError>) -> &'static str {
    match worked {
        Ok(Progress::Done(_)) => "done",
        Ok(Progress::More) => "more to do",
        Err(WorkError::LostLease) => "taken over",
        Err(WorkError::Transient { .. }) => "to be tried again",
        Err(WorkError::Permanent(_)) => "failed",
    }
}

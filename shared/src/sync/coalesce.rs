//! One scan of the approvals lists for many events (`design.md` §2, *Approvals coalesce*): who owns it, how long he waits
//! for more, and what happens when he dies.

use std::time::{Duration, Instant};

use super::{
    SyncError,
    approvals::{
        RECENT_SECONDS,
        scan::Scan,
        settle::{self, Told},
    },
    envelope::{EventMessage, ScanCheck},
    events::{Events, is_for_good},
    hold::{Free, ScanPage},
};
use crate::{
    azure::queues::CLOCKIFY_EVENTS,
    crash_point::crash_point,
    store::{
        StoreError, delivery,
        lease::{Claim, Fence},
        scan::{self, Finish},
        timesheet,
    },
};

/// How often the lease is renewed while Clockify is waited for.
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// How often a scan is repeated because the lists are behind the webhooks. After that the nightly sync has to do.
const MOST_REPEATS: u32 = 4;

/// How long a scan waits, and for what.
#[derive(Clone, Copy, Debug)]
pub struct ScanPace {
    /// No event came for so long: begin.
    pub stands_still: Duration,
    /// Begin after so long in any case.
    pub most_wait: Duration,
    /// Before lists are read again that were older than a webhook.
    pub lists_behind: Duration,
    /// When the check message looks whether the owner has died: after his lease would have run out.
    pub check_after: Duration,
    /// After so long the lease is given back and the next message goes on.
    pub longest: Duration,
}

impl Default for ScanPace {
    fn default() -> Self {
        Self {
            stands_still: Duration::from_secs(2),
            most_wait: Duration::from_secs(10),
            lists_behind: Duration::from_secs(30),
            check_after: Duration::from_secs(75),
            longest: Duration::from_mins(4),
        }
    }
}

impl Events {
    /// Sees whether a scan is wanted that nobody makes.
    pub(super) async fn check_scan(
        &self,
        message: &EventMessage,
        message_id: &str,
    ) -> Result<(), SyncError> {
        let claim = self
            .mirror
            .store
            .write(async |mut tx| scan::claim(&mut tx, message_id).await)
            .await?;
        match claim {
            Claim::NothingToDo => Ok(()),
            // Killed, this message itself comes again: it needs no other check.
            Claim::Ours(owned) => {
                let scanned = self.scan(owned.fence).await;
                if let Err(error) = &scanned {
                    self.note_failed_scan(error, is_for_good(error, message.tries()))
                        .await;
                }
                scanned
            }
            Claim::Held { seconds_left } => {
                let left = Duration::from_secs(seconds_left.unsigned_abs());
                let again = message.after(None).to_text();
                let delay = left + self.pace.stands_still;
                Ok(self.queues.send(CLOCKIFY_EVENTS, &again, delay).await?)
            }
        }
    }

    /// Scans for an event that has been counted. A check message goes ahead, to take over if this owner dies or
    /// fails; the event itself is done with, so that no failure leaves two successors.
    pub(super) async fn scan_for_event(&self, fence: Fence) -> Result<(), SyncError> {
        self.send_check(self.pace.check_after).await?;
        match self.scan(fence).await {
            Err(SyncError::LostLease) | Ok(()) => {}
            Err(error) => {
                tracing::warn!(error = %error, "a scan failed; the check message goes on with it");
                self.note_failed_scan(&error, false).await;
            }
        }
        Ok(())
    }

    /// Notes with the events that wait why they still do; `for_good`: no other scan comes by itself.
    async fn note_failed_scan(&self, error: &SyncError, for_good: bool) {
        if matches!(error, SyncError::LostLease) {
            return;
        }
        let text = error.to_string();
        let noted = self
            .mirror
            .store
            .write(async |mut tx| delivery::approvals_failed(&mut tx, &text, for_good).await)
            .await;
        if let Err(cause) = noted {
            tracing::warn!(error = %cause, "a failed scan could not be noted");
        }
    }

    /// Sends a message that looks for a scan nobody makes.
    pub(super) async fn send_check(&self, delay: Duration) -> Result<(), SyncError> {
        let check = EventMessage::Check(ScanCheck::new()).to_text();
        Ok(self.queues.send(CLOCKIFY_EVENTS, &check, delay).await?)
    }

    /// Scans as the owner of the lease until all events are covered.
    async fn scan(&self, fence: Fence) -> Result<(), SyncError> {
        let scanned = tokio::select! {
            scanned = self.scan_until_done(fence) => scanned,
            () = self.keep_lease(fence) => Err(SyncError::LostLease),
        };
        if let Err(error) = &scanned
            && !matches!(error, SyncError::LostLease)
        {
            self.release(fence).await;
        }
        scanned
    }

    async fn scan_until_done(&self, fence: Fence) -> Result<(), SyncError> {
        let began = Instant::now();
        let mut repeats = 0;
        loop {
            let wanted = self.wait_for_more(fence).await?;
            let is_behind = self.scan_once(fence).await?;
            crash_point("scan.applied");
            let is_late = began.elapsed() >= self.pace.longest;
            if is_behind && repeats < MOST_REPEATS && !is_late {
                repeats += 1;
                tokio::time::sleep(self.pace.lists_behind).await;
                continue;
            }
            match self.finish(fence, wanted).await? {
                Finish::Done => {
                    crash_point("scan.finished");
                    return Ok(());
                }
                Finish::Lost => return Err(SyncError::LostLease),
                Finish::MoreWanted if is_late => {
                    self.release(fence).await;
                    return self.send_check(Duration::ZERO).await;
                }
                Finish::MoreWanted => {}
            }
        }
    }

    /// Waits until no more events come, and says how many there are.
    async fn wait_for_more(&self, fence: Fence) -> Result<i64, SyncError> {
        let began = Instant::now();
        let mut wanted = self.renew(fence).await?;
        loop {
            tokio::time::sleep(self.pace.stands_still).await;
            let now = self.renew(fence).await?;
            if now == wanted || began.elapsed() >= self.pace.most_wait {
                return Ok(now);
            }
            wanted = now;
        }
    }

    /// Reads the lists and settles what stands in none. True: they are older than a webhook.
    async fn scan_once(&self, fence: Fence) -> Result<bool, SyncError> {
        let mut scan = Scan::begin(false);
        while !scan.has_read_all() {
            self.mirror
                .scan_page(&mut scan, |_| ScanPage(fence))
                .await?;
        }
        self.mirror.settle_scan(&scan, &ScanPage(fence)).await?;
        self.mirror.reread_what_left(Free).await?;
        let is_behind = self
            .mirror
            .store
            .read(async |mut tx| {
                let told = delivery::recently_told(&mut tx, RECENT_SECONDS).await?;
                let ids: Vec<&str> = told.iter().map(|told| told.timesheet_id.as_str()).collect();
                let stored = timesheet::get_all(&mut tx, &ids).await?;
                Ok::<_, StoreError>(told.into_iter().any(|told| {
                    let sheet = stored.iter().find(|sheet| sheet.id == told.timesheet_id);
                    let word = Told {
                        state: told.state,
                        at: told.at,
                    };
                    settle::lists_are_behind(&word, sheet.map(|sheet| sheet.state_updated_at))
                }))
            })
            .await?;
        Ok(is_behind)
    }

    /// Says that the scan is done, and settles the events with it.
    async fn finish(&self, fence: Fence, wanted: i64) -> Result<Finish, SyncError> {
        Ok(self
            .mirror
            .store
            .write(async |mut tx| {
                let finish = scan::finish(&mut tx, fence, wanted).await?;
                if finish == Finish::Done {
                    delivery::settle_approvals(&mut tx).await?;
                }
                Ok::<_, StoreError>(finish)
            })
            .await?)
    }

    async fn renew(&self, fence: Fence) -> Result<i64, SyncError> {
        self.mirror
            .store
            .write(async |mut tx| scan::renew(&mut tx, fence).await)
            .await?
            .ok_or(SyncError::LostLease)
    }

    /// Ends when the lease is another's.
    async fn keep_lease(&self, fence: Fence) {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            match self.renew(fence).await {
                Ok(_) => {}
                Err(SyncError::LostLease) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "the scan's lease could not be renewed");
                }
            }
        }
    }

    /// Gives the lease back. Where that fails it runs out by itself, and the check message takes it.
    async fn release(&self, fence: Fence) {
        let released = self
            .mirror
            .store
            .write(async |mut tx| scan::release(&mut tx, fence).await)
            .await;
        if let Err(error) = released {
            tracing::warn!(error = %error, "the scan's lease could not be given back");
        }
    }
}

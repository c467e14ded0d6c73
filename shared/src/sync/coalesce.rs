//! One scan of the approvals lists for many events (`design.md` §2, *Approvals coalesce*): who owns it, how long he waits
//! for more, and what happens when he dies.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{
    SyncError,
    approvals::{
        RECENT_SECONDS,
        leaving::Settled,
        scan::Scan,
        settle::{self, Told},
    },
    envelope::{EventMessage, ScanCheck},
    events::{Events, is_for_good},
    hold::{Free, ScanPage},
    work::StepEnd,
};
use crate::{
    azure::queues::CLOCKIFY_EVENTS,
    crash_point::crash_point,
    store::{
        StoreError, dead_letter, delivery,
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

/// One pass over the lists. It is saved with each page, so that whoever goes on with it, after a slice or a death, begins
/// no page anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pass {
    /// How many events had come when it began: it covers these and no later ones, however long it takes.
    wanted: i64,
    scan: Scan,
    /// What stood in no list is settled, and must not be once more: two misses mean more than one.
    is_settled: bool,
}

impl Pass {
    fn begin(wanted: i64) -> Self {
        Self {
            wanted,
            scan: Scan::begin(false),
            is_settled: false,
        }
    }
}

/// How a pass, or a slice of it, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PassEnd {
    Done,
    /// Done, and the lists are older than a webhook.
    Behind,
    /// The slice is over within it; how far it got is saved.
    Spent,
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
            // What fails for good might fail for good at that very page.
            self.release(fence, error.is_transient()).await;
        }
        scanned
    }

    async fn scan_until_done(&self, fence: Fence) -> Result<(), SyncError> {
        let began = Instant::now();
        let mut repeats = 0;
        let mut left = self.left_pass().await?;
        loop {
            let mut pass = match left.take() {
                Some(pass) => pass,
                None => Pass::begin(self.wait_for_more(fence).await?),
            };
            let end = self.scan_once(fence, &mut pass, began).await?;
            if end == PassEnd::Spent {
                return self.pass_on(fence, true).await;
            }
            crash_point("scan.applied");
            let is_late = self.is_late(began);
            if end == PassEnd::Behind && repeats < MOST_REPEATS && !is_late {
                repeats += 1;
                tokio::time::sleep(self.pace.lists_behind).await;
                continue;
            }
            match self.finish(fence, pass.wanted).await? {
                Finish::Done => {
                    crash_point("scan.finished");
                    return Ok(());
                }
                Finish::Lost => return Err(SyncError::LostLease),
                Finish::MoreWanted if is_late => return self.pass_on(fence, false).await,
                Finish::MoreWanted => {}
            }
        }
    }

    fn is_late(&self, began: Instant) -> bool {
        began.elapsed() >= self.pace.longest
    }

    /// Gives the lease back, then sends the message that goes on: in this order, so that it finds the scan free.
    async fn pass_on(&self, fence: Fence, keeps_progress: bool) -> Result<(), SyncError> {
        self.release(fence, keeps_progress).await;
        self.send_check(Duration::ZERO).await
    }

    /// The pass that the owner before has begun and not finished; one that another program wrote is begun anew.
    async fn left_pass(&self) -> Result<Option<Pass>, SyncError> {
        let text = self
            .mirror
            .store
            .read(async |mut tx| scan::progress(&mut tx).await)
            .await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
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

    /// Reads what is left of the lists and settles what stands in none.
    async fn scan_once(
        &self,
        fence: Fence,
        pass: &mut Pass,
        began: Instant,
    ) -> Result<PassEnd, SyncError> {
        while !pass.scan.has_read_all() {
            let wanted = pass.wanted;
            let saves = |scan: &Scan| ScanPage {
                fence,
                progress: Pass {
                    wanted,
                    scan: scan.clone(),
                    is_settled: false,
                },
            };
            self.mirror.scan_page(&mut pass.scan, saves).await?;
            if self.is_late(began) {
                return Ok(PassEnd::Spent);
            }
        }
        if !pass.is_settled {
            pass.is_settled = true;
            let saves = |_: &Settled| ScanPage {
                fence,
                progress: pass.clone(),
            };
            self.mirror.settle_scan(&pass.scan, saves).await?;
        }
        let is_late = || self.is_late(began);
        if self.mirror.reread_what_left(Free, is_late).await? == StepEnd::Spent {
            return Ok(PassEnd::Spent);
        }
        let is_behind = self.lists_are_behind().await?;
        Ok(if is_behind {
            PassEnd::Behind
        } else {
            PassEnd::Done
        })
    }

    /// Whether a webhook of late has told what the lists did not show yet.
    async fn lists_are_behind(&self) -> Result<bool, SyncError> {
        Ok(self
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
            .await?)
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
                    dead_letter::settle_checks(&mut tx).await?;
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

    /// Gives the lease back, with how far the scan got or without. Where that fails it runs out by itself, and the check
    /// message takes it.
    async fn release(&self, fence: Fence, keeps_progress: bool) {
        let released = self
            .mirror
            .store
            .write(async |mut tx| {
                if !keeps_progress {
                    scan::save_progress(&mut tx, fence, None).await?;
                }
                scan::release(&mut tx, fence).await
            })
            .await;
        if let Err(error) = released {
            tracing::warn!(error = %error, "the scan's lease could not be given back");
        }
    }
}

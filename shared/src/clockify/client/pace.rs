//! How fast Clockify is asked: a ceiling of requests a second, at most four at once, and silence for as
//! long as it asks for silence (`clockify.md` §2.3).

use std::{
    num::NonZeroU32,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests under way at once.
const LANES: usize = 4;

/// A workspace that refuses although it was asked no more than this within an hour has an hourly limit:
/// newly made Free workspaces allow 30.
const FEW_REQUESTS_PER_HOUR: u64 = 40;

/// Shared by all clones of a client.
#[derive(Debug)]
pub(super) struct Pace {
    ceiling: DefaultDirectRateLimiter,
    lanes: Semaphore,
    silent_until: Mutex<Option<Instant>>,
    hour: Mutex<Hour>,
    hourly_limit_told: AtomicBool,
    sent: AtomicU64,
}

/// Requests that were not refused for their number, since some instant less than an hour ago.
#[derive(Debug)]
struct Hour {
    began: Instant,
    answered: u64,
    /// The workspace has an hourly limit; then `began` is its last refusal.
    is_limited: bool,
}

impl Hour {
    fn new(began: Instant) -> Self {
        Self {
            began,
            answered: 0,
            is_limited: false,
        }
    }

    fn answered(&mut self, now: Instant) {
        if now.duration_since(self.began) >= Duration::from_hours(1) {
            (self.began, self.answered) = (now, 0);
        }
        self.answered += 1;
        // More than such a workspace allows: its plan has changed.
        self.is_limited &= self.answered <= FEW_REQUESTS_PER_HOUR;
    }

    /// Whether a refusal can only come from an hourly limit.
    fn is_refused_by_hour(&mut self, now: Instant) -> bool {
        if !self.is_limited && self.answered > FEW_REQUESTS_PER_HOUR {
            return false;
        }
        *self = Self {
            is_limited: true,
            ..Self::new(now)
        };
        true
    }
}

impl Pace {
    pub(super) fn new(requests_per_second: u32) -> Self {
        let rate = NonZeroU32::new(requests_per_second).unwrap_or(NonZeroU32::MIN);
        // Without a burst no second sees more than the ceiling.
        let quota = Quota::per_second(rate).allow_burst(NonZeroU32::MIN);
        Self {
            ceiling: RateLimiter::direct(quota),
            lanes: Semaphore::new(LANES),
            silent_until: Mutex::new(None),
            hour: Mutex::new(Hour::new(Instant::now())),
            hourly_limit_told: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        }
    }

    /// Waits until a request may be sent; the lane is free again when the permit is dropped. The error
    /// says how much longer Clockify wants silence, where that is more than `patience`.
    pub(super) async fn turn(&self, patience: Duration) -> Result<SemaphorePermit<'_>, Duration> {
        let lane = self
            .lanes
            .acquire()
            .await
            .expect("the lanes are never closed");
        while let Some(silence) = self.silence_left() {
            if silence > patience {
                return Err(silence);
            }
            tokio::time::sleep(silence).await;
        }
        self.ceiling.until_ready().await;
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(lane)
    }

    /// Nobody asks for so long.
    pub(super) fn be_silent_for(&self, silence: Duration) {
        let until = Instant::now() + silence;
        let mut silent_until = held(&self.silent_until);
        if silent_until.is_none_or(|already| already < until) {
            *silent_until = Some(until);
        }
    }

    /// A request was not refused for the number of requests.
    pub(super) fn was_answered(&self) {
        held(&self.hour).answered(Instant::now());
    }

    /// Whether an hourly limit has been met, and not been exceeded since.
    pub(super) fn has_hourly_limit(&self) -> bool {
        held(&self.hour).is_limited
    }

    /// Clockify refused a call, and means it. Whether so few requests were answered that its limit must be an hourly
    /// one; the first time this is said in the log.
    pub(super) fn meets_hourly_limit(&self) -> bool {
        let (answered, is_hourly) = {
            let mut hour = held(&self.hour);
            (hour.answered, hour.is_refused_by_hour(Instant::now()))
        };
        if is_hourly && !self.hourly_limit_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                clockify.requests_this_hour = answered,
                "Clockify refuses requests although few were sent: this workspace seems to be limited to \
                 30 requests an hour, as new Free workspaces are. Syncs go on, slowly; a paid plan allows \
                 50 a second."
            );
        }
        is_hourly
    }

    /// Requests sent since the start, each try counted.
    pub(super) fn requests_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn silence_left(&self) -> Option<Duration> {
        let mut silent_until = held(&self.silent_until);
        let left = (*silent_until)?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            *silent_until = None;
            return None;
        }
        Some(left)
    }
}

/// What a thread left that panicked is still a plain number or instant.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `clockify.md` §2.3: "newly created Free workspaces 30 requests per HOUR".
    #[test]
    fn an_hourly_limit_is_told_from_a_burst_and_remembered() {
        let began = Instant::now();
        let at = |minutes: u64| began + Duration::from_mins(minutes);
        let mut hour = Hour::new(began);
        let answer = |hour: &mut Hour, times: u64, minute: u64| {
            for _ in 0..times {
                hour.answered(at(minute));
            }
        };
        // A paid workspace in a burst: many were answered before.
        answer(&mut hour, 500, 1);
        assert!(!hour.is_refused_by_hour(at(1)));
        // An hour later few were.
        answer(&mut hour, 30, 61);
        assert!(hour.is_refused_by_hour(at(61)));
        assert!(hour.is_limited);
        // Each hour's 30 are no news, though they are more than 40 since the first.
        for minute in [63, 121, 123, 181] {
            answer(&mut hour, 29, minute);
            assert!(hour.is_limited, "minute {minute}");
            assert!(hour.is_refused_by_hour(at(minute)), "minute {minute}");
        }
        // More than 40 without a refusal: the plan has changed.
        answer(&mut hour, 41, 182);
        assert!(!hour.is_limited);
        assert!(!hour.is_refused_by_hour(at(182)));
    }
}

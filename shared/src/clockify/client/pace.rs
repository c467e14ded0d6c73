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

/// Between two requests to a workspace with an hourly limit that does not say when to come back: its 30
/// requests spread over the hour.
const HOURLY_PAUSE: Duration = Duration::from_mins(2);

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

/// Requests sent since some instant less than an hour ago.
#[derive(Debug)]
struct Hour {
    began: Instant,
    sent: u64,
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
            hour: Mutex::new(Hour {
                began: Instant::now(),
                sent: 0,
            }),
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
        let mut hour = held(&self.hour);
        if hour.began.elapsed() >= Duration::from_hours(1) {
            *hour = Hour {
                began: Instant::now(),
                sent: 0,
            };
        }
        hour.sent += 1;
        drop(hour);
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

    /// Clockify refused a call to the last try. Where so few requests went out that its limit must be an
    /// hourly one, says so once and gives the pause that such a limit needs.
    pub(super) fn hourly_pause(&self) -> Option<Duration> {
        let sent = held(&self.hour).sent;
        if sent > FEW_REQUESTS_PER_HOUR {
            return None;
        }
        if !self.hourly_limit_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                clockify.requests_this_hour = sent,
                "Clockify refuses requests although few were sent: this workspace seems to be limited to \
                 30 requests an hour, as new Free workspaces are. Syncs go on, slowly; a paid plan allows \
                 50 a second."
            );
        }
        Some(HOURLY_PAUSE)
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

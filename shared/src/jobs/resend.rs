//! Failures that pass by themselves (`design.md` §2, *Failures in queue functions*): the message is sent again as a
//! copy that knows its attempt and last error, 1 to 15 minutes later, for up to 24 hours.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a message is sent again before its failure counts as permanent.
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_mins(15);

/// What a copy knows of the tries before it. In messages its names must not be those of the host's own metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tries {
    /// How many tries have failed.
    pub attempt: u32,
    /// When the first of them failed.
    pub failing_since: Timestamp,
    /// Why the last one did.
    pub last_error: String,
}

impl Tries {
    /// One more failure, after `before`.
    pub fn after(before: Option<&Self>, error: &str, now: Timestamp) -> Self {
        Self {
            attempt: before.map_or(1, |tries| tries.attempt.saturating_add(1)),
            failing_since: before.map_or(now, |tries| tries.failing_since),
            last_error: error.to_owned(),
        }
    }

    /// When the next copy should come: 1, 2, 4, 8, then 15 minutes, or later if the other side asked for that (never
    /// over 15 minutes). None: it has failed for a day.
    pub fn delay(&self, now: Timestamp, retry_after: Option<Duration>) -> Option<Duration> {
        if now.duration_since(self.failing_since) >= GIVE_UP_AFTER {
            return None;
        }
        let doublings = self.attempt.saturating_sub(1).min(4);
        let waited = SHORTEST * 2_u32.pow(doublings);
        Some(waited.max(retry_after.unwrap_or_default()).min(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn minutes(n: u64) -> Duration {
        Duration::from_mins(n)
    }

    #[test]
    fn waits_grow_from_one_to_fifteen_minutes() {
        let now = at("2026-11-02T10:00:00Z");
        let mut tries = Tries::after(None, "first", now);
        let mut waits = vec![];
        for _ in 0..7 {
            waits.push(tries.delay(now, None).unwrap());
            tries = Tries::after(Some(&tries), "again", now);
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15, 15].map(minutes));
    }

    #[test]
    fn the_other_sides_wish_holds_within_the_limits() {
        let now = at("2026-11-02T10:00:00Z");
        let tries = Tries::after(None, "429", now);
        for (asked, given) in [(1, 60), (90, 90), (7200, 900)] {
            let asked = Some(Duration::from_secs(asked));
            assert_eq!(tries.delay(now, asked), Some(Duration::from_secs(given)));
        }
    }

    #[test]
    fn after_a_day_a_passing_failure_is_a_permanent_one() {
        let first = at("2026-11-02T10:00:00Z");
        let tries = Tries::after(None, "away", first);
        assert!(tries.delay(at("2026-11-03T09:59:59Z"), None).is_some());
        assert_eq!(tries.delay(at("2026-11-03T10:00:00Z"), None), None);
    }

    #[test]
    fn a_copy_keeps_when_it_began_and_counts_on() {
        let first = Tries::after(None, "one", at("2026-11-02T10:00:00Z"));
        let second = Tries::after(Some(&first), "two", at("2026-11-02T10:05:00Z"));
        assert_eq!(second.attempt, 2);
        assert_eq!(second.failing_since, first.failing_since);
        assert_eq!(second.last_error, "two");
    }
}

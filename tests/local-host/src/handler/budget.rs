//! How often the handler may die: three errors, forgotten when 30 minutes lie between the last two.

use std::time::{Duration, Instant};

const MEMORY: Duration = Duration::from_mins(30);

/// Deaths of the handler.
#[derive(Debug)]
pub(super) struct Budget {
    limit: Option<u32>,
    deaths: u32,
    last: Option<Instant>,
}

impl Budget {
    /// `limit` None: it may die as often as it likes.
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            deaths: 0,
            last: None,
        }
    }

    /// One more death; true when the host gives up.
    pub(super) fn spent_by_death_at(&mut self, now: Instant) -> bool {
        if self.last.is_some_and(|last| now - last > MEMORY) {
            self.deaths = 0;
        }
        self.last = Some(now);
        self.deaths += 1;
        self.limit.is_some_and(|limit| self.deaths >= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_errors_within_thirty_minutes_stop_the_host() {
        let start = Instant::now();
        let after = |minutes| start + Duration::from_mins(minutes);
        let mut budget = Budget::new(Some(3));
        let spent = [0, 20, 45].map(|minutes| budget.spent_by_death_at(after(minutes)));
        assert_eq!(spent, [false, false, true]);
    }

    #[test]
    fn the_bucket_empties_when_the_newest_error_comes_over_thirty_minutes_after_the_previous_one() {
        let start = Instant::now();
        let after = |minutes| start + Duration::from_mins(minutes);
        let mut budget = Budget::new(Some(3));
        let spent = [0, 10, 41, 50, 60].map(|minutes| budget.spent_by_death_at(after(minutes)));
        assert_eq!(spent, [false, false, false, false, true]);
    }

    #[test]
    fn without_a_limit_it_is_never_spent() {
        let mut budget = Budget::new(None);
        let now = Instant::now();
        assert!((0..1000).all(|_| !budget.spent_by_death_at(now)));
    }
}

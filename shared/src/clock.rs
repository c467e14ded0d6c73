//! What time it is for the business: periods, the timers' planned times, "last week".
//!
//! `CLOCKING_NOW` shifts this clock, and it then runs on. Leases, queues, time-outs and links use real time
//! and never ask here.

use jiff::{SignedDuration, Timestamp, civil::Date};

use crate::domain::time::CompanyZone;

/// The business clock. Cheap to clone; every clone shows the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock(Pace);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Real time plus an offset that was fixed once.
    Running(SignedDuration),
    Standing(Timestamp),
}

impl Clock {
    /// Real time.
    pub fn real() -> Self {
        Self(Pace::Running(SignedDuration::ZERO))
    }

    /// A clock that showed `shown` at the real instant `at`, and runs on. The pair is handed down to every
    /// process, so that one that starts anew does not jump back.
    pub fn shifted(shown: Timestamp, at: Timestamp) -> Self {
        Self(Pace::Running(shown.duration_since(at)))
    }

    /// A clock that stands still, for tests of rules that ask for the time.
    pub fn standing_at(instant: Timestamp) -> Self {
        Self(Pace::Standing(instant))
    }

    /// The business instant.
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Pace::Running(offset) => {
                let real = Timestamp::now();
                real.checked_add(offset).unwrap_or(real)
            }
            Pace::Standing(instant) => instant,
        }
    }

    /// The company's local date of now.
    pub fn today(&self, zone: &CompanyZone) -> Date {
        zone.date_of(self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_shifted_clock_runs_on_from_what_it_showed() {
        let at = Timestamp::now() - SignedDuration::from_secs(90);
        let clock = Clock::shifted(instant("2026-11-09T12:00:00Z"), at);
        let shown = clock.now();
        assert!(shown >= instant("2026-11-09T12:01:30Z"), "{shown}");
        assert!(shown < instant("2026-11-09T12:02:30Z"), "{shown}");
    }

    #[test]
    fn a_restarted_process_with_the_same_pair_does_not_jump_back() {
        let (shown, at) = (
            instant("2026-11-09T12:00:00Z"),
            instant("2026-01-01T00:00:00Z"),
        );
        assert_eq!(Clock::shifted(shown, at), Clock::shifted(shown, at));
    }

    #[test]
    fn today_is_the_companys_date() {
        let zone = CompanyZone::named("America/Edmonton").unwrap();
        let clock = Clock::standing_at(instant("2026-11-09T05:59:59Z"));
        assert_eq!(clock.today(&zone), "2026-11-08".parse().unwrap());
    }
}

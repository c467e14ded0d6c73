//! The company's zone, its weeks, and how hours are rounded (`domain.md` §3, *Time*, *Week*, *Duration*).

use jiff::{
    Timestamp,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use rust_decimal::{Decimal, RoundingStrategy};

/// A time zone from the tz data that is built into the program. The system's files are never read:
/// Alberta stopped changing clocks in 2026, and files from before that are an hour wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyZone(TimeZone);

impl CompanyZone {
    /// The zone of that IANA name, or None if the bundled data does not know it.
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// The local date on which an instant falls.
    pub fn date_of(&self, instant: Timestamp) -> Date {
        instant.to_zoned(self.0.clone()).date()
    }

    /// The zone itself, for printing local times.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

/// How seconds become hours: to the nearest step, half up, per entry (`domain.md` §3, *Duration*).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Minutes in a step; 15 is the quarter hour. At least 1.
    pub step_minutes: u32,
}

impl Default for Rounding {
    fn default() -> Self {
        Self { step_minutes: 15 }
    }
}

impl Rounding {
    /// Hours of so many seconds, exact to 0.01.
    pub fn hours(self, seconds: i64) -> Decimal {
        let step_minutes = i64::from(self.step_minutes.max(1));
        let step_seconds = step_minutes * 60;
        let steps = (seconds * 2 + step_seconds).div_euclid(step_seconds * 2);
        (Decimal::from(steps * step_minutes) / Decimal::from(60))
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_round_to_the_nearest_quarter_half_up() {
        for (seconds, hours) in [
            (0, "0"),
            (449, "0"),
            (450, "0.25"),
            (899, "0.25"),
            (1349, "0.25"),
            (1350, "0.5"), // domain.md §11: 22 min 30 s and more round up
            (28_800, "8"),
            (28_350, "8"),
            (95_415, "26.5"),
        ] {
            let expected: Decimal = hours.parse().unwrap();
            assert_eq!(Rounding::default().hours(seconds), expected, "{seconds} s");
        }
    }
}

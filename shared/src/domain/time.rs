//! The company's zone, its weeks, and how hours are rounded (`domain.md` §3, *Time*, *Week*, *Duration*).

use jiff::{
    Timestamp,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

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

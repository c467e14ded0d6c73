//! The company's zone, how hours are rounded, and runs of local days (`domain.md` §3, *Time*, *Week*,
//! *Duration*; §7 for what a week report asks for).

use std::fmt;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
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
    /// The nearest quarter hour.
    fn default() -> Self {
        Self { step_minutes: 15 }
    }
}

impl Rounding {
    /// Hours of so many seconds, exact to 0.01.
    pub fn hours(self, seconds: i64) -> Decimal {
        let step_minutes = i64::from(self.step_minutes.max(1));
        let step_seconds = step_minutes * 60;
        let steps = seconds
            .saturating_add(step_seconds / 2)
            .div_euclid(step_seconds);
        half_up(
            Decimal::from(steps) * Decimal::from(step_minutes) / Decimal::from(60),
            2,
        )
    }
}

/// Rounds half up to that many decimals; below zero a half moves away from zero, so that what is taken
/// back is as much as what was given.
pub fn half_up(amount: Decimal, decimals: u32) -> Decimal {
    amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// A run of local days, both ends included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    first_day: Date,
    last_day: Date,
}

/// A period that ends before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the period ends on {last_day}, before it starts on {first_day}")]
pub struct EndsBeforeStart {
    pub first_day: Date,
    pub last_day: Date,
}

impl Period {
    /// The days from the first through the last.
    pub fn new(first_day: Date, last_day: Date) -> Result<Self, EndsBeforeStart> {
        if last_day < first_day {
            return Err(EndsBeforeStart {
                first_day,
                last_day,
            });
        }
        Ok(Self {
            first_day,
            last_day,
        })
    }

    /// That one day.
    pub fn day(date: Date) -> Self {
        Self {
            first_day: date,
            last_day: date,
        }
    }

    /// That many days from the first; at least one.
    pub(super) fn starting(first_day: Date, day_count: i64) -> Self {
        let more = (day_count - 1).max(0);
        Self {
            first_day,
            last_day: first_day.saturating_add(more.days()),
        }
    }

    pub fn first_day(self) -> Date {
        self.first_day
    }

    pub fn last_day(self) -> Date {
        self.last_day
    }

    pub fn contains(self, date: Date) -> bool {
        self.first_day <= date && date <= self.last_day
    }

    /// Every day of it, in order.
    pub fn days(self) -> impl Iterator<Item = Date> {
        std::iter::successors(Some(self.first_day), |day| day.tomorrow().ok())
            .take_while(move |day| *day <= self.last_day)
    }

    /// How many days it has.
    pub fn day_count(self) -> i64 {
        days_from(self.first_day, self.last_day) + 1
    }

    /// The days that both have, or None.
    pub fn overlap(self, other: Self) -> Option<Self> {
        Self::new(
            self.first_day.max(other.first_day),
            self.last_day.min(other.last_day),
        )
        .ok()
    }

    /// "A week report's start moves back to Sunday and its end on to Saturday" (`domain.md` §7); the
    /// weekly overtime test runs on whole weeks too (§4).
    #[must_use]
    pub fn whole_weeks(self) -> Self {
        Self {
            first_day: Week::of(self.first_day).sunday(),
            last_day: Week::of(self.last_day).saturday(),
        }
    }

    /// Every week that it touches, in order.
    pub fn weeks(self) -> impl Iterator<Item = Week> {
        std::iter::successors(Some(Week::of(self.first_day)), |week| {
            // At the calendar's end the next week would be the same one again.
            Some(week.next()).filter(|next| next != week)
        })
        .take_while(move |week| week.sunday() <= self.last_day)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first_day, self.last_day)
    }
}

/// Sunday to Saturday (`domain.md` §3, *Week*).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Week {
    sunday: Date,
}

impl Week {
    /// The week in which a date lies.
    pub fn of(date: Date) -> Self {
        let since_sunday = i64::from(date.weekday().to_sunday_zero_offset());
        Self {
            sunday: date.saturating_sub(since_sunday.days()),
        }
    }

    /// "Last week" asked for on a Sunday is the week that ended yesterday; on a Saturday the current
    /// week is not over yet (`domain.md` §7).
    pub fn last_complete(today: Date) -> Self {
        Self::of(today).previous()
    }

    pub fn sunday(self) -> Date {
        self.sunday
    }

    pub fn saturday(self) -> Date {
        self.sunday.saturating_add(6.days())
    }

    pub fn period(self) -> Period {
        Period {
            first_day: self.sunday,
            last_day: self.saturday(),
        }
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.sunday.saturating_add(7.days()))
    }

    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.sunday.saturating_sub(7.days()))
    }
}

/// Monday to Friday.
pub fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Days from one date to a later one; negative where it is earlier.
pub fn days_from(earlier: Date, later: Date) -> i64 {
    later.duration_since(earlier).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn hours(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn hours_are_rounded_to_the_nearest_quarter_hour_half_up() {
        // domain.md §3: "Hours are rounded to the nearest quarter hour [config], half up, per entry,
        // and kept as a decimal"; §11: "here 22 min 30 s and more round up".
        let cases = [
            (0, "0"),
            (449, "0"),
            (450, "0.25"),
            (899, "0.25"),
            (22 * 60 + 29, "0.25"),
            (22 * 60 + 30, "0.50"),
            (7 * 3600 + 52 * 60 + 30, "8"), // PT7H52M30S
            (7 * 3600 + 52 * 60 + 29, "7.75"),
            (95_415, "26.50"), // PT26H30M15S
            (14_430, "4"),
            (3600, "1"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(
                Rounding::default().hours(seconds),
                hours(expected),
                "{seconds} s"
            );
        }
    }

    #[test]
    fn the_step_of_rounding_is_a_setting() {
        // domain.md §3: "quarter hour [config]"; hours stay exact to 0.01 whatever the step.
        let cases = [
            (6, 179, "0"),
            (6, 180, "0.1"),
            (20, 600, "0.33"),
            (60, 1799, "0"),
            (60, 1800, "1"),
            (0, 36, "0.02"), // a step of 0 is one of a minute
        ];
        for (step_minutes, seconds, expected) in cases {
            assert_eq!(
                Rounding { step_minutes }.hours(seconds),
                hours(expected),
                "{seconds} s to {step_minutes} min"
            );
        }
    }

    #[test]
    fn half_up_moves_a_half_away_from_zero() {
        for (amount, rounded) in [
            ("0.005", "0.01"),
            ("0.0049", "0"),
            ("2.675", "2.68"),
            ("-0.005", "-0.01"),
            ("-0.0049", "0"),
        ] {
            assert_eq!(half_up(hours(amount), 2), hours(rounded), "{amount}");
        }
    }

    #[test]
    fn a_day_is_local_and_alberta_changes_no_clocks_after_march_2026() {
        // domain.md §3: "since 8 March 2026 Edmonton is UTC−06:00 all year, and before that it had two
        // changes a year".
        let edmonton = CompanyZone::named("America/Edmonton").expect("a known zone");
        let cases = [
            ("2026-03-08T05:30:00Z", date(2026, 3, 7)),
            ("2025-12-01T06:59:59Z", date(2025, 11, 30)), // UTC−07:00 in the last winter with changes
            ("2026-11-03T05:59:59Z", date(2026, 11, 2)),
            ("2026-11-03T06:00:00Z", date(2026, 11, 3)),
            ("2026-12-15T06:30:00Z", date(2026, 12, 15)),
        ];
        for (instant, day) in cases {
            let instant: Timestamp = instant.parse().expect("an instant");
            assert_eq!(edmonton.date_of(instant), day, "{instant}");
        }
        assert_eq!(CompanyZone::named("America/Atlantis"), None);
    }

    #[test]
    fn a_week_runs_sunday_to_saturday() {
        // domain.md §3: "Week runs Sunday to Saturday."
        for day in 25..=31 {
            let week = Week::of(date(2026, 10, day));
            assert_eq!(
                (week.sunday(), week.saturday()),
                (date(2026, 10, 25), date(2026, 10, 31)),
                "October {day}"
            );
        }
        assert_eq!(Week::of(date(2026, 11, 1)).sunday(), date(2026, 11, 1));
    }

    #[test]
    fn last_week_asked_for_on_a_sunday_is_the_week_that_ended_yesterday() {
        // domain.md §7: "“Last week” asked for on a Sunday is the week that ended yesterday."
        let cases = [
            (date(2026, 11, 7), date(2026, 10, 31)), // Saturday: this week is not over
            (date(2026, 11, 8), date(2026, 11, 7)),  // Sunday
            (date(2026, 11, 9), date(2026, 11, 7)),  // Monday
            (date(2026, 11, 14), date(2026, 11, 7)), // Saturday
        ];
        for (today, saturday) in cases {
            assert_eq!(
                Week::last_complete(today).saturday(),
                saturday,
                "asked on {today}"
            );
        }
    }

    #[test]
    fn a_week_report_starts_on_a_sunday_and_ends_on_a_saturday() {
        // domain.md §7: "A week report's start moves back to Sunday and its end on to Saturday."
        let asked = Period::new(date(2026, 11, 4), date(2026, 11, 9)).expect("a period");
        let whole = asked.whole_weeks();
        assert_eq!(
            (whole.first_day(), whole.last_day()),
            (date(2026, 11, 1), date(2026, 11, 14))
        );
        assert_eq!(asked.weeks().count(), 2);
        assert_eq!(whole.weeks().count(), 2);
    }

    #[test]
    fn a_period_cannot_end_before_it_starts() {
        // domain.md §7: "a period that ends before it starts is a 404 or 400 with a message".
        let error = Period::new(date(2026, 3, 2), date(2026, 3, 1)).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "the period ends on 2026-03-01, before it starts on 2026-03-02"
        );
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        let last = Period::day(Date::MAX);
        assert_eq!(last.weeks().count(), 1);
        assert_eq!(last.whole_weeks().last_day(), Date::MAX);
        assert_eq!(last.days().count(), 1);
        assert_eq!(Period::day(Date::MIN).weeks().count(), 1);
    }

    proptest! {
        #[test]
        fn rounding_moves_a_duration_by_at_most_half_a_step(seconds in 0_i64..4_000_000) {
            let rounded = Rounding::default().hours(seconds) * Decimal::from(3600);
            let moved = (rounded - Decimal::from(seconds)).abs();
            prop_assert!(moved <= Decimal::from(450), "{seconds} s became {rounded} s");
        }

        #[test]
        fn every_day_lies_in_exactly_one_week(offset in 0_i64..20_000) {
            let day = date(2000, 1, 1).saturating_add(offset.days());
            let week = Week::of(day);
            prop_assert!(week.period().contains(day));
            prop_assert_eq!(week.period().day_count(), 7);
            prop_assert!(!week.next().period().contains(day));
            prop_assert!(!week.previous().period().contains(day));
            prop_assert_eq!(week.next().previous(), week);
        }
    }
}

//! NCRONTAB: `{second} {minute} {hour} {day} {month} {day-of-week}` in UTC; with five fields the second is 0.

use std::fmt;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, time},
    tz::TimeZone,
};

/// Beyond so many days no occurrence is looked for (29 February comes again within eight years).
const HORIZON_DAYS: usize = 366 * 9;
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// When a timer fires.
#[derive(Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    seconds: Set,
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

/// Numbers from 0 to 63.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Set(u64);

/// What a field may hold.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Schedule {
    /// Reads a schedule; the error names the field that is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let fields = match fields.len() {
            6 => fields,
            5 => [vec!["0"], fields].concat(),
            n => {
                return Err(format!("schedule {text:?} has {n} fields, not six"));
            }
        };
        let field = |n: usize, name, first, last, names| {
            Field {
                name,
                first,
                last,
                names,
            }
            .parse(fields[n])
            .map_err(|fault| format!("schedule {text:?}: {fault}"))
        };
        Ok(Self {
            text: text.to_owned(),
            seconds: field(0, "second", 0, 59, &[])?,
            minutes: field(1, "minute", 0, 59, &[])?,
            hours: field(2, "hour", 0, 23, &[])?,
            days: field(3, "day", 1, 31, &[])?,
            months: field(4, "month", 1, 12, &MONTHS)?,
            weekdays: field(5, "day of week", 0, 6, &WEEKDAYS)?,
        })
    }

    /// The first occurrence after an instant; None if there is none for years (31 February).
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let start = TimeZone::UTC.to_datetime(instant);
        let first = start.date();
        let today = self
            .fires_on(first)
            .then(|| self.next_on_day(start))
            .flatten();
        let later = || {
            let mut days = first.series(1.day()).skip(1).take(HORIZON_DAYS);
            days.find(|&day| self.fires_on(day))
                .and_then(|day| self.first_on_day(day))
        };
        let found = today.or_else(later)?;
        TimeZone::UTC.to_timestamp(found).ok()
    }

    /// More than one occurrence within a minute: the host keeps no status for such a timer.
    pub fn fires_within_a_minute(&self) -> bool {
        self.seconds.0.count_ones() > 1
    }

    fn fires_on(&self, day: Date) -> bool {
        let weekday = day.weekday().to_sunday_zero_offset();
        self.months.has(day.month()) && self.days.has(day.day()) && self.weekdays.has(weekday)
    }

    fn first_on_day(&self, day: Date) -> Option<DateTime> {
        let time = time(
            self.hours.first()?,
            self.minutes.first()?,
            self.seconds.first()?,
            0,
        );
        Some(day.to_datetime(time))
    }

    /// The first occurrence later on the same day.
    fn next_on_day(&self, after: DateTime) -> Option<DateTime> {
        let day = after.date();
        let (hour, minute, second) = (after.hour(), after.minute(), after.second());
        let at = |hour, minute, second| Some(day.to_datetime(time(hour, minute, second, 0)));
        let (first_minute, first_second) = (self.minutes.first()?, self.seconds.first()?);
        if self.hours.has(hour) {
            if self.minutes.has(minute)
                && let Some(second) = self.seconds.after(second)
            {
                return at(hour, minute, second);
            }
            if let Some(minute) = self.minutes.after(minute) {
                return at(hour, minute, first_second);
            }
        }
        at(self.hours.after(hour)?, first_minute, first_second)
    }
}

impl Set {
    fn has(self, n: i8) -> bool {
        u32::try_from(n).is_ok_and(|n| self.0 >> n & 1 == 1)
    }

    fn first(self) -> Option<i8> {
        (0..64).find(|&n| self.has(n))
    }

    fn after(self, n: i8) -> Option<i8> {
        (n + 1..64).find(|&n| self.has(n))
    }
}

impl Field {
    fn parse(&self, text: &str) -> Result<Set, String> {
        let mut set = 0;
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => {
                    let step = step.parse().ok().filter(|&n: &u32| n > 0);
                    (range, Some(step.ok_or_else(|| self.fault(item))?))
                }
                None => (item, None),
            };
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (self.first, self.last),
                Some((from, to)) => (self.number(from)?, self.number(to)?),
                // `5/15` goes on to the end of the field.
                None if step.is_some() => (self.number(range)?, self.last),
                None => (self.number(range)?, self.number(range)?),
            };
            if from > to {
                return Err(self.fault(item));
            }
            for n in (from..=to).step_by(step.unwrap_or(1) as usize) {
                set |= 1_u64 << n;
            }
        }
        Ok(Set(set))
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let names = self.names.iter().zip(self.first..);
        names
            .filter(|(name, _)| text.len() >= 3 && text.to_uppercase().starts_with(**name))
            .map(|(_, n)| n)
            .next()
            .or_else(|| text.parse().ok())
            .filter(|n| (self.first..=self.last).contains(n))
            .ok_or_else(|| self.fault(text))
    }

    fn fault(&self, item: &str) -> String {
        let Self {
            name, first, last, ..
        } = self;
        format!("{item:?} is no {name} from {first} to {last}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn the_next_occurrence_lies_strictly_after_the_instant() {
        for (schedule, after, expected) in [
            (
                "0 */5 * * * *",
                "2026-03-02T09:10:00Z",
                "2026-03-02T09:15:00Z",
            ),
            (
                "0 */5 * * * *",
                "2026-03-02T09:14:59.999Z",
                "2026-03-02T09:15:00Z",
            ),
            (
                "0 */15 * * * *",
                "2026-03-02T09:45:00Z",
                "2026-03-02T10:00:00Z",
            ),
            (
                "0 0 10 * * *",
                "2026-03-02T10:00:00Z",
                "2026-03-03T10:00:00Z",
            ),
            (
                "0 0 10 * * *",
                "2026-12-31T10:00:01Z",
                "2027-01-01T10:00:00Z",
            ),
            (
                "0 0 7 * * 0",
                "2026-11-09T00:00:00Z",
                "2026-11-15T07:00:00Z",
            ),
            (
                "0 0 7 * * SUN",
                "2026-11-09T00:00:00Z",
                "2026-11-15T07:00:00Z",
            ),
            (
                "0 30 12 * * 1-5",
                "2026-11-06T12:30:00Z",
                "2026-11-09T12:30:00Z",
            ),
            (
                "0 0 0 29 2 *",
                "2026-01-01T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ),
            (
                "0 0 0 1 JAN,JUL *",
                "2026-01-01T00:00:00Z",
                "2026-07-01T00:00:00Z",
            ),
            (
                "30 5/20 0 * * *",
                "2026-01-01T00:05:30Z",
                "2026-01-01T00:25:30Z",
            ),
            (
                "*/20 * * * * *",
                "2026-01-01T00:00:45Z",
                "2026-01-01T00:01:00Z",
            ),
            (
                "*/5 * * * *",
                "2026-03-02T09:10:00Z",
                "2026-03-02T09:15:00Z",
            ),
            // Day and weekday both given: both must hold.
            (
                "0 0 0 13 * 5",
                "2026-03-14T00:00:00Z",
                "2026-11-13T00:00:00Z",
            ),
        ] {
            let next = Schedule::parse(schedule)
                .expect(schedule)
                .next_after(instant(after));
            assert_eq!(next, Some(instant(expected)), "{schedule} after {after}");
        }
    }

    #[test]
    fn a_schedule_that_never_comes_has_no_next() {
        let schedule = Schedule::parse("0 0 0 31 2 *").expect("well-formed");
        assert_eq!(schedule.next_after(instant("2026-01-01T00:00:00Z")), None);
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        for (schedule, named) in [
            ("* * * *", "six"),
            ("60 * * * * *", "second"),
            ("0 60 * * * *", "minute"),
            ("0 0 24 * * *", "hour"),
            ("0 0 0 0 * *", "day"),
            ("0 0 0 * 13 *", "month"),
            ("0 0 0 * * 7", "day of week"),
            ("0 5-1 * * * *", "minute"),
            ("0 */0 * * * *", "minute"),
            ("0 x * * * *", "minute"),
        ] {
            let fault = Schedule::parse(schedule).expect_err(schedule);
            assert!(fault.contains(named), "{schedule}: {fault}");
        }
    }

    #[test]
    fn more_than_one_second_in_a_minute_is_seen() {
        for (schedule, expected) in [
            ("0 * * * * *", false),
            ("*/30 * * * * *", true),
            ("0 0 10 * * *", false),
        ] {
            let schedule = Schedule::parse(schedule).expect(schedule);
            assert_eq!(schedule.fires_within_a_minute(), expected, "{schedule:?}");
        }
    }
}

//! The simulated company's calendar: weeks that run Sunday to Saturday in the company's zone, of
//! which the last full one ends just before "now". The zones come from the tz data that is built
//! into the program, because the system's may still change clocks in Alberta after 2026
//! (clockify.md §1).

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday, time},
    tz::{TimeZone, TimeZoneDatabase},
};

/// The bundled zone of that name.
pub(crate) fn zone_named(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// Seconds of an instant, rendered as Clockify's main host does: UTC, whole seconds, `Z`.
pub(crate) fn instant_text(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// `PT7H52M30S`; hours over 24 are not turned into days (clockify.md §3).
pub(crate) fn iso_duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("PT");
    for (amount, unit) in [(hours, 'H'), (minutes, 'M'), (rest, 'S')] {
        if amount != 0 {
            text.push_str(&amount.to_string());
            text.push(unit);
        }
    }
    if text == "PT" {
        text.push_str("0S");
    }
    text
}

/// The Sunday that begins the week of a date.
pub(crate) fn sunday_of(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().to_sunday_zero_offset()).days())
}

#[derive(Clone, Copy, Debug)]
struct Day {
    midnight: i64,
    noon: i64,
}

/// The weeks that the generated history covers: full weeks 0 to `weeks` − 1, then the week that
/// holds "now", unfinished.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
    first: Date,
    weeks: usize,
    now: i64,
    days: Vec<Day>,
}

impl Calendar {
    pub(crate) fn ending_before(now: Timestamp, weeks: usize, zone: TimeZone) -> Self {
        let this_week = sunday_of(now.to_zoned(zone.clone()).date());
        let full = i64::try_from(weeks).unwrap_or(0);
        let first = this_week.saturating_sub(full.weeks());
        let days = (0..(full + 8) * 7)
            .map(|n| {
                let date = first.saturating_add(n.days());
                let at = |hour| {
                    zone.to_ambiguous_timestamp(date.to_datetime(time(hour, 0, 0, 0)))
                        .compatible()
                        .map_or(0, Timestamp::as_second)
                };
                Day {
                    midnight: at(0),
                    noon: at(12),
                }
            })
            .collect();
        Self {
            zone,
            first,
            weeks,
            now: now.as_second(),
            days,
        }
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Number of full weeks; it is also the number of the week that holds "now".
    pub(crate) fn weeks(&self) -> usize {
        self.weeks
    }

    /// Where the history ends, in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn sunday(&self, week: usize) -> Date {
        let weeks = i64::try_from(week).unwrap_or(0);
        self.first.saturating_add(weeks.weeks())
    }

    /// The date of a day of a week, Sunday being 0.
    pub(crate) fn date(&self, week: usize, day: usize) -> Date {
        let days = i64::try_from(day).unwrap_or(0);
        self.sunday(week).saturating_add(days.days())
    }

    /// The week that holds a date; None before the history and after the week of "now".
    pub(crate) fn week_of(&self, date: Date) -> Option<usize> {
        let days = self.days_since_first(date);
        let week = usize::try_from(days.div_euclid(7)).ok()?;
        (week <= self.weeks).then_some(week)
    }

    /// The dates that have a place in the calendar: the weeks and some beyond.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Date> {
        (0..self.days.len()).map(|day| self.date(day / 7, day % 7))
    }

    /// The weeks that can hold entries which start between two instants.
    pub(crate) fn weeks_between(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        // A week to either side makes good that weeks differ by an hour where clocks change.
        let begin = self.days.first().map_or(0, |day| day.midnight);
        let week = |seconds: i64| (seconds - begin).div_euclid(7 * 86_400);
        let bound = |week: i64| {
            usize::try_from(week.max(0))
                .unwrap_or(0)
                .min(self.weeks + 1)
        };
        bound(week(from) - 1)..bound(week(to) + 2)
    }

    fn days_since_first(&self, date: Date) -> i64 {
        self.first
            .until(date)
            .map_or(0, |span| i64::from(span.get_days()))
    }

    /// The instant at so many seconds after local midnight by the clock on the wall. `seconds` may
    /// pass midnight.
    pub(crate) fn instant(&self, week: usize, day: usize, seconds: i64) -> i64 {
        let mut index = week * 7 + day;
        let mut seconds = seconds;
        while seconds >= 86_400 {
            index += 1;
            seconds -= 86_400;
        }
        let Some(at) = self.days.get(index) else {
            return self.now;
        };
        // Clocks change at two in the morning, so noon tells the offset of the working day.
        if seconds >= 3 * 3600 {
            at.noon + seconds - 43_200
        } else {
            at.midnight + seconds
        }
    }

    pub(crate) fn is_weekend(&self, week: usize, day: usize) -> bool {
        matches!(
            self.date(week, day).weekday(),
            Weekday::Saturday | Weekday::Sunday
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(now: &str) -> Calendar {
        Calendar::ending_before(
            now.parse().unwrap(),
            12,
            zone_named("America/Edmonton").unwrap(),
        )
    }

    #[test]
    fn the_last_full_week_ends_just_before_now() {
        for (now, last_sunday) in [
            ("2026-11-02T15:00:00Z", "2026-10-25"),
            ("2026-11-01T07:00:00Z", "2026-10-25"),
            ("2026-11-01T05:59:59Z", "2026-10-18"),
        ] {
            assert_eq!(calendar(now).sunday(11).to_string(), last_sunday, "{now}");
        }
    }

    #[test]
    fn wall_clock_times_are_right_on_the_day_clocks_changed_for_the_last_time() {
        let calendar = calendar("2026-03-20T15:00:00Z");
        let week = calendar.week_of("2026-03-08".parse().unwrap()).unwrap();
        assert_eq!(
            instant_text(calendar.instant(week, 0, 8 * 3600)),
            "2026-03-08T14:00:00Z"
        );
        assert_eq!(
            instant_text(calendar.instant(week, 0, 3600)),
            "2026-03-08T08:00:00Z"
        );
    }

    #[test]
    fn alberta_keeps_its_clocks_in_november_2026() {
        let calendar = calendar("2026-11-20T15:00:00Z");
        let week = calendar.week_of("2026-11-03".parse().unwrap()).unwrap();
        assert_eq!(
            instant_text(calendar.instant(week, 2, 8 * 3600)),
            "2026-11-03T14:00:00Z"
        );
    }

    #[test]
    fn an_open_window_covers_all_weeks() {
        let calendar = calendar("2026-11-02T15:00:00Z");
        assert_eq!(calendar.weeks_between(0, 1 << 40), 0..13);
        assert_eq!(calendar.weeks_between(0, 1), 0..0);
    }

    #[test]
    fn durations_are_written_as_clockify_writes_them() {
        for (seconds, text) in [
            (0, "PT0S"),
            (45, "PT45S"),
            (27_750, "PT7H42M30S"),
            (95_415, "PT26H30M15S"),
            (7_200, "PT2H"),
        ] {
            assert_eq!(iso_duration(seconds), text);
        }
    }
}

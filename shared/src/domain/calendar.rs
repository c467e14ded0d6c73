//! Pay periods, months and what report is due on a day (`domain.md` §7 *Payroll* and *Billing*, §8).
//!
//! Everything is asked for "as of" a local date: nothing here knows what day it is.

use std::{fmt, str::FromStr};

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

use super::time::{Period, Week, days_from};

/// Two weeks, Sunday to Saturday, counted from an anchor (`domain.md` §7 *Payroll*).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayCalendar {
    anchor: Date,
}

/// An anchor on another day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a Sunday: pay periods run Sunday to Saturday")]
pub struct NotASunday(pub Date);

impl PayCalendar {
    const DAYS: i64 = 14;

    /// The calendar in which a pay period begins on that Sunday.
    pub fn anchored_on(anchor: Date) -> Result<Self, NotASunday> {
        if anchor.weekday() == Weekday::Sunday {
            Ok(Self { anchor })
        } else {
            Err(NotASunday(anchor))
        }
    }

    /// The pay period in which a date lies, before the anchor too.
    pub fn period_of(self, date: Date) -> Period {
        let into = days_from(self.anchor, date).rem_euclid(Self::DAYS);
        let first_day = date.saturating_sub(into.days());
        Period::starting(first_day, Self::DAYS)
    }

    /// The last pay period that is over on that day: it ended before it.
    pub fn last_complete(self, today: Date) -> Period {
        let current = self.period_of(today);
        self.period_of(current.first_day().saturating_sub(1.day()))
    }
}

impl Default for PayCalendar {
    /// Anchored on 7 January 2024.
    fn default() -> Self {
        Self {
            anchor: date(2024, 1, 7),
        }
    }
}

/// A calendar month, and the billing period named after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

/// Text that names no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month: send YYYY-MM, for example 2024-11")]
pub struct NotAMonth(pub String);

impl Month {
    /// The calendar month of a date.
    pub fn of(date: Date) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    pub fn year(self) -> i16 {
        self.year
    }

    /// 1 to 12.
    pub fn number(self) -> i8 {
        self.month
    }

    /// The month before; the calendar's first month has none and is its own.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::of(self.first_day().saturating_sub(1.day()))
    }

    /// The month after; the calendar's last month has none and is its own.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of(self.first_day().last_of_month().saturating_add(1.day()))
    }

    /// From the 1st through the last.
    pub fn calendar_period(self) -> Period {
        let first_day = self.first_day();
        Period::starting(first_day, i64::from(first_day.days_in_month()))
    }

    /// "Month M runs from the day after the end of the month before through the Saturday on or before
    /// the 25th of M" (`domain.md` §7 *Billing*).
    pub fn billing_period(self) -> Period {
        let first_day = self.previous().billing_end().saturating_add(1.day());
        Period::starting(first_day, days_from(first_day, self.billing_end()) + 1)
    }

    /// The month in whose billing period a date lies.
    pub fn billed_on(date: Date) -> Self {
        let month = Self::of(date);
        if date <= month.billing_end() {
            month
        } else {
            month.next()
        }
    }

    /// The last month whose billing period is over on that day: it ended before it.
    pub fn last_billed(today: Date) -> Self {
        Self::billed_on(today).previous()
    }

    /// The last calendar month that is over on that day (`domain.md` §7 *Expense claims*).
    pub fn last_complete(today: Date) -> Self {
        Self::of(today).previous()
    }

    fn first_day(self) -> Date {
        date(self.year, self.month, 1)
    }

    /// The Saturday on or before the 25th.
    fn billing_end(self) -> Date {
        let the_25th = date(self.year, self.month, 25);
        let since_saturday = (i64::from(the_25th.weekday().to_sunday_zero_offset()) + 1) % 7;
        the_25th.saturating_sub(since_saturday.days())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAMonth(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(refused)?;
        let digits =
            |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(refused());
        }
        let year = year.parse().map_err(|_| refused())?;
        let month = month.parse().map_err(|_| refused())?;
        Date::new(year, month, 1)
            .map(Self::of)
            .map_err(|_| refused())
    }
}

/// A report that is made by itself on some day, with its period (`domain.md` §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueReport {
    TimeStatus(Week),
    Payroll(Period),
    Billing(Month),
}

/// "Time status on Mondays, payroll the Monday after a pay period ended, billing the day after its
/// period ended."
pub fn reports_due(today: Date, pay_calendar: PayCalendar) -> Vec<DueReport> {
    let mut due = Vec::new();
    if today.weekday() == Weekday::Monday {
        due.push(DueReport::TimeStatus(Week::last_complete(today)));
        let paid = pay_calendar.last_complete(today);
        if days_from(paid.last_day(), today) <= 7 {
            due.push(DueReport::Payroll(paid));
        }
    }
    let billed = Month::last_billed(today);
    if days_from(billed.billing_period().last_day(), today) == 1 {
        due.push(DueReport::Billing(billed));
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(first: Date, last: Date) -> Period {
        Period::new(first, last).expect("a period")
    }

    #[test]
    fn a_pay_period_is_two_weeks_from_the_anchor() {
        // domain.md §7: "two weeks Sunday to Saturday counted from PAY_PERIOD_ANCHOR [config, a Sunday,
        // 2024-01-07]".
        let calendar = PayCalendar::default();
        let cases = [
            (date(2024, 1, 7), date(2024, 1, 7), date(2024, 1, 20)),
            (date(2024, 1, 20), date(2024, 1, 7), date(2024, 1, 20)),
            (date(2024, 1, 21), date(2024, 1, 21), date(2024, 2, 3)),
            (date(2024, 1, 6), date(2023, 12, 24), date(2024, 1, 6)),
            (date(2026, 11, 7), date(2026, 10, 25), date(2026, 11, 7)),
        ];
        for (day, first, last) in cases {
            assert_eq!(calendar.period_of(day), period(first, last), "{day}");
        }
        assert_eq!(
            PayCalendar::anchored_on(date(2024, 1, 8)).map_err(|error| error.to_string()),
            Err("2024-01-08 is not a Sunday: pay periods run Sunday to Saturday".to_owned())
        );
    }

    #[test]
    fn payroll_is_for_the_last_complete_pay_period() {
        // domain.md §7: "Period: the last complete pay period". On its last day it is not complete.
        let calendar = PayCalendar::default();
        let before = period(date(2026, 10, 11), date(2026, 10, 24));
        let ended = period(date(2026, 10, 25), date(2026, 11, 7));
        for (today, expected) in [
            (date(2026, 11, 7), before),
            (date(2026, 11, 8), ended),
            (date(2026, 11, 21), ended),
        ] {
            assert_eq!(calendar.last_complete(today), expected, "{today}");
        }
        for today in Month::of(date(2026, 1, 1))
            .calendar_period()
            .first_day()
            .series(1.day())
            .take(365)
        {
            let last = calendar.last_complete(today);
            assert!(last.last_day() < today, "{today}");
            assert!(days_from(last.last_day(), today) <= 14, "{today}");
        }
    }

    #[test]
    fn billing_month_ends_on_the_saturday_on_or_before_the_25th() {
        // domain.md §7: "through the Saturday on or before the 25th of M".
        let cases = [
            ("2026-11", date(2026, 10, 25), date(2026, 11, 21)),
            // §11: "Where the 25th was a Saturday, a week was billed twice."
            ("2026-07", date(2026, 6, 21), date(2026, 7, 25)),
            ("2026-08", date(2026, 7, 26), date(2026, 8, 22)),
            ("2024-01", date(2023, 12, 24), date(2024, 1, 20)),
        ];
        for (month, first, last) in cases {
            let month: Month = month.parse().expect("a month");
            assert_eq!(month.billing_period(), period(first, last), "{month}");
        }
    }

    #[test]
    fn billing_periods_neither_overlap_nor_leave_a_gap() {
        // domain.md §7: "periods neither overlap nor leave a gap (tested 2020 to 2040)".
        let mut month: Month = "2020-01".parse().expect("a month");
        let end: Month = "2040-12".parse().expect("a month");
        while month <= end {
            let this = month.billing_period();
            let next = month.next().billing_period();
            assert_eq!(
                this.last_day().tomorrow().expect("a day"),
                next.first_day(),
                "after {month}"
            );
            assert_eq!(this.first_day().weekday(), Weekday::Sunday, "{month}");
            assert_eq!(this.last_day().weekday(), Weekday::Saturday, "{month}");
            assert!((19..=25).contains(&this.last_day().day()), "{month}");
            for day in this.days() {
                assert_eq!(Month::billed_on(day), month, "{day}");
            }
            month = month.next();
        }
    }

    #[test]
    fn billing_is_for_the_last_period_that_has_ended() {
        // domain.md §7: "Default: the last period that has ended."
        for (today, month) in [
            (date(2026, 11, 21), "2026-10"), // its last day: not over
            (date(2026, 11, 22), "2026-11"),
            (date(2026, 12, 19), "2026-11"),
            (date(2026, 12, 20), "2026-12"),
            (date(2027, 1, 1), "2026-12"),
        ] {
            assert_eq!(Month::last_billed(today).to_string(), month, "{today}");
        }
    }

    #[test]
    fn expense_claims_are_for_the_last_complete_month() {
        // domain.md §7: "The last complete month".
        for (today, month) in [
            (date(2026, 3, 1), "2026-02"),
            (date(2026, 3, 31), "2026-02"),
            (date(2027, 1, 1), "2026-12"),
        ] {
            assert_eq!(Month::last_complete(today).to_string(), month, "{today}");
        }
        let february: Month = "2028-02".parse().expect("a month");
        assert_eq!(
            february.calendar_period(),
            period(date(2028, 2, 1), date(2028, 2, 29))
        );
    }

    #[test]
    fn a_month_is_written_year_first() {
        // interface.md §3: `month?: "2024-11"`.
        let november: Month = "2024-11".parse().expect("a month");
        assert_eq!((november.year(), november.number()), (2024, 11));
        for text in [
            "2024-13", "2024-00", "2024-1", "24-11", "2024/11", "+024-01", "Nov 2024", "",
        ] {
            let error = text.parse::<Month>().expect_err(text);
            assert!(error.to_string().contains("YYYY-MM"), "{error}");
        }
    }

    #[test]
    fn reports_are_due_on_their_days() {
        // domain.md §8: "time status on Mondays, payroll the Monday after a pay period ended, billing
        // the day after its period ended".
        let calendar = PayCalendar::default();
        let week = |saturday| Week::of(saturday);
        let cases = [
            (date(2026, 11, 7), vec![]),
            (date(2026, 11, 8), vec![]),
            (
                date(2026, 11, 9),
                vec![
                    DueReport::TimeStatus(week(date(2026, 11, 7))),
                    DueReport::Payroll(period(date(2026, 10, 25), date(2026, 11, 7))),
                ],
            ),
            (
                date(2026, 11, 16),
                vec![DueReport::TimeStatus(week(date(2026, 11, 14)))],
            ),
            (
                date(2026, 11, 22),
                vec![DueReport::Billing("2026-11".parse().expect("a month"))],
            ),
        ];
        for (today, due) in cases {
            assert_eq!(reports_due(today, calendar), due, "{today}");
        }
        // In a year: 52 Mondays, 26 pay periods, 12 months.
        let year = Period::new(date(2026, 1, 1), date(2026, 12, 31)).expect("a year");
        let all: Vec<DueReport> = year
            .days()
            .flat_map(|day| reports_due(day, calendar))
            .collect();
        let count = |wanted: fn(&DueReport) -> bool| all.iter().filter(|due| wanted(due)).count();
        assert_eq!(count(|due| matches!(due, DueReport::TimeStatus(_))), 52);
        assert_eq!(count(|due| matches!(due, DueReport::Payroll(_))), 26);
        assert_eq!(count(|due| matches!(due, DueReport::Billing(_))), 12);
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        for day in [Date::MIN, Date::MAX] {
            let month = Month::of(day);
            assert!(month.billing_period().day_count() >= 1);
            assert!(month.next().previous().calendar_period().day_count() >= 28);
            assert!(Month::last_billed(day).billing_period().day_count() >= 1);
            assert!(PayCalendar::default().last_complete(day).day_count() >= 1);
        }
    }
}

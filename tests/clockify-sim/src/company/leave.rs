//! Leave: policies, general holidays, and who asked for time off when.

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};

use super::{
    Company,
    people::{Membership, part, part_of},
    work::{GROUP_OFFICE, group},
};
use crate::id::{Id, Kind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Days,
    Hours,
}

impl Unit {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Days => "DAYS",
            Self::Hours => "HOURS",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) id: Id,
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
    pub(crate) archived: bool,
    pub(crate) half_days: bool,
    /// Hours that a balance may fall below zero, where it may.
    pub(crate) may_owe: Option<i64>,
    /// Approved leave makes time entries of type TIME_OFF by itself.
    pub(crate) makes_entries: bool,
}

pub(crate) const VACATION: usize = 0;
pub(crate) const SICK: usize = 1;
pub(crate) const BANKED: usize = 2;
pub(crate) const UNPAID: usize = 3;

pub(crate) fn policy_id(index: usize) -> Id {
    Id::new(Kind::Policy, 0x6542_7600, index as u64 + 1)
}

pub(super) fn policies() -> Vec<Policy> {
    [
        ("Vacation", Unit::Days, false, true, None, false),
        ("Sick", Unit::Days, false, true, None, true),
        ("Banked Time", Unit::Hours, false, false, Some(16), false),
        ("Unpaid Leave", Unit::Days, false, false, None, false),
        ("Sick Leave (old)", Unit::Days, true, false, None, false),
    ]
    .into_iter()
    .enumerate()
    .map(
        |(index, (name, unit, archived, half_days, may_owe, makes_entries))| Policy {
            id: policy_id(index),
            name,
            unit,
            archived,
            half_days,
            may_owe,
            makes_entries,
        },
    )
    .collect()
}

#[derive(Clone, Debug)]
pub(crate) struct Holiday {
    pub(crate) id: Id,
    pub(crate) name: &'static str,
    pub(crate) first: Date,
    pub(crate) last: Date,
    pub(crate) yearly: bool,
    /// Everyone's when None, else one group's.
    pub(crate) group: Option<Id>,
    /// Clockify makes time entries of type HOLIDAY for it by itself.
    pub(crate) makes_entries: bool,
}

impl Holiday {
    pub(crate) fn covers(&self, day: Date) -> bool {
        if self.yearly {
            let same_year = |date: Date| date.with().year(day.year()).build().unwrap_or(date);
            (same_year(self.first)..=same_year(self.last)).contains(&day)
        } else {
            (self.first..=self.last).contains(&day)
        }
    }
}

fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Date {
    let first = date(year, month, 1);
    first.nth_weekday_of_month(n, weekday).unwrap_or(first)
}

/// Easter Sunday: the Sunday after the first full moon of spring, by Gauss' rule as it holds from
/// 1900 to 2099.
fn easter(year: i16) -> Date {
    let year_of_era = i64::from(year);
    let moon = (19 * (year_of_era % 19) + 24) % 30;
    let sunday = (2 * (year_of_era % 4) + 4 * (year_of_era % 7) + 6 * moon + 5) % 7;
    // The two years in which the rule is a week late.
    let late = moon == 29 && sunday == 6 || moon == 28 && sunday == 6 && year_of_era % 19 > 10;
    let days = moon + sunday - if late { 7 } else { 0 };
    date(year, 3, 22).saturating_add(days.days())
}

/// Alberta's general holidays: those of a fixed date recur, the movable ones are entered year by
/// year, as an office does; Boxing Day is the office's alone.
pub(super) fn holidays(first_year: i16, last_year: i16) -> Vec<Holiday> {
    let mut rows: Vec<(&'static str, Date, bool, bool)> = [
        ("New Year's Day", 1, 1),
        ("Canada Day", 7, 1),
        ("Remembrance Day", 11, 11),
        ("Christmas Day", 12, 25),
    ]
    .into_iter()
    .map(|(name, month, day)| (name, date(first_year, month, day), true, false))
    .collect();
    rows.push(("Boxing Day", date(first_year, 12, 26), true, true));
    for year in first_year..=last_year {
        rows.extend([
            ("Family Day", nth(year, 2, 3, Weekday::Monday), false, false),
            (
                "Good Friday",
                easter(year).saturating_sub(2.days()),
                false,
                false,
            ),
            (
                "Victoria Day",
                monday_before(date(year, 5, 25)),
                false,
                false,
            ),
            ("Labour Day", nth(year, 9, 1, Weekday::Monday), false, false),
            (
                "Thanksgiving Day",
                nth(year, 10, 2, Weekday::Monday),
                false,
                false,
            ),
        ]);
    }
    rows.into_iter()
        .enumerate()
        .map(|(index, (name, day, yearly, office))| Holiday {
            id: Id::new(Kind::Holiday, 0x692d_c990, index as u64 + 1),
            name,
            first: day,
            last: day,
            yearly,
            group: office.then(|| group(GROUP_OFFICE)),
            makes_entries: name == "Thanksgiving Day" || name == "Canada Day",
        })
        .collect()
}

/// The Monday before a date (Victoria Day is the Monday before 25 May).
fn monday_before(day: Date) -> Date {
    let back = match day.weekday().to_monday_zero_offset() {
        0 => 7,
        days => i64::from(days),
    };
    day.saturating_sub(back.days())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeaveState {
    Pending,
    Approved,
    Rejected,
}

impl LeaveState {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// Which part of a day a request takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayPart {
    #[default]
    Whole,
    FirstHalf,
    SecondHalf,
}

/// A request for time off as the generated history holds it, before anybody changes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leave {
    pub(crate) policy: usize,
    pub(crate) first: Date,
    pub(crate) last: Date,
    pub(crate) part: DayPart,
    pub(crate) state: LeaveState,
}

impl Leave {
    /// How much the request takes from the balance, in hundredths of the policy's unit.
    pub(crate) fn hundredths(&self, is_holiday: impl Fn(Date) -> bool) -> i64 {
        let days = working_days(self.first, self.last, is_holiday);
        let whole = match self.policy {
            BANKED => 800 * days,
            _ => 100 * days,
        };
        match self.part {
            DayPart::Whole => whole,
            DayPart::FirstHalf | DayPart::SecondHalf => whole / 2,
        }
    }
}

/// Monday to Friday without holidays (domain.md §3, *Time off*).
pub(crate) fn working_days(first: Date, last: Date, is_holiday: impl Fn(Date) -> bool) -> i64 {
    let mut count = 0;
    let mut day = first;
    while day <= last {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        count += i64::from(!weekend && !is_holiday(day));
        day = day.saturating_add(1.day());
    }
    count
}

impl Company {
    /// The request that begins in that week, if one does: at most one a week for anybody.
    pub(crate) fn leave_in_week(&self, person: usize, week: usize) -> Option<Leave> {
        let who = self.people.get(person)?;
        if who.membership != Membership::Active {
            return None;
        }
        let leave = self
            .leave_by_part(part_of(person), week)
            .or_else(|| self.leave_by_chance(person, week))?;
        who.is_employed(leave.first).then_some(leave)
    }

    /// What the parts of the company ask for around the last full week.
    fn leave_by_part(&self, part: usize, week: usize) -> Option<Leave> {
        use LeaveState::{Approved, Pending, Rejected};
        let last = self.calendar.weeks().checked_sub(1)?;
        let day = |day: usize| self.calendar.date(week, day);
        let leave = |policy, first, end, state| {
            Some(Leave {
                policy,
                first: day(first),
                last: day(end),
                part: DayPart::Whole,
                state,
            })
        };
        match part {
            part::HALF_DAY_OFF if week == last => Some(Leave {
                policy: VACATION,
                first: day(3),
                last: day(3),
                part: DayPart::FirstHalf,
                state: Approved,
            }),
            part::BANKED_DAY_OFF if week == last => leave(BANKED, 5, 5, Approved),
            part::WEEK_OFF if week == last => leave(VACATION, 1, 5, Approved),
            part::UNPAID_DAY if week == last => leave(UNPAID, 1, 1, Approved),
            part::ON_SICK_DAY if week == last => leave(SICK, 2, 2, Approved),
            part::LEAVE_ASKED_FOR if week == last + 2 => leave(VACATION, 2, 4, Pending),
            part::LEAVE_OVER_WEEKEND if week + 1 == last => leave(VACATION, 4, 9, Approved),
            part::LEAVE_REJECTED if week == last => leave(VACATION, 4, 5, Rejected),
            _ => None,
        }
    }

    fn leave_by_chance(&self, person: usize, week: usize) -> Option<Leave> {
        // The parts are played out around the last full week; nobody else is off by chance there.
        if week + 2 >= self.calendar.weeks() && part_of(person) <= part::WITHOUT_RATE {
            return None;
        }
        let mut chance = self.chance_of(super::LEAVE, person, week);
        if !chance.one_in(14) {
            return None;
        }
        let policy = chance.pick(&[VACATION, VACATION, VACATION, SICK, SICK, BANKED, UNPAID]);
        let start = 1 + chance.below(5);
        let length = match policy {
            VACATION => chance.between(1, 5),
            _ => 1,
        };
        // From Friday on the days go over the weekend into the next week.
        let mut end = start;
        for _ in 1..length {
            end += if end == 5 { 3 } else { 1 };
        }
        let halved = end == start && policy == VACATION && chance.one_in(3);
        let future = week >= self.calendar.weeks();
        Some(Leave {
            policy,
            first: self.calendar.date(week, start),
            last: self.calendar.date(week, end),
            part: match (halved, chance.one_in(2)) {
                (false, _) => DayPart::Whole,
                (true, true) => DayPart::FirstHalf,
                (true, false) => DayPart::SecondHalf,
            },
            state: match chance.below(12) {
                0 => LeaveState::Rejected,
                1..=6 if future => LeaveState::Pending,
                _ => LeaveState::Approved,
            },
        })
    }

    /// The approved leave that can cover days of a week: what begins in it, and what began in the
    /// week before.
    pub(crate) fn absences(&self, person: usize, week: usize) -> Absences {
        let approved = |week: usize| {
            self.leave_in_week(person, week)
                .filter(|leave| leave.state == LeaveState::Approved)
        };
        Absences([approved(week), week.checked_sub(1).and_then(approved)])
    }

    /// A general holiday that holds for the whole company.
    pub(crate) fn is_general_holiday(&self, day: Date) -> bool {
        self.general_holidays.contains(&day)
    }

    /// The holiday of a day, if time entries are made for it.
    pub(crate) fn holiday_with_entries(&self, day: Date) -> Option<&Holiday> {
        self.holidays
            .iter()
            .find(|holiday| holiday.makes_entries && holiday.covers(day))
    }
}

/// Approved leave around a week.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absences([Option<Leave>; 2]);

impl Absences {
    pub(crate) fn on(&self, day: Date) -> Option<Leave> {
        self.0
            .into_iter()
            .flatten()
            .find(|leave| (leave.first..=leave.last).contains(&day))
    }
}

/// The days on which the whole company is off, of those that the calendar knows.
pub(super) fn general_holidays(
    holidays: &[Holiday],
    dates: impl Iterator<Item = Date>,
) -> BTreeSet<Date> {
    dates
        .filter(|day| {
            holidays
                .iter()
                .any(|holiday| holiday.group.is_none() && holiday.covers(*day))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_movable_holidays_fall_on_the_days_of_albertas_calendar() {
        let days: Vec<String> = holidays(2026, 2026)
            .iter()
            .filter(|holiday| !holiday.yearly)
            .map(|holiday| holiday.first.to_string())
            .collect();
        assert_eq!(
            days,
            [
                "2026-02-16",
                "2026-04-03",
                "2026-05-18",
                "2026-09-07",
                "2026-10-12"
            ]
        );
    }

    #[test]
    fn easter_falls_when_the_almanac_says() {
        for (year, day) in [
            (2020, "2020-04-12"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2038, "2038-04-25"),
            (1981, "1981-04-19"),
            (1954, "1954-04-18"),
        ] {
            assert_eq!(easter(year).to_string(), day);
        }
    }

    #[test]
    fn a_yearly_holiday_recurs_and_a_dated_one_does_not() {
        let all = holidays(2025, 2025);
        let covers = |day: &str| {
            let day = day.parse().unwrap();
            all.iter().any(|holiday| holiday.covers(day))
        };
        assert!(covers("2025-07-01") && covers("2027-07-01"));
        assert!(covers("2025-02-17") && !covers("2026-02-16"));
    }
}

//! Banked time: every hour earned, used and corrected, day by day (`domain.md` §5 *Banked time*, §7
//! *Banked time*), and what has grown too old by Alberta's law.

use std::ops::RangeInclusive;

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

use super::Correction;
use crate::domain::{
    attendance::{BankedDay, Counting, EmployeeTime, Workplace},
    calendar::PayCalendar,
    ids::{PolicyId, TimeOffRequestId},
    time_off::TimeOffStatus,
};

/// How long banked hours may wait to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankedRules {
    /// Months after the end of the pay period in which they were earned.
    pub use_within_months: u32,
}

impl Default for BankedRules {
    /// Six months, as the law has it.
    fn default() -> Self {
        Self {
            use_within_months: 6,
        }
    }
}

/// Everything that makes up one employee's banked balance, each list by date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankedLedger {
    pub accruals: Vec<BankedDay>,
    pub uses: Vec<BankedUse>,
    pub corrections: Vec<Correction>,
}

/// Banked hours taken as time off on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankedUse {
    pub request_id: TimeOffRequestId,
    pub date: Date,
    pub hours: Decimal,
    /// Not approved yet; it is taken from the balance all the same.
    pub pending: bool,
}

/// The ledger of an employee, from all his entries ever. Hours are earned in APPROVED timesheets alone;
/// PENDING and APPROVED requests under the banked policy use them.
pub fn banked_ledger(
    time: &EmployeeTime,
    workplace: &Workplace<'_>,
    banked_policy: &PolicyId,
    mut corrections: Vec<Correction>,
) -> BankedLedger {
    corrections.sort_by_key(|correction| correction.date);
    BankedLedger {
        accruals: workplace.banked_days(time, Counting::ApprovedOnly),
        uses: uses(time, workplace, banked_policy),
        corrections,
    }
}

fn uses(
    time: &EmployeeTime,
    workplace: &Workplace<'_>,
    banked_policy: &PolicyId,
) -> Vec<BankedUse> {
    let holidays = workplace.holidays_of(&time.employee.id);
    let leave = &workplace.rules().leave;
    let of_policy = time
        .time_off
        .iter()
        .filter(|request| request.policy_id == *banked_policy);
    let mut uses = Vec::new();
    for request in of_policy {
        let pending = match request.status {
            TimeOffStatus::Approved => false,
            TimeOffStatus::Pending => true,
            _ => continue,
        };
        let mut days = leave.spread(request, &holidays);
        if days.is_empty() {
            // It pays nothing and is flagged, but Clockify takes it from the balance.
            days.push((request.first_day, leave.request_hours(request)));
        }
        uses.extend(days.into_iter().map(|(date, hours)| BankedUse {
            request_id: request.id.clone(),
            date,
            hours,
            pending,
        }));
    }
    uses.sort_by(|one, other| (one.date, &one.request_id).cmp(&(other.date, &other.request_id)));
    uses
}

impl BankedLedger {
    /// Earned − used + corrected.
    pub fn balance(&self) -> Decimal {
        self.balance_of(Date::MIN..=Date::MAX)
    }

    /// What the days through that one come to.
    pub fn balance_through(&self, date: Date) -> Decimal {
        self.balance_of(Date::MIN..=date)
    }

    fn balance_of(&self, days: RangeInclusive<Date>) -> Decimal {
        let of_days = self.of_days(days);
        of_days.accrued() - of_days.used() + of_days.corrected()
    }

    /// The part of the ledger on those days.
    #[must_use]
    pub fn of_days(&self, days: RangeInclusive<Date>) -> Self {
        Self {
            accruals: on_days(&self.accruals, &days, |one| one.date),
            uses: on_days(&self.uses, &days, |one| one.date),
            corrections: on_days(&self.corrections, &days, |one| one.date),
        }
    }

    pub fn accrued(&self) -> Decimal {
        self.accruals.iter().map(|day| day.banked).sum()
    }

    pub fn used(&self) -> Decimal {
        self.uses.iter().map(|one| one.hours).sum()
    }

    pub fn corrected(&self) -> Decimal {
        self.corrections.iter().map(|one| one.hours).sum()
    }

    /// Hours that must be paid out: earned, not used, and older than the rules allow. What was used or
    /// taken away took the oldest first; leave still to come comes too late for them and hides nothing.
    /// Each with the day on which it was earned or entered.
    pub fn too_old(
        &self,
        rules: BankedRules,
        calendar: PayCalendar,
        today: Date,
    ) -> Vec<(Date, Decimal)> {
        let given = self
            .corrections
            .iter()
            .filter(|one| one.hours > Decimal::ZERO);
        let taken_away: Decimal = self
            .corrections
            .iter()
            .filter(|one| one.hours < Decimal::ZERO)
            .map(|one| -one.hours)
            .sum();
        let mut gone = self.of_days(Date::MIN..=today).used() + taken_away;

        let mut lots: Vec<(Date, Decimal)> = self
            .accruals
            .iter()
            .map(|day| (day.date, day.banked))
            .chain(given.map(|one| (one.date, one.hours)))
            .collect();
        lots.sort();

        let mut too_old = Vec::new();
        for (earned_on, hours) in lots {
            let left = (hours - gone).max(Decimal::ZERO);
            gone = (gone - hours).max(Decimal::ZERO);
            let last_day_to_use = calendar
                .period_of(earned_on)
                .last_day()
                .saturating_add(i64::from(rules.use_within_months).months());
            if !left.is_zero() && last_day_to_use < today {
                too_old.push((earned_on, left));
            }
        }
        too_old
    }
}

fn on_days<T: Clone>(
    all: &[T],
    days: &RangeInclusive<Date>,
    date_of: impl Fn(&T) -> Date,
) -> Vec<T> {
    all.iter()
        .filter(|one| days.contains(&date_of(one)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        attendance::{AttendedEntry, EntryState, PayRules},
        test_records::{self, attended, hours, time_off_request},
        time_off::{TimeOffRequest, TimeUnit},
    };

    fn banked(date: Date, worked: &str, state: EntryState) -> AttendedEntry {
        AttendedEntry {
            tags: vec!["BANKED".into()],
            state,
            ..attended(date, worked)
        }
    }

    fn request(first: Date, last: Date, amount: &str, status: &str) -> TimeOffRequest {
        TimeOffRequest {
            id: format!("{first} {status}").into(),
            status: TimeOffStatus::from(status.to_owned()),
            unit: TimeUnit::Hours,
            ..time_off_request("Banked Time", first, last, amount)
        }
    }

    fn correction(date: Date, amount: &str) -> Correction {
        Correction {
            date,
            hours: hours(amount),
            reason: "opening balance".into(),
            paid_out: false,
        }
    }

    fn ledger(
        entries: Vec<AttendedEntry>,
        time_off: Vec<TimeOffRequest>,
        corrections: Vec<Correction>,
    ) -> BankedLedger {
        let rules = PayRules::default();
        let workplace = Workplace::new(&rules, &[], &[], &[]);
        let mut time = test_records::employee_time("e1", entries);
        time.time_off = time_off;
        banked_ledger(&time, &workplace, &"Banked Time".into(), corrections)
    }

    #[test]
    fn the_balance_is_earned_less_used_plus_corrected() {
        // §5: "balance = banked hours ever accrued, recomputed from entries of APPROVED timesheets
        // alone, − hours of PENDING and APPROVED requests under the banked policy + corrections".
        use EntryState::{Approved, NotSubmitted, Pending};
        let monday = date(2026, 3, 2);
        let cases = [
            (banked(monday, "10", Approved), "2"),
            (banked(date(2019, 3, 4), "10", Approved), "2"),
            (banked(monday, "10", Pending), "0"),
            (banked(monday, "10", NotSubmitted), "0"),
            (attended(monday, "10"), "0"),
            (banked(date(2026, 3, 7), "10", Approved), "10"),
        ];
        for (entry, balance) in cases {
            let ledger = ledger(vec![entry.clone()], vec![], vec![]);
            assert_eq!(ledger.balance(), hours(balance), "{entry:?}");
        }
        for (status, used) in [
            ("APPROVED", "6"),
            ("PENDING", "6"),
            ("REJECTED", "0"),
            ("WITHDRAWN", "0"),
            ("NEW_STATUS", "0"),
        ] {
            let ledger = ledger(vec![], vec![request(monday, monday, "6", status)], vec![]);
            assert_eq!(ledger.balance(), -hours(used), "{status}");
        }
        let other_policy = time_off_request("Vacation", monday, monday, "1");
        assert_eq!(
            ledger(vec![], vec![other_policy], vec![]).balance(),
            Decimal::ZERO
        );
        let corrected = ledger(
            vec![banked(monday, "10", Approved)],
            vec![request(monday, monday, "1", "APPROVED")],
            vec![correction(monday, "12.5"), correction(monday, "-3")],
        );
        assert_eq!(corrected.balance(), hours("10.5"));
    }

    #[test]
    fn a_request_without_a_counted_day_still_takes_from_the_balance() {
        // §3: "balanceDiff is what the request takes from the balance"; it pays 0 and is flagged.
        let saturday = date(2026, 3, 7);
        let ledger = ledger(
            vec![],
            vec![request(saturday, saturday, "4", "APPROVED")],
            vec![],
        );
        assert_eq!(ledger.balance(), hours("-4"));
        assert_eq!(ledger.uses[0].date, saturday);
    }

    #[test]
    fn a_days_policy_uses_eight_hours_a_day() {
        // §3: "in the policy's unit (hours, or days of 8 hours [config])".
        let two_days = TimeOffRequest {
            unit: TimeUnit::Days,
            ..request(date(2026, 3, 2), date(2026, 3, 3), "1.5", "PENDING")
        };
        let ledger = ledger(vec![], vec![two_days], vec![]);
        let uses: Vec<(Date, Decimal, bool)> = ledger
            .uses
            .iter()
            .map(|one| (one.date, one.hours, one.pending))
            .collect();
        assert_eq!(
            uses,
            [
                (date(2026, 3, 2), hours("6"), true),
                (date(2026, 3, 3), hours("6"), true)
            ]
        );
    }

    #[test]
    fn hours_older_than_six_months_after_their_pay_period_must_be_paid_out() {
        // The law: banked time "must be used within 6 months of the end of the pay period in which it was
        // earned", and what is unused then is paid out. Pay period 25 October to 7 November 2026: through 7 May 2027.
        let earned = || banked(date(2026, 10, 26), "10", EntryState::Approved);
        let later = || banked(date(2026, 11, 9), "11", EntryState::Approved);
        let calendar = PayCalendar::default();
        let use_of = |amount| request(date(2027, 3, 1), date(2027, 3, 1), amount, "APPROVED");
        let to_come =
            |amount, status| request(date(2027, 6, 21), date(2027, 6, 21), amount, status);
        let first = (date(2026, 10, 26), "2");
        let second = (date(2026, 11, 9), "3");
        let cases = [
            (vec![], vec![], date(2027, 5, 7), vec![]),
            (vec![], vec![], date(2027, 5, 8), vec![first]),
            (vec![], vec![], date(2027, 5, 22), vec![first, second]),
            // The oldest hours are used first.
            (
                vec![use_of("1.5")],
                vec![],
                date(2027, 5, 8),
                vec![(first.0, "0.5")],
            ),
            (vec![use_of("2")], vec![], date(2027, 5, 8), vec![]),
            (
                vec![use_of("4")],
                vec![],
                date(2027, 5, 22),
                vec![(second.0, "1")],
            ),
            (vec![use_of("9")], vec![], date(2027, 5, 22), vec![]),
            // Leave still to come, asked for or approved, is none that was used in time.
            (
                vec![to_come("2", "PENDING"), to_come("1", "APPROVED")],
                vec![],
                date(2027, 5, 8),
                vec![first],
            ),
            (
                vec![to_come("2", "PENDING")],
                vec![],
                date(2027, 6, 21),
                vec![second],
            ),
            // A pay-out takes the oldest too; an opening balance ages from its day.
            (
                vec![],
                vec![correction(date(2027, 4, 1), "-2")],
                date(2027, 5, 8),
                vec![],
            ),
            (
                vec![],
                vec![correction(date(2026, 1, 5), "7")],
                date(2027, 5, 8),
                vec![(date(2026, 1, 5), "7"), first],
            ),
        ];
        for (time_off, corrections, today, expected) in cases {
            let ledger = ledger(vec![earned(), later()], time_off, corrections);
            let expected: Vec<(Date, Decimal)> = expected
                .into_iter()
                .map(|(day, amount)| (day, hours(amount)))
                .collect();
            assert_eq!(
                ledger.too_old(BankedRules::default(), calendar, today),
                expected,
                "{ledger:?} on {today}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_days_of_a_ledger_sum_to_its_balance(
            worked in prop::collection::vec((0_i64..800, 0_i64..60), 0..30),
            used in prop::collection::vec((0_i64..800, 1_i64..100), 0..6),
            corrected in prop::collection::vec((0_i64..800, -100_i64..100), 0..4),
            cut in 0_i64..800,
        ) {
            let first = date(2025, 1, 1);
            let day = |offset: i64| first.saturating_add(offset.days());
            let entries = worked
                .iter()
                .map(|(offset, quarters)| AttendedEntry {
                    hours: Decimal::new(quarters * 25, 2),
                    ..banked(day(*offset), "0", EntryState::Approved)
                })
                .collect();
            let time_off = used
                .iter()
                .map(|(offset, amount)| TimeOffRequest {
                    balance_diff: Decimal::new(*amount, 1),
                    ..request(day(*offset), day(offset + 3), "0", "APPROVED")
                })
                .collect();
            let corrections = corrected
                .iter()
                .map(|(offset, amount)| correction(day(*offset), &amount.to_string()))
                .collect();
            let ledger = ledger(entries, time_off, corrections);
            let later = ledger.of_days(day(cut + 1)..=Date::MAX);
            prop_assert_eq!(
                ledger.balance(),
                ledger.balance_through(day(cut)) + later.accrued() - later.used() + later.corrected()
            );
            // What is too old is part of what is there.
            let too_old: Decimal = ledger
                .too_old(BankedRules::default(), PayCalendar::default(), day(900))
                .iter()
                .map(|(_, hours)| *hours)
                .sum();
            prop_assert!(too_old <= ledger.balance().max(Decimal::ZERO));
        }
    }
}

//! The lines of the ledger that explain a balance day by day (`domain.md` §5): what the records come to now. The
//! sum of an employee's lines through any day is his balance on that day.

use std::fmt;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{BankedLedger, VacationBalance};
use crate::domain::time::Period;

/// What a line of the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKind {
    Earned,
    Taken,
    /// At New Year: the closing balance goes out, what is carried over comes in.
    CarriedOver,
    /// By a person's hand.
    Corrected,
    /// What Clockify's balance was moved by; no part of the balance.
    Pushed,
}

impl LineKind {
    /// The kinds that are computed from the records.
    pub const COMPUTED: [Self; 3] = [Self::Earned, Self::Taken, Self::CarriedOver];

    const ALL: [Self; 5] = [
        Self::Earned,
        Self::Taken,
        Self::CarriedOver,
        Self::Corrected,
        Self::Pushed,
    ];

    /// The word of the database and of the interface; it never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Taken => "taken",
            Self::CarriedOver => "carried over",
            Self::Corrected => "corrected",
            Self::Pushed => "pushed",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for LineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one day adds to a balance or takes from it, computed from the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    pub kind: LineKind,
    /// The local day for which it counts.
    pub date: Date,
    /// What tells two lines of one day and kind apart: the request.
    pub source: String,
    /// Signed: what is taken is below 0.
    pub hours: Decimal,
    /// For a person: why.
    pub reason: String,
}

impl BankedLedger {
    /// A line per day that banked hours and per day of a request.
    pub fn lines(&self) -> Vec<LedgerLine> {
        let earned = self.accruals.iter().map(|day| LedgerLine {
            kind: LineKind::Earned,
            date: day.date,
            source: String::new(),
            hours: day.banked,
            reason: format!("{}, {} h worked", day.reason, day.worked.normalize()),
        });
        let taken = self.uses.iter().map(|one| LedgerLine {
            kind: LineKind::Taken,
            date: one.date,
            source: one.request_id.0.clone(),
            hours: -one.hours,
            reason: if one.pending {
                "request, pending".to_owned()
            } else {
                "request, approved".to_owned()
            },
        });
        earned.chain(taken).collect()
    }
}

/// The lines of vacation from the first year through this one: earned by the week (on its Saturday, the last one of
/// a year on 31 December), taken by the day, and carried over on 1 January.
pub fn vacation_lines(years: &[VacationBalance], hours_per_day: Decimal) -> Vec<LedgerLine> {
    let mut lines = Vec::new();
    for (n, year) in years.iter().enumerate() {
        if let Some(before) = n.checked_sub(1).and_then(|n| years.get(n)) {
            let closing = before.hours();
            let carried = |source: &str, hours: Decimal, reason: String| LedgerLine {
                kind: LineKind::CarriedOver,
                date: date(year.year, 1, 1),
                source: source.to_owned(),
                hours,
                reason,
            };
            if !closing.is_zero() {
                let reason = format!("closing balance of {}", before.year);
                lines.push(carried("closing", -closing, reason));
            }
            if !year.opening.is_zero() {
                let reason = format!("opening balance of {}", year.year);
                lines.push(carried("opening", year.opening, reason));
            }
        }
        for part in year.earning.into_iter().flat_map(by_week) {
            let days = part.day_count();
            lines.push(LedgerLine {
                kind: LineKind::Earned,
                date: part.last_day(),
                source: String::new(),
                hours: hours_per_day * Decimal::from(days),
                reason: format!("{days} days of {} h", hours_per_day.normalize()),
            });
        }
        lines.extend(year.taken.iter().map(|one| LedgerLine {
            kind: LineKind::Taken,
            date: one.date,
            source: one.request_id.0.clone(),
            hours: -one.hours,
            reason: "request, approved".to_owned(),
        }));
    }
    lines
}

fn by_week(period: Period) -> impl Iterator<Item = Period> {
    period
        .weeks()
        .filter_map(move |week| week.period().overlap(period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        attendance::{PayRules, Workplace},
        balances::{BankedUse, CarryOver, Correction, VacationRules, vacation_years},
        employee::RateType,
        test_records::{self, hours, time_off_request},
    };

    fn through(lines: &[LedgerLine], day: Date) -> Decimal {
        let until = lines.iter().filter(|line| line.date <= day);
        until.map(|line| line.hours).sum()
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in LineKind::ALL {
            assert_eq!(LineKind::named(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn the_sum_of_the_lines_through_a_day_is_the_balance_of_that_day() {
        // §5: vacation through the last Saturday before today, New Year with each setting of the carry-over.
        let mut time = test_records::employee_time("e1", Vec::new());
        time.employee.rate_type = Some(RateType::Salary);
        time.employee.start_date = Some(date(2024, 3, 6));
        time.time_off = vec![
            time_off_request("Vacation", date(2024, 7, 1), date(2024, 7, 12), "10"),
            time_off_request("Vacation", date(2024, 12, 30), date(2025, 1, 3), "5"),
        ];
        let pay_rules = PayRules::default();
        let workplace = Workplace::new(&pay_rules, &[], &[], &[]);
        let corrections = [Correction {
            date: date(2024, 3, 6),
            hours: hours("20"),
            reason: "opening balance".into(),
            paid_out: false,
        }];
        for carry_over in [
            CarryOver::All,
            CarryOver::None,
            CarryOver::CappedAt(hours("16")),
        ] {
            let rules = VacationRules {
                carry_over,
                ..VacationRules::default()
            };
            for today in [
                date(2024, 4, 7),
                date(2024, 12, 31),
                date(2025, 1, 1),
                date(2025, 1, 5),
                date(2026, 11, 22),
            ] {
                let years = vacation_years(
                    &time,
                    &workplace,
                    &"Vacation".into(),
                    &corrections,
                    &rules,
                    today,
                )
                .expect("salaried");
                let lines = vacation_lines(&years, rules.hours_per_day);
                let this_year = date(today.year(), 12, 31);
                assert_eq!(
                    through(&lines, this_year) + hours("20"),
                    years.last().expect("this year").hours(),
                    "{carry_over:?} on {today}"
                );
                let mut keys: Vec<_> = lines
                    .iter()
                    .map(|line| (line.kind, line.date, &line.source))
                    .collect();
                keys.sort();
                keys.dedup();
                assert_eq!(keys.len(), lines.len(), "no line stands twice");
            }
        }
    }

    #[test]
    fn banked_lines_sum_to_what_was_accrued_less_what_was_used() {
        let ledger = BankedLedger {
            accruals: Vec::new(),
            uses: vec![BankedUse {
                request_id: "r1".into(),
                date: date(2026, 3, 2),
                hours: hours("4"),
                pending: true,
            }],
            corrections: Vec::new(),
        };
        let lines = ledger.lines();
        assert_eq!(lines[0].hours, hours("-4"));
        assert_eq!(lines[0].reason, "request, pending");
        assert_eq!(through(&lines, date(2026, 3, 1)), Decimal::ZERO);
        assert_eq!(through(&lines, date(2026, 3, 2)), ledger.balance());
    }
}

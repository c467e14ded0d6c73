//! The banked time report's figures (`domain.md` §7 *Banked time*): a ledger's part of a period, and the
//! note that explains the rules.

use rust_decimal::Decimal;

use super::{
    attendance::{BankedDay, PayRules},
    balances::{BankedLedger, BankedUse, Correction},
    time::Period,
};

/// One employee's banked time in a period, usually this year: closing = opening + accrued − used +
/// corrections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankedPeriod {
    pub period: Period,
    /// What all earlier days come to.
    pub opening: Decimal,
    pub accruals: Vec<BankedDay>,
    pub uses: Vec<BankedUse>,
    pub corrections: Vec<Correction>,
    pub closing: Decimal,
}

/// That period of a ledger.
pub fn banked_period(ledger: &BankedLedger, period: Period) -> BankedPeriod {
    let opening = match period.first_day().yesterday() {
        Ok(the_day_before) => ledger.balance_through(the_day_before),
        Err(_) => Decimal::ZERO,
    };
    let within = ledger.of_days(period.first_day()..=period.last_day());
    BankedPeriod {
        period,
        opening,
        closing: opening + within.accrued() - within.used() + within.corrected(),
        accruals: within.accruals,
        uses: within.uses,
        corrections: within.corrections,
    }
}

/// The note that explains the rules, in the figures of the settings, a sentence per line.
pub fn explanation(rules: &PayRules) -> Vec<String> {
    let mut lines = vec![
        "Hours count from approved timesheets alone.".to_owned(),
        "A day is a banked one where any of its entries bears one of these tags:".to_owned(),
    ];
    lines.extend(rules.banked_tags.iter().map(|tag| {
        format!(
            "{}: Monday to Friday, the hours over {} are banked.",
            tag.name,
            tag.day_length.normalize()
        )
    }));
    lines.extend(
        [
            "With several of them on one day the longer day holds.",
            "On a Saturday, a Sunday or a holiday all hours of a banked day are banked.",
            "Banked hours are time off, hour for hour: they are not paid out as overtime.",
            "Requests that are pending or approved are taken from the balance.",
        ]
        .map(str::to_owned),
    );
    lines
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{attendance::BankedReason, test_records::hours};

    fn ledger() -> BankedLedger {
        let accrual = |date, banked| BankedDay {
            date,
            worked: hours("10"),
            banked: hours(banked),
            reason: BankedReason::WeekdayOver(hours("8.5")),
        };
        let used = |date, amount| BankedUse {
            request_id: "r".into(),
            date,
            hours: hours(amount),
            pending: false,
        };
        BankedLedger {
            accruals: vec![
                accrual(date(2025, 12, 31), "1.5"),
                accrual(date(2026, 1, 1), "2"),
                accrual(date(2026, 12, 31), "3"),
                accrual(date(2027, 1, 1), "4"),
            ],
            uses: vec![
                used(date(2025, 6, 2), "0.5"),
                used(date(2026, 6, 1), "2.25"),
            ],
            corrections: vec![Correction {
                date: date(2026, 2, 2),
                hours: hours("-1"),
                reason: "paid out".into(),
                paid_out: true,
            }],
        }
    }

    #[test]
    fn closing_is_opening_plus_accrued_less_used_plus_corrections() {
        // §7: "per employee opening balance, each accrual (date, worked, banked, reason), each use,
        // corrections, closing balance = opening + accrued − used + corrections".
        let of_2026 = Period::new(date(2026, 1, 1), date(2026, 12, 31)).expect("a year");
        let year = banked_period(&ledger(), of_2026);
        assert_eq!(year.opening, hours("1"));
        assert_eq!(year.accruals.len(), 2);
        assert_eq!(year.uses.len(), 1);
        assert_eq!(year.corrections.len(), 1);
        assert_eq!(year.closing, hours("2.75"));
        assert_eq!(year.accruals[0].reason.to_string(), "weekday over 8.5");
    }

    #[test]
    fn the_note_speaks_the_figures_of_the_settings() {
        // §7: "a note that explains the rules".
        let mut rules = PayRules::default();
        rules.banked_tags[1].day_length = hours("9.25");
        let note = explanation(&rules).join("\n");
        assert!(note.contains("BANKED - SITE: Monday to Friday, the hours over 9.25 are banked."));
        assert!(note.contains("BANKED - OFFICE: Monday to Friday, the hours over 8 are banked."));
    }

    proptest! {
        #[test]
        fn a_period_opens_with_what_the_one_before_closed(first in 0_i64..1500, length in 0_i64..800) {
            let ledger = ledger();
            let first_day = date(2024, 1, 1).saturating_add(first.days());
            let last_day = first_day.saturating_add(length.days());
            let one = Period::new(first_day, last_day).expect("a period");
            let next_day = last_day.tomorrow().expect("a day");
            let next = Period::new(next_day, date(2040, 1, 1)).expect("a period");
            prop_assert_eq!(
                banked_period(&ledger, one).closing,
                banked_period(&ledger, next).opening
            );
            prop_assert_eq!(banked_period(&ledger, next).closing, ledger.balance());
        }
    }
}

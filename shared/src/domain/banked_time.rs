//! The banked time report's figures (`domain.md` §7 *Banked time*): one year of each ledger, and the note
//! that explains the rules.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{
    attendance::{BankedDay, PayRules},
    balances::{BankedLedger, BankedUse, Correction},
};

/// One year of one employee: closing = opening + accrued − used + corrections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankedYear {
    pub year: i16,
    pub opening: Decimal,
    pub accruals: Vec<BankedDay>,
    pub uses: Vec<BankedUse>,
    pub corrections: Vec<Correction>,
    pub closing: Decimal,
}

/// That calendar year of a ledger, whose opening balance is what all earlier days come to.
pub fn banked_year(ledger: &BankedLedger, year: i16) -> BankedYear {
    let new_year = date(year, 1, 1);
    let opening = match new_year.yesterday() {
        Ok(last_day) => ledger.balance_through(last_day),
        Err(_) => Decimal::ZERO,
    };
    let of_year = ledger.of_days(new_year..=last_day_of(year));
    BankedYear {
        year,
        opening,
        closing: opening + of_year.accrued() - of_year.used() + of_year.corrected(),
        accruals: of_year.accruals,
        uses: of_year.uses,
        corrections: of_year.corrections,
    }
}

fn last_day_of(year: i16) -> Date {
    date(year, 12, 31)
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
        let year = banked_year(&ledger(), 2026);
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
        fn a_year_opens_with_what_the_last_one_closed(year in 2020_i16..2030) {
            let ledger = ledger();
            prop_assert_eq!(
                banked_year(&ledger, year).closing,
                banked_year(&ledger, year + 1).opening
            );
            prop_assert_eq!(banked_year(&ledger, 2040).closing, ledger.balance());
        }
    }
}

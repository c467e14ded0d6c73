//! Banked time on a fixed company, on nobody, and on random ledgers.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::{BankedDay, BankedReason, PayRules},
        balances::{BankedLedger, BankedUse, Correction},
        banked_time::{banked_period, explanation},
        time::Period,
    },
    reports::banked_time::{Account, BankedTime, files},
};

use super::{
    flags,
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

fn this_year() -> Period {
    Period::new(date(2026, 1, 1), date(2026, 12, 31)).expect("a year")
}

fn accrued(date: Date, worked: &str, banked: &str, reason: BankedReason) -> BankedDay {
    BankedDay {
        date,
        worked: hours(worked),
        banked: hours(banked),
        reason,
    }
}

fn used(date: Date, amount: &str, pending: bool) -> BankedUse {
    BankedUse {
        request_id: "r".into(),
        date,
        hours: hours(amount),
        pending,
    }
}

fn correction(date: Date, amount: &str, reason: &str) -> Correction {
    Correction {
        date,
        hours: hours(amount),
        reason: reason.into(),
        paid_out: amount.starts_with('-'),
    }
}

fn account(name: &str, manager: Option<&str>, ledger: &BankedLedger) -> Account {
    Account {
        name: name.into(),
        manager: manager.map(Into::into),
        ledger: banked_period(ledger, this_year()),
    }
}

fn company() -> BankedTime {
    let over = BankedReason::WeekdayOver(hours("8.5"));
    let ada = BankedLedger {
        accruals: vec![
            accrued(date(2026, 2, 16), "6", "6", BankedReason::Holiday),
            accrued(date(2026, 3, 7), "9.25", "9.25", BankedReason::Weekend),
            accrued(date(2026, 3, 9), "10.25", "1.75", over),
        ],
        uses: vec![used(date(2026, 7, 3), "8", false)],
        corrections: vec![
            correction(date(2025, 12, 31), "12.5", "opening balance"),
            correction(date(2026, 9, 30), "-10", "with the September payroll"),
        ],
    };
    let bruno = BankedLedger {
        uses: vec![used(date(2026, 5, 15), "4", true)],
        ..BankedLedger::default()
    };
    BankedTime {
        period: this_year(),
        accounts: vec![
            account("Ada Marlowe", Some("Ines Quill"), &ada),
            account("Bruno Achterberg", None, &bruno),
        ],
        rules: explanation(&PayRules::default()),
    }
}

fn sheet(data: &BankedTime) -> Sheet {
    read(&files(data, &flags(), &letterhead()).expect("banked time")[0].bytes).remove(0)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company(), &flags(), &letterhead()).expect("banked time");
    assert_eq!(files[0].name, "BankedTime-2026-01-01-2026-12-31.xlsx");
    assert_golden(&files[0]);
}

/// `domain.md` §7: "closing balance = opening + accrued − used + corrections".
#[test]
fn closing_follows_from_the_movements() {
    let sheet = sheet(&company());
    for (name, closing) in [
        ("Ada Marlowe Total", "11.5"),
        ("Bruno Achterberg Total", "-4"),
    ] {
        let row = sheet.rows_where(1, |text| text == name)[0];
        assert_eq!(sheet.number(row, 9), Some(hours(closing)), "{name}");
    }
}

#[test]
fn an_empty_year_says_so() {
    let nobody = BankedTime {
        accounts: Vec::new(),
        ..company()
    };
    let sheet = sheet(&nobody);
    assert_eq!(
        sheet
            .rows_where(1, |text| text.starts_with("Nothing: "))
            .len(),
        1
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn printed_lines_sum_to_printed_totals(
        ledgers in prop::collection::vec(prop::collection::vec(
            (0usize..3, any::<i16>(), 1i8..13, prop::bool::ANY), 0..12), 0..8)
    ) {
        let accounts: Vec<Account> = ledgers.into_iter().map(|movements| {
            let mut ledger = BankedLedger::default();
            for (kind, hundredths, month, is_earlier) in movements {
                let date = date(if is_earlier { 2025 } else { 2026 }, month, 1);
                let amount = Decimal::new(i64::from(hundredths), 2);
                let positive = amount.abs().to_string();
                match kind {
                    0 => ledger.accruals.push(accrued(date, "8", &positive, BankedReason::Weekend)),
                    1 => ledger.uses.push(used(date, &positive, false)),
                    _ => ledger.corrections.push(correction(date, &amount.to_string(), "")),
                }
            }
            account("Somebody", None, &ledger)
        }).collect();
        let data = BankedTime { accounts, ..company() };
        let sheet = sheet(&data);
        sheet.check_totals();
        let row = sheet.rows_where(1, |text| text == "All staff Total")[0];
        let closing: Decimal = data.accounts.iter().map(|account| account.ledger.closing).sum();
        prop_assert_eq!(sheet.number(row, 9), Some(closing));
        let figure = |column| sheet.number(row, column).unwrap_or_default();
        prop_assert_eq!(figure(5) + figure(6) - figure(7) + figure(8), closing);
    }
}

//! Banked time on a fixed company, on nobody, and on random ledgers.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::time::Period,
    reports::banked_time::{Account, BankedTime, Change, Movement, files},
};

use super::{
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn hours(text: &str) -> Decimal {
    text.parse().expect("hours")
}

fn movement(date: Date, change: Change, reason: &str) -> Movement {
    Movement {
        date,
        change,
        reason: reason.into(),
    }
}

fn company() -> BankedTime {
    let accrued = |worked, banked| Change::Accrued {
        worked: hours(worked),
        banked: hours(banked),
    };
    BankedTime {
        period: Period::new(date(2026, 1, 1), date(2026, 12, 31)).expect("a year"),
        accounts: vec![
            Account {
                name: "Ada Marlowe".into(),
                manager: Some("Ines Quill".into()),
                opening: hours("12.5"),
                movements: vec![
                    movement(date(2026, 2, 16), accrued("6", "6"), "holiday"),
                    movement(date(2026, 3, 7), accrued("9.25", "9.25"), "weekend"),
                    movement(date(2026, 3, 9), accrued("10.25", "1.75"), "weekday over 8.5"),
                    movement(date(2026, 7, 3), Change::Used(hours("8")), "Banked Time, approved"),
                    movement(
                        date(2026, 9, 30),
                        Change::Correction(hours("-10")),
                        "paid out with the September payroll",
                    ),
                ],
            },
            Account {
                name: "Bruno Achterberg".into(),
                manager: None,
                opening: Decimal::ZERO,
                movements: vec![movement(
                    date(2026, 5, 15),
                    Change::Used(hours("4")),
                    "Banked Time, pending",
                )],
            },
        ],
        rules: vec![
            "On a day with a banked tag, hours over the day length are banked; on a weekend or holiday all \
             hours are."
                .into(),
        ],
    }
}

fn sheet(data: &BankedTime) -> Sheet {
    read(&files(data, &letterhead()).expect("banked time")[0].bytes).remove(0)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company(), &letterhead()).expect("banked time");
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
        accounts in prop::collection::vec(
            (any::<i16>(), prop::collection::vec((0usize..3, any::<i16>()), 0..12)), 0..8)
    ) {
        let hundredths = |count: i16| Decimal::new(i64::from(count), 2);
        let accounts: Vec<Account> = accounts.into_iter().map(|(opening, movements)| Account {
            name: "Somebody".into(),
            manager: None,
            opening: hundredths(opening),
            movements: movements.into_iter().map(|(kind, count)| {
                let change = match kind {
                    0 => Change::Accrued { worked: hours("8"), banked: hundredths(count).abs() },
                    1 => Change::Used(hundredths(count).abs()),
                    _ => Change::Correction(hundredths(count)),
                };
                movement(date(2026, 6, 1), change, "")
            }).collect(),
        }).collect();
        let data = BankedTime { accounts, ..company() };
        let sheet = sheet(&data);
        sheet.check_totals();
        let row = sheet.rows_where(1, |text| text == "All staff Total")[0];
        let closing: Decimal = data.accounts.iter().map(Account::closing).sum();
        prop_assert_eq!(sheet.number(row, 9), Some(closing));
        let figure = |column| sheet.number(row, column).unwrap_or_default();
        prop_assert_eq!(figure(5) + figure(6) - figure(7) + figure(8), closing);
    }
}

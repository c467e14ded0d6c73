//! Expense claims on a fixed company, on nobody, and on random claims.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::time::Period,
    reports::expense_claims::{Claim, Claimant, ExpenseClaims, files},
};

use super::{
    flags,
    golden::assert_golden,
    letterhead,
    read_back::{Sheet, read},
};

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn claim(day: i8, category: &str, sub_total: &str, status: &'static str) -> Claim {
    Claim {
        date: date(2026, 10, day),
        category: category.into(),
        project: Some("ABC-001 - River Crossing".into()),
        quantity: Decimal::ONE,
        unit: None,
        unit_price: None,
        sub_total: decimal(sub_total),
        tax: None,
        status,
        notes: String::new(),
    }
}

fn kilometres(day: i8, quantity: &str, price: &str, sub_total: &str, notes: &str) -> Claim {
    Claim {
        quantity: decimal(quantity),
        unit: Some("km".into()),
        unit_price: Some(decimal(price)),
        notes: notes.into(),
        ..claim(day, "Mileage", sub_total, "APPROVED")
    }
}

fn company() -> ExpenseClaims {
    ExpenseClaims {
        period: Period::new(date(2026, 10, 1), date(2026, 10, 31)).expect("a month"),
        claimants: vec![
            Claimant {
                name: "Ada Marlowe".into(),
                manager: Some("Ines Quill".into()),
                claims: vec![
                    Claim {
                        tax: Some(decimal("2.14")),
                        notes: "Stakes and paint".into(),
                        ..claim(5, "Supplies", "42.8", "APPROVED")
                    },
                    claim(9, "Hotel", "189.5", "PENDING"),
                ],
            },
            Claimant {
                name: "Chen Wei".into(),
                manager: None,
                claims: vec![
                    kilometres(12, "100", "0.7", "70", "first 5,000 km of the year"),
                    kilometres(12, "82.4", "0.62", "51.09", "beyond 5,000 km of the year"),
                ],
            },
        ],
        waiting: vec![Claimant {
            name: "Chen Wei".into(),
            manager: None,
            claims: vec![claim(20, "Meals", "31.25", "NO SUBMISSION")],
        }],
        mileage_rule:
            "A kilometre is paid at the category's price up to 5,000 km in a calendar year, and at \
                       $0.62 beyond."
                .into(),
    }
}

fn sheets(data: &ExpenseClaims) -> Vec<Sheet> {
    read(&files(data, &flags(), &letterhead()).expect("the claims")[0].bytes)
}

#[test]
fn the_fixed_company_is_golden() {
    let files = files(&company(), &flags(), &letterhead()).expect("the claims");
    assert_eq!(files[0].name, "ExpenseClaims-2026-10-01-2026-10-31.xlsx");
    assert_golden(&files[0]);
}

/// `domain.md` §7: "Tax is empty unless it is known."
#[test]
fn an_unknown_tax_is_empty_also_in_totals() {
    let sheet = &sheets(&company())[0];
    let chen = sheet.rows_where(1, |text| text == "Chen Wei Total")[0];
    assert_eq!(sheet.number(chen, 8), None);
    assert_eq!(sheet.number(chen, 9), Some(decimal("121.09")));
    let ada = sheet.rows_where(1, |text| text == "Ada Marlowe Total")[0];
    assert_eq!(sheet.number(ada, 8), Some(decimal("2.14")));
    assert_eq!(sheet.number(ada, 9), Some(decimal("234.44")));
}

#[test]
fn an_empty_month_says_so() {
    let nobody = ExpenseClaims {
        claimants: Vec::new(),
        waiting: Vec::new(),
        ..company()
    };
    for sheet in sheets(&nobody) {
        assert_eq!(
            sheet
                .rows_where(1, |text| text.starts_with("Nothing"))
                .len(),
            1,
            "{}",
            sheet.name
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn printed_lines_sum_to_printed_totals(
        claimants in prop::collection::vec(
            prop::collection::vec((0i64..1_000_000, prop::option::of(0i64..100_000)), 1..6), 0..8)
    ) {
        let claimants: Vec<Claimant> = claimants.into_iter().map(|claims| Claimant {
            name: "Somebody".into(),
            manager: None,
            claims: claims.into_iter().map(|(cents, tax)| Claim {
                sub_total: Decimal::new(cents, 2),
                tax: tax.map(|cents| Decimal::new(cents, 2)),
                ..claim(1, "Hotel", "0", "APPROVED")
            }).collect(),
        }).collect();
        let data = ExpenseClaims { claimants, ..company() };
        let sheets = sheets(&data);
        let row = sheets[0].rows_where(1, |text| text == "All staff Total")[0];
        sheets[0].check_totals();
        let total: Decimal = data.claimants.iter()
            .flat_map(|claimant| &claimant.claims)
            .map(Claim::total)
            .sum();
        prop_assert_eq!(sheets[0].number(row, 9), Some(total));
    }
}

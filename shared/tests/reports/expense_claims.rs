//! Expense claims on a fixed company, on nobody, and on random claims.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use shared::{
    domain::{
        attendance::EntryState,
        expense::{Expense, ExpenseCategory, MileageRules},
        expense_claims::ClaimedExpense,
        project::Project,
        time::Period,
    },
    reports::expense_claims::{Claim, Claimant, ExpenseClaims, claims_of, files},
};

use super::{
    company, flags,
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

fn claimed(
    name: &str,
    (month, day): (i8, i8),
    category: &str,
    (quantity, total): (&str, &str),
    state: EntryState,
) -> ClaimedExpense {
    ClaimedExpense {
        expense: Expense {
            id: format!("{name} {category} {month} {day}").into(),
            workspace_id: "ws".into(),
            employee_id: name.into(),
            date: date(2026, month, day),
            category_id: Some(category.into()),
            project_id: Some("crossing".into()),
            task_id: None,
            notes: None,
            quantity: decimal(quantity),
            total: decimal(total),
            billable: true,
            has_receipt: false,
        },
        state,
    }
}

/// October of two people, one of whom drives his five-thousandth kilometre.
fn company() -> ExpenseClaims {
    use EntryState::{Approved, NotSubmitted, Pending};
    let (ada, chen) = ("Ada Marlowe", "Chen Wei");
    let mut supplies = claimed(ada, (10, 5), "Supplies", ("1", "42.80"), Approved);
    supplies.expense.notes = Some("Stakes and paint".into());
    let claims = [
        supplies,
        claimed(ada, (10, 9), "Hotel", ("1", "189.50"), Pending),
        claimed(chen, (6, 30), "Mileage", ("4900", "3430"), Approved),
        claimed(chen, (10, 12), "Mileage", ("182.4", "127.68"), Approved),
        claimed(chen, (10, 20), "Meals", ("1", "31.25"), NotSubmitted),
    ];
    let category = |name: &str, unit: Option<&str>, price: Option<&str>| ExpenseCategory {
        id: name.into(),
        workspace_id: "ws".into(),
        name: name.into(),
        unit_price: price.map(decimal),
        unit: unit.map(Into::into),
        archived: false,
        is_stub: false,
    };
    let categories = [
        category("Supplies", None, None),
        category("Hotel", None, None),
        category("Mileage", Some("km"), Some("0.70")),
        category("Meals", None, None),
    ];
    let people = [
        company::named(ada, ada, Some("Ines Quill")),
        company::named(chen, chen, None),
    ];
    let projects = [Project {
        id: "crossing".into(),
        workspace_id: "ws".into(),
        client_id: None,
        name: "ABC-001 - River Crossing".into(),
        code: Some("ABC-001".into()),
        title: "River Crossing".into(),
        billable: true,
        archived: false,
        is_stub: false,
    }];
    let october = Period::new(date(2026, 10, 1), date(2026, 10, 31)).expect("a month");
    let rules = MileageRules::default();
    claims_of(october, &claims, &categories, &people, &projects, &rules)
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
    let mut data = company();
    data.claimants[0].claims[0].tax = Some(decimal("2.14"));
    let sheet = &sheets(&data)[0];
    let chen = sheet.rows_where(1, |text| text == "Chen Wei Total")[0];
    assert_eq!(sheet.number(chen, 8), None);
    assert_eq!(sheet.number(chen, 9), Some(decimal("121.09")));
    let ada = sheet.rows_where(1, |text| text == "Ada Marlowe Total")[0];
    assert_eq!(sheet.number(ada, 8), Some(decimal("2.14")));
    assert_eq!(sheet.number(ada, 9), Some(decimal("234.44")));
}

/// `domain.md` §7: "the claim that crosses the limit is split".
#[test]
fn the_two_parts_of_a_split_claim_say_why() {
    let sheet = &sheets(&company())[0];
    for (notes, sub_total) in [
        ("up to 5,000 km of the year", "70"),
        ("beyond 5,000 km of the year", "51.09"),
    ] {
        let rows = sheet.rows_where(11, |text| text == notes);
        assert_eq!(rows.len(), 1, "{notes}");
        assert_eq!(sheet.number(rows[0], 7), Some(decimal(sub_total)));
    }
}

#[test]
fn an_empty_month_says_so() {
    let nobody = ExpenseClaims {
        claimants: Vec::new(),
        waiting: Vec::new(),
        ..company()
    };
    for sheet in &sheets(&nobody)[..2] {
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

//! Expenses and their categories.

use jiff::civil::date;
use serde_json::json;
use shared::{
    clockify::{
        convert,
        wire::{Expense, ExpenseCategory},
    },
    domain::{self, expense::MileageRules},
};

use crate::fixture::{Fixture, JORDAN, conversion, decimal};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/expenses.json" => {
            let served = fixture.serve().await;
            let page = served.client.list_expenses(1).await.unwrap();
            served.was_asked_as_documented().await;
            assert_eq!(page.rows.len(), 4, "out of its double envelope");
        }
        "api/expense.single.json" => {
            let served = fixture.serve().await;
            let id = "69b1c9c000f1000000000002".into();
            let row = served.client.read_expense(&id).await.unwrap();
            let listed = listed().remove(1);
            assert_eq!(converted(&row), listed, "flat ids here, nested in the list");
        }
        "api/expense-categories.json" => {
            let categories = categories(fixture, false).await;
            assert_eq!(categories.len(), 3);
            assert_eq!(categories[0].unit_price, Some(decimal("0.70")));
            assert!(categories[0].is_mileage(&MileageRules::default()));
            assert_eq!(categories[2].unit_price, None, "0 without hasUnitPrice");
            assert_eq!(categories[2].unit, None);
        }
        "api/expense-categories.archived.json" => {
            let categories = categories(fixture, true).await;
            assert_eq!(categories.len(), 1);
            assert!(categories[0].archived);
        }
        _ => return false,
    }
    true
}

async fn categories(fixture: &Fixture, archived: bool) -> Vec<domain::expense::ExpenseCategory> {
    let served = fixture.serve().await;
    let page = served
        .client
        .list_expense_categories(archived, 1)
        .await
        .unwrap();
    served.was_asked_as_documented().await;
    page.rows
        .iter()
        .map(|row: &ExpenseCategory| convert::expense_category(row, &conversion()).record)
        .collect()
}

fn converted(row: &Expense) -> domain::expense::Expense {
    convert::expense(row, &conversion()).unwrap().record
}

fn listed() -> Vec<domain::expense::Expense> {
    let list = Fixture::named("api/expenses.json").json();
    list["expenses"]["expenses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| converted(&serde_json::from_str(&row.to_string()).unwrap()))
        .collect()
}

/// `clockify.md` §7: nested on the list; project, category, notes and receipt may be missing; totals in
/// minor units with fractions of a cent.
#[test]
fn an_expense_has_its_date_as_it_stands_and_its_total_to_the_cent() {
    let listed = listed();
    let mileage = &listed[0];
    assert_eq!(mileage.employee_id.as_str(), JORDAN);
    assert_eq!(mileage.date, date(2026, 3, 10));
    assert_eq!(mileage.quantity, decimal("182.4"));
    assert_eq!(mileage.total, decimal("127.68"));
    assert!(!mileage.has_receipt);
    assert!(listed[1].has_receipt);

    let half_a_cent = &listed[2];
    assert_eq!(half_a_cent.total, decimal("19.00"), "18.995, half up");
    assert_eq!(half_a_cent.project_id, None);
    assert_eq!(half_a_cent.notes, None);

    assert_eq!(listed[3].category_id, None);
}

/// `EXPENSE_*` bodies write the date as midnight of UTC, which in Edmonton is the evening before.
#[test]
fn midnight_with_a_z_is_still_that_calendar_date() {
    let body: Expense = Fixture::named("webhooks/EXPENSE_CREATED.json").read();
    assert_eq!(
        converted(&body),
        listed()[0],
        "and an empty fileId is no receipt"
    );
}

#[test]
fn an_expense_without_date_total_or_person_cannot_be_stored() {
    for (row, field) in [
        (json!({"id": "x", "userId": "u", "total": 1}), "date"),
        (
            json!({"id": "x", "userId": "u", "date": "2026-02-30", "total": 1}),
            "date",
        ),
        (
            json!({"id": "x", "userId": "u", "date": "2026-02-28"}),
            "total",
        ),
        (
            json!({"id": "x", "date": "2026-02-28", "total": 1}),
            "userId",
        ),
    ] {
        let row: Expense = serde_json::from_str(&row.to_string()).unwrap();
        let unreadable = convert::expense(&row, &conversion()).unwrap_err();
        assert_eq!(unreadable.field, field);
    }
}

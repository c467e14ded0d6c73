//! Expenses: nested in lists, flat when read alone, and little more than ids in most webhooks
//! (clockify.md §7).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{hundredths, whole_double, work};
use crate::{
    calendar::sunday_of,
    company::{
        claims::{Category, Expense},
        people::Person,
        sheets::SheetState,
        work::workspace_id,
    },
    world::{Timesheet, World},
};

pub(crate) fn category(category: &Category) -> Value {
    json!({
        "id": category.id,
        "name": category.name,
        "hasUnitPrice": category.price.is_some(),
        "unit": category.price.map_or("", |(_, unit)| unit),
        "priceInCents": category.price.map_or(0, |(cents, _)| cents),
        "workspaceId": workspace_id(),
        "archived": category.archived,
    })
}

fn category_of<'a>(world: &'a World, expense: &Expense) -> Option<&'a Category> {
    world
        .company
        .categories
        .iter()
        .find(|category| Some(category.id) == expense.category)
}

/// A row of the list: objects instead of ids.
pub(crate) fn row(world: &World, expense: &Expense, locked: bool) -> Value {
    json!({
        "id": expense.id,
        "workspaceId": workspace_id(),
        "userId": world.people[expense.person].id,
        "date": expense.date.to_string(),
        "project": work::project_brief(world, expense.project),
        "task": null,
        "category": category_of(world, expense).map(category),
        "notes": expense.notes,
        "quantity": hundredths(expense.quantity),
        "billable": expense.billable,
        "fileId": expense.file,
        "fileName": expense.file.map(|_| format!("receipt {}.pdf", expense.date)),
        "total": whole_double(expense.cents),
        "locked": locked,
    })
}

/// The row inside a timesheet.
pub(crate) fn in_sheet(world: &World, sheet: &Timesheet, expense: &Expense) -> Value {
    let locked = sheet.state == SheetState::Approved;
    let mut value = row(world, expense, locked);
    if let Some(row) = value.as_object_mut() {
        for (key, value) in [
            ("currency", json!("CAD")),
            ("approvalRequestId", json!(sheet.id)),
            ("approvalStatus", json!(sheet.state.text())),
            ("detailedApprovalStatus", json!(sheet.state.text())),
            ("isLocked", json!(locked)),
            ("fileUrl", Value::Null),
        ] {
            row.insert(key.to_owned(), value);
        }
    }
    value
}

/// The single read: ids instead of objects, and no file name.
pub(crate) fn single(world: &World, expense: &Expense, locked: bool) -> Value {
    json!({
        "id": expense.id,
        "workspaceId": workspace_id(),
        "userId": world.people[expense.person].id,
        "date": midnight(expense.date),
        "projectId": expense.project,
        "taskId": null,
        "categoryId": expense.category,
        "notes": expense.notes,
        "quantity": hundredths(expense.quantity),
        "billable": expense.billable,
        "fileId": expense.file,
        "total": whole_double(expense.cents),
        "locked": locked,
    })
}

fn midnight(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// The page with its double envelope, and totals by day and week over the page's rows.
pub(crate) fn page(rows: &[Value], expenses: &[&Expense], count: usize) -> Value {
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    let mut weeks: BTreeMap<Date, i64> = BTreeMap::new();
    for expense in expenses {
        *days.entry(expense.date).or_default() += expense.cents;
        *weeks.entry(sunday_of(expense.date)).or_default() += expense.cents;
    }
    json!({
        "expenses": {"expenses": rows, "count": count},
        "dailyTotals": days.iter().rev().map(|(date, cents)| json!({
            "date": date.to_string(),
            "dateAsInstant": midnight(*date),
            "total": whole_double(*cents),
        })).collect::<Vec<_>>(),
        "weeklyTotals": weeks.iter().rev().map(|(date, cents)| json!({
            "date": date.to_string(),
            "total": whole_double(*cents),
        })).collect::<Vec<_>>(),
    })
}

/// The body of EXPENSE_CREATED; EXPENSE_RESTORED also says whether it is locked.
pub(crate) fn created_body(people: &[Person], expense: &Expense, restored: bool) -> Value {
    let mut body = json!({
        "id": expense.id,
        "workspaceId": workspace_id(),
        "userId": people[expense.person].id,
        "date": midnight(expense.date),
        "projectId": expense.project,
        "taskId": null,
        "categoryId": expense.category,
        "notes": expense.notes.clone().unwrap_or_default(),
        "quantity": hundredths(expense.quantity),
        "billable": expense.billable,
        "fileId": expense.file.map_or_else(String::new, |file| file.to_string()),
        "total": whole_double(expense.cents),
    });
    if restored && let Some(row) = body.as_object_mut() {
        row.insert("locked".to_owned(), json!(false));
    }
    body
}

/// The body of EXPENSE_UPDATED and EXPENSE_DELETED: ids alone, the own one as `expenseId`.
pub(crate) fn changed_body(people: &[Person], expense: &Expense) -> Value {
    json!({
        "workspaceId": workspace_id(),
        "userId": people[expense.person].id,
        "projectId": expense.project,
        "expenseId": expense.id,
        "categoryId": expense.category,
    })
}

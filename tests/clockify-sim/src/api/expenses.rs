//! Expenses and their categories.

use serde_json::{Value, json};

use super::{
    DEFAULT_PAGE, LARGEST_PAGE,
    call::{Answer, Call, Reply},
};
use crate::{
    company::{claims::Expense, sheets::SheetState},
    wire::claims,
    world::{Refusal, World},
};

fn is_locked(world: &World, expense: &Expense) -> bool {
    world
        .sheet_of_expense(expense)
        .is_some_and(|sheet| sheet.state == SheetState::Approved)
}

/// `start` and `end` are ignored, as they are by Clockify (clockify.md §7).
pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let page = call.page(DEFAULT_PAGE, LARGEST_PAGE)?;
    let user = call.query("user-id");
    let mut rows: Vec<&Expense> = world
        .expenses()
        .filter(|expense| user.is_none_or(|id| world.people[expense.person].id.to_string() == id))
        .collect();
    rows.sort_by_key(|expense| std::cmp::Reverse((expense.date, expense.id)));
    let (shown, last) = page.of(&rows);
    let values: Vec<Value> = shown
        .iter()
        .map(|expense| claims::row(world, expense, is_locked(world, expense)))
        .collect();
    Ok(Reply::page(claims::page(&values, shown, rows.len()), last))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    let id = call.id("expense", "Expense")?;
    let expense = world.expense(id).ok_or(Refusal::Gone("Expense"))?;
    Ok(Reply::ok(claims::single(
        world,
        expense,
        is_locked(world, expense),
    )))
}

/// Without `archived` only the categories in use (clockify.md §7).
pub(super) fn list_categories(world: &mut World, call: &Call) -> Answer {
    let archived = call.flag("archived")?.unwrap_or(false);
    let mut rows: Vec<_> = world
        .company
        .categories
        .iter()
        .filter(|category| category.archived == archived)
        .collect();
    rows.sort_by_key(|category| category.name);
    let (shown, last) = call.page(DEFAULT_PAGE, LARGEST_PAGE)?.of(&rows);
    let categories: Vec<Value> = shown.iter().map(|row| claims::category(row)).collect();
    Ok(Reply::page(
        json!({"count": rows.len(), "categories": categories}),
        last,
    ))
}

//! Expenses and their categories (`domain.md` §7, *Expense claims*).

use rust_decimal::Decimal;

use super::{Conversion, Converted, Unreadable, project::workspace, reading};
use crate::{
    clockify::wire,
    domain::{
        expense::{Expense, ExpenseCategory},
        ids::EmployeeId,
    },
};

/// An expense from the list, a single read or a webhook body.
pub fn expense(
    row: &wire::Expense,
    conversion: &Conversion,
) -> Result<Converted<Expense>, Unreadable> {
    let employee_id =
        reading::id(row.user_id.as_ref()).ok_or_else(|| reading::unreadable(row, "userId"))?;
    expense_of(row, employee_id, conversion)
}

/// An expense of that employee; inside an approval request the row may not name him.
pub(super) fn expense_of(
    row: &wire::Expense,
    employee_id: EmployeeId,
    conversion: &Conversion,
) -> Result<Converted<Expense>, Unreadable> {
    Ok(Converted::sound(Expense {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        employee_id,
        date: reading::calendar_date(row.date.as_deref())
            .ok_or_else(|| reading::unreadable(row, "date"))?,
        category_id: reading::id(row.category_id.as_ref())
            .or_else(|| row.category.as_ref().map(|category| category.id.clone())),
        project_id: reading::flat_or_nested(row.project_id.as_ref(), row.project.as_ref()),
        task_id: reading::flat_or_nested(row.task_id.as_ref(), row.task.as_ref()),
        notes: reading::text(row.notes.as_deref()),
        quantity: row.quantity.unwrap_or(Decimal::ONE).normalize(),
        total: reading::money(row.total.ok_or_else(|| reading::unreadable(row, "total"))?),
        billable: row.billable.unwrap_or(false),
        has_receipt: reading::text(row.file_id.as_deref()).is_some(),
    }))
}

/// A category; its price counts only where it says that it has one.
pub fn expense_category(
    row: &wire::ExpenseCategory,
    conversion: &Conversion,
) -> Converted<ExpenseCategory> {
    Converted::sound(ExpenseCategory {
        id: row.id.clone(),
        workspace_id: workspace(row.workspace_id.as_ref(), conversion),
        name: row.name.clone().unwrap_or_default(),
        unit_price: row
            .price_in_cents
            .filter(|_| row.has_unit_price == Some(true))
            .map(reading::money),
        unit: reading::text(row.unit.as_deref()),
        archived: row.archived.unwrap_or(false),
        is_stub: false,
    })
}

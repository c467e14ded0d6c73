//! Expenses and their categories.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Nested, page::row};
use crate::domain::ids::{
    EmployeeId, ExpenseCategoryId, ExpenseId, ProjectId, TaskId, TimesheetId, WorkspaceId,
};

/// The double envelope of the expenses list.
#[derive(Debug, Deserialize)]
pub struct ExpensePage {
    pub expenses: ExpenseRows,
}

/// The inner envelope.
#[derive(Debug, Deserialize)]
pub struct ExpenseRows {
    pub count: Option<u64>,
    #[serde(default)]
    pub expenses: Vec<Box<RawValue>>,
}

/// An expense. On the list and inside an approval request project, task and category are nested; read
/// singly and in webhooks their ids stand flat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expense {
    pub id: ExpenseId,
    pub workspace_id: Option<WorkspaceId>,
    pub user_id: Option<EmployeeId>,
    /// `2026-03-10`, or midnight of that date with a `Z` that means nothing.
    pub date: Option<String>,
    pub project_id: Option<ProjectId>,
    pub task_id: Option<TaskId>,
    pub category_id: Option<ExpenseCategoryId>,
    pub project: Option<Nested>,
    pub task: Option<Nested>,
    pub category: Option<ExpenseCategory>,
    pub notes: Option<String>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub quantity: Option<Decimal>,
    pub billable: Option<bool>,
    /// Null or empty without a receipt.
    pub file_id: Option<String>,
    /// Minor units, with fractions of a cent.
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub total: Option<Decimal>,
    /// Only inside an approval request.
    pub approval_request_id: Option<TimesheetId>,
}
row!(Expense, "expense");

/// The envelope of the categories list.
#[derive(Debug, Deserialize)]
pub struct ExpenseCategories {
    pub count: Option<u64>,
    #[serde(default)]
    pub categories: Vec<Box<RawValue>>,
}

/// A category of expenses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseCategory {
    pub id: ExpenseCategoryId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    pub has_unit_price: Option<bool>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub price_in_cents: Option<Decimal>,
    pub unit: Option<String>,
    pub archived: Option<bool>,
}
row!(ExpenseCategory, "expense category");

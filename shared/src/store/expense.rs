//! What employees spent or drove. The content stands here; which timesheet holds an expense, and with it how
//! far the claim has come, is [`membership`]'s.

use jiff::civil::Date;
use rust_decimal::RoundingStrategy;

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    membership::{self, Membership},
    record::{self, IDS, Incoming, RecordTable, ids_of, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    attendance::EntryState,
    expense::Expense,
    expense_claims::ClaimedExpense,
    ids::{EmployeeId, ExpenseId, TaskId, WorkspaceId},
    time::Period,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("employee_id"),
    Column::date("spent_on"),
    Column::id("category_id"),
    Column::id("project_id"),
    Column::id("task_id"),
    Column::text("notes"),
    // Two decimals, as money has.
    Column::money("quantity"),
    Column::money("total"),
    Column::bool("billable"),
    Column::bool("has_receipt"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Expense), "expense", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "expense",
    "t.workspace_id = @workspace_id AND t.spent_on >= @from"
);

/// An expense and what is known of its timesheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExpense {
    pub expense: Expense,
    pub membership: Membership,
}

/// Writes the content of a page of expenses that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    expenses: &[Expense],
) -> Result<Changes, StoreError> {
    let Some(first) = expenses.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(expenses)).await?;
    let page = expenses
        .iter()
        .map(|expense| (expense.id.0.clone(), Incoming::of(cells(expense))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(expenses: &[Expense]) -> References {
    References {
        employees: expenses
            .iter()
            .map(|expense| expense.employee_id.clone())
            .collect(),
        expense_categories: expenses
            .iter()
            .filter_map(|expense| expense.category_id.clone())
            .collect(),
        projects: expenses
            .iter()
            .filter_map(|expense| expense.project_id.clone())
            .collect(),
        tasks: expenses
            .iter()
            .filter_map(|expense| Some((task_of(expense)?.clone(), expense.project_id.clone()?)))
            .collect(),
        ..References::default()
    }
}

/// A task is one of a project: without the project there is none.
fn task_of(expense: &Expense) -> Option<&TaskId> {
    expense.project_id.as_ref().and(expense.task_id.as_ref())
}

fn cells(expense: &Expense) -> Vec<Value> {
    // Clockify counts in binary fractions: a third of a kilometre comes with sixteen decimals.
    let quantity = expense
        .quantity
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    vec![
        (&expense.id).into(),
        (&expense.workspace_id).into(),
        (&expense.employee_id).into(),
        expense.date.into(),
        expense.category_id.as_ref().into(),
        expense.project_id.as_ref().into(),
        task_of(expense).into(),
        expense.notes.as_deref().into(),
        Value::money(quantity),
        Value::money(expense.total),
        expense.billable.into(),
        expense.has_receipt.into(),
    ]
}

/// Expenses of that day or later that a complete read from that day on did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    from: Date,
    read: CompleteRead<'_>,
) -> Result<Missing<ExpenseId>, StoreError> {
    let range = vec![
        ("@workspace_id", workspace_id.into()),
        ("@from", from.into()),
    ];
    gone::find(tx, &VANISHING, range, read).await
}

/// Deletes expenses that Clockify no longer has, where no newer read has seen them.
pub async fn delete(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[ExpenseId],
) -> Result<u64, StoreError> {
    const DELETE: Statement = Statement::new(
        "DELETE FROM expense WHERE ticket < @ticket AND id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(ExpenseId::as_str).collect();
    gone::end(tx, &TABLE, &[DELETE], ticket, &ids).await
}

/// The expenses of these ids, in the order of ids; unknown ones are left out.
pub async fn get_all(tx: &mut Transaction, ids: &[&str]) -> Result<Vec<StoredExpense>, StoreError> {
    const GET: Statement =
        Statement::new(include_str!("expense/get_all.sql")).rows(&[("@ids", IDS)]);
    let rows = tx.query(&GET, &[("@ids", ids_of(ids))]).await?;
    rows.iter().map(read).collect()
}

/// Expenses from the one day through the other, of one employee or of everyone, by employee and date.
pub async fn list(
    tx: &mut Transaction,
    from: Date,
    to: Date,
    employee_id: Option<&EmployeeId>,
) -> Result<Vec<StoredExpense>, StoreError> {
    const LIST: Statement = Statement::new(include_str!("expense/list.sql"));
    let params = [
        ("@from", from.into()),
        ("@to", to.into()),
        ("@employee_id", employee_id.into()),
    ];
    tx.query(&LIST, &params).await?.iter().map(read).collect()
}

/// What the report on a period's claims needs: the expenses from 1 January of its first year, because
/// kilometres are counted by calendar year, through its last day; by employee and date.
pub async fn claimed(
    tx: &mut Transaction,
    period: Period,
    employee_id: Option<&EmployeeId>,
) -> Result<Vec<ClaimedExpense>, StoreError> {
    let first_day = period.first_day().first_of_year();
    let stored = list(tx, first_day, period.last_day(), employee_id).await?;
    let claimed = stored.into_iter().map(|stored| ClaimedExpense {
        state: EntryState::of(stored.membership.state()),
        expense: stored.expense,
    });
    Ok(claimed.collect())
}

fn read(row: &Row) -> Result<StoredExpense, StoreError> {
    Ok(StoredExpense {
        expense: Expense {
            id: row.id("id")?,
            workspace_id: row.id("workspace_id")?,
            employee_id: row.id("employee_id")?,
            date: row.date("spent_on")?,
            category_id: row.opt_id("category_id")?,
            project_id: row.opt_id("project_id")?,
            task_id: row.opt_id("task_id")?,
            notes: row.opt_text("notes")?,
            quantity: row.money("quantity")?.normalize(),
            total: row.money("total")?,
            billable: row.bool("billable")?,
            has_receipt: row.bool("has_receipt")?,
        },
        membership: membership::read(row)?,
    })
}

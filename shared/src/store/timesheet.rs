//! Timesheets. They keep their row for ever; which entries one holds stands with the entries.

use jiff::civil::Date;

use super::{
    Changes, Column, Row, Statement, StoreError, Transaction, Value,
    record::{self, IDS, Incoming, RecordTable, ids_of, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
};
use crate::domain::{
    ids::{EmployeeId, TimesheetId},
    timesheet::{Timesheet, TimesheetState},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("employee_id"),
    Column::date("first_day"),
    Column::date("last_day"),
    Column::id("state"),
    Column::instant("state_updated_at"),
    Column::text("note"),
    Column::bool("expenses_only"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(None, "timesheet", COLUMNS);

/// Writes a page of timesheets that was read with that ticket, without their entries.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    timesheets: &[Timesheet],
) -> Result<Changes, StoreError> {
    let Some(first) = timesheets.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(timesheets)).await?;
    let page = timesheets
        .iter()
        .map(|timesheet| (timesheet.id.0.clone(), Incoming::of(cells(timesheet))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(timesheets: &[Timesheet]) -> References {
    References {
        employees: timesheets
            .iter()
            .map(|timesheet| timesheet.employee_id.clone())
            .collect(),
        ..References::default()
    }
}

fn cells(timesheet: &Timesheet) -> Vec<Value> {
    vec![
        (&timesheet.id).into(),
        (&timesheet.workspace_id).into(),
        (&timesheet.employee_id).into(),
        timesheet.first_day.into(),
        timesheet.last_day.into(),
        timesheet.state.as_str().into(),
        timesheet.state_updated_at.into(),
        timesheet.note.as_deref().into(),
        timesheet.expenses_only.into(),
    ]
}

/// The timesheet of that id.
pub async fn get(tx: &mut Transaction, id: &TimesheetId) -> Result<Option<Timesheet>, StoreError> {
    Ok(get_all(tx, &[id.as_str()]).await?.into_iter().next())
}

/// The timesheets of these ids, in the order of ids; unknown ones are left out.
pub async fn get_all(tx: &mut Transaction, ids: &[&str]) -> Result<Vec<Timesheet>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT t.id, t.workspace_id, t.employee_id, t.first_day, t.last_day, t.state, \
         t.state_updated_at, t.note, t.expenses_only FROM timesheet AS t JOIN {@ids} AS r ON r.id = t.id ORDER BY t.id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&GET, &[("@ids", ids_of(ids))]).await?;
    rows.iter().map(read).collect()
}

/// Timesheets with a day from the one through the other, of one employee or of everyone, by employee and
/// first day.
pub async fn list(
    tx: &mut Transaction,
    from: Date,
    to: Date,
    employee_id: Option<&EmployeeId>,
) -> Result<Vec<Timesheet>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, employee_id, first_day, last_day, state, state_updated_at, note, \
         expenses_only \
         FROM timesheet WHERE last_day >= @from AND first_day <= @to \
         AND (@employee_id IS NULL OR employee_id = @employee_id) ORDER BY employee_id, first_day, id",
    );
    let params = [
        ("@from", from.into()),
        ("@to", to.into()),
        ("@employee_id", employee_id.into()),
    ];
    tx.query(&LIST, &params).await?.iter().map(read).collect()
}

/// Timesheets in that state, by employee and first day.
pub async fn list_in_state(
    tx: &mut Transaction,
    state: &TimesheetState,
) -> Result<Vec<Timesheet>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, employee_id, first_day, last_day, state, state_updated_at, note, \
         expenses_only \
         FROM timesheet WHERE state = @state ORDER BY employee_id, first_day, id",
    );
    let rows = tx
        .query(&LIST, &[("@state", state.as_str().into())])
        .await?;
    rows.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<Timesheet, StoreError> {
    Ok(Timesheet {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        employee_id: row.id("employee_id")?,
        first_day: row.date("first_day")?,
        last_day: row.date("last_day")?,
        state: row.text("state")?.into(),
        state_updated_at: row.opt_instant("state_updated_at")?,
        note: row.opt_text("note")?,
        expenses_only: row.bool("expenses_only")?,
    })
}

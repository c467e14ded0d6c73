//! Requests for time off, pending or approved. What is rejected, withdrawn or deleted in Clockify is deleted.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    policy::{read_unit, unit_word},
    record::{self, IDS, Incoming, RecordTable, ids_of, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{EmployeeId, TimeOffRequestId, WorkspaceId},
    time_off::TimeOffRequest,
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("employee_id"),
    Column::id("policy_id"),
    Column::id("status"),
    Column::date("first_day"),
    Column::date("last_day"),
    Column::bool("half_day"),
    Column::hours("balance_diff"),
    Column::id("exact_balance_diff"),
    Column::id("unit"),
    Column::text("excluded_days"),
    Column::text("note"),
    Column::instant("status_changed_at"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::TimeOffRequest), "time_off_request", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "time_off_request",
    "t.workspace_id = @workspace_id AND t.first_day >= @from AND t.last_day <= @to"
);

/// Writes a page of requests that was read with that ticket. Excluded days that were not told stay as they are stored.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    requests: &[TimeOffRequest],
) -> Result<Changes, StoreError> {
    let Some(first) = requests.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(requests)).await?;
    let known = excluded_days(tx, requests).await?;
    let page = requests.iter().map(|request| {
        let excluded = request.excluded_days.as_ref();
        let excluded = excluded.or_else(|| known.get(&request.id));
        let cells = cells(request, excluded.map_or(&[], Vec::as_slice));
        (request.id.0.clone(), Incoming::of(cells))
    });
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(requests: &[TimeOffRequest]) -> References {
    References {
        employees: requests
            .iter()
            .map(|request| request.employee_id.clone())
            .collect(),
        policies: requests
            .iter()
            .map(|request| request.policy_id.clone())
            .collect(),
        ..References::default()
    }
}

/// The stored excluded days of the requests that tell none.
async fn excluded_days(
    tx: &mut Transaction,
    requests: &[TimeOffRequest],
) -> Result<HashMap<TimeOffRequestId, Vec<Date>>, StoreError> {
    let silent = requests.iter().filter(|one| one.excluded_days.is_none());
    let ids: Vec<&str> = silent.map(|one| one.id.as_str()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let stored = get_all(tx, &ids).await?.into_iter();
    Ok(stored
        .filter_map(|one| Some((one.id, one.excluded_days?)))
        .collect())
}

fn cells(request: &TimeOffRequest, excluded_days: &[Date]) -> Vec<Value> {
    // Clockify reckons balances in binary fractions: a third of a day comes with sixteen decimals. The figure to the
    // hundredth is for who reads the table; hours are reckoned from the exact one.
    let balance_diff = request
        .balance_diff
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let excluded_days: Vec<String> = excluded_days.iter().map(Date::to_string).collect();
    vec![
        (&request.id).into(),
        (&request.workspace_id).into(),
        (&request.employee_id).into(),
        (&request.policy_id).into(),
        request.status.as_str().into(),
        request.first_day.into(),
        request.last_day.into(),
        request.half_day.into(),
        Value::hours(balance_diff),
        request.balance_diff.normalize().to_string().into(),
        unit_word(request.unit).into(),
        serde_json::Value::from(excluded_days).to_string().into(),
        request.note.as_deref().into(),
        request.status_changed_at.into(),
    ]
}

/// Requests that lie wholly from the one day through the other, and that a complete read of these days did
/// not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    from: Date,
    to: Date,
    read: CompleteRead<'_>,
) -> Result<Missing<TimeOffRequestId>, StoreError> {
    let range = vec![
        ("@workspace_id", workspace_id.into()),
        ("@from", from.into()),
        ("@to", to.into()),
    ];
    gone::find(tx, &VANISHING, range, read).await
}

/// Deletes requests that Clockify no longer has, where no newer read has seen them.
pub async fn delete(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[TimeOffRequestId],
) -> Result<u64, StoreError> {
    const DELETE: Statement = Statement::new(
        "DELETE FROM time_off_request WHERE ticket < @ticket AND id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(TimeOffRequestId::as_str).collect();
    gone::end(tx, &TABLE, &[DELETE], ticket, &ids).await
}

/// The request of that id.
pub async fn get(
    tx: &mut Transaction,
    id: &TimeOffRequestId,
) -> Result<Option<TimeOffRequest>, StoreError> {
    const GET: Statement = Statement::new(include_str!("time_off_request/get.sql"));
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// The requests of these ids, in the order of ids; unknown ones are left out.
pub async fn get_all(
    tx: &mut Transaction,
    ids: &[&str],
) -> Result<Vec<TimeOffRequest>, StoreError> {
    const GET: Statement =
        Statement::new(include_str!("time_off_request/get_all.sql")).rows(&[("@ids", IDS)]);
    let rows = tx.query(&GET, &[("@ids", ids_of(ids))]).await?;
    rows.iter().map(read).collect()
}

/// Requests of any status with a day from the one through the other, of one employee or of everyone, by
/// employee and first day.
pub async fn list(
    tx: &mut Transaction,
    from: Date,
    to: Date,
    employee_id: Option<&EmployeeId>,
) -> Result<Vec<TimeOffRequest>, StoreError> {
    const LIST: Statement = Statement::new(include_str!("time_off_request/list.sql"));
    let params = [
        ("@from", from.into()),
        ("@to", to.into()),
        ("@employee_id", employee_id.into()),
    ];
    tx.query(&LIST, &params).await?.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<TimeOffRequest, StoreError> {
    let excluded_days = serde_json::from_str(&row.text("excluded_days")?)
        .map_err(|_| StoreError::value("excluded_days", "is not a list of dates"))?;
    Ok(TimeOffRequest {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        employee_id: row.id("employee_id")?,
        policy_id: row.id("policy_id")?,
        status: row.text("status")?.into(),
        first_day: row.date("first_day")?,
        last_day: row.date("last_day")?,
        half_day: row.bool("half_day")?,
        balance_diff: read_balance_diff(row)?,
        unit: read_unit(row)?,
        excluded_days: Some(excluded_days),
        note: row.opt_text("note")?,
        status_changed_at: row.opt_instant("status_changed_at")?,
    })
}

/// Exact; of a row that an older program wrote, to the hundredth.
fn read_balance_diff(row: &Row) -> Result<Decimal, StoreError> {
    match row.opt_text("exact_balance_diff")? {
        Some(exact) => exact
            .parse()
            .map_err(|_| StoreError::value("exact_balance_diff", "is not a decimal")),
        None => row.hours("balance_diff"),
    }
}

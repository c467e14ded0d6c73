//! Employees. Never deleted: who vanishes from Clockify becomes INACTIVE.

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, record_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    employee::{Employee, EmployeeStatus, RateType},
    ids::{EmployeeId, WorkspaceId},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::text("email"),
    Column::id("status"),
    Column::text("role"),
    Column::date("start_date"),
    Column::date("end_date"),
    Column::id("rate_type"),
    Column::text("reporting_manager"),
    Column::bool("has_truck"),
    Column::text("truck_details"),
    Column::text("time_zone"),
    Column::bool("is_stub"),
    Column::id("source_hash"),
];
const TABLE: RecordTable = record_table!(Some(Grave::Employee), "employee", COLUMNS);
const VANISHING: Vanishing = vanishing!(
    "employee",
    "t.workspace_id = @workspace_id AND t.status <> 'INACTIVE'"
);

/// Writes a page of employees that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    employees: &[Employee],
) -> Result<Changes, StoreError> {
    let Some(first) = employees.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = employees
        .iter()
        .map(|employee| (employee.id.0.clone(), Incoming::of(cells(employee))));
    let changes = record::upsert(tx, &TABLE, &[], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn cells(employee: &Employee) -> Vec<Value> {
    vec![
        (&employee.id).into(),
        (&employee.workspace_id).into(),
        (&employee.name).into(),
        employee.email.as_deref().into(),
        status_word(employee.status).into(),
        employee.role.as_deref().into(),
        employee.start_date.into(),
        employee.end_date.into(),
        employee.rate_type.map(rate_type_word).into(),
        employee.reporting_manager.as_deref().into(),
        employee.has_truck.into(),
        employee.truck_details.as_deref().into(),
        employee.time_zone.as_deref().into(),
        employee.is_stub.into(),
    ]
}

/// Employees that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<EmployeeId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Makes employees INACTIVE who left the workspace, where no newer read has seen them.
pub async fn deactivate(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[EmployeeId],
) -> Result<u64, StoreError> {
    const DEACTIVATE: Statement = Statement::new(
        "UPDATE employee SET status = 'INACTIVE', source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE employee.id = r.id AND employee.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(EmployeeId::as_str).collect();
    gone::end(tx, &TABLE, &[DEACTIVATE], ticket, &ids).await
}

/// The employee of that id.
pub async fn get(tx: &mut Transaction, id: &EmployeeId) -> Result<Option<Employee>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, workspace_id, name, email, status, role, start_date, end_date, rate_type, \
         reporting_manager, has_truck, truck_details, time_zone, is_stub FROM employee WHERE id = @id",
    );
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// Everyone, stubs and former staff included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Employee>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, workspace_id, name, email, status, role, start_date, end_date, rate_type, \
         reporting_manager, has_truck, truck_details, time_zone, is_stub FROM employee ORDER BY id",
    );
    tx.query(&LIST, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Employee, StoreError> {
    Ok(Employee {
        id: row.id("id")?,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        email: row.opt_text("email")?,
        status: read_status(row)?,
        role: row.opt_text("role")?,
        start_date: row.opt_date("start_date")?,
        end_date: row.opt_date("end_date")?,
        rate_type: read_rate_type(row)?,
        reporting_manager: row.opt_text("reporting_manager")?,
        has_truck: row.bool("has_truck")?,
        truck_details: row.opt_text("truck_details")?,
        time_zone: row.opt_text("time_zone")?,
        is_stub: row.bool("is_stub")?,
    })
}

fn status_word(status: EmployeeStatus) -> &'static str {
    match status {
        EmployeeStatus::Active => "ACTIVE",
        EmployeeStatus::Inactive => "INACTIVE",
        EmployeeStatus::Pending => "PENDING",
    }
}

fn read_status(row: &Row) -> Result<EmployeeStatus, StoreError> {
    match row.text("status")?.as_str() {
        "ACTIVE" => Ok(EmployeeStatus::Active),
        "INACTIVE" => Ok(EmployeeStatus::Inactive),
        "PENDING" => Ok(EmployeeStatus::Pending),
        _ => Err(StoreError::value("status", "is not a status")),
    }
}

fn rate_type_word(rate_type: RateType) -> &'static str {
    match rate_type {
        RateType::Salary => "SALARY",
        RateType::Hourly => "HOURLY",
    }
}

fn read_rate_type(row: &Row) -> Result<Option<RateType>, StoreError> {
    match row.opt_text("rate_type")?.as_deref() {
        None => Ok(None),
        Some("SALARY") => Ok(Some(RateType::Salary)),
        Some("HOURLY") => Ok(Some(RateType::Hourly)),
        Some(_) => Err(StoreError::value("rate_type", "is not a rate type")),
    }
}

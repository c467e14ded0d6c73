//! What balances are computed from, for a number of employees at a time: all their approved work ever, and their
//! requests under one policy. A number of statements that does not depend on the number of employees.
//!
//! The ids stand in an `IN`, not in a join: SQLite would read the list of ids anew for each entry.

use std::collections::{BTreeSet, HashMap};

use super::{Statement, StoreError, Transaction, Value, record::IDS, time_off_request};
use crate::domain::{
    attendance::{AttendedEntry, EntryState},
    ids::{EmployeeId, PolicyId, TimeEntryId},
    time_entry::EntryKind,
    time_off::TimeOffRequest,
};

/// The work of these employees in APPROVED timesheets, of all days: finished REGULAR entries, each list by date.
pub async fn approved_work(
    tx: &mut Transaction,
    employees: &[&EmployeeId],
) -> Result<HashMap<EmployeeId, Vec<AttendedEntry>>, StoreError> {
    const WORK: Statement = Statement::new(
        "SELECT e.id, e.employee_id, e.start_date, e.hours FROM time_entry AS e \
         JOIN timesheet AS s ON s.id = e.timesheet_id \
         WHERE e.employee_id IN (SELECT r.id FROM {@ids} AS r) \
         AND s.state = 'APPROVED' AND e.kind = 'REGULAR' AND e.hours IS NOT NULL \
         ORDER BY e.employee_id, e.start_date, e.id",
    )
    .rows(&[("@ids", IDS)]);
    const TAGS: Statement = Statement::new(
        "SELECT l.time_entry_id, t.name FROM time_entry_tag AS l JOIN tag AS t ON t.id = l.tag_id \
         JOIN time_entry AS e ON e.id = l.time_entry_id JOIN timesheet AS s ON s.id = e.timesheet_id \
         WHERE e.employee_id IN (SELECT r.id FROM {@ids} AS r) AND s.state = 'APPROVED' \
         ORDER BY l.time_entry_id, t.name",
    )
    .rows(&[("@ids", IDS)]);
    let params = [("@ids", Value::ids(employees.iter().copied()))];
    let mut tags: HashMap<TimeEntryId, Vec<String>> = HashMap::new();
    for row in tx.query(&TAGS, &params).await? {
        let of_entry = tags.entry(row.id("time_entry_id")?).or_default();
        of_entry.push(row.text("name")?);
    }
    let mut work: HashMap<EmployeeId, Vec<AttendedEntry>> = HashMap::new();
    for row in tx.query(&WORK, &params).await? {
        let entry = AttendedEntry {
            date: row.date("start_date")?,
            hours: row.hours("hours")?,
            kind: EntryKind::Regular,
            tags: tags.remove(&row.id("id")?).unwrap_or_default(),
            state: EntryState::Approved,
        };
        work.entry(row.id("employee_id")?).or_default().push(entry);
    }
    Ok(work)
}

/// The requests of these employees under a policy, of any day and status.
pub async fn requests(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employees: &[&EmployeeId],
) -> Result<HashMap<EmployeeId, Vec<TimeOffRequest>>, StoreError> {
    const REQUESTS: Statement = Statement::new(
        "SELECT q.id, q.workspace_id, q.employee_id, q.policy_id, q.status, q.first_day, q.last_day, q.half_day, \
         q.balance_diff, q.exact_balance_diff, q.unit, q.excluded_days, q.note, q.status_changed_at \
         FROM time_off_request AS q \
         WHERE q.employee_id IN (SELECT r.id FROM {@ids} AS r) AND q.policy_id = @policy_id \
         ORDER BY q.employee_id, q.first_day, q.id",
    )
    .rows(&[("@ids", IDS)]);
    let params = [
        ("@ids", Value::ids(employees.iter().copied())),
        ("@policy_id", policy_id.into()),
    ];
    let mut requests: HashMap<EmployeeId, Vec<TimeOffRequest>> = HashMap::new();
    for row in tx.query(&REQUESTS, &params).await? {
        let request = time_off_request::read(&row)?;
        let of_employee = requests.entry(request.employee_id.clone()).or_default();
        of_employee.push(request);
    }
    Ok(requests)
}

/// Who has an entry or a request that refers to a record that Clockify does not know either; of everyone, or of one.
pub async fn who_refers_to_stubs(
    tx: &mut Transaction,
    employee_id: Option<&EmployeeId>,
) -> Result<BTreeSet<EmployeeId>, StoreError> {
    const ANYONE: Statement = Statement::new(
        "SELECT e.employee_id FROM time_entry AS e JOIN project AS p ON p.id = e.project_id WHERE p.is_stub = 1 \
         UNION SELECT e.employee_id FROM time_entry AS e JOIN task AS t ON t.id = e.task_id WHERE t.is_stub = 1 \
         UNION SELECT e.employee_id FROM tag AS t JOIN time_entry_tag AS l ON l.tag_id = t.id \
         JOIN time_entry AS e ON e.id = l.time_entry_id WHERE t.is_stub = 1 \
         UNION SELECT q.employee_id FROM time_off_request AS q JOIN policy AS p ON p.id = q.policy_id \
         WHERE p.is_stub = 1",
    );
    const ONE: Statement = Statement::new(
        "SELECT e.employee_id FROM time_entry AS e JOIN project AS p ON p.id = e.project_id \
         WHERE p.is_stub = 1 AND e.employee_id = @employee_id \
         UNION SELECT e.employee_id FROM time_entry AS e JOIN task AS t ON t.id = e.task_id \
         WHERE t.is_stub = 1 AND e.employee_id = @employee_id \
         UNION SELECT e.employee_id FROM tag AS t JOIN time_entry_tag AS l ON l.tag_id = t.id \
         JOIN time_entry AS e ON e.id = l.time_entry_id WHERE t.is_stub = 1 AND e.employee_id = @employee_id \
         UNION SELECT q.employee_id FROM time_off_request AS q JOIN policy AS p ON p.id = q.policy_id \
         WHERE p.is_stub = 1 AND q.employee_id = @employee_id",
    );
    let rows = match employee_id {
        Some(id) => tx.query(&ONE, &[("@employee_id", id.into())]).await?,
        None => tx.query(&ANYONE, &[]).await?,
    };
    rows.iter().map(|row| row.id("employee_id")).collect()
}

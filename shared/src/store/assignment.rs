//! To whom policies and holidays are assigned: sets of employees and groups that belong to their record.

use std::collections::HashMap;

use super::{Column, Row, Rows, StoreError, Value};
use crate::domain::time_off::Assignment;

pub(super) const POLICY_COLUMNS: &[Column] = &[
    Column::id("policy_id"),
    Column::id("assigned_to"),
    Column::id("assigned_id"),
];
pub(super) const HOLIDAY_COLUMNS: &[Column] = &[
    Column::id("holiday_id"),
    Column::id("assigned_to"),
    Column::id("assigned_id"),
];

const EMPLOYEE: &str = "EMPLOYEE";
const GROUP: &str = "GROUP";

/// The rows of one record's assignment.
pub(super) fn rows(owner_id: &str, assignment: &Assignment) -> Rows {
    let row = |word: &str, id: Value| vec![owner_id.into(), word.into(), id];
    let employees = assignment
        .employee_ids
        .iter()
        .map(|id| row(EMPLOYEE, id.into()));
    let groups = assignment.group_ids.iter().map(|id| row(GROUP, id.into()));
    employees.chain(groups).collect()
}

/// Assignments by the id of their record, from rows of `owner_id, assigned_to, assigned_id`.
pub(super) fn by_owner(rows: &[Row]) -> Result<HashMap<String, Assignment>, StoreError> {
    let mut assignments: HashMap<String, Assignment> = HashMap::new();
    for row in rows {
        let assignment = assignments.entry(row.text("owner_id")?).or_default();
        match row.text("assigned_to")?.as_str() {
            GROUP => assignment.group_ids.push(row.id("assigned_id")?),
            _ => assignment.employee_ids.push(row.id("assigned_id")?),
        }
    }
    for assignment in assignments.values_mut() {
        assignment.employee_ids.sort_unstable();
        assignment.group_ids.sort_unstable();
    }
    Ok(assignments)
}

//! Work before an employee's start date or after his end date (`domain.md` §7 *Payroll*: it is paid and flagged).

use super::{
    Row, Statement, StoreError, Transaction,
    record::{IDS, ids_of},
};
use crate::domain::{flags::FlagKind, ids::TimeEntryId};

/// Which of these entries are such work, in the order of ids.
pub async fn among_entries(
    tx: &mut Transaction,
    entries: &[&str],
) -> Result<Vec<TimeEntryId>, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT e.id FROM time_entry AS e JOIN {@ids} AS r ON r.id = e.id \
         JOIN employee AS p ON p.id = e.employee_id \
         WHERE e.kind = 'REGULAR' AND e.ended_at IS NOT NULL \
         AND (e.start_date < p.start_date OR e.start_date > p.end_date) ORDER BY e.id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&FIND, &[("@ids", ids_of(entries))]).await?;
    ids(&rows)
}

/// Which entries of these employees are such work, in the order of ids.
pub async fn of_employees(
    tx: &mut Transaction,
    employees: &[&str],
) -> Result<Vec<TimeEntryId>, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT e.id FROM employee AS p JOIN {@ids} AS r ON r.id = p.id \
         JOIN time_entry AS e ON e.employee_id = p.id \
         WHERE e.kind = 'REGULAR' AND e.ended_at IS NOT NULL \
         AND (e.start_date < p.start_date OR e.start_date > p.end_date) ORDER BY e.id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&FIND, &[("@ids", ids_of(employees))]).await?;
    ids(&rows)
}

/// Which entries of these employees are flagged as such work, in the order of ids.
pub async fn flagged_of_employees(
    tx: &mut Transaction,
    employees: &[&str],
) -> Result<Vec<TimeEntryId>, StoreError> {
    const FIND: Statement = Statement::new(
        "SELECT e.id FROM flag AS f JOIN time_entry AS e ON e.id = f.record_id \
         JOIN {@ids} AS r ON r.id = e.employee_id \
         WHERE f.record_kind = 'time_entry' AND f.kind = @kind ORDER BY e.id",
    )
    .rows(&[("@ids", IDS)]);
    let params = [
        ("@ids", ids_of(employees)),
        ("@kind", FlagKind::WorkOutsideEmployment.as_str().into()),
    ];
    let rows = tx.query(&FIND, &params).await?;
    ids(&rows)
}

fn ids(rows: &[Row]) -> Result<Vec<TimeEntryId>, StoreError> {
    rows.iter().map(|row| row.id("id")).collect()
}

//! Finished work as billing and the billable summary see it: entries with their task's name and the state
//! of their timesheet. The rows themselves are `time_entry`'s.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{Row, Statement, StoreError, Transaction, task, time_entry};
use crate::domain::{
    attendance::EntryState,
    ids::{TaskId, TimesheetId},
    time::Period,
    work::WorkEntry,
};

/// The work of a period, of everyone, by employee and start.
pub async fn read(tx: &mut Transaction, period: Period) -> Result<Vec<WorkEntry>, StoreError> {
    let entries = time_entry::list(tx, period.first_day(), period.last_day(), None).await?;
    let tasks: HashMap<TaskId, String> = task::list(tx)
        .await?
        .into_iter()
        .map(|task| (task.id, task.name))
        .collect();
    let work = entries.iter().filter_map(|stored| {
        let entry = &stored.entry;
        let task = entry.task_id.as_ref().and_then(|id| tasks.get(id).cloned());
        let state = EntryState::of(stored.membership.state());
        WorkEntry::of(entry, task, state)
    });
    Ok(work.collect())
}

/// Billable work of days before `before` of whose timesheet we learnt after `since` that it is approved, by date.
pub async fn approved_after(
    tx: &mut Transaction,
    before: Date,
    since: Timestamp,
) -> Result<Vec<WorkEntry>, StoreError> {
    const LATE: Statement = Statement::new(
        "SELECT e.id, e.employee_id, e.project_id, e.start_date, e.hours, e.hourly_rate, e.description, \
         t.name AS task, s.updated_at AS known_since \
         FROM timesheet AS s JOIN time_entry AS e ON e.timesheet_id = s.id \
         LEFT JOIN task AS t ON t.id = e.task_id \
         WHERE s.state = 'APPROVED' AND s.updated_at > @since AND e.start_date < @before \
         AND e.billable = 1 AND e.kind = 'REGULAR' AND e.hours IS NOT NULL ORDER BY e.start_date, e.id",
    );
    let params = [("@before", before.into()), ("@since", since.into())];
    tx.query(&LATE, &params)
        .await?
        .iter()
        .map(approved_work)
        .collect()
}

fn approved_work(row: &Row) -> Result<WorkEntry, StoreError> {
    Ok(WorkEntry {
        entry_id: row.id("id")?,
        employee_id: row.id("employee_id")?,
        project_id: row.opt_id("project_id")?,
        date: row.date("start_date")?,
        hours: row.hours("hours")?,
        billable: true,
        hourly_rate: row.opt_money("hourly_rate")?,
        task: row.opt_text("task")?,
        description: row.text("description")?,
        state: EntryState::Approved,
        state_known_since: row.opt_instant("known_since")?,
    })
}

/// The hours of work that each PENDING timesheet holds; one without work is not among them.
pub async fn pending_hours(
    tx: &mut Transaction,
) -> Result<HashMap<TimesheetId, Decimal>, StoreError> {
    const PENDING: Statement = Statement::new(
        "SELECT e.timesheet_id, SUM(e.hours) AS hours \
         FROM timesheet AS s JOIN time_entry AS e ON e.timesheet_id = s.id \
         WHERE s.state = 'PENDING' AND e.kind = 'REGULAR' AND e.hours IS NOT NULL GROUP BY e.timesheet_id",
    );
    tx.query(&PENDING, &[])
        .await?
        .iter()
        .map(|row| Ok((row.id("timesheet_id")?, row.hours("hours")?)))
        .collect()
}

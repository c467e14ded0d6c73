//! All that attendance, payroll and the reports on time need of a period, read at one moment in a number
//! of statements that does not depend on the number of people.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Statement, StoreError, Transaction, employee, group, holiday, policy, tag, time_entry,
    time_off_request,
};
use crate::domain::{
    attendance::{AttendedEntry, EmployeeTime, EntryState},
    employee::{Employee, Group},
    ids::{EmployeeId, TagId},
    time::Period,
    time_off::{Holiday, Policy},
};

/// The records of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttendanceRecords {
    /// Everyone, stubs and former staff included, in the order of ids; or the one who was asked for. The
    /// last entry stands only where employment follows from it: INACTIVE without an end date.
    pub people: Vec<EmployeeTime>,
    pub holidays: Vec<Holiday>,
    pub groups: Vec<Group>,
    pub policies: Vec<Policy>,
}

/// Reads the records of a period's whole weeks (overtime's weekly test needs them, `domain.md` §4), of
/// everyone or of one employee.
pub async fn read(
    tx: &mut Transaction,
    period: Period,
    employee_id: Option<&EmployeeId>,
) -> Result<AttendanceRecords, StoreError> {
    let weeks = period.whole_weeks();
    let (from, to) = (weeks.first_day(), weeks.last_day());
    let people = match employee_id {
        Some(id) => employee::get(tx, id).await?.into_iter().collect(),
        None => employee::list(tx).await?,
    };
    let mut time: HashMap<EmployeeId, EmployeeTime> = HashMap::with_capacity(people.len());
    let order: Vec<EmployeeId> = people.iter().map(|person| person.id.clone()).collect();
    let mut last_entries = last_entries_of_leavers(tx).await?;
    for person in people {
        let last_entry = last_entries.remove(&person.id);
        time.insert(person.id.clone(), without_time(person, last_entry));
    }
    let tag_names: HashMap<TagId, String> = tag::list(tx)
        .await?
        .into_iter()
        .map(|tag| (tag.id, tag.name))
        .collect();
    for stored in time_entry::list(tx, from, to, employee_id).await? {
        let tags = stored.entry.tag_ids.iter();
        let tags = tags.filter_map(|id| tag_names.get(id).cloned()).collect();
        let state = EntryState::of(stored.membership.state());
        let attended = AttendedEntry::of(&stored.entry, tags, state);
        if let (Some(time), Some(attended)) = (time.get_mut(&stored.entry.employee_id), attended) {
            time.entries.push(attended);
        }
    }
    for request in time_off_request::list(tx, from, to, employee_id).await? {
        if let Some(time) = time.get_mut(&request.employee_id) {
            time.time_off.push(request);
        }
    }
    Ok(AttendanceRecords {
        people: order.iter().filter_map(|id| time.remove(id)).collect(),
        holidays: holiday::list(tx).await?,
        groups: group::list(tx).await?,
        policies: policy::list(tx).await?,
    })
}

fn without_time(employee: Employee, last_entry: Option<Date>) -> EmployeeTime {
    EmployeeTime {
        employee,
        last_entry,
        entries: Vec::new(),
        time_off: Vec::new(),
    }
}

/// The date of the latest entry of those who left without an end date: only theirs counts as employment.
async fn last_entries_of_leavers(
    tx: &mut Transaction,
) -> Result<HashMap<EmployeeId, Date>, StoreError> {
    const LAST: Statement = Statement::new(
        "SELECT e.employee_id, MAX(e.start_date) AS last_day FROM employee AS p \
         JOIN time_entry AS e ON e.employee_id = p.id \
         WHERE p.status = 'INACTIVE' AND p.end_date IS NULL GROUP BY e.employee_id",
    );
    let rows = tx.query(&LAST, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.id("employee_id")?, row.date("last_day")?)))
        .collect()
}

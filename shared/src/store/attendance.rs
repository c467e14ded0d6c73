//! All that attendance, payroll and the reports on time need of a period, read at one moment in a number
//! of statements that does not depend on the number of people.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Statement, StoreError, Transaction, Value, employee, group, holiday, membership, policy,
    record::IDS, time_off_request,
};
use crate::domain::{
    attendance::{AttendedEntry, EmployeeTime, EntryState},
    employee::{Employee, Group},
    ids::{EmployeeId, TimeEntryId},
    time::Period,
    time_entry::EntryKind,
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
    let mut last_entries = last_entries_of_leavers(tx, &order.iter().collect::<Vec<_>>()).await?;
    for person in people {
        let last_entry = last_entries.remove(&person.id);
        time.insert(person.id.clone(), without_time(person, last_entry));
    }
    read_entries(tx, from, to, employee_id, &mut time).await?;
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

/// Adds the finished entries, by start. A year of a large company is read at once, so no more is asked for than
/// attendance needs, and each row is gone before the next is looked at.
async fn read_entries(
    tx: &mut Transaction,
    from: Date,
    to: Date,
    employee_id: Option<&EmployeeId>,
    time: &mut HashMap<EmployeeId, EmployeeTime>,
) -> Result<(), StoreError> {
    const ENTRIES: Statement = Statement::new(include_str!("attendance/entries.sql"));
    const TAGS: Statement = Statement::new(
        "SELECT x.time_entry_id, t.name FROM time_entry AS e \
         JOIN time_entry_tag AS x ON x.time_entry_id = e.id JOIN tag AS t ON t.id = x.tag_id \
         WHERE e.start_date >= @from AND e.start_date <= @to \
         AND (@employee_id IS NULL OR e.employee_id = @employee_id) ORDER BY x.time_entry_id, t.id",
    );
    let params = [
        ("@from", from.into()),
        ("@to", to.into()),
        ("@employee_id", employee_id.into()),
    ];
    let mut tags: HashMap<TimeEntryId, Vec<String>> = HashMap::new();
    for row in tx.query(&TAGS, &params).await? {
        let of_entry = tags.entry(row.id("time_entry_id")?).or_default();
        of_entry.push(row.text("name")?);
    }
    for row in tx.query(&ENTRIES, &params).await? {
        let Some(time) = time.get_mut(&row.id("employee_id")?) else {
            continue;
        };
        time.entries.push(AttendedEntry {
            date: row.date("start_date")?,
            hours: row.hours("hours")?,
            kind: EntryKind::from(row.text("kind")?),
            tags: tags.remove(&row.id("id")?).unwrap_or_default(),
            state: EntryState::of(membership::state(&row)?.as_ref()),
        });
    }
    Ok(())
}

fn without_time(employee: Employee, last_entry: Option<Date>) -> EmployeeTime {
    EmployeeTime {
        employee,
        last_entry,
        entries: Vec::new(),
        time_off: Vec::new(),
    }
}

/// The date of the latest entry of those among these who left without an end date: only theirs counts as employment.
/// What Clockify makes of holidays does not: it makes them ahead, also for days on which somebody has long left.
pub async fn last_entries_of_leavers(
    tx: &mut Transaction,
    employees: &[&EmployeeId],
) -> Result<HashMap<EmployeeId, Date>, StoreError> {
    const LAST: Statement = Statement::new(
        "SELECT e.employee_id, MAX(e.start_date) AS last_day FROM employee AS p \
         JOIN time_entry AS e ON e.employee_id = p.id \
         WHERE p.id IN (SELECT r.id FROM {@ids} AS r) AND p.status = 'INACTIVE' AND p.end_date IS NULL \
         AND e.kind <> 'HOLIDAY' GROUP BY e.employee_id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx
        .query(&LAST, &[("@ids", Value::ids(employees.iter().copied()))])
        .await?;
    rows.iter()
        .map(|row| Ok((row.id("employee_id")?, row.date("last_day")?)))
        .collect()
}

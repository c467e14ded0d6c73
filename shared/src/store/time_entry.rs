//! Time entries with their tags. Their content stands here; which timesheet holds them, and who says so,
//! is [`membership`]'s.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction, Value,
    gone::{self, Vanishing, vanishing},
    membership::{self, Membership},
    record::{self, IDS, Incoming, RecordTable, SetTable, ids_of, record_table, set_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    ids::{EmployeeId, TagId, TaskId, TimeEntryId, WorkspaceId},
    time_entry::{EntryKind, EntrySpan, TimeEntry},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::id("employee_id"),
    Column::id("project_id"),
    Column::id("task_id"),
    Column::text("description"),
    Column::bool("billable"),
    Column::id("kind"),
    Column::instant("started_at"),
    Column::instant("ended_at"),
    Column::date("start_date"),
    Column::int("duration_seconds"),
    Column::hours("hours"),
    Column::money("hourly_rate"),
    Column::id("source_hash"),
];
const TAGS: &[Column] = &[Column::id("time_entry_id"), Column::id("tag_id")];
const TABLE: RecordTable = record_table!(Some(Grave::TimeEntry), "time_entry", COLUMNS);
const TAG_TABLE: SetTable = set_table!("time_entry_tag", "time_entry_id", "time_entry", TAGS);
const VANISHING_OF_EMPLOYEE: Vanishing = vanishing!(
    "time_entry",
    "t.employee_id = @employee_id AND t.started_at >= @from AND t.started_at < @until"
);
const VANISHING: Vanishing = vanishing!(
    "time_entry",
    "t.workspace_id = @workspace_id AND t.started_at >= @from AND t.started_at < @until"
);

/// An entry and what is known of its timesheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    pub entry: TimeEntry,
    pub membership: Membership,
}

/// Whose entries a complete read listed.
#[derive(Clone, Copy, Debug)]
pub enum ReadOf<'a> {
    /// Everyone's.
    Workspace(&'a WorkspaceId),
    /// One person's.
    Employee(&'a EmployeeId),
}

/// A local day of one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonDay {
    pub employee_id: EmployeeId,
    pub date: Date,
}

impl PersonDay {
    /// The days on which somebody's entry of that length stands, but for the last, which is the next to a day of these.
    pub fn touched(
        employee_id: &EmployeeId,
        start_date: Date,
        duration_seconds: Option<i64>,
    ) -> impl Iterator<Item = Self> {
        let days = duration_seconds.unwrap_or_default() / SECONDS_PER_DAY;
        (0..=days.clamp(0, LONGEST_DAYS)).map(move |after| Self {
            employee_id: employee_id.clone(),
            date: start_date.saturating_add(after.days()),
        })
    }
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
/// An entry that reaches further is no person's work; whether it overlaps is judged so far.
const LONGEST_DAYS: i64 = 31;

/// Local days of one person, both ends counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonDays {
    pub employee_id: EmployeeId,
    pub first: Date,
    pub last: Date,
}

/// Writes the content of a page of entries that was read with that ticket. A page may hold entries of many
/// people, and of any length of time.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    entries: &[TimeEntry],
) -> Result<Changes, StoreError> {
    let Some(first) = entries.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, references(entries)).await?;
    let page = entries
        .iter()
        .map(|entry| (entry.id.0.clone(), incoming(entry)));
    let changes = record::upsert(tx, &TABLE, &[TAG_TABLE], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

/// The records that they refer to.
pub fn references(entries: &[TimeEntry]) -> References {
    References {
        employees: entries
            .iter()
            .map(|entry| entry.employee_id.clone())
            .collect(),
        projects: entries
            .iter()
            .filter_map(|entry| entry.project_id.clone())
            .collect(),
        tasks: entries
            .iter()
            .filter_map(|entry| Some((task_of(entry)?.clone(), entry.project_id.clone()?)))
            .collect(),
        tags: entries
            .iter()
            .flat_map(|entry| entry.tag_ids.iter().cloned())
            .collect(),
        ..References::default()
    }
}

/// A task is one of a project: without the project there is none.
fn task_of(entry: &TimeEntry) -> Option<&TaskId> {
    entry.project_id.as_ref().and(entry.task_id.as_ref())
}

fn incoming(entry: &TimeEntry) -> Incoming {
    let tags = entry
        .tag_ids
        .iter()
        .map(|tag| vec![(&entry.id).into(), tag.into()]);
    Incoming {
        cells: vec![
            (&entry.id).into(),
            (&entry.workspace_id).into(),
            (&entry.employee_id).into(),
            entry.project_id.as_ref().into(),
            task_of(entry).into(),
            (&entry.description).into(),
            entry.billable.into(),
            entry.kind.as_str().into(),
            entry.start.into(),
            entry.end.into(),
            entry.start_date.into(),
            entry.duration_seconds.into(),
            Value::hours(entry.hours),
            Value::money(entry.hourly_rate),
        ],
        sets: vec![tags.collect()],
    }
}

/// Entries that began in `[from, until)` and that a complete read of that time did not list.
pub async fn missing(
    tx: &mut Transaction,
    of: ReadOf<'_>,
    from: Timestamp,
    until: Timestamp,
    read: CompleteRead<'_>,
) -> Result<Missing<TimeEntryId>, StoreError> {
    let (table, whose) = match of {
        ReadOf::Workspace(id) => (&VANISHING, ("@workspace_id", id.into())),
        ReadOf::Employee(id) => (&VANISHING_OF_EMPLOYEE, ("@employee_id", id.into())),
    };
    let range = vec![whose, ("@from", from.into()), ("@until", until.into())];
    gone::find(tx, table, range, read).await
}

/// Deletes entries that Clockify no longer has, where no newer read has seen them.
pub async fn delete(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[TimeEntryId],
) -> Result<u64, StoreError> {
    const DELETE_TAGS: Statement = Statement::new(
        "DELETE FROM time_entry_tag WHERE time_entry_id IN \
         (SELECT o.id FROM time_entry AS o JOIN {@ids} AS r ON r.id = o.id WHERE o.ticket < @ticket)",
    )
    .rows(&[("@ids", IDS)]);
    const DELETE: Statement = Statement::new(
        "DELETE FROM time_entry WHERE ticket < @ticket AND id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(TimeEntryId::as_str).collect();
    gone::end(tx, &TABLE, &[DELETE_TAGS, DELETE], ticket, &ids).await
}

/// The entries of these ids, in the order of ids; unknown ones are left out.
pub async fn get_all(tx: &mut Transaction, ids: &[&str]) -> Result<Vec<StoredEntry>, StoreError> {
    const GET: Statement =
        Statement::new(include_str!("time_entry/get_all.sql")).rows(&[("@ids", IDS)]);
    const TAGS_OF: Statement = Statement::new(
        "SELECT x.time_entry_id, x.tag_id FROM time_entry_tag AS x JOIN {@ids} AS r ON r.id = x.time_entry_id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&GET, &[("@ids", ids_of(ids))]).await?;
    let tags = tx.query(&TAGS_OF, &[("@ids", ids_of(ids))]).await?;
    read_all(&rows, &tags)
}

/// Entries whose local day of start is one of `from` through `to`, of one employee or of everyone, by
/// employee and start.
pub async fn list(
    tx: &mut Transaction,
    from: Date,
    to: Date,
    employee_id: Option<&EmployeeId>,
) -> Result<Vec<StoredEntry>, StoreError> {
    const LIST: Statement = Statement::new(include_str!("time_entry/list.sql"));
    const TAGS_OF: Statement = Statement::new(
        "SELECT x.time_entry_id, x.tag_id FROM time_entry AS e \
         JOIN time_entry_tag AS x ON x.time_entry_id = e.id \
         WHERE e.start_date >= @from AND e.start_date <= @to \
         AND (@employee_id IS NULL OR e.employee_id = @employee_id)",
    );
    let params = [
        ("@from", from.into()),
        ("@to", to.into()),
        ("@employee_id", employee_id.into()),
    ];
    let rows = tx.query(&LIST, &params).await?;
    let tags = tx.query(&TAGS_OF, &params).await?;
    read_all(&rows, &tags)
}

/// The days that these entries touch, as they are stored.
pub async fn days_of(
    tx: &mut Transaction,
    ids: &[&str],
) -> Result<BTreeSet<PersonDay>, StoreError> {
    const DAYS: Statement = Statement::new(
        "SELECT e.employee_id, e.start_date, e.duration_seconds FROM time_entry AS e JOIN {@ids} AS r ON r.id = e.id",
    )
    .rows(&[("@ids", IDS)]);
    let rows = tx.query(&DAYS, &[("@ids", ids_of(ids))]).await?;
    let mut days = BTreeSet::new();
    for row in &rows {
        let employee_id = row.id("employee_id")?;
        let duration = row.opt_int("duration_seconds")?;
        days.extend(PersonDay::touched(
            &employee_id,
            row.date("start_date")?,
            duration,
        ));
    }
    Ok(days)
}

/// When the entries are that begin on these days, and those of over a day that began in the month before, by employee
/// and start. Days that overlap, or lie within a month of one another, give an entry twice.
pub async fn spans_on(
    tx: &mut Transaction,
    days: &BTreeSet<PersonDays>,
) -> Result<Vec<EntrySpan>, StoreError> {
    const DAYS: &[Column] = &[
        Column::id("employee_id"),
        Column::date("from_day"),
        Column::date("first_day"),
        Column::date("last_day"),
    ];
    const SPANS: Statement = Statement::new(
        "SELECT e.id, e.employee_id, e.kind, e.started_at, e.ended_at, e.start_date FROM {@days} AS r \
         JOIN time_entry AS e ON e.employee_id = r.employee_id \
         AND e.start_date >= r.from_day AND e.start_date <= r.last_day \
         AND (e.start_date >= r.first_day OR e.duration_seconds >= 86400) \
         ORDER BY e.employee_id, e.started_at, e.id",
    )
    .rows(&[("@days", DAYS)]);
    if days.is_empty() {
        return Ok(Vec::new());
    }
    let rows = days
        .iter()
        .map(|days| {
            vec![
                (&days.employee_id).into(),
                days.first.saturating_sub(LONGEST_DAYS.days()).into(),
                days.first.into(),
                days.last.into(),
            ]
        })
        .collect();
    let span = |row: &Row| {
        Ok(EntrySpan {
            id: row.id("id")?,
            employee_id: row.id("employee_id")?,
            kind: EntryKind::from(row.text("kind")?),
            start: row.instant("started_at")?,
            end: row.opt_instant("ended_at")?,
            start_date: row.date("start_date")?,
        })
    };
    let rows = tx.query(&SPANS, &[("@days", Value::Rows(rows))]).await?;
    rows.iter().map(span).collect()
}

/// Entries stored as running by reads with older tickets.
pub async fn running_before(
    tx: &mut Transaction,
    ticket: Ticket,
) -> Result<Vec<TimeEntryId>, StoreError> {
    const RUNNING: Statement = Statement::new(
        "SELECT id FROM time_entry WHERE ended_at IS NULL AND ticket < @ticket ORDER BY id",
    );
    let rows = tx.query(&RUNNING, &[("@ticket", ticket.into())]).await?;
    rows.iter().map(|row| row.id("id")).collect()
}

fn read_all(rows: &[Row], tags: &[Row]) -> Result<Vec<StoredEntry>, StoreError> {
    let mut tags_of: HashMap<TimeEntryId, Vec<TagId>> = HashMap::new();
    for row in tags {
        tags_of
            .entry(row.id("time_entry_id")?)
            .or_default()
            .push(row.id("tag_id")?);
    }
    rows.iter().map(|row| read(row, &mut tags_of)).collect()
}

fn read(
    row: &Row,
    tags_of: &mut HashMap<TimeEntryId, Vec<TagId>>,
) -> Result<StoredEntry, StoreError> {
    let id: TimeEntryId = row.id("id")?;
    let mut tag_ids = tags_of.remove(&id).unwrap_or_default();
    tag_ids.sort_unstable();
    let entry = TimeEntry {
        id,
        workspace_id: row.id("workspace_id")?,
        employee_id: row.id("employee_id")?,
        project_id: row.opt_id("project_id")?,
        task_id: row.opt_id("task_id")?,
        description: row.text("description")?,
        billable: row.bool("billable")?,
        kind: EntryKind::from(row.text("kind")?),
        start: row.instant("started_at")?,
        end: row.opt_instant("ended_at")?,
        start_date: row.date("start_date")?,
        duration_seconds: row.opt_int("duration_seconds")?,
        hours: row.opt_hours("hours")?,
        hourly_rate: row.opt_money("hourly_rate")?,
        tag_ids,
    };
    Ok(StoredEntry {
        entry,
        membership: membership::read(row)?,
    })
}

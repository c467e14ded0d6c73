//! The ledger of balances: what was earned, taken, carried over, corrected and pushed, day by day (`domain.md` §5).
//!
//! Nothing in it is edited or deleted. A line is what one employee's one day holds of one kind and source; where a
//! later computation comes to something else, another revision of the line is appended with the difference. So the
//! sum of a line is what holds now, and its revisions tell when it came to be so.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{Column, Row, Rows, Statement, StoreError, Transaction, Value, record::IDS};
use crate::domain::{
    balances::{Correction, LedgerLine, LineKind},
    ids::{EmployeeId, PolicyId},
};

/// A row as it was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRow {
    /// A UUID that grows with time.
    pub id: String,
    pub employee_id: EmployeeId,
    pub policy_id: PolicyId,
    pub kind: LineKind,
    /// The local day for which it counts.
    pub date: Date,
    /// The request, the push or the correction that it is about.
    pub source: String,
    /// 1, 2, 3 … of one line.
    pub revision: u32,
    /// What this row adds; below 0 it takes away.
    pub hours: Decimal,
    pub reason: String,
    /// The hours left the balance as money.
    pub paid_out: bool,
    /// As records name callers: `key power-app`; of computed lines the job's kind.
    pub entered_by: String,
    /// By the business clock.
    pub entered_at: Timestamp,
}

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Entered<'a> {
    pub by: &'a str,
    /// By the business clock.
    pub at: Timestamp,
}

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("employee_id"),
    Column::id("policy_id"),
    Column::id("kind"),
    Column::date("ledger_day"),
    Column::id("source"),
    Column::int("revision"),
    Column::hours("hours"),
    Column::text("reason"),
    Column::bool("paid_out"),
    Column::text("entered_by"),
    Column::instant("entered_at"),
];

/// What tells one employee's lines under one policy apart.
type LineKey = (EmployeeId, LineKind, Date, String);

/// Brings the computed lines of these employees to `lines`: appends what differs, and says how many rows that took.
/// Two that compute at once meet in `uq_balance_ledger_line`, and the later one computes its differences anew.
pub async fn recompute(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employees: &[&EmployeeId],
    lines: &[(&EmployeeId, LedgerLine)],
    entered: Entered<'_>,
) -> Result<u64, StoreError> {
    let mut known = computed(tx, policy_id, employees).await?;
    let mut wanted: BTreeMap<LineKey, (Decimal, &str)> = BTreeMap::new();
    for (employee_id, line) in lines {
        let key = (
            (*employee_id).clone(),
            line.kind,
            line.date,
            line.source.clone(),
        );
        wanted.entry(key).or_insert((Decimal::ZERO, &line.reason)).0 += line.hours;
    }
    let mut rows = Vec::new();
    for (key, (hours, reason)) in wanted {
        let (was, revision) = known.remove(&key).unwrap_or_default();
        let reason = match revision {
            0 => reason.to_owned(),
            _ => format!("computed again: {reason}"),
        };
        rows.push((key, hours - was, revision + 1, reason));
    }
    for (key, (was, revision)) in known {
        rows.push((key, -was, revision + 1, "no longer so".to_owned()));
    }
    rows.retain(|(_, hours, ..)| !hours.is_zero());
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let rows = rows.into_iter().map(
        |((employee_id, kind, date, source), hours, revision, reason)| LedgerRow {
            id: uuid::Uuid::now_v7().to_string(),
            employee_id,
            policy_id: policy_id.clone(),
            kind,
            date,
            source,
            revision,
            hours,
            reason,
            paid_out: false,
            entered_by: entered.by.to_owned(),
            entered_at: entered.at,
        },
    );
    append(tx, &rows.collect::<Vec<_>>()).await
}

/// What the computed lines of these employees come to, and their last revision.
async fn computed(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employees: &[&EmployeeId],
) -> Result<BTreeMap<LineKey, (Decimal, u32)>, StoreError> {
    const COMPUTED: Statement = Statement::new(
        "SELECT l.employee_id, l.kind, l.ledger_day, l.source, SUM(l.hours) AS hours, MAX(l.revision) AS revision \
         FROM balance_ledger AS l JOIN {@ids} AS r ON r.id = l.employee_id \
         WHERE l.policy_id = @policy_id AND l.kind IN ('earned', 'taken', 'carried over') \
         GROUP BY l.employee_id, l.kind, l.ledger_day, l.source",
    )
    .rows(&[("@ids", IDS)]);
    let params = [
        ("@policy_id", policy_id.into()),
        ("@ids", Value::ids(employees.iter().copied())),
    ];
    tx.query(&COMPUTED, &params)
        .await?
        .iter()
        .map(|row| {
            let key = (
                row.id("employee_id")?,
                kind(row)?,
                row.date("ledger_day")?,
                row.text("source")?,
            );
            Ok((key, (row.hours("hours")?, revision(row)?)))
        })
        .collect()
}

/// Appends rows: corrections, pushes, and the revisions of computed lines.
pub async fn append(tx: &mut Transaction, rows: &[LedgerRow]) -> Result<u64, StoreError> {
    const APPEND: Statement = Statement::new(
        "INSERT INTO balance_ledger ({columns @rows}, created_at, updated_at) \
         SELECT {values @rows}, {now}, {now} FROM {@rows} AS r",
    )
    .rows(&[("@rows", COLUMNS)]);
    if rows.is_empty() {
        return Ok(0);
    }
    let cells: Rows = rows.iter().map(cells).collect();
    tx.execute(&APPEND, &[("@rows", cells.into())]).await
}

fn cells(row: &LedgerRow) -> Vec<Value> {
    vec![
        row.id.as_str().into(),
        (&row.employee_id).into(),
        (&row.policy_id).into(),
        row.kind.as_str().into(),
        row.date.into(),
        row.source.as_str().into(),
        row.revision.into(),
        Value::hours(row.hours),
        row.reason.as_str().into(),
        row.paid_out.into(),
        row.entered_by.as_str().into(),
        row.entered_at.into(),
    ]
}

/// The corrections under a policy, of one employee or of everyone, each list by date.
pub async fn corrections(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employee_id: Option<&EmployeeId>,
) -> Result<HashMap<EmployeeId, Vec<Correction>>, StoreError> {
    const CORRECTIONS: Statement = Statement::new(
        "SELECT employee_id, ledger_day, hours, reason, paid_out FROM balance_ledger \
         WHERE policy_id = @policy_id AND kind = 'corrected' AND (@employee_id IS NULL OR employee_id = @employee_id) \
         ORDER BY employee_id, ledger_day, id",
    );
    let params = [
        ("@policy_id", policy_id.into()),
        ("@employee_id", employee_id.into()),
    ];
    let mut corrections: HashMap<EmployeeId, Vec<Correction>> = HashMap::new();
    for row in tx.query(&CORRECTIONS, &params).await? {
        let of_employee = corrections.entry(row.id("employee_id")?).or_default();
        of_employee.push(Correction {
            date: row.date("ledger_day")?,
            hours: row.hours("hours")?,
            reason: row.text("reason")?,
            paid_out: row.bool("paid_out")?,
        });
    }
    Ok(corrections)
}

/// All rows of one employee under a policy, by day, and of one day in the order in which they came.
pub async fn list(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employee_id: &EmployeeId,
) -> Result<Vec<LedgerRow>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, employee_id, policy_id, kind, ledger_day, source, revision, hours, reason, paid_out, entered_by, \
         entered_at FROM balance_ledger WHERE employee_id = @employee_id AND policy_id = @policy_id \
         ORDER BY ledger_day, id",
    );
    let params = [
        ("@policy_id", policy_id.into()),
        ("@employee_id", employee_id.into()),
    ];
    tx.query(&LIST, &params).await?.iter().map(read).collect()
}

/// What the ledger's lines sum to for each employee under a policy, pushes left out: the balances in hours.
pub async fn balances(
    tx: &mut Transaction,
    policy_id: &PolicyId,
) -> Result<BTreeMap<EmployeeId, Decimal>, StoreError> {
    const BALANCES: Statement = Statement::new(
        "SELECT employee_id, SUM(hours) AS hours FROM balance_ledger \
         WHERE policy_id = @policy_id AND kind <> 'pushed' GROUP BY employee_id",
    );
    let rows = tx
        .query(&BALANCES, &[("@policy_id", policy_id.into())])
        .await?;
    rows.iter()
        .map(|row| Ok((row.id("employee_id")?, row.hours("hours")?)))
        .collect()
}

fn read(row: &Row) -> Result<LedgerRow, StoreError> {
    Ok(LedgerRow {
        id: row.text("id")?,
        employee_id: row.id("employee_id")?,
        policy_id: row.id("policy_id")?,
        kind: kind(row)?,
        date: row.date("ledger_day")?,
        source: row.text("source")?,
        revision: revision(row)?,
        hours: row.hours("hours")?,
        reason: row.text("reason")?,
        paid_out: row.bool("paid_out")?,
        entered_by: row.text("entered_by")?,
        entered_at: row.instant("entered_at")?,
    })
}

fn kind(row: &Row) -> Result<LineKind, StoreError> {
    let word = row.text("kind")?;
    LineKind::named(&word)
        .ok_or_else(|| StoreError::value("kind", format!("{word} is no kind of line")))
}

fn revision(row: &Row) -> Result<u32, StoreError> {
    u32::try_from(row.int("revision")?)
        .map_err(|_| StoreError::value("revision", "is not a revision"))
}

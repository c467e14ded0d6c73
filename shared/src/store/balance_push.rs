//! Every difference that was to be sent to Clockify, and what became of it (`domain.md` §5: "Every push is recorded").
//!
//! At most one push of an employee's balance is open at a time (`uq_balance_push_open_key`): it waits for a person, is
//! under way, or was not as meant and waits to be looked at.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{
    Column, Row, Rows, Statement, StoreError, Transaction, Value,
    policy::{read_unit, unit_word},
    record::IDS,
};
use crate::domain::{
    ids::{EmployeeId, JobId, PolicyId},
    time_off::TimeUnit,
};

/// What became of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushResult {
    /// So great that a person must release it.
    Held,
    /// A person released it; the next job sends it.
    Released,
    /// Committed before it is sent: whether it was is not known yet.
    Intended,
    /// Read back, and as meant.
    Confirmed,
    /// Read back: the balance is what it was before.
    NotArrived,
    /// Read back, and neither: nothing more is sent until a person has looked at it.
    Surprise,
    /// A person has looked at the surprise.
    Seen,
    /// The difference has become another before anybody released it.
    Superseded,
    /// Only computed.
    DryRun,
}

impl PushResult {
    /// Every result, in the order in which a push can come to them.
    pub const ALL: [Self; 9] = [
        Self::Held,
        Self::Released,
        Self::Intended,
        Self::Confirmed,
        Self::NotArrived,
        Self::Surprise,
        Self::Seen,
        Self::Superseded,
        Self::DryRun,
    ];

    /// The word of the table and of `GET /balances/pushes`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Released => "released",
            Self::Intended => "intended",
            Self::Confirmed => "confirmed",
            Self::NotArrived => "not arrived",
            Self::Surprise => "surprise",
            Self::Seen => "seen",
            Self::Superseded => "superseded",
            Self::DryRun => "dry run",
        }
    }

    /// The result of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == word)
    }

    /// Whether something is still to happen.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Held | Self::Released | Self::Intended | Self::Surprise
        )
    }
}

/// A difference. Amounts without a unit in their name are in the policy's, to 0.01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancePush {
    /// A UUID that grows with time.
    pub id: String,
    pub employee_id: EmployeeId,
    pub policy_id: PolicyId,
    /// The job that wrote it last.
    pub job_id: JobId,
    pub unit: TimeUnit,
    /// Clockify's balance before.
    pub before: Decimal,
    pub computed_hours: Decimal,
    /// What Clockify's balance was to become.
    pub computed: Decimal,
    pub difference: Decimal,
    pub result: PushResult,
    /// Clockify's balance after it was sent.
    pub read_back: Option<Decimal>,
    /// By the business clock, as the others.
    pub decided_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    pub released_by: Option<String>,
    pub released_at: Option<Timestamp>,
}

/// Which pushes to list.
#[derive(Clone, Debug, Default)]
pub struct PushFilter {
    pub employee_id: Option<EmployeeId>,
    pub policy_id: Option<PolicyId>,
    pub result: Option<PushResult>,
    /// Only pushes before this one.
    pub before: Option<String>,
}

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("employee_id"),
    Column::id("policy_id"),
    Column::id("job_id"),
    Column::id("unit"),
    Column::hours("balance_before"),
    Column::hours("computed_hours"),
    Column::hours("computed"),
    Column::hours("difference"),
    Column::id("result"),
    Column::hours("read_back"),
    Column::text("open_key"),
    Column::instant("decided_at"),
    Column::instant("sent_at"),
    Column::instant("settled_at"),
    Column::text("released_by"),
    Column::instant("released_at"),
];

/// Writes new pushes.
pub async fn insert(tx: &mut Transaction, pushes: &[BalancePush]) -> Result<(), StoreError> {
    const INSERT: Statement = Statement::new(
        "INSERT INTO balance_push ({columns @rows}, created_at, updated_at) \
         SELECT {values @rows}, {now}, {now} FROM {@rows} AS r",
    )
    .rows(&[("@rows", COLUMNS)]);
    if pushes.is_empty() {
        return Ok(());
    }
    let rows: Rows = pushes.iter().map(cells).collect();
    tx.execute(&INSERT, &[("@rows", rows.into())]).await?;
    Ok(())
}

/// Writes a push over what it was when it was read. False: somebody has changed it since.
pub async fn change(
    tx: &mut Transaction,
    push: &BalancePush,
    was: PushResult,
) -> Result<bool, StoreError> {
    const CHANGE: Statement = Statement::new(
        "UPDATE balance_push SET job_id = r.job_id, balance_before = r.balance_before, \
         computed_hours = r.computed_hours, computed = r.computed, difference = r.difference, result = r.result, \
         read_back = r.read_back, open_key = r.open_key, decided_at = r.decided_at, sent_at = r.sent_at, \
         settled_at = r.settled_at, released_by = r.released_by, released_at = r.released_at, updated_at = {now} \
         FROM {@rows} AS r WHERE balance_push.id = r.id AND balance_push.result = @was",
    )
    .rows(&[("@rows", COLUMNS)]);
    let rows = Rows(vec![cells(push)]);
    let params = [("@rows", rows.into()), ("@was", was.as_str().into())];
    Ok(tx.execute(&CHANGE, &params).await? > 0)
}

/// Settles held and released differences that have become others.
pub async fn supersede(
    tx: &mut Transaction,
    ids: &[&str],
    at: Timestamp,
) -> Result<(), StoreError> {
    const SUPERSEDE: Statement = Statement::new(
        "UPDATE balance_push SET result = 'superseded', open_key = id, settled_at = @at, updated_at = {now} \
         WHERE result IN ('held', 'released') AND id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Rows = ids.iter().map(|id| vec![(*id).into()]).collect();
    tx.execute(&SUPERSEDE, &[("@ids", ids.into()), ("@at", at.into())])
        .await?;
    Ok(())
}

fn cells(push: &BalancePush) -> Vec<Value> {
    let open_key = if push.result.is_open() {
        format!("{}/{}", push.policy_id, push.employee_id)
    } else {
        push.id.clone()
    };
    vec![
        push.id.as_str().into(),
        (&push.employee_id).into(),
        (&push.policy_id).into(),
        (&push.job_id).into(),
        unit_word(push.unit).into(),
        Value::hours(push.before),
        Value::hours(push.computed_hours),
        Value::hours(push.computed),
        Value::hours(push.difference),
        push.result.as_str().into(),
        Value::hours(push.read_back),
        open_key.into(),
        push.decided_at.into(),
        push.sent_at.into(),
        push.settled_at.into(),
        push.released_by.as_deref().into(),
        push.released_at.into(),
    ]
}

/// The push of that id.
pub async fn get(tx: &mut Transaction, id: &str) -> Result<Option<BalancePush>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT id, employee_id, policy_id, job_id, unit, balance_before, computed_hours, computed, difference, \
         result, read_back, decided_at, sent_at, settled_at, released_by, released_at FROM balance_push \
         WHERE id = @id",
    );
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(read).transpose()
}

/// The open pushes, of one policy or of all, oldest first.
pub async fn open(
    tx: &mut Transaction,
    policy_id: Option<&PolicyId>,
) -> Result<Vec<BalancePush>, StoreError> {
    const OPEN: Statement = Statement::new(
        "SELECT id, employee_id, policy_id, job_id, unit, balance_before, computed_hours, computed, difference, \
         result, read_back, decided_at, sent_at, settled_at, released_by, released_at FROM balance_push \
         WHERE result IN ('held', 'released', 'intended', 'surprise') \
         AND (@policy_id IS NULL OR policy_id = @policy_id) ORDER BY id",
    );
    let rows = tx.query(&OPEN, &[("@policy_id", policy_id.into())]).await?;
    rows.iter().map(read).collect()
}

/// Pushes, newest first, at most so many.
pub async fn list(
    tx: &mut Transaction,
    filter: &PushFilter,
    limit: u32,
) -> Result<Vec<BalancePush>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT id, employee_id, policy_id, job_id, unit, balance_before, computed_hours, computed, difference, \
         result, read_back, decided_at, sent_at, settled_at, released_by, released_at FROM balance_push \
         WHERE (@employee_id IS NULL OR employee_id = @employee_id) \
         AND (@policy_id IS NULL OR policy_id = @policy_id) AND (@result IS NULL OR result = @result) \
         AND (@before IS NULL OR id < @before) ORDER BY id DESC {limit}",
    );
    let params = [
        ("@employee_id", filter.employee_id.as_ref().into()),
        ("@policy_id", filter.policy_id.as_ref().into()),
        ("@result", filter.result.map(PushResult::as_str).into()),
        ("@before", filter.before.as_deref().into()),
        ("@limit", limit.into()),
    ];
    tx.query(&LIST, &params).await?.iter().map(read).collect()
}

pub(super) fn read_result(row: &Row) -> Result<PushResult, StoreError> {
    let word = row.text("result")?;
    PushResult::named(&word)
        .ok_or_else(|| StoreError::value("result", format!("{word} is no result of a push")))
}

fn read(row: &Row) -> Result<BalancePush, StoreError> {
    Ok(BalancePush {
        id: row.text("id")?,
        employee_id: row.id("employee_id")?,
        policy_id: row.id("policy_id")?,
        job_id: row.id("job_id")?,
        unit: read_unit(row)?,
        before: row.hours("balance_before")?,
        computed_hours: row.hours("computed_hours")?,
        computed: row.hours("computed")?,
        difference: row.hours("difference")?,
        result: read_result(row)?,
        read_back: row.opt_hours("read_back")?,
        decided_at: row.instant("decided_at")?,
        sent_at: row.opt_instant("sent_at")?,
        settled_at: row.opt_instant("settled_at")?,
        released_by: row.opt_text("released_by")?,
        released_at: row.opt_instant("released_at")?,
    })
}

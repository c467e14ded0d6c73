//! Each employee's balance under a policy as it was computed last, and what came of it (`domain.md` §5).

use std::collections::HashMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{
    Column, Row, Rows, Statement, StoreError, Transaction, Value,
    balance_push::{self, PushResult},
    policy::{read_unit, unit_word},
    record::IDS,
};
use crate::domain::{
    ids::{EmployeeId, JobId, PolicyId},
    time_off::TimeUnit,
};

/// What came of a balance that was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Clockify has the same.
    Equal,
    /// The job that computed it has yet to send the difference.
    ToSend,
    /// The difference was sent, and read back.
    Sent,
    /// The difference waits for a person.
    Held,
    /// Too little is known of the employee.
    NotSent,
    /// An earlier push was not as meant: nothing is sent until a person has looked at it.
    Stopped,
    /// The difference is only shown.
    DryRun,
}

impl Outcome {
    const ALL: [Self; 7] = [
        Self::Equal,
        Self::ToSend,
        Self::Sent,
        Self::Held,
        Self::NotSent,
        Self::Stopped,
        Self::DryRun,
    ];

    /// The word of the table and of `GET /balances`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::ToSend => "to send",
            Self::Sent => "sent",
            Self::Held => "held",
            Self::NotSent => "not sent",
            Self::Stopped => "stopped",
            Self::DryRun => "dry run",
        }
    }
}

/// A balance as it was computed last. Amounts without a unit in their name are in the policy's, to 0.01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// A UUID; the first one lasts.
    pub id: String,
    pub employee_id: EmployeeId,
    pub policy_id: PolicyId,
    /// The job that computed it.
    pub job_id: JobId,
    pub unit: TimeUnit,
    pub computed_hours: Decimal,
    pub computed: Decimal,
    /// As read last; None where Clockify lists none.
    pub in_clockify: Option<Decimal>,
    pub outcome: Outcome,
    /// Why nothing is sent.
    pub reason: Option<String>,
    /// Banked hours that are too old and must be paid out.
    pub pay_out_hours: Decimal,
    /// By the business clock.
    pub computed_at: Timestamp,
}

/// A balance as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBalance {
    pub balance: Balance,
    pub employee_name: String,
    pub policy_name: String,
    /// The difference that waits: held, released, under way, or not as meant.
    pub open_push: Option<(String, PushResult)>,
}

/// Which balances to list.
#[derive(Clone, Debug, Default)]
pub struct BalanceFilter {
    pub employee_id: Option<EmployeeId>,
    pub policy_id: Option<PolicyId>,
    /// Only balances after this one.
    pub after: Option<String>,
}

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("employee_id"),
    Column::id("policy_id"),
    Column::id("job_id"),
    Column::id("unit"),
    Column::hours("computed_hours"),
    Column::hours("computed"),
    Column::hours("in_clockify"),
    Column::id("outcome"),
    Column::text("reason"),
    Column::hours("pay_out_hours"),
    Column::instant("computed_at"),
];

/// Writes balances over those that were computed before, which keep their ids.
pub async fn put(tx: &mut Transaction, balances: &[Balance]) -> Result<(), StoreError> {
    const UPDATE: Statement = Statement::new(
        "UPDATE balance SET job_id = r.job_id, unit = r.unit, computed_hours = r.computed_hours, \
         computed = r.computed, in_clockify = r.in_clockify, outcome = r.outcome, reason = r.reason, \
         pay_out_hours = r.pay_out_hours, computed_at = r.computed_at, updated_at = {now} FROM {@rows} AS r \
         WHERE balance.employee_id = r.employee_id AND balance.policy_id = r.policy_id",
    )
    .rows(&[("@rows", COLUMNS)]);
    const INSERT: Statement = Statement::new(
        "INSERT INTO balance ({columns @rows}, created_at, updated_at) SELECT {values @rows}, {now}, {now} \
         FROM {@rows} AS r WHERE NOT EXISTS (SELECT 1 FROM balance AS b \
         WHERE b.employee_id = r.employee_id AND b.policy_id = r.policy_id)",
    )
    .rows(&[("@rows", COLUMNS)]);
    if balances.is_empty() {
        return Ok(());
    }
    let rows: Rows = balances.iter().map(cells).collect();
    let params = [("@rows", rows.into())];
    tx.execute(&UPDATE, &params).await?;
    tx.execute(&INSERT, &params).await?;
    Ok(())
}

fn cells(balance: &Balance) -> Vec<Value> {
    vec![
        balance.id.as_str().into(),
        (&balance.employee_id).into(),
        (&balance.policy_id).into(),
        (&balance.job_id).into(),
        unit_word(balance.unit).into(),
        Value::hours(balance.computed_hours),
        Value::hours(balance.computed),
        Value::hours(balance.in_clockify),
        balance.outcome.as_str().into(),
        balance.reason.as_deref().into(),
        Value::hours(balance.pay_out_hours),
        balance.computed_at.into(),
    ]
}

/// Whose balance is the first of a job's that are still to be sent.
pub async fn next_to_send(
    tx: &mut Transaction,
    job_id: &JobId,
) -> Result<Option<EmployeeId>, StoreError> {
    const NEXT: Statement = Statement::new(
        "SELECT employee_id FROM balance WHERE job_id = @job_id AND outcome = 'to send' \
         ORDER BY employee_id {limit}",
    );
    let params = [("@job_id", job_id.into()), ("@limit", 1_u32.into())];
    let row = tx.query_one(&NEXT, &params).await?;
    row.map(|row| row.id("employee_id")).transpose()
}

/// Says what came of a balance: what Clockify has now, and why nothing was sent.
pub async fn settle(
    tx: &mut Transaction,
    (employee_id, policy_id): (&EmployeeId, &PolicyId),
    outcome: Outcome,
    in_clockify: Option<Decimal>,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    const SETTLE: Statement = Statement::new(
        "UPDATE balance SET outcome = @outcome, in_clockify = @in_clockify, reason = @reason, updated_at = {now} \
         WHERE employee_id = @employee_id AND policy_id = @policy_id",
    );
    let params = [
        ("@employee_id", employee_id.into()),
        ("@policy_id", policy_id.into()),
        ("@outcome", outcome.as_str().into()),
        ("@in_clockify", Value::hours(in_clockify)),
        ("@reason", reason.into()),
    ];
    tx.execute(&SETTLE, &params).await?;
    Ok(())
}

/// Leaves unsent what a job had still to send.
pub async fn stop(tx: &mut Transaction, job_id: &JobId, reason: &str) -> Result<u64, StoreError> {
    const STOP: Statement = Statement::new(
        "UPDATE balance SET outcome = 'stopped', reason = @reason, updated_at = {now} \
         WHERE job_id = @job_id AND outcome = 'to send'",
    );
    let params = [("@job_id", job_id.into()), ("@reason", reason.into())];
    tx.execute(&STOP, &params).await
}

/// Takes up what a person has released since the job computed it, and says how much that is.
pub async fn take_up_released(tx: &mut Transaction, job_id: &JobId) -> Result<u64, StoreError> {
    const TAKE_UP: Statement = Statement::new(
        "UPDATE balance SET outcome = 'to send', updated_at = {now} WHERE job_id = @job_id AND outcome = 'held' \
         AND EXISTS (SELECT 1 FROM balance_push AS p WHERE p.employee_id = balance.employee_id \
         AND p.policy_id = balance.policy_id AND p.result = 'released')",
    );
    tx.execute(&TAKE_UP, &[("@job_id", job_id.into())]).await
}

/// The ids of these employees' balances under a policy.
pub async fn ids_of(
    tx: &mut Transaction,
    policy_id: &PolicyId,
    employees: &[&EmployeeId],
) -> Result<HashMap<EmployeeId, String>, StoreError> {
    const IDS_OF: Statement = Statement::new(
        "SELECT id, employee_id FROM balance WHERE policy_id = @policy_id \
         AND employee_id IN (SELECT r.id FROM {@ids} AS r)",
    )
    .rows(&[("@ids", IDS)]);
    let params = [
        ("@policy_id", policy_id.into()),
        ("@ids", Value::ids(employees.iter().copied())),
    ];
    let rows = tx.query(&IDS_OF, &params).await?;
    rows.iter()
        .map(|row| Ok((row.id("employee_id")?, row.text("id")?)))
        .collect()
}

/// Balances as they were computed last, by id, at most so many.
pub async fn list(
    tx: &mut Transaction,
    filter: &BalanceFilter,
    limit: u32,
) -> Result<Vec<ListedBalance>, StoreError> {
    const LIST: Statement = Statement::new(
        "SELECT b.id, b.employee_id, b.policy_id, b.job_id, b.unit, b.computed_hours, b.computed, b.in_clockify, \
         b.outcome, b.reason, b.pay_out_hours, b.computed_at, e.name AS employee_name, y.name AS policy_name, \
         p.id AS push_id, p.result AS result FROM balance AS b \
         JOIN employee AS e ON e.id = b.employee_id JOIN policy AS y ON y.id = b.policy_id \
         LEFT JOIN balance_push AS p ON p.employee_id = b.employee_id AND p.policy_id = b.policy_id \
         AND p.result IN ('held', 'released', 'intended', 'surprise') \
         WHERE (@employee_id IS NULL OR b.employee_id = @employee_id) \
         AND (@policy_id IS NULL OR b.policy_id = @policy_id) AND (@after IS NULL OR b.id > @after) \
         ORDER BY b.id {limit}",
    );
    let params = [
        ("@employee_id", filter.employee_id.as_ref().into()),
        ("@policy_id", filter.policy_id.as_ref().into()),
        ("@after", filter.after.as_deref().into()),
        ("@limit", limit.into()),
    ];
    let listed = |row: &Row| {
        let open_push = match row.opt_text("push_id")? {
            Some(id) => Some((id, balance_push::read_result(row)?)),
            None => None,
        };
        Ok(ListedBalance {
            balance: read(row)?,
            employee_name: row.text("employee_name")?,
            policy_name: row.text("policy_name")?,
            open_push,
        })
    };
    tx.query(&LIST, &params).await?.iter().map(listed).collect()
}

fn read(row: &Row) -> Result<Balance, StoreError> {
    let word = row.text("outcome")?;
    let outcome = Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.as_str() == word)
        .ok_or_else(|| StoreError::value("outcome", format!("{word} is no outcome")))?;
    Ok(Balance {
        id: row.text("id")?,
        employee_id: row.id("employee_id")?,
        policy_id: row.id("policy_id")?,
        job_id: row.id("job_id")?,
        unit: read_unit(row)?,
        computed_hours: row.hours("computed_hours")?,
        computed: row.hours("computed")?,
        in_clockify: row.opt_hours("in_clockify")?,
        outcome,
        reason: row.opt_text("reason")?,
        pay_out_hours: row.hours("pay_out_hours")?,
        computed_at: row.instant("computed_at")?,
    })
}

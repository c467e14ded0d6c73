//! Balances, pushes and the ledger as callers see them.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    domain::{balances::LineKind, time_off::TimeUnit},
    store::{balance::ListedBalance, balance_ledger::LedgerRow, balance_push::BalancePush},
};

use crate::sent::Exact;

/// A balance as it was computed last.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Balance")]
pub(super) struct BalanceView {
    /// Its UUID; flags name it.
    id: String,
    /// The employee.
    employee_id: String,
    /// The employee's name.
    employee_name: String,
    /// The policy.
    policy_id: String,
    /// The policy's name.
    policy_name: String,
    /// What the policy counts in: hours or days.
    unit: String,
    /// The balance in hours.
    computed_hours: Exact,
    /// The balance in the policy's unit.
    computed: Exact,
    /// Clockify's balance as it was read last; empty where it lists none.
    in_clockify: Option<Exact>,
    /// What is still missing in Clockify, in the policy's unit.
    difference: Option<Exact>,
    /// What came of it: equal, to send, sent, held, not sent, stopped or dry run.
    outcome: String,
    /// Why nothing is sent.
    reason: Option<String>,
    /// The push that waits: the one to release.
    push_id: Option<String>,
    /// Where that push stands: held, released, intended or surprise.
    push_result: Option<String>,
    /// Banked hours that are too old and must be paid out.
    pay_out_hours: Exact,
    /// The job that computed it.
    job_id: String,
    /// When it was computed.
    #[schemars(with = "String")]
    computed_at: Timestamp,
}

/// A difference that was to be sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BalancePush")]
pub(super) struct PushView {
    /// Its UUID.
    id: String,
    /// The employee.
    employee_id: String,
    /// The policy.
    policy_id: String,
    /// What the policy counts in: hours or days.
    unit: String,
    /// Clockify's balance before.
    before: Exact,
    /// The balance in hours.
    computed_hours: Exact,
    /// What Clockify's balance was to become.
    computed: Exact,
    /// What was to be sent.
    difference: Exact,
    /// What became of it.
    result: String,
    /// Clockify's balance after.
    read_back: Option<Exact>,
    /// The job that wrote it last.
    job_id: String,
    /// When it was decided.
    #[schemars(with = "String")]
    decided_at: Timestamp,
    /// When it was sent.
    #[schemars(with = "Option<String>")]
    sent_at: Option<Timestamp>,
    /// When it came to its end.
    #[schemars(with = "Option<String>")]
    settled_at: Option<Timestamp>,
    /// Who released it.
    released_by: Option<String>,
    /// When it was released.
    #[schemars(with = "Option<String>")]
    released_at: Option<Timestamp>,
}

/// A row of the ledger.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BalanceLedgerRow")]
pub(super) struct LedgerView {
    /// Its UUID.
    pub(super) id: String,
    /// The employee.
    employee_id: String,
    /// The policy.
    policy_id: String,
    /// The day for which it counts.
    #[schemars(with = "String")]
    pub(super) date: Date,
    /// What it is: earned, taken, carried over, corrected or pushed.
    kind: String,
    /// What it adds; below 0 it takes away. A push is no part of the balance.
    hours: Exact,
    /// The balance after it; only where the whole ledger is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance_hours: Option<Exact>,
    /// Why.
    reason: String,
    /// The request or the push that it is about.
    source: String,
    /// 1, and one more each time the day came to something else.
    revision: u32,
    /// Whether the hours were paid out.
    paid_out: bool,
    /// Who entered it.
    entered_by: String,
    /// When it was entered.
    #[schemars(with = "String")]
    entered_at: Timestamp,
}

/// Rows in their order, with the balance after each.
pub(super) fn explained(rows: Vec<LedgerRow>) -> Vec<LedgerView> {
    let mut balance = Decimal::ZERO;
    rows.into_iter()
        .map(|row| {
            if row.kind != LineKind::Pushed {
                balance += row.hours;
            }
            LedgerView {
                balance_hours: Some(Exact(balance)),
                ..LedgerView::from(row)
            }
        })
        .collect()
}

fn word(unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Hours => "hours".to_owned(),
        TimeUnit::Days => "days".to_owned(),
    }
}

impl From<ListedBalance> for BalanceView {
    fn from(listed: ListedBalance) -> Self {
        let balance = listed.balance;
        let (push_id, push_result) = listed.open_push.unzip();
        Self {
            id: balance.id,
            employee_id: balance.employee_id.0,
            employee_name: listed.employee_name,
            policy_id: balance.policy_id.0,
            policy_name: listed.policy_name,
            unit: word(balance.unit),
            computed_hours: Exact(balance.computed_hours),
            computed: Exact(balance.computed),
            in_clockify: balance.in_clockify.map(Exact),
            difference: balance
                .in_clockify
                .map(|before| Exact(balance.computed - before)),
            outcome: balance.outcome.as_str().to_owned(),
            reason: balance.reason,
            push_id,
            push_result: push_result.map(|result| result.as_str().to_owned()),
            pay_out_hours: Exact(balance.pay_out_hours),
            job_id: balance.job_id.0,
            computed_at: balance.computed_at,
        }
    }
}

impl From<BalancePush> for PushView {
    fn from(push: BalancePush) -> Self {
        Self {
            id: push.id,
            employee_id: push.employee_id.0,
            policy_id: push.policy_id.0,
            unit: word(push.unit),
            before: Exact(push.before),
            computed_hours: Exact(push.computed_hours),
            computed: Exact(push.computed),
            difference: Exact(push.difference),
            result: push.result.as_str().to_owned(),
            read_back: push.read_back.map(Exact),
            job_id: push.job_id.0,
            decided_at: push.decided_at,
            sent_at: push.sent_at,
            settled_at: push.settled_at,
            released_by: push.released_by,
            released_at: push.released_at,
        }
    }
}

impl From<LedgerRow> for LedgerView {
    fn from(row: LedgerRow) -> Self {
        Self {
            id: row.id,
            employee_id: row.employee_id.0,
            policy_id: row.policy_id.0,
            date: row.date,
            kind: row.kind.as_str().to_owned(),
            hours: Exact(row.hours),
            balance_hours: None,
            reason: row.reason,
            source: row.source,
            revision: row.revision,
            paid_out: row.paid_out,
            entered_by: row.entered_by,
            entered_at: row.entered_at,
        }
    }
}

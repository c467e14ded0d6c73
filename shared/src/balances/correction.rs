//! Corrections by hand: an opening balance, a pay-out, a mistake put right (`domain.md` §5). The next push follows them.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::json;

use super::{BalanceError, BalanceKind};
use crate::{
    domain::{
        balances::LineKind,
        employee::RateType,
        ids::{EmployeeId, PolicyId},
    },
    lem::Act,
    settings::BalanceSettings,
    store::{
        Transaction,
        audit::{self, AuditEntry},
        balance_ledger::{self, LedgerRow},
        employee, policy,
    },
};

/// A correction that somebody enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    pub employee_id: EmployeeId,
    pub policy_id: PolicyId,
    /// The local day for which it counts, today at the latest: a balance is what has happened.
    pub date: Date,
    /// Added to the balance; below 0 it takes away. Exact to 0.01.
    pub hours: Decimal,
    pub reason: String,
    /// The hours leave the balance as money.
    pub paid_out: bool,
}

/// Enters a correction into the ledger, and into the audit. `today` is the company's date.
pub async fn correct(
    tx: &mut Transaction,
    act: &Act,
    settings: &BalanceSettings,
    today: Date,
    new: &NewCorrection,
) -> Result<LedgerRow, BalanceError> {
    let kind = check(settings, today, new)?;
    let Some(employee) = employee::get(tx, &new.employee_id).await? else {
        return Err(BalanceError::Refused {
            field: "employeeId",
            message: "is not an employee; look him up with /lookups/employees",
        });
    };
    // Who was salaried once may still have to be paid out.
    if kind == BalanceKind::Vacation
        && employee.rate_type != Some(RateType::Salary)
        && balance_ledger::list(tx, &new.policy_id, &employee.id)
            .await?
            .is_empty()
    {
        return Err(BalanceError::Refused {
            field: "employeeId",
            message: "is not salaried: no vacation is counted for him; set his rate type in Clockify first",
        });
    }
    let policies = policy::list(tx).await?;
    if !policies.iter().any(|policy| policy.id == new.policy_id) {
        return Err(BalanceError::Refused {
            field: "policyId",
            message: "is not known here yet; sync the policies first",
        });
    }
    let id = uuid::Uuid::now_v7().to_string();
    let row = LedgerRow {
        source: id.clone(),
        id,
        employee_id: new.employee_id.clone(),
        policy_id: new.policy_id.clone(),
        kind: LineKind::Corrected,
        date: new.date,
        revision: 1,
        hours: new.hours,
        reason: new.reason.clone(),
        paid_out: new.paid_out,
        entered_by: act.by.clone(),
        entered_at: act.at,
    };
    balance_ledger::append(tx, std::slice::from_ref(&row)).await?;
    let entry = AuditEntry {
        id: uuid::Uuid::now_v7().to_string(),
        at: act.at,
        caller: act.by.clone(),
        action: "create".to_owned(),
        record_kind: "balance_ledger".to_owned(),
        record_id: row.id.clone(),
        change: json!({
            "version": 1,
            "before": {},
            "after": {
                "employeeId": row.employee_id,
                "policyId": row.policy_id,
                "date": row.date,
                "hours": super::number(row.hours),
                "reason": row.reason,
                "paidOut": row.paid_out,
            },
        }),
    };
    audit::record(tx, &entry).await?;
    Ok(row)
}

fn check(
    settings: &BalanceSettings,
    today: Date,
    new: &NewCorrection,
) -> Result<BalanceKind, BalanceError> {
    let refused = |field, message| Err(BalanceError::Refused { field, message });
    let Some(kind) = BalanceKind::of_policy(&new.policy_id, settings) else {
        return refused(
            "policyId",
            "must be the policy of BANKED_POLICY_ID or of VACATION_POLICY_ID",
        );
    };
    if new.hours.is_zero() {
        return refused("hours", "must not be 0");
    }
    if new.paid_out && new.hours > Decimal::ZERO {
        return refused(
            "hours",
            "must be below 0 where they are paid out: they leave the balance",
        );
    }
    if new.date > today {
        return refused("date", "must not lie after today");
    }
    Ok(kind)
}

//! Each employee's ledger of banked time, computed anew from what is stored (`domain.md` §5: "recomputed from
//! entries of APPROVED timesheets alone").

use super::{Account, BankedTime};
use crate::{
    domain::{
        attendance::{EmployeeTime, Workplace},
        balances::banked_ledger,
        banked_time::{BankedPeriod, banked_period, explanation},
        ids::{EmployeeId, PolicyId},
        staff_names::StaffNames,
        time::Period,
    },
    reports::ReportError,
    settings::{BalanceSettings, PaySettings},
    store::{Store, StoreError, balance_ledger, balance_records, employee, group, holiday, policy},
};

/// Reads and computes the ledgers of a period. Without a banked policy in the settings nothing can be used and
/// nothing corrected: the accruals stand alone, and a sentence says so.
pub(in crate::reports) async fn load(
    store: &Store,
    period: Period,
    pay: &PaySettings,
    balances: &BalanceSettings,
) -> Result<BankedTime, ReportError> {
    let set_policy = balances.banked_policy_id.as_ref();
    // No policy has an empty id.
    let nowhere = PolicyId(String::new());
    let policy_id = set_policy.unwrap_or(&nowhere);
    let (people, mut corrections, holidays, groups, policies) = store
        .read(async |mut tx| {
            let employees = employee::list(&mut tx).await?;
            let ids: Vec<&EmployeeId> = employees.iter().map(|one| &one.id).collect();
            let mut entries = balance_records::approved_work(&mut tx, &ids).await?;
            let mut requests = balance_records::requests(&mut tx, policy_id, &ids).await?;
            let corrections = balance_ledger::corrections(&mut tx, policy_id, None).await?;
            let time = employees.into_iter().map(|employee| EmployeeTime {
                last_entry: None,
                entries: entries.remove(&employee.id).unwrap_or_default(),
                time_off: requests.remove(&employee.id).unwrap_or_default(),
                employee,
            });
            Ok::<_, StoreError>((
                time.collect::<Vec<_>>(),
                corrections,
                holiday::list(&mut tx).await?,
                group::list(&mut tx).await?,
                policy::list(&mut tx).await?,
            ))
        })
        .await?;
    let workplace = Workplace::new(&pay.rules, &holidays, &groups, &policies);
    let mut accounts: Vec<(Account, EmployeeId)> = people
        .into_iter()
        .filter_map(|time| {
            let of_person = corrections.remove(&time.employee.id).unwrap_or_default();
            let ledger = banked_ledger(&time, &workplace, policy_id, of_person);
            let account = Account {
                ledger: banked_period(&ledger, period),
                name: time.employee.name,
                manager: time.employee.reporting_manager,
            };
            has_anything(&account.ledger).then_some((account, time.employee.id))
        })
        .collect();
    let names = StaffNames::of(accounts.iter().map(|(account, id)| (id, &*account.name)));
    accounts.sort_by_key(|(_, id)| names.place(id));
    for (account, id) in &mut accounts {
        account.name = names.name(id);
    }
    let mut rules = explanation(&pay.rules);
    if set_policy.is_none() {
        rules.push(
            "BANKED_POLICY_ID is not set: hours that were used and corrections are not known here."
                .to_owned(),
        );
    }
    Ok(BankedTime {
        period,
        accounts: accounts.into_iter().map(|(account, _)| account).collect(),
        rules,
    })
}

/// Who has no balance and moved nothing has no account.
fn has_anything(ledger: &BankedPeriod) -> bool {
    !ledger.opening.is_zero()
        || !ledger.accruals.is_empty()
        || !ledger.uses.is_empty()
        || !ledger.corrections.is_empty()
}

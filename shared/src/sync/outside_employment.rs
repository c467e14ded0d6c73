//! Flags of work outside employment (`domain.md` §7 *Payroll*): judged where the entry changes, and where the employee's
//! dates do.

use std::collections::BTreeSet;

use crate::{
    domain::{employee::Employee, flags::FlagKind, ids::TimeEntryId, time_entry::TimeEntry},
    store::{StoreError, Transaction, flag, outside_employment},
};

/// Judges entries that were read; says how many flags were raised.
pub(super) async fn refresh_entries(
    tx: &mut Transaction,
    read: &[TimeEntry],
) -> Result<u64, StoreError> {
    let ids: Vec<&str> = read.iter().map(|entry| entry.id.as_str()).collect();
    let outside = outside_employment::among_entries(tx, &ids).await?;
    replace(tx, &ids, &outside).await
}

/// Judges all entries of employees who were read.
pub(super) async fn refresh_employees(
    tx: &mut Transaction,
    read: &[Employee],
) -> Result<u64, StoreError> {
    let employees: Vec<&str> = read.iter().map(|employee| employee.id.as_str()).collect();
    let outside = outside_employment::of_employees(tx, &employees).await?;
    let flagged = outside_employment::flagged_of_employees(tx, &employees).await?;
    let judged: BTreeSet<&str> = outside
        .iter()
        .chain(&flagged)
        .map(TimeEntryId::as_str)
        .collect();
    let judged: Vec<&str> = judged.into_iter().collect();
    replace(tx, &judged, &outside).await
}

async fn replace(
    tx: &mut Transaction,
    judged: &[&str],
    outside: &[TimeEntryId],
) -> Result<u64, StoreError> {
    let flags: Vec<_> = outside
        .iter()
        .map(|id| (id.as_str(), FlagKind::WorkOutsideEmployment))
        .collect();
    let owned = [FlagKind::WorkOutsideEmployment];
    let changes = flag::replace(tx, "time_entry", &owned, judged, &flags).await?;
    Ok(changes.raised)
}

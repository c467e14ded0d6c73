//! Flags of entries that overlap another of the same person (`domain.md` §9): they depend on more than one entry, so they
//! are computed anew for the days around every change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};

use crate::{
    domain::{
        flags::{FlagKind, overlapping_entries},
        ids::EmployeeId,
        time_entry::TimeEntry,
    },
    store::{StoreError, Transaction, flag, time_entry},
};

/// An entry of a day before or after a changed one may overlap it.
const JUDGED_DAYS: i32 = 1;
/// And be overlapped by one of the days around that.
const READ_DAYS: i32 = 3;

/// Judges the entries of each person around the days of these entries; says how many flags were raised.
pub(super) async fn refresh_around<'a>(
    tx: &mut Transaction,
    entries: impl Iterator<Item = &'a TimeEntry>,
) -> Result<u64, StoreError> {
    let mut days: BTreeMap<&EmployeeId, (Date, Date)> = BTreeMap::new();
    for entry in entries {
        let day = entry.start_date;
        let (first, last) = days.entry(&entry.employee_id).or_insert((day, day));
        (*first, *last) = (day.min(*first), day.max(*last));
    }
    let mut raised = 0;
    for (employee_id, (first, last)) in days {
        raised += refresh(tx, employee_id, first, last).await?;
    }
    Ok(raised)
}

/// Judges a person's entries around these days.
async fn refresh(
    tx: &mut Transaction,
    employee_id: &EmployeeId,
    first: Date,
    last: Date,
) -> Result<u64, StoreError> {
    let stored = time_entry::list(
        tx,
        first.saturating_sub(READ_DAYS.days()),
        last.saturating_add(READ_DAYS.days()),
        Some(employee_id),
    )
    .await?;
    let overlapping: BTreeSet<_> = overlapping_entries(stored.iter().map(|stored| &stored.entry))
        .into_iter()
        .collect();
    let judged = first.saturating_sub(JUDGED_DAYS.days())..=last.saturating_add(JUDGED_DAYS.days());
    let ids: Vec<&str> = stored
        .iter()
        .filter(|stored| judged.contains(&stored.entry.start_date))
        .map(|stored| stored.entry.id.as_str())
        .collect();
    let flags: Vec<(&str, FlagKind)> = stored
        .iter()
        .filter(|stored| judged.contains(&stored.entry.start_date))
        .filter(|stored| overlapping.contains(&stored.entry.id))
        .map(|stored| (stored.entry.id.as_str(), FlagKind::EntryOverlap))
        .collect();
    let changes = flag::replace(tx, "time_entry", &[FlagKind::EntryOverlap], &ids, &flags).await?;
    Ok(changes.raised)
}

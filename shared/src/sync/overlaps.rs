//! Flags of entries that overlap another of the same person (`domain.md` §9): they depend on more than one entry, so they
//! are computed anew for the days around every change, in a number of statements that does not depend on how many people
//! and days there are.

use std::collections::BTreeSet;

use jiff::ToSpan;

use crate::{
    domain::{
        flags::{FlagKind, overlapping_entries},
        time_entry::{EntrySpan, TimeEntry},
    },
    store::{
        StoreError, Transaction, flag,
        time_entry::{self, PersonDay, PersonDays},
    },
};

/// An entry of a day before or after a changed one may overlap it.
const JUDGED_DAYS: i32 = 1;
/// And be overlapped by one of the days around that.
const READ_DAYS: i32 = 3;

/// Judges each person's entries around these days: those that entries have come to, and those that they have left. Says
/// how many flags were raised.
pub(super) async fn refresh_around(
    tx: &mut Transaction,
    changed: &BTreeSet<PersonDay>,
) -> Result<u64, StoreError> {
    let mut changed = changed.clone();
    let stored = loop {
        let mut stored = time_entry::spans_on(tx, &days_to_read(&changed)).await?;
        stored.dedup_by(|one, other| one.id == other.id);
        // Where one of several days reaches into these, all of its days count as changed.
        let known = changed.len();
        let reaching = stored.iter().filter_map(days_if_long);
        let reaching: Vec<PersonDay> = reaching
            .filter(|days| {
                days.iter()
                    .flat_map(days_to_judge)
                    .any(|day| changed.contains(&day))
            })
            .flatten()
            .collect();
        changed.extend(reaching);
        if changed.len() == known {
            break stored;
        }
    };
    let mut overlapping = BTreeSet::new();
    for of_person in stored.chunk_by(|one, next| one.employee_id == next.employee_id) {
        overlapping.extend(overlapping_entries(of_person));
    }
    let judged_days: BTreeSet<PersonDay> = changed.iter().flat_map(days_to_judge).collect();
    let judged: Vec<&EntrySpan> = stored
        .iter()
        .filter(|entry| judged_days.contains(&day_of(entry)))
        .collect();
    let ids: Vec<&str> = judged.iter().map(|entry| entry.id.as_str()).collect();
    let flags: Vec<(&str, FlagKind)> = judged
        .iter()
        .filter(|entry| overlapping.contains(&entry.id))
        .map(|entry| (entry.id.as_str(), FlagKind::EntryOverlap))
        .collect();
    let owned = [FlagKind::EntryOverlap];
    let changes = flag::replace(tx, "time_entry", &owned, &ids, &flags).await?;
    Ok(changes.raised)
}

/// The days that these entries touch.
pub(super) fn days_of<'a>(entries: impl Iterator<Item = &'a TimeEntry>) -> BTreeSet<PersonDay> {
    entries
        .flat_map(|entry| {
            PersonDay::touched(&entry.employee_id, entry.start_date, entry.duration_seconds)
        })
        .collect()
}

/// The days of an entry that reaches over more than the day after its first.
fn days_if_long(entry: &EntrySpan) -> Option<Vec<PersonDay>> {
    let seconds = entry.end?.duration_since(entry.start).as_secs();
    let days: Vec<PersonDay> =
        PersonDay::touched(&entry.employee_id, entry.start_date, Some(seconds)).collect();
    (days.len() > 1).then_some(days)
}

fn day_of(entry: &EntrySpan) -> PersonDay {
    PersonDay {
        employee_id: entry.employee_id.clone(),
        date: entry.start_date,
    }
}

fn days_to_judge(changed: &PersonDay) -> impl Iterator<Item = PersonDay> {
    (-JUDGED_DAYS..=JUDGED_DAYS).map(|away| PersonDay {
        employee_id: changed.employee_id.clone(),
        date: changed.date.saturating_add(away.days()),
    })
}

/// Each day once: stretches that touch are one.
fn days_to_read(changed: &BTreeSet<PersonDay>) -> BTreeSet<PersonDays> {
    let mut stretches: Vec<PersonDays> = Vec::new();
    for PersonDay { employee_id, date } in changed {
        let first = date.saturating_sub(READ_DAYS.days());
        let last = date.saturating_add(READ_DAYS.days());
        match stretches.last_mut() {
            Some(before) if before.employee_id == *employee_id && first <= before.last => {
                before.last = last;
            }
            _ => stretches.push(PersonDays {
                employee_id: employee_id.clone(),
                first,
                last,
            }),
        }
    }
    stretches.into_iter().collect()
}

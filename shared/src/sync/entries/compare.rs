//! The detailed report against what is stored: whose entries have to be read, and what the report knows better about
//! timesheets (`design.md` §2, *Membership*).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::{
    clockify::convert::{Reported, Unreadable},
    domain::{
        ids::{EmployeeId, TimeEntryId, TimesheetId},
        timesheet::{Timesheet, TimesheetState},
    },
    store::{membership::Membership, time_entry::StoredEntry},
};

/// A timesheet that changed less than so long ago may be right although the report, which another server of Clockify's
/// makes, does not know it yet.
const REPORT_MAY_LAG: SignedDuration = SignedDuration::from_hours(1);

/// What the report and the store say of the same days.
#[derive(Debug)]
pub(super) struct Compared<'a> {
    pub(super) reported: &'a [Reported],
    /// Rows of the report that cannot be read: their entries are not missing.
    pub(super) unreadable: &'a [Unreadable],
    pub(super) stored: &'a [StoredEntry],
    /// The timesheets that either of them names, as they are stored.
    pub(super) timesheets: &'a HashMap<TimesheetId, Timesheet>,
    pub(super) now: Timestamp,
}

/// What follows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    /// Whose entries of these days differ, or are missing on either side.
    pub(super) employees: BTreeSet<EmployeeId>,
    /// Ended entries that are stored and not reported.
    pub(super) missing: usize,
    /// Ended entries that are stored.
    pub(super) live: u64,
    /// Entries of which the report names a timesheet that holds them, or none where an old one is stored.
    pub(super) memberships: Vec<(TimeEntryId, Option<TimesheetId>)>,
    /// The report names a timesheet that is not stored, or is stored as one that holds nothing: the lists must be read
    /// whole.
    pub(super) needs_lists: bool,
}

/// Compares.
pub(super) fn compare(both: &Compared<'_>) -> Differences {
    let mut differences = Differences::default();
    let stored: BTreeMap<&TimeEntryId, &StoredEntry> = both
        .stored
        .iter()
        .map(|stored| (&stored.entry.id, stored))
        .collect();
    let mut reported_ids: BTreeSet<&str> = both
        .reported
        .iter()
        .map(|row| row.entry.id.as_str())
        .collect();
    reported_ids.extend(both.unreadable.iter().filter_map(|row| row.id.as_deref()));
    // A row that does not even show its id may be any of them.
    let is_complete = both.unreadable.iter().all(|row| row.id.is_some());
    // A report that names no timesheet at all does not know them.
    let knows_timesheets = both.reported.iter().any(|row| row.timesheet_id.is_some());

    for row in both.reported {
        let known = stored.get(&row.entry.id);
        if known.is_none_or(|known| !row.agrees_with(&known.entry)) {
            differences.employees.insert(row.entry.employee_id.clone());
        }
        if knows_timesheets {
            differences.compare_membership(row, known.map(|known| &known.membership), both);
        }
    }
    for known in both.stored.iter().filter(|known| known.entry.end.is_some()) {
        differences.live += 1;
        if is_complete && !reported_ids.contains(known.entry.id.as_str()) {
            differences.missing += 1;
            differences
                .employees
                .insert(known.entry.employee_id.clone());
        }
    }
    differences
}

impl Differences {
    fn compare_membership(
        &mut self,
        row: &Reported,
        known: Option<&Membership>,
        both: &Compared<'_>,
    ) {
        let held_by = match known {
            Some(Membership::Held { timesheet_id, .. }) => Some(timesheet_id),
            Some(Membership::None | Membership::Released { .. }) | None => None,
        };
        let timesheet = |id: &TimesheetId| both.timesheets.get(id);
        match (&row.timesheet_id, held_by) {
            (Some(reported), held_by) if Some(reported) != held_by => {
                match timesheet(reported) {
                    Some(sheet) if sheet.state.holds_entries() => self
                        .memberships
                        .push((row.entry.id.clone(), Some(reported.clone()))),
                    // It left the lists; that the report still names it is nothing new.
                    Some(sheet) if sheet.state != TimesheetState::Returned => {}
                    _ => self.needs_lists = true,
                }
            }
            // PENDING ones were read whole by this very sync.
            (None, Some(held_by)) => {
                let is_old = |sheet: &Timesheet| {
                    sheet.state == TimesheetState::Approved
                        && sheet
                            .state_updated_at
                            .is_none_or(|at| both.now.duration_since(at) > REPORT_MAY_LAG)
                };
                if timesheet(held_by).is_some_and(is_old) {
                    self.memberships.push((row.entry.id.clone(), None));
                }
            }
            _ => {}
        }
    }
}

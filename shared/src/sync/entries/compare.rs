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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        clockify::{convert, wire},
        domain::{
            flags::FlagRules,
            time::{CompanyZone, Rounding},
        },
        store::membership::Membership::{Held, None as Unsubmitted, Released},
    };

    const NOW: &str = "2026-11-09T18:00:00Z";

    fn conversion() -> convert::Conversion {
        convert::Conversion {
            workspace_id: "ws".into(),
            zone: CompanyZone::named("America/Edmonton").unwrap(),
            rounding: Rounding::default(),
            flag_rules: FlagRules::default(),
        }
    }

    /// A row of the report, as far as the cases differ.
    fn row(id: &str, description: &str, sheet: Option<&str>) -> Reported {
        let row: Value = json!({
            "_id": id, "userId": "ann", "description": description, "billable": true, "type": "REGULAR",
            "projectId": "river", "tags": [], "rate": 9500, "approvalRequestId": sheet,
            "timeInterval": {
                "start": "2026-11-02T15:00:00Z", "end": "2026-11-02T16:00:00Z", "duration": 3600,
            },
        });
        let row: wire::ReportedEntry = serde_json::from_value(row).unwrap();
        convert::reported_entry(&row, &conversion()).unwrap()
    }

    fn stored(id: &str, membership: Membership) -> StoredEntry {
        StoredEntry {
            entry: row(id, "work", None).entry,
            membership,
        }
    }

    fn held(sheet: &str, state: TimesheetState) -> Membership {
        Held {
            timesheet_id: sheet.into(),
            state,
        }
    }

    fn sheet(id: &str, state: TimesheetState, updated_at: &str) -> Timesheet {
        Timesheet {
            id: id.into(),
            workspace_id: "ws".into(),
            employee_id: "ann".into(),
            first_day: "2026-11-01".parse().unwrap(),
            last_day: "2026-11-07".parse().unwrap(),
            state,
            state_updated_at: Some(updated_at.parse().unwrap()),
            note: None,
            expenses_only: false,
        }
    }

    fn compared(
        reported: &[Reported],
        unreadable: &[Unreadable],
        stored: &[StoredEntry],
        sheets: &[Timesheet],
    ) -> Differences {
        let timesheets = sheets.iter().map(|sheet| (sheet.id.clone(), sheet.clone()));
        compare(&Compared {
            reported,
            unreadable,
            stored,
            timesheets: &timesheets.collect(),
            now: NOW.parse().unwrap(),
        })
    }

    #[test]
    fn whose_entries_are_read_depends_on_content_alone() {
        let unreadable = |id: Option<&str>| Unreadable {
            resource: "time entry",
            id: id.map(str::to_owned),
            field: "timeInterval.start".to_owned(),
        };
        let running = {
            let mut running = stored("n1", Unsubmitted);
            running.entry.end = None;
            running.entry.duration_seconds = None;
            running
        };
        let n1 = || stored("n1", Unsubmitted);
        // (what, reported, unreadable, stored) → (differs, missing, live)
        let cases = [
            (
                "equal",
                vec![row("n1", "work", None)],
                vec![],
                vec![n1()],
                (false, 0, 1),
            ),
            (
                "edited",
                vec![row("n1", "other", None)],
                vec![],
                vec![n1()],
                (true, 0, 1),
            ),
            (
                "new",
                vec![row("n1", "work", None)],
                vec![],
                vec![],
                (true, 0, 0),
            ),
            ("vanished", vec![], vec![], vec![n1()], (true, 1, 1)),
            ("nothing", vec![], vec![], vec![], (false, 0, 0)),
            (
                "running here",
                vec![],
                vec![],
                vec![running.clone()],
                (false, 0, 0),
            ),
            (
                "stopped meanwhile",
                vec![row("n1", "work", None)],
                vec![],
                vec![running],
                (true, 0, 0),
            ),
            (
                "unreadable, not gone",
                vec![],
                vec![unreadable(Some("n1"))],
                vec![n1()],
                (false, 0, 1),
            ),
            (
                "a row that may be any",
                vec![],
                vec![unreadable(None)],
                vec![n1()],
                (false, 0, 1),
            ),
        ];
        for (what, reported, unreadable, stored, expected) in cases {
            let found = compared(&reported, &unreadable, &stored, &[]);
            let differs = !found.employees.is_empty();
            assert_eq!((differs, found.missing, found.live), expected, "{what}");
            assert_eq!(
                (found.memberships.len(), found.needs_lists),
                (0, false),
                "{what}"
            );
        }
    }

    /// `design.md` §2, *Membership*: approvals and the detailed report say it, and the report may be behind.
    #[test]
    fn what_the_report_knows_better_about_timesheets() {
        use TimesheetState::{Approved, Pending, Rejected, Returned, WithdrawnApproval};
        let old = "2026-11-09T16:00:00Z";
        let fresh = "2026-11-09T17:30:00Z";
        let moves = |sheet: Option<&str>| vec![("n1".into(), sheet.map(TimesheetId::from))];
        let released = Released {
            timesheet_id: "s2".into(),
            state: Rejected,
        };
        // (what, reported in, stored as, the timesheets) → (memberships, needs lists)
        let cases = [
            (
                "the same",
                Some("s1"),
                held("s1", Approved),
                vec![sheet("s1", Approved, old)],
                vec![],
                false,
            ),
            (
                "an approval nobody saw",
                Some("s1"),
                Unsubmitted,
                vec![sheet("s1", Approved, old)],
                moves(Some("s1")),
                false,
            ),
            (
                "a pending one as well",
                Some("s1"),
                Unsubmitted,
                vec![sheet("s1", Pending, fresh)],
                moves(Some("s1")),
                false,
            ),
            (
                "released, held again",
                Some("s1"),
                released.clone(),
                vec![sheet("s1", Pending, fresh), sheet("s2", Rejected, old)],
                moves(Some("s1")),
                false,
            ),
            (
                "moved",
                Some("s1"),
                held("s2", Approved),
                vec![sheet("s1", Approved, old), sheet("s2", Approved, old)],
                moves(Some("s1")),
                false,
            ),
            (
                "of an unknown one",
                Some("s9"),
                Unsubmitted,
                vec![],
                vec![],
                true,
            ),
            (
                "of one that left for no known reason",
                Some("s1"),
                Unsubmitted,
                vec![sheet("s1", Returned, old)],
                vec![],
                true,
            ),
            (
                "of one that is known to be rejected",
                Some("s1"),
                Unsubmitted,
                vec![sheet("s1", Rejected, old)],
                vec![],
                false,
            ),
            (
                "of one that is withdrawn",
                Some("s1"),
                Unsubmitted,
                vec![sheet("s1", WithdrawnApproval, old)],
                vec![],
                false,
            ),
            (
                "in none, approved long ago",
                None,
                held("s1", Approved),
                vec![sheet("s1", Approved, old)],
                moves(None),
                false,
            ),
            (
                "in none, approved just now: it may lag",
                None,
                held("s1", Approved),
                vec![sheet("s1", Approved, fresh)],
                vec![],
                false,
            ),
            (
                "in none, pending: its list was read",
                None,
                held("s1", Pending),
                vec![sheet("s1", Pending, old)],
                vec![],
                false,
            ),
            (
                "in none, released",
                None,
                released,
                vec![sheet("s2", Rejected, old)],
                vec![],
                false,
            ),
        ];
        for (what, reported, membership, sheets, memberships, needs_lists) in cases {
            // Another row names a timesheet: the report knows them.
            let rows = [row("n1", "work", reported), row("n2", "work", Some("s0"))];
            let all = [stored("n1", membership), stored("n2", held("s0", Approved))];
            let mut sheets = sheets;
            sheets.push(sheet("s0", Approved, old));
            let found = compared(&rows, &[], &all, &sheets);
            assert_eq!(found.memberships, memberships, "{what}");
            assert_eq!(found.needs_lists, needs_lists, "{what}");
            assert!(found.employees.is_empty(), "{what}: no content differs");
        }
    }

    /// Not every plan's report carries `approvalRequestId`.
    #[test]
    fn a_report_that_names_no_timesheet_says_nothing_about_them() {
        let all = [stored("n1", held("s1", TimesheetState::Approved))];
        let sheets = [sheet(
            "s1",
            TimesheetState::Approved,
            "2026-11-01T00:00:00Z",
        )];
        let found = compared(&[row("n1", "work", None)], &[], &all, &sheets);
        assert_eq!((found.memberships.len(), found.needs_lists), (0, false));
    }
}

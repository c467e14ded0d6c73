//! Finished work as billing and the billable summary see it (`domain.md` §3 *Type*, §7).

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{
    attendance::EntryState,
    ids::{EmployeeId, ProjectId, TimeEntryId},
    time_entry::{EntryKind, TimeEntry},
};

/// One REGULAR entry that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkEntry {
    pub entry_id: TimeEntryId,
    pub employee_id: EmployeeId,
    pub project_id: Option<ProjectId>,
    pub date: Date,
    /// Rounded.
    pub hours: Decimal,
    pub billable: bool,
    /// None: Clockify gave no rate, and the work bills at 0.
    pub hourly_rate: Option<Decimal>,
    /// The task's name.
    pub task: Option<String>,
    pub description: String,
    pub state: EntryState,
    /// When we learnt that its timesheet is in that state; asked for only of work of earlier periods.
    pub state_known_since: Option<Timestamp>,
}

impl WorkEntry {
    /// None for a running timer, a break, and what Clockify made of leave and holidays: that is no work.
    pub fn of(entry: &TimeEntry, task: Option<String>, state: EntryState) -> Option<Self> {
        if entry.kind != EntryKind::Regular {
            return None;
        }
        Some(Self {
            entry_id: entry.id.clone(),
            employee_id: entry.employee_id.clone(),
            project_id: entry.project_id.clone(),
            date: entry.start_date,
            hours: entry.hours?,
            billable: entry.billable,
            hourly_rate: entry.hourly_rate,
            task,
            description: entry.description.clone(),
            state,
            state_known_since: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_records;

    #[test]
    fn only_regular_entries_that_have_ended_are_work() {
        // §3: "REGULAR entries are work. BREAK, HOLIDAY and TIME_OFF entries … are not work"; "A running
        // timer … is counted nowhere."
        let sound = test_records::time_entry("t1");
        let work = |entry: &TimeEntry| WorkEntry::of(entry, None, EntryState::Approved);
        assert_eq!(work(&sound).map(|work| work.hours), sound.hours);
        for kind in ["BREAK", "HOLIDAY", "TIME_OFF", "NEW_KIND"] {
            let other = TimeEntry {
                kind: EntryKind::from(kind.to_owned()),
                ..sound.clone()
            };
            assert_eq!(work(&other), None, "{kind}");
        }
        let running = TimeEntry {
            end: None,
            duration_seconds: None,
            hours: None,
            ..sound
        };
        assert_eq!(work(&running), None);
    }
}

//! What a person must look at (`domain.md` §9, and the sentences of §3 to §8 that say "flagged"): kinds
//! with stable words, and the rules that find them in a record.
//!
//! A flag is computed where the record changes and cleared when the record is right again.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    employee::Employee,
    ids::TimeEntryId,
    project::Project,
    time_entry::{EntryKind, EntrySpan, TimeEntry},
    timesheet::TimesheetState,
};

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlagKind {
    /// The project's name holds no ` - `.
    ProjectWithoutCode,
    /// The project stands under the internal client.
    ProjectWithoutClient,
    /// Missing or malformed; employed since always, and no balance is pushed.
    EmployeeWithoutStartDate,
    /// Missing or malformed; treated as hourly, and no balance is pushed.
    EmployeeWithoutRateType,
    EmployeeWithoutManager,
    /// Another custom field of the employee, or his status, cannot be understood; it is left empty.
    EmployeeFieldMalformed,
    /// Bills at 0.
    BillableEntryWithoutRate,
    EntryWithoutProject,
    /// Overlaps another entry of the same person.
    EntryOverlap,
    /// Longer than the settings allow for one entry.
    EntryTooLong,
    ApprovedTimesheetWithoutEntries,
    /// None of its days counts, so it pays 0.
    TimeOffWithoutCountedDay,
    /// Something refers to a record that Clockify does not know either.
    UnknownRecord,
    /// Clockify sent a record that lacks what it cannot be stored without.
    RecordUnreadable,
    /// Work before the start date or after the end date: it is paid.
    WorkOutsideEmployment,
    LemRateMissing,
    /// The difference is over the limit of the settings; a person must release it.
    BalancePushHeld,
    /// Clockify's balance after a push was not what was meant; the job stopped.
    BalancePushNotAsMeant,
    /// An employee left with hours or days on his balance.
    LeaverWithBalance,
    /// Banked hours that are older than the settings allow must be paid out.
    BankedTimeTooOld,
    /// A sync would have deleted more than the settings allow, and stopped.
    SyncStopped,
    /// A webhook is missing, disabled, or Clockify gave up delivering it.
    WebhookUnhealthy,
    /// The last good sync is too long ago.
    SyncLate,
    DeadLetter,
}

impl FlagKind {
    /// Every kind, in the order of `domain.md` §9.
    pub const ALL: [Self; 24] = [
        Self::ProjectWithoutCode,
        Self::ProjectWithoutClient,
        Self::EmployeeWithoutStartDate,
        Self::EmployeeWithoutRateType,
        Self::EmployeeWithoutManager,
        Self::EmployeeFieldMalformed,
        Self::BillableEntryWithoutRate,
        Self::EntryOverlap,
        Self::EntryTooLong,
        Self::EntryWithoutProject,
        Self::ApprovedTimesheetWithoutEntries,
        Self::TimeOffWithoutCountedDay,
        Self::UnknownRecord,
        Self::RecordUnreadable,
        Self::WorkOutsideEmployment,
        Self::LemRateMissing,
        Self::BalancePushHeld,
        Self::BalancePushNotAsMeant,
        Self::LeaverWithBalance,
        Self::BankedTimeTooOld,
        Self::SyncStopped,
        Self::WebhookUnhealthy,
        Self::SyncLate,
        Self::DeadLetter,
    ];

    /// The word that the database and `GET /flags` use; it never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectWithoutCode => "project-without-code",
            Self::ProjectWithoutClient => "project-without-client",
            Self::EmployeeWithoutStartDate => "employee-without-start-date",
            Self::EmployeeWithoutRateType => "employee-without-rate-type",
            Self::EmployeeWithoutManager => "employee-without-manager",
            Self::EmployeeFieldMalformed => "employee-field-malformed",
            Self::BillableEntryWithoutRate => "billable-entry-without-rate",
            Self::EntryWithoutProject => "entry-without-project",
            Self::EntryOverlap => "entry-overlap",
            Self::EntryTooLong => "entry-too-long",
            Self::ApprovedTimesheetWithoutEntries => "approved-timesheet-without-entries",
            Self::TimeOffWithoutCountedDay => "time-off-without-counted-day",
            Self::UnknownRecord => "unknown-record",
            Self::RecordUnreadable => "record-unreadable",
            Self::WorkOutsideEmployment => "work-outside-employment",
            Self::LemRateMissing => "lem-rate-missing",
            Self::BalancePushHeld => "balance-push-held",
            Self::BalancePushNotAsMeant => "balance-push-not-as-meant",
            Self::LeaverWithBalance => "leaver-with-balance",
            Self::BankedTimeTooOld => "banked-time-too-old",
            Self::SyncStopped => "sync-stopped",
            Self::WebhookUnhealthy => "webhook-unhealthy",
            Self::SyncLate => "sync-late",
            Self::DeadLetter => "dead-letter",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for FlagKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What makes an entry worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagRules {
    /// An entry that lasts longer is flagged.
    pub long_entry_hours: Decimal,
}

impl Default for FlagRules {
    fn default() -> Self {
        Self {
            long_entry_hours: Decimal::from(16),
        }
    }
}

/// Flags of an employee's record: no start date, rate type or manager; a stub.
pub fn employee_flags(employee: &Employee) -> Vec<FlagKind> {
    if employee.is_stub {
        return vec![FlagKind::UnknownRecord];
    }
    let missing = [
        (
            employee.start_date.is_none(),
            FlagKind::EmployeeWithoutStartDate,
        ),
        (
            employee.rate_type.is_none(),
            FlagKind::EmployeeWithoutRateType,
        ),
        (
            employee.reporting_manager.is_none(),
            FlagKind::EmployeeWithoutManager,
        ),
    ];
    kinds_that_hold(missing)
}

/// Flags of a project's record: name without code, no client; a stub.
pub fn project_flags(project: &Project) -> Vec<FlagKind> {
    if project.is_stub {
        return vec![FlagKind::UnknownRecord];
    }
    kinds_that_hold([
        (project.code.is_none(), FlagKind::ProjectWithoutCode),
        (project.client_id.is_none(), FlagKind::ProjectWithoutClient),
    ])
}

/// Flags of one entry by itself; overlaps need [`overlapping_entries`]. Only finished work is judged: a
/// running timer is not time yet, and a break needs neither project nor rate.
pub fn entry_flags(entry: &TimeEntry, rules: FlagRules) -> Vec<FlagKind> {
    let Some(seconds) = entry.duration_seconds else {
        return Vec::new();
    };
    if entry.kind != EntryKind::Regular {
        return Vec::new();
    }
    kinds_that_hold([
        (
            entry.billable && entry.hourly_rate.is_none(),
            FlagKind::BillableEntryWithoutRate,
        ),
        (
            Decimal::from(seconds) > rules.long_entry_hours * Decimal::from(3600),
            FlagKind::EntryTooLong,
        ),
        (entry.project_id.is_none(), FlagKind::EntryWithoutProject),
    ])
}

/// Whether a timesheet is approved and holds nothing.
pub fn is_approved_and_empty(state: &TimesheetState, entries_held: usize) -> bool {
    *state == TimesheetState::Approved && entries_held == 0
}

fn kinds_that_hold<const N: usize>(tests: [(bool, FlagKind); N]) -> Vec<FlagKind> {
    tests
        .into_iter()
        .filter_map(|(holds, kind)| holds.then_some(kind))
        .collect()
}

/// The work of one person that overlaps other work of the same person, each id once, sorted. Entries
/// that only touch do not overlap; breaks within work are no overlap.
pub fn overlapping_entries<'a>(
    entries_of_one_person: impl IntoIterator<Item = &'a EntrySpan>,
) -> Vec<TimeEntryId> {
    let mut work: Vec<(Timestamp, Timestamp, &TimeEntryId)> = entries_of_one_person
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::Regular)
        .filter_map(|entry| Some((entry.start, entry.end?, &entry.id)))
        .filter(|(start, end, _)| start < end)
        .collect();
    work.sort();

    let mut overlapping = BTreeSet::new();
    // The entry that reaches furthest among those that began earlier.
    let mut furthest: Option<(Timestamp, &TimeEntryId)> = None;
    for (start, end, id) in work {
        if let Some((reach, earlier)) = furthest
            && start < reach
        {
            overlapping.insert(earlier);
            overlapping.insert(id);
        }
        if furthest.is_none_or(|(reach, _)| reach < end) {
            furthest = Some((end, id));
        }
    }
    overlapping.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        employee::{EmployeeStatus, RateType},
        ids::{ClientId, ProjectId, WorkspaceId},
    };

    fn entry(id: &str, start: &str, end: Option<&str>) -> TimeEntry {
        let start: Timestamp = format!("2026-03-10T{start}:00Z").parse().expect("start");
        let end: Option<Timestamp> =
            end.map(|end| format!("2026-03-10T{end}:00Z").parse().expect("end"));
        TimeEntry {
            id: id.into(),
            workspace_id: WorkspaceId::from("ws"),
            employee_id: "e1".into(),
            project_id: Some(ProjectId::from("p1")),
            task_id: None,
            description: String::new(),
            billable: true,
            kind: EntryKind::Regular,
            start,
            end,
            start_date: jiff::civil::date(2026, 3, 10),
            duration_seconds: end.map(|end| end.as_second() - start.as_second()),
            hours: None,
            hourly_rate: Some(Decimal::new(9500, 2)),
            tag_ids: Vec::new(),
        }
    }

    #[test]
    fn every_kind_has_one_word_that_is_also_its_json() {
        for kind in FlagKind::ALL {
            assert_eq!(FlagKind::named(kind.as_str()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).expect("a word"),
                serde_json::Value::from(kind.as_str())
            );
        }
        assert_eq!(FlagKind::named("project"), None);
    }

    #[test]
    fn an_employee_without_start_date_rate_type_or_manager_is_flagged() {
        // domain.md §9: "employee without start date, rate type or manager".
        let mut employee = Employee {
            id: "e1".into(),
            workspace_id: "ws".into(),
            name: "Avery Stone".into(),
            email: None,
            status: EmployeeStatus::Active,
            role: None,
            start_date: Some(jiff::civil::date(2020, 1, 6)),
            end_date: None,
            rate_type: Some(RateType::Salary),
            reporting_manager: Some("Morgan Reyes".into()),
            has_truck: false,
            truck_details: None,
            time_zone: None,
            is_stub: false,
        };
        assert_eq!(employee_flags(&employee), []);
        employee.start_date = None;
        assert_eq!(
            employee_flags(&employee),
            [FlagKind::EmployeeWithoutStartDate]
        );
        employee.rate_type = None;
        employee.reporting_manager = None;
        assert_eq!(
            employee_flags(&employee),
            [
                FlagKind::EmployeeWithoutStartDate,
                FlagKind::EmployeeWithoutRateType,
                FlagKind::EmployeeWithoutManager
            ]
        );
        // §9: "stub of an unknown record".
        employee.is_stub = true;
        assert_eq!(employee_flags(&employee), [FlagKind::UnknownRecord]);
    }

    #[test]
    fn a_project_without_code_or_client_is_flagged() {
        // domain.md §9: "project name without code; project without client".
        let mut project = Project {
            id: "p1".into(),
            workspace_id: "ws".into(),
            client_id: Some(ClientId::from("c1")),
            name: "ABC-001 - River Crossing".into(),
            code: Some("ABC-001".into()),
            title: "River Crossing".into(),
            billable: true,
            archived: false,
            is_stub: false,
        };
        assert_eq!(project_flags(&project), []);
        project.code = None;
        project.client_id = None;
        assert_eq!(
            project_flags(&project),
            [FlagKind::ProjectWithoutCode, FlagKind::ProjectWithoutClient]
        );
    }

    #[test]
    fn an_entry_without_rate_or_project_or_over_sixteen_hours_is_flagged() {
        // domain.md §9: "billable entry without rate; … entry over 16 h [config]; entry without project".
        let rules = FlagRules::default();
        let sound = entry("1", "01:00", Some("17:00")); // 16 h exactly
        assert_eq!(entry_flags(&sound, rules), []);

        let no_rate = TimeEntry {
            hourly_rate: None,
            ..sound.clone()
        };
        assert_eq!(
            entry_flags(&no_rate, rules),
            [FlagKind::BillableEntryWithoutRate]
        );
        let free = TimeEntry {
            hourly_rate: Some(Decimal::ZERO),
            ..sound.clone()
        };
        assert_eq!(entry_flags(&free, rules), [], "a rate of 0 is a rate");
        let not_billable = TimeEntry {
            billable: false,
            ..no_rate.clone()
        };
        assert_eq!(entry_flags(&not_billable, rules), []);

        let long = TimeEntry {
            duration_seconds: Some(16 * 3600 + 1),
            ..sound.clone()
        };
        assert_eq!(entry_flags(&long, rules), [FlagKind::EntryTooLong]);

        let no_project = TimeEntry {
            project_id: None,
            ..sound.clone()
        };
        assert_eq!(
            entry_flags(&no_project, rules),
            [FlagKind::EntryWithoutProject]
        );
        let pause = TimeEntry {
            kind: EntryKind::Break,
            hourly_rate: None,
            ..no_project
        };
        assert_eq!(entry_flags(&pause, rules), []);
        let running = TimeEntry {
            project_id: None,
            ..entry("1", "01:00", None)
        };
        assert_eq!(entry_flags(&running, rules), []);
    }

    #[test]
    fn only_an_approved_timesheet_without_entries_is_flagged() {
        // domain.md §9: "approved timesheet without entries".
        assert!(is_approved_and_empty(&TimesheetState::Approved, 0));
        assert!(!is_approved_and_empty(&TimesheetState::Approved, 1));
        assert!(!is_approved_and_empty(&TimesheetState::Pending, 0));
    }

    fn span(entry: &TimeEntry) -> EntrySpan {
        EntrySpan {
            id: entry.id.clone(),
            employee_id: entry.employee_id.clone(),
            kind: entry.kind.clone(),
            start: entry.start,
            end: entry.end,
            start_date: entry.start_date,
        }
    }

    #[test]
    fn an_entry_that_overlaps_another_of_the_same_person_is_flagged() {
        // domain.md §9: "entry that overlaps another of the same person".
        let ids = |entries: &[TimeEntry]| -> Vec<String> {
            let spans: Vec<EntrySpan> = entries.iter().map(span).collect();
            overlapping_entries(&spans)
                .into_iter()
                .map(|id| id.0)
                .collect()
        };
        let a = entry("a", "08:00", Some("12:00"));
        let touching = entry("b", "12:00", Some("13:00"));
        assert_eq!(ids(&[a.clone(), touching]), [""; 0]);

        let inside = entry("b", "09:00", Some("10:00"));
        let later_inside = entry("c", "11:00", Some("11:30"));
        assert_eq!(
            ids(&[later_inside, inside.clone(), a.clone()]),
            ["a", "b", "c"]
        );

        let pause = TimeEntry {
            kind: EntryKind::Break,
            ..inside
        };
        let running = entry("r", "09:00", None);
        let empty = entry("z", "09:00", Some("09:00"));
        assert_eq!(ids(&[a, pause, running, empty]), [""; 0]);
    }
}

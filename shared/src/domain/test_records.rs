//! Records for the tests of the rules: sound in every field that a test does not set itself.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    attendance::{AttendedEntry, EmployeeTime, EntryState},
    employee::{Employee, EmployeeStatus, Group, RateType},
    project::{Client, Project},
    time_entry::{EntryKind, TimeEntry},
    time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
    work::WorkEntry,
};

/// A decimal from its text.
pub(crate) fn hours(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Active and hourly, employed since 2020.
pub(crate) fn employee(id: &str) -> Employee {
    Employee {
        id: id.into(),
        workspace_id: "ws".into(),
        name: format!("Employee {id}"),
        email: None,
        status: EmployeeStatus::Active,
        role: Some("Surveyor".into()),
        start_date: Some(jiff::civil::date(2020, 1, 6)),
        end_date: None,
        rate_type: Some(RateType::Hourly),
        reporting_manager: Some("Morgan Reyes".into()),
        has_truck: false,
        truck_details: None,
        time_zone: None,
        is_stub: false,
    }
}

/// An employee with these entries and no leave.
pub(crate) fn employee_time(id: &str, entries: Vec<AttendedEntry>) -> EmployeeTime {
    EmployeeTime {
        employee: employee(id),
        last_entry: None,
        entries,
        time_off: Vec::new(),
    }
}

/// Work without tags in an approved timesheet.
pub(crate) fn attended(date: Date, worked: &str) -> AttendedEntry {
    AttendedEntry {
        date,
        hours: hours(worked),
        kind: EntryKind::Regular,
        tags: Vec::new(),
        state: EntryState::Approved,
    }
}

/// A group without members.
pub(crate) fn group(id: &str) -> Group {
    Group {
        id: id.into(),
        workspace_id: "ws".into(),
        name: id.to_owned(),
        member_ids: Vec::new(),
        archived: false,
    }
}

/// A holiday of everyone that does not recur.
pub(crate) fn holiday(name: &str, first_day: Date, last_day: Date) -> Holiday {
    Holiday {
        id: name.into(),
        workspace_id: "ws".into(),
        name: name.to_owned(),
        first_day,
        last_day,
        occurs_annually: false,
        assignment: Assignment {
            everyone: true,
            ..Assignment::default()
        },
    }
}

/// A policy in hours for everyone; its id is its name.
pub(crate) fn policy(name: &str) -> Policy {
    Policy {
        id: name.into(),
        workspace_id: "ws".into(),
        name: name.to_owned(),
        unit: TimeUnit::Hours,
        assignment: Assignment {
            everyone: true,
            ..Assignment::default()
        },
        archived: false,
        is_stub: false,
    }
}

/// An approved request of `e1`, in days, under the policy of that name.
pub(crate) fn time_off_request(
    policy: &str,
    first_day: Date,
    last_day: Date,
    amount: &str,
) -> TimeOffRequest {
    TimeOffRequest {
        id: format!("{policy} {first_day}").into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        policy_id: policy.into(),
        status: TimeOffStatus::Approved,
        first_day,
        last_day,
        half_day: false,
        balance_diff: hours(amount),
        unit: TimeUnit::Days,
        excluded_days: None,
        note: None,
        status_changed_at: None,
    }
}

/// A project of client `c1`.
pub(crate) fn project(id: &str, code: Option<&str>, title: &str) -> Project {
    Project {
        id: id.into(),
        workspace_id: "ws".into(),
        client_id: Some("c1".into()),
        name: code.map_or_else(|| title.to_owned(), |code| format!("{code} - {title}")),
        code: code.map(str::to_owned),
        title: title.to_owned(),
        billable: true,
        archived: false,
        is_stub: false,
    }
}

/// A client of those names.
pub(crate) fn client(id: &str, short_name: &str, long_name: Option<&str>) -> Client {
    Client {
        id: id.into(),
        workspace_id: "ws".into(),
        short_name: short_name.to_owned(),
        long_name: long_name.map(str::to_owned),
        email: None,
        address: None,
        archived: false,
        is_stub: false,
    }
}

/// Two hours of billable work by `e1` on `p1`, on 10 March 2026.
pub(crate) fn time_entry(id: &str) -> TimeEntry {
    TimeEntry {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        project_id: Some("p1".into()),
        task_id: None,
        description: String::new(),
        billable: true,
        kind: EntryKind::Regular,
        start: "2026-03-10T15:00:00Z".parse().expect("an instant"),
        end: Some("2026-03-10T17:00:00Z".parse().expect("an instant")),
        start_date: jiff::civil::date(2026, 3, 10),
        duration_seconds: Some(7200),
        hours: Some(hours("2")),
        hourly_rate: Some(hours("95.50")),
        tag_ids: Vec::new(),
    }
}

/// Two hours of approved, billable work by `e1` on `p1`, on 10 March 2026.
pub(crate) fn work_entry(id: &str) -> WorkEntry {
    WorkEntry::of(&time_entry(id), None, EntryState::Approved).expect("finished work")
}

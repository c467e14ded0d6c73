//! Records to store, with everything that a column may have to bear.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use crate::domain::{
    employee::{Employee, EmployeeStatus, Group, RateType},
    expense::{Expense, ExpenseCategory},
    project::{Client, Project, Tag, Task},
    time_entry::{EntryKind, TimeEntry},
    time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
    timesheet::{Timesheet, TimesheetState},
};

pub(super) fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(super) fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// 4000 characters outside the basic plane: 8000 UTF-16 units, 16000 bytes.
pub(super) fn long_text() -> String {
    "👷".repeat(4000)
}

pub(super) fn employee(id: &str) -> Employee {
    Employee {
        id: id.into(),
        workspace_id: "ws".into(),
        name: "Zoë O'Brien 👷🏽 ".into(),
        email: Some("zoe@example.com".into()),
        status: EmployeeStatus::Active,
        role: Some("Surveyor".into()),
        start_date: Some(date("2019-02-28")),
        end_date: Some(date("9999-12-31")),
        rate_type: Some(RateType::Salary),
        reporting_manager: Some("Łukasz".into()),
        has_truck: true,
        truck_details: Some("½ ton; \"quoted\"".into()),
        time_zone: Some("America/Edmonton".into()),
        is_stub: false,
    }
}

pub(super) fn bare_employee(id: &str) -> Employee {
    Employee {
        id: id.into(),
        workspace_id: "ws".into(),
        name: String::new(),
        email: None,
        status: EmployeeStatus::Pending,
        role: None,
        start_date: None,
        end_date: None,
        rate_type: None,
        reporting_manager: None,
        has_truck: false,
        truck_details: None,
        time_zone: None,
        is_stub: false,
    }
}

pub(super) fn group(id: &str, members: &[&str]) -> Group {
    Group {
        id: id.into(),
        workspace_id: "ws".into(),
        name: format!("Group {id}"),
        member_ids: members.iter().map(|id| (*id).into()).collect(),
        archived: false,
    }
}

pub(super) fn client(id: &str) -> Client {
    Client {
        id: id.into(),
        workspace_id: "ws".into(),
        short_name: "HP".into(),
        long_name: Some(long_text()),
        email: None,
        address: Some("1 Main St\nEdmonton".into()),
        archived: false,
        is_stub: false,
    }
}

pub(super) fn project(id: &str, client_id: Option<&str>) -> Project {
    Project {
        id: id.into(),
        workspace_id: "ws".into(),
        client_id: client_id.map(Into::into),
        name: format!("{id} - River Crossing"),
        code: Some(id.to_owned()),
        title: "River Crossing".into(),
        billable: true,
        archived: false,
        is_stub: false,
    }
}

pub(super) fn task(id: &str, project_id: &str) -> Task {
    Task {
        id: id.into(),
        workspace_id: "ws".into(),
        project_id: project_id.into(),
        name: "Layout".into(),
        archived: false,
        is_stub: false,
    }
}

pub(super) fn tag(id: &str, name: &str) -> Tag {
    Tag {
        id: id.into(),
        workspace_id: "ws".into(),
        name: name.into(),
        archived: false,
        is_stub: false,
    }
}

pub(super) fn policy(id: &str) -> Policy {
    Policy {
        id: id.into(),
        workspace_id: "ws".into(),
        name: "Vacation".into(),
        unit: TimeUnit::Days,
        assignment: Assignment {
            everyone: false,
            employee_ids: vec!["e1".into(), "left-long-ago".into()],
            group_ids: vec!["g1".into()],
        },
        archived: false,
        is_stub: false,
    }
}

pub(super) fn holiday(id: &str) -> Holiday {
    Holiday {
        id: id.into(),
        workspace_id: "ws".into(),
        name: "Canada Day".into(),
        first_day: date("2026-07-01"),
        last_day: date("2026-07-01"),
        occurs_annually: true,
        assignment: Assignment {
            everyone: true,
            employee_ids: vec![],
            group_ids: vec!["g1".into()],
        },
    }
}

pub(super) fn time_off_request(id: &str) -> TimeOffRequest {
    TimeOffRequest {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        policy_id: "p1".into(),
        status: TimeOffStatus::Approved,
        first_day: date("2026-11-02"),
        last_day: date("2026-11-06"),
        half_day: false,
        balance_diff: decimal("-9999999.99"),
        unit: TimeUnit::Days,
        excluded_days: Some(vec![date("2026-11-04"), date("2026-11-05")]),
        note: Some(long_text()),
        status_changed_at: Some(instant("2026-10-30T17:05:06.789Z")),
    }
}

pub(super) fn timesheet(id: &str, state: TimesheetState) -> Timesheet {
    Timesheet {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        first_day: date("2026-11-01"),
        last_day: date("2026-11-07"),
        state,
        state_updated_at: Some(instant("2026-11-08T15:00:00.123Z")),
        note: None,
        expenses_only: false,
    }
}

pub(in crate::store) fn entry(id: &str) -> TimeEntry {
    TimeEntry {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        project_id: Some("ABC-001".into()),
        task_id: Some("t1".into()),
        description: long_text(),
        billable: true,
        kind: EntryKind::Regular,
        start: instant("2026-11-02T15:00:00Z"),
        end: Some(instant("2026-11-02T22:52:30Z")),
        start_date: date("2026-11-02"),
        duration_seconds: Some(28_350),
        hours: Some(decimal("7.75")),
        hourly_rate: Some(decimal("9999999999.99")),
        tag_ids: vec!["banked-office".into(), "banked-site".into()],
    }
}

pub(super) fn running_entry(id: &str) -> TimeEntry {
    TimeEntry {
        project_id: None,
        task_id: None,
        description: String::new(),
        billable: false,
        kind: EntryKind::Other("SOMETHING_NEW".into()),
        start: instant("2026-11-03T15:00:00Z"),
        start_date: date("2026-11-03"),
        end: None,
        duration_seconds: None,
        hours: None,
        hourly_rate: None,
        tag_ids: vec![],
        ..entry(id)
    }
}

pub(super) fn expense(id: &str) -> Expense {
    Expense {
        id: id.into(),
        workspace_id: "ws".into(),
        employee_id: "e1".into(),
        date: date("2026-11-02"),
        category_id: Some("mileage".into()),
        project_id: Some("ABC-001".into()),
        task_id: Some("t1".into()),
        notes: Some(long_text()),
        quantity: decimal("182.4"),
        total: decimal("9999999999.99"),
        billable: true,
        has_receipt: true,
    }
}

pub(super) fn expense_category(id: &str) -> ExpenseCategory {
    ExpenseCategory {
        id: id.into(),
        workspace_id: "ws".into(),
        name: "Meals & Per-diem 🍽️".into(),
        unit_price: Some(decimal("0.70")),
        unit: Some("km".into()),
        archived: false,
        is_stub: false,
    }
}

//! Records for the tests of the rules: sound in every field that a test does not set itself.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    employee::{Employee, EmployeeStatus, Group, RateType},
    time_off::{Assignment, Holiday, Policy, TimeOffRequest, TimeOffStatus, TimeUnit},
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
        excluded_days: Vec::new(),
        note: None,
        status_changed_at: None,
    }
}

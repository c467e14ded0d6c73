//! Policies, requests, balances and holidays.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{InstantRange, page::row};
use crate::domain::ids::{EmployeeId, GroupId, HolidayId, PolicyId, TimeOffRequestId, WorkspaceId};

/// A time-off policy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    pub id: PolicyId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    /// DAYS or HOURS.
    pub time_unit: Option<String>,
    pub archived: Option<bool>,
    pub everyone_including_new: Option<bool>,
    pub user_ids: Option<Vec<EmployeeId>>,
    pub user_group_ids: Option<Vec<GroupId>>,
}
row!(Policy, "time-off policy");

/// A holiday; Clockify has no webhook for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holiday {
    pub id: HolidayId,
    pub workspace_id: Option<WorkspaceId>,
    pub name: Option<String>,
    pub date_period: Option<HolidayPeriod>,
    pub occurs_annually: Option<bool>,
    pub everyone_including_new: Option<bool>,
    pub user_ids: Option<Vec<EmployeeId>>,
    pub user_group_ids: Option<Vec<GroupId>>,
}
row!(Holiday, "holiday");

/// Plain dates, both included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HolidayPeriod {
    pub start_date: Option<String>,
    pub end_date: Option<String>,
}

/// The envelope of the search for requests.
#[derive(Debug, Deserialize)]
pub struct TimeOffPage {
    pub count: Option<u64>,
    #[serde(default)]
    pub requests: Vec<Box<RawValue>>,
}

/// A request for time off, from the search or in a webhook.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeOffRequest {
    pub id: TimeOffRequestId,
    pub workspace_id: Option<WorkspaceId>,
    pub user_id: Option<EmployeeId>,
    pub policy_id: Option<PolicyId>,
    /// Missing in webhooks: there it is the policy's.
    pub time_unit: Option<String>,
    /// An IANA name, in the search.
    pub user_time_zone: Option<String>,
    /// The same in webhooks.
    pub time_zone: Option<String>,
    pub time_off_period: Option<TimeOffPeriod>,
    pub status: Option<TimeOffRequestStatus>,
    pub note: Option<String>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub balance_diff: Option<Decimal>,
    /// Dates or instants; the form of its items was never seen.
    pub exclude_days: Option<Vec<Value>>,
    pub created_at: Option<String>,
}
row!(TimeOffRequest, "time-off request");

/// When the leave is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeOffPeriod {
    pub period: Option<InstantRange>,
    pub half_day: Option<bool>,
}

/// The state of a request. A withdrawn one can still say PENDING here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeOffRequestStatus {
    pub status_type: Option<String>,
    pub changed_at: Option<String>,
}

/// The envelope of a list of balances.
#[derive(Debug, Deserialize)]
pub struct BalancePage {
    pub count: Option<u64>,
    #[serde(default)]
    pub balances: Vec<Box<RawValue>>,
}

/// What one person has left under one policy, in the policy's unit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    pub id: String,
    pub user_id: Option<EmployeeId>,
    pub policy_id: Option<PolicyId>,
    pub policy_time_unit: Option<String>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub balance: Option<Decimal>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub used: Option<Decimal>,
    #[serde(default, with = "rust_decimal::serde::arbitrary_precision_option")]
    pub total: Option<Decimal>,
}
row!(Balance, "balance");

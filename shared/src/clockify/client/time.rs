//! Time entries, the detailed report and approval requests (`clockify.md` §4, §5).

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde_json::json;

use super::{Answer, Client, ClockifyError, Kind, PAGE_SIZE, Page, checked};
use crate::{
    clockify::wire::{Approval, ReportPage, ReportedEntry, TimeEntry},
    domain::{
        ids::{EmployeeId, TimeEntryId},
        time::CompanyZone,
    },
};

/// What Clockify allows on these two lists.
const LARGE_PAGE_SIZE: usize = 1000;

/// A stretch of time: its start belongs to it, its end does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Window {
    /// Whole local days, both included. None outside the calendar's range.
    pub fn of_days(zone: &CompanyZone, first_day: Date, last_day: Date) -> Option<Self> {
        let midnight = |date: Date| {
            let start = date.to_zoned(zone.time_zone().clone()).ok()?;
            Some(start.timestamp())
        };
        Some(Self {
            from: midnight(first_day)?,
            to: midnight(last_day.checked_add(1.day()).ok()?)?,
        })
    }

    /// Whether an entry that starts then belongs to the window.
    pub fn contains(self, start: Timestamp) -> bool {
        self.from <= start && start < self.to
    }

    /// Whether the row starts within the window. A start that cannot be read is kept: what is wrong with
    /// it shows when it is converted.
    fn holds(self, start: Option<&str>) -> bool {
        start
            .and_then(|start| start.parse().ok())
            .is_none_or(|start| self.contains(start))
    }
}

/// The three lists of approval requests that Clockify has. REJECTED and WITHDRAWN_SUBMISSION stand in
/// none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalList {
    Pending,
    Approved,
    WithdrawnApproval,
}

impl ApprovalList {
    /// Clockify's word for `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::WithdrawnApproval => "WITHDRAWN_APPROVAL",
        }
    }
}

impl Client {
    /// The entries of one user that start within the window, newest first. Clockify shifts the window by
    /// the account's zone, so a wider one is asked for and the rest left out: a page can be empty and yet
    /// not the last.
    pub async fn list_user_entries(
        &self,
        user: &EmployeeId,
        window: Window,
        page: u32,
    ) -> Result<Page<TimeEntry>, ClockifyError> {
        const OPERATION: &str = "list a user's time entries";
        let user = checked(OPERATION, user.as_str())?;
        let mut url = self.in_workspace(&["user", user, "time-entries"]).await?;
        let day = SignedDuration::from_hours(24);
        url.query_pairs_mut()
            .append_pair("start", &to_the_second(window.from - day))
            .append_pair("end", &to_the_second(window.to + day));
        let mut page: Page<TimeEntry> = self
            .page(OPERATION, Kind::Record, url, page, PAGE_SIZE)
            .await?;
        page.rows.retain(|row| {
            let interval = row.time_interval.as_ref();
            window.holds(interval.and_then(|interval| interval.start.as_deref()))
        });
        Ok(page)
    }

    /// One entry.
    pub async fn read_entry(&self, id: &TimeEntryId) -> Result<TimeEntry, ClockifyError> {
        const OPERATION: &str = "read a time entry";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["time-entries", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// All running timers.
    pub async fn list_running_entries(&self, page: u32) -> Result<Page<TimeEntry>, ClockifyError> {
        let url = self
            .in_workspace(&["time-entries", "status", "in-progress"])
            .await?;
        self.page(
            "list running timers",
            Kind::List,
            url,
            page,
            LARGE_PAGE_SIZE,
        )
        .await
    }

    /// The entries of everybody that start within the window, each with the timesheet that holds it. A
    /// Free workspace refuses windows over 31 days. The report is asked for in UTC, because Clockify's
    /// server may have older zone rules.
    pub async fn list_reported_entries(
        &self,
        window: Window,
        page: u32,
    ) -> Result<Page<ReportedEntry>, ClockifyError> {
        let url = self.in_reports(&["reports", "detailed"]).await?;
        let last_moment = window.to - SignedDuration::from_millis(1);
        let body = json!({
            "dateRangeStart": wall_clock(window.from),
            "dateRangeEnd": wall_clock(last_moment),
            "dateRangeType": "ABSOLUTE",
            "timeZone": "UTC",
            "approvalState": "ALL",
            "exportType": "JSON",
            "sortOrder": "DESCENDING",
            "detailedFilter": {
                "page": page,
                "pageSize": LARGE_PAGE_SIZE,
                "sortColumn": "DATE",
                "options": { "totals": "EXCLUDE" },
            },
        });
        let answer: Answer<ReportPage> = self.search("read the detailed report", url, body).await?;
        let mut page: Page<ReportedEntry> =
            Page::new(&answer.body.time_entries, LARGE_PAGE_SIZE, answer.last_page);
        page.rows.retain(|row| {
            let interval = row.time_interval.as_ref();
            window.holds(interval.and_then(|interval| interval.start.as_deref()))
        });
        Ok(page)
    }

    /// Approval requests with all they hold, the last changed first; so many on a page, because pages of
    /// several sizes can be made to overlap.
    pub async fn list_approvals(
        &self,
        list: ApprovalList,
        page: u32,
        page_size: u32,
    ) -> Result<Page<Approval>, ClockifyError> {
        let mut url = self.in_workspace(&["approval-requests"]).await?;
        url.query_pairs_mut()
            .append_pair("status", list.as_str())
            .append_pair("sort-column", "UPDATED_AT")
            .append_pair("sort-order", "DESCENDING");
        self.page(
            "list approval requests",
            Kind::List,
            url,
            page,
            page_size as usize,
        )
        .await
    }
}

/// `2026-03-08T06:00:00Z`: Clockify refuses fractions here.
fn to_the_second(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-03-08T06:00:00.000`, read in the zone that the report is asked for.
fn wall_clock(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

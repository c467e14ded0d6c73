//! Policies, holidays and requests for time off (`clockify.md` §8.1, §8.2).

use jiff::civil::Date;
use serde_json::json;

use super::{Answer, Client, ClockifyError, Kind, PAGE_SIZE, Page, paging};
use crate::{
    clockify::wire::{Holiday, Policy, TimeOffPage, TimeOffRequest},
    domain::ids::{EmployeeId, PolicyId, TimeOffRequestId},
};

/// Which requests are looked for. Whether Clockify compares the dates with the leave or with the day on
/// which it was asked for is not certain: the range should be wide, a year or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeOffSearch {
    pub first_day: Date,
    pub last_day: Date,
    /// Empty: everybody.
    pub users: Vec<EmployeeId>,
}

impl Client {
    /// Policies, archived ones too.
    pub async fn list_policies(&self, page: u32) -> Result<Page<Policy>, ClockifyError> {
        let mut url = self.in_workspace(&["time-off", "policies"]).await?;
        url.query_pairs_mut().append_pair("status", "ALL");
        self.page("list time-off policies", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One policy, looked for in the list.
    pub async fn find_policy(&self, id: &PolicyId) -> Result<Policy, ClockifyError> {
        paging::find("find a time-off policy", id.as_str(), |page| {
            self.list_policies(page)
        })
        .await
    }

    /// Holidays.
    pub async fn list_holidays(&self) -> Result<Page<Holiday>, ClockifyError> {
        let url = self.in_workspace(&["holidays"]).await?;
        self.whole("list holidays", url).await
    }

    /// Requests in every state; withdrawn and deleted ones stand in no list.
    pub async fn search_time_off(
        &self,
        search: &TimeOffSearch,
        page: u32,
    ) -> Result<Page<TimeOffRequest>, ClockifyError> {
        let url = self.in_workspace(&["time-off", "requests"]).await?;
        let body = json!({
            "start": format!("{}T00:00:00.000000Z", search.first_day),
            "end": format!("{}T23:59:59.999999Z", search.last_day),
            "page": page,
            "pageSize": PAGE_SIZE,
            "statuses": ["ALL"],
            "users": search.users,
            "userGroups": [],
        });
        let answer: Answer<TimeOffPage> =
            self.search("search time-off requests", url, body).await?;
        Ok(Page::new(
            &answer.body.requests,
            PAGE_SIZE,
            answer.last_page,
        ))
    }

    /// One request, looked for by the search: Clockify reads none singly.
    pub async fn find_time_off_request(
        &self,
        id: &TimeOffRequestId,
        search: &TimeOffSearch,
    ) -> Result<TimeOffRequest, ClockifyError> {
        paging::find("find a time-off request", id.as_str(), |page| {
            self.search_time_off(search, page)
        })
        .await
    }
}

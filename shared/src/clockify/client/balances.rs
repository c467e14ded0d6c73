//! Time-off balances: read, and changed once (`clockify.md` §8.3).

use reqwest::Method;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;
use url::Url;

use super::{Answer, Call, Client, ClockifyError, Kind, PAGE_SIZE, Page, checked, number_page};
use crate::{
    clockify::wire::{Balance, BalancePage},
    domain::ids::{EmployeeId, PolicyId},
};

/// A change of one person's balance, in the policy's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceChange {
    pub user: EmployeeId,
    /// What Clockify adds, or the new balance: the settings say which of the two it takes this for.
    pub value: NewBalance,
    pub note: String,
}

/// The figure that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct NewBalance(#[serde(with = "rust_decimal::serde::arbitrary_precision")] pub Decimal);

impl Client {
    /// The balances of everybody under one policy.
    pub async fn list_policy_balances(
        &self,
        policy: &PolicyId,
        page: u32,
    ) -> Result<Page<Balance>, ClockifyError> {
        const OPERATION: &str = "list balances of a policy";
        let policy = checked(OPERATION, policy.as_str())?;
        let mut url = self
            .in_workspace(&["time-off", "balance", "policy", policy])
            .await?;
        url.query_pairs_mut()
            .append_pair("sort", "USER")
            .append_pair("sort-order", "ASCENDING");
        self.balances(OPERATION, url, page).await
    }

    /// The balances of one person under all policies.
    pub async fn list_user_balances(
        &self,
        user: &EmployeeId,
        page: u32,
    ) -> Result<Page<Balance>, ClockifyError> {
        const OPERATION: &str = "list balances of a user";
        let user = checked(OPERATION, user.as_str())?;
        let url = self
            .in_workspace(&["time-off", "balance", "user", user])
            .await?;
        self.balances(OPERATION, url, page).await
    }

    async fn balances(
        &self,
        operation: &'static str,
        mut url: Url,
        page: u32,
    ) -> Result<Page<Balance>, ClockifyError> {
        number_page(&mut url, page, PAGE_SIZE);
        let answer: Answer<BalancePage> = self.get(operation, Kind::Record, url).await?;
        Ok(Page::new(
            &answer.body.balances,
            PAGE_SIZE,
            answer.last_page,
        ))
    }

    /// Changes a balance. Sent once and never again by itself: after [`ClockifyError::Unclear`] the
    /// balance must be read before anything else is sent.
    pub async fn change_balance(
        &self,
        policy: &PolicyId,
        change: &BalanceChange,
    ) -> Result<(), ClockifyError> {
        const OPERATION: &str = "change a balance";
        let policy = checked(OPERATION, policy.as_str())?;
        let url = self
            .in_workspace(&["time-off", "balance", "policy", policy])
            .await?;
        self.tell(Call {
            operation: OPERATION,
            kind: Kind::Change,
            method: Method::PATCH,
            url,
            body: Some(json!({
                "userIds": [change.user],
                "value": change.value,
                "note": change.note,
            })),
        })
        .await
    }
}

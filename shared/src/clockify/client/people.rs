//! Workspaces, users, groups and custom fields (`clockify.md` §6).

use super::{Client, ClockifyError, Kind, PAGE_SIZE, Page, address, checked, paging};
use crate::{
    clockify::wire::{CustomFieldDefinition, Group, MemberProfile, User, Workspace},
    domain::ids::{EmployeeId, GroupId},
};

impl Client {
    /// Whose key this is.
    pub async fn read_key_owner(&self) -> Result<User, ClockifyError> {
        let url = address(&self.0.api_url, &["user"])?;
        Ok(self.get("read the key's user", Kind::List, url).await?.body)
    }

    /// The workspaces that the key can see. Says in the log where one may be limited to 30 requests an
    /// hour.
    pub async fn list_workspaces(&self) -> Result<Page<Workspace>, ClockifyError> {
        let url = address(&self.0.api_url, &["workspaces"])?;
        let page: Page<Workspace> = self.whole("list workspaces", url).await?;
        if page
            .rows
            .iter()
            .any(|workspace| workspace.feature_subscription_type.as_deref() == Some("FREE"))
        {
            tracing::warn!(
                "The Clockify workspace is on the Free plan: a new one allows 30 requests an hour, \
                 and its detailed report at most 31 days; syncs will be slow."
            );
        }
        Ok(page)
    }

    /// Users of every membership status.
    pub async fn list_users(&self, page: u32) -> Result<Page<User>, ClockifyError> {
        let mut url = self.in_workspace(&["users"]).await?;
        url.query_pairs_mut()
            .append_pair("status", "ALL")
            .append_pair("memberships", "WORKSPACE")
            .append_pair("include-roles", "false");
        self.page("list users", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One user, looked for in the list: Clockify reads none singly.
    pub async fn find_user(&self, id: &EmployeeId) -> Result<User, ClockifyError> {
        paging::find("find a user", id.as_str(), |page| self.list_users(page)).await
    }

    /// The profile of a member: his custom fields in their third form.
    pub async fn read_member_profile(
        &self,
        id: &EmployeeId,
    ) -> Result<MemberProfile, ClockifyError> {
        const OPERATION: &str = "read a member's profile";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["member-profile", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// User groups with their members.
    pub async fn list_groups(&self, page: u32) -> Result<Page<Group>, ClockifyError> {
        let mut url = self.in_workspace(&["user-groups"]).await?;
        url.query_pairs_mut()
            .append_pair("includeTeamManagers", "true");
        self.page("list user groups", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One group, looked for in the list: Clockify reads none singly.
    pub async fn find_group(&self, id: &GroupId) -> Result<Group, ClockifyError> {
        paging::find("find a user group", id.as_str(), |page| {
            self.list_groups(page)
        })
        .await
    }

    /// The custom fields that the workspace defines, of users and of entries.
    pub async fn list_custom_fields(&self) -> Result<Page<CustomFieldDefinition>, ClockifyError> {
        let url = self.in_workspace(&["custom-fields"]).await?;
        self.whole("list custom fields", url).await
    }
}

//! Users, and the three forms in which their custom fields come.

use serde::Deserialize;
use serde_json::Value;

use super::page::row;
use crate::domain::ids::EmployeeId;

/// A row of the users list, the key's own user, or the body of a USER_* webhook.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: EmployeeId,
    pub email: Option<String>,
    /// Null for an invited person.
    pub name: Option<String>,
    /// On the users list the membership's: ACTIVE, INACTIVE, PENDING. Absent in webhooks.
    pub status: Option<String>,
    pub settings: Option<UserSettings>,
    pub memberships: Option<Vec<Membership>>,
    /// In the API.
    pub custom_fields: Option<Vec<CustomField>>,
    /// The same in webhooks; absent when there are none.
    pub user_custom_fields: Option<Vec<CustomField>>,
    pub default_workspace: Option<String>,
}
row!(User, "user");

/// What a person set for himself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserSettings {
    /// An IANA name; may be out of date.
    pub time_zone: Option<String>,
}

/// A person's place in a workspace or project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    pub target_id: Option<String>,
    pub membership_type: Option<String>,
    pub membership_status: Option<String>,
}

/// The value of a custom field of a person.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    #[serde(rename = "customFieldName")]
    name_in_api: Option<String>,
    /// The same in webhooks and profiles.
    name: Option<String>,
    /// Text, number, bool, a list of texts, or null.
    pub value: Option<Value>,
}

impl CustomField {
    /// The field's name, however it is written.
    pub fn name(&self) -> Option<&str> {
        self.name_in_api.as_deref().or(self.name.as_deref())
    }
}

/// The profile of one member, the third form of the custom fields. It has neither id nor status.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberProfile {
    pub name: Option<String>,
    pub email: Option<String>,
    pub user_custom_field_values: Option<Vec<CustomField>>,
}

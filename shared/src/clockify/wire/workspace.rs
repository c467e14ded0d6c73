//! The workspace and the custom fields that it defines.

use serde::Deserialize;

use super::page::row;
use crate::domain::ids::WorkspaceId;

/// A workspace that the key can see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: Option<String>,
    /// The plan, such as `PRO_YEAR_2021`; new `FREE` ones may be limited to 30 requests an hour.
    pub feature_subscription_type: Option<String>,
}
row!(Workspace, "workspace");

/// A custom field as the workspace defines it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomFieldDefinition {
    pub id: String,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// USER or TIMEENTRY.
    pub entity_type: Option<String>,
}
row!(CustomFieldDefinition, "custom field");

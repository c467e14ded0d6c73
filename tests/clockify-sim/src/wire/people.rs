//! Users and their custom fields, which the API, the webhooks and the member profile each name
//! differently (clockify.md §6).

use serde_json::{Map, Value, json};

use super::rate;
use crate::{
    company::{
        people::{CustomField, FIELD_NAMES, Person, field_id},
        work::workspace_id,
    },
    id::Id,
    world::World,
};

const PICTURE: &str = "https://img.example.com/no-user-image.png";

/// The settings of an account; null for an invitation that nobody has taken up.
fn settings(person: &Person) -> Value {
    if person.name.is_none() {
        return Value::Null;
    }
    json!({
        "weekStart": "SUNDAY",
        "timeZone": person.zone,
        "timeFormat": "HOUR12",
        "dateFormat": "MM/DD/YYYY",
        "sendNewsletter": false,
        "weeklyUpdates": false,
        "longRunning": false,
        "scheduledReports": true,
        "approval": true,
        "pto": true,
        "alerts": true,
        "reminders": true,
        "onboarding": true,
        "timeTrackingManual": false,
        "summaryReportSettings": {"group": "Project", "subgroup": "Time Entry"},
        "isCompactViewOn": false,
        "dashboardSelection": "ME",
        "dashboardViewType": "PROJECT",
        "dashboardPinToTop": false,
        "projectListCollapse": 50,
        "collapseAllProjectLists": false,
        "groupSimilarEntriesDisabled": false,
        "myStartOfDay": "08:00",
        "darkTheme": false,
        "projectPickerSpecialFilter": false,
        "lang": "EN",
        "multiFactorEnabled": false,
        "scheduling": true,
        "showOnlyWorkingDays": false,
        "theme": "DEFAULT",
    })
}

fn membership(person: &Person) -> Value {
    json!({
        "userId": person.id,
        "hourlyRate": rate(person.rate),
        "costRate": rate(person.cost_rate),
        "targetId": workspace_id(),
        "membershipType": "WORKSPACE",
        "membershipStatus": person.membership.text(),
    })
}

fn field_of(id: Id) -> (&'static str, &'static str) {
    (0..FIELD_NAMES.len())
        .find(|&index| field_id(index) == id)
        .map_or(("", ""), |index| {
            (FIELD_NAMES[index].0, FIELD_NAMES[index].1)
        })
}

/// A row of the users list; `GET /user` is the same with `memberships` left empty.
pub(crate) fn row(person: &Person, with_memberships: bool) -> Value {
    let fields: Vec<Value> = person
        .fields
        .iter()
        .map(|(id, value)| {
            let (name, kind) = field_of(*id);
            json!({
                "customFieldId": id,
                "customFieldName": name,
                "customFieldType": kind,
                "userId": person.id,
                "value": value,
            })
        })
        .collect();
    json!({
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "memberships": if with_memberships { vec![membership(person)] } else { Vec::new() },
        "profilePicture": PICTURE,
        "activeWorkspace": workspace_id(),
        "defaultWorkspace": workspace_id(),
        "settings": settings(person),
        "status": person.membership.text(),
        "customFields": fields,
    })
}

/// The body of USER_JOINED, UPDATED, ACTIVATED and DEACTIVATED: no workspace, no status, and
/// `userCustomFields` only where there are any.
pub(crate) fn webhook_body(person: &Person) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(person.id));
    body.insert("email".to_owned(), json!(person.email));
    body.insert("name".to_owned(), json!(person.name));
    body.insert("profilePicture".to_owned(), json!(PICTURE));
    body.insert("settings".to_owned(), settings(person));
    if !person.fields.is_empty() {
        let fields: Vec<Value> = person
            .fields
            .iter()
            .map(|(id, value)| {
                let (name, kind) = field_of(*id);
                json!({"customFieldId": id, "value": value, "name": name, "type": kind})
            })
            .collect();
        body.insert("userCustomFields".to_owned(), json!(fields));
    }
    Value::Object(body)
}

pub(crate) fn member_profile(person: &Person, has_pending: bool) -> Value {
    let fields: Vec<Value> = person
        .fields
        .iter()
        .map(|(id, value)| {
            let (name, kind) = field_of(*id);
            json!({
                "customFieldId": id,
                "userId": person.id,
                "value": value,
                "name": name,
                "type": kind,
                "sourceType": "USER",
                "customField": null,
            })
        })
        .collect();
    json!({
        "name": person.name,
        "email": person.email,
        "imageUrl": PICTURE,
        "hasPassword": true,
        "hasPendingApprovalRequest": has_pending,
        "weekStart": "SUNDAY",
        "workCapacity": "PT8H",
        "workingDays": "[\"MONDAY\",\"TUESDAY\",\"WEDNESDAY\",\"THURSDAY\",\"FRIDAY\"]",
        "workspaceNumber": 1,
        "userCustomFieldValues": fields,
    })
}

/// The definition of a custom field.
pub(crate) fn custom_field(field: &CustomField) -> Value {
    json!({
        "id": field.id,
        "name": field.name,
        "description": "",
        "placeholder": "",
        "workspaceId": workspace_id(),
        "type": field.kind,
        "entityType": if field.of_people { "USER" } else { "TIMEENTRY" },
        "status": "VISIBLE",
        "allowedValues": field.allowed,
        "required": false,
        "onlyAdminCanEdit": field.of_people,
        "workspaceDefaultValue": null,
        "projectDefaultValues": [],
    })
}

pub(crate) fn workspace(world: &World) -> Value {
    json!({
        "id": workspace_id(),
        "name": "Larkspur Field Services (synthetic)",
        "hourlyRate": {"amount": 0, "currency": "CAD"},
        "costRate": null,
        "memberships": world
            .people
            .iter()
            .filter(|person| !person.removed)
            .map(membership)
            .collect::<Vec<_>>(),
        "workspaceSettings": {
            "timeRoundingInReports": false,
            "onlyAdminsSeeBillableRates": true,
            "onlyAdminsCreateProject": true,
            "onlyAdminsSeeDashboard": false,
            "defaultBillableProjects": true,
            "lockTimeEntries": "2026-02-28T07:00:00Z",
            "lockTimeZone": crate::company::COMPANY_ZONE,
            "round": {"round": "Round to nearest", "minutes": "15"},
            "projectFavorites": true,
            "canSeeTimeSheet": false,
            "canSeeTracker": true,
            "projectPickerSpecialFilter": false,
            "forceProjects": false,
            "forceTasks": false,
            "forceTags": false,
            "forceDescription": false,
            "onlyAdminsSeeAllTimeEntries": false,
            "onlyAdminsSeePublicProjectsEntries": false,
            "trackTimeDownToSecond": true,
            "projectGroupingLabel": "client",
            "adminOnlyPages": [],
            "automaticLock": null,
            "onlyAdminsCreateTag": true,
            "onlyAdminsCreateTask": false,
            "timeTrackingMode": "DEFAULT",
            "multiFactorEnabled": false,
            "numberFormat": "COMMA_PERIOD",
            "currencyFormat": "CURRENCY_SPACE_VALUE",
            "durationFormat": "FULL",
            "isProjectPublicByDefault": true,
        },
        "imageUrl": "",
        "featureSubscriptionType": "PRO_YEAR_2021",
        "features": [
            "ADD_TIME_FOR_OTHERS", "APPROVAL", "CUSTOM_FIELDS", "EXPENSES", "TIME_OFF", "WEBHOOKS",
            "USER_CUSTOM_FIELDS",
        ],
        "currencies": [
            {"id": super::work::currency_id("CAD"), "code": "CAD", "isDefault": true},
            {"id": super::work::currency_id("USD"), "code": "USD", "isDefault": false},
        ],
        "subdomain": {"name": null, "enabled": false},
        "cakeOrganizationId": null,
    })
}

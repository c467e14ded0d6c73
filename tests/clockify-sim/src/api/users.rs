//! The caller, the workspace, its users, groups and custom fields.

use serde_json::Value;

use super::{
    DEFAULT_PAGE, LARGEST_PAGE,
    call::{Answer, ApiError, Call, Reply},
};
use crate::{
    company::people::Membership,
    wire::{people, work},
    world::{GroupChange, Refusal, World},
};

pub(super) fn get_user(world: &mut World, _call: &Call) -> Answer {
    Ok(Reply::ok(people::row(&world.people[0], false)))
}

pub(super) fn list_workspaces(world: &mut World, _call: &Call) -> Answer {
    Ok(Reply::ok(Value::Array(vec![people::workspace(world)])))
}

pub(super) fn get_workspace(world: &mut World, _call: &Call) -> Answer {
    Ok(Reply::ok(people::workspace(world)))
}

pub(super) fn list_users(world: &mut World, call: &Call) -> Answer {
    if call.query("include-roles").is_none() {
        return Err(ApiError::new(
            400,
            3001,
            "Required request parameter 'include-roles' is not present",
        ));
    }
    let status = match call.query("status").unwrap_or("ALL") {
        "ALL" => None,
        "ACTIVE" => Some(Membership::Active),
        "INACTIVE" => Some(Membership::Inactive),
        "PENDING" => Some(Membership::Pending),
        other => {
            return Err(ApiError::unreadable(format!("{other:?} is not a status")));
        }
    };
    let with_memberships = matches!(call.query("memberships"), Some("ALL" | "WORKSPACE"));
    let page = call.page(DEFAULT_PAGE, LARGEST_PAGE)?;
    let mut rows: Vec<_> = world
        .people
        .iter()
        .filter(|person| !person.removed)
        .filter(|person| status.is_none_or(|status| person.membership == status))
        .filter(|person| {
            call.query("email")
                .is_none_or(|email| person.email.contains(email))
        })
        .collect();
    rows.sort_by(|a, b| (&a.email, a.id).cmp(&(&b.email, b.id)));
    let (rows, last) = page.of(&rows);
    let rows = rows
        .iter()
        .map(|person| people::row(person, with_memberships))
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

pub(super) fn get_member_profile(world: &mut World, call: &Call) -> Answer {
    let user = call.id("user", "User")?;
    let index = world.person_with(user).ok_or(Refusal::Gone("User"))?;
    let has_pending = world.has_pending_sheet(index);
    Ok(Reply::ok(people::member_profile(
        &world.people[index],
        has_pending,
    )))
}

pub(super) fn list_groups(world: &mut World, call: &Call) -> Answer {
    let page = call.page(DEFAULT_PAGE, LARGEST_PAGE)?;
    let mut rows: Vec<_> = world.groups.values().collect();
    rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let (rows, last) = page.of(&rows);
    let managers_wanted = call.flag("includeTeamManagers")?.unwrap_or(false);
    let rows = rows
        .iter()
        .map(|group| {
            let mut row = work::group(world, group);
            if !managers_wanted && let Some(row) = row.as_object_mut() {
                row.insert("teamManagers".to_owned(), Value::Array(Vec::new()));
            }
            row
        })
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

/// Groups can be renamed and deleted by id, but not read.
pub(super) fn update_group(world: &mut World, call: &Call) -> Answer {
    let id = call.id("group", "User group")?;
    let name = call.json()?["name"].as_str().map(str::to_owned);
    let change = GroupChange {
        name,
        members: None,
    };
    world.edit_group(id, change)?;
    let group = world.groups.get(&id).ok_or(Refusal::Gone("User group"))?;
    Ok(Reply::ok(work::group(world, group)))
}

pub(super) fn delete_group(world: &mut World, call: &Call) -> Answer {
    let id = call.id("group", "User group")?;
    let group = world.groups.get(&id).ok_or(Refusal::Gone("User group"))?;
    let row = work::group(world, group);
    world.delete_group(id)?;
    Ok(Reply::ok(row))
}

/// Not paginated.
pub(super) fn list_custom_fields(world: &mut World, _call: &Call) -> Answer {
    let rows = world
        .company
        .fields
        .iter()
        .map(people::custom_field)
        .collect();
    Ok(Reply::ok(Value::Array(rows)))
}

//! Policies, holidays, time-off requests and balances.

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use super::{
    DEFAULT_PAGE,
    call::{Answer, ApiError, Call, Page, Reply},
};
use crate::{
    company::leave::{LeaveState, Policy},
    switches::TimeOffWindow,
    wire::{time_off, to_hundredths},
    world::{Refusal, TimeOffRequest, World},
};

/// Not paginated.
pub(super) fn list_holidays(world: &mut World, _call: &Call) -> Answer {
    let rows = world
        .company
        .holidays
        .iter()
        .map(|holiday| time_off::holiday(world, holiday))
        .collect();
    Ok(Reply::ok(Value::Array(rows)))
}

fn date_of(call: &Call, name: &str) -> Result<Date, ApiError> {
    let text = call.query(name).ok_or_else(|| {
        ApiError::new(
            400,
            3001,
            format!("Required request parameter '{name}' is not present"),
        )
    })?;
    text.get(..10)
        .and_then(|date| date.parse().ok())
        .ok_or_else(|| ApiError::unreadable(format!("{text:?} is not a date")))
}

pub(super) fn list_holidays_in_period(world: &mut World, call: &Call) -> Answer {
    let (first, last) = (date_of(call, "start")?, date_of(call, "end")?);
    let user = call.query("assigned-to").ok_or_else(|| {
        ApiError::new(
            400,
            3001,
            "Required request parameter 'assigned-to' is not present",
        )
    })?;
    let rows = world
        .company
        .holidays
        .iter()
        .filter(|holiday| {
            holiday.group.is_none_or(|group| {
                world.groups.get(&group).is_some_and(|group| {
                    group
                        .members
                        .iter()
                        .any(|member| member.to_string() == user)
                })
            })
        })
        .filter(|holiday| {
            first
                .series(jiff::Span::new().days(1))
                .take_while(|day| *day <= last)
                .any(|day| holiday.covers(day))
        })
        .map(|holiday| time_off::holiday(world, holiday))
        .collect();
    Ok(Reply::ok(Value::Array(rows)))
}

pub(super) fn list_policies(world: &mut World, call: &Call) -> Answer {
    let archived = match call.query("status").unwrap_or("ACTIVE") {
        "ALL" => None,
        "ACTIVE" => Some(false),
        "ARCHIVED" => Some(true),
        other => return Err(ApiError::unreadable(format!("{other:?} is not a status"))),
    };
    let rows: Vec<&Policy> = world
        .company
        .policies
        .iter()
        .filter(|policy| archived.is_none_or(|archived| policy.archived == archived))
        .filter(|policy| {
            call.query("name")
                .is_none_or(|name| policy.name.contains(name))
        })
        .collect();
    let (rows, last) = call.page(DEFAULT_PAGE, 200)?.of(&rows);
    let rows = rows
        .iter()
        .map(|policy| time_off::policy(world, policy))
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

fn moment(body: &Value, name: &str) -> Result<Option<i64>, ApiError> {
    body[name]
        .as_str()
        .map(|text| {
            text.parse()
                .map(Timestamp::as_second)
                .map_err(|_| ApiError::unreadable(format!("{name} {text:?} is not an instant")))
        })
        .transpose()
}

fn strings(body: &Value, name: &str) -> Vec<String> {
    body[name]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// A search by POST. The size of its pages is `pageSize`; `page-size` means nothing to it, and so
/// gives fifty rows (clockify.md §10).
pub(super) fn search_requests(world: &mut World, call: &Call) -> Answer {
    let body = call.json()?;
    let number = |name: &str, default: u64| {
        usize::try_from(body[name].as_u64().unwrap_or(default)).unwrap_or(usize::MAX)
    };
    let page = Page::new(number("page", 1), number("pageSize", 50), 200, call.shifted)?;
    let mut states = Vec::new();
    for status in strings(&body, "statuses") {
        match status.as_str() {
            "PENDING" => states.push(LeaveState::Pending),
            "APPROVED" => states.push(LeaveState::Approved),
            "REJECTED" => states.push(LeaveState::Rejected),
            "ALL" => states.extend([
                LeaveState::Pending,
                LeaveState::Approved,
                LeaveState::Rejected,
            ]),
            other => return Err(ApiError::unreadable(format!("{other:?} is not a status"))),
        }
    }
    let (from, to) = (moment(&body, "start")?, moment(&body, "end")?);
    let users = strings(&body, "users");
    let groups = strings(&body, "userGroups");
    let window = world.switches.time_off_window;
    let wanted = |request: &TimeOffRequest| {
        let person = &world.people[request.person];
        let (starts, ends) = match window {
            TimeOffWindow::Leave => request.period(&person.zone),
            TimeOffWindow::Creation => (request.created_at, request.created_at),
        };
        let in_groups = groups.is_empty()
            || world.groups.values().any(|group| {
                groups.contains(&group.id.to_string()) && group.members.contains(&person.id)
            });
        (states.is_empty() || states.contains(&request.state))
            && from.is_none_or(|from| ends >= from)
            && to.is_none_or(|to| starts <= to)
            && (users.is_empty() || users.contains(&person.id.to_string()))
            && in_groups
    };
    let mut rows: Vec<&TimeOffRequest> = world
        .requests()
        .filter(|request| !world.people[request.person].removed && wanted(request))
        .collect();
    rows.sort_by_key(|request| std::cmp::Reverse((request.created_at, request.id)));
    let (shown, last) = page.of(&rows);
    let requests: Vec<Value> = shown
        .iter()
        .map(|request| time_off::request_row(world, request))
        .collect();
    Ok(Reply::page(
        json!({"count": rows.len(), "requests": requests}),
        last,
    ))
}

pub(super) fn decide_request(world: &mut World, call: &Call) -> Answer {
    let id = call.id("request", "Time off request")?;
    let body = call.json()?;
    let state = match body["status"].as_str() {
        Some("APPROVED") => LeaveState::Approved,
        Some("REJECTED") => LeaveState::Rejected,
        _ => {
            return Err(ApiError::unreadable("status must be APPROVED or REJECTED"));
        }
    };
    let note = body["note"].as_str().map(str::to_owned);
    world.decide_time_off(id, state, note)?;
    let request = world.request(id).ok_or(Refusal::Gone("Time off request"))?;
    Ok(Reply::ok(time_off::webhook_body(world, request)))
}

/// Only while it is pending (clockify.md §8.1).
pub(super) fn delete_request(world: &mut World, call: &Call) -> Answer {
    let id = call.id("request", "Time off request")?;
    let request = world.request(id).ok_or(Refusal::Gone("Time off request"))?;
    if request.state != LeaveState::Pending {
        return Err(ApiError::new(
            400,
            501,
            "Only pending time off requests can be deleted",
        ));
    }
    let row = time_off::webhook_body(world, request);
    world.withdraw_time_off(id)?;
    Ok(Reply::ok(row))
}

fn policy<'a>(world: &'a World, call: &Call) -> Result<&'a Policy, ApiError> {
    let id = call.id("policy", "Policy")?;
    Ok(world.policy(id).ok_or(Refusal::Gone("Policy"))?)
}

fn has_balance(world: &World, person: usize) -> bool {
    let person = &world.people[person];
    !person.removed && person.name.is_some()
}

pub(super) fn list_policy_balances(world: &mut World, call: &Call) -> Answer {
    let policy = policy(world, call)?;
    let page = call.page(DEFAULT_PAGE, 200)?;
    let mut rows: Vec<usize> = (0..world.people.len())
        .filter(|person| has_balance(world, *person))
        .collect();
    let descending = call.query("sort-order") == Some("DESCENDING");
    match call.query("sort").unwrap_or("USER") {
        "USER" | "POLICY" => {
            rows.sort_by_key(|person| world.people[*person].shown_name().to_owned());
        }
        "USED" => rows.sort_by_key(|person| world.standing(*person, policy.id).used),
        "BALANCE" => rows.sort_by_key(|person| world.standing(*person, policy.id).balance()),
        "TOTAL" => rows.sort_by_key(|person| world.standing(*person, policy.id).total),
        other => return Err(ApiError::unreadable(format!("{other:?} is not a sort"))),
    }
    if descending {
        rows.reverse();
    }
    let (shown, last) = page.of(&rows);
    let balances: Vec<Value> = shown
        .iter()
        .map(|person| time_off::balance(world, *person, policy))
        .collect();
    Ok(Reply::page(
        json!({"count": rows.len(), "balances": balances}),
        last,
    ))
}

pub(super) fn list_user_balances(world: &mut World, call: &Call) -> Answer {
    let user = call.id("user", "User")?;
    let person = world.person_with(user).ok_or(Refusal::Gone("User"))?;
    let (shown, last) = call.page(DEFAULT_PAGE, 200)?.of(&world.company.policies);
    let balances: Vec<Value> = shown
        .iter()
        .map(|policy| time_off::balance(world, person, policy))
        .collect();
    Ok(Reply::page(
        json!({"count": world.company.policies.len(), "balances": balances}),
        last,
    ))
}

/// 204 without a body; what `value` means is a switch.
pub(super) fn patch_balances(world: &mut World, call: &Call) -> Answer {
    const MOST: i64 = 10_000 * 100;
    let policy = policy(world, call)?.id;
    let body = call.json()?;
    let value = to_hundredths(&body["value"])
        .filter(|value| (-MOST..=MOST).contains(value))
        .ok_or_else(|| ApiError::unreadable("value must be a number between -10000 and 10000"))?;
    let users = strings(&body, "userIds");
    if users.is_empty() {
        return Err(ApiError::unreadable("userIds must not be empty"));
    }
    let note = body["note"].as_str().unwrap_or_default().to_owned();
    let people = users
        .iter()
        .map(|user| {
            user.parse()
                .ok()
                .and_then(|id| world.person_with(id))
                .ok_or_else(|| ApiError::from(Refusal::Gone("User")))
        })
        .collect::<Result<Vec<usize>, _>>()?;
    for person in people {
        world.patch_balance(person, policy, value, &note);
    }
    Ok(Reply::no_content())
}

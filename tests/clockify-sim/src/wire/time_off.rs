//! Policies, holidays, time-off requests and balances (clockify.md §8).

use serde_json::{Value, json};

use super::hundredths;
use crate::{
    calendar::instant_text,
    company::{
        leave::{DayPart, Holiday, Policy, Unit},
        people::Person,
        work::workspace_id,
    },
    id::{Id, Kind},
    world::{TimeOffRequest, World},
};

pub(crate) fn policy(world: &World, policy: &Policy) -> Value {
    let internal = world.company.projects.last().map(|project| project.id);
    let project = internal.filter(|_| policy.makes_entries);
    json!({
        "id": policy.id,
        "workspaceId": workspace_id(),
        "name": policy.name,
        "timeUnit": policy.unit.text(),
        "archived": policy.archived,
        "allowHalfDay": policy.half_days,
        "allowNegativeBalance": policy.may_owe.is_some(),
        "negativeBalance": policy.may_owe.map(|hours| json!({
            "amount": hundredths(hours * 100),
            "period": "YEAR",
            "shouldReset": true,
            "timeUnit": policy.unit.text(),
        })),
        "approve": {
            "requiresApproval": true,
            "specificMembers": true,
            "teamManagers": false,
            "userIds": [world.people[0].id],
        },
        "automaticAccrual": null,
        "automaticTimeEntryCreation": project.map(|project| json!({
            "enabled": true,
            "defaultEntities": {"projectId": project, "taskId": null},
        })),
        "everyoneIncludingNew": !policy.archived,
        "projectId": project,
        "userIds": [],
        "userGroupIds": [],
    })
}

pub(crate) fn holiday(world: &World, holiday: &Holiday) -> Value {
    let internal = world.company.projects.last().map(|project| project.id);
    json!({
        "id": holiday.id,
        "workspaceId": workspace_id(),
        "name": holiday.name,
        "datePeriod": {
            "startDate": holiday.first.to_string(),
            "endDate": holiday.last.to_string(),
        },
        "userIds": [],
        "userGroupIds": holiday.group.into_iter().collect::<Vec<Id>>(),
        "everyoneIncludingNew": holiday.group.is_none(),
        "occursAnnually": holiday.yearly,
        "automaticTimeEntryCreation": holiday.makes_entries,
        "projectId": internal.filter(|_| holiday.makes_entries),
        "taskId": null,
    })
}

/// Instants of time off carry none to nine fraction digits (clockify.md §3); how many depends on
/// the record, so that every form is met.
fn loose_instant(seconds: i64, id: Id) -> String {
    let fraction = match id.number() % 4 {
        0 => "",
        1 => ".5",
        2 => ".640708",
        _ => ".562570839",
    };
    instant_text(seconds).replace('Z', &format!("{fraction}Z"))
}

fn period(world: &World, request: &TimeOffRequest) -> Value {
    let (start, end) = request.period(&world.people[request.person].zone);
    // The end is written with and without milliseconds.
    let end = if request.id.number().is_multiple_of(3) {
        instant_text(end)
    } else {
        instant_text(end).replace('Z', ".999Z")
    };
    let (half, name) = match request.part {
        DayPart::Whole => (None, "NOT_DEFINED"),
        DayPart::FirstHalf => (Some((start, start + 4 * 3600)), "FIRST_HALF"),
        DayPart::SecondHalf => (Some((start, start + 4 * 3600)), "SECOND_HALF"),
    };
    json!({
        "period": {"start": instant_text(start), "end": end},
        "halfDay": half.is_some(),
        "halfDayPeriod": name,
        "halfDayHours": half.map(|(start, end)| {
            json!({"start": instant_text(start), "end": instant_text(end)})
        }),
    })
}

fn status(world: &World, request: &TimeOffRequest) -> Value {
    let decided = request.decided.as_ref();
    let by = decided.map(|decision| &world.people[decision.by]);
    json!({
        "statusType": request.state.text(),
        "changedByUserId": by.map(|person| person.id),
        "changedByUserName": by.map(Person::shown_name),
        "changedForUserName": by.map(|_| world.people[request.person].shown_name()),
        "changedAt": decided.map(|decision| loose_instant(decision.at, request.id)),
        "note": decided.and_then(|decision| decision.note.clone()),
    })
}

/// A row of the search.
pub(crate) fn request_row(world: &World, request: &TimeOffRequest) -> Value {
    let person = &world.people[request.person];
    let policy = world.policy(request.policy);
    let balance = world.standing(request.person, request.policy).balance();
    json!({
        "id": request.id,
        "workspaceId": workspace_id(),
        "policyId": request.policy,
        "policyName": policy.map_or("", |policy| policy.name),
        "userId": person.id,
        "userName": person.shown_name(),
        "userEmail": person.email,
        "userTimeZone": person.zone,
        "requesterUserId": person.id,
        "requesterUserName": person.shown_name(),
        "timeUnit": policy.map_or(Unit::Days, |policy| policy.unit).text(),
        "timeOffPeriod": period(world, request),
        "status": status(world, request),
        "note": request.note,
        "balance": hundredths(balance),
        "balanceDiff": hundredths(request.taken),
        "createdAt": loose_instant(request.created_at, request.id),
    })
}

/// The body of time-off events.
pub(crate) fn webhook_body(world: &World, request: &TimeOffRequest) -> Value {
    let person = &world.people[request.person];
    let balance = world.standing(request.person, request.policy).balance();
    json!({
        "id": request.id,
        "userId": person.id,
        "workspaceId": workspace_id(),
        "policyId": request.policy,
        "timeZone": person.zone,
        "halfDay": request.part != DayPart::Whole,
        "timeOffPeriod": period(world, request),
        "note": request.note,
        "status": status(world, request),
        "balanceDiff": hundredths(request.taken),
        "createdAt": loose_instant(request.created_at, request.id),
        "requesterUserId": person.id,
        "excludeDays": request
            .excluded_days
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        "negativeBalanceUsed": 0,
        "balanceValueAtRequest": hundredths(balance),
        "recipients": [world.people[0].id],
    })
}

/// A row of the balances.
pub(crate) fn balance(world: &World, person: usize, policy: &Policy) -> Value {
    let standing = world.standing(person, policy.id);
    let owed = policy.may_owe.unwrap_or(0) * 100;
    let place = policy.id.number() << 24 | person as u64;
    json!({
        "id": Id::new(Kind::Balance, 0x6542_772c, place),
        "workspaceId": workspace_id(),
        "userId": world.people[person].id,
        "userName": world.people[person].shown_name(),
        "policyId": policy.id,
        "policyName": policy.name,
        "policyTimeUnit": policy.unit.text(),
        "policyArchived": policy.archived,
        "balance": hundredths(standing.balance()),
        "used": hundredths(standing.used),
        "total": hundredths(standing.total),
        "negativeBalanceAmount": hundredths(owed),
        "negativeBalanceLimit": policy.may_owe.is_some(),
        "negativeBalanceUsed": hundredths((-standing.balance()).clamp(0, owed)),
    })
}

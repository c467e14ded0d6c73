//! Every answer and every webhook has the shape of the fixture for it: the same keys, the same JSON
//! types, null only where a fixture or clockify.md allows it.

use std::collections::BTreeSet;

use crate::support::{
    Api, config, fixture, fixture_names, history, id,
    receiver::{Received, Receiver},
    shape::Shape,
};
use clockify_sim::{Command, events};
use serde_json::{Value, json};

fn learnt(names: &[&str]) -> Shape {
    let mut shape = Shape::default();
    for name in names {
        shape.learn(&fixture(&format!("api/{name}.json")));
    }
    shape
}

/// Places where clockify.md allows what no fixture shows.
const ALLOWED: [&str; 9] = [
    // §6: the value of a custom field is of any type, or null.
    ".value",
    // §3, §4.1: rates are {amount, currency} or null.
    ".hourlyRate",
    ".costRate",
    // §8.1: not every policy accrues by itself.
    ".automaticAccrual",
    // §7: null in real data.
    ".expenses[].category",
    ".expenses[].project",
    ".expenses[].notes",
    ".expenses[].fileId",
    ".expenses[].fileName",
];

fn assert_same(what: &str, shape: &Shape, value: &Value) {
    let differences = shape.differences(value, &ALLOWED);
    assert!(differences.is_empty(), "{what}:\n{differences:#?}");
}

#[tokio::test]
async fn every_list_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let user = format!("{}/user", api.simulator.api_url());
    let workspaces = format!("{}/workspaces", api.simulator.api_url());
    let person = id(&api.json(&user).await).to_owned();
    let project = id(&api.json("/projects").await[3]).to_owned();
    let policies = api.json("/time-off/policies").await;
    let (vacation, banked) = (id(&policies[0]), id(&policies[2]));
    let cases: &[(&str, &[&str])] = &[
        (&user, &["user", "users"]),
        (&workspaces, &["workspaces"]),
        (
            "/users?status=ALL&memberships=WORKSPACE&include-roles=false&page-size=200",
            &["users"],
        ),
        ("/user-groups?includeTeamManagers=true", &["user-groups"]),
        ("/clients?page-size=200", &["clients"]),
        ("/projects?page-size=200", &["projects"]),
        ("/tags", &["tags"]),
        ("/custom-fields", &["custom-fields"]),
        (
            &format!("/projects/{project}/tasks"),
            &["tasks.ridge", "tasks.fitup", "tasks.legacy"],
        ),
        (
            &format!("/user/{person}/time-entries?page-size=200"),
            &[
                "time-entries.avery",
                "time-entries.jordan",
                "time-entries.zoe",
                "time-entries.morgan",
                "time-entries.priya",
            ],
        ),
        (
            "/time-entries/status/in-progress",
            &["time-entries.in-progress"],
        ),
        (
            "/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING",
            &["approval-requests.pending", "approval-requests.approved"],
        ),
        (
            "/approval-requests?status=APPROVED&sort-column=UPDATED_AT&page-size=200",
            &["approval-requests.pending", "approval-requests.approved"],
        ),
        (
            "/approval-requests?status=WITHDRAWN_APPROVAL",
            &["approval-requests.withdrawn-approval"],
        ),
        ("/expenses?page-size=200", &["expenses"]),
        ("/expenses/categories", &["expense-categories"]),
        (
            "/expenses/categories?archived=true",
            &["expense-categories.archived"],
        ),
        ("/holidays", &["holidays"]),
        (
            &format!("/holidays/in-period?assigned-to={person}&start=2026-10-01&end=2026-10-31"),
            &["holidays.in-period", "holidays"],
        ),
        ("/time-off/policies?status=ALL", &["time-off-policies"]),
        (
            &format!("/time-off/balance/policy/{banked}?page-size=200"),
            &["balances.policy-banked"],
        ),
        (
            &format!("/time-off/balance/policy/{vacation}?page-size=200"),
            &["balances.policy-vacation"],
        ),
        (
            &format!("/time-off/balance/user/{person}"),
            &["balances.user-jordan"],
        ),
        (
            &format!("/member-profile/{person}"),
            &["member-profile.jordan"],
        ),
    ];
    for (path, names) in cases {
        let value = api.json(path).await;
        let rows = value.as_array().map_or(1, Vec::len);
        assert!(rows > 0, "{path} is empty");
        assert_same(path, &learnt(names), &value);
    }
    // §4.1: an entry may be without project, task and tags.
    let mut hydrated = learnt(&["time-entries.jordan.hydrated"]);
    let mut bare = fixture("api/time-entries.jordan.hydrated.json")[0].clone();
    for key in ["projectId", "taskId", "tagIds", "project", "task"] {
        bare[key] = Value::Null;
    }
    hydrated.learn(&json!([bare]));
    let rows = api
        .json(&format!(
            "/user/{person}/time-entries?hydrated=true&page-size=200"
        ))
        .await;
    assert_same("hydrated", &hydrated, &rows);
}

#[tokio::test]
async fn every_search_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let requests = api
        .post(
            "/time-off/requests",
            &fixture("api/request-bodies/time-off-requests.search.json"),
        )
        .await;
    assert!(requests["count"].as_u64().unwrap() > 20);
    assert_same("time off", &learnt(&["time-off-requests"]), &requests);

    let mut question = fixture("api/request-bodies/report.detailed.json");
    question["dateRangeStart"] = "2026-10-25T00:00:00.000".into();
    question["dateRangeEnd"] = "2026-10-31T23:59:59.999".into();
    for (zone, name) in [("America/Edmonton", "edmonton"), ("UTC", "utc")] {
        question["timeZone"] = zone.into();
        let report = api.post(&api.reports(), &question).await;
        assert!(report["timeentries"].as_array().unwrap().len() > 100);
        assert_same(name, &learnt(&["report.detailed.edmonton"]), &report);
        let start = report["timeentries"][0]["timeInterval"]["start"]
            .as_str()
            .unwrap();
        assert_eq!(start.ends_with('Z'), zone == "UTC", "{start}");
    }
}

#[tokio::test]
async fn every_single_record_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let user = api.json(&format!("{}/user", api.simulator.api_url())).await;
    let entries = api.json(&format!("/user/{}/time-entries", id(&user))).await;
    let expenses = api.json("/expenses").await;
    let mut expense = learnt(&["expense.single"]);
    // §7: notes, file, project and category may be null.
    expense.learn(&json!({
        "id": "", "workspaceId": "", "userId": "", "date": "", "projectId": null, "taskId": null,
        "categoryId": null, "notes": null, "quantity": 1, "billable": true, "fileId": null,
        "total": 1, "locked": false,
    }));
    for row in entries.as_array().unwrap().iter().take(20) {
        let single = api.json(&format!("/time-entries/{}", id(row))).await;
        assert_eq!(single, *row, "the list and the single read agree");
    }
    for row in expenses["expenses"]["expenses"]
        .as_array()
        .unwrap()
        .iter()
        .take(30)
    {
        let path = format!("/expenses/{}", id(row));
        assert_same(&path, &expense, &api.json(&path).await);
    }
}

/// Everything that a fixture shows of an event, and of those which have the same body. What comes
/// from the samples of 2020 and 2021 is left out, the simulator speaks as Clockify does today; and
/// what was mutilated on the way.
fn learnt_event(event: &str) -> Shape {
    let family = family_of(event);
    let mut shape = Shape::default();
    for name in fixture_names("webhooks") {
        let of = name.split('.').next().unwrap();
        let is_strange = name.contains("legacy") || name.contains("malformed");
        if family.contains(&of) && !is_strange {
            shape.learn(&fixture(&format!("webhooks/{name}")));
        }
    }
    shape
}

/// The events whose bodies have the same form.
fn family_of(event: &str) -> Vec<&str> {
    const ENTRIES: [&str; 7] = [
        "NEW_TIME_ENTRY",
        "TIME_ENTRY_UPDATED",
        "TIME_ENTRY_DELETED",
        "TIME_ENTRY_RESTORED",
        "TIME_ENTRY_SPLIT",
        "NEW_TIMER_STARTED",
        "TIMER_STOPPED",
    ];
    const USERS: [&str; 4] = [
        "USER_JOINED_WORKSPACE",
        "USER_UPDATED",
        "USER_ACTIVATED_ON_WORKSPACE",
        "USER_DEACTIVATED_ON_WORKSPACE",
    ];
    const CLIENTS: [&str; 3] = ["NEW_CLIENT", "CLIENT_UPDATED", "CLIENT_DELETED"];
    const PROJECTS: [&str; 3] = ["NEW_PROJECT", "PROJECT_UPDATED", "PROJECT_DELETED"];
    const GROUPS: [&str; 3] = [
        "USER_GROUP_CREATED",
        "USER_GROUP_UPDATED",
        "USER_GROUP_DELETED",
    ];
    const TIME_OFF: [&str; 6] = [
        "TIME_OFF_REQUESTED",
        "TIME_OFF_REQUEST_UPDATED",
        "TIME_OFF_REQUEST_APPROVED",
        "TIME_OFF_REQUEST_REJECTED",
        "TIME_OFF_REQUEST_STARTED",
        "TIME_OFF_REQUEST_WITHDRAWN",
    ];
    const CLAIM_IDS: [&str; 2] = ["EXPENSE_UPDATED", "EXPENSE_DELETED"];
    const CLAIMS: [&str; 2] = ["EXPENSE_CREATED", "EXPENSE_RESTORED"];
    [
        &ENTRIES[..],
        &USERS,
        &CLIENTS,
        &PROJECTS,
        &GROUPS,
        &TIME_OFF,
        &CLAIM_IDS,
        &CLAIMS,
    ]
    .into_iter()
    .find(|family| family.contains(&event))
    .map_or_else(|| vec![event], <[&str]>::to_vec)
}

/// A company to which everything happens, and who is told of it.
async fn everything_played() -> (Receiver, Api) {
    let receiver = Receiver::start().await;
    let api = Api::with(clockify_sim::Config {
        webhook_url: Some(receiver.url.clone()),
        ..config()
    })
    .await;
    history::play_everything(&api).await;
    (receiver, api)
}

#[tokio::test]
async fn every_webhook_has_the_shape_of_its_fixture() {
    let (receiver, api) = everything_played().await;
    api.control()
        .settled(std::time::Duration::from_secs(20))
        .await
        .unwrap();
    let received: Vec<Received> = receiver.received();
    let seen: BTreeSet<&str> = received.iter().map(|hook| hook.event.as_str()).collect();
    let missing: Vec<&str> = events::told()
        .filter(|event| !seen.contains(event))
        .collect();
    assert!(missing.is_empty(), "never posted: {missing:?}");
    for hook in &received {
        assert_same(&hook.event, &learnt_event(&hook.event), &hook.json());
    }
}

#[tokio::test]
async fn every_null_and_every_missing_key_of_the_fixtures_is_posted_sometimes() {
    let (receiver, api) = everything_played().await;
    history::play_what_is_rare(&api).await;
    api.control()
        .settled(std::time::Duration::from_mins(1))
        .await
        .unwrap();
    let received = receiver.received();
    let mut missing = BTreeSet::new();
    for event in events::told() {
        let family = family_of(event);
        let mut posted = Shape::default();
        for hook in &received {
            if family.contains(&hook.event.as_str()) {
                posted.learn(&hook.json());
            }
        }
        let gaps = learnt_event(event).gaps_unlike(&posted);
        missing.extend(gaps.into_iter().map(|place| format!("{event}{place}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[tokio::test]
async fn webhooks_and_their_log_have_the_shape_of_their_fixtures() {
    let receiver = Receiver::start().await;
    let api = Api::start().await;
    let body = fixture("api/request-bodies/webhook.create.json");
    let mut body = body;
    body["url"] = receiver.url.clone().into();
    body["webhookEvent"] = "NEW_TAG".into();
    let made = api.post("/webhooks", &body).await;
    let list = api.json("/webhooks").await;
    assert_same("webhooks", &learnt(&["webhooks"]), &list);
    assert_eq!(list["webhooks"][0], made);
    api.control()
        .run(&Command::AddTag {
            name: "Wet".to_owned(),
        })
        .await
        .unwrap();
    api.control()
        .settled(std::time::Duration::from_secs(20))
        .await
        .unwrap();
    let mut search = fixture("api/request-bodies/webhook-logs.search.json");
    search["from"] = "2026-11-01T00:00:00Z".into();
    search["to"] = "2026-11-30T00:00:00Z".into();
    search["status"] = "ALL".into();
    let path = format!("/webhooks/{}/logs?page=0&size=50", id(&made));
    let logs = api.post(&path, &search).await;
    assert_eq!(logs.as_array().unwrap().len(), 1);
    assert_same("logs", &learnt(&["webhook-logs"]), &logs);
}

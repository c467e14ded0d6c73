//! A Clockify that the tests hold in their hands: its state is plain JSON, and what happens between two requests, or
//! while one is under way, is decided by the test.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::{
    clockify::client::{Client, Retries},
    settings::{ClockifySettings, Secret},
};

pub(crate) const WORKSPACE: &str = "ws-1";

/// What Clockify knows.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) users: Vec<Value>,
    pub(crate) groups: Vec<Value>,
    pub(crate) clients: Vec<Value>,
    pub(crate) projects: Vec<Value>,
    pub(crate) tasks: Vec<Value>,
    pub(crate) tags: Vec<Value>,
    pub(crate) policies: Vec<Value>,
    pub(crate) holidays: Vec<Value>,
    pub(crate) time_off: Vec<Value>,
    pub(crate) categories: Vec<Value>,
    pub(crate) webhooks: Vec<Value>,
    /// By id, as single reads answer: with flat ids.
    pub(crate) expenses: BTreeMap<String, Value>,
    /// By id, as rows of a user's list.
    pub(crate) entries: BTreeMap<String, Value>,
    /// By id: all states, also those that no list shows.
    pub(crate) approvals: BTreeMap<String, Approval>,
}

#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub(crate) owner: String,
    pub(crate) state: String,
    pub(crate) updated_at: Timestamp,
    pub(crate) week: [&'static str; 2],
    pub(crate) entries: Vec<String>,
    pub(crate) expenses: Vec<String>,
}

type Change = Box<dyn FnOnce(&mut World) + Send>;

/// What is to happen at a request.
enum Plan {
    /// Just before it is answered.
    Before(Change),
    /// Just after its answer was made.
    After(Change),
    /// Its answer is made at once, and sent when the test says so.
    Hold(oneshot::Receiver<()>),
    /// It gets this status instead.
    Fail(u16),
}

#[derive(Default)]
struct Inner {
    world: Mutex<World>,
    /// Method and path of each request, with its page.
    log: Mutex<Vec<String>>,
    plans: Mutex<Vec<(String, Plan)>>,
}

/// The running stand-in.
#[derive(Clone)]
pub(crate) struct Clockify {
    inner: Arc<Inner>,
    address: String,
}

impl Clockify {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner, address }
    }

    /// A client that asks it, without waiting between requests.
    pub(crate) fn client(&self) -> Client {
        let settings = ClockifySettings {
            api_url: format!("{}/api/v1", self.address).parse().unwrap(),
            reports_url: format!("{}/reports/v1", self.address).parse().unwrap(),
            api_key: Some(Secret::from("key")),
            workspace_id: Some(WORKSPACE.into()),
            requests_per_second: 1_000_000,
        };
        let retries = Retries {
            attempts: 1,
            ..Retries::default()
        };
        Client::with_retries(&settings, reqwest::Client::new(), retries)
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        held(&self.inner.world)
    }

    /// Requests so far, as `GET users page=1`.
    pub(crate) fn requests(&self) -> Vec<String> {
        held(&self.inner.log).clone()
    }

    pub(crate) fn forget_requests(&self) {
        held(&self.inner.log).clear();
    }

    /// Before the next request that begins so is answered.
    pub(crate) fn before(&self, request: &str, change: impl FnOnce(&mut World) + Send + 'static) {
        self.plan(request, Plan::Before(Box::new(change)));
    }

    /// After the answer of the next request that begins so was made.
    pub(crate) fn after(&self, request: &str, change: impl FnOnce(&mut World) + Send + 'static) {
        self.plan(request, Plan::After(Box::new(change)));
    }

    /// Makes the answer to the next request that begins so now, and sends it when the sender is used or dropped.
    pub(crate) fn hold(&self, request: &str) -> oneshot::Sender<()> {
        let (release, held) = oneshot::channel();
        self.plan(request, Plan::Hold(held));
        release
    }

    /// Answers the next request that begins so with this status, and nothing else.
    pub(crate) fn fail(&self, request: &str, status: u16) {
        self.plan(request, Plan::Fail(status));
    }

    /// What was planned and has not come does not come any more.
    pub(crate) fn forget_plans(&self) {
        held(&self.inner.plans).clear();
    }

    fn plan(&self, request: &str, plan: Plan) {
        held(&self.inner.plans).push((request.to_owned(), plan));
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = uri
        .path()
        .split_once(&format!("/workspaces/{WORKSPACE}/"))
        .map_or(uri.path(), |(_, path)| path)
        .to_owned();
    let page = query
        .get("page")
        .cloned()
        .or_else(|| body.pointer("/page").map(Value::to_string))
        .or_else(|| body.pointer("/detailedFilter/page").map(Value::to_string))
        .unwrap_or_default();
    let mut request = format!("{method} {path}");
    if let Some(status) = query.get("status").filter(|_| path == "approval-requests") {
        request = format!("{request} {status}");
    }
    if !page.is_empty() {
        request = format!("{request} page={page}");
    }
    held(&inner.log).push(request.clone());
    let planned: Vec<Plan> = {
        let mut plans = held(&inner.plans);
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut *plans)
            .into_iter()
            .partition(|(begins, _)| request.starts_with(begins.as_str()));
        *plans = later;
        now.into_iter().map(|(_, plan)| plan).collect()
    };
    let (mut after, mut holds) = (vec![], vec![]);
    for plan in planned {
        match plan {
            Plan::Before(change) => change(&mut held(&inner.world)),
            Plan::After(change) => after.push(change),
            Plan::Hold(hold) => holds.push(hold),
            Plan::Fail(status) => {
                return StatusCode::from_u16(status).unwrap().into_response();
            }
        }
    }
    let answer = made(&held(&inner.world), &path, &query, &body);
    for change in after {
        change(&mut held(&inner.world));
    }
    for hold in holds {
        // A dropped sender lets it go as well.
        let _ = hold.await;
    }
    answer
}

fn made(world: &World, path: &str, query: &BTreeMap<String, String>, body: &Value) -> Response {
    let number = |name: &str, default: usize| {
        query
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (page, size) = (number("page", 1), number("page-size", 50));
    let list = |rows: &[Value]| paged(rows, page, size);
    let one = |rows: &[Value], id: &str| {
        rows.iter()
            .find(|row| row["id"] == id)
            .map_or_else(gone, |row| Json(row).into_response())
    };
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["users"] => list(&world.users),
        ["user-groups"] => list(&world.groups),
        ["clients"] => list(&world.clients),
        ["clients", id] => one(&world.clients, id),
        ["projects"] => list(&world.projects),
        ["projects", id] => one(&world.projects, id),
        ["projects", project, "tasks"] => list(&tasks_of(world, project)),
        ["projects", project, "tasks", id] => one(&tasks_of(world, project), id),
        ["tags"] => list(&world.tags),
        ["tags", id] => one(&world.tags, id),
        ["expenses"] => {
            let all = expenses(world);
            let (rows, headers) = page_of(&all, page, size);
            let body = json!({"expenses": {"expenses": rows, "count": world.expenses.len()}});
            (headers, Json(body)).into_response()
        }
        ["expenses", "categories"] => {
            let archived = query.get("archived").is_some_and(|text| text == "true");
            let rows = world.categories.iter();
            let rows: Vec<Value> = rows
                .filter(|row| row["archived"] == archived)
                .cloned()
                .collect();
            let (rows, headers) = page_of(&rows, page, size);
            (headers, Json(json!({"count": 0, "categories": rows}))).into_response()
        }
        ["expenses", id] => world
            .expenses
            .get(*id)
            .map_or_else(gone, |expense| Json(expense).into_response()),
        ["time-off", "policies"] => list(&world.policies),
        ["holidays"] => Json(&world.holidays).into_response(),
        ["webhooks"] => Json(json!({"webhooks": world.webhooks})).into_response(),
        ["time-off", "requests"] => time_off(world, body),
        ["approval-requests"] => {
            let state = query.get("status").map_or("", String::as_str);
            list(&approvals(world, state))
        }
        ["time-entries", "status", "in-progress"] => {
            let running: Vec<Value> =
                entries(world, |entry| entry["timeInterval"]["end"].is_null());
            list(&running)
        }
        ["time-entries", id] => world
            .entries
            .get(*id)
            .map_or_else(gone, |entry| Json(entry).into_response()),
        ["user", user, "time-entries"] => {
            let within = |name: &str| query.get(name).cloned().unwrap_or_default();
            let (start, end) = (within("start"), within("end"));
            list(&entries(world, |entry| {
                let at = entry["timeInterval"]["start"].as_str().unwrap_or_default();
                entry["userId"] == *user && at >= start.as_str() && at < end.as_str()
            }))
        }
        ["reports", "detailed"] => report(world, body),
        _ => (StatusCode::NOT_FOUND, Json(json!({"code": 3000}))).into_response(),
    }
}

fn gone() -> Response {
    let body = json!({"message": "X doesn't belong to Workspace", "code": 501});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn paged(rows: &[Value], page: usize, size: usize) -> Response {
    let (rows, headers) = page_of(rows, page, size);
    (headers, Json(rows)).into_response()
}

fn page_of(rows: &[Value], page: usize, size: usize) -> (&[Value], HeaderMap) {
    let start = ((page - 1) * size).min(rows.len());
    let end = (start + size).min(rows.len());
    let mut headers = HeaderMap::new();
    let last = HeaderValue::from_static(if end == rows.len() { "true" } else { "false" });
    headers.insert("last-page", last);
    (&rows[start..end], headers)
}

/// Newest first, with objects instead of ids.
fn expenses(world: &World) -> Vec<Value> {
    let mut rows: Vec<Value> = world
        .expenses
        .values()
        .map(|expense| listed_expense(world, expense))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row["date"].to_string(), row["id"].to_string())));
    rows
}

fn listed_expense(world: &World, expense: &Value) -> Value {
    let mut row = expense.clone();
    let fields = row.as_object_mut().unwrap();
    let project = fields.remove("projectId").unwrap_or_default();
    let category = fields.remove("categoryId").unwrap_or_default();
    fields.remove("taskId");
    let project = if project.is_null() {
        Value::Null
    } else {
        json!({"id": project, "name": "n"})
    };
    let known = world.categories.iter().find(|row| row["id"] == category);
    let category = match known {
        Some(known) => known.clone(),
        None if category.is_null() => Value::Null,
        None => json!({"id": category}),
    };
    fields.insert("project".into(), project);
    fields.insert("task".into(), Value::Null);
    fields.insert("category".into(), category);
    row
}

fn tasks_of(world: &World, project: &str) -> Vec<Value> {
    let tasks = world.tasks.iter();
    tasks
        .filter(|task| task["projectId"] == project)
        .cloned()
        .collect()
}

/// Newest first, as Clockify lists them.
fn entries(world: &World, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let mut rows: Vec<Value> = world
        .entries
        .values()
        .filter(|entry| wanted(entry))
        .cloned()
        .collect();
    rows.sort_by_key(|entry| std::cmp::Reverse(entry["timeInterval"]["start"].to_string()));
    rows
}

fn approvals(world: &World, state: &str) -> Vec<Value> {
    let mut rows: Vec<_> = world
        .approvals
        .iter()
        .filter(|(_, approval)| approval.state == state)
        .collect();
    rows.sort_by_key(|(id, approval)| (std::cmp::Reverse(approval.updated_at), (*id).clone()));
    rows.into_iter()
        .map(|(id, approval)| {
            let entries: Vec<Value> = approval
                .entries
                .iter()
                .filter_map(|entry| world.entries.get(entry))
                .map(|entry| submitted(entry, id))
                .collect();
            let expenses: Vec<Value> = approval
                .expenses
                .iter()
                .filter_map(|expense| world.expenses.get(expense))
                .map(|expense| listed_expense(world, expense))
                .collect();
            let mut request = request_body(id, approval);
            request["type"] = json!(match (entries.is_empty(), expenses.is_empty()) {
                (_, true) => "TIMESHEET",
                (true, false) => "EXPENSE",
                (false, false) => "TIMESHEET_AND_EXPENSE",
            });
            // A week without a begin: a row that shows no id either.
            if approval.week[0].is_empty() {
                request["id"] = Value::Null;
            }
            json!({"approvalRequest": request, "entries": entries, "expenses": expenses})
        })
        .collect()
}

/// The request as webhooks carry it.
pub(crate) fn request_body(id: &str, approval: &Approval) -> Value {
    json!({
        "id": id,
        "workspaceId": WORKSPACE,
        "dateRange": {"start": approval.week[0], "end": approval.week[1]},
        "owner": {"userId": approval.owner, "userName": "Somebody", "timeZone": "America/Edmonton"},
        "status": {"state": approval.state, "updatedAt": approval.updated_at.to_string(), "note": ""},
    })
}

/// An entry as it stands inside an approval request: nested, and without its user.
fn submitted(entry: &Value, request: &str) -> Value {
    let mut entry = entry.clone();
    let fields = entry.as_object_mut().unwrap();
    fields.remove("userId");
    fields.remove("workspaceId");
    let project = fields.remove("projectId").unwrap_or_default();
    let task = fields.remove("taskId").unwrap_or_default();
    let tags = fields.remove("tagIds").unwrap_or_default();
    let nested = |id: &Value| {
        if id.is_null() {
            Value::Null
        } else {
            json!({"id": id, "name": "n"})
        }
    };
    let tags: Vec<Value> = tags.as_array().into_iter().flatten().map(nested).collect();
    fields.insert("project".into(), nested(&project));
    fields.insert("task".into(), nested(&task));
    fields.insert("tags".into(), tags.into());
    fields.insert("approvalRequestId".into(), request.into());
    entry
}

fn time_off(world: &World, body: &Value) -> Response {
    let users: Vec<&str> = body["users"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let rows: Vec<&Value> = world
        .time_off
        .iter()
        .filter(|request| {
            users.is_empty()
                || request["userId"]
                    .as_str()
                    .is_some_and(|id| users.contains(&id))
        })
        .filter(|request| {
            let wanted = body["statuses"].as_array().into_iter().flatten();
            let status = &request["status"]["statusType"];
            wanted
                .into_iter()
                .any(|wanted| wanted == status || wanted == "ALL")
        })
        .collect();
    let size = whole(&body["pageSize"], 50);
    let start = (whole(&body["page"], 1) - 1) * size;
    let page: Vec<_> = rows.iter().skip(start).take(size).collect();
    Json(json!({"count": rows.len(), "requests": page})).into_response()
}

fn report(world: &World, body: &Value) -> Response {
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (start, end) = (text("/dateRangeStart"), text("/dateRangeEnd"));
    let holder = |id: &str| {
        world
            .approvals
            .iter()
            .find(|(_, approval)| {
                matches!(approval.state.as_str(), "PENDING" | "APPROVED")
                    && approval.entries.iter().any(|entry| entry == id)
            })
            .map(|(id, _)| id.clone())
    };
    let rows: Vec<Value> = entries(world, |entry| {
        let at = entry["timeInterval"]["start"].as_str().unwrap_or_default();
        !entry["timeInterval"]["end"].is_null() && at >= start.as_str() && at <= end.as_str()
    })
    .into_iter()
    .map(|entry| {
        let id = entry["id"].as_str().unwrap_or_default();
        let instant = |name: &str| -> Timestamp {
            entry["timeInterval"][name]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        };
        let seconds = instant("end").as_second() - instant("start").as_second();
        let tags: Vec<Value> = entry["tagIds"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|id| json!({"_id": id, "name": "n"}))
            .collect();
        json!({
            "_id": id,
            "userId": entry["userId"],
            "description": entry["description"],
            "billable": entry["billable"],
            "type": entry["type"],
            "projectId": entry["projectId"],
            "taskId": entry["taskId"],
            "taskName": world.tasks.iter().find(|task| task["id"] == entry["taskId"]).map(|task| &task["name"]),
            "tags": tags,
            "timeInterval": {
                "start": entry["timeInterval"]["start"],
                "end": entry["timeInterval"]["end"],
                "duration": seconds,
            },
            "rate": entry["hourlyRate"]["amount"].as_i64().unwrap_or(0),
            "approvalRequestId": holder(id),
        })
    })
    .collect();
    let size = whole(&body["detailedFilter"]["pageSize"], 50);
    let page = whole(&body["detailedFilter"]["page"], 1);
    let (rows, headers) = page_of(&rows, page, size);
    (headers, Json(json!({"totals": [], "timeentries": rows}))).into_response()
}

fn whole(number: &Value, default: usize) -> usize {
    number
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(default)
}

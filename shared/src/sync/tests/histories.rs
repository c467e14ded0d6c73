//! Any history of edits, its events in any order, with any repeats, at once, failing and killed at any named place
//! (`domain.md` §3, *Order and repeats*): events, then one full sync, leave what the full sync alone leaves; and after
//! the events alone all stands there that they could tell.
//!
//! A few cases run each time; `PROPTEST_CASES` asks for more.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{
    clockify::{self, Approval, WORKSPACE, World},
    house::{House, at, company, delivered, entry, expense, leave, project, submit},
};
use crate::{
    azure::queues::JOBS,
    crash_point::{CRASH_POINTS, killed_at},
    domain::timesheet::TimesheetState,
    jobs::JobStatus,
    store::{
        StoreError, client, employee, expense_category, group, holiday, membership::Membership,
        policy, project as projects, tag, task, time_off_request, timesheet,
    },
};

/// Cases of a usual run.
const FEW: u32 = 6;
const WEEK: [&str; 2] = ["2026-11-01T06:00:00Z", "2026-11-08T05:59:59Z"];

/// What happens next. Numbers choose among what there is then.
#[derive(Clone, Copy, Debug)]
enum Step {
    Edit {
        what: u8,
        which: u8,
        how: u8,
    },
    Deliver(u8),
    /// Killed on the way, if it passes there; it comes again later.
    Killed {
        which: u8,
        place: u8,
        passage: u8,
    },
    /// Two on two instances.
    Together(u8, u8),
    /// Clockify is away meanwhile; what was to be sent again comes again later.
    Failing(u8),
    /// An incremental sync.
    Night,
}

#[derive(Clone, Debug)]
struct Plan {
    /// Whether both databases have seen the company before.
    synced_before: bool,
    steps: Vec<Step>,
    /// In which order the rest is delivered.
    order: Vec<u8>,
    /// Where the last sync is killed, and in slices of no length.
    last_kill: Option<(u8, u8)>,
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let n = any::<u8>;
    let step = prop_oneof![
        12 => (n(), n(), n()).prop_map(|(what, which, how)| Step::Edit { what, which, how }),
        6 => n().prop_map(Step::Deliver),
        3 => (n(), n(), 1..3_u8)
            .prop_map(|(which, place, passage)| Step::Killed { which, place, passage }),
        2 => (n(), n()).prop_map(|(one, other)| Step::Together(one, other)),
        1 => n().prop_map(Step::Failing),
        1 => Just(Step::Night),
    ];
    let steps = prop::collection::vec(step, 5..40);
    let order = prop::collection::vec(n(), 0..20);
    let last_kill = prop::option::of((n(), 1..12_u8));
    (prop::bool::weighted(0.75), steps, order, last_kill).prop_map(
        |(synced_before, steps, order, last_kill)| Plan {
            synced_before,
            steps,
            order,
            last_kill,
        },
    )
}

#[test]
fn events_in_any_order_then_a_sync_leave_what_the_sync_alone_leaves() {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config {
        max_shrink_iters: 100,
        failure_persistence: None,
        ..Config::default()
    };
    let cases = if asked { config.cases } else { FEW };
    let mut runner = TestRunner::new(Config { cases, ..config });
    runner
        .run(&any_plan(), |plan| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(Box::pin(holds(&plan)));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Plays a plan and looks at both databases.
async fn holds(plan: &Plan) {
    let mut history = History::begin(plan.synced_before).await;
    for step in &plan.steps {
        history.take(*step).await;
    }
    history.deliver_the_rest(&plan.order).await;
    let (wanted, done, is_owned) = history.house.scan_row().await;
    assert_eq!((wanted, is_owned), (done, false), "every scan was made");

    let alone = &history.alone;
    sync_fully(alone, None).await;
    let known = Known::of(&history.house.clockify.world());
    let right = dump(alone, &known).await;
    if plan.synced_before {
        let told = history.what_events_tell(dump(&history.house, &known).await);
        let right = history.what_events_tell(right.clone());
        assert_same(&told, &right, "after the events alone");
    } else {
        history.what_was_told_is_right(&right, &known).await;
    }
    sync_fully(&history.house, plan.last_kill).await;
    let found = dump(&history.house, &known).await;
    assert_same(&found, &right, "after the sync");
}

/// A full sync, killed once at some place of a job.
async fn sync_fully(house: &House, kill: Option<(u8, u8)>) {
    let mut jobs = house.jobs.clone();
    if kill.is_some() {
        jobs = jobs.with_slices_of(Duration::ZERO);
    }
    let id = house.request("all", json!({"full": true})).await;
    let message = house.receive(JOBS).await.unwrap();
    if let Some((place, passage)) = kill {
        let places: Vec<&str> = places_of(&["job.claimed", "job.page", "job.re", "job.pass"]);
        let place = places[usize::from(place) % places.len()];
        let run = Box::pin(jobs.run(delivered(&message)));
        let _ = killed_at(place, u32::from(passage), run).await;
    }
    // The queue delivers it once more.
    jobs.run(delivered(&message)).await.unwrap();
    for _ in 0..1000 {
        let Some(message) = house.receive(JOBS).await else {
            break;
        };
        jobs.run(delivered(&message)).await.unwrap();
        house.queues.delete(&message).await.unwrap();
    }
    let job = house.job(&id).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
}

/// The named places that begin so.
fn places_of(beginnings: &[&str]) -> Vec<&'static str> {
    CRASH_POINTS
        .iter()
        .map(|(place, _)| *place)
        .filter(|place| beginnings.iter().any(|begins| place.starts_with(begins)))
        .collect()
}

/// A webhook as the queue brings it, each time with the same id.
#[derive(Debug)]
struct Told {
    message_id: String,
    event_type: &'static str,
    body: Value,
}

struct History {
    house: House,
    /// Sees no event.
    alone: House,
    told: Vec<Told>,
    /// Of `told`: not delivered to the end yet.
    waiting: BTreeSet<usize>,
    /// Entries, expenses, timesheets that events spoke of.
    touched: BTreeSet<String>,
    edits: u32,
    deleted: BTreeMap<String, Value>,
    deleted_expenses: BTreeMap<String, Value>,
    restored: BTreeSet<String>,
}

impl History {
    async fn begin(synced: bool) -> Self {
        let house = House::new().await;
        {
            let mut world = house.clockify.world();
            company(&mut world);
            submit(&mut world, "bob");
        }
        let alone = house.beside().await;
        if synced {
            house.sync("all", json!({})).await;
            alone.sync("all", json!({})).await;
        }
        Self {
            house,
            alone,
            told: Vec::new(),
            waiting: BTreeSet::new(),
            touched: BTreeSet::new(),
            edits: 0,
            deleted: BTreeMap::new(),
            deleted_expenses: BTreeMap::new(),
            restored: BTreeSet::new(),
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Edit { what, which, how } => {
                self.edit(what, usize::from(which), usize::from(how));
            }
            Step::Deliver(which) => {
                if let Some(n) = self.any_told(which) {
                    self.deliver(n).await;
                }
            }
            Step::Killed {
                which,
                place,
                passage,
            } => {
                if let Some(n) = self.any_told(which) {
                    self.deliver_killed(n, place, passage).await;
                }
            }
            Step::Together(one, other) => {
                if let (Some(one), Some(other)) = (self.any_told(one), self.any_told(other)) {
                    let (first, second) = (&self.told[one], &self.told[other]);
                    let (a, b) =
                        Box::pin(async { tokio::join!(self.apply(first), self.apply(second)) })
                            .await;
                    assert!(a && b);
                    self.waiting.remove(&one);
                    self.waiting.remove(&other);
                }
            }
            Step::Failing(which) => {
                if let Some(n) = self.any_told(which) {
                    self.house.clockify.fail("GET", 503);
                    let run = Box::pin(self.apply(&self.told[n]));
                    let _ = killed_at("resend.sent", 1, run).await;
                    self.house.clockify.forget_plans();
                    self.waiting.insert(n);
                }
            }
            Step::Night => {
                let job = self.house.sync("all", json!({"night": self.edits})).await;
                assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
            }
        }
    }

    /// Any event so far, delivered already or not.
    fn any_told(&self, which: u8) -> Option<usize> {
        (!self.told.is_empty()).then(|| usize::from(which) % self.told.len())
    }

    async fn apply(&self, told: &Told) -> bool {
        let applied = self
            .house
            .event_in(&told.message_id, told.event_type, &told.body)
            .await;
        if let Err(error) = &applied {
            panic!("{told:?}: {error}");
        }
        true
    }

    async fn deliver(&mut self, n: usize) {
        self.apply(&self.told[n]).await;
        self.waiting.remove(&n);
    }

    async fn deliver_killed(&mut self, n: usize, place: u8, passage: u8) {
        let places = places_of(&["event.", "scan.", "reference."]);
        let place = places[usize::from(place) % places.len()];
        let run = Box::pin(self.apply(&self.told[n]));
        if killed_at(place, u32::from(passage), run).await.is_some() {
            self.waiting.remove(&n);
        } else {
            self.waiting.insert(n);
        }
    }

    async fn deliver_the_rest(&mut self, order: &[u8]) {
        let mut order = order.iter().copied();
        while !self.waiting.is_empty() {
            let place = usize::from(order.next().unwrap_or(0)) % self.waiting.len();
            let n = self.waiting.iter().nth(place).copied();
            self.deliver(n.expect("it is within")).await;
        }
    }

    fn tell(&mut self, event_type: &'static str, id: &str, body: Value) {
        self.touched.insert(id.to_owned());
        self.waiting.insert(self.told.len());
        self.told.push(Told {
            message_id: format!("m-{}", self.told.len()),
            event_type,
            body,
        });
    }

    /// Whatever an edit changes, an event tells of it.
    fn edit(&mut self, what: u8, which: usize, how: usize) {
        self.edits += 1;
        let n = self.edits;
        let clockify = self.house.clockify.clone();
        let mut world = clockify.world();
        match what % 24 {
            0 | 1 => {
                let id = format!("e{n}");
                let row = worked(&id, which, how);
                world.entries.insert(id.clone(), row);
                drop(world);
                self.tell("NEW_TIME_ENTRY", &id, about(&id));
            }
            2..=4 => {
                let Some(id) = choose(&editable(&world), which) else {
                    return;
                };
                let row = world.entries.get_mut(&id).unwrap();
                row["description"] = json!(format!("edit {n}"));
                if how.is_multiple_of(3) {
                    row["projectId"] = json!(["river", "bridge", "ghost"][how / 3 % 3]);
                    row["taskId"] = Value::Null;
                }
                if how % 3 == 1 {
                    row["tagIds"] = json!(["banked", "night"][..how / 3 % 3]);
                }
                drop(world);
                self.tell("TIME_ENTRY_UPDATED", &id, about(&id));
            }
            5 | 6 => {
                let Some(id) = choose(&editable(&world), which) else {
                    return;
                };
                let row = world.entries.remove(&id).unwrap();
                for approval in world.approvals.values_mut() {
                    approval.entries.retain(|held| *held != id);
                }
                drop(world);
                self.deleted.insert(id.clone(), row);
                self.tell("TIME_ENTRY_DELETED", &id, about(&id));
            }
            7 => {
                let Some((id, row)) = self.deleted.pop_first() else {
                    return;
                };
                world.entries.insert(id.clone(), row);
                drop(world);
                self.restored.insert(id.clone());
                self.tell("TIME_ENTRY_RESTORED", &id, about(&id));
            }
            8 => {
                let id = format!("t{n}");
                let mut row = worked(&id, which, how);
                row["timeInterval"]["end"] = Value::Null;
                world.entries.insert(id.clone(), row);
                drop(world);
                self.tell("NEW_TIMER_STARTED", &id, about(&id));
            }
            9 => {
                let running = |row: &Value| row["timeInterval"]["end"].is_null();
                let Some(id) = choose(&ids_where(&world.entries, running), which) else {
                    return;
                };
                let row = world.entries.get_mut(&id).unwrap();
                let start = at(row["timeInterval"]["start"].as_str().unwrap());
                row["timeInterval"]["end"] = json!((start + Duration::from_hours(1)).to_string());
                drop(world);
                self.tell("TIMER_STOPPED", &id, about(&id));
            }
            10 | 11 => {
                let (id, approval) = submission(&world, ["ann", "bob"][which % 2], n, how);
                let body = clockify::request_body(&id, &approval);
                world.approvals.insert(id.clone(), approval);
                drop(world);
                self.tell("NEW_APPROVAL_REQUEST", &id, body);
            }
            12..=14 => {
                let open = |(id, approval): (&String, &Approval)| {
                    matches!(approval.state.as_str(), "PENDING" | "APPROVED").then(|| id.clone())
                };
                let open: Vec<String> = world.approvals.iter().filter_map(open).collect();
                let Some(id) = choose(&open, which) else {
                    return;
                };
                let approval = world.approvals.get_mut(&id).unwrap();
                let next = match approval.state.as_str() {
                    "PENDING" => ["APPROVED", "REJECTED", "WITHDRAWN_SUBMISSION"][how % 3],
                    _ => "WITHDRAWN_APPROVAL",
                };
                approval.state = next.to_owned();
                approval.updated_at = minute(n);
                let body = clockify::request_body(&id, approval);
                drop(world);
                self.tell("APPROVAL_REQUEST_STATUS_UPDATED", &id, body);
            }
            15 => {
                let id = ["river", "bridge"][which % 2];
                let told = edit_listed(&mut world.projects, id, how, n, |id, n| {
                    project(id, &format!("P-{n} - {id}"))
                });
                // A project takes its tasks with it.
                let projects: Vec<Value> =
                    world.projects.iter().map(|row| row["id"].clone()).collect();
                world
                    .tasks
                    .retain(|task| projects.contains(&task["projectId"]));
                drop(world);
                let names = ["NEW_PROJECT", "PROJECT_UPDATED", "PROJECT_DELETED"];
                self.tell(names[told], id, json!({"id": id, "workspaceId": WORKSPACE}));
            }
            16 => {
                let id = ["banked", "night"][which % 2];
                let told = edit_listed(
                    &mut world.tags,
                    id,
                    how,
                    n,
                    |id, n| json!({"id": id, "name": format!("{id} {n}"), "workspaceId": WORKSPACE, "archived": false}),
                );
                drop(world);
                let names = ["NEW_TAG", "TAG_UPDATED", "TAG_DELETED"];
                self.tell(names[told], id, json!({"id": id, "workspaceId": WORKSPACE}));
            }
            17 => {
                if !world.projects.iter().any(|row| row["id"] == "river") {
                    return;
                }
                let id = ["survey", "layout"][which % 2];
                let told = edit_listed(
                    &mut world.tasks,
                    id,
                    how,
                    n,
                    |id, n| json!({"id": id, "name": format!("{id} {n}"), "projectId": "river", "status": "ACTIVE"}),
                );
                drop(world);
                let names = ["NEW_TASK", "TASK_UPDATED", "TASK_DELETED"];
                self.tell(names[told], id, json!({"id": id, "projectId": "river"}));
            }
            18 => {
                world.clients[0]["name"] = json!(format!("ACME {n}"));
                drop(world);
                let body = json!({"id": "acme", "workspaceId": WORKSPACE});
                self.tell("CLIENT_UPDATED", "acme", body);
            }
            19 => {
                let user = &mut world.users[which % 2];
                let id = user["id"].as_str().unwrap().to_owned();
                let is_active = user["status"] == "ACTIVE";
                let event = match (how % 2, is_active) {
                    (0, _) => {
                        user["email"] = json!(format!("{id}-{n}@example.com"));
                        "USER_EMAIL_CHANGED"
                    }
                    (_, true) => {
                        user["status"] = json!("INACTIVE");
                        "USER_DEACTIVATED_ON_WORKSPACE"
                    }
                    (_, false) => {
                        user["status"] = json!("ACTIVE");
                        "USER_ACTIVATED_ON_WORKSPACE"
                    }
                };
                drop(world);
                self.tell(event, &id, json!({"id": id}));
            }
            20 => {
                world.groups[0]["userIds"] = json!(["ann", "bob"][..how % 3]);
                drop(world);
                let body = json!({"id": "crew", "workspaceId": WORKSPACE});
                self.tell("USER_GROUP_UPDATED", "crew", body);
            }
            21 => {
                let id = ["leave-1", "leave-2"][which % 2];
                let told = edit_listed(&mut world.time_off, id, how, n, |id, n| {
                    let mut row = leave(id, "ann");
                    row["balanceDiff"] = json!(n);
                    row
                });
                drop(world);
                let names = [
                    "TIME_OFF_REQUESTED",
                    "TIME_OFF_REQUEST_UPDATED",
                    "TIME_OFF_REQUEST_WITHDRAWN",
                ];
                let body = json!({"id": id, "workspaceId": WORKSPACE, "userId": "ann"});
                self.tell(names[told], id, body);
            }
            _ => {
                drop(world);
                self.edit_expense(which, how, n);
            }
        }
    }

    fn edit_expense(&mut self, which: usize, how: usize, n: u32) {
        let clockify = self.house.clockify.clone();
        let mut world = clockify.world();
        let locked = held(&world, "APPROVED", |approval| &approval.expenses);
        let free = |id: &&String| !locked.contains(*id);
        let free: Vec<String> = world.expenses.keys().filter(free).cloned().collect();
        let changed = |id: &str| json!({"expenseId": id, "workspaceId": WORKSPACE});
        match (how % 4, choose(&free, which)) {
            (0, _) | (1 | 2, None) => {
                let id = format!("x{n}");
                let day = format!("2026-11-{:02}", 1 + which % 9);
                let row = expense(&id, ["ann", "bob"][which % 2], &day);
                world.expenses.insert(id.clone(), row);
                drop(world);
                self.tell("EXPENSE_CREATED", &id, about(&id));
            }
            (1, Some(id)) => {
                let row = world.expenses.get_mut(&id).unwrap();
                row["total"] = json!(n);
                row["categoryId"] = json!(["meals", "ghost-category"][which % 2]);
                drop(world);
                self.tell("EXPENSE_UPDATED", &id, changed(&id));
            }
            (2, Some(id)) => {
                let row = world.expenses.remove(&id).unwrap();
                for approval in world.approvals.values_mut() {
                    approval.expenses.retain(|held| *held != id);
                }
                drop(world);
                self.deleted_expenses.insert(id.clone(), row);
                self.tell("EXPENSE_DELETED", &id, changed(&id));
            }
            _ => {
                let Some((id, row)) = self.deleted_expenses.pop_first() else {
                    return;
                };
                world.expenses.insert(id.clone(), row);
                drop(world);
                self.restored.insert(id.clone());
                self.tell("EXPENSE_RESTORED", &id, about(&id));
            }
        }
    }

    /// What left its timesheet while it was deleted is not in it when it is restored; no event tells that, if the deletion
    /// was read after the restore.
    fn what_events_tell(&self, mut dump: Dump) -> Dump {
        for id in &self.restored {
            dump.remove(&format!("entry-in/{id}"));
            dump.remove(&format!("expense-in/{id}"));
        }
        dump
    }

    /// Where the database began empty the events can tell of no more than their own records.
    async fn what_was_told_is_right(&self, right: &Dump, known: &Known) {
        let told = dump(&self.house, known).await;
        for id in &self.touched {
            for kind in [
                "entry", "expense", "leave", "project", "tag", "client", "user", "group",
            ] {
                let key = format!("{kind}/{id}");
                let (told, right) = (told.get(&key), right.get(&key));
                assert_eq!(told, right, "{key} after the events alone");
            }
        }
    }
}

/// Adds, changes or removes the row of that id; says which: 0, 1 or 2.
fn edit_listed(
    rows: &mut Vec<Value>,
    id: &str,
    how: usize,
    n: u32,
    row: impl Fn(&str, u32) -> Value,
) -> usize {
    let place = rows.iter().position(|row| row["id"] == id);
    match (place, how % 4) {
        (None, _) => {
            rows.push(row(id, n));
            0
        }
        (Some(place), 0) => {
            rows.remove(place);
            2
        }
        (Some(place), _) => {
            rows[place] = row(id, n);
            1
        }
    }
}

fn worked(id: &str, which: usize, how: usize) -> Value {
    let (day, hour) = (1 + which % 9, 12 + how % 8);
    let start = format!("2026-11-{day:02}T{hour}:00:00Z");
    let end = format!("2026-11-{day:02}T{}:30:00Z", hour + 1);
    let mut row = entry(id, ["ann", "bob"][which % 2], &start, Some(&end));
    row["billable"] = json!(how.is_multiple_of(2));
    row
}

fn about(id: &str) -> Value {
    json!({"id": id, "workspaceId": WORKSPACE, "userId": "ann"})
}

fn choose(ids: &[String], which: usize) -> Option<String> {
    (!ids.is_empty()).then(|| ids[which % ids.len()].clone())
}

fn ids_where(rows: &BTreeMap<String, Value>, wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let rows = rows.iter().filter(|(_, row)| wanted(row));
    rows.map(|(id, _)| id.clone()).collect()
}

/// What the requests in that state hold.
fn held(world: &World, state: &str, of: impl Fn(&Approval) -> &Vec<String>) -> BTreeSet<String> {
    let approvals = world.approvals.values();
    let approvals = approvals.filter(|approval| approval.state == state);
    approvals
        .flat_map(|approval| of(approval).clone())
        .collect()
}

/// Entries that are not approved: those Clockify lets nobody edit.
fn editable(world: &World) -> Vec<String> {
    let locked = held(world, "APPROVED", |approval| &approval.entries);
    let free = world.entries.keys().filter(|id| !locked.contains(*id));
    free.cloned().collect()
}

/// A new request with all that the person has and no open one holds; sometimes of the id of a closed one.
fn submission(world: &World, user: &str, n: u32, how: usize) -> (String, Approval) {
    let free = |rows: &BTreeMap<String, Value>, of: fn(&Approval) -> &Vec<String>| {
        let pending = held(world, "PENDING", of);
        let approved = held(world, "APPROVED", of);
        let own = ids_where(rows, |row| {
            row["userId"] == user && row.pointer("/timeInterval/end") != Some(&Value::Null)
        });
        let free = own.into_iter();
        free.filter(|id| !pending.contains(id) && !approved.contains(id))
            .collect()
    };
    let closed = world.approvals.iter().filter(|(id, approval)| {
        id.starts_with(user) && !matches!(approval.state.as_str(), "PENDING" | "APPROVED")
    });
    let closed: Vec<String> = closed.map(|(id, _)| id.clone()).collect();
    let id = choose(&closed, how)
        .filter(|_| how.is_multiple_of(2))
        .unwrap_or_else(|| format!("{user}-week-{n}"));
    let approval = Approval {
        owner: user.to_owned(),
        state: "PENDING".to_owned(),
        updated_at: minute(n),
        week: WEEK,
        entries: free(&world.entries, |approval| &approval.entries),
        expenses: free(&world.expenses, |approval| &approval.expenses),
    };
    (id, approval)
}

/// Each edit has a minute of its own.
fn minute(n: u32) -> jiff::Timestamp {
    at("2026-11-09T16:00:00Z") + jiff::SignedDuration::from_mins(i64::from(n))
}

/// What Clockify lists now: all else counts as absent, where it is not deleted.
struct Known(BTreeSet<String>);

impl Known {
    fn of(world: &World) -> Self {
        let lists = [
            &world.users,
            &world.groups,
            &world.clients,
            &world.projects,
            &world.tasks,
            &world.tags,
            &world.policies,
            &world.categories,
        ];
        let ids = lists.into_iter().flatten();
        Self(
            ids.filter_map(|row| row["id"].as_str())
                .map(str::to_owned)
                .collect(),
        )
    }
}

type Dump = BTreeMap<String, String>;

/// Every record that counts, as `kind/id` and its content.
async fn dump(house: &House, known: &Known) -> Dump {
    let mut all = Dump::new();
    let mut listed = Dump::new();
    macro_rules! put {
        ($to:ident, $kind:literal, $rows:expr) => {
            for row in $rows {
                $to.insert(format!(concat!($kind, "/{}"), row.id), format!("{row:?}"));
            }
        };
    }
    let (requests, sheets) = house
        .store
        .read(async |mut tx| {
            let day = |text: &str| text.parse().unwrap();
            let (first, last) = (day("2020-01-01"), day("2030-12-31"));
            Ok::<_, StoreError>((
                time_off_request::list(&mut tx, first, last, None).await?,
                timesheet::list(&mut tx, first, last, None).await?,
            ))
        })
        .await
        .unwrap();
    macro_rules! put_listed {
        ($($kind:literal in $store:ident),+) => {$(
            let rows = house.store.read(async |mut tx| $store::list(&mut tx).await).await.unwrap();
            put!(listed, $kind, rows);
        )+};
    }
    put_listed!(
        "user" in employee, "group" in group, "client" in client, "project" in projects, "task" in task,
        "tag" in tag, "policy" in policy, "category" in expense_category
    );
    listed.retain(|key, _| {
        key.split_once('/')
            .is_some_and(|(_, id)| known.0.contains(id))
    });
    let holidays = house
        .store
        .read(async |mut tx| holiday::list(&mut tx).await)
        .await
        .unwrap();
    put!(all, "holiday", holidays);
    put!(all, "leave", requests);
    let counts = |state: &TimesheetState| {
        !matches!(
            state,
            TimesheetState::Rejected
                | TimesheetState::WithdrawnSubmission
                | TimesheetState::Returned
        )
    };
    put!(
        all,
        "timesheet",
        sheets.into_iter().filter(|sheet| counts(&sheet.state))
    );
    for stored in house.entries().await {
        let held = held_by(&stored.membership);
        all.insert(
            format!("entry/{}", stored.entry.id),
            format!("{:?}", stored.entry),
        );
        all.insert(format!("entry-in/{}", stored.entry.id), held);
    }
    for stored in house.expenses().await {
        let held = held_by(&stored.membership);
        all.insert(
            format!("expense/{}", stored.expense.id),
            format!("{:?}", stored.expense),
        );
        all.insert(format!("expense-in/{}", stored.expense.id), held);
    }
    all.append(&mut listed);
    let ids: BTreeSet<String> = all
        .keys()
        .filter_map(|key| key.split_once('/'))
        .map(|(_, id)| id.to_owned())
        .collect();
    for (kind, id) in house.flags().await {
        if ids.contains(&id) {
            all.insert(format!("flag/{id}/{kind}"), String::new());
        }
    }
    all
}

/// The timesheet that holds it. Which one released it last no list tells.
fn held_by(membership: &Membership) -> String {
    match membership {
        Membership::Held { timesheet_id, .. } => timesheet_id.to_string(),
        Membership::None | Membership::Released { .. } => "-".to_owned(),
    }
}

fn assert_same(found: &Dump, right: &Dump, when: &str) {
    let keys: BTreeSet<&String> = found.keys().chain(right.keys()).collect();
    let differing: Vec<String> = keys
        .into_iter()
        .filter(|key| found.get(*key) != right.get(*key))
        .map(|key| {
            format!(
                "{key}\n  found {:?}\n  right {:?}",
                found.get(key),
                right.get(key)
            )
        })
        .collect();
    assert!(differing.is_empty(), "{when}:\n{}", differing.join("\n"));
}

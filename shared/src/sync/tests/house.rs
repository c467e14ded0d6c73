//! A database, queues and a small company, and what the tests ask of them.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};

use super::clockify::{self, Approval, Clockify, WORKSPACE, World};
use crate::{
    azure::{
        blobs::Blobs,
        queues::{CLOCKIFY_EVENTS, JOBS, Message, Queues, file::QueueFile, poison_queue_of},
    },
    clock::Clock,
    domain::{
        flags::{FlagKind, FlagRules},
        ids::{JobId, TimesheetId},
        time::{CompanyZone, Rounding},
        timesheet::{Timesheet, TimesheetState},
    },
    jobs::{DRY_RUN, Delivered, Job, JobKind, JobRequest, Jobs, SYNC},
    settings::{DatabaseUrl, QueueUrl, StorageUrl, SyncSettings},
    store::{
        Statement, Store, StoreError,
        delivery::{self, Delivery, DeliveryFilter},
        expense::{self, StoredExpense},
        flag::{self, FlagFilter},
        time_entry::{self, StoredEntry},
        timesheet,
    },
    sync::{Mirror, SyncError, SyncRules, coalesce::ScanPace, envelope::Envelope, events::Events},
};

/// The Monday after the week that the company has worked, 12:00 in Edmonton.
pub(super) const NOW: &str = "2026-11-09T18:00:00Z";
const WEEK: [&str; 2] = ["2026-11-01T06:00:00Z", "2026-11-08T05:59:59Z"];

pub(super) struct House {
    pub(super) clockify: Clockify,
    pub(super) store: Store,
    pub(super) queues: Queues,
    pub(super) events: Events,
    pub(super) jobs: Jobs,
    mirror: Mirror,
    folder: tempfile::TempDir,
}

impl House {
    /// An empty database and an empty Clockify.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("clocking.db"))).unwrap();
        store.migrate().await.unwrap();
        Self::over(Clockify::start().await, store, folder)
    }

    fn over(clockify: Clockify, store: Store, folder: tempfile::TempDir) -> Self {
        let queues = Queues::open(&QueueUrl::Sqlite(folder.path().join("queue.db"))).unwrap();
        let files = StorageUrl::Folder(folder.path().join("files"));
        let blobs = Blobs::open(&files, "http://localhost").unwrap();
        let rules = SyncRules {
            windows: SyncSettings {
                from: "2026-01-01".parse().unwrap(),
                nightly_days: 35,
                weekly_days: 400,
                stop_percent: 20,
                stop_rows: 50,
                delivery_days: 90,
            },
            zone: CompanyZone::named("America/Edmonton").unwrap(),
            rounding: Rounding::default(),
            flags: FlagRules::default(),
        };
        let mirror = Mirror {
            store: store.clone(),
            client: clockify.client(),
            clock: Clock::standing_at(NOW.parse().unwrap()),
            rules,
            dry_run: false,
        };
        let at_once = ScanPace {
            stands_still: Duration::ZERO,
            most_wait: Duration::ZERO,
            lists_behind: Duration::ZERO,
            ..ScanPace::default()
        };
        Self {
            events: Events::new(mirror.clone(), queues.clone(), blobs).with_pace(at_once),
            jobs: Jobs::new(store.clone(), queues.clone())
                .with(DRY_RUN, mirror.rehearsing())
                .with(SYNC, mirror.clone()),
            mirror,
            clockify,
            store,
            queues,
            folder,
        }
    }

    /// The same house after its rule of rounding was changed, with slices as short as can be.
    pub(super) fn rounding_by(mut self, rounding: Rounding) -> Self {
        self.mirror.rules.rounding = rounding;
        self.jobs = self
            .jobs
            .with(SYNC, self.mirror.clone())
            .with_slices_of(Duration::ZERO);
        self
    }

    /// The same Clockify, with a database that has seen nothing.
    pub(super) async fn beside(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("clocking.db"))).unwrap();
        store.migrate().await.unwrap();
        Self::over(self.clockify.clone(), store, folder)
    }

    /// Two people, a project with a task, a tag, a policy, a holiday, and a week of work, submitted by both.
    pub(super) async fn with_company() -> Self {
        let house = Self::new().await;
        {
            let mut world = house.clockify.world();
            company(&mut world);
            for user in ["ann", "bob"] {
                submit(&mut world, user);
            }
        }
        house
    }

    /// Runs a sync to its end and gives back its job.
    pub(super) async fn sync(&self, resource: &str, params: Value) -> Job {
        let id = self.request(resource, params).await;
        self.run_jobs().await;
        self.job(&id).await
    }

    /// Runs a dry run to its end.
    pub(super) async fn dry_run(&self, resource: &str, params: Value) -> Job {
        let id = self.request_of(DRY_RUN, resource, params).await;
        self.run_jobs().await;
        self.job(&id).await
    }

    pub(super) async fn request(&self, resource: &str, params: Value) -> JobId {
        self.request_of(SYNC, resource, params).await
    }

    async fn request_of(&self, family: &'static str, resource: &str, params: Value) -> JobId {
        let request = JobRequest {
            kind: JobKind::new(family, resource),
            params,
            requested_by: "test".to_owned(),
            occasion: None,
        };
        self.jobs.request(&request).await.unwrap().id
    }

    pub(super) async fn job(&self, id: &JobId) -> Job {
        self.jobs.get(id).await.unwrap().unwrap()
    }

    /// Handles the messages of the queue `jobs` that are visible, and those that they send at once.
    pub(super) async fn run_jobs(&self) {
        for _ in 0..1000 {
            let Some(message) = self.receive(JOBS).await else {
                return;
            };
            self.jobs.run(delivered(&message)).await.unwrap();
            self.queues.delete(&message).await.unwrap();
        }
        panic!("the jobs do not end");
    }

    pub(super) async fn receive(&self, queue: &str) -> Option<Message> {
        let hour = Duration::from_hours(1);
        self.queues.receive(queue, 1, hour).await.unwrap().pop()
    }

    /// Applies a webhook at once, as the queue would bring it.
    pub(super) async fn event(&self, event_type: &str, body: &Value) -> Result<(), SyncError> {
        let id = uuid::Uuid::now_v7().to_string();
        self.event_in(&id, event_type, body).await
    }

    /// The same, in a message of that id.
    pub(super) async fn event_in(
        &self,
        message_id: &str,
        event_type: &str,
        body: &Value,
    ) -> Result<(), SyncError> {
        let text = envelope(message_id, event_type, body).to_text();
        let delivered = Delivered {
            message_id,
            text: &text,
        };
        self.events.apply(delivered).await
    }

    /// The webhook that Clockify would send about an approval request now.
    pub(super) async fn approval_event(&self, id: &str) -> Result<(), SyncError> {
        let body = {
            let world = self.clockify.world();
            clockify::request_body(id, &world.approvals[id])
        };
        self.event("APPROVAL_REQUEST_STATUS_UPDATED", &body).await
    }

    pub(super) async fn entry(&self, id: &str) -> Option<StoredEntry> {
        self.store
            .read(async |mut tx| time_entry::get_all(&mut tx, &[id]).await)
            .await
            .unwrap()
            .pop()
    }

    /// What stands on the entry about its timesheet: its state's word, or `none`.
    pub(super) async fn shown_state(&self, id: &str) -> String {
        let entry = self.entry(id).await.unwrap();
        entry
            .membership
            .state()
            .map_or("none", TimesheetState::as_str)
            .to_owned()
    }

    pub(super) async fn timesheet(&self, id: &str) -> Option<Timesheet> {
        let id = TimesheetId::from(id);
        self.store
            .read(async |mut tx| timesheet::get(&mut tx, &id).await)
            .await
            .unwrap()
    }

    pub(super) async fn state_of(&self, id: &str) -> String {
        let sheet = self.timesheet(id).await.unwrap();
        sheet.state.as_str().to_owned()
    }

    pub(super) async fn expenses(&self) -> Vec<StoredExpense> {
        let day = |text: &str| -> Date { text.parse().unwrap() };
        self.store
            .read(async |mut tx| {
                expense::list(&mut tx, day("2020-01-01"), day("2030-12-31"), None).await
            })
            .await
            .unwrap()
    }

    pub(super) async fn entries(&self) -> Vec<StoredEntry> {
        let day = |text: &str| -> Date { text.parse().unwrap() };
        self.store
            .read(async |mut tx| {
                time_entry::list(&mut tx, day("2020-01-01"), day("2030-12-31"), None).await
            })
            .await
            .unwrap()
    }

    pub(super) async fn flags(&self) -> Vec<(FlagKind, String)> {
        let flags = self
            .store
            .read(async |mut tx| flag::list(&mut tx, &FlagFilter::default(), 200).await)
            .await
            .unwrap();
        let mut flags: Vec<_> = flags
            .into_iter()
            .map(|flag| (flag.kind, flag.record_id))
            .collect();
        flags.sort();
        flags
    }

    pub(super) async fn deliveries(&self) -> Vec<Delivery> {
        self.store
            .read(async |mut tx| delivery::list(&mut tx, &DeliveryFilter::default(), 200).await)
            .await
            .unwrap()
    }

    /// (wanted, done, is owned)
    pub(super) async fn scan_row(&self) -> (i64, i64, bool) {
        const ROW: Statement = Statement::new("SELECT wanted, done, owner FROM scan");
        self.store
            .read(async |mut tx| {
                let row = tx.query_one(&ROW, &[]).await?.unwrap();
                Ok::<_, StoreError>((
                    row.int("wanted")?,
                    row.int("done")?,
                    row.opt_text("owner")?.is_some(),
                ))
            })
            .await
            .unwrap()
    }

    /// Lets all leases run out.
    pub(super) async fn expire_leases(&self) {
        const OF_SCAN: Statement =
            Statement::new("UPDATE scan SET expires_at = {now} WHERE owner IS NOT NULL");
        const OF_JOBS: Statement =
            Statement::new("UPDATE job SET expires_at = {now} WHERE owner IS NOT NULL");
        self.store
            .write(async |mut tx| {
                tx.execute(&OF_SCAN, &[]).await?;
                tx.execute(&OF_JOBS, &[]).await
            })
            .await
            .unwrap();
    }

    /// Lets the leases on all messages end, as when nobody deleted them.
    pub(super) async fn show_hidden_messages(&self) {
        let file = QueueFile::open(&self.folder.path().join("queue.db")).unwrap();
        for queue in [CLOCKIFY_EVENTS, JOBS] {
            file.release_all(&poison_queue_of(queue)).await.unwrap();
        }
    }

    /// How many messages wait in the queue of events, hidden ones too.
    pub(super) async fn waiting_events(&self) -> u64 {
        self.queues.count(CLOCKIFY_EVENTS).await.unwrap()
    }
}

pub(super) fn delivered(message: &Message) -> Delivered<'_> {
    Delivered {
        message_id: &message.id,
        text: &message.text,
    }
}

pub(super) fn envelope(event_id: &str, event_type: &str, body: &Value) -> Envelope {
    Envelope::with_body(
        event_id.to_owned(),
        event_type,
        NOW.parse().unwrap(),
        body.to_string().as_bytes(),
    )
}

pub(super) fn company(world: &mut World) {
    for user in ["ann", "bob"] {
        world.users.push(json!({
            "id": user, "name": user, "email": format!("{user}@example.com"), "status": "ACTIVE",
            "settings": {"timeZone": "America/Edmonton"},
            "customFields": [
                {"customFieldName": "Start Date", "value": "2025-01-01"},
                {"customFieldName": "Rate Type", "value": "1"},
                {"customFieldName": "Reporting Manager", "value": "Mia"},
            ],
        }));
    }
    world.groups.push(
        json!({"id": "crew", "name": "Crew", "workspaceId": WORKSPACE, "userIds": ["ann", "bob"]}),
    );
    world
        .clients
        .push(json!({"id": "acme", "name": "ACME", "workspaceId": WORKSPACE, "archived": false}));
    world
        .projects
        .push(project("river", "ABC-001 - River Crossing"));
    world
        .tasks
        .push(json!({"id": "survey", "name": "Survey", "projectId": "river", "status": "ACTIVE"}));
    world.tags.push(json!({"id": "banked", "name": "BANKED - SITE", "workspaceId": WORKSPACE, "archived": false}));
    world.policies.push(json!({
        "id": "vacation", "name": "Vacation", "workspaceId": WORKSPACE, "timeUnit": "DAYS",
        "archived": false, "everyoneIncludingNew": true,
    }));
    world.holidays.push(json!({
        "id": "remembrance", "name": "Remembrance Day", "workspaceId": WORKSPACE, "occursAnnually": true,
        "datePeriod": {"startDate": "2026-11-11", "endDate": "2026-11-11"}, "everyoneIncludingNew": true,
    }));
    world.time_off.push(leave("leave-1", "ann"));
    for user in ["ann", "bob"] {
        for day in 2..=6 {
            let start = format!("2026-11-{day:02}T14:00:00Z");
            let end = format!("2026-11-{day:02}T22:00:00Z");
            let entry = entry(&format!("{user}-{day}"), user, &start, Some(&end));
            world.entries.insert(format!("{user}-{day}"), entry);
        }
    }
    world.categories = vec![category("mileage", Some(70)), category("meals", None)];
    for (id, day) in [("drive", "2026-11-03"), ("lunch", "2026-11-04")] {
        world.expenses.insert(id.into(), expense(id, "ann", day));
    }
}

pub(super) fn category(id: &str, cents: Option<i64>) -> Value {
    json!({
        "id": id, "name": id, "workspaceId": WORKSPACE, "archived": false, "hasUnitPrice": cents.is_some(),
        "priceInCents": cents.unwrap_or(0), "unit": if cents.is_some() { "km" } else { "" },
    })
}

/// 100 km for the project.
pub(super) fn expense(id: &str, user: &str, day: &str) -> Value {
    json!({
        "id": id, "userId": user, "workspaceId": WORKSPACE, "date": day, "projectId": "river", "taskId": null,
        "categoryId": "mileage", "notes": "there and back", "quantity": 100.0, "billable": true, "fileId": null,
        "total": 7000.0,
    })
}

pub(super) fn project(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "clientId": "acme", "workspaceId": WORKSPACE, "billable": true, "archived": false,
    })
}

pub(super) fn leave(id: &str, user: &str) -> Value {
    json!({
        "id": id, "workspaceId": WORKSPACE, "policyId": "vacation", "userId": user,
        "userTimeZone": "America/Edmonton", "timeUnit": "DAYS", "balanceDiff": 1,
        "timeOffPeriod": {"period": {"start": "2026-11-12T06:00:00Z", "end": "2026-11-13T05:59:59Z"}, "halfDay": false},
        "status": {"statusType": "APPROVED", "changedAt": "2026-11-01T00:00:00Z"},
    })
}

pub(super) fn entry(id: &str, user: &str, start: &str, end: Option<&str>) -> Value {
    json!({
        "id": id, "userId": user, "workspaceId": WORKSPACE, "description": "work", "projectId": "river",
        "taskId": "survey", "tagIds": ["banked"], "billable": true, "type": "REGULAR",
        "timeInterval": {"start": start, "end": end, "duration": null},
        "hourlyRate": {"amount": 9500, "currency": "CAD"},
    })
}

/// A user's week as a request of that name with `-week`, PENDING.
pub(super) fn submit(world: &mut World, user: &str) {
    let entries = world
        .entries
        .iter()
        .filter(|(_, entry)| entry["userId"] == user)
        .map(|(id, _)| id.clone())
        .collect();
    let expenses = world
        .expenses
        .iter()
        .filter(|(_, expense)| expense["userId"] == user)
        .map(|(id, _)| id.clone())
        .collect();
    world.approvals.insert(
        format!("{user}-week"),
        Approval {
            owner: user.to_owned(),
            state: "PENDING".to_owned(),
            updated_at: at("2026-11-09T15:00:00Z"),
            week: WEEK,
            entries,
            expenses,
        },
    );
}

/// Gives a request another state, at some minute of the Monday's morning.
pub(super) fn decide(world: &mut World, id: &str, state: &str, minute: u32) {
    let approval = world.approvals.get_mut(id).unwrap();
    state.clone_into(&mut approval.state);
    approval.updated_at = at(&format!("2026-11-09T16:{minute:02}:00Z"));
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The body of a webhook about an entry: flat, and without what has to be read again.
pub(super) fn entry_body(id: &str) -> Value {
    json!({"id": id, "workspaceId": WORKSPACE, "userId": "ann", "description": "never to be believed"})
}

//! A simulated company, a database, and a clock that stands where a test puts it.

use std::{collections::BTreeMap, time::Duration};

use clockify_sim::{Command, Config, Control, Id, PersonPlan, Simulator, Switches};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use shared::{
    azure::queues::{JOBS, Queues},
    balances::{BalanceError, BalanceKind, BalanceRules, Balances, NewCorrection, correct},
    clock::Clock,
    clockify::{Client, client::read_all},
    crash_point::killed_at,
    domain::{
        attendance::PayRules,
        balances::{BankedRules, PushRules, VacationRules},
        calendar::PayCalendar,
        flags::{FlagKind, FlagRules},
        ids::{EmployeeId, JobId, PolicyId},
        time::{CompanyZone, Rounding, half_up},
        time_off::TimeUnit,
    },
    jobs::{BALANCES, Delivered, Job, JobKind, JobRequest, Jobs, SYNC},
    lem::Act,
    settings::{BalanceSettings, ClockifySettings, DatabaseUrl, QueueUrl, Secret, SyncSettings},
    store::{
        Store, balance,
        balance::{BalanceFilter, ListedBalance},
        balance_ledger, balance_push,
        balance_push::{BalancePush, PushFilter},
        flag::{self, FlagFilter},
        policy, tag,
    },
    sync::{Mirror, SyncRules},
};

pub(crate) struct House {
    _simulator: Simulator,
    pub(crate) control: Control,
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) settings: BalanceSettings,
    pub(crate) now: Timestamp,
    queues: Queues,
    messages: std::sync::atomic::AtomicU64,
    _folder: tempfile::TempDir,
}

/// A place to die at, and at which passage.
pub(crate) type Death = (&'static str, u32);

impl House {
    /// A company of so many people with a short history before `now`.
    pub(crate) async fn new(people: usize, now: &str) -> Self {
        let now: Timestamp = now.parse().expect("an instant");
        let simulator = Simulator::start(Config {
            people,
            weeks: 4,
            now,
            switches: Switches {
                requests_per_second: None,
                ..Switches::default()
            },
            ..Config::default()
        })
        .await
        .expect("it starts");
        let folder = tempfile::tempdir().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("clocking.db"));
        let store = Store::open(&url).expect("a database");
        store.migrate().await.expect("a schema");
        let queues = QueueUrl::Sqlite(folder.path().join("queue.db"));
        let settings = ClockifySettings {
            api_url: simulator.api_url().parse().expect("an address"),
            reports_url: simulator.reports_url().parse().expect("an address"),
            api_key: Some(Secret::from(simulator.api_key())),
            workspace_id: None,
            requests_per_second: 10_000,
        };
        let mut house = Self {
            control: simulator.control(),
            _simulator: simulator,
            client: Client::new(&settings, reqwest::Client::new()),
            store,
            settings: BalanceSettings {
                banked_policy_id: None,
                vacation_policy_id: None,
                banked: BankedRules::default(),
                push: PushRules::default(),
                vacation: VacationRules::default(),
            },
            now,
            queues: Queues::open(&queues).expect("queues"),
            messages: 0.into(),
            _folder: folder,
        };
        house.sync().await;
        let policies = house
            .store
            .read(async |mut tx| policy::list(&mut tx).await)
            .await
            .expect("policies");
        let named = |name: &str| {
            let policy = policies.iter().find(|policy| policy.name == name);
            policy.expect("the policy").clone()
        };
        assert_eq!(named("Banked Time").unit, TimeUnit::Hours);
        assert_eq!(named("Vacation").unit, TimeUnit::Days);
        house.settings.banked_policy_id = Some(named("Banked Time").id);
        house.settings.vacation_policy_id = Some(named("Vacation").id);
        house
    }

    fn jobs(&self) -> Jobs {
        let clock = Clock::standing_at(self.now);
        let zone = CompanyZone::named("America/Edmonton").expect("a zone");
        let mirror = Mirror {
            dry_run: false,
            store: self.store.clone(),
            client: self.client.clone(),
            clock,
            rules: SyncRules {
                windows: SyncSettings {
                    from: date(2026, 1, 1),
                    nightly_days: 120,
                    weekly_days: 400,
                    stop_percent: 20,
                    stop_rows: 50,
                    delivery_days: 90,
                },
                zone: zone.clone(),
                rounding: Rounding::default(),
                flags: FlagRules::default(),
            },
        };
        let rules = BalanceRules {
            settings: self.settings.clone(),
            pay: PayRules::default(),
            calendar: PayCalendar::default(),
            zone,
        };
        let balances = Balances::new(self.client.clone(), clock, rules);
        Jobs::new(self.store.clone(), self.queues.clone())
            .with(SYNC, mirror)
            .with(BALANCES, balances.with_settling_time(Duration::ZERO))
    }

    /// Reads everything from Clockify: no webhook ever arrives here.
    pub(crate) async fn sync(&self) {
        let id = self.request(JobKind::new(SYNC, "all"), json!({})).await;
        let job = self.finish(&id, None).await;
        assert_eq!(job.error, None);
    }

    async fn request(&self, kind: JobKind, params: Value) -> JobId {
        let request = JobRequest {
            kind,
            params,
            requested_by: "test".to_owned(),
            occasion: None,
        };
        self.jobs().request(&request).await.expect("a job").id
    }

    /// Computes and pushes a balance, to the end of the job.
    pub(crate) async fn push(&self, kind: BalanceKind) -> Job {
        self.push_and_die(kind, None).await.0
    }

    /// Begins such a job and leaves it where it waits for something.
    pub(crate) async fn begin_push(&self, kind: BalanceKind) -> JobId {
        let kind = JobKind::new(BALANCES, kind.as_str());
        let id = self.request(kind, json!({"dryRun": false})).await;
        assert!(self.deliver(&id, "waits", None).await);
        id
    }

    pub(crate) async fn dry_run(&self, kind: BalanceKind) -> Job {
        let kind = JobKind::new(BALANCES, kind.as_str());
        let id = self.request(kind, json!({"dryRun": true})).await;
        self.finish(&id, None).await
    }

    /// The same, with the program killed once on the way; says Clockify's balances at that moment.
    pub(crate) async fn push_and_die(
        &self,
        kind: BalanceKind,
        death: Option<Death>,
    ) -> (Job, Option<BTreeMap<EmployeeId, Decimal>>) {
        let job = JobKind::new(BALANCES, kind.as_str());
        let id = self.request(job, json!({"dryRun": false})).await;
        let killed = match death {
            Some(death) if !self.deliver(&id, "killed", Some(death)).await => {
                Some(self.in_clockify(kind).await)
            }
            _ => None,
        };
        let again = killed.is_some().then_some("killed");
        (self.finish(&id, again).await, killed)
    }

    /// Delivers messages of a job until it is closed: first the one that was being handled, if there was one.
    pub(crate) async fn finish(&self, id: &JobId, again: Option<&str>) -> Job {
        if let Some(message) = again {
            assert!(self.deliver(id, message, None).await);
        }
        for _ in 0..20 {
            let job = self.jobs().get(id).await.expect("a job").expect("the job");
            if !job.status.is_open() {
                return job;
            }
            let number = self
                .messages
                .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            assert!(self.deliver(id, &format!("message {number}"), None).await);
        }
        panic!("the job does not end");
    }

    /// False: it was killed.
    async fn deliver(&self, id: &JobId, message_id: &str, death: Option<Death>) -> bool {
        let jobs = self.jobs();
        let text = json!({"v": 1, "job": id}).to_string();
        let delivered = Delivered {
            message_id,
            text: &text,
        };
        let handled = jobs.run(delivered);
        let handled = match death {
            Some((place, passage)) => killed_at(place, passage, handled).await,
            None => Some(handled.await),
        };
        // What stands in the queue is delivered by this test itself.
        let hour = Duration::from_hours(1);
        while let Some(message) = self
            .queues
            .receive(JOBS, 1, hour)
            .await
            .expect("messages")
            .pop()
        {
            self.queues.delete(&message).await.expect("deleted");
        }
        match handled {
            Some(handled) => {
                handled.expect("handled");
                true
            }
            None => false,
        }
    }

    pub(crate) fn policy_id(&self, kind: BalanceKind) -> &PolicyId {
        kind.policy_id(&self.settings).expect("set")
    }

    /// Everybody's balance in Clockify, in the policy's unit.
    pub(crate) async fn in_clockify(&self, kind: BalanceKind) -> BTreeMap<EmployeeId, Decimal> {
        let policy = self.policy_id(kind);
        let listed = read_all(|page| self.client.list_policy_balances(policy, page))
            .await
            .expect("balances");
        let rows = listed.rows.into_iter();
        rows.map(|row| {
            (
                row.user_id.expect("a user"),
                row.balance.expect("a balance"),
            )
        })
        .collect()
    }

    /// What the ledger sums to, in the policy's unit.
    pub(crate) async fn in_ledger(&self, kind: BalanceKind) -> BTreeMap<EmployeeId, Decimal> {
        let policy = self.policy_id(kind);
        let balances = self
            .store
            .read(async |mut tx| balance_ledger::balances(&mut tx, policy).await)
            .await
            .expect("a ledger");
        let in_unit = |hours: Decimal| match kind {
            BalanceKind::Banked => hours,
            BalanceKind::Vacation => half_up(hours / Decimal::from(8), 2),
        };
        balances
            .into_iter()
            .map(|(id, hours)| (id, in_unit(hours)))
            .collect()
    }

    pub(crate) async fn balances(&self, kind: BalanceKind) -> Vec<ListedBalance> {
        let filter = BalanceFilter {
            policy_id: Some(self.policy_id(kind).clone()),
            ..BalanceFilter::default()
        };
        self.store
            .read(async |mut tx| balance::list(&mut tx, &filter, 1000).await)
            .await
            .expect("balances")
    }

    pub(crate) async fn balance(&self, kind: BalanceKind, id: Id) -> Option<ListedBalance> {
        let id = EmployeeId(id.to_string());
        let mut all = self.balances(kind).await.into_iter();
        all.find(|listed| listed.balance.employee_id == id)
    }

    pub(crate) async fn open_pushes(&self) -> Vec<BalancePush> {
        self.store
            .read(async |mut tx| balance_push::open(&mut tx, None).await)
            .await
            .expect("pushes")
    }

    pub(crate) async fn pushes_of(&self, id: Id) -> Vec<BalancePush> {
        let filter = PushFilter {
            employee_id: Some(EmployeeId(id.to_string())),
            ..PushFilter::default()
        };
        self.store
            .read(async |mut tx| balance_push::list(&mut tx, &filter, 1000).await)
            .await
            .expect("pushes")
    }

    pub(crate) async fn flags(&self, kind: FlagKind) -> Vec<String> {
        let filter = FlagFilter {
            kind: Some(kind),
            ..FlagFilter::default()
        };
        let flags = self
            .store
            .read(async |mut tx| flag::list(&mut tx, &filter, 1000).await)
            .await
            .expect("flags");
        flags.into_iter().map(|flag| flag.record_id).collect()
    }

    /// A person looks at what waits, and lets it go.
    pub(crate) async fn release_all(&self) -> usize {
        let act = Act {
            by: "key payroll".to_owned(),
            at: self.now,
        };
        let open = self.open_pushes().await;
        for push in &open {
            self.store
                .write(async |mut tx| shared::balances::release(&mut tx, &act, &push.id).await)
                .await
                .expect("released");
        }
        open.len()
    }

    /// Somebody enters a correction for today.
    pub(crate) async fn correct(
        &self,
        kind: BalanceKind,
        person: Id,
        hours: Decimal,
    ) -> Result<(), BalanceError> {
        let act = Act {
            by: "key payroll".to_owned(),
            at: self.now,
        };
        let zone = CompanyZone::named("America/Edmonton").expect("a zone");
        let today = Clock::standing_at(self.now).today(&zone);
        let new = NewCorrection {
            employee_id: EmployeeId(person.to_string()),
            policy_id: self.policy_id(kind).clone(),
            date: today,
            hours,
            reason: "agreed".to_owned(),
            paid_out: hours < Decimal::ZERO,
        };
        self.store
            .write(async |mut tx| correct(&mut tx, &act, &self.settings, today, &new).await)
            .await
            .map(drop)
    }

    /// PATCHes of balances that Clockify has seen.
    pub(crate) async fn patches(&self) -> u64 {
        let counts = self.control.request_counts().await.expect("counts");
        let patches = counts
            .iter()
            .filter(|(route, _)| route.starts_with("PATCH") && route.contains("balance"));
        patches.map(|(_, count)| *count).sum()
    }

    pub(crate) async fn hire(&self, name: &str, first_day: Date, rate_type: Option<&str>) -> Id {
        let mut fields = BTreeMap::from([("Start Date".to_owned(), json!(first_day.to_string()))]);
        fields.extend(rate_type.map(|word| ("Rate Type".to_owned(), json!(word))));
        self.make(Command::AddPerson(PersonPlan {
            name: name.to_owned(),
            email: format!("{}@example.com", uuid::Uuid::now_v7()),
            first_day,
            fields,
        }))
        .await
    }

    /// Runs a command that makes a record.
    pub(crate) async fn make(&self, command: Command) -> Id {
        let outcome = self.control.run(&command).await.expect("done");
        outcome.id().expect("a record")
    }

    /// The tag of that name, of those that are not archived.
    pub(crate) async fn tag(&self, name: &str) -> Id {
        let tags = self
            .store
            .read(async |mut tx| tag::list(&mut tx).await)
            .await
            .expect("tags");
        let tag = tags.iter().find(|tag| tag.name == name && !tag.archived);
        tag.expect("the tag").id.as_str().parse().expect("an id")
    }

    /// A banked day of so many hours, from 7:00 in Edmonton: recorded, not handed in.
    pub(crate) async fn work(&self, person: Id, day: Date, hours: i64, tag: Id) -> Id {
        let zone = CompanyZone::named("America/Edmonton").expect("a zone");
        let start = day
            .at(7, 0, 0, 0)
            .to_zoned(zone.time_zone().clone())
            .expect("an instant")
            .timestamp();
        self.make(Command::RecordEntry(clockify_sim::EntryPlan {
            person,
            start,
            end: Some(start + jiff::SignedDuration::from_hours(hours)),
            project: None,
            task: None,
            tags: vec![tag],
            billable: Some(false),
            description: String::new(),
            is_break: false,
        }))
        .await
    }

    /// A banked day that is handed in and approved.
    pub(crate) async fn bank(&self, person: Id, day: Date, hours: i64, tag: Id) -> Id {
        self.work(person, day, hours, tag).await;
        let submit = Command::Submit { person, week: day };
        let sheet = self.make(submit).await;
        self.control
            .decide(sheet, clockify_sim::SheetState::Approved, "")
            .await
            .expect("approved");
        sheet
    }

    /// Lets Clockify's clock and ours go on.
    pub(crate) async fn let_pass(&mut self, days: i64) {
        let seconds = days * 86_400;
        self.control
            .run(&Command::LetTimePass { seconds })
            .await
            .expect("passed");
        self.now += jiff::SignedDuration::from_secs(seconds);
    }

    /// Clockify has what the ledger says, for everyone whose balance can be pushed.
    pub(crate) async fn assert_equal(&self, kind: BalanceKind, when: &str) {
        let (theirs, ours) = (self.in_clockify(kind).await, self.in_ledger(kind).await);
        let mut compared = 0;
        for listed in self.balances(kind).await {
            let balance = &listed.balance;
            let outcome = balance.outcome.as_str();
            if ["not sent", "held"].contains(&outcome) {
                continue;
            }
            compared += 1;
            let ledger = ours.get(&balance.employee_id).copied().unwrap_or_default();
            assert_eq!(
                theirs.get(&balance.employee_id).copied(),
                Some(ledger),
                "{kind:?} {when}: {listed:?}"
            );
        }
        assert!(compared > 0, "{kind:?} {when}: nobody was compared");
    }
}

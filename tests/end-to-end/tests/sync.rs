//! The real sync against the simulated company of sixty.

use std::{
    collections::BTreeMap,
    io,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use clockify_sim::{Config, Simulator, Switches};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    azure::queues::{JOBS, Queues},
    clock::Clock,
    clockify::{Client, client::Retries},
    domain::{
        flags::FlagRules,
        ids::JobId,
        time::{CompanyZone, Rounding},
    },
    jobs::{Delivered, Job, JobKind, JobRequest, JobStatus, Jobs, SYNC, Stats},
    settings::{ClockifySettings, DatabaseUrl, QueueUrl, Secret, SyncSettings},
    store::Store,
    sync::{Mirror, SyncRules},
};

const NOW: &str = "2026-11-16T12:00:00Z";

struct House {
    client: Client,
    queues: Queues,
    jobs: Jobs,
    folder: tempfile::TempDir,
}

async fn house(simulator: &Simulator) -> House {
    house_with(simulator, Retries::default()).await
}

async fn house_with(simulator: &Simulator, retries: Retries) -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let store =
        Store::open(&DatabaseUrl::Sqlite(folder.path().join("clocking.db"))).expect("a database");
    store.migrate().await.expect("a schema");
    let queues = Queues::open(&QueueUrl::Sqlite(folder.path().join("queue.db"))).expect("queues");
    let settings = ClockifySettings {
        api_url: simulator.api_url().parse().expect("an address"),
        reports_url: simulator.reports_url().parse().expect("an address"),
        api_key: Some(Secret::from(simulator.api_key())),
        workspace_id: None,
        requests_per_second: 50,
    };
    let client = Client::with_retries(&settings, reqwest::Client::new(), retries);
    let mirror = Mirror {
        store: store.clone(),
        client: client.clone(),
        clock: Clock::standing_at(NOW.parse().expect("an instant")),
        rules: SyncRules {
            windows: SyncSettings {
                from: jiff::civil::date(2026, 8, 1),
                nightly_days: 35,
                weekly_days: 400,
                stop_percent: 20,
                stop_rows: 50,
                delivery_days: 90,
            },
            zone: CompanyZone::named("America/Edmonton").expect("a zone"),
            rounding: Rounding::default(),
            flags: FlagRules::default(),
        },
        dry_run: false,
    };
    House {
        jobs: Jobs::new(store, queues.clone()).with(SYNC, mirror),
        client,
        queues,
        folder,
    }
}

impl House {
    /// Syncs everything and says with how many requests.
    async fn sync(&self, params: Value) -> (Job, u64) {
        let before = self.client.requests_sent();
        let id = self.request(params).await;
        self.run_messages().await;
        let job = self.job(&id).await;
        assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
        (job, self.client.requests_sent() - before)
    }

    async fn request(&self, params: Value) -> JobId {
        let request = JobRequest {
            kind: JobKind::new(SYNC, "all"),
            params,
            requested_by: "test".to_owned(),
            occasion: None,
        };
        self.jobs.request(&request).await.expect("a job").id
    }

    /// Handles the messages that are visible, and those that they send at once.
    async fn run_messages(&self) {
        let hour = Duration::from_hours(1);
        while let Some(message) = self
            .queues
            .receive(JOBS, 1, hour)
            .await
            .expect("messages")
            .pop()
        {
            let delivered = Delivered {
                message_id: &message.id,
                text: &message.text,
            };
            self.jobs.run(delivered).await.expect("it runs");
            self.queues.delete(&message).await.expect("it is done with");
        }
    }

    async fn job(&self, id: &JobId) -> Job {
        self.jobs.get(id).await.expect("a job").expect("the job")
    }

    /// Lets the time pass for which messages are hidden.
    async fn show_hidden_messages(&self) {
        let file = self.queues.file().expect("a file");
        file.hasten(JOBS).await.expect("shown");
    }
}

/// A quiet incremental night of the company of sixty: under 60 requests, and no row written.
#[tokio::test]
async fn a_quiet_night_of_sixty_people_asks_little_and_writes_nothing() {
    let config = Config {
        now: NOW.parse::<Timestamp>().expect("an instant"),
        ..Config::default()
    };
    let simulator = Simulator::start(config).await.expect("it starts");
    let house = house(&simulator).await;
    let (first, asked_first) = house.sync(json!({})).await;
    assert!(first.stats.inserted > 2_000, "{:?}", first.stats);
    let (quiet, asked) = house.sync(json!({})).await;
    let written = Stats {
        read: 0,
        ..quiet.stats
    };
    println!(
        "first: {asked_first} requests, {:?}; quiet: {asked} requests, {:?}",
        first.stats, quiet.stats
    );
    assert_eq!(written, Stats::default());
    assert!(asked < 60, "{asked} requests");
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panicked");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A newly made Free workspace allows 30 requests an hour (`clockify.md` §2.3): it gets a clear warning, once, and a
/// slower sync, which loses nothing.
#[tokio::test]
async fn a_workspace_of_thirty_requests_an_hour_gets_a_warning_and_a_slower_sync() {
    const WARNING: &str = "Clockify refuses requests although few were sent: this workspace seems to be limited to \
        30 requests an hour, as new Free workspaces are. Syncs go on, slowly; a paid plan allows 50 a second.";
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(move || written.clone())
        .finish();
    let _logs = tracing::subscriber::set_default(subscriber);
    let config = |requests_per_hour| Config {
        now: NOW.parse::<Timestamp>().expect("an instant"),
        people: 12,
        switches: Switches {
            requests_per_hour,
            ..Switches::default()
        },
        ..Config::default()
    };
    let quick = Retries {
        first_delay: Duration::from_millis(1),
        hourly_pause: Duration::from_millis(1),
        ..Retries::default()
    };
    let free = Simulator::start(config(Some(30))).await.expect("it starts");
    let slow = house_with(&free, quick).await;
    let id = slow.request(json!({})).await;
    let mut hours: u32 = 1;
    loop {
        slow.run_messages().await;
        let job = slow.job(&id).await;
        if job.finished_at.is_some() {
            assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
            break;
        }
        // An hour later 30 more are allowed.
        hours += 1;
        assert!(hours < 20, "it does not get on: {:?}", job.error);
        let switches = Switches {
            requests_per_hour: Some(30 * hours),
            ..Switches::default()
        };
        free.control().set_switches(&switches).await.expect("set");
        slow.show_hidden_messages().await;
    }
    assert!(hours > 2, "{hours} hours");
    assert_eq!(log.text().matches(WARNING).count(), 1, "{}", log.text());
    // The first refusal is tried four times; once the limit is known, each hour costs one try.
    let sent = slow.client.requests_sent();
    println!("{hours} hours, {sent} requests sent");
    assert!(
        sent <= u64::from(30 * hours + 4 + hours),
        "{sent} requests sent"
    );

    let paid = Simulator::start(config(None)).await.expect("it starts");
    let fast = house_with(&paid, quick).await;
    fast.sync(json!({})).await;
    assert_eq!(
        rows(slow.folder.path()),
        rows(fast.folder.path()),
        "slower, and the same"
    );
}

/// How many rows each table of records has.
fn rows(folder: &Path) -> BTreeMap<&'static str, i64> {
    let database = rusqlite::Connection::open(folder.join("clocking.db")).expect("the database");
    [
        "employee",
        "employee_group",
        "client",
        "project",
        "task",
        "tag",
        "policy",
        "holiday",
        "time_off_request",
        "timesheet",
        "time_entry",
        "expense",
        "flag",
    ]
    .into_iter()
    .map(|table| {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let count = database.query_row(&sql, [], |row| row.get(0));
        (table, count.expect(table))
    })
    .collect()
}

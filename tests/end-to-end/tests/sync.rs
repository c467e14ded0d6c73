//! The real sync against the simulated company of sixty.

use std::time::Duration;

use clockify_sim::{Config, Simulator};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    azure::queues::{JOBS, Queues},
    clock::Clock,
    clockify::Client,
    domain::{
        flags::FlagRules,
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
    _folder: tempfile::TempDir,
}

async fn house(simulator: &Simulator) -> House {
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
    let client = Client::new(&settings, reqwest::Client::new());
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
        _folder: folder,
    }
}

impl House {
    /// Syncs everything and says with how many requests.
    async fn sync(&self, params: Value) -> (Job, u64) {
        let before = self.client.requests_sent();
        let request = JobRequest {
            kind: JobKind::new(SYNC, "all"),
            params,
            requested_by: "test".to_owned(),
            occasion: None,
        };
        let id = self.jobs.request(&request).await.expect("a job").id;
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
        let job = self.jobs.get(&id).await.expect("a job").expect("the job");
        assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
        (job, self.client.requests_sent() - before)
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

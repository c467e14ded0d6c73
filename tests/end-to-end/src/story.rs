//! A company at work: simulated Clockify, the stand-in for the Functions host, and the real handler in a process of its
//! own. Whoever waits here waits for a condition, never for a time.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clockify_sim::{Command, Control, Id, Outcome, Simulator};
use local_host::{FaultPlan, LocalHost, Options, cargo, handler::State, waiting::until};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    api::Api,
    azure::{Azure, OF_THE_DEPLOYED_APP},
    burst::Webhook,
    clockify::Clockify,
    company::Company,
    database::{Database, Tables},
    package::Package,
    people::{Person, caller_keys},
    project,
    workbook::unzip,
};

/// Nothing takes so long unless it hangs.
pub const PATIENCE: Duration = Duration::from_mins(4);
/// The secret that Clockify sends with its webhooks.
pub const WEBHOOK_SECRET: &str = "the secret of the webhooks";

/// A company at work. Everything ends when it is dropped.
#[derive(Debug)]
pub struct Story {
    /// Makes things happen in Clockify.
    pub control: Control,
    /// Kills, delays and repeats what the handler gets.
    pub host: LocalHost,
    simulator: Simulator,
    options: Options,
    azure: Option<Azure>,
    folder: TempDir,
    unpacked: Option<TempDir>,
}

/// A file of a report.
#[derive(Debug)]
pub struct ReportFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Story {
    /// Starts the company; nothing has happened yet.
    pub(crate) async fn begin(company: Company) -> Self {
        let simulator = Simulator::start(company.config()).await.expect("Clockify");
        let folder = tempfile::tempdir().expect("a folder");
        let unpacked = company.is_packaged.then(|| Package::here().unpacked());
        let app = unpacked
            .as_ref()
            .map_or_else(project, |unpacked| unpacked.path().to_owned());
        let mut options = Options::for_test(app, folder.path())
            .with("CLOCKIFY_API_URL", simulator.api_url())
            .with("CLOCKIFY_REPORTS_URL", simulator.reports_url())
            .with("CLOCKIFY_API_KEY", simulator.api_key())
            .with("CLOCKIFY_REQUESTS_PER_SECOND", "50")
            .with(
                "CLOCKIFY_WEBHOOK_SECRETS",
                json!({"*": WEBHOOK_SECRET}).to_string(),
            )
            .with("CALLER_KEYS", caller_keys())
            .with("CLOCKING_NOW", company.now().to_string())
            .with("SYNC_FROM", "2026-06-01")
            .with("LOCAL_RETRY_DELAY_MS", "0");
        if company.is_packaged {
            options = options.with("CLOCKIFY_WORKSPACE_ID", simulator.workspace_id());
            for (name, value) in OF_THE_DEPLOYED_APP {
                options = options.with(name, value);
            }
        } else {
            options.handler = Some(handler());
        }
        let azure = if company.is_on_azure {
            let azure = Azure::start().await;
            for (name, value) in azure.settings() {
                options = options.with(name, value);
            }
            options.identity = Some(azure.azurite.identity());
            Some(azure)
        } else {
            None
        };
        for (name, value) in &company.settings {
            options = options.with(name, value);
        }
        let host = LocalHost::start(options.clone()).await.expect("the host");
        host.until_ready().await.expect("the handler listens");
        let control = simulator.control();
        let url = if company.webhooks_arrive {
            host.url("/api/clockify/webhooks")
        } else {
            "http://127.0.0.1:9/nobody".to_owned()
        };
        let hooks = control.add_webhooks(&url, Some(WEBHOOK_SECRET)).await;
        hooks.expect("webhooks");
        Self {
            control,
            host,
            simulator,
            options,
            azure,
            folder,
            unpacked,
        }
    }

    /// The app, called by that person.
    pub fn api(&self, person: Person) -> Api {
        Api::new(&self.host.base_url, Some(&person.key()))
    }

    /// The app, called by somebody with every role.
    pub fn developer(&self) -> Api {
        Api::new(&self.host.base_url, Some(&self.host.key))
    }

    /// The app, called by somebody without a key.
    pub fn stranger(&self) -> Api {
        Api::new(&self.host.base_url, None)
    }

    /// What Clockify itself says, to hold the app against.
    pub fn clockify(&self) -> Clockify {
        Clockify::of(&self.simulator)
    }

    /// Where the app's `host.json` stands.
    pub fn app(&self) -> &Path {
        &self.options.app
    }

    /// What is stored.
    pub fn database(&self) -> Database {
        Database::at(&self.folder.path().join("clocking.db"))
    }

    /// Something happens in Clockify.
    pub async fn clockify_does(&self, command: Command) -> Outcome {
        let outcome = self.control.run(&command).await;
        outcome.unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// The same, where it makes a record.
    pub async fn clockify_makes(&self, command: Command) -> Id {
        let outcome = self.clockify_does(command).await;
        outcome.id().expect("a record was made")
    }

    /// Somebody clicks "Approve all"; the webhooks are on their way.
    pub async fn approve_all(&self) -> Outcome {
        let outcome = self.control.approve_all(None).await;
        outcome.expect("something to approve")
    }

    /// Asks for a sync and waits for its end; the job.
    pub async fn sync(&self, resource: &str) -> Value {
        let job = self.ask_for_sync(resource, &json!({})).await;
        self.succeeded(&job).await
    }

    /// Asks for a sync; the id of the job.
    pub async fn ask_for_sync(&self, resource: &str, body: &Value) -> String {
        let path = format!("/sync/{resource}");
        let asked = self.api(Person::ItAdministrator).post(&path, body).await;
        let asked = asked.expect(202);
        asked["jobId"].as_str().expect("a job").to_owned()
    }

    /// Waits for the end of a job, which must be a good one, while the handler may die.
    pub async fn succeeded(&self, id: &str) -> Value {
        closed(&self.developer(), id).await
    }

    /// Waits until every webhook is answered and everything that follows is done, but for what was put off on purpose.
    pub async fn settled(&self) {
        self.control.settled(PATIENCE).await.expect("answers");
        if self.azure.is_some() {
            return self.nothing_is_open().await;
        }
        let idle = self.host.until_queues_are_idle(PATIENCE).await;
        idle.expect("idle queues");
    }

    /// The same, and what was put off for later happens now.
    pub async fn settled_for_good(&self) {
        self.control.settled(PATIENCE).await.expect("answers");
        if self.azure.is_some() {
            return self.nothing_is_open().await;
        }
        let empty = self.host.until_queues_are_empty(PATIENCE).await;
        empty.expect("empty queues");
    }

    /// A storage account does not tell which of its messages are put off, so the database is asked whether anything that it
    /// knows of is still to be done.
    async fn nothing_is_open(&self) {
        let database = self.database();
        let open = "SELECT (SELECT COUNT(*) FROM job WHERE status IN ('queued', 'running'))
            + (SELECT COUNT(*) FROM delivery WHERE outcome = 'waiting')
            + (SELECT wanted - done FROM scan)";
        let done = async || (!database.exists() || database.number(open) == 0).then_some(());
        until(PATIENCE, done).await.expect("nothing is open");
    }

    /// What a link gives to somebody without any key.
    pub async fn follow(&self, link: &str) -> reqwest::Response {
        let answer = self.browser().get(link).send().await;
        answer.expect("an answer")
    }

    /// A person's browser, which knows no key.
    pub fn browser(&self) -> reqwest::Client {
        let client = match &self.azure {
            Some(azure) => azure.azurite.client(),
            None => reqwest::Client::builder(),
        };
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        client.expect("a client")
    }

    /// Makes a report as that person, and follows its links; what comes as a zip is taken apart.
    pub async fn report(&self, person: Person, kind: &str, body: &Value) -> Vec<ReportFile> {
        let path = format!("/reports/{kind}?wait=100");
        let job = self.api(person).post(&path, body).await.expect(200);
        assert_eq!(job["status"], "succeeded", "{job}");
        let mut files = Vec::new();
        for file in job["files"].as_array().expect("files") {
            let (name, url) = (&file["name"], file["url"].as_str().expect("a link"));
            let answer = self.follow(url).await;
            assert!(answer.status().is_success(), "{}", answer.status());
            let bytes = answer.bytes().await.expect("all of it").to_vec();
            assert_eq!(file["bytes"].as_u64(), Some(bytes.len() as u64), "{name}");
            let name = name.as_str().expect("a name").to_owned();
            if Path::new(&name)
                .extension()
                .is_some_and(|kind| kind == "zip")
            {
                let parts = unzip(&bytes).into_iter();
                files.extend(parts.map(|(name, bytes)| ReportFile { name, bytes }));
            } else {
                files.push(ReportFile { name, bytes });
            }
        }
        files
    }

    /// What a full sync into an empty database makes of Clockify as it now is: what the database must equal, whatever
    /// happened on the way (`domain.md` §3).
    pub async fn as_a_fresh_sync_tells(&self) -> Tables {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            data: folder.path().to_owned(),
            ..self.options.clone()
        };
        let host = LocalHost::start(options).await.expect("the host");
        let api = Api::new(&host.base_url, Some(&host.key));
        let asked = api.post("/sync/all", &json!({})).await.expect(202);
        let id = asked["jobId"].as_str().expect("a job");
        closed(&api, id).await;
        host.stop().await;
        Database::at(&folder.path().join("clocking.db")).as_clockify_lists()
    }

    /// The handler dies at that place while that happens; afterwards all that follows is done.
    pub async fn dies_at(&self, place: &str, happens: impl Future<Output = ()>) {
        let plan = FaultPlan {
            crash_at: Some(place.to_owned()),
            ..FaultPlan::default()
        };
        self.host.add_faults(plan).await;
        let lives = self.lives().await;
        happens.await;
        let died = async || (self.lives().await > lives).then_some(());
        let died = until(PATIENCE, died).await;
        died.unwrap_or_else(|_| panic!("nothing died at {place}"));
        self.settled_for_good().await;
    }

    /// A timer goes off; its jobs, each of which must end well.
    pub async fn goes_off(&self, timer: &str) -> Vec<Value> {
        let by = format!("timer {timer}");
        let its_jobs = async || {
            let mut jobs = self.developer().list("/jobs").await;
            jobs.retain(|job| job["requestedBy"] == by.as_str());
            jobs
        };
        let earlier = its_jobs().await;
        self.host.run_by_hand(timer, "").expect("a timer");
        let more = async || (its_jobs().await.len() > earlier.len()).then_some(());
        until(PATIENCE, more).await.expect("a job");
        self.settled_for_good().await;
        let mut jobs = its_jobs().await;
        jobs.retain(|job| earlier.iter().all(|known| known["id"] != job["id"]));
        for job in &jobs {
            assert_eq!(job["status"], "succeeded", "{job}");
        }
        jobs
    }

    /// How often the handler was started.
    pub async fn lives(&self) -> u32 {
        match self.host.handler().state() {
            State::Ready(life) => life.number,
            _ => self.host.until_ready().await.expect("it listens").number,
        }
    }

    /// The host and the handler are started anew with other settings, over the same data.
    #[must_use]
    pub async fn restarted_with(self, settings: &[(&str, &str)]) -> Self {
        let port = self
            .host
            .base_url
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        let mut options = Options {
            port: port.expect("a port"),
            ..self.options
        };
        for (name, value) in settings {
            options = options.with(name, *value);
        }
        self.host.stop().await;
        let host = LocalHost::start(options.clone()).await.expect("the host");
        host.until_ready().await.expect("the handler listens");
        Self {
            host,
            options,
            azure: self.azure,
            control: self.control,
            simulator: self.simulator,
            folder: self.folder,
            unpacked: self.unpacked,
        }
    }

    /// The webhooks of one event that Clockify has posted so far, wherever they arrived.
    pub async fn webhooks_of(&self, event: &str) -> Vec<Webhook> {
        self.control.settled(PATIENCE).await.expect("posted");
        let deliveries = self.control.deliveries().await.expect("deliveries");
        let first = deliveries.into_iter().filter(|one| one.attempt == 1);
        let mut first: Vec<_> = first.filter(|one| one.event == event).collect();
        first.sort_by_key(|one| one.number);
        let webhooks = first.into_iter().map(|one| Webhook {
            event: one.event,
            body: one.body,
        });
        webhooks.collect()
    }

    /// How often the lists of approvals were read from their beginning.
    pub async fn scans(&self) -> usize {
        let requests = self.control.requests().await.expect("requests");
        requests
            .iter()
            .filter(|seen| {
                seen.path.contains("/approval-requests?")
                    && seen.path.contains("status=PENDING")
                    && seen.path.contains("page=1&")
            })
            .count()
    }
}

impl ReportFile {
    /// The file whose name begins so.
    pub fn named<'a>(files: &'a [Self], start: &str) -> &'a Self {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let found = files.iter().find(|file| file.name.starts_with(start));
        found.unwrap_or_else(|| panic!("no {start} among {names:?}"))
    }
}

/// Waits for the end of a job, which must be a good one.
async fn closed(api: &Api, id: &str) -> Value {
    let path = format!("/jobs/{id}");
    let job = until(PATIENCE, async || {
        let answer = api.get(&path).await;
        // While the handler is being killed the host says 502.
        let job = answer.status.is_success().then(|| answer.json())?;
        let is_open = matches!(job["status"].as_str(), Some("queued" | "running"));
        (!is_open).then_some(job)
    });
    let job = job.await.expect("the job ends");
    assert_eq!(job["status"], "succeeded", "{job}");
    job
}

/// The handler's program, which `cargo test --workspace` and `cargo build` leave beside the tests.
pub fn handler() -> PathBuf {
    cargo::sister("handlers").expect("target/*/handlers: cargo build --workspace --bins makes it")
}

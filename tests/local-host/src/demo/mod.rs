//! `--demo`: the main job on a fresh machine, step by step and over HTTP alone. A simulated company is synced,
//! an "Approve all" burst arrives, foremen write LEM sheets, every report is made and downloaded.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{LocalHost, Options, cargo, handler::State, host::HostError};

mod api;
mod company;
mod lem;
mod screen;

use api::{Api, File, Job};
use company::Company;
use lem::Tickets;
use screen::seconds;

/// So long a step may take on a slow machine.
const PATIENCE: Duration = Duration::from_mins(5);
/// The demo's data lies in a folder of its own under the data folder, and is made anew each time.
const FOLDER: &str = "demo";
/// The reports that need not be told anything.
const REPORTS: [&str; 6] = [
    "payroll",
    "billing",
    "billable-summary",
    "time-status",
    "banked-time",
    "expense-claims",
];

/// What the demo is told.
#[derive(Debug)]
pub struct DemoOptions {
    /// Where to listen; the data folder; the app.
    pub host: Options,
    /// Where the simulator listens; 0: any free port.
    pub simulator_port: u16,
    /// What the business clock shows at the start; None: the real time.
    pub now: Option<Timestamp>,
}

/// Why a step did not work.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The host did not start.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The demo's folder.
    #[error("{}: {error}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The simulator did not start.
    #[error("clockify-sim: {0}")]
    Simulator(String),
    /// A request had no answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// An answer says no, or is not as agreed.
    #[error("{0}")]
    Refused(String),
}

/// A demo that has run, and still runs.
#[derive(Debug)]
pub struct Demo {
    host: LocalHost,
    company: Company,
    /// What the business clock showed at the start.
    now: Timestamp,
    /// The names of the steps that did not work.
    pub failed: Vec<&'static str>,
}

impl Demo {
    /// Starts everything and plays all steps. Steps that fail are shown; what builds on none of them goes on.
    pub async fn run(options: DemoOptions) -> Result<Self, DemoError> {
        let data = fresh_folder(&options.host.data)?;
        if options.host.handler.is_none() {
            cargo::build_programs()?;
        }
        let now = options.now.unwrap_or_else(Timestamp::now);
        let company = Company::start(options.simulator_port, now).await?;
        let host = LocalHost::start(Options {
            data,
            reads_settings: false,
            environment: company.settings(now).await?,
            ..options.host
        })
        .await?;
        println!("address  {}", host.base_url);
        println!("key      {}", host.key);
        println!("data     {}", host.data_dir.display());
        println!("company  {} (simulated)", company.address());
        let mut demo = Self {
            host,
            company,
            now,
            failed: Vec::new(),
        };
        demo.play().await;
        Ok(demo)
    }

    /// Stops everything.
    pub async fn stop(self) {
        self.host.stop().await;
        self.company.stop().await;
    }

    async fn play(&mut self) {
        let api = Api::new(&self.host);
        self.step("start", start(&api).await);
        self.step("sync", sync(&api, &self.company).await);
        let burst = approve_all(&api, &self.host, &self.company).await;
        self.step("approve all", burst);
        let mut reports: Vec<(&str, Value)> = REPORTS.map(|kind| (kind, json!({}))).into();
        let tickets = Tickets::write(&api, self.now).await;
        if let Ok(tickets) = &tickets {
            reports.push(("lem-sheet", tickets.of_the_signed_one()));
            reports.push(("lem-timesheet", tickets.of_all()));
        }
        self.step("LEM sheets", tickets.map(|tickets| tickets.to_string()));
        let all = screen::bar(reports.len());
        for (kind, body) in reports {
            all.set_message(kind);
            let made = self.report(&api, kind, &body).await;
            all.suspend(|| self.step(kind, made));
            all.inc(1);
        }
        all.finish_and_clear();
        self.step("host", self.judge());
    }

    fn step(&mut self, name: &'static str, outcome: Result<String, DemoError>) {
        match outcome {
            Ok(figures) => screen::done(name, &figures),
            Err(error) => {
                screen::failed(name, &error.to_string());
                self.failed.push(name);
            }
        }
    }

    /// Makes a report, and downloads each of its files by its link.
    async fn report(&self, api: &Api, kind: &str, body: &Value) -> Result<String, DemoError> {
        let began = Instant::now();
        let asked = api
            .post(&format!("/api/reports/{kind}?wait=100"), body)
            .await?;
        let job = api.finished(&asked, PATIENCE, |_| {}).await?;
        let took = seconds(began.elapsed());
        let files = downloaded(api, &job).await?;
        if files.is_empty() {
            return Err(DemoError::Refused("the job made no file".to_owned()));
        }
        let lines = files.iter().map(|file| {
            let kib = file.bytes.div_ceil(1024);
            let place = self.place(file);
            format!("\n     {} ({kib} KiB)\n     {}", place.display(), file.url)
        });
        Ok(format!("{took}{}", lines.collect::<String>()))
    }

    /// Where a file lies on this machine; its link names it under the folder of all files.
    fn place(&self, file: &File) -> PathBuf {
        let path = file.url.split('?').next().unwrap_or_default();
        let name = path.split("/files/").nth(1).unwrap_or(&file.name);
        self.host.data_dir.join("storage").join(name)
    }

    /// What the real host would have punished meanwhile, and what the handler needed of the machine.
    fn judge(&self) -> Result<String, DemoError> {
        let faults: Vec<String> = self
            .host
            .findings()
            .iter()
            .filter(|finding| finding.rule.weight() == crate::findings::Weight::Fault)
            .map(ToString::to_string)
            .collect();
        if !faults.is_empty() {
            return Err(DemoError::Refused(faults.join("; ")));
        }
        let memory = match self.host.handler().state() {
            State::Ready(life) => resident_memory(life.pid),
            _ => return Err(DemoError::Refused("the handler is gone".to_owned())),
        };
        let calls: u64 = self.host.invocations().values().sum();
        let memory = memory.map_or_else(String::new, |mib| format!(", {mib} MiB in memory"));
        Ok(format!("{calls} invocations, no rule broken{memory}"))
    }
}

async fn start(api: &Api) -> Result<String, DemoError> {
    let began = Instant::now();
    let health = api.get("/api/health").await?;
    Ok(format!(
        "the handler answers after {}, database {}, queue {}, storage {}",
        seconds(began.elapsed()),
        health["database"].as_str().unwrap_or("?"),
        health["queue"].as_str().unwrap_or("?"),
        health["storage"].as_str().unwrap_or("?"),
    ))
}

async fn sync(api: &Api, company: &Company) -> Result<String, DemoError> {
    let size = company.size().await?;
    let began = Instant::now();
    let asked = api.post("/api/sync/all", &json!({})).await?;
    let spinner = screen::spinner("syncing the company");
    let job = api
        .finished(&asked, PATIENCE, |job| {
            spinner.set_message(format!("{} records read", job.read()));
        })
        .await;
    spinner.finish_and_clear();
    let job = job?;
    Ok(format!(
        "{} people, {} projects, {} weeks, {} time entries: {}, {}",
        size["people"],
        size["projects"],
        size["weeks"],
        size["timeEntries"],
        job.figures(),
        seconds(began.elapsed()),
    ))
}

async fn approve_all(api: &Api, host: &LocalHost, company: &Company) -> Result<String, DemoError> {
    company
        .subscribe(&host.url("/api/clockify/webhooks"))
        .await?;
    let before = company.scans().await?;
    let began = Instant::now();
    let webhooks = company.approve_all().await?;
    let bar = screen::bar(webhooks);
    bar.set_message("webhooks");
    let answered = company
        .until_delivered(PATIENCE, |left| {
            bar.set_position(webhooks.saturating_sub(left) as u64);
        })
        .await;
    bar.finish_and_clear();
    answered?;
    let taken = began.elapsed();
    let spinner = screen::spinner("applying what they say");
    let applied = host.until_queues_are_idle(PATIENCE).await;
    spinner.finish_and_clear();
    applied.map_err(|timed_out| DemoError::Refused(timed_out.to_string()))?;
    let refused = company.refused().await?;
    let deliveries = api.get("/api/deliveries?limit=200").await?;
    let seen = deliveries["items"].as_array().map_or(0, Vec::len);
    let scans = company.scans().await? - before;
    if refused > 0 || seen == 0 {
        return Err(DemoError::Refused(format!(
            "{refused} webhooks were refused, {seen} are on record"
        )));
    }
    Ok(format!(
        "{webhooks} webhooks taken in {}, applied after {} with {scans} requests to the list of approvals",
        seconds(taken),
        seconds(began.elapsed()),
    ))
}

async fn downloaded(api: &Api, job: &Job) -> Result<Vec<File>, DemoError> {
    let files = job.files();
    for file in &files {
        let bytes = api.download(&file.url).await?;
        if bytes as u64 != file.bytes {
            return Err(DemoError::Refused(format!(
                "{} has {bytes} bytes, not {}",
                file.name, file.bytes
            )));
        }
    }
    Ok(files)
}

/// An empty folder for the demo, so that a simulated company never meets real data or an older demo's.
fn fresh_folder(data: &Path) -> Result<PathBuf, DemoError> {
    let path = data.join(FOLDER);
    let emptied = match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(&path),
    };
    match emptied {
        Ok(()) => Ok(path),
        Err(error) => Err(DemoError::Folder { path, error }),
    }
}

/// In MiB, where the system tells.
fn resident_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

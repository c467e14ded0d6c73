//! The life of the process: spawn, poll until it answers, wait for its end, judge the end.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use axum::body::Body;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{
    process::{Child, Command as Process},
    sync::{mpsc, watch},
};

use super::{Command, Launch, Life, Output, State, budget::Budget};
use crate::{
    faults::Faults,
    findings::{Findings, Rule},
};

const POLL: Duration = Duration::from_millis(25);
/// A handler that dies at once is not started in a tight loop.
const BREATH: Duration = Duration::from_millis(20);

/// What a process needs of its surroundings, whatever its settings are.
const NEEDED: [&str; 5] = ["PATH", "HOME", "TMPDIR", "LANG", "SystemRoot"];

pub(super) struct Supervisor {
    pub(super) launch: Launch,
    pub(super) output: Output,
    pub(super) faults: Faults,
    pub(super) findings: Findings,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) state: watch::Sender<State>,
}

/// How one life ended.
enum End {
    Exited(ExitStatus, Life),
    NeverListened,
    CannotStart(std::io::Error),
    Told(Command),
}

impl Supervisor {
    pub(super) async fn run(mut self) {
        let mut budget = Budget::new(self.launch.restart_budget);
        for number in 1.. {
            let crash_point = self.faults.take_crash_point();
            let end = self.live(number, crash_point.clone()).await;
            let is_error = match end {
                End::Told(Command::Stop) => break,
                End::Told(Command::Restart | Command::RestartAfterTimeout) => false,
                End::Told(Command::Kill) => true,
                End::Exited(status, life) if status.code() == Some(0) => {
                    self.report(Rule::EndedWithZero, String::new());
                    self.state.send_replace(State::Ended(life));
                    match self.commands.recv().await {
                        Some(Command::Stop) | None => break,
                        Some(_) => false,
                    }
                }
                End::Exited(status, _) if status.code() == Some(200) => false,
                End::Exited(status, _) => {
                    // Whoever asked for a crash knows of it.
                    if crash_point.is_none() {
                        self.report(Rule::Died, self.describe_death(status));
                    }
                    true
                }
                End::NeverListened => {
                    self.report(Rule::NeverListened, String::new());
                    true
                }
                End::CannotStart(error) => {
                    let program = self.launch.program.display();
                    self.report(Rule::CannotStart, format!("{program}: {error}"));
                    true
                }
            };
            if is_error && budget.spent_by_death_at(Instant::now()) {
                self.report(Rule::BudgetSpent, String::new());
                break;
            }
            self.state.send_replace(State::Starting);
            tokio::time::sleep(BREATH).await;
        }
        self.state.send_replace(State::Stopped);
    }

    async fn live(&mut self, number: u32, crash_point: Option<String>) -> End {
        // A handler that starts slowly has so much less of its time left.
        let (limit, delay) = (
            self.launch.initialization_timeout,
            self.faults.take_slow_start(),
        );
        tokio::select! {
            () = tokio::time::sleep(delay.min(limit)) => {}
            told = self.commands.recv() => return End::Told(told.unwrap_or(Command::Stop)),
        }
        let Some(left) = limit.checked_sub(delay).filter(|left| !left.is_zero()) else {
            return End::NeverListened;
        };
        let port = match self.launch.port.map_or_else(free_port, Ok) {
            Ok(port) => port,
            Err(error) => return End::CannotStart(error),
        };
        let mut child = match self.spawn(port, crash_point) {
            Ok(child) => child,
            Err(error) => return End::CannotStart(error),
        };
        let life = Life {
            port,
            pid: child.id().unwrap_or_default(),
            number,
        };
        let end = tokio::select! {
            listens = answers(port, left) => {
                if listens { None } else { Some(End::NeverListened) }
            }
            end = end_of(&mut child, life, &mut self.commands) => Some(end),
        };
        let end = if let Some(end) = end {
            end
        } else {
            self.state.send_replace(State::Ready(life));
            end_of(&mut child, life, &mut self.commands).await
        };
        if !matches!(end, End::Exited(..)) {
            // Dead already is dead enough.
            let _ = child.kill().await;
        }
        end
    }

    fn spawn(&self, port: u16, crash_point: Option<String>) -> std::io::Result<Child> {
        let launch = &self.launch;
        let id = uuid::Uuid::new_v4().to_string();
        let port = port.to_string();
        let mut child = Process::new(&launch.program)
            .args(&launch.arguments)
            .current_dir(&launch.directory)
            .env_clear()
            // Without these not even a shell starts.
            .envs(
                NEEDED
                    .iter()
                    .filter_map(|name| Some((name, std::env::var_os(name)?))),
            )
            .envs(&launch.environment)
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", &port)
            .env("FUNCTIONS_HTTPWORKER_PORT", &port)
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &id)
            .env("FUNCTIONS_HTTPWORKER_ID", &id)
            .env("FUNCTIONS_APP_ROOT_PATH", &launch.app_root)
            .envs(crash_point.map(|point| ("CRASH_AT", point)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(self.output.clone().read(stdout, false, |_| {}));
        }
        if let Some(stderr) = child.stderr.take() {
            let findings = self.findings.clone();
            tokio::spawn(self.output.clone().read(stderr, true, move |line| {
                if !line.to_lowercase().contains("warn") {
                    findings.report_once(Rule::StandardError, "", line.to_owned());
                }
            }));
        }
        Ok(child)
    }

    /// The real host adds the last lines of stderr to the exit's message.
    fn describe_death(&self, status: ExitStatus) -> String {
        let lines = self.output.lines();
        let last: Vec<_> = lines
            .iter()
            .rev()
            .filter(|line| line.is_error)
            .take(3)
            .map(|line| line.text.as_str())
            .collect();
        if last.is_empty() {
            status.to_string()
        } else {
            let said: Vec<_> = last.into_iter().rev().collect();
            format!("{status}; it said: {}", said.join(" / "))
        }
    }

    fn report(&self, rule: Rule, detail: String) {
        self.findings.report(rule, "", detail);
    }
}

async fn end_of(child: &mut Child, life: Life, commands: &mut mpsc::Receiver<Command>) -> End {
    tokio::select! {
        exited = child.wait() => match exited {
            Ok(status) => End::Exited(status, life),
            Err(error) => End::CannotStart(error),
        },
        told = commands.recv() => End::Told(told.unwrap_or(Command::Stop)),
    }
}

/// Polls `GET /` until anything answers. Only a refused connection means "not yet"; the budget counts polls.
async fn answers(port: u16, limit: Duration) -> bool {
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build_http();
    let polls = limit.as_millis() / POLL.as_millis();
    for _ in 0..polls {
        let ping = http::Request::get(format!("http://127.0.0.1:{port}/")).body(Body::empty());
        let Ok(ping) = ping else { return false };
        match client.request(ping).await {
            Err(error) if error.is_connect() => tokio::time::sleep(POLL).await,
            _ => return true,
        }
    }
    false
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

//! The handler's process: started as the host starts it, watched, killed, and started again by the host's rules.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use tokio::sync::{mpsc, watch};

use crate::{
    app::host_json::Executable,
    faults::Faults,
    findings::{Findings, Rule},
};

mod budget;
pub mod output;
mod supervisor;

pub use output::Output;

/// How the handler is started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// A file, or a command on PATH.
    pub program: PathBuf,
    /// Its command line.
    pub arguments: Vec<String>,
    /// Its working directory.
    pub directory: PathBuf,
    /// Where `host.json` stands.
    pub app_root: PathBuf,
    /// All of its environment but for what the host adds.
    pub environment: BTreeMap<String, String>,
    /// A fixed port; else a free one at each start.
    pub port: Option<u16>,
    /// How long it may take until it listens.
    pub initialization_timeout: Duration,
    /// So many deaths within 30 minutes, and the host gives up; None: never.
    pub restart_budget: Option<u32>,
}

/// Where the handler is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Between being spawned and its first answer.
    Starting,
    /// Listens.
    Ready(Life),
    /// Ended with exit code 0: nobody starts it again, and nobody listens on its port.
    Ended(Life),
    /// The host gave up, or was told to stop.
    Stopped,
}

/// One life of the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// Its process.
    pub pid: u32,
    /// 1 for the first.
    pub number: u32,
}

/// The host has no handler to ask, and will have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away;

#[derive(Debug)]
enum Command {
    /// As the platform would, at any moment.
    Kill,
    /// Because a function ran too long; does not count as a death.
    RestartAfterTimeout,
    /// To take a crash point; does not count as a death.
    Restart,
    Stop,
}

/// The handler, as the rest of the host sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handler {
    state: watch::Receiver<State>,
    commands: mpsc::Sender<Command>,
    output: Output,
    findings: Findings,
    patience: Duration,
}

impl Handler {
    /// Starts the handler and watches over it until it is stopped.
    pub fn start(launch: Launch, output: Output, faults: Faults, findings: Findings) -> Self {
        let (commands, received) = mpsc::channel(16);
        let (state, seen) = watch::channel(State::Starting);
        // The host's own wait for a handler is four times what the handler may take.
        let patience = launch.initialization_timeout * 4;
        tokio::spawn(
            supervisor::Supervisor {
                launch,
                output: output.clone(),
                faults,
                findings: findings.clone(),
                commands: received,
                state,
            }
            .run(),
        );
        Self {
            state: seen,
            commands,
            output,
            findings,
            patience,
        }
    }

    /// The life that takes an invocation; waits while the handler starts. Who waits too long stops the host.
    pub async fn life(&self) -> Result<Life, Away> {
        let mut state = self.state.clone();
        let settled = async {
            let settled = state.wait_for(|state| *state != State::Starting);
            settled.await.map_or(State::Stopped, |state| *state)
        };
        match tokio::time::timeout(self.patience, settled).await {
            Ok(State::Ready(life) | State::Ended(life)) => Ok(life),
            Ok(State::Starting | State::Stopped) => Err(Away),
            Err(_) => {
                let detail = format!("{} s", self.patience.as_secs_f32());
                self.findings.report_once(Rule::NeverReady, "", detail);
                self.stop().await;
                Err(Away)
            }
        }
    }

    /// Where the handler is in its life.
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// What the handler wrote on its console.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Kills the handler (SIGKILL, as the platform does); it is started again. Returns once it is dead.
    pub async fn kill(&self) {
        self.command_and_wait(Command::Kill).await;
    }

    /// Starts the handler anew, without counting a death.
    pub async fn restart(&self) {
        self.command_and_wait(Command::Restart).await;
    }

    pub(crate) async fn restart_after_timeout(&self) {
        self.command_and_wait(Command::RestartAfterTimeout).await;
    }

    /// Kills the handler for good.
    pub async fn stop(&self) {
        if self.commands.send(Command::Stop).await.is_ok() {
            self.until_stopped().await;
        }
    }

    /// Waits until there is no handler any more, and none will come.
    pub async fn until_stopped(&self) {
        let mut state = self.state.clone();
        // An error means the same: nobody starts it any more.
        let _ = state.wait_for(|state| *state == State::Stopped).await;
    }

    async fn command_and_wait(&self, command: Command) {
        let before = self.state();
        if self.commands.send(command).await.is_ok() {
            let mut state = self.state.clone();
            let _ = state.wait_for(|state| *state != before).await;
        }
    }
}

/// Resolves the command line of `host.json`: a relative path counts only where the file exists, else it is
/// a command on PATH.
pub fn program(executable: &Executable, app_root: &std::path::Path, path: &str) -> PathBuf {
    let joined = app_root.join(&executable.worker_directory).join(path);
    if joined.is_file() {
        joined
    } else {
        PathBuf::from(path)
    }
}

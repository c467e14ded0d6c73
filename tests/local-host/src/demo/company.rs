//! The simulated company: `clockify-sim` as a program of its own, and its control API.

use std::{
    collections::BTreeMap,
    process::Stdio,
    time::{Duration, Instant},
};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::DemoError;
use crate::cargo;

/// The simulator says where it is within this time.
const STARTS_WITHIN: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);
/// The list that a scan of the approvals reads.
const APPROVALS: &str = "approval-requests";
/// The signature of the simulated webhooks.
const SECRET: &str = "simulated-webhook-secret";

/// A running simulator.
#[derive(Debug)]
pub(super) struct Company {
    process: Child,
    http: reqwest::Client,
    /// What it said at its start, by the first word of the line.
    said: BTreeMap<String, String>,
}

impl Company {
    /// Starts the simulator beside this program; its last full week ends just before `now`.
    pub(super) async fn start(port: u16, now: Timestamp) -> Result<Self, DemoError> {
        let program = cargo::sister("clockify-sim").ok_or_else(|| {
            DemoError::Simulator("there is no such program beside this one".to_owned())
        })?;
        let broken = |error: std::io::Error| DemoError::Simulator(error.to_string());
        let mut process = Command::new(program)
            .args(["--port", &port.to_string(), "--now", &now.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(broken)?;
        let stdout = process.stdout.take();
        let stdout = stdout.ok_or_else(|| DemoError::Simulator("has no output".to_owned()))?;
        let mut lines = BufReader::new(stdout).lines();
        let mut said = BTreeMap::new();
        let introduction = async {
            while !said.contains_key("company") {
                let Some(line) = lines.next_line().await? else {
                    break;
                };
                if let Some((name, value)) = line.split_once(char::is_whitespace) {
                    said.insert(name.to_owned(), value.trim().to_owned());
                }
            }
            Ok(())
        };
        match tokio::time::timeout(STARTS_WITHIN, introduction).await {
            Ok(outcome) => outcome.map_err(broken)?,
            Err(_) => return Err(DemoError::Simulator("does not start".to_owned())),
        }
        // Nobody reads further, and it must not stop for that.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        if !said.contains_key("control") {
            return Err(DemoError::Simulator("does not say where it is".to_owned()));
        }
        Ok(Self {
            process,
            http: reqwest::Client::new(),
            said,
        })
    }

    /// Where its control API is.
    pub(super) fn address(&self) -> &str {
        self.said.get("control").map_or("", String::as_str)
    }

    /// What the app is told to talk to it.
    pub(super) async fn settings(
        &self,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, DemoError> {
        let weeks = self.size().await?["weeks"].as_i64().unwrap_or_default();
        let today = now.to_zoned(TimeZone::UTC).date();
        let first_day = today.saturating_sub((weeks * 7).days());
        let said = |name: &str| self.said.get(name).cloned().unwrap_or_default();
        Ok(BTreeMap::from([
            ("CLOCKIFY_API_URL".to_owned(), said("API")),
            ("CLOCKIFY_REPORTS_URL".to_owned(), said("reports")),
            ("CLOCKIFY_API_KEY".to_owned(), said("key")),
            ("BANKED_POLICY_ID".to_owned(), said("banked")),
            (
                "CLOCKIFY_WEBHOOK_SECRETS".to_owned(),
                json!({"*": SECRET}).to_string(),
            ),
            ("CLOCKING_NOW".to_owned(), now.to_string()),
            // Nobody owes a timesheet of the years before it.
            ("RECORDS_START".to_owned(), first_day.to_string()),
        ]))
    }

    /// How large it is.
    pub(super) async fn size(&self) -> Result<Value, DemoError> {
        self.get("size").await
    }

    /// Has every webhook posted to that address.
    pub(super) async fn subscribe(&self, url: &str) -> Result<(), DemoError> {
        let body = json!({"url": url, "secret": SECRET});
        self.post("add-webhooks", &body).await.map(drop)
    }

    /// Somebody clicks "Approve all"; the number of webhooks that this sends.
    pub(super) async fn approve_all(&self) -> Result<usize, DemoError> {
        let outcome = self.post("approve-all", &json!({})).await?;
        let webhooks = outcome["webhooks"].as_u64().unwrap_or(0);
        usize::try_from(webhooks)
            .ok()
            .filter(|&n| n > 0)
            .ok_or_else(|| DemoError::Refused("nothing was there to approve".to_owned()))
    }

    /// Waits until every webhook is answered or given up.
    pub(super) async fn until_delivered(
        &self,
        patience: Duration,
        mut look: impl FnMut(usize),
    ) -> Result<(), DemoError> {
        let began = Instant::now();
        loop {
            let left = self.get("status").await?["webhooksUnderWay"].as_u64();
            let left = usize::try_from(left.unwrap_or(0)).unwrap_or(usize::MAX);
            look(left);
            if left == 0 {
                return Ok(());
            }
            if began.elapsed() > patience {
                return Err(DemoError::Refused(format!(
                    "{left} webhooks wait for an answer"
                )));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// How many attempts to post a webhook were not answered 2xx.
    pub(super) async fn refused(&self) -> Result<usize, DemoError> {
        let deliveries = self.get("deliveries").await?;
        let accepted = |delivery: &&Value| {
            let status = delivery["status"].as_u64();
            !status.is_some_and(|status| (200..300).contains(&status))
        };
        Ok(deliveries
            .as_array()
            .into_iter()
            .flatten()
            .filter(accepted)
            .count())
    }

    /// How many requests were made to the list of approvals so far.
    pub(super) async fn scans(&self) -> Result<u64, DemoError> {
        let counts = self.get("requests/counts").await?;
        let counts = counts.as_object().into_iter().flatten();
        Ok(counts
            .filter(|(path, _)| path.contains(APPROVALS))
            .filter_map(|(_, count)| count.as_u64())
            .sum())
    }

    pub(super) async fn stop(mut self) {
        // Gone already is gone enough.
        let _ = self.process.kill().await;
    }

    async fn get(&self, what: &str) -> Result<Value, DemoError> {
        let request = self.http.get(format!("{}/{what}", self.address()));
        Self::answer(what, request).await
    }

    async fn post(&self, what: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self.http.post(format!("{}/{what}", self.address()));
        Self::answer(what, request.json(body)).await
    }

    async fn answer(what: &str, request: reqwest::RequestBuilder) -> Result<Value, DemoError> {
        let answer = request.send().await?;
        let status = answer.status();
        if !status.is_success() {
            let text = answer.text().await?;
            return Err(DemoError::Simulator(format!("{what}: {status} {text}")));
        }
        Ok(answer.json().await?)
    }
}

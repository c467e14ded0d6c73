//! The app's own interface, as any caller uses it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::DemoError;
use crate::LocalHost;

/// How often a job is looked at.
const POLL: Duration = Duration::from_millis(200);

/// The app, called with the development key.
#[derive(Debug)]
pub(super) struct Api {
    http: reqwest::Client,
    base_url: String,
    key: String,
}

/// A job as `GET /jobs/{id}` shows it.
#[derive(Debug)]
pub(super) struct Job(Value);

/// A file of a job.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) bytes: u64,
}

impl Api {
    pub(super) fn new(host: &LocalHost) -> Self {
        Self {
            http: reqwest::Client::new(),
            base_url: host.base_url.clone(),
            key: host.key.clone(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        let request = self.http.get(format!("{}{path}", self.base_url));
        self.answer(path, request).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self
            .http
            .post(format!("{}{path}", self.base_url))
            .json(body);
        self.answer(path, request).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        let request = self.http.put(format!("{}{path}", self.base_url)).json(body);
        self.answer(path, request).await
    }

    /// The size of what a link gives, without any key.
    pub(super) async fn download(&self, url: &str) -> Result<usize, DemoError> {
        let answer = reqwest::get(url).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(DemoError::Refused(format!("a link was answered {status}")));
        }
        Ok(answer.bytes().await?.len())
    }

    /// Waits for the end of a job, given the answer that named it or already is it.
    pub(super) async fn finished(
        &self,
        asked: &Value,
        patience: Duration,
        mut look: impl FnMut(&Job),
    ) -> Result<Job, DemoError> {
        let id = asked["jobId"].as_str().or_else(|| asked["id"].as_str());
        let id = id.ok_or_else(|| DemoError::Refused(format!("no job in {asked}")))?;
        let began = Instant::now();
        loop {
            let job = Job(self.get(&format!("/api/jobs/{id}")).await?);
            look(&job);
            match job.0["status"].as_str() {
                Some("succeeded") => return Ok(job),
                Some("queued" | "running") if began.elapsed() < patience => {
                    tokio::time::sleep(POLL).await;
                }
                status => {
                    let why = job.0["error"].as_str().unwrap_or("no reason given");
                    let status = status.unwrap_or("without a status");
                    return Err(DemoError::Refused(format!("job {id} is {status}: {why}")));
                }
            }
        }
    }

    async fn answer(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, DemoError> {
        let answer = request.header("x-api-key", &self.key).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let detail = body["detail"].as_str().unwrap_or(&text);
        Err(DemoError::Refused(format!("{path}: {status} {detail}")))
    }
}

impl Job {
    /// How many records it has read so far.
    pub(super) fn read(&self) -> u64 {
        self.0["stats"]["read"].as_u64().unwrap_or(0)
    }

    /// Its figures in words.
    pub(super) fn figures(&self) -> String {
        let figures = ["read", "inserted", "updated", "deleted", "flagged"].map(|name| {
            let n = self.0["stats"][name].as_u64().unwrap_or(0);
            format!("{n} {name}")
        });
        figures.join(", ")
    }

    pub(super) fn files(&self) -> Vec<File> {
        let files = self.0["files"].as_array();
        files
            .into_iter()
            .flatten()
            .map(|file| File {
                name: file["name"].as_str().unwrap_or_default().to_owned(),
                url: file["url"].as_str().unwrap_or_default().to_owned(),
                bytes: file["bytes"].as_u64().unwrap_or_default(),
            })
            .collect()
    }
}

//! What the tests of the simulator share: the shapes of fixtures, a caller of the API, and
//! somebody who receives webhooks.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod history;
pub(crate) mod receiver;
pub(crate) mod shape;

use std::{fs, path::PathBuf};

use clockify_sim::{Config, Control, Simulator, Switches};
use serde_json::Value;

fn fixtures(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/clockify")
        .join(folder)
}

/// A fixture, parsed.
pub(crate) fn fixture(path: &str) -> Value {
    let path = fixtures(path);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The names of the fixtures in a folder.
pub(crate) fn fixture_names(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(fixtures(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Sixty people, a Monday morning after a full week, and no limit on requests.
pub(crate) fn config() -> Config {
    Config {
        now: "2026-11-02T15:00:00Z".parse().unwrap(),
        switches: Switches {
            requests_per_second: None,
            ..Switches::default()
        },
        ..Config::default()
    }
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.text))
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        self.json().as_array().expect("an array").clone()
    }

    pub(crate) fn last_page(&self) -> Option<&str> {
        self.headers
            .get("last-page")
            .map(|value| value.to_str().unwrap())
    }
}

/// A simulator and somebody who calls it.
pub(crate) struct Api {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self {
            simulator: Simulator::start(config).await.unwrap(),
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn control(&self) -> Control {
        self.simulator.control()
    }

    /// A path below the workspace, or any address.
    pub(crate) fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            return path.to_owned();
        }
        format!(
            "{}/workspaces/{}{path}",
            self.simulator.api_url(),
            self.simulator.workspace_id()
        )
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method.parse().unwrap(), self.url(path))
            .header("x-api-key", self.simulator.api_key())
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// The body of an answer that must be a success.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert!(
            answer.status < 300,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        answer.json()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.send("POST", path, Some(body)).await;
        assert!(
            answer.status < 300,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        answer.json()
    }

    pub(crate) fn reports(&self) -> String {
        format!(
            "{}/workspaces/{}/reports/detailed",
            self.simulator.reports_url(),
            self.simulator.workspace_id()
        )
    }
}

/// The id of a record.
pub(crate) fn id(row: &Value) -> &str {
    row["id"].as_str().expect("an id")
}

/// Somebody who worked every day of the last full week.
pub(crate) async fn someone(api: &Api) -> String {
    api.control().people().await.unwrap()[37].id.to_string()
}

/// The timesheets that wait for approval, the last changed first.
pub(crate) async fn pending(api: &Api) -> Vec<Value> {
    api.get("/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING&page-size=200")
        .await
        .rows()
}

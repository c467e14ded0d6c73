//! A little app in a folder of its own, with the handler that a test wants.

use std::{fs, ops::Deref, time::Duration};

use local_host::{LocalHost, Options, Rule, waiting::until};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Nothing here takes so long unless it hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// An app before its start.
pub(crate) struct App {
    folder: TempDir,
    host_json: Value,
    options: Options,
}

/// An app that runs. The folder goes when it does.
pub(crate) struct Running {
    host: LocalHost,
    folder: TempDir,
    pub(crate) http: reqwest::Client,
}

impl App {
    /// An app whose handler behaves like that (see `trap-handler`). Both HTTP flags are on, messages are
    /// plain, and what a message's failure costs is no time.
    pub(crate) fn with_handler(behaviour: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let options = Options {
            handler: Some(env!("CARGO_BIN_EXE_trap-handler").into()),
            ..Options::for_test(folder.path(), folder.path().join("data"))
        };
        Self {
            folder,
            options,
            host_json: json!({
                "version": "2.0",
                "customHandler": {
                    "description": {"defaultExecutablePath": "handler", "arguments": behaviour},
                    "enableForwardingHttpRequest": true,
                    "enableProxyingHttpRequest": true,
                },
                "extensionBundle": {"id": "Microsoft.Azure.Functions.ExtensionBundle"},
                "extensions": {"queues": {
                    "batchSize": 8, "newBatchThreshold": 4, "messageEncoding": "none",
                }},
            }),
        }
    }

    /// Merges into `host.json`.
    pub(crate) fn host_json(mut self, more: &Value) -> Self {
        merge(&mut self.host_json, more);
        self
    }

    pub(crate) fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.options = self.options.with(name, value);
        self
    }

    pub(crate) fn function(self, name: &str, definition: &Value) -> Self {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("function.json"), definition.to_string()).expect("written");
        self
    }

    /// An HTTP function as ours are.
    pub(crate) fn http(self, name: &str, route: &str) -> Self {
        self.function(name, &http_function(route))
    }

    /// A queue function `name` on the queue of that name in lower case.
    pub(crate) fn queue(self, name: &str) -> Self {
        self.function(name, &queue_function(&name.to_lowercase()))
    }

    pub(crate) async fn start(self) -> Running {
        self.try_start().await.expect("the host starts")
    }

    pub(crate) async fn try_start(self) -> Result<Running, local_host::HostError> {
        fs::write(
            self.folder.path().join("host.json"),
            self.host_json.to_string(),
        )
        .expect("written");
        let host = LocalHost::start(self.options).await?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Ok(Running {
            host,
            folder: self.folder,
            http,
        })
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Deref for Running {
    type Target = LocalHost;

    fn deref(&self) -> &LocalHost {
        &self.host
    }
}

impl Running {
    /// What the handler said that it saw: every `GOT`, `PING` or `STARTED`, in order.
    pub(crate) fn heard(&self, what: &str) -> Vec<Value> {
        let lines = self.handler().output().lines();
        lines
            .iter()
            .filter_map(|line| line.text.strip_prefix(what)?.strip_prefix(' '))
            .map(|json| serde_json::from_str(json).expect("what the handler says is JSON"))
            .collect()
    }

    /// Waits until the handler has said so often that it got something.
    pub(crate) async fn until_got(&self, times: usize) -> Vec<Value> {
        until(LIMIT, async || {
            Some(self.heard("GOT")).filter(|got| got.len() >= times)
        })
        .await
        .unwrap_or_else(|_| panic!("the handler got {} of {times}", self.heard("GOT").len()))
    }

    /// Waits until a rule was broken, and returns the message.
    pub(crate) async fn until_found(&self, rule: Rule) -> String {
        let found = until(LIMIT, async || {
            let findings = self.findings();
            findings
                .iter()
                .find(|f| f.rule == rule)
                .map(ToString::to_string)
        });
        found
            .await
            .unwrap_or_else(|_| panic!("{rule:?} was not found, but {:?}", self.findings()))
    }

    pub(crate) fn found(&self, rule: Rule) -> bool {
        self.findings().iter().any(|f| f.rule == rule)
    }

    pub(crate) async fn send(&self, queue: &str, text: &str) {
        let sent = self.queues().send(queue, text, Duration::ZERO).await;
        sent.expect("sent");
    }

    pub(crate) async fn until_idle(&self) {
        let idle = self.until_queues_are_idle(LIMIT).await;
        idle.unwrap_or_else(|_| panic!("not idle: {:?}", self.findings()));
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http
            .get(self.url(path))
            .send()
            .await
            .expect("an answer")
    }

    /// Stops the host and starts another one over the same folder.
    pub(crate) async fn restart(self, change: impl FnOnce(&mut Options)) -> Running {
        self.host.stop().await;
        let mut options = Options {
            handler: Some(env!("CARGO_BIN_EXE_trap-handler").into()),
            ..Options::for_test(self.folder.path(), self.folder.path().join("data"))
        };
        change(&mut options);
        Running {
            host: LocalHost::start(options).await.expect("it starts again"),
            folder: self.folder,
            http: self.http,
        }
    }

    pub(crate) async fn stop(self) {
        self.host.stop().await;
    }
}

/// The envelope in something that the handler got.
pub(crate) fn envelope_in(got: &Value) -> Value {
    serde_json::from_str(got["body"].as_str().expect("a body")).expect("an envelope")
}

/// The values of a header in something that the handler got.
pub(crate) fn header_values(got: &Value, name: &str) -> Vec<String> {
    let headers = got["headers"].as_array().expect("headers");
    headers
        .iter()
        .filter(|pair| pair[0] == name)
        .map(|pair| pair[1].as_str().unwrap_or_default().to_owned())
        .collect()
}

pub(crate) fn http_function(route: &str) -> Value {
    json!({"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
         "route": route},
        {"type": "http", "direction": "out", "name": "res"},
    ]})
}

pub(crate) fn queue_function(queue: &str) -> Value {
    json!({"bindings": [
        {"type": "queueTrigger", "direction": "in", "name": "order", "queueName": queue},
    ]})
}

pub(crate) fn timer_function(schedule: &str) -> Value {
    json!({"bindings": [
        {"type": "timerTrigger", "direction": "in", "name": "tick", "schedule": schedule},
    ]})
}

/// A fixture of `tests/fixtures/host`.
pub(crate) fn fixture(name: &str) -> Value {
    let path = format!(
        "{}/../fixtures/host/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = fs::read_to_string(&path).expect("a fixture");
    serde_json::from_str(&text).expect("JSON")
}

fn merge(target: &mut Value, more: &Value) {
    match (target, more) {
        (Value::Object(target), Value::Object(more)) => {
            for (name, value) in more {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, more) => *target = more.clone(),
    }
}

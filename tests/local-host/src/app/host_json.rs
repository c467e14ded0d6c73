//! `host.json`: what of it the stand-in plays, and what the real host would not start with.

use std::{path::Path, time::Duration};

use serde::Deserialize;

use super::time_span;
use crate::host::HostError;

/// The platform's default on the plan that we deploy to (Flex Consumption).
const DEFAULT_FUNCTION_TIMEOUT: Duration = Duration::from_mins(30);
const DEFAULT_INITIALIZATION_TIMEOUT: Duration = Duration::from_secs(30);

/// What `host.json` says, with the host's defaults filled in.
#[derive(Debug, Clone)]
pub struct HostSettings {
    /// How the handler is started.
    pub executable: Executable,
    /// HTTP in/out functions get the request rebuilt.
    pub forwards_http_requests: bool,
    /// HTTP in/out functions get the request as it came; wins over forwarding.
    pub proxies_http_requests: bool,
    /// How long the handler may take until it listens.
    pub initialization_timeout: Duration,
    /// A fixed port for the handler.
    pub port: Option<u16>,
    /// None: no limit.
    pub function_timeout: Option<Duration>,
    /// What stands before every route, without slashes around it.
    pub route_prefix: String,
    /// The queue listener.
    pub queues: QueueSettings,
    /// Whether queue bindings are there at all.
    pub has_extension_bundle: bool,
    /// `customHandler.http.routes` is there.
    pub declares_routes: bool,
    /// A `retry` for all functions is there.
    pub retries: bool,
}

/// The handler's command line.
#[derive(Debug, Clone, Default)]
pub struct Executable {
    /// As written, `%NAME%` unresolved.
    pub path: String,
    /// Relative to the app; empty is the app itself.
    pub working_directory: String,
    /// Where a relative `path` is looked for; empty is the app itself.
    pub worker_directory: String,
    /// As written, `%NAME%` unresolved.
    pub arguments: Vec<String>,
}

/// `extensions.queues`.
#[derive(Debug, Clone)]
pub struct QueueSettings {
    /// Messages fetched per poll.
    pub batch_size: usize,
    /// Fetch more when so few run; None: half a batch, times the number of cores.
    pub new_batch_threshold: Option<usize>,
    /// So many tries, then the poison queue.
    pub max_dequeue_count: u32,
    /// The delay before a failed message comes again (not the length of a lease).
    pub visibility_timeout: Duration,
    /// How a message's bytes are written.
    pub encoding: MessageEncoding,
}

/// `messageEncoding`, one for the whole app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageEncoding {
    /// The default.
    Base64,
    /// The text as it is.
    None,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    version: Option<String>,
    custom_handler: Option<CustomHandler>,
    extension_bundle: Option<serde_json::Value>,
    function_timeout: Option<String>,
    retry: Option<serde_json::Value>,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomHandler {
    description: Option<Description>,
    #[serde(default)]
    enable_forwarding_http_request: bool,
    #[serde(default)]
    enable_proxying_http_request: bool,
    initialization_timeout: Option<String>,
    port: Option<u16>,
    http: Option<CustomHandlerHttp>,
}

#[derive(Deserialize)]
struct CustomHandlerHttp {
    routes: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    #[serde(default)]
    default_executable_path: String,
    #[serde(default)]
    default_worker_path: String,
    #[serde(default)]
    working_directory: String,
    #[serde(default)]
    worker_directory: String,
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    worker_arguments: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    http: Http,
    #[serde(default)]
    queues: WrittenQueues,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    route_prefix: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenQueues {
    batch_size: Option<usize>,
    new_batch_threshold: Option<usize>,
    max_dequeue_count: Option<u32>,
    visibility_timeout: Option<String>,
    max_polling_interval: Option<String>,
    message_encoding: Option<MessageEncoding>,
}

impl HostSettings {
    /// Reads and checks a `host.json`; its first fault is the error.
    pub fn read(path: &Path) -> Result<Self, HostError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| HostError::unreadable(path, error))?;
        Self::parse(&text).map_err(HostError::HostJson)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if written.version.as_deref() != Some("2.0") {
            return Err("version must be \"2.0\"".to_owned());
        }
        let handler = written.custom_handler.ok_or("customHandler is missing")?;
        let description = handler
            .description
            .ok_or("customHandler.description is missing")?;
        if description.default_executable_path.is_empty() {
            return Err("customHandler.description.defaultExecutablePath is empty".to_owned());
        }
        let function_timeout = match written.function_timeout.as_deref() {
            Some("-1") => None,
            Some(text) => Some(duration("functionTimeout", text)?),
            None => Some(DEFAULT_FUNCTION_TIMEOUT),
        };
        let initialization_timeout = handler
            .initialization_timeout
            .map_or(Ok(DEFAULT_INITIALIZATION_TIMEOUT), |text| {
                duration("customHandler.initializationTimeout", &text)
            })?;
        let prefix = written.extensions.http.route_prefix;
        Ok(Self {
            executable: Executable {
                path: description.default_executable_path,
                working_directory: description.working_directory,
                worker_directory: description.worker_directory,
                arguments: [
                    description.arguments,
                    Some(description.default_worker_path)
                        .filter(|path| !path.is_empty())
                        .into_iter()
                        .collect(),
                    description.worker_arguments,
                ]
                .concat(),
            },
            forwards_http_requests: handler.enable_forwarding_http_request,
            proxies_http_requests: handler.enable_proxying_http_request,
            initialization_timeout,
            port: handler.port,
            function_timeout,
            route_prefix: prefix.map_or_else(
                || "api".to_owned(),
                |prefix| prefix.trim_matches('/').to_owned(),
            ),
            queues: queue_settings(written.extensions.queues)?,
            has_extension_bundle: written.extension_bundle.is_some(),
            declares_routes: handler.http.is_some_and(|http| http.routes.is_some()),
            retries: written.retry.is_some(),
        })
    }
}

fn queue_settings(written: WrittenQueues) -> Result<QueueSettings, String> {
    let batch_size = written.batch_size.unwrap_or(16);
    if !(1..=32).contains(&batch_size) {
        return Err("extensions.queues.batchSize must be 1 to 32".to_owned());
    }
    let max_dequeue_count = written.max_dequeue_count.unwrap_or(5);
    if max_dequeue_count == 0 {
        return Err("extensions.queues.maxDequeueCount must be at least 1".to_owned());
    }
    if let Some(text) = written.max_polling_interval {
        let interval = duration("extensions.queues.maxPollingInterval", &text)?;
        if interval < Duration::from_millis(100) {
            return Err("extensions.queues.maxPollingInterval must be at least 100 ms".to_owned());
        }
    }
    Ok(QueueSettings {
        batch_size,
        new_batch_threshold: written.new_batch_threshold,
        max_dequeue_count,
        visibility_timeout: written
            .visibility_timeout
            .map_or(Ok(Duration::ZERO), |text| {
                duration("extensions.queues.visibilityTimeout", &text)
            })?,
        encoding: written.message_encoding.unwrap_or(MessageEncoding::Base64),
    })
}

fn duration(place: &str, text: &str) -> Result<Duration, String> {
    time_span::parse(text).ok_or_else(|| format!("{place}: {text:?} is not hh:mm:ss"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_json(rest: &str) -> String {
        format!(
            r#"{{"version": "2.0",
                "customHandler": {{"description": {{"defaultExecutablePath": "handler"}}}}{rest}}}"#
        )
    }

    #[test]
    fn what_is_left_out_gets_the_hosts_defaults() {
        let host = HostSettings::parse(&host_json("")).expect("valid");
        assert_eq!(host.route_prefix, "api");
        assert_eq!(host.initialization_timeout, Duration::from_secs(30));
        assert_eq!(host.function_timeout, Some(Duration::from_mins(30)));
        assert!(!host.forwards_http_requests && !host.proxies_http_requests);
        assert_eq!(host.queues.batch_size, 16);
        assert_eq!(host.queues.max_dequeue_count, 5);
        assert_eq!(host.queues.visibility_timeout, Duration::ZERO);
        assert_eq!(host.queues.encoding, MessageEncoding::Base64);
    }

    #[test]
    fn a_function_timeout_of_minus_one_is_no_limit() {
        let host = HostSettings::parse(&host_json(r#", "functionTimeout": "-1""#));
        assert_eq!(host.expect("valid").function_timeout, None);
    }

    #[test]
    fn what_the_host_does_not_start_with_is_named() {
        for (text, named) in [
            ("{}", "version"),
            (r#"{"version": "1.0"}"#, "version"),
            (r#"{"version": "2.0"}"#, "customHandler"),
            (r#"{"version": "2.0", "customHandler": {}}"#, "description"),
            (
                r#"{"version": "2.0", "customHandler": {"description": {}}}"#,
                "defaultExecutablePath",
            ),
            (
                &host_json(r#", "functionTimeout": "5m""#),
                "functionTimeout",
            ),
            (
                &host_json(r#", "extensions": {"queues": {"batchSize": 33}}"#),
                "batchSize",
            ),
            (
                &host_json(r#", "extensions": {"queues": {"maxDequeueCount": 0}}"#),
                "maxDequeueCount",
            ),
            (
                &host_json(r#", "extensions": {"queues": {"messageEncoding": "utf8"}}"#),
                "utf8",
            ),
        ] {
            let fault = HostSettings::parse(text).expect_err(text);
            assert!(fault.contains(named), "{text}: {fault}");
        }
    }
}

//! The app as it stands on disk: `host.json` and one folder with a `function.json` per function, read and
//! judged as the real host does. A function that is wrong is left out and reported; the others load.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    findings::{Findings, Rule},
    host::HostError,
};

pub mod function_json;
pub mod host_json;
pub mod route;
pub mod schedule;
pub mod time_span;

pub use function_json::{AuthLevel, Function, HttpTrigger, QueueTrigger, TimerTrigger, Trigger};
pub use host_json::{HostSettings, MessageEncoding, QueueSettings};

/// What `%NAME%` in a definition stands for.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A whole app.
#[derive(Debug)]
pub struct App {
    /// Where `host.json` stands; the handler's working directory.
    pub root: PathBuf,
    /// What `host.json` says.
    pub host: HostSettings,
    /// The functions that loaded, by name.
    pub functions: BTreeMap<String, Function>,
}

impl App {
    /// Reads the app in `root`: functions in `root/function-definitions/*`, else in `root/*`.
    pub fn read(root: &Path, lookup: Lookup<'_>, findings: &Findings) -> Result<Self, HostError> {
        let host = HostSettings::read(&root.join("host.json"))?;
        let definitions = root.join("function-definitions");
        let home = if definitions.is_dir() {
            &definitions
        } else {
            root
        };
        let mut functions = BTreeMap::<String, Function>::new();
        for folder in function_folders(home)? {
            let name = file_name(&folder);
            match Function::read(&folder, lookup, findings) {
                Ok(function) if function.is_disabled(lookup) => {}
                Ok(function) => {
                    let twin = functions.keys().find(|n| n.eq_ignore_ascii_case(&name));
                    if let Some(twin) = twin {
                        findings.report(
                            Rule::FunctionLoads,
                            &name,
                            format!("has the same name as {twin}"),
                        );
                    } else {
                        functions.insert(name, function);
                    }
                }
                Err(fault) => findings.report(Rule::FunctionLoads, &name, fault),
            }
        }
        let app = Self {
            root: root.to_owned(),
            host,
            functions,
        };
        app.judge(lookup, findings);
        Ok(app)
    }

    /// The functions with an HTTP trigger.
    pub fn http(&self) -> impl Iterator<Item = (&Function, &HttpTrigger)> {
        self.functions.values().filter_map(|f| match &f.trigger {
            Trigger::Http(http) => Some((f, http)),
            _ => None,
        })
    }

    /// What loads and yet does not do what its author thinks.
    fn judge(&self, lookup: Lookup<'_>, findings: &Findings) {
        if self.functions.is_empty() {
            findings.report(Rule::NoFunctions, "", String::new());
        }
        if self.host.declares_routes && !self.functions.is_empty() {
            findings.report(Rule::RoutesExcludeDefinitions, "", String::new());
        }
        for name in ["WEBSITE_TIME_ZONE", "TZ"] {
            if lookup(name).is_some() {
                findings.report(Rule::TimeZoneSetting, "", name.to_owned());
            }
        }
        let has_queues = self
            .functions
            .values()
            .any(|f| matches!(f.trigger, Trigger::Queue(_)));
        if has_queues {
            if !self.host.has_extension_bundle {
                findings.report(Rule::ExtensionBundle, "", String::new());
            }
            if self.host.queues.new_batch_threshold.is_none() {
                findings.report(Rule::NewBatchThreshold, "", String::new());
            }
        }
        let mut seen = BTreeMap::new();
        for function in self.functions.values() {
            if self.host.retries
                && matches!(function.trigger, Trigger::Queue(_))
                && !function.retries
            {
                findings.report(
                    Rule::RetryOnQueue,
                    &function.name,
                    "host.json's retry holds for it".to_owned(),
                );
            }
            if let Trigger::Http(http) = &function.trigger {
                let address = format!("{}/{}", self.host.route_prefix, http.route.template());
                let start = address.trim_start_matches('/').split('/').next();
                if matches!(start, Some("admin" | "runtime")) {
                    findings.report(Rule::ReservedRoute, &function.name, address.clone());
                }
                if let Some(twin) = seen.insert(address.to_lowercase(), &function.name) {
                    findings.report(
                        Rule::FunctionLoads,
                        &function.name,
                        format!("has the same route {address} as {twin}"),
                    );
                }
                let passes_requests =
                    self.host.forwards_http_requests || self.host.proxies_http_requests;
                if passes_requests && !function.is_http_in_and_out() {
                    findings.report(
                        Rule::EnvelopeInsteadOfRequest,
                        &function.name,
                        function.describe_bindings(),
                    );
                }
            }
        }
    }
}

/// Folders that hold a `function.json`, sorted by name.
fn function_folders(home: &Path) -> Result<Vec<PathBuf>, HostError> {
    let unreadable = |error| HostError::unreadable(home, error);
    let mut folders = Vec::new();
    for entry in fs::read_dir(home).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        if folder.join("function.json").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Replaces each `%NAME%` by the setting of that name; the error names one that is not set.
pub fn resolve(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let mut resolved = String::new();
    for (n, part) in text.split('%').enumerate() {
        if n % 2 == 0 {
            resolved.push_str(part);
        } else {
            let value =
                lookup(part).ok_or_else(|| format!("%{part}% is not set: add an app setting"))?;
            resolved.push_str(&value);
        }
    }
    Ok(resolved)
}

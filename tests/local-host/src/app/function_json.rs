//! One `function.json`: its bindings, checked by the host's rules of names and numbers.

use std::{fs, path::Path};

use serde::Deserialize;
use shared::azure::queues::is_queue_name;

use super::{Lookup, file_name, resolve, route::Route, schedule::Schedule, time_span};
use crate::findings::{Findings, Rule};

/// A function that loaded.
#[derive(Debug, Clone)]
pub struct Function {
    /// The folder's name, and the path of its envelopes.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// The binding name of the trigger: the key in `Data`.
    pub trigger_name: String,
    /// Where its answers go.
    pub outputs: Vec<Output>,
    /// Bindings that bring data beside the trigger.
    pub other_inputs: usize,
    /// A `retry` of its own is there.
    pub retries: bool,
    disabled: bool,
}

/// What starts a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A request.
    Http(HttpTrigger),
    /// A message.
    Queue(QueueTrigger),
    /// A moment.
    Timer(TimerTrigger),
}

/// `httpTrigger`.
#[derive(Debug, Clone)]
pub struct HttpTrigger {
    /// Without the prefix.
    pub route: Route,
    /// Upper case; empty: all.
    pub methods: Vec<String>,
    /// Which key the host asks for.
    pub auth_level: AuthLevel,
}

/// Which key the host itself asks of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthLevel {
    /// None.
    Anonymous,
    /// A function, host or master key.
    #[default]
    Function,
    /// The master key.
    Admin,
}

/// `queueTrigger`.
#[derive(Debug, Clone)]
pub struct QueueTrigger {
    /// Lower case.
    pub queue: String,
    /// `dataType: binary`: the handler gets base64 of the bytes.
    pub binary: bool,
}

/// `timerTrigger`.
#[derive(Debug, Clone)]
pub struct TimerTrigger {
    /// When it fires, UTC.
    pub schedule: Schedule,
    /// Whether a status is kept, and a missed run made up for.
    pub uses_monitor: bool,
    /// Whether it also runs at every start of the host.
    pub runs_on_startup: bool,
}

/// An output binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The key in `Outputs`.
    pub name: String,
    /// What is made of the value.
    pub kind: OutputKind,
}

/// What the stand-in can make of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputKind {
    /// The answer to the caller.
    Http,
    /// Messages for a queue.
    Queue(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    bindings: Vec<Binding>,
    #[serde(default)]
    disabled: bool,
    retry: Option<Retry>,
    script_file: Option<String>,
}

/// A function whose `retry` lacks one of these does not load; what they say is not played.
#[derive(Deserialize)]
#[serde(tag = "strategy", rename_all = "camelCase")]
#[serde(rename_all_fields = "camelCase")]
#[expect(dead_code, reason = "they must be there, and be readable")]
enum Retry {
    FixedDelay {
        /// -1: for ever.
        max_retry_count: i32,
        delay_interval: Interval,
    },
    ExponentialBackoff {
        max_retry_count: i32,
        minimum_interval: Interval,
        maximum_interval: Interval,
    },
}

/// A duration as .NET writes it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Interval;

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_one = time_span::parse(&text).is_some();
        is_one
            .then_some(Self)
            .ok_or_else(|| format!("{text:?} is no duration like 00:00:10"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    name: String,
    direction: Option<String>,
    data_type: Option<String>,
    auth_level: Option<AuthLevel>,
    methods: Option<Vec<String>>,
    route: Option<String>,
    schedule: Option<String>,
    use_monitor: Option<bool>,
    run_on_startup: Option<bool>,
    queue_name: Option<String>,
}

impl Function {
    /// Reads the function in `folder`; the error says why it does not load.
    pub(super) fn read(
        folder: &Path,
        lookup: Lookup<'_>,
        findings: &Findings,
    ) -> Result<Self, String> {
        let name = file_name(folder);
        if !is_function_name(&name) {
            return Err(
                "is no name for a function: a letter, then up to 127 letters, digits, _ or -, and not \"host\""
                    .to_owned(),
            );
        }
        let text = fs::read_to_string(folder.join("function.json")).map_err(|e| e.to_string())?;
        let written: Written = serde_json::from_str(&text).map_err(|e| e.to_string())?;
        let function = Self::from_written(name, &written, lookup)?;
        judge_script(folder, &written, &function.name, findings)?;
        if function.retries && matches!(function.trigger, Trigger::Queue(_)) {
            findings.report(Rule::RetryOnQueue, &function.name, "function.json".into());
        }
        if let Trigger::Timer(timer) = &function.trigger
            && timer.runs_on_startup
        {
            findings.report(Rule::RunOnStartup, &function.name, String::new());
        }
        Ok(function)
    }

    fn from_written(name: String, written: &Written, lookup: Lookup<'_>) -> Result<Self, String> {
        let bindings = &written.bindings;
        if bindings.is_empty() {
            return Err("has no bindings".to_owned());
        }
        for (n, binding) in bindings.iter().enumerate() {
            check_binding(binding)?;
            let twin = |b: &Binding| b.name.eq_ignore_ascii_case(&binding.name);
            if bindings[..n].iter().any(twin) {
                return Err(format!("has two bindings named {:?}", binding.name));
            }
        }
        let mut triggers = bindings.iter().filter(|b| b.kind.ends_with("Trigger"));
        let trigger = match (triggers.next(), triggers.next()) {
            (Some(trigger), None) => trigger,
            (None, _) => return Err("has no trigger".to_owned()),
            (Some(_), Some(_)) => return Err("has more than one trigger".to_owned()),
        };
        let outputs = bindings
            .iter()
            .filter(|b| b.direction.as_deref() == Some("out"))
            .map(|b| read_output(b, lookup))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            trigger: read_trigger(&name, trigger, lookup)?,
            trigger_name: trigger.name.clone(),
            other_inputs: bindings.len() - outputs.len() - 1,
            outputs,
            retries: written.retry.is_some(),
            disabled: written.disabled,
            name,
        })
    }

    /// Exactly one `httpTrigger` in and exactly one `http` out: only these are forwarded or proxied.
    pub fn is_http_in_and_out(&self) -> bool {
        matches!(self.trigger, Trigger::Http(_))
            && self.other_inputs == 0
            && matches!(
                self.outputs[..],
                [Output {
                    kind: OutputKind::Http,
                    ..
                }]
            )
    }

    pub(super) fn describe_bindings(&self) -> String {
        format!(
            "it has {} inputs beside the trigger and {} outputs",
            self.other_inputs,
            self.outputs.len()
        )
    }

    pub(super) fn is_disabled(&self, lookup: Lookup<'_>) -> bool {
        let setting = lookup(&format!("AzureWebJobs.{}.Disabled", self.name));
        self.disabled || setting.is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1")
    }
}

fn read_trigger(name: &str, binding: &Binding, lookup: Lookup<'_>) -> Result<Trigger, String> {
    let needed = |what: &str, value: &Option<String>| {
        let text = value.as_deref().filter(|text| !text.is_empty());
        resolve(text.ok_or_else(|| format!("needs a {what}"))?, lookup)
    };
    match binding.kind.as_str() {
        "httpTrigger" => {
            let template = binding.route.as_deref().unwrap_or(name);
            let methods = binding.methods.iter().flatten();
            Ok(Trigger::Http(HttpTrigger {
                route: Route::parse(&resolve(template, lookup)?)?,
                methods: methods.map(|m| m.to_uppercase()).collect(),
                auth_level: binding.auth_level.unwrap_or_default(),
            }))
        }
        "queueTrigger" => Ok(Trigger::Queue(QueueTrigger {
            queue: queue_name(&needed("queueName", &binding.queue_name)?)?,
            binary: binding.data_type.as_deref() == Some("binary"),
        })),
        "timerTrigger" => {
            let schedule = Schedule::parse(&needed("schedule", &binding.schedule)?)?;
            Ok(Trigger::Timer(TimerTrigger {
                uses_monitor: binding.use_monitor.unwrap_or(true)
                    && !schedule.fires_within_a_minute(),
                runs_on_startup: binding.run_on_startup.unwrap_or(false),
                schedule,
            }))
        }
        other => Err(format!("has a {other}, which this stand-in does not play")),
    }
}

fn read_output(binding: &Binding, lookup: Lookup<'_>) -> Result<Output, String> {
    let kind = match binding.kind.as_str() {
        "http" => OutputKind::Http,
        "queue" => {
            let queue = binding.queue_name.as_deref().unwrap_or_default();
            OutputKind::Queue(queue_name(&resolve(queue, lookup)?)?)
        }
        other => {
            return Err(format!(
                "has an output of type {other}, which this stand-in does not play"
            ));
        }
    };
    Ok(Output {
        name: binding.name.clone(),
        kind,
    })
}

/// Names of queues are taken in lower case.
fn queue_name(written: &str) -> Result<String, String> {
    let name = written.to_lowercase();
    if is_queue_name(&name) {
        Ok(name)
    } else {
        Err(format!("{written:?} is no name for a queue"))
    }
}

fn check_binding(binding: &Binding) -> Result<(), String> {
    let Binding { kind, name, .. } = binding;
    if !matches!(
        kind.as_str(),
        "httpTrigger" | "http" | "queueTrigger" | "queue" | "timerTrigger" | "blobTrigger" | "blob"
    ) {
        return Err(format!("has a binding of unknown type {kind:?}"));
    }
    if !is_binding_name(name) {
        return Err(format!(
            "has a binding named {name:?}: a letter, then letters and digits, or $return"
        ));
    }
    let direction = binding.direction.as_deref().unwrap_or("in");
    let fits = if kind.ends_with("Trigger") {
        direction == "in"
    } else {
        direction == "out" || (direction == "in" && kind == "blob")
    };
    if fits {
        Ok(())
    } else {
        Err(format!("has a {kind} with direction {direction:?}"))
    }
}

/// A folder holds only its function.json; anything else may be taken for a script of some language.
fn judge_script(
    folder: &Path,
    written: &Written,
    name: &str,
    findings: &Findings,
) -> Result<(), String> {
    if let Some(script) = &written.script_file {
        return if folder.join(script).is_file() {
            Ok(())
        } else {
            Err(format!("names a scriptFile {script:?} that is not there"))
        };
    }
    let others: Vec<_> = fs::read_dir(folder)
        .map_err(|e| e.to_string())?
        .filter_map(Result::ok)
        .map(|entry| file_name(&entry.path()))
        .filter(|file| file != "function.json")
        .collect();
    let conventional =
        |file: &String| file.starts_with("run.") || file == "index.js" || file == "__init__.py";
    if others.len() == 1 || others.iter().any(conventional) {
        findings.report(Rule::OtherFilesInFolder, name, others.join(", "));
    }
    Ok(())
}

fn is_function_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !name.eq_ignore_ascii_case("host")
}

fn is_binding_name(name: &str) -> bool {
    let plain = (1..=128).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    plain || name == "$return"
}

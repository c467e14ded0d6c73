//! `host.json`, every `function.json` and the code say the same (`custom-handler.md` §5, §9).

use std::{collections::BTreeMap, fs, path::PathBuf};

use handlers::routes::Trigger;
use serde_json::{Value, json};
use shared::settings::{SETTINGS, Settings, setting};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> Value {
    let text =
        fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Folder name → bindings.
fn definitions() -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    for folder in fs::read_dir(root().join("function-definitions")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(
            files.len(),
            1,
            "{name}: a second file would be taken for a script"
        );
        let definition = read(&format!("function-definitions/{name}/function.json"));
        let fields: Vec<&String> = definition.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["bindings"], "{name}: no retry, no script file");
        found.insert(name, definition["bindings"].as_array().unwrap().clone());
    }
    found
}

/// Trap 6: forwarding holds only for exactly one `httpTrigger` and one `http` output. No `methods`, so that 405 is
/// ours; anonymous, because the handler knows who calls and the host does not.
#[test]
fn every_http_folder_is_served_and_every_route_has_its_folder() {
    let mut folders: BTreeMap<String, String> = BTreeMap::new();
    for (name, bindings) in definitions() {
        if bindings[0]["type"] != "httpTrigger" {
            continue;
        }
        let route = bindings[0]["route"].as_str().unwrap_or_default().to_owned();
        let expected = json!([
            { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": route },
            { "type": "http", "direction": "out", "name": "res" },
        ]);
        assert_eq!(Value::from(bindings), expected, "{name}");
        folders.insert(name, route);
    }
    for function in handlers::functions().http {
        let route = folders
            .remove(function.name)
            .unwrap_or_else(|| panic!("{} has no folder", function.name));
        for served in &function.routes {
            assert!(
                covers(&route, served.path),
                "{}: {route} does not reach {}",
                function.name,
                served.path
            );
        }
        let is_exact = function
            .routes
            .iter()
            .all(|served| served.path == format!("/{route}"));
        assert!(
            route.ends_with("/{*rest}") || is_exact,
            "{}: {route}",
            function.name
        );
    }
    assert!(folders.is_empty(), "not served: {folders:?}");
}

/// Whether the host's route template lets that path through.
fn covers(template: &str, path: &str) -> bool {
    match template.strip_suffix("/{*rest}") {
        Some(base) => path == format!("/{base}") || path.starts_with(&format!("/{base}/")),
        None => path == format!("/{template}"),
    }
}

#[test]
fn every_queue_and_timer_folder_is_served_and_the_names_agree() {
    let mut folders = definitions();
    folders.retain(|_, bindings| bindings[0]["type"] != "httpTrigger");
    for function in handlers::functions().triggers {
        let bindings = folders
            .remove(function.name)
            .unwrap_or_else(|| panic!("{} has no folder", function.name));
        let expected = match function.trigger {
            Trigger::Queue(queue) => json!([
                { "type": "queueTrigger", "direction": "in", "name": "message", "queueName": queue, "connection": "AzureWebJobsStorage" },
            ]),
            Trigger::Timer(setting) => json!([
                { "type": "timerTrigger", "direction": "in", "name": "timer", "schedule": format!("%{setting}%"), "useMonitor": true, "runOnStartup": false },
            ]),
        };
        assert_eq!(Value::from(bindings), expected, "{}", function.name);
    }
    assert!(folders.is_empty(), "not served: {folders:?}");
}

/// The host gives functions names of its own kind, and binding names without dashes (trap 26).
#[test]
fn names_are_such_as_the_host_takes() {
    for (name, bindings) in definitions() {
        let mut characters = name.chars();
        assert!(
            characters.next().is_some_and(|c| c.is_ascii_alphabetic()),
            "{name}"
        );
        assert!(
            characters.all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "{name}"
        );
        assert!(name.len() <= 127 && name != "host", "{name}");
        for binding in bindings {
            let binding = binding["name"].as_str().unwrap();
            assert!(
                binding.chars().all(|c| c.is_ascii_alphanumeric()),
                "{name}: {binding}"
            );
        }
    }
}

#[test]
fn each_function_has_a_file_that_is_named_like_its_folder() {
    for name in definitions().keys() {
        let file = root().join(format!("handlers/src/{}.rs", name.replace('-', "_")));
        assert!(file.is_file(), "{}", file.display());
    }
}

/// `custom-handler.md` §5.1, and design.md §2: both HTTP flags; plain text in queues; a time-out over the four minutes
/// of a job's slice.
#[test]
fn host_json_says_what_the_code_relies_on() {
    let host = read("host.json");
    assert_eq!(host["version"], "2.0");
    assert_eq!(host["customHandler"]["enableForwardingHttpRequest"], true);
    assert_eq!(host["customHandler"]["enableProxyingHttpRequest"], true);
    assert_eq!(
        host["customHandler"]["description"]["defaultExecutablePath"],
        env!("CARGO_PKG_NAME")
    );
    assert_eq!(host["extensions"]["http"]["routePrefix"], "api");
    let queues = &host["extensions"]["queues"];
    assert_eq!(queues["messageEncoding"], "none");
    assert_eq!(queues["maxDequeueCount"], 5);
    for set in [
        "batchSize",
        "newBatchThreshold",
        "visibilityTimeout",
        "maxPollingInterval",
    ] {
        assert!(
            !queues[set].is_null(),
            "{set}: the default depends on the machine, or is 0"
        );
    }
    let minutes: u64 = host["functionTimeout"].as_str().unwrap()[3..5]
        .parse()
        .unwrap();
    assert!(shared::jobs::SLICE.as_secs() < minutes * 60);
    assert!(
        host.get("retry").is_none(),
        "a retry policy would count tries in memory"
    );
}

/// Every timer's schedule stands in a setting that has a default; the host reads it from the app's settings alone.
#[test]
fn timers_have_a_setting_with_a_default_and_the_sample_holds_it() {
    let values = read("local.settings.sample.json")["Values"].clone();
    for function in handlers::functions().triggers {
        if let Trigger::Timer(name) = function.trigger {
            let default = setting(name).and_then(|setting| setting.fallback.value());
            assert_eq!(values[name].as_str(), default, "{name}");
        }
    }
}

#[test]
fn the_sample_of_local_settings_can_be_used_as_it_is() {
    let sample = read("local.settings.sample.json");
    let values = sample["Values"].as_object().unwrap();
    for (name, value) in values {
        assert!(
            value.is_string(),
            "{name}: the Core Tools take strings alone"
        );
        let of_the_host = ["AzureWebJobsStorage", "FUNCTIONS_WORKER_RUNTIME"];
        let known = SETTINGS.iter().any(|setting| setting.name == name);
        assert!(known || of_the_host.contains(&name.as_str()), "{name}");
        let explained = sample["//"].get(name).is_some() || name.ends_with("_SCHEDULE");
        assert!(explained, "{name} is not explained");
    }
    let settings = Settings::from_env(|name| values.get(name)?.as_str().map(str::to_owned));
    assert!(settings.is_ok(), "{settings:?}");
}

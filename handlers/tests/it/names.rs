//! The names on which Bicep, host.json, the function folders, the sample of settings, the documents and the code must
//! agree: settings, secrets, queues, containers, roles, routes, timers. A name that one of them changed alone fails here
//! and not in somebody's subscription.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use handlers::routes::Trigger;
use serde_json::Value;
use shared::{
    azure::{
        blobs::{REPORTS, WEBHOOKS},
        queues::{CLOCKIFY_EVENTS, JOBS, POISON_SUFFIX},
    },
    functions::role::Role,
    settings::{Fallback, SETTINGS, setting},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines between `var NAME = {` (or `[`) and the bracket that closes it in the first column, without comments.
fn block(bicep: &str, name: &str) -> Vec<String> {
    let lines = bicep.lines().map(str::trim_end);
    let found: Vec<String> = lines
        .skip_while(|line| !line.starts_with(&format!("var {name} = ")))
        .skip(1)
        .take_while(|line| !matches!(*line, "}" | "]"))
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.starts_with("//"))
        .collect();
    assert!(!found.is_empty(), "no `var {name}`");
    found
}

/// A list of names in quotes.
fn names(bicep: &str, name: &str) -> BTreeSet<String> {
    let lines = block(bicep, name);
    lines
        .iter()
        .map(|line| line.trim_matches('\'').to_owned())
        .collect()
}

/// The app's settings as Bicep writes them: name → the text between the quotes.
fn app_settings() -> BTreeMap<String, String> {
    let pairs = block(&read("infra/modules/app.bicep"), "baseSettings");
    pairs
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
}

#[test]
fn bicep_gives_the_app_settings_that_the_code_knows() {
    const OF_THE_PLATFORM: [&str; 3] = [
        "AzureWebJobsStorage__",
        "APPLICATIONINSIGHTS_",
        "AZURE_CLIENT_ID",
    ];
    let given = app_settings();
    for name in given.keys() {
        let of_the_platform = OF_THE_PLATFORM
            .iter()
            .any(|prefix| name.starts_with(prefix));
        assert!(
            of_the_platform || setting(name).is_some(),
            "nothing reads {name}"
        );
    }
    for setting in SETTINGS {
        let needed = matches!(setting.fallback, Fallback::OutsideAzure(_));
        assert!(
            !needed || given.contains_key(setting.name),
            "{} is missing",
            setting.name
        );
    }
}

/// `domain.md` §10: "in Azure, settings hold Key Vault references alone". The database's address holds no secret there.
#[test]
fn every_secret_is_a_key_vault_reference_that_the_documents_fill() {
    let given = app_settings();
    let readme = read("infra/README.md");
    for setting in SETTINGS.iter().filter(|setting| setting.secret) {
        let value = given.get(setting.name).map_or("", |value| value.as_str());
        if setting.name == "DATABASE_URL" {
            assert!(
                value.contains("?auth=managed-identity&clientId="),
                "{value}"
            );
            continue;
        }
        let secret = value
            .strip_prefix("${secretOf}")
            .and_then(|reference| reference.strip_suffix(')'))
            .unwrap_or_else(|| panic!("{} is no Key Vault reference: {value}", setting.name));
        assert!(
            readme.contains(&format!("`{secret}`")) || readme.contains(&format!("-n {secret} ")),
            "{secret}"
        );
    }
}

/// The host reads schedules from the app's settings alone, so Bicep, the sample and the code must say the same.
#[test]
fn every_timer_has_its_setting_everywhere() {
    let given = app_settings();
    let sample = json("local.settings.sample.json");
    let mut timers = 0;
    for function in handlers::functions().triggers {
        let Trigger::Timer(name) = function.trigger else {
            continue;
        };
        timers += 1;
        let default = setting(name).and_then(|setting| setting.fallback.value());
        let definition = json(&format!(
            "function-definitions/{}/function.json",
            function.name
        ));
        assert_eq!(definition["bindings"][0]["schedule"], format!("%{name}%"));
        assert_eq!(
            given.get(name).map(String::as_str),
            default,
            "{name} in Bicep"
        );
        assert_eq!(
            sample["Values"][name].as_str(),
            default,
            "{name} in the sample"
        );
    }
    assert!(timers >= 4, "only {timers} timers");
}

#[test]
fn bicep_makes_the_queues_and_containers_that_the_code_uses() {
    let storage = read("infra/modules/storage.bicep");
    let queues =
        [CLOCKIFY_EVENTS, JOBS].map(|queue| [queue.to_owned(), format!("{queue}{POISON_SUFFIX}")]);
    assert_eq!(
        names(&storage, "queueNames"),
        queues.into_iter().flatten().collect()
    );
    let triggers = handlers::functions().triggers;
    let fired: BTreeSet<&str> = triggers
        .iter()
        .filter_map(|function| match function.trigger {
            Trigger::Queue(queue) => Some(queue),
            Trigger::Timer(_) => None,
        })
        .collect();
    assert_eq!(
        fired,
        BTreeSet::from([CLOCKIFY_EVENTS, JOBS]),
        "queues without a function, or the reverse"
    );

    let package = "app-package";
    let containers = [REPORTS, WEBHOOKS, package].map(str::to_owned);
    assert_eq!(
        names(&storage, "containerNames"),
        BTreeSet::from(containers)
    );
    assert!(read("infra/modules/app.bicep").contains(&format!("${{blobEndpoint}}{package}'")));
    for container in [REPORTS, WEBHOOKS] {
        assert!(
            storage.contains(&format!("prefixMatch: ['{container}/']")),
            "{container} never expires"
        );
    }
}

/// What people are given under *Enterprise applications* is what the code asks for.
#[test]
fn the_app_registration_offers_the_roles_of_the_code() {
    let roles = json("infra/app-roles.json");
    let roles = roles.as_array().unwrap();
    let values: Vec<&str> = roles
        .iter()
        .map(|role| role["value"].as_str().unwrap())
        .collect();
    assert_eq!(values, Role::ALL.map(Role::name));
    let ids: BTreeSet<&str> = roles
        .iter()
        .map(|role| role["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), roles.len(), "an id twice");
    for role in roles {
        assert_eq!(role["isEnabled"], true, "{role}");
    }
    assert!(read("infra/app-registration.sh").contains("app-roles.json"));
}

/// Alerts look for what the handler writes: routes that are served, sentences that stand in the code.
#[test]
fn alerts_ask_for_what_is_written() {
    let monitoring = read("infra/modules/monitoring.bicep");
    let queries: Vec<&str> = monitoring
        .lines()
        .filter(|line| line.trim().starts_with("query: 'App"))
        .collect();
    assert!(queries.len() >= 4, "{queries:?}");
    let mut source = String::new();
    for folder in ["shared/src", "handlers/src"] {
        gather(&root().join(folder), &mut source);
    }
    let routes: BTreeSet<String> = served();
    for query in queries {
        for quoted in query.split('"').skip(1).step_by(2) {
            if let Some(route) = quoted.strip_prefix("/api") {
                assert!(routes.contains(route), "{quoted} is no route");
            } else if quoted.contains(' ') {
                assert!(
                    source.contains(&format!("\"{quoted}\"")),
                    "nothing writes {quoted:?}"
                );
            }
        }
    }
    for field in ["http.route", "http.status", "job.kind", "job.outcome"] {
        assert!(
            monitoring.contains(field) && source.contains(&format!("{field} =")),
            "{field}"
        );
    }
}

fn served() -> BTreeSet<String> {
    let functions = handlers::functions().http;
    functions
        .iter()
        .flat_map(|function| &function.routes)
        .map(|route| route.path.to_owned())
        .collect()
}

/// Every `/api/…` address that a script, a workflow or a document of the infrastructure calls is served.
#[test]
fn what_scripts_and_documents_call_is_served() {
    let prefix = json("host.json")["extensions"]["http"]["routePrefix"].clone();
    assert_eq!(prefix, "api");
    let routes = served();
    let mut called = 0;
    for path in [
        "infra/deploy.sh",
        "infra/README.md",
        "shared/src/store/README.md",
        "README.md",
        "SECURITY.md",
        "OPERATIONS.md",
    ] {
        let text = read(path);
        for (at, _) in text.match_indices("/api/") {
            let rest = &text[at + 4..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_.{}".contains(c)));
            let asked = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '/']);
            // Clockify has an `/api/` of its own.
            if asked.is_empty() || text[..at].ends_with("clockify.me") {
                continue;
            }
            called += 1;
            assert!(
                routes.iter().any(|route| matches(route, asked)),
                "{path} calls {asked}"
            );
        }
    }
    assert!(called > 5, "only {called} addresses");
}

/// `/jobs/{id}` takes `/jobs/anything`.
fn matches(route: &str, asked: &str) -> bool {
    let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (route, asked) = (parts(route), parts(asked));
    route.len() == asked.len()
        && route
            .iter()
            .zip(&asked)
            .all(|(part, asked)| part.starts_with('{') || part == asked)
}

/// A name in capitals in the documents for operators is a setting, or is said here not to be one.
#[test]
fn documents_name_settings_that_there_are() {
    const NO_SETTINGS: [&str; 13] = [
        "HOST",
        "YOURS",
        "KEY",
        "CLIENT",
        "ROTATED",
        "AZURE_CLIENT_ID",
        "IDENTITY_ENDPOINT",
        "WEBSITE_AUTH_ENABLED",
        "WEBSITE_SITE_NAME",
        "TEST_MSSQL_URL",
        "PROPTEST_CASES",
        "CRASH_AT",
        "LOCAL_RESTART_BUDGET",
    ];
    for path in ["SECURITY.md", "OPERATIONS.md", "infra/README.md"] {
        for quoted in read(path).split('`').skip(1).step_by(2) {
            for word in words(quoted) {
                let shouts = word.contains('_')
                    && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                    && !word.starts_with('_');
                assert!(
                    !shouts || setting(word).is_some() || NO_SETTINGS.contains(&word),
                    "{path}: `{word}` is no setting"
                );
            }
        }
    }
}

fn gather(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

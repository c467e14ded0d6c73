//! The settings of host and handler: `local.settings.json`, over it the environment, over it what the
//! stand-in itself decides (where data lies, the development key, the fixed business clock).

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
    time::Duration,
};

use jiff::Timestamp;
use rand::RngCore as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use shared::{clock::Clock, functions::role::Role};

use crate::{host::HostError, options::Options};

const KEY_FILE: &str = "development-key";
/// The name under which the development key calls.
const DEVELOPER: &str = "development";
/// Where data lies unless a setting says otherwise: name, scheme, place under the data folder.
const PLACES: [(&str, &str, &str); 3] = [
    ("DATABASE_URL", "sqlite:", "clocking.db"),
    ("QUEUE_URL", "sqlite:", "queue.db"),
    ("STORAGE_URL", "file:", "storage"),
];

/// All settings.
#[derive(Debug, Clone)]
pub struct Environment {
    values: BTreeMap<String, String>,
    /// The business clock, whose shift is fixed here once.
    pub clock: Clock,
}

#[derive(Deserialize)]
struct LocalSettings {
    #[serde(rename = "Values", default)]
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Gathers the settings for an app; `data` is absolute, `key` the development key.
    pub fn gather(
        options: &Options,
        data: &Path,
        base_url: &str,
        key: &str,
    ) -> Result<Self, HostError> {
        let mut values = BTreeMap::new();
        if options.reads_settings {
            values = local_settings(&options.app.join("local.settings.json"))?;
            let own = std::env::vars_os();
            values.extend(own.filter_map(|(name, value)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            }));
        }
        values.extend(options.environment.clone());
        // What says that it is in Azure gets no more than Azure would give it.
        let plays_azure = values.contains_key("WEBSITE_SITE_NAME");
        for (name, scheme, place) in PLACES {
            match values.get(name) {
                Some(url) => {
                    if let Some(path) = url.strip_prefix(scheme) {
                        // The defaults' own `data/` is the data folder, wherever that is.
                        let path = path.strip_prefix("data/").unwrap_or(path);
                        let absolute = format!("{scheme}{}", data.join(path).display());
                        values.insert(name.to_owned(), absolute);
                    }
                }
                None if plays_azure => {}
                None => {
                    let default = format!("{scheme}{}", data.join(place).display());
                    values.insert(name.to_owned(), default);
                }
            }
        }
        values
            .entry("PUBLIC_BASE_URL".to_owned())
            .or_insert_with(|| base_url.to_owned());
        let callers = with_developer(values.get("CALLER_KEYS").map(String::as_str), key)?;
        values.insert("CALLER_KEYS".to_owned(), callers);
        let clock = fix_clock(&mut values)?;
        Ok(Self { values, clock })
    }

    /// One setting.
    pub fn get(&self, name: &str) -> Option<String> {
        self.values.get(name).cloned()
    }

    /// One setting, else the default that the program itself has for it.
    pub fn get_or_default(&self, name: &str) -> Option<String> {
        self.get(name).or_else(|| {
            shared::settings::setting(name)?
                .fallback
                .value()
                .map(str::to_owned)
        })
    }

    /// What the handler is told: all but our own.
    pub fn of_the_handler(&self) -> BTreeMap<String, String> {
        let mut told = self.values.clone();
        told.retain(|name, _| !name.starts_with("LOCAL_"));
        told
    }

    /// How often the handler may die: 3 as in the real host, `LOCAL_RESTART_BUDGET=0` for no limit.
    pub fn restart_budget(&self) -> Result<Option<u32>, HostError> {
        let limit = self.number("LOCAL_RESTART_BUDGET")?.unwrap_or(3);
        Ok(Some(limit).filter(|&limit| limit > 0))
    }

    /// What `LOCAL_RETRY_DELAY_MS` puts in the place of host.json's `visibilityTimeout`.
    pub fn retry_delay(&self) -> Result<Option<Duration>, HostError> {
        let delay = self.number("LOCAL_RETRY_DELAY_MS")?;
        Ok(delay.map(|ms| Duration::from_millis(ms.into())))
    }

    fn number(&self, name: &str) -> Result<Option<u32>, HostError> {
        let text = self.get(name).filter(|text| !text.is_empty());
        text.map(|text| text.parse())
            .transpose()
            .map_err(|_| HostError::Setting(format!("{name} must be a number")))
    }
}

/// The development key of a data folder, made once.
pub fn development_key(data: &Path) -> io::Result<String> {
    let path = data.join(KEY_FILE);
    match fs::read_to_string(&path) {
        Ok(key) if !key.trim().is_empty() => return Ok(key.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0; 24];
    rand::rng().fill_bytes(&mut bytes);
    let key = format!("dev-{}", hex::encode(bytes));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(key.as_bytes())?;
    Ok(key)
}

fn local_settings(path: &Path) -> Result<BTreeMap<String, String>, HostError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(HostError::unreadable(path, error)),
    };
    let plain = without_comments(text.trim_start_matches('\u{FEFF}'));
    let read: LocalSettings = serde_json::from_str(&plain)
        .map_err(|error| HostError::Setting(format!("local.settings.json: {error}")))?;
    Ok(read.values)
}

/// Blanks `//` and `/* */` comments outside of texts, so that places in error messages stay right.
fn without_comments(text: &str) -> String {
    #[derive(PartialEq)]
    enum Inside {
        Nothing,
        Text,
        Line,
        Block,
    }
    let mut plain = String::with_capacity(text.len());
    let mut inside = Inside::Nothing;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied();
        match (&inside, c, next) {
            (Inside::Nothing, '/', Some('/')) => inside = Inside::Line,
            (Inside::Nothing, '/', Some('*')) => inside = Inside::Block,
            (Inside::Nothing, '"', _) => inside = Inside::Text,
            (Inside::Text, '\\', Some(escaped)) => {
                characters.next();
                plain.extend([c, escaped]);
                continue;
            }
            (Inside::Text, '"', _) | (Inside::Line, '\n', _) => inside = Inside::Nothing,
            (Inside::Block, '*', Some('/')) => {
                characters.next();
                inside = Inside::Nothing;
                plain.push_str("  ");
                continue;
            }
            _ => {}
        }
        let shown = matches!(inside, Inside::Nothing | Inside::Text) || c == '\n';
        plain.push(if shown { c } else { ' ' });
    }
    plain
}

/// `CALLER_KEYS` with the development key in it, which may do everything.
fn with_developer(callers: Option<&str>, key: &str) -> Result<String, HostError> {
    let mut callers: Map<String, Value> = match callers {
        None | Some("") => Map::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|_| HostError::Setting("CALLER_KEYS must be a JSON object".to_owned()))?,
    };
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    callers.insert(
        DEVELOPER.to_owned(),
        json!({"sha256": [hex::encode(Sha256::digest(key))], "roles": roles}),
    );
    Ok(Value::Object(callers).to_string())
}

/// Notes at which real instant the clock showed `CLOCKING_NOW`, for every life of the handler.
fn fix_clock(values: &mut BTreeMap<String, String>) -> Result<Clock, HostError> {
    let instant = |name: &str| {
        let text = values.get(name).filter(|text| !text.is_empty());
        text.map(|text| text.parse::<Timestamp>())
            .transpose()
            .map_err(|_| HostError::Setting(format!("{name} must be an RFC 3339 instant")))
    };
    let Some(shown) = instant("CLOCKING_NOW")? else {
        return Ok(Clock::real());
    };
    let at = instant("CLOCKING_NOW_AT")?.unwrap_or_else(Timestamp::now);
    values.insert("CLOCKING_NOW_AT".to_owned(), at.to_string());
    Ok(Clock::shifted(shown, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(options: &Options, data: &Path) -> Environment {
        Environment::gather(options, data, "http://127.0.0.1:1", "key").expect("settings")
    }

    #[test]
    fn comments_are_no_part_of_the_settings_file() {
        let text = "{ // one\n  \"Values\": { /* two\n */ \"A\": \"http://x/*y*/\\\"//z\" } }";
        let read: LocalSettings = serde_json::from_str(&without_comments(text)).expect("JSON");
        assert_eq!(read.values["A"], "http://x/*y*/\"//z");
    }

    #[test]
    fn the_commented_sample_is_read() {
        let sample = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../local.settings.sample.json"
        );
        let values = local_settings(Path::new(sample)).expect("it is read");
        assert!(!values.is_empty());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("local.settings.json");
        fs::write(file, r#"{"Values": {"A": "file", "B": "file"}}"#).expect("written");
        let mut options = Options::for_test(folder.path(), folder.path()).with("A", "environment");
        assert_eq!(gather(&options, folder.path()).get("B"), None);
        options.reads_settings = true;
        let environment = gather(&options, folder.path());
        assert_eq!(environment.get("A").as_deref(), Some("environment"));
        assert_eq!(environment.get("B").as_deref(), Some("file"));
    }

    #[test]
    fn relative_places_lie_under_the_data_folder_and_others_stay() {
        let options = Options::for_test("/app", "/data")
            .with("DATABASE_URL", "sqlite:mine.db")
            .with("QUEUE_URL", "sqlite:data/queue.db")
            .with("STORAGE_URL", "file:/elsewhere");
        let environment = gather(&options, Path::new("/data"));
        for (name, expected) in [
            ("DATABASE_URL", "sqlite:/data/mine.db"),
            ("QUEUE_URL", "sqlite:/data/queue.db"),
            ("STORAGE_URL", "file:/elsewhere"),
        ] {
            assert_eq!(environment.get(name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn who_plays_azure_gets_no_places_from_us() {
        let options = Options::for_test("/app", "/data").with("WEBSITE_SITE_NAME", "clocking");
        let environment = gather(&options, Path::new("/data"));
        assert_eq!(environment.get("DATABASE_URL"), None);
    }

    #[test]
    fn the_development_key_is_made_once_and_added_beside_others() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let first = development_key(folder.path()).expect("a key");
        assert_eq!(development_key(folder.path()).expect("a key"), first);
        let callers = with_developer(Some(r#"{"app": {"sha256": ["00"], "roles": []}}"#), &first);
        let callers: Value = serde_json::from_str(&callers.expect("keys")).expect("JSON");
        assert!(callers["app"].is_object());
        let hash = hex::encode(Sha256::digest(&first));
        assert_eq!(callers[DEVELOPER]["sha256"][0], hash);
        assert_eq!(callers[DEVELOPER]["roles"][6], "Admin");
    }

    #[test]
    fn the_clocks_shift_is_fixed_once_for_every_life_of_the_handler() {
        let options =
            Options::for_test("/app", "/data").with("CLOCKING_NOW", "2026-11-09T12:00:00Z");
        let environment = gather(&options, Path::new("/data"));
        let at = environment.get("CLOCKING_NOW_AT").expect("the instant");
        assert!(at.parse::<Timestamp>().expect("an instant") <= Timestamp::now());
    }
}

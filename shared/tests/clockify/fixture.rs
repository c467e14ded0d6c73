//! The fixtures as they lie on disk, and a server that answers with one of them.

use std::{collections::HashMap, fs, path::PathBuf, sync::OnceLock};

use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};
use shared::{
    clockify::{
        Client,
        client::Retries,
        convert::Conversion,
        wire::{self, Row},
    },
    domain::{flags::FlagRules, ids::WorkspaceId, time::CompanyZone, time::Rounding},
    settings::{ClockifySettings, Secret},
};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) const WORKSPACE: &str = "5ca227700001000000000001";
pub(crate) const AVERY: &str = "5ca2289c00a1000000000001";
pub(crate) const JORDAN: &str = "60c760e000a1000000000002";
pub(crate) const ZOE: &str = "61f9590000a1000000000003";
pub(crate) const MORGAN: &str = "5e5d2d8000a1000000000004";
pub(crate) const SAM: &str = "69a9cba800a1000000000005";
pub(crate) const PRIYA: &str = "5cd04bf000a1000000000006";

/// The folder of the fixtures.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/clockify"
    ))
}

/// What `manifest.json` says of each file.
pub(crate) fn manifest() -> &'static HashMap<String, Value> {
    static MANIFEST: OnceLock<HashMap<String, Value>> = OnceLock::new();
    MANIFEST.get_or_init(|| {
        let text = fs::read_to_string(folder().join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&text).unwrap();
        let files = manifest["files"].as_array().unwrap();
        files
            .iter()
            .map(|entry| (entry["file"].as_str().unwrap().to_owned(), entry.clone()))
            .collect()
    })
}

/// One fixture.
#[derive(Clone, Debug)]
pub(crate) struct Fixture {
    /// Below the folder: `api/users.json`.
    pub(crate) file: String,
    pub(crate) bytes: Vec<u8>,
}

impl Fixture {
    pub(crate) fn named(file: &str) -> Self {
        let bytes = fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        Self {
            file: file.to_owned(),
            bytes,
        }
    }

    pub(crate) fn entry(&self) -> &'static Value {
        &manifest()[&self.file]
    }

    pub(crate) fn json(&self) -> Value {
        self.read()
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> T {
        wire::read(&self.bytes).unwrap_or_else(|error| panic!("{}: {error}", self.file))
    }

    /// The rows of a bare array; all of them can be read.
    pub(crate) fn rows<T: Row>(&self) -> Vec<T> {
        let rows: Vec<Box<RawValue>> = self.read();
        let (rows, unreadable) = wire::read_rows(&rows);
        assert_eq!(unreadable, [], "{}", self.file);
        rows
    }

    /// A server that gives this answer at the address that the manifest names, and a client for it.
    pub(crate) async fn serve(&self) -> Served {
        let entry = self.entry();
        let url = entry["url"].as_str().unwrap();
        let (_, address) = url.split_once("clockify.me").unwrap();
        let (address, _) = address.split_once('?').unwrap_or((address, ""));
        let mut answer = ResponseTemplate::new(200)
            .set_body_raw(self.bytes.clone(), "application/json;charset=utf-8");
        for (name, value) in entry["response_headers"].as_object().into_iter().flatten() {
            answer = answer.insert_header(name.as_str(), value.as_str().unwrap());
        }
        let server = MockServer::start().await;
        Mock::given(method(entry["method"].as_str().unwrap()))
            .and(path(address))
            .respond_with(answer)
            .mount(&server)
            .await;
        let client = client_of(&server, Retries::default());
        Served {
            client,
            server,
            url: url.to_owned(),
        }
    }
}

/// A fixture that is being served.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) client: Client,
    pub(crate) server: MockServer,
    url: String,
}

impl Served {
    /// Holds the query that was sent against the one that the fixture was recorded with.
    pub(crate) async fn was_asked_as_documented(&self) {
        let requests = self.server.received_requests().await.unwrap();
        let [request] = requests.as_slice() else {
            panic!("{} requests for {}", requests.len(), self.url);
        };
        if self.url.contains('…') || self.url.contains("...") {
            return;
        }
        let documented = Url::parse(&self.url).unwrap();
        let sent: HashMap<_, _> = request.url.query_pairs().collect();
        for (name, value) in documented.query_pairs() {
            assert_eq!(sent.get(&name), Some(&value), "{name} of {}", self.url);
        }
    }
}

/// A client whose main and reports hosts are both this server.
pub(crate) fn client_of(server: &MockServer, retries: Retries) -> Client {
    Client::with_retries(&settings_of(server), reqwest::Client::new(), retries)
}

pub(crate) fn settings_of(server: &MockServer) -> ClockifySettings {
    ClockifySettings {
        api_url: Url::parse(&format!("{}/api/v1", server.uri())).unwrap(),
        reports_url: Url::parse(&format!("{}/v1", server.uri())).unwrap(),
        api_key: Some(Secret::from("synthetic-key")),
        workspace_id: Some(WorkspaceId::from(WORKSPACE)),
        requests_per_second: 50,
    }
}

/// The company's own: Edmonton, quarter hours.
pub(crate) fn conversion() -> Conversion {
    Conversion {
        workspace_id: WorkspaceId::from(WORKSPACE),
        zone: CompanyZone::named("America/Edmonton").unwrap(),
        rounding: Rounding::default(),
        flag_rules: FlagRules::default(),
    }
}

pub(crate) fn decimal(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

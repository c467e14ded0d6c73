//! The whole router in one process, on a folder of its own, with a key for each role.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::{
    azure::queues::{CLOCKIFY_EVENTS, JOBS},
    functions::{context::Context, role::Role},
    jobs::JobFilter,
    settings::Settings,
};
use tokio::net::TcpListener;
use tower::ServiceExt;

/// Monday after the pay period 25 October to 7 November 2026 ended, at 06:00 in Edmonton.
pub(crate) const NOW: &str = "2026-11-09T12:00:00Z";
pub(crate) const WEBHOOK_SECRET: &str = "webhook-secret";

pub(crate) struct App {
    pub(crate) context: Context,
    router: Router,
    folder: tempfile::TempDir,
}

/// An answer as the caller sees it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status, code and sentence of a problem.
    pub(crate) fn problem(&self) -> (u16, String, String) {
        let body = self.json();
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(body["status"], self.status.as_u16());
        assert!(body["requestId"].is_string(), "{body}");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), text("code"), text("detail"))
    }
}

/// The key that holds this role alone.
pub(crate) fn key_of(role: Role) -> String {
    format!("key-{role}")
}

/// A key that is valid and holds no role.
pub(crate) const KEY_WITHOUT_ROLES: &str = "key-without-roles";

impl App {
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// With other settings besides.
    pub(crate) fn with(more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut table: BTreeMap<String, String> = BTreeMap::from([
            (
                "DATABASE_URL".to_owned(),
                format!("sqlite:{}", path("clocking.db")),
            ),
            (
                "STORAGE_URL".to_owned(),
                format!("file:{}", path("storage")),
            ),
            (
                "QUEUE_URL".to_owned(),
                format!("sqlite:{}", path("queue.db")),
            ),
            ("CALLER_KEYS".to_owned(), caller_keys().to_string()),
            (
                "CLOCKIFY_WEBHOOK_SECRETS".to_owned(),
                json!({ "*": WEBHOOK_SECRET }).to_string(),
            ),
            ("CLOCKING_NOW".to_owned(), NOW.to_owned()),
            // Tests ask as fast as they can; how fast a caller may is a test of its own.
            ("CALLER_REQUESTS_PER_SECOND".to_owned(), "10000".to_owned()),
        ]);
        for (name, value) in more {
            table.insert((*name).to_owned(), (*value).to_owned());
        }
        let settings = Settings::from_env(|name| table.get(name).cloned()).unwrap();
        let context = Context::new(settings).unwrap();
        Self {
            router: handlers::router(context.clone()),
            context,
            folder,
        }
    }

    /// Whether anybody has asked for the database yet.
    pub(crate) fn has_database(&self) -> bool {
        self.folder.path().join("clocking.db").exists()
    }

    /// Serves on a port of its own, as the program does, until the test ends.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, self.router.clone()).into_future());
        address
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, role: Role) -> Answer {
        self.call("GET", path, Some(&key_of(role)), None).await
    }

    pub(crate) async fn post(&self, path: &str, role: Role, body: Value) -> Answer {
        self.call("POST", path, Some(&key_of(role)), Some(body))
            .await
    }

    /// What was written: jobs, messages of both queues.
    pub(crate) async fn written(&self) -> (usize, u64, u64) {
        let jobs = self.context.jobs().await.unwrap();
        let queues = self.context.queues();
        (
            jobs.list(&JobFilter::default(), 200).await.unwrap().len(),
            queues.count(JOBS).await.unwrap(),
            queues.count(CLOCKIFY_EVENTS).await.unwrap(),
        )
    }
}

fn caller_keys() -> Value {
    let hash = |key: &str| hex::encode(Sha256::digest(key));
    let mut keys = json!({ "nobody": { "sha256": [hash(KEY_WITHOUT_ROLES)], "roles": [] } });
    for role in Role::ALL {
        let name = format!("only {role}");
        keys[name] = json!({ "sha256": [hash(&key_of(role))], "roles": [role] });
    }
    keys
}

/// Writes records as a sync does: `written!(app, |tx, spent| employee::upsert_page(&mut tx, spent, &people))`.
macro_rules! written {
    ($app:expr, |$tx:ident, $spent:ident| $work:expr) => {{
        let store = $app.context.store().await.unwrap();
        let ticket = shared::store::ticket::draw(store).await.unwrap();
        store
            .write(async |mut $tx| {
                let spent = shared::store::ticket::spend(&mut $tx, ticket).await?;
                let $spent = spent.expect("the ticket is young");
                $work.await
            })
            .await
            .unwrap()
    }};
}
pub(crate) use written;

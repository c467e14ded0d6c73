//! A running simulator: one server that plays Clockify's main host, its reports host, and the
//! control API.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Bytes, extract::State, response::Response};
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};

use crate::{
    company::{Company, leave, work::workspace_id},
    control::{self, Control},
    courier, door, events,
    hub::Hub,
    switches::Switches,
    world::World,
};

/// What company to simulate, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// 0: any free port.
    pub port: u16,
    pub people: usize,
    /// Full weeks of history before `now`.
    pub weeks: usize,
    pub seed: u64,
    /// The last full week ends just before this instant.
    pub now: Timestamp,
    pub api_key: String,
    /// Where every event is posted from the start; more can be added later.
    pub webhook_url: Option<String>,
    /// The token of those webhooks; each gets one of its own when None.
    pub webhook_secret: Option<String>,
    pub switches: Switches,
}

impl Default for Config {
    /// Sixty people with twelve weeks of history before now.
    fn default() -> Self {
        Self {
            port: 0,
            people: 60,
            weeks: 12,
            seed: 1,
            now: Timestamp::now(),
            api_key: "simulated-api-key".to_owned(),
            webhook_url: None,
            webhook_secret: None,
            switches: Switches::default(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on port {0}")]
    Port(u16, #[source] std::io::Error),
    #[error("cannot make the client that posts webhooks")]
    Client(#[from] reqwest::Error),
}

/// A running simulator; it stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    api_key: String,
    tasks: [JoinHandle<()>; 2],
}

impl Simulator {
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let company = Company::founded(config.seed, config.people, config.weeks, config.now);
        let mut world = World::of(company, config.switches);
        if let Some(url) = &config.webhook_url {
            for (index, event) in events::told().enumerate() {
                world.add_webhook(
                    format!("hook-{:02}", index + 1),
                    url.clone(),
                    event.to_owned(),
                    config.webhook_secret.clone(),
                );
            }
        }
        let (courier, parcels) = mpsc::unbounded_channel();
        let hub = Arc::new(Hub::new(config.api_key.clone(), world, courier));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let listener = TcpListener::bind(("127.0.0.1", config.port))
            .await
            .map_err(|error| StartError::Port(config.port, error))?;
        let address = listener
            .local_addr()
            .map_err(|error| StartError::Port(config.port, error))?;
        let app = Router::new().fallback(enter).with_state(Arc::clone(&hub));
        let tasks = [
            tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, app).await {
                    tracing::error!(%error, "the server stopped");
                }
            }),
            tokio::spawn(courier::run(hub, parcels, http)),
        ];
        Ok(Self {
            address,
            api_key: config.api_key,
            tasks,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// For `CLOCKIFY_API_URL`.
    pub fn api_url(&self) -> String {
        format!("{}/api/v1", self.address())
    }

    /// For `CLOCKIFY_REPORTS_URL`.
    pub fn reports_url(&self) -> String {
        format!("{}/v1", self.address())
    }

    /// For `CLOCKIFY_API_KEY`.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    pub fn workspace_id(&self) -> String {
        workspace_id().to_string()
    }

    /// For `BANKED_POLICY_ID`.
    pub fn banked_policy_id(&self) -> String {
        leave::policy_id(leave::BANKED).to_string()
    }

    pub fn control(&self) -> Control {
        Control::at(&self.address())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn enter(
    State(hub): State<Arc<Hub>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match uri.path().strip_prefix("/_control/") {
        Some(path) => control::serve(&hub, &method, path, &body),
        None => door::enter(hub, method, uri, headers, body).await,
    }
}

//! Azure as the app meets it: a storage account (Azurite) with what the template makes there, and the platform's endpoint
//! that hands out tokens for the app's identity.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{Json, Router, http::HeaderMap, routing::get};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::azurite::{Azurite, token};

/// What the platform tells the app, so that nobody else asks for its tokens.
const IDENTITY_HEADER: &str = "told by the platform";
/// What the template makes.
const CONTAINERS: [&str; 2] = ["reports", "webhooks"];
const QUEUES: [&str; 2] = ["clockify-events", "jobs"];

/// What else the template and the platform tell the app. The database is the one thing that cannot be had here.
pub const OF_THE_DEPLOYED_APP: [(&str, &str); 11] = [
    ("DATABASE_URL", "sqlite:clocking.db"),
    ("WEBSITE_SITE_NAME", "clocking"),
    ("WEBSITE_HOSTNAME", "clocking.azurewebsites.net"),
    ("WEBSITE_AUTH_ENABLED", "True"),
    ("EASY_AUTH", "on"),
    ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-000000000001"),
    ("NIGHTLY_SCHEDULE", "0 0 10 * * *"),
    ("WEEKLY_SCHEDULE", "0 0 7 * * 0"),
    ("BALANCES_SCHEDULE", "0 0 12 * * *"),
    ("REPORTS_SCHEDULE", "0 30 12 * * *"),
    ("WATCHDOG_SCHEDULE", "0 */15 * * * *"),
];

/// A storage account and an identity.
#[derive(Debug)]
pub struct Azure {
    /// The storage account.
    pub azurite: Azurite,
    identity_endpoint: String,
    task: JoinHandle<()>,
}

impl Azure {
    pub async fn start() -> Self {
        let azurite = Azurite::start().await;
        for container in CONTAINERS {
            azurite.create_container(container).await;
        }
        for queue in QUEUES {
            azurite.create_queue(queue).await;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().route("/msi/token", get(give_token));
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self {
            azurite,
            identity_endpoint: format!("http://{address}/msi/token"),
            task,
        }
    }

    /// What the app is told of it.
    pub fn settings(&self) -> [(&'static str, String); 5] {
        [
            ("STORAGE_URL", self.azurite.blob_url().to_string()),
            ("QUEUE_URL", self.azurite.queue_url().to_string()),
            ("IDENTITY_ENDPOINT", self.identity_endpoint.clone()),
            ("IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
            // The test CA; in Azure the public ones.
            (
                "SSL_CERT_FILE",
                self.azurite.ca_file().display().to_string(),
            ),
        ]
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn give_token(headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let told = headers.get("x-identity-header");
    if told.is_none_or(|told| told != IDENTITY_HEADER) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let expires_on = now.expect("after 1970").as_secs() + 3_600;
    Ok(Json(json!({
        "access_token": token(),
        "expires_on": expires_on.to_string(),
        "resource": "https://storage.azure.com",
        "token_type": "Bearer",
    })))
}

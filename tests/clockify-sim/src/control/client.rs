//! The typed client of the control API.

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, civil::Date};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::command::{
    Command, Delivered, EntrySummary, Outcome, PersonSummary, Release, SheetSummary, Size, Status,
};
use crate::{
    company::sheets::SheetState, faults::Fault, hub::SeenRequest, id::Id, switches::Switches,
};

/// The simulator could not be reached, or refused what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("the simulator did not answer")]
    Unreachable(#[from] reqwest::Error),
    #[error("the simulator refused with {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("the simulator's answer cannot be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("webhooks are still under way after {0:?}: {1}")]
    Unsettled(Duration, usize),
}

type Result<T> = std::result::Result<T, ControlError>;

/// Steers a running simulator, in this process or another.
#[derive(Clone, Debug)]
pub struct Control {
    base: String,
    http: reqwest::Client,
}

impl Control {
    /// `address` as the simulator prints it: `http://127.0.0.1:PORT`.
    pub fn at(address: &str) -> Self {
        Self {
            base: format!("{}/_control", address.trim_end_matches('/')),
            http: reqwest::Client::new(),
        }
    }

    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<String> {
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        if status.is_success() {
            Ok(text)
        } else {
            Err(ControlError::Refused {
                status: status.as_u16(),
                message: text,
            })
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self.http.get(format!("{}/{path}", self.base));
        Ok(serde_json::from_str(&self.answered(request).await?)?)
    }

    async fn send<T: Serialize + ?Sized>(
        &self,
        method: http::Method,
        path: &str,
        body: &T,
    ) -> Result<String> {
        let request = self
            .http
            .request(method, format!("{}/{path}", self.base))
            .header("content-type", "application/json")
            .body(serde_json::to_string(body)?);
        self.answered(request).await
    }

    /// Makes something happen in the company.
    pub async fn run(&self, command: &Command) -> Result<Outcome> {
        let Value::Object(named) = serde_json::to_value(command)? else {
            return Err(ControlError::Refused {
                status: 422,
                message: "a command without fields".to_owned(),
            });
        };
        let mut named = named.into_iter();
        let (name, fields) = named.next().unwrap_or_default();
        let text = self.send(http::Method::POST, &name, &fields).await?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Approves all that waits, of one week or of all weeks.
    pub async fn approve_all(&self, week: Option<Date>) -> Result<Outcome> {
        self.run(&Command::ApproveAll { week }).await
    }

    /// Hands in a person's week.
    pub async fn submit(&self, person: Id, week: Date) -> Result<Outcome> {
        self.run(&Command::Submit { person, week }).await
    }

    /// Moves a timesheet to another state.
    pub async fn decide(&self, sheet: Id, state: SheetState, note: &str) -> Result<Outcome> {
        let note = note.to_owned();
        self.run(&Command::Decide { sheet, state, note }).await
    }

    pub async fn delete_entry(&self, entry: Id) -> Result<Outcome> {
        self.run(&Command::DeleteEntry { entry }).await
    }

    pub async fn restore_entry(&self, entry: Id) -> Result<Outcome> {
        self.run(&Command::RestoreEntry { entry }).await
    }

    pub async fn split_entry(&self, entry: Id, at: Timestamp) -> Result<Outcome> {
        self.run(&Command::SplitEntry { entry, at }).await
    }

    /// Posts every event to one address from now on.
    pub async fn add_webhooks(&self, url: &str, secret: Option<&str>) -> Result<Outcome> {
        self.run(&Command::AddWebhooks {
            url: url.to_owned(),
            secret: secret.map(str::to_owned),
        })
        .await
    }

    /// Lets go of the webhooks that `delivery.hold` kept back.
    pub async fn release(&self, order: Release) -> Result<Outcome> {
        self.run(&Command::Release { order }).await
    }

    pub async fn status(&self) -> Result<Status> {
        self.get("status").await
    }

    pub async fn size(&self) -> Result<Size> {
        self.get("size").await
    }

    pub async fn people(&self) -> Result<Vec<PersonSummary>> {
        self.get("people").await
    }

    /// Every timesheet in every state, also in those that Clockify lists nowhere.
    pub async fn sheets(&self) -> Result<Vec<SheetSummary>> {
        self.get("sheets").await
    }

    /// A person's entries of the week that holds a date, the latest first.
    pub async fn entries(&self, person: Id, week: Date) -> Result<Vec<EntrySummary>> {
        self.get(&format!("people/{person}/weeks/{week}")).await
    }

    pub async fn switches(&self) -> Result<Switches> {
        self.get("switches").await
    }

    pub async fn set_switches(&self, switches: &Switches) -> Result<()> {
        self.send(http::Method::PUT, "switches", switches).await?;
        Ok(())
    }

    pub async fn add_fault(&self, fault: &Fault) -> Result<()> {
        self.send(http::Method::POST, "faults", fault).await?;
        Ok(())
    }

    pub async fn clear_faults(&self) -> Result<()> {
        self.send(http::Method::DELETE, "faults", &()).await?;
        Ok(())
    }

    /// The requests to Clockify's API since the last [`Control::forget_requests`], in their order.
    pub async fn requests(&self) -> Result<Vec<SeenRequest>> {
        self.get("requests").await
    }

    /// How often each route was asked: `GET workspaces/{ws}/users`.
    pub async fn request_counts(&self) -> Result<BTreeMap<String, u64>> {
        self.get("requests/counts").await
    }

    pub async fn forget_requests(&self) -> Result<()> {
        self.send(http::Method::DELETE, "requests", &()).await?;
        Ok(())
    }

    /// Every attempt to post a webhook, in the order in which they ended.
    pub async fn deliveries(&self) -> Result<Vec<Delivered>> {
        self.get("deliveries").await
    }

    /// The tokens of all webhooks, in the form of the setting `CLOCKIFY_WEBHOOK_SECRETS`.
    pub async fn webhook_secrets(&self) -> Result<Value> {
        self.get("webhook-secrets").await
    }

    /// Waits until no webhook is under way and none waits for another attempt.
    pub async fn settled(&self, patience: Duration) -> Result<()> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let open = self.status().await?.webhooks_under_way;
            if open == 0 {
                return Ok(());
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(ControlError::Unsettled(patience, open));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

//! Asking Clockify: every call that syncs, balances and the health of the webhooks need.
//!
//! Reads are repeated where that can help; changes never are. Neither keys nor addresses, which can hold
//! personal data, appear in an error or a log line.

mod balances;
mod call;
mod error;
mod expenses;
mod pace;
mod paging;
mod people;
mod projects;
mod time;
mod time_off;
mod webhooks;

use std::sync::Arc;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};
use tokio::sync::OnceCell;
use url::Url;

use self::{
    call::{Answer, Call, Kind},
    pace::Pace,
};
use super::wire::Row;
use crate::{
    domain::ids::WorkspaceId,
    settings::{ClockifySettings, Secret},
};

pub use balances::{BalanceChange, NewBalance};
pub use call::Retries;
pub use error::{ClockifyError, Refusal, TransientCause};
pub use paging::{Complete, Page, find, read_all};
pub use time::{ApprovalList, Window};
pub use time_off::TimeOffSearch;
pub use webhooks::NewWebhook;

/// Rows asked for on a page where Clockify names no limit of its own.
const PAGE_SIZE: usize = 200;

/// The way to one workspace. Clones share its pace.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    api_url: Url,
    reports_url: Url,
    api_key: Option<Secret>,
    workspace_id: OnceCell<WorkspaceId>,
    pace: Pace,
    retries: Retries,
}

impl Client {
    /// A client that sends nothing yet. Without a key every call ends as
    /// [`ClockifyError::NotConfigured`].
    pub fn new(settings: &ClockifySettings, http: reqwest::Client) -> Self {
        Self::with_retries(settings, http, Retries::default())
    }

    /// The same with other patience.
    pub fn with_retries(
        settings: &ClockifySettings,
        http: reqwest::Client,
        retries: Retries,
    ) -> Self {
        Self(Arc::new(Inner {
            http,
            api_url: settings.api_url.clone(),
            reports_url: settings.reports_url.clone(),
            api_key: settings.api_key.clone(),
            workspace_id: OnceCell::new_with(settings.workspace_id.clone()),
            pace: Pace::new(settings.requests_per_second),
            retries,
        }))
    }

    /// A client with connections of its own, for a command that needs nothing else. It follows no
    /// redirect, so that the key goes nowhere else.
    pub fn alone(settings: &ClockifySettings) -> Result<Self, ClockifyError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| ClockifyError::NotConfigured(format!("no HTTP client: {error}")))?;
        Ok(Self::new(settings, http))
    }

    /// Requests sent by this client and its clones, each try counted.
    pub fn requests_sent(&self) -> u64 {
        self.pace().requests_sent()
    }

    /// The workspace of the settings or, asked for once, the only one that the key can see.
    pub async fn workspace_id(&self) -> Result<&WorkspaceId, ClockifyError> {
        self.0
            .workspace_id
            .get_or_try_init(|| self.only_workspace())
            .await
    }

    async fn only_workspace(&self) -> Result<WorkspaceId, ClockifyError> {
        let workspaces = self.list_workspaces().await?.rows;
        match workspaces.as_slice() {
            [workspace] => Ok(workspace.id.clone()),
            _ => Err(ClockifyError::NotConfigured(format!(
                "the key of CLOCKIFY_API_KEY can see {} workspaces: set CLOCKIFY_WORKSPACE_ID",
                workspaces.len()
            ))),
        }
    }

    fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    fn pace(&self) -> &Pace {
        &self.0.pace
    }

    fn retries(&self) -> Retries {
        self.0.retries
    }

    fn api_key(&self) -> Result<&str, ClockifyError> {
        let key = self.0.api_key.as_ref().ok_or_else(|| {
            ClockifyError::NotConfigured(
                "Clockify cannot be asked: CLOCKIFY_API_KEY is not set".to_owned(),
            )
        })?;
        Ok(key.reveal())
    }

    /// An address under the workspace on the main host.
    async fn in_workspace(&self, path: &[&str]) -> Result<Url, ClockifyError> {
        let workspace_id = self.workspace_id().await?;
        address(
            &self.0.api_url,
            &[&["workspaces", workspace_id.as_str()], path].concat(),
        )
    }

    /// An address under the workspace on the reports host.
    async fn in_reports(&self, path: &[&str]) -> Result<Url, ClockifyError> {
        let workspace_id = self.workspace_id().await?;
        address(
            &self.0.reports_url,
            &[&["workspaces", workspace_id.as_str()], path].concat(),
        )
    }

    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        kind: Kind,
        url: Url,
    ) -> Result<Answer<T>, ClockifyError> {
        self.ask(Call {
            operation,
            kind,
            method: Method::GET,
            url,
            body: None,
        })
        .await
    }

    /// A search: it is sent as POST and changes nothing.
    async fn search<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        url: Url,
        body: Value,
    ) -> Result<Answer<T>, ClockifyError> {
        self.ask(Call {
            operation,
            kind: Kind::List,
            method: Method::POST,
            url,
            body: Some(body),
        })
        .await
    }

    /// One page of a list that is a bare array.
    async fn page<T: Row>(
        &self,
        operation: &'static str,
        kind: Kind,
        mut url: Url,
        page: u32,
        page_size: usize,
    ) -> Result<Page<T>, ClockifyError> {
        number_page(&mut url, page, page_size);
        let answer: Answer<Vec<Box<RawValue>>> = self.get(operation, kind, url).await?;
        Ok(Page::new(&answer.body, page_size, answer.last_page))
    }

    /// A bare array that comes whole.
    async fn whole<T: Row>(
        &self,
        operation: &'static str,
        url: Url,
    ) -> Result<Page<T>, ClockifyError> {
        let answer: Answer<Vec<Box<RawValue>>> = self.get(operation, Kind::List, url).await?;
        Ok(Page::new(&answer.body, usize::MAX, Some(true)))
    }
}

/// An address below the base.
fn address(base: &Url, path: &[&str]) -> Result<Url, ClockifyError> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| {
            ClockifyError::NotConfigured("Clockify's address must begin with http".to_owned())
        })?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

/// An id fit to stand in an address: letters, digits, `-` and `_`, at most 64 of them. Ids come from
/// webhook bodies too, and one that is `..` would lead somewhere else.
fn checked<'a>(operation: &'static str, id: &'a str) -> Result<&'a str, ClockifyError> {
    let fits = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    fits.then_some(id).ok_or(ClockifyError::Permanent {
        operation,
        refusal: Refusal::ImpossibleId,
    })
}

/// Pages are numbered from 1.
fn number_page(url: &mut Url, page: u32, page_size: usize) {
    url.query_pairs_mut()
        .append_pair("page", &page.to_string())
        .append_pair("page-size", &page_size.to_string());
}

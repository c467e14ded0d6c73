//! `GET /health`: whether the app can do its work.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{Json, extract::State};
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    functions::context::Context,
    jobs::{JobKind, SYNC},
    store::{StoreError, job},
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

/// An answer holds for so long: who asks every second must not make a query of each.
const HOLDS_FOR: Duration = Duration::from_secs(30);
/// What does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn function() -> HttpFunction {
    let last = LastAnswer::default();
    HttpFunction::new("health")
        .get(
            "/health",
            Rule::ANYONE,
            move |State(context): State<Context>| {
                let last = last.clone();
                async move { last.show_health(&context).await }
            },
        )
        .described(
            Operation::new(
                "GetHealth",
                "Get the health",
                "Whether the app can do its work.",
            )
            .answers::<Health>()
            .internal(),
        )
}

#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Health {
    /// Whether all of it is there.
    #[schemars(with = "String")]
    status: Reach,
    /// The version of the program.
    version: &'static str,
    /// Whether it is there.
    #[schemars(with = "String")]
    database: Reach,
    /// Whether it is there.
    #[schemars(with = "String")]
    queue: Reach,
    /// Whether it is there.
    #[schemars(with = "String")]
    storage: Reach,
    /// When a sync last succeeded.
    #[schemars(with = "Option<String>")]
    last_sync: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Reach {
    Ok,
    Away,
}

/// The answer that still holds.
#[derive(Clone, Debug, Default)]
struct LastAnswer(Arc<Mutex<Option<(Instant, Health)>>>);

impl LastAnswer {
    async fn show_health(&self, context: &Context) -> (StatusCode, Json<Health>) {
        let health = if let Some(health) = self.held() {
            health
        } else {
            let health = examine(context).await;
            self.hold(health.clone());
            health
        };
        let status = match health.status {
            Reach::Ok => StatusCode::OK,
            Reach::Away => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(health))
    }

    fn hold(&self, health: Health) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), health));
    }

    fn held(&self) -> Option<Health> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, health) = last.as_ref()?;
        (at.elapsed() < HOLDS_FOR).then(|| health.clone())
    }
}

async fn examine(context: &Context) -> Health {
    let (last_sync, queue, storage) = tokio::join!(
        patiently("database", last_sync(context)),
        patiently("queue", context.queues().check()),
        patiently("storage", context.blobs().check()),
    );
    let reach = |reached: bool| if reached { Reach::Ok } else { Reach::Away };
    Health {
        status: reach(last_sync.is_some() && queue.is_some() && storage.is_some()),
        version: crate::VERSION,
        database: reach(last_sync.is_some()),
        queue: reach(queue.is_some()),
        storage: reach(storage.is_some()),
        last_sync: last_sync.flatten(),
    }
}

/// What was answered in time; what failed is logged, for the caller learns only that it is away.
async fn patiently<T, E: std::fmt::Display>(
    part: &str,
    asked: impl Future<Output = Result<T, E>>,
) -> Option<T> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::error!(health.part = part, %error, "away");
            None
        }
        Err(_) => {
            tracing::error!(health.part = part, "did not answer in time");
            None
        }
    }
}

async fn last_sync(context: &Context) -> Result<Option<Timestamp>, StoreError> {
    let all = JobKind::new(SYNC, "all");
    let store = context.store().await?;
    store
        .read(async |mut tx| job::last_success(&mut tx, all.as_str()).await)
        .await
}

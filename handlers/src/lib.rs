//! The custom handler: one executable that serves every function. One file per function, named like its folder in
//! `function-definitions`.

mod attendance;
mod audit;
mod balances;
mod clockify_events;
mod clockify_webhook;
mod daily_balances;
mod dead_letters;
mod deliveries;
mod due_reports;
mod equipment;
mod flags;
mod health;
mod job_view;
mod jobs;
mod lem_names;
mod lem_sheets;
mod lookups;
pub mod migrate;
mod nightly_sync;
mod once;
pub mod openapi;
mod rates;
mod reading;
mod report_access;
mod reports;
mod roles;
pub mod routes;
mod run_jobs;
mod sent;
mod sync;
mod timers;
mod watchdog;
pub mod webhooks;
mod weekly_sync;
mod whoami;

use std::sync::Arc;

use axum::{Router, extract::FromRef, routing::get};
use http::StatusCode;
use shared::{
    functions::{context::Context, edge},
    settings::Settings,
};

use routes::Functions;

/// The commit of which the package was made, so that a deployment can tell this program from the one before.
pub const VERSION: &str = match option_env!("CLOCKING_COMMIT") {
    Some(commit) => commit,
    None => concat!(env!("CARGO_PKG_VERSION"), "-dev"),
};

/// Every function of the app.
pub fn functions() -> Functions {
    Functions {
        http: vec![
            health::function(),
            whoami::function(),
            clockify_webhook::function(),
            sync::function(),
            jobs::function(),
            reports::function(),
            attendance::function(),
            balances::function(),
            lookups::function(),
            flags::function(),
            deliveries::function(),
            dead_letters::function(),
            lem_sheets::function(),
            roles::function(),
            equipment::function(),
            rates::function(),
            audit::function(),
            openapi::function(),
        ],
        triggers: vec![
            clockify_events::function(),
            run_jobs::function(),
            nightly_sync::function(),
            weekly_sync::function(),
            daily_balances::function(),
            due_reports::function(),
            watchdog::function(),
        ],
    }
}

/// Everything that the host can ask for.
pub fn router(context: Context) -> Router {
    // The host takes any answer to this for readiness, and asks every 25 ms until there is one.
    let router = functions()
        .router()
        .route("/", get(async || StatusCode::NO_CONTENT));
    edge::around(router, &Arc::<Settings>::from_ref(&context)).with_state(context)
}

//! The program: settings, log, context, serve.
//!
//! Every fatal error ends it with a status that is not 0: the host leaves an app dead whose handler ended with 0.

use std::{
    env,
    net::Ipv4Addr,
    panic,
    path::{Path, PathBuf},
    process::ExitCode,
};

use axum::serve::ListenerExt as _;
use clap::{Parser, Subcommand};
use handlers::{VERSION, functions, migrate, openapi, router, webhooks};
use shared::{
    clockify::webhook_setup::USUAL_QUOTA,
    functions::context::Context,
    settings::{self, Settings},
};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Serves the functions of Clocking to the Azure Functions host.
#[derive(Debug, Parser)]
#[command(version = VERSION)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Listens where the host says (`FUNCTIONS_CUSTOMHANDLER_PORT`); what happens without a command.
    Serve,
    /// Brings the database up to this program's schema, as `migrate apply` does.
    Migrate {
        #[command(subcommand)]
        action: Option<Migrate>,
    },
    /// Prints all settings as a Markdown table.
    Settings,
    /// Prints which route is open to whom as a Markdown table.
    Routes,
    /// Writes the connector's definition, which Power Apps imports, below that folder.
    Openapi { folder: PathBuf },
    /// Compares the webhooks that Clockify keeps with those that are needed.
    Webhooks {
        #[command(subcommand)]
        action: Webhooks,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Migrate {
    /// Shows the steps that are missing; changes nothing.
    Plan,
    /// Takes them.
    Apply,
    /// Shows the database's version and this program's.
    Version,
}

#[derive(Clone, Debug, Subcommand)]
enum Webhooks {
    /// Shows the calls that would make what is missing, and what is at fault; changes nothing.
    Plan {
        /// How many webhooks the key's user may own.
        #[arg(long, default_value_t = USUAL_QUOTA)]
        quota: usize,
    },
    /// Makes what is missing and writes the secrets of all our webhooks into a new file.
    Apply {
        /// How many webhooks the key's user may own.
        #[arg(long, default_value_t = USUAL_QUOTA)]
        quota: usize,
        /// A file that does not exist yet, for the value of CLOCKIFY_WEBHOOK_SECRETS.
        #[arg(long, value_name = "FILE")]
        secrets_to: PathBuf,
    },
}

type Fatal = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Settings => print(&settings::markdown()),
        Command::Routes => print(&functions().markdown()),
        Command::Openapi { folder } => write_connector(&folder),
        Command::Serve => serve().await,
        Command::Migrate { action } => manage_schema(action.unwrap_or(Migrate::Apply)).await,
        Command::Webhooks { action } => manage_webhooks(action).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "the program cannot go on");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<(), Fatal> {
    use std::io::Write;
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn write_connector(folder: &Path) -> Result<(), Fatal> {
    for (name, text) in openapi::connector() {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn settings() -> Result<Settings, Fatal> {
    let settings = Settings::from_env(|name| env::var(name).ok());
    // Wrong settings are told in the log too, so the log comes up with them or without.
    start_log(
        settings
            .as_ref()
            .map_or("info", |settings| settings.log_filter.as_str()),
    );
    Ok(settings?)
}

/// JSON lines on stdout: the host takes each line on stderr for an error.
fn start_log(filter: &str) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(std::io::stdout)
        .with_env_filter(EnvFilter::new(filter))
        .init();
    // A panic's message can hold data; where it happened cannot.
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
}

async fn serve() -> Result<(), Fatal> {
    let settings = settings()?;
    let port: u16 = env::var("FUNCTIONS_CUSTOMHANDLER_PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .ok_or("FUNCTIONS_CUSTOMHANDLER_PORT must be the port that the Functions host asks at; `local-host` starts this program on a desk")?;
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let router = router(Context::new(settings)?);
    tracing::info!(port, version = VERSION, "listening");
    // An answer in several parts does not wait for the host's acknowledgement of the first.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection is slower than it could be");
        }
    });
    axum::serve(listener, router).await?;
    Err("the listener ended".into())
}

async fn manage_webhooks(action: Webhooks) -> Result<(), Fatal> {
    let settings = settings()?;
    let said = match action {
        Webhooks::Plan { quota } => webhooks::plan(&settings, quota).await?,
        Webhooks::Apply { quota, secrets_to } => {
            webhooks::apply(&settings, quota, &secrets_to).await?
        }
    };
    print(&said)
}

async fn manage_schema(action: Migrate) -> Result<(), Fatal> {
    let settings = settings()?;
    let said = match action {
        Migrate::Plan => migrate::plan(&settings).await?,
        Migrate::Apply => migrate::apply(&settings).await?,
        Migrate::Version => migrate::version(&settings).await?,
    };
    print(&said)
}

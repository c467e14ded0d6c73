//! The program: a host for one app on this machine, until Ctrl-C.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use local_host::{LocalHost, Options};

/// Runs the app on this machine: stands in for Azure's Functions host, its queues and its files.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen on 127.0.0.1.
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// Where database, queue and files lie.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Where host.json stands.
    #[arg(long, default_value = ".")]
    app: PathBuf,
    /// The handler's executable.
    #[arg(long)]
    handler: Option<PathBuf>,
    /// Play a host from before mid-2025, which forwards requests instead of proxying them.
    #[arg(long)]
    old_host: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time()
        .init();
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-host: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let host = LocalHost::start(Options {
        app: arguments.app,
        data: arguments.data,
        port: arguments.port,
        handler: arguments.handler,
        plays_old_host: arguments.old_host,
        shows_handler_output: true,
        ..Options::default()
    })
    .await?;
    println!("address  {}", host.base_url);
    println!("key      {}", host.key);
    println!("data     {}", host.data_dir.display());
    tokio::signal::ctrl_c().await?;
    host.stop().await;
    Ok(())
}

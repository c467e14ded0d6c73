//! The program: a host for one app on this machine, until Ctrl-C.

use std::{error::Error, io::IsTerminal as _, path::PathBuf, process::ExitCode};

use clap::Parser;
use jiff::Timestamp;
use local_host::{
    LocalHost, Options,
    demo::{Demo, DemoOptions},
};
use tracing_subscriber::EnvFilter;

/// Runs the app on this machine: stands in for Azure's Functions host, its queues and its files.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen on 127.0.0.1
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// Where database, queue and files lie
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Where host.json stands
    #[arg(long, default_value = ".")]
    app: PathBuf,
    /// The handler's executable
    #[arg(long)]
    handler: Option<PathBuf>,
    /// Play a host from before mid-2025, which forwards requests instead of proxying them
    #[arg(long)]
    old_host: bool,
    /// Show the main job on a simulated company, in a folder `demo` of its own
    #[arg(long)]
    demo: bool,
    /// End when the demo is done: status 0 only if every step worked
    #[arg(long, requires = "demo")]
    once: bool,
    /// Where the demo's simulator listens; 0 is any free port
    #[arg(long, default_value_t = 0, requires = "demo")]
    clockify_sim_port: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .with_target(false)
        .without_time()
        .init();
    let arguments = Arguments::parse();
    let done = if arguments.demo {
        demo(arguments).await
    } else {
        serve(arguments).await
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("local-host: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let host = LocalHost::start(Options {
        shows_handler_output: true,
        ..options(arguments)
    })
    .await?;
    println!("address  {}", host.base_url);
    println!("key      {}", host.key);
    println!("data     {}", host.data_dir.display());
    let code = tokio::select! {
        told = told_to_stop() => told.map(|()| ExitCode::SUCCESS)?,
        () = host.until_it_gives_up() => ExitCode::FAILURE,
    };
    host.stop().await;
    Ok(code)
}

async fn demo(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let now = match std::env::var("CLOCKING_NOW") {
        Ok(text) => Some(text.parse::<Timestamp>()?),
        Err(_) => None,
    };
    let once = arguments.once;
    let demo = Demo::run(DemoOptions {
        simulator_port: arguments.clockify_sim_port,
        now,
        host: options(arguments),
    })
    .await?;
    if !once {
        println!("\nEverything stays up until Ctrl-C.");
        told_to_stop().await?;
    }
    let code = if demo.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        eprintln!("local-host: {} failed", demo.failed.join(", "));
        ExitCode::FAILURE
    };
    demo.stop().await;
    Ok(code)
}

/// Ctrl-C, or whatever else ends a program politely: the handler, a process of its own, must not outlive us.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut hang_up) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        );
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
            _ = hang_up.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn options(arguments: Arguments) -> Options {
    Options {
        app: arguments.app,
        data: arguments.data,
        port: arguments.port,
        handler: arguments.handler,
        plays_old_host: arguments.old_host,
        ..Options::default()
    }
}

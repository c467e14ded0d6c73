//! The simulator as a program of its own.

use clap::Parser;
use clockify_sim::{Config, Simulator};
use jiff::Timestamp;

/// Stands in for Clockify's API and its webhooks.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 7072)]
    port: u16,
    /// How many people the company has
    #[arg(long, default_value_t = 60)]
    people: usize,
    /// Full weeks of history
    #[arg(long, default_value_t = 12)]
    weeks: usize,
    /// The same seed makes the same company
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The last full week ends just before this instant (RFC 3339); CLOCKING_NOW, else now
    #[arg(long)]
    now: Option<Timestamp>,
    /// Where every webhook is posted
    #[arg(long)]
    webhook_url: Option<String>,
    /// The signature of all webhooks; each has its own otherwise
    #[arg(long)]
    webhook_secret: Option<String>,
    /// The key that callers must send
    #[arg(long, default_value = "simulated-api-key")]
    api_key: String,
    /// Requests a second before 429; 0 for no limit
    #[arg(long, default_value_t = 50)]
    requests_per_second: u32,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let now = match (options.now, std::env::var("CLOCKING_NOW")) {
        (Some(now), _) => now,
        (None, Ok(text)) => text.parse()?,
        (None, Err(_)) => Timestamp::now(),
    };
    let mut config = Config {
        port: options.port,
        people: options.people,
        weeks: options.weeks,
        seed: options.seed,
        now,
        api_key: options.api_key,
        webhook_url: options.webhook_url,
        webhook_secret: options.webhook_secret,
        ..Config::default()
    };
    config.switches.requests_per_second =
        (options.requests_per_second > 0).then_some(options.requests_per_second);
    let simulator = Simulator::start(config).await?;
    println!("API      {}", simulator.api_url());
    println!("reports  {}", simulator.reports_url());
    println!("control  {}/_control", simulator.address());
    println!("key      {}", simulator.api_key());
    println!("banked   {}", simulator.banked_policy_id());
    println!("company  {}", simulator.workspace_id());
    tokio::signal::ctrl_c().await?;
    Ok(())
}

//! Stands in for the Azure Functions host on one machine, as unforgiving as the real one.
//!
//! It reads `host.json` and the function definitions, starts the handler as the platform does, routes HTTP,
//! fires timers and queues, plays blob storage for links, and says aloud where the real host would fail,
//! hang or kill ([`findings`]). `tests/README.md` lists what it believes about the real host.

pub mod app;
pub mod cargo;
pub mod demo;
pub mod environment;
pub mod faults;
pub mod findings;
pub mod handler;
pub mod host;
mod http;
pub mod invoke;
mod listener;
pub mod options;
mod outputs;
mod timers;
pub mod waiting;

pub use faults::Plan as FaultPlan;
pub use findings::{Finding, Rule};
pub use host::{HostError, LocalHost};
pub use options::Options;

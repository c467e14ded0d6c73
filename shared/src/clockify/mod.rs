//! Clockify: what it sends, what that means here, and how it is asked.
//!
//! `wire` holds its JSON as it comes, `convert` turns that into records of the domain and is pure,
//! `client` asks the API, `events` says what each webhook event is about, `webhook` who sent it, and
//! `webhook_setup` which webhooks Clockify should keep for us.

pub mod client;
pub mod convert;
pub mod events;
pub mod webhook;
pub mod webhook_setup;
pub mod wire;

pub use client::{Client, ClockifyError};

//! The contract with Clockify: every fixture of `tests/fixtures/clockify` is read by the real client or
//! the real conversion, and means what `domain.md` says; and the client meets every failure as it should.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod answers;
mod client;
mod coverage;
mod errors;
mod events;
mod expenses;
mod fixture;
mod hostile;
mod pace;
mod pages;
mod people;
mod projects;
mod requests;
mod stored;
mod time_entries;
mod time_off;
mod timesheets;
mod webhook_setup;
mod windows;

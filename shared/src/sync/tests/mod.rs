//! Syncs and events on a real database, against a Clockify that the tests hold in their hands.

mod clockify;
mod dry_runs;
mod events;
mod expenses;
mod flags;
mod histories;
mod house;
mod scans;
mod syncs;
mod watchdog;
mod webhook_health;
mod windows;

//! Syncs and events on a real database, against a Clockify that the tests hold in their hands.

mod clockify;
mod events;
mod expenses;
mod house;
mod scans;
mod syncs;
mod watchdog;

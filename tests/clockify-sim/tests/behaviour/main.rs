//! The simulator does what clockify.md says of Clockify, each fact in a test, and answers in the
//! shapes of the fixtures.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod approvals;
mod delivery;
mod faults;
mod lists;
mod shapes;
mod support;
mod time_entries;
mod time_off;

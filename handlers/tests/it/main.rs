//! The handler as its host and its callers see it: the whole router, without the network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod balances;
mod deploy;
mod edge;
mod function_definitions;
mod host;
mod hostile;
mod lem;
mod lists;
mod names;
mod openapi;
mod operations;
mod readme;
mod reports;
mod start;
mod support;
mod webhook;
mod who_may;
mod work;

//! The handler as its host and its callers see it: the whole router, without the network.

mod bad_input;
mod function_definitions;
mod host;
mod support;
mod webhook;
mod who_may;

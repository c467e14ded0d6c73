//! The Functions host's protocol, and what every function shares at the edge: envelopes, replies, problems,
//! callers and their roles.

pub mod access;
mod balances;
pub mod body;
pub mod caller;
pub mod context;
mod cors;
pub mod edge;
pub mod envelope;
pub mod fields;
mod guard;
pub mod invocation;
mod lem;
pub mod paging;
pub mod problem;
pub mod reply;
pub mod role;

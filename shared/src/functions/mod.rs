//! The Functions host's protocol, and what every function shares at the edge: envelopes, replies, problems,
//! callers and their roles.

pub mod role;

//! The stand-in against what is known of the real host: each test is named after a statement about it, and
//! handlers with a trap built in are caught with a message that says what is wrong.

mod definitions;
mod envelopes;
mod faults;
mod http_modes;
mod platform;
mod process;
mod queues;
mod support;
mod timers;
mod traps;

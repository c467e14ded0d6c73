//! What every function shares.
//!
//! Knowledge points one way: `functions`, `sync` and `reports` know `store`, `clockify` and `azure`;
//! those know `domain`; `domain` knows nobody.

pub mod azure;
pub mod balances;
pub mod clock;
pub mod clockify;
pub mod crash_point;
pub mod domain;
pub mod functions;
pub mod jobs;
pub mod lem;
pub mod reports;
pub mod retention;
pub mod settings;
pub mod store;
pub mod sync;

//! Leases: who may work on a job or on the approvals scan, until when, by the database's clock (`design.md` §2).
//!
//! The owner is the queue message that is being handled. A later delivery of the same message means that the earlier
//! one died or was given up, so it takes the lease at once; another message has to wait until it runs out. Every
//! taking raises the fence, and every transaction of an owner begins by renewing the lease under his fence: an owner
//! that slept while another took over writes nothing any more.

/// How long a lease lasts without renewal.
pub const LEASE_SECONDS: i64 = 60;

/// Which taking of a lease this is; a later one is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub i64);

/// What came of asking for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim<T> {
    /// It is ours.
    Ours(T),
    /// Another message has it, for so many seconds if it is not renewed.
    Held {
        /// At least 1.
        seconds_left: i64,
    },
    /// There is nothing left to do.
    NothingToDo,
}

//! What lies in Azure Storage: messages ([`queues`]) and files ([`blobs`]), each behind one small interface.
//!
//! Beside each stands its local stand-in, an SQLite file and a folder, chosen by the address alone
//! (`QUEUE_URL`, `STORAGE_URL`), so that the same code runs on a desk and in Azure.
//! The rule that both keep: `Ok` means durable. What was sent or put survives a kill in the next instant.

pub mod blobs;
pub mod identity;
pub mod queues;

/// Why storage did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// It cannot be reached, or did not commit: another try later may succeed.
    #[error("storage is not available: {0}")]
    Unavailable(String),
    /// There is no such message or file; for a message also: its lease passed to somebody else.
    #[error("storage has no {0}")]
    NotFound(String),
    /// More bytes than one message may hold.
    #[error("{size_bytes} bytes are too many, at most {limit_bytes} are taken")]
    TooLarge {
        /// What was given.
        size_bytes: usize,
        /// What is possible.
        limit_bytes: usize,
    },
    /// A name or a text that storage never takes: a fault of the program, another try is useless.
    #[error("storage refuses {0}")]
    Refused(String),
}

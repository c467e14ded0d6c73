//! Messages between functions: at least once, in no promised order, each with a delay if wanted.
//!
//! The text of a message is plain (host.json: `messageEncoding: none`) and never expires, so that nothing is
//! lost by waiting. Who receives one holds a lease on it (its pop receipt, which changes with each renewal)
//! and deletes, releases or poisons it; a lease that runs out makes it visible again.

use std::time::Duration;

use jiff::Timestamp;

use url::Url;

use super::{StorageError, identity::Identity};
use crate::settings::QueueUrl;

mod account;
pub mod file;

use account::Account;
use file::QueueFile;

/// Webhooks of Clockify that were taken and wait to be applied.
pub const CLOCKIFY_EVENTS: &str = "clockify-events";
/// Ids of jobs that have work to do.
pub const JOBS: &str = "jobs";
/// What the name of a queue gets for the queue of its failures.
pub const POISON_SUFFIX: &str = "-poison";
/// The longest text of one message, in bytes of UTF-8.
pub const MAX_MESSAGE_BYTES: usize = 65_536;
/// The longest delay of a message.
pub const MAX_DELAY: Duration = Duration::from_hours(7 * 24);

/// How long a reader of poisoned messages may take to file them before they appear again.
const FILING_TIME: Duration = Duration::from_mins(5);

/// A message that somebody received and now holds the lease of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The queue it was received from.
    pub queue: String,
    /// Given by the queue when it was sent.
    pub id: String,
    /// The text as it was sent.
    pub text: String,
    /// How often it was received, this time included.
    pub dequeue_count: u32,
    /// When it was sent.
    pub inserted_at: Timestamp,
    /// When it would vanish by itself: never, in practice.
    pub expires_at: Timestamp,
    /// When the lease runs out.
    pub next_visible_at: Timestamp,
    /// Proof of the lease; a renewal replaces it.
    pub pop_receipt: String,
}

/// All queues of the app.
#[derive(Debug, Clone)]
pub struct Queues(Kind);

#[derive(Debug, Clone)]
enum Kind {
    File(QueueFile),
    Account(Account),
}

impl Queues {
    /// Opens the queues at that address (`QUEUE_URL`).
    pub fn open(url: &QueueUrl) -> Result<Self, StorageError> {
        match url {
            QueueUrl::Sqlite(path) => Ok(Self(Kind::File(QueueFile::open(path)?))),
            QueueUrl::Account(url) => Self::in_account(url, &Identity::of_this_process()?),
        }
    }

    /// Opens the queues of that storage account for that identity.
    pub fn in_account(url: &Url, identity: &Identity) -> Result<Self, StorageError> {
        Ok(Self(Kind::Account(Account::open(url, identity)?)))
    }

    /// Sends a text, visible after `delay`. It is durable when this returns `Ok`.
    pub async fn send(&self, queue: &str, text: &str, delay: Duration) -> Result<(), StorageError> {
        if !is_queue_name(queue) {
            return Err(StorageError::Refused(format!("a queue named {queue:?}")));
        }
        check_text(text)?;
        if delay > MAX_DELAY {
            return Err(StorageError::Refused(format!(
                "a delay of {} s",
                delay.as_secs()
            )));
        }
        match &self.0 {
            Kind::File(file) => file.send(queue, text, delay).await,
            Kind::Account(account) => account.send(queue, text, delay).await,
        }
    }

    /// Takes up to `max` visible messages and hides them for `visibility`.
    pub async fn receive(
        &self,
        queue: &str,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Message>, StorageError> {
        match &self.0 {
            Kind::File(file) => file.receive(queue, max, visibility).await,
            Kind::Account(account) => account.receive(queue, max, visibility).await,
        }
    }

    /// Extends the lease to `visibility` from now; the message carries its new receipt afterwards.
    /// `NotFound`: somebody else has it by now.
    pub async fn renew(
        &self,
        message: &mut Message,
        visibility: Duration,
    ) -> Result<(), StorageError> {
        match &self.0 {
            Kind::File(file) => file.renew(message, visibility).await,
            Kind::Account(account) => account.renew(message, visibility).await,
        }
    }

    /// Deletes a message that is done with. `NotFound`: somebody else has it by now.
    pub async fn delete(&self, message: &Message) -> Result<(), StorageError> {
        match &self.0 {
            Kind::File(file) => file.delete(message).await,
            Kind::Account(account) => account.delete(message).await,
        }
    }

    /// Gives a message back, visible again after `delay`.
    pub async fn release(&self, message: &Message, delay: Duration) -> Result<(), StorageError> {
        match &self.0 {
            Kind::File(file) => file.release(message, delay).await,
            Kind::Account(account) => account.release(message, delay).await,
        }
    }

    /// Moves a message that failed for good to the queue's poison queue.
    pub async fn poison(&self, message: &Message) -> Result<(), StorageError> {
        match &self.0 {
            Kind::File(file) => file.poison(message).await,
            Kind::Account(account) => account.poison(message).await,
        }
    }

    /// Messages of `queue` that failed for good, leased for five minutes: file each durably, then
    /// [`Queues::delete`] it. One that was not deleted comes again.
    pub async fn take_poisoned(
        &self,
        queue: &str,
        max: usize,
    ) -> Result<Vec<Message>, StorageError> {
        self.receive(&poison_queue_of(queue), max, FILING_TIME)
            .await
    }

    /// About how many messages a queue holds, hidden ones included.
    pub async fn count(&self, queue: &str) -> Result<u64, StorageError> {
        match &self.0 {
            Kind::File(file) => Ok(file.counts(queue).await?.total()),
            Kind::Account(account) => account.count(queue).await,
        }
    }

    /// The local file, where that is what holds the queues: it can be looked into.
    pub fn file(&self) -> Option<&QueueFile> {
        match &self.0 {
            Kind::File(file) => Some(file),
            Kind::Account(_) => None,
        }
    }

    /// Whether the queues can be reached.
    pub async fn check(&self) -> Result<(), StorageError> {
        match &self.0 {
            Kind::File(file) => file.counts(JOBS).await.map(drop),
            Kind::Account(account) => account.check().await,
        }
    }
}

/// Where the failures of a queue go.
pub fn poison_queue_of(queue: &str) -> String {
    format!("{queue}{POISON_SUFFIX}")
}

/// Azure's rule: 3 to 63 lower-case letters, digits and single dashes, no dash first or last.
pub fn is_queue_name(queue: &str) -> bool {
    (3..=63).contains(&queue.len())
        && queue
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !queue.starts_with('-')
        && !queue.ends_with('-')
        && !queue.contains("--")
}

/// Azure carries messages in XML 1.0: what that cannot hold is refused here too, and so is what is too long.
fn check_text(text: &str) -> Result<(), StorageError> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(StorageError::TooLarge {
            size_bytes: text.len(),
            limit_bytes: MAX_MESSAGE_BYTES,
        });
    }
    let outside_xml = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    match text.chars().find(|&c| outside_xml(c)) {
        Some(c) => Err(StorageError::Refused(format!(
            "a message with the character U+{:04X}",
            u32::from(c)
        ))),
        None => Ok(()),
    }
}

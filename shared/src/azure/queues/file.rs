//! The local stand-in for queues: one SQLite file that several processes share.
//!
//! One thread owns the connection that writes, and commits whatever waits together: a burst of fifty
//! webhooks costs a few flushes of the disk, not fifty, and none is answered before its own is flushed.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, TransactionBehavior, named_params};
use tokio::sync::oneshot;

use super::{Message, poison_queue_of};
use crate::azure::StorageError;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS message (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        queue TEXT NOT NULL,
        body TEXT NOT NULL,
        inserted_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        dequeue_count INTEGER NOT NULL DEFAULT 0,
        -- null: nobody holds it
        pop_receipt TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS message_by_visibility ON message (queue, visible_ms, sequence);
";
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// So many waiting writes share one commit at most.
const GROUP_LIMIT: usize = 256;
/// The last instant that the real service names, for a message that never expires.
const NEVER: &str = "9999-12-30T22:00:00Z";

/// A write that was made but not yet committed: called once it is.
type OnceCommitted = Box<dyn FnOnce() + Send>;
type Write = Box<dyn FnOnce(&Connection) -> rusqlite::Result<OnceCommitted> + Send>;

/// The queues in one SQLite file.
#[derive(Debug, Clone)]
pub struct QueueFile {
    writes: mpsc::Sender<Write>,
    reader: Arc<Mutex<Connection>>,
}

/// What a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Can be received now.
    pub ready: u64,
    /// Received, and being worked on (or its holder died and the lease still runs).
    pub leased: u64,
    /// Sent or released with a delay that has not passed.
    pub delayed: u64,
}

impl Counts {
    /// All messages of the queue.
    pub fn total(self) -> u64 {
        self.ready + self.leased + self.delayed
    }
}

impl QueueFile {
    /// Opens the file, and makes it and its folder if they are missing.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| unavailable(&e))?;
        }
        let writer = connect(path).map_err(|e| unavailable(&e))?;
        let reader = connect(path).map_err(|e| unavailable(&e))?;
        let (writes, waiting) = mpsc::channel();
        thread::Builder::new()
            .name("queue-file".to_owned())
            .spawn(move || write_in_groups(writer, &waiting))
            .map_err(|e| unavailable(&e))?;
        Ok(Self {
            writes,
            reader: Arc::new(Mutex::new(reader)),
        })
    }

    pub(super) async fn send(
        &self,
        queue: &str,
        text: &str,
        delay: Duration,
    ) -> Result<(), StorageError> {
        let (queue, text) = (queue.to_owned(), text.to_owned());
        self.write(move |tx| {
            let now_ms = now_ms();
            tx.prepare_cached(
                "INSERT INTO message (id, queue, body, inserted_ms, visible_ms)
                 VALUES (:id, :queue, :body, :now, :visible)",
            )?
            .execute(named_params! {
                ":id": uuid::Uuid::new_v4().to_string(), ":queue": queue, ":body": text,
                ":now": now_ms, ":visible": now_ms.saturating_add(millis(delay)),
            })
            .map(drop)
        })
        .await
    }

    pub(super) async fn receive(
        &self,
        queue: &str,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Message>, StorageError> {
        // An idle listener asks many times a second: it must not take the write lock each time.
        if self.counts(queue).await?.ready == 0 {
            return Ok(Vec::new());
        }
        let queue = queue.to_owned();
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        self.write(move |tx| {
            let now_ms = now_ms();
            let mut statement = tx.prepare_cached(
                "UPDATE message
                 SET visible_ms = :until, dequeue_count = dequeue_count + 1,
                     pop_receipt = lower(hex(randomblob(16)))
                 WHERE sequence IN (SELECT sequence FROM message
                                    WHERE queue = :queue AND visible_ms <= :now
                                    ORDER BY visible_ms, sequence LIMIT :max)
                 RETURNING sequence, queue, id, body, dequeue_count, inserted_ms, visible_ms, pop_receipt",
            )?;
            let mut received = statement
                .query_map(
                    named_params! {
                        ":queue": queue, ":now": now_ms, ":max": max,
                        ":until": now_ms.saturating_add(millis(visibility)),
                    },
                    |row| Ok((row.get::<_, i64>("sequence")?, message(row)?)),
                )?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            received.sort_by_key(|(sequence, _)| *sequence);
            Ok(received.into_iter().map(|(_, message)| message).collect())
        })
        .await
    }

    pub(super) async fn renew(
        &self,
        message: &mut Message,
        visibility: Duration,
    ) -> Result<(), StorageError> {
        let receipt = uuid::Uuid::new_v4().simple().to_string();
        let until_ms = self
            .hide(message, visibility, Some(receipt.clone()))
            .await?;
        message.pop_receipt = receipt;
        message.next_visible_at = instant(until_ms);
        Ok(())
    }

    pub(super) async fn release(
        &self,
        message: &Message,
        delay: Duration,
    ) -> Result<(), StorageError> {
        self.hide(message, delay, None).await.map(drop)
    }

    /// Hides a held message for a while, under a new receipt or under none.
    async fn hide(
        &self,
        message: &Message,
        duration: Duration,
        new_receipt: Option<String>,
    ) -> Result<i64, StorageError> {
        let (id, held) = (message.id.clone(), message.pop_receipt.clone());
        let until_ms = now_ms().saturating_add(millis(duration));
        let changed = self
            .write(move |tx| {
                tx.prepare_cached(
                    "UPDATE message SET visible_ms = :until, pop_receipt = :receipt
                     WHERE id = :id AND pop_receipt = :held",
                )?
                .execute(named_params! {
                    ":until": until_ms, ":receipt": new_receipt, ":id": id, ":held": held,
                })
            })
            .await?;
        held_by_us(changed, message).map(|()| until_ms)
    }

    pub(super) async fn delete(&self, message: &Message) -> Result<(), StorageError> {
        let (id, held) = (message.id.clone(), message.pop_receipt.clone());
        let changed = self
            .write(move |tx| {
                tx.prepare_cached("DELETE FROM message WHERE id = :id AND pop_receipt = :held")?
                    .execute(named_params! { ":id": id, ":held": held })
            })
            .await?;
        held_by_us(changed, message)
    }

    pub(super) async fn poison(&self, message: &Message) -> Result<(), StorageError> {
        let (id, held) = (message.id.clone(), message.pop_receipt.clone());
        let poison_queue = poison_queue_of(&message.queue);
        let changed = self
            .write(move |tx| {
                tx.prepare_cached(
                    "UPDATE message
                     SET queue = :poison, id = :new_id, inserted_ms = :now, visible_ms = :now,
                         dequeue_count = 0, pop_receipt = NULL
                     WHERE id = :id AND pop_receipt = :held",
                )?
                .execute(named_params! {
                    ":poison": poison_queue, ":new_id": uuid::Uuid::new_v4().to_string(),
                    ":now": now_ms(), ":id": id, ":held": held,
                })
            })
            .await?;
        held_by_us(changed, message)
    }

    /// What a queue holds at this moment.
    pub async fn counts(&self, queue: &str) -> Result<Counts, StorageError> {
        let queue = queue.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(*) FILTER (WHERE visible_ms <= :now),
                        count(*) FILTER (WHERE visible_ms > :now AND pop_receipt IS NOT NULL),
                        count(*) FILTER (WHERE visible_ms > :now AND pop_receipt IS NULL)
                 FROM message WHERE queue = :queue",
            )?;
            statement.query_row(named_params! { ":queue": queue, ":now": now_ms() }, |row| {
                Ok(Counts {
                    ready: row.get::<_, i64>(0)?.unsigned_abs(),
                    leased: row.get::<_, i64>(1)?.unsigned_abs(),
                    delayed: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// Makes delayed messages of a queue visible now, and returns how many those were: a test need not
    /// wait until a delay has passed.
    pub async fn hasten(&self, queue: &str) -> Result<usize, StorageError> {
        let queue = queue.to_owned();
        self.write(move |tx| {
            tx.execute(
                "UPDATE message SET visible_ms = :now
                 WHERE queue = :queue AND visible_ms > :now AND pop_receipt IS NULL",
                named_params! { ":queue": queue, ":now": now_ms() },
            )
        })
        .await
    }

    /// Gives back every message of a queue that somebody holds: for the one host of this file, whose
    /// predecessor was killed and will not come back.
    pub async fn release_all(&self, queue: &str) -> Result<usize, StorageError> {
        let queue = queue.to_owned();
        self.write(move |tx| {
            tx.execute(
                "UPDATE message SET visible_ms = :now, pop_receipt = NULL
                 WHERE queue = :queue AND pop_receipt IS NOT NULL",
                named_params! { ":queue": queue, ":now": now_ms() },
            )
        })
        .await
    }

    /// Puts a write into the next commit, and waits for that.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (answer, answered) = oneshot::channel();
        let write: Write = Box::new(move |tx| {
            let done = work(tx)?;
            Ok(Box::new(move || {
                // Who asked may have gone away; what he wrote stays written.
                let _ = answer.send(done);
            }))
        });
        let not_committed =
            || StorageError::Unavailable("the queue file did not commit".to_owned());
        self.writes.send(write).map_err(|_| not_committed())?;
        answered.await.map_err(|_| not_committed())
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let reader = Arc::clone(&self.reader);
        tokio::task::spawn_blocking(move || {
            work(&reader.lock().unwrap_or_else(PoisonError::into_inner))
        })
        .await
        .map_err(|e| unavailable(&e))?
        .map_err(|e| unavailable(&e))
    }
}

/// The writer's thread: ends when the last [`QueueFile`] is dropped.
fn write_in_groups(mut connection: Connection, waiting: &mpsc::Receiver<Write>) {
    while let Ok(first) = waiting.recv() {
        let group = std::iter::once(first).chain(waiting.try_iter().take(GROUP_LIMIT - 1));
        match commit(&mut connection, group) {
            Ok(committed) => committed
                .into_iter()
                .for_each(|once_committed| once_committed()),
            // The writers learn it as well: their answers are dropped unsent.
            Err(error) => tracing::error!(%error, "queue file: a group of writes was rolled back"),
        }
    }
}

fn commit(
    connection: &mut Connection,
    group: impl Iterator<Item = Write>,
) -> rusqlite::Result<Vec<OnceCommitted>> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let made = group
        .map(|write| write(&tx))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    tx.commit()?;
    Ok(made)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        // Two processes that make the file at the same time: the switch to WAL does not wait for the
        // other one by itself, so the opening is repeated.
        match try_connect(path) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome,
        }
    }
}

fn try_connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        queue: row.get("queue")?,
        id: row.get("id")?,
        text: row.get("body")?,
        dequeue_count: row.get("dequeue_count")?,
        inserted_at: instant(row.get("inserted_ms")?),
        expires_at: NEVER.parse().unwrap_or(Timestamp::MAX),
        next_visible_at: instant(row.get("visible_ms")?),
        pop_receipt: row.get("pop_receipt")?,
    })
}

fn held_by_us(changed_rows: usize, message: &Message) -> Result<(), StorageError> {
    if changed_rows == 1 {
        Ok(())
    } else {
        Err(StorageError::NotFound(format!(
            "message {} under this receipt",
            message.id
        )))
    }
}

fn unavailable(error: &dyn std::error::Error) -> StorageError {
    StorageError::Unavailable(error.to_string())
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;

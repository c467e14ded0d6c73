//! The queue listener: takes messages in batches, holds their leases while they are worked on, and deletes,
//! gives back or poisons them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use shared::azure::{
    StorageError,
    queues::{Message, POISON_SUFFIX},
};
use tokio::sync::{Mutex, Notify};

use crate::{
    app::{Function, MessageEncoding, QueueTrigger},
    faults::Delivery,
    findings::Rule,
    host::Core,
    invoke::{Failed, envelope},
    outputs,
};

/// The real host backs off up to maxPollingInterval; on a desk nobody wants to wait for that.
const POLL: Duration = Duration::from_millis(50);
/// So long messages are gathered that are to be delivered in reverse.
const GATHERING: Duration = Duration::from_secs(2);

/// One queue function and its messages in flight.
#[derive(Clone)]
pub(crate) struct Listener {
    core: Arc<Core>,
    function: Arc<Function>,
    queue: Arc<str>,
    binary: bool,
    running: Arc<AtomicUsize>,
    one_less: Arc<Notify>,
}

impl Listener {
    pub(crate) fn new(core: Arc<Core>, function: &Function, trigger: &QueueTrigger) -> Self {
        Self {
            core,
            function: Arc::new(function.clone()),
            queue: trigger.queue.as_str().into(),
            binary: trigger.binary,
            running: Arc::default(),
            one_less: Arc::default(),
        }
    }

    /// Listens until it is aborted.
    pub(crate) async fn listen(self) {
        let settings = &self.core.app.host.queues;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threshold = settings
            .new_batch_threshold
            .unwrap_or(settings.batch_size / 2 * cores);
        loop {
            if self.running.load(Ordering::SeqCst) > threshold {
                self.one_less.notified().await;
                continue;
            }
            if let Some(wanted) = self.core.faults.take_reverse() {
                let gathered = self.gather(wanted).await;
                self.spawn_in_turn(gathered);
                continue;
            }
            match self.receive(settings.batch_size).await {
                Ok(messages) if messages.is_empty() => self.pause().await,
                Ok(messages) => messages
                    .into_iter()
                    .for_each(|m| self.spawn_in_turn(vec![m])),
                Err(error) => {
                    tracing::warn!(queue = %self.queue, %error, "cannot receive");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn receive(&self, max: usize) -> Result<Vec<Message>, StorageError> {
        self.core
            .queues
            .receive(&self.queue, max, self.core.message_lease)
            .await
    }

    async fn pause(&self) {
        let _ = tokio::time::timeout(POLL, self.one_less.notified()).await;
    }

    /// Up to `wanted` messages, the newest first.
    async fn gather(&self, wanted: usize) -> Vec<Message> {
        let mut gathered = Vec::new();
        let _ = tokio::time::timeout(GATHERING, async {
            while gathered.len() < wanted {
                let missing = wanted - gathered.len();
                gathered.extend(self.receive(missing).await.unwrap_or_default());
                tokio::time::sleep(POLL).await;
            }
        })
        .await;
        gathered.reverse();
        gathered
    }

    fn spawn_in_turn(&self, messages: Vec<Message>) {
        self.running.fetch_add(messages.len(), Ordering::SeqCst);
        let listener = self.clone();
        tokio::spawn(async move {
            for message in messages {
                let id = message.id.clone();
                if let Err(error) = listener.handle(message).await {
                    // The lease was lost, or the queue is away: the message comes again by itself.
                    tracing::warn!(queue = %listener.queue, id, %error, "a message was not finished");
                }
                listener.running.fetch_sub(1, Ordering::SeqCst);
                listener.one_less.notify_one();
            }
        });
    }

    async fn handle(&self, message: Message) -> Result<(), StorageError> {
        tokio::time::sleep(self.core.faults.lateness()).await;
        let max_tries = self.core.app.host.queues.max_dequeue_count;
        if message.dequeue_count > max_tries {
            return self.poison(&message).await;
        }
        let delivery = self.core.faults.delivery();
        let held = Arc::new(Mutex::new(message));
        let outcome = {
            let _renewal = self.renew_until_dropped(Arc::clone(&held));
            let message = held.lock().await.clone();
            self.deliver(&message, delivery).await
        };
        let message = held.lock().await.clone();
        match outcome {
            Ok(()) if delivery == Delivery::Twice => self.give_back(&message, Duration::ZERO).await,
            Ok(()) => self.core.queues.delete(&message).await,
            Err(_) if message.dequeue_count >= max_tries => self.poison(&message).await,
            Err(_) => {
                let delay = self.core.app.host.queues.visibility_timeout;
                self.give_back(&message, delay).await
            }
        }
    }

    async fn deliver(&self, message: &Message, delivery: Delivery) -> Result<(), Failed> {
        if delivery == Delivery::Together {
            let (one, other) = tokio::join!(self.invoke(message), self.invoke(message));
            one.and(other)
        } else {
            self.invoke(message).await
        }
    }

    pub(crate) async fn invoke(&self, message: &Message) -> Result<(), Failed> {
        let core = &self.core;
        let name = &self.function.name;
        let findings = core.caller.findings();
        let text = self.decode(&message.text).ok_or_else(|| {
            findings.report(Rule::NotBase64, name, format!("message {}", message.id));
            Failed::Reply
        })?;
        let envelope = envelope::queue(
            name,
            &self.function.trigger_name,
            self.binary,
            message,
            &text,
            Timestamp::now(),
        );
        if !envelope.hidden.is_empty() {
            findings.report_once(
                Rule::PropertyHidesMetadata,
                name,
                envelope.hidden.join(", "),
            );
        }
        let _running = core.activity.begin(name);
        let reply = core.caller.post(name, &envelope.json).await?;
        outputs::write(core, &self.function, &reply).await
    }

    fn decode(&self, text: &str) -> Option<String> {
        match self.core.app.host.queues.encoding {
            MessageEncoding::None => Some(text.to_owned()),
            MessageEncoding::Base64 => STANDARD
                .decode(text)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok()),
        }
    }

    /// Renews the lease at half its life, which changes the receipt.
    fn renew_until_dropped(&self, held: Arc<Mutex<Message>>) -> Renewal {
        let core = Arc::clone(&self.core);
        Renewal(tokio::spawn(async move {
            loop {
                tokio::time::sleep(core.message_lease / 2).await;
                let mut message = held.lock().await;
                if let Err(error) = core.queues.renew(&mut message, core.message_lease).await {
                    tracing::warn!(%error, "a lease was not renewed");
                }
            }
        }))
    }

    async fn give_back(&self, message: &Message, delay: Duration) -> Result<(), StorageError> {
        self.core.queues.release(message, delay).await
    }

    /// A queue of failures has none of its own: its messages are left until they are visible again.
    async fn poison(&self, message: &Message) -> Result<(), StorageError> {
        if self.queue.ends_with(POISON_SUFFIX) {
            return Ok(());
        }
        tracing::warn!(queue = %self.queue, id = message.id, "a message went to the poison queue");
        self.core.queues.poison(message).await
    }
}

struct Renewal(tokio::task::JoinHandle<()>);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

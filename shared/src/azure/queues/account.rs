//! Queues of a storage account.

use std::{sync::Arc, time::Duration};

use azure_core::http::{RequestContent, Url, XmlFormat, headers::HeaderName};
use azure_storage_queue::{
    QueueClient, QueueServiceClient, QueueServiceClientOptions,
    models::{
        QueueClientGetPropertiesResultHeaders, QueueClientReceiveMessagesOptions,
        QueueClientSendMessageOptions, QueueMessage, ReceivedMessage,
    },
};
use jiff::Timestamp;

use super::{JOBS, Message, poison_queue_of};
use crate::azure::{
    StorageError,
    identity::{Identity, storage_error, timestamp},
};

/// A message that never vanishes by itself.
const FOR_EVER: i32 = -1;
/// What one request may take at most.
const MOST_MESSAGES: usize = 32;
const POP_RECEIPT: HeaderName = HeaderName::from_static("x-ms-popreceipt");

/// The queue service of a storage account.
#[derive(Clone)]
pub(super) struct Account {
    service: Arc<QueueServiceClient>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account")
    }
}

impl Account {
    pub(super) fn open(url: &Url, identity: &Identity) -> Result<Self, StorageError> {
        let service = QueueServiceClient::new(
            url.clone(),
            Some(identity.credential()),
            Some(QueueServiceClientOptions {
                client_options: identity.client_options(),
                ..QueueServiceClientOptions::default()
            }),
        )
        .map_err(|e| storage_error(&e, "queue service"))?;
        Ok(Self {
            service: Arc::new(service),
        })
    }

    pub(super) async fn send(
        &self,
        queue: &str,
        text: &str,
        delay: Duration,
    ) -> Result<(), StorageError> {
        let message = QueueMessage {
            message_text: Some(text.to_owned()),
        };
        let message: RequestContent<QueueMessage, XmlFormat> = message
            .try_into()
            .map_err(|e| storage_error(&e, "message"))?;
        self.queue(queue)?
            .send_message(
                message,
                Some(QueueClientSendMessageOptions {
                    message_time_to_live: Some(FOR_EVER),
                    visibility_timeout: Some(whole_seconds(delay)),
                    ..QueueClientSendMessageOptions::default()
                }),
            )
            .await
            .map(drop)
            .map_err(|e| storage_error(&e, queue))
    }

    pub(super) async fn receive(
        &self,
        queue: &str,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Message>, StorageError> {
        let most = i32::try_from(max.clamp(1, MOST_MESSAGES)).unwrap_or(1);
        let answer = self
            .queue(queue)?
            .receive_messages(Some(QueueClientReceiveMessagesOptions {
                number_of_messages: Some(most),
                visibility_timeout: Some(whole_seconds(visibility).max(1)),
                ..QueueClientReceiveMessagesOptions::default()
            }))
            .await
            .and_then(azure_core::http::Response::into_model);
        match answer {
            Ok(messages) => messages
                .items
                .unwrap_or_default()
                .into_iter()
                .map(|received| message(queue, received))
                .collect(),
            // A queue that nobody has written to yet.
            Err(error) => match storage_error(&error, queue) {
                StorageError::NotFound(_) => Ok(Vec::new()),
                other => Err(other),
            },
        }
    }

    pub(super) async fn renew(
        &self,
        message: &mut Message,
        visibility: Duration,
    ) -> Result<(), StorageError> {
        let answer = self
            .queue(&message.queue)?
            .update_message(
                &message.id,
                &message.pop_receipt,
                whole_seconds(visibility),
                None,
            )
            .await
            .map_err(|e| lease_error(&e))?;
        // The SDK returns nothing here; the new proof of the lease stands in the headers.
        let receipt = answer
            .headers()
            .get_optional_string(&POP_RECEIPT)
            .ok_or_else(|| StorageError::Unavailable("renewal without a receipt".to_owned()))?;
        message.pop_receipt = receipt;
        message.next_visible_at = Timestamp::now() + visibility;
        Ok(())
    }

    pub(super) async fn delete(&self, message: &Message) -> Result<(), StorageError> {
        self.queue(&message.queue)?
            .delete_message(&message.id, &message.pop_receipt, None)
            .await
            .map(drop)
            .map_err(|e| lease_error(&e))
    }

    pub(super) async fn release(
        &self,
        message: &Message,
        delay: Duration,
    ) -> Result<(), StorageError> {
        self.renew(&mut message.clone(), delay).await
    }

    /// Copy first, delete then: a kill in between leaves it twice, never nowhere.
    pub(super) async fn poison(&self, message: &Message) -> Result<(), StorageError> {
        let poison = poison_queue_of(&message.queue);
        match self.send(&poison, &message.text, Duration::ZERO).await {
            Err(StorageError::NotFound(_)) => {
                self.create(&poison).await?;
                self.send(&poison, &message.text, Duration::ZERO).await?;
            }
            sent => sent?,
        }
        self.delete(message).await
    }

    pub(super) async fn count(&self, queue: &str) -> Result<u64, StorageError> {
        let answer = self
            .queue(queue)?
            .get_properties(None)
            .await
            .and_then(|properties| properties.approximate_messages_count());
        match answer {
            Ok(count) => Ok(count
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or_default()),
            Err(error) => match storage_error(&error, queue) {
                StorageError::NotFound(_) => Ok(0),
                other => Err(other),
            },
        }
    }

    /// Asks for a queue: the app's roles do not let it ask for the service itself.
    pub(super) async fn check(&self) -> Result<(), StorageError> {
        self.queue(JOBS)?
            .get_properties(None)
            .await
            .map(drop)
            .map_err(|e| storage_error(&e, "queue of the jobs"))
    }

    pub(super) async fn create(&self, queue: &str) -> Result<(), StorageError> {
        self.queue(queue)?
            .create(None)
            .await
            .map(drop)
            .map_err(|e| storage_error(&e, queue))
    }

    fn queue(&self, queue: &str) -> Result<QueueClient, StorageError> {
        self.service
            .queue_client(queue)
            .map_err(|e| storage_error(&e, queue))
    }
}

/// A wrong receipt is a 400 or a 404: either way somebody else has the message by now, or it is gone.
fn lease_error(error: &azure_core::Error) -> StorageError {
    match storage_error(error, "message under this lease") {
        StorageError::Refused(_) => StorageError::NotFound("message under this lease".to_owned()),
        other => other,
    }
}

fn whole_seconds(duration: Duration) -> i32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn message(queue: &str, received: ReceivedMessage) -> Result<Message, StorageError> {
    let missing = || StorageError::Unavailable("a message without id or receipt".to_owned());
    let instant =
        |at: Option<azure_core::time::OffsetDateTime>| at.map_or(Timestamp::UNIX_EPOCH, timestamp);
    Ok(Message {
        queue: queue.to_owned(),
        id: received.message_id.ok_or_else(missing)?,
        text: received.message_text.unwrap_or_default(),
        dequeue_count: received
            .dequeue_count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(1),
        inserted_at: instant(received.insertion_time),
        expires_at: instant(received.expiration_time),
        next_visible_at: instant(received.time_next_visible),
        pop_receipt: received.pop_receipt.ok_or_else(missing)?,
    })
}

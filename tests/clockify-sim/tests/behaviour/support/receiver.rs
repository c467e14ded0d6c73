//! Somebody who receives webhooks and answers as he is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use http::HeaderMap;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) event: String,
    pub(crate) signature: String,
    pub(crate) idempotency_key: String,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Mailbox {
    received: Vec<Received>,
    /// Statuses of the next answers; 200 once they are used up.
    answers: VecDeque<u16>,
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    mailbox: Arc<Mutex<Mailbox>>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let mailbox = Arc::new(Mutex::new(Mailbox::default()));
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(Arc::clone(&mailbox));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Self { url, mailbox, task }
    }

    pub(crate) fn answer_next_with(&self, statuses: &[u16]) {
        self.mailbox.lock().unwrap().answers.extend(statuses);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.mailbox.lock().unwrap().received.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(
    State(mailbox): State<Arc<Mutex<Mailbox>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| {
        headers
            .get(name)
            .map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let mut mailbox = mailbox.lock().unwrap();
    mailbox.received.push(Received {
        event: header("clockify-webhook-event-type"),
        signature: header("clockify-signature"),
        idempotency_key: header("idempotency-key"),
        content_type: header("content-type"),
        body,
    });
    StatusCode::from_u16(mailbox.answers.pop_front().unwrap_or(200)).unwrap()
}

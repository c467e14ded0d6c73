//! Clockify's side of an "Approve all": many connections that post webhooks at once and repeat what was not answered.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use local_host::waiting::until;
use tokio::sync::Mutex;

use crate::story::{PATIENCE, Story, WEBHOOK_SECRET};

/// A webhook as Clockify posts it.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub event: String,
    pub body: String,
}

/// How a burst goes.
#[derive(Debug, Clone, Copy)]
pub struct Burst {
    /// From so many connections at the same time.
    pub connections: usize,
    /// The first attempts are spread over so long.
    pub within: Duration,
    /// How often the handler is killed meanwhile, evenly over the answers.
    pub kills: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Figures {
    /// How long each answered request took, the shortest first.
    pub answered: Vec<Duration>,
    /// Requests without an answer 202, all repeated.
    pub unanswered: usize,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Figures {
    /// The time within which so many in a hundred were answered.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.answered.len() * percent).div_ceil(100);
        self.answered[at.saturating_sub(1)]
    }
}

impl Burst {
    /// Posts all of them, each until it is answered 202.
    pub async fn post(self, story: &Story, webhooks: &[Webhook]) -> Figures {
        let url: Arc<str> = story.host.url("/api/clockify/webhooks").into();
        let began = Instant::now();
        let pace = self.within / u32::try_from(webhooks.len().max(1)).unwrap_or(u32::MAX);
        let due = webhooks.iter().cloned().zip(0_u32..);
        let due: VecDeque<_> = due.map(|(one, n)| (began + pace * n, one)).collect();
        let due = Arc::new(Mutex::new(due));
        let answers = Arc::new(AtomicUsize::new(0));
        let connections: Vec<_> = (0..self.connections)
            .map(|_| {
                let (url, due, answers) =
                    (Arc::clone(&url), Arc::clone(&due), Arc::clone(&answers));
                tokio::spawn(async move { post_in_turn(&url, &due, &answers).await })
            })
            .collect();
        for kill in 1..=self.kills {
            let after = webhooks.len() * kill / (self.kills + 1);
            let reached = async || (answers.load(Ordering::SeqCst) >= after).then_some(());
            until(PATIENCE, reached).await.expect("answers come");
            story.host.kill_handler().await;
        }
        let mut figures = Figures {
            answered: Vec::new(),
            unanswered: 0,
            took: Duration::ZERO,
        };
        for connection in connections {
            let (answered, unanswered) = connection.await.expect("it posts to the end");
            figures.answered.extend(answered);
            figures.unanswered += unanswered;
        }
        figures.took = began.elapsed();
        figures.answered.sort_unstable();
        figures
    }
}

/// One connection: takes the next webhook when it is due.
async fn post_in_turn(
    url: &str,
    due: &Mutex<VecDeque<(Instant, Webhook)>>,
    answers: &AtomicUsize,
) -> (Vec<Duration>, usize) {
    let http = reqwest::Client::new();
    let (mut answered, mut unanswered) = (Vec::new(), 0);
    loop {
        let next = due.lock().await.pop_front();
        let Some((at, webhook)) = next else {
            return (answered, unanswered);
        };
        tokio::time::sleep_until(at.into()).await;
        loop {
            let began = Instant::now();
            let request = http
                .post(url)
                .header("clockify-webhook-event-type", &webhook.event)
                .header("clockify-signature", WEBHOOK_SECRET)
                .header("content-type", "application/json")
                .body(webhook.body.clone());
            let status = request.send().await.map(|answer| answer.status().as_u16());
            match status {
                Ok(202) => {
                    answered.push(began.elapsed());
                    answers.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                Ok(status @ 400..500) => panic!("a webhook was refused with {status}"),
                _ => {
                    unanswered += 1;
                    // The handler is starting again; it needs the machine more than the next try does.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
}

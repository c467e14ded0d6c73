//! Posts webhooks: several at a time, with the headers that Clockify sends, and again when they are
//! not answered 2xx (clockify.md §9.2).

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc::UnboundedReceiver};

use crate::{
    hub::Hub,
    world::{Attempt, Parcel},
};

/// Longest answer that the log keeps.
const KEPT_ANSWER: usize = 2_000;

pub(crate) async fn run(
    hub: Arc<Hub>,
    mut parcels: UnboundedReceiver<Vec<Parcel>>,
    http: reqwest::Client,
) {
    let mut parallel = 0;
    let mut places = Arc::new(Semaphore::new(1));
    while let Some(burst) = parcels.recv().await {
        let wanted = hub.world().switches.delivery.parallel.max(1);
        if wanted != parallel {
            parallel = wanted;
            places = Arc::new(Semaphore::new(parallel));
        }
        for parcel in burst {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let (hub, http) = (Arc::clone(&hub), http.clone());
            tokio::spawn(async move {
                deliver(&hub, &http, parcel).await;
                drop(place);
            });
        }
    }
}

/// One attempt, and the wait for the next one if it failed.
async fn deliver(hub: &Arc<Hub>, http: &reqwest::Client, parcel: Parcel) {
    let (target, rules, key) = {
        let world = hub.world();
        let target = world
            .webhook(parcel.webhook)
            .filter(|webhook| webhook.delivers)
            .map(|webhook| (webhook.url.clone(), webhook.token.clone()));
        (
            target,
            world.switches.delivery.clone(),
            world.idempotency_key(&parcel),
        )
    };
    let Some((url, token)) = target else {
        hub.delivered();
        return;
    };
    if parcel.attempt == 1 && rules.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(rules.delay_ms)).await;
    }
    let response = http
        .post(&url)
        .header("content-type", "application/json")
        .header("clockify-signature", &token)
        .header("clockify-webhook-event-type", parcel.event)
        .header("idempotency-key", &key)
        .timeout(Duration::from_millis(rules.timeout_ms))
        .body(parcel.body.clone())
        .send()
        .await;
    let (status, answer) = match response {
        Ok(response) => {
            let status = response.status().as_u16();
            (Some(status), response.text().await.unwrap_or_default())
        }
        Err(error) => (None, error.without_url().to_string()),
    };
    let again = {
        let mut world = hub.world();
        let at = world.now();
        world.attempted(Attempt {
            webhook: parcel.webhook,
            at,
            status,
            answer: answer.chars().take(KEPT_ANSWER).collect(),
            idempotency_key: key,
            parcel: parcel.clone(),
        })
    };
    let gap = usize::try_from(parcel.attempt - 1)
        .ok()
        .and_then(|index| rules.retry_gaps_ms.get(index).copied());
    match gap.filter(|_| again) {
        None => hub.delivered(),
        Some(gap) => {
            let hub = Arc::clone(hub);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(gap)).await;
                hub.post(vec![Parcel {
                    attempt: parcel.attempt + 1,
                    ..parcel
                }]);
                // The next attempt is counted; this one is over.
                hub.delivered();
            });
        }
    }
}

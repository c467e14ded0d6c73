//! The watchdog looks at Clockify's webhooks (`domain.md` §8, §9).

use serde_json::{Value, json};

use super::house::House;
use crate::{
    clockify::webhook_setup::{Setup, USUAL_QUOTA},
    domain::flags::FlagKind,
    settings::Secret,
    store::{Statement, StoreError},
    sync::{watchdog::Watchdog, webhook_health::WebhookHealth},
};

const ADDRESS: &str = "https://clocking.example/api/clockify/webhooks";

/// A watchdog that has not looked yet.
fn watchdog(house: &House) -> Watchdog {
    Watchdog::new(
        house.store.clone(),
        house.queues.clone(),
        house.jobs.clone(),
    )
    .watching(Some(WebhookHealth {
        client: house.clockify.client(),
        setup: Setup {
            address: ADDRESS.parse().unwrap(),
            quota: USUAL_QUOTA,
        },
        secrets: [("*".to_owned(), vec![Secret::from("s")])]
            .into_iter()
            .collect(),
    }))
}

fn webhook(event: &str) -> Value {
    json!({
        "id": event, "name": event, "url": ADDRESS, "webhookEvent": event, "authToken": "s",
        "enabled": true, "planEnabled": true, "deliveryEnabled": true,
    })
}

async fn flagged(house: &House) -> Vec<String> {
    let flags = house.flags().await.into_iter();
    flags
        .filter(|(kind, _)| *kind == FlagKind::WebhookUnhealthy)
        .map(|(_, event)| event)
        .collect()
}

#[tokio::test]
async fn a_webhook_at_fault_is_flagged_until_it_is_in_order() {
    let house = House::new().await;
    // None at all: those that must arrive at once are missing.
    let found = watchdog(&house).run().await.unwrap();
    assert_eq!(found.webhooks_at_fault, Some(10));
    let missing = flagged(&house).await;
    assert_eq!(missing.len(), 10);
    assert!(missing.contains(&"NEW_APPROVAL_REQUEST".to_owned()));

    house.clockify.world().webhooks = missing.iter().map(|event| webhook(event)).collect();
    watchdog(&house).run().await.unwrap();
    assert_eq!(flagged(&house).await, [""; 0]);

    for (field, value) in [
        ("enabled", json!(false)),
        ("deliveryEnabled", json!(false)),
        ("planEnabled", json!(false)),
        ("authToken", json!("another")),
    ] {
        let sound = house.clockify.world().webhooks.clone();
        house.clockify.world().webhooks[3][field] = value;
        watchdog(&house).run().await.unwrap();
        assert_eq!(flagged(&house).await, [missing[3].clone()], "{field}");
        // Nobody knows while Clockify is away: the flag stays.
        house.clockify.world().webhooks = sound;
        house.clockify.fail("GET webhooks", 503);
        let found = watchdog(&house).run().await.unwrap();
        assert_eq!(found.webhooks_at_fault, None);
        assert_eq!(flagged(&house).await.len(), 1);
        watchdog(&house).run().await.unwrap();
        assert_eq!(flagged(&house).await, [""; 0], "{field}");
    }
}

#[tokio::test]
async fn clockify_is_asked_once_an_hour() {
    let house = House::with_company().await;
    let dog = watchdog(&house);
    dog.run().await.unwrap();
    // Something waits in a queue, so it looks again.
    house.request("tags", json!({})).await;
    assert_eq!(dog.run().await.unwrap().webhooks_at_fault, None);
    let asked = house.clockify.requests();
    let asked = asked.iter().filter(|request| *request == "GET webhooks");
    assert_eq!(asked.count(), 1);
}

/// `domain.md` §8: the watchdog looks after late syncs.
#[tokio::test]
async fn a_late_sync_is_flagged_until_one_succeeds() {
    const AGE: Statement = Statement::new("UPDATE job SET finished_at = {now + @seconds}");
    let late = (FlagKind::SyncLate, "all".to_owned());
    let house = House::with_company().await;
    watchdog(&house).run().await.unwrap();
    assert!(!house.flags().await.contains(&late), "none has run yet");
    house.sync("all", json!({})).await;
    watchdog(&house).run().await.unwrap();
    assert!(!house.flags().await.contains(&late));
    house
        .store
        .write(async |mut tx| {
            let hours = -27 * 3600_i64;
            tx.execute(&AGE, &[("@seconds", hours.into())]).await?;
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    assert!(watchdog(&house).run().await.unwrap().sync_is_late);
    assert!(house.flags().await.contains(&late));
    // Neither a part nor a dry run puts it right.
    house.sync("tags", json!({})).await;
    house.dry_run("all", json!({})).await;
    assert!(house.flags().await.contains(&late));
    house.sync("all", json!({"night": 2})).await;
    assert!(!house.flags().await.contains(&late), "at once");
    watchdog(&house).run().await.unwrap();
    assert!(!house.flags().await.contains(&late));
}

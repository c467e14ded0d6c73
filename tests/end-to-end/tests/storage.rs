//! Files and queues in a real storage service (Azurite), through the code that runs in Azure.

use std::time::Duration;

use bytes::Bytes;
use end_to_end::{azurite::Azurite, proxy::Proxy};
use reqwest::StatusCode;
use shared::azure::{
    StorageError,
    blobs::Blobs,
    queues::{Queues, poison_queue_of},
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const MINUTE: Duration = Duration::from_mins(1);

async fn blobs() -> (Azurite, Blobs) {
    let azurite = Azurite::start().await;
    azurite.create_container("reports").await;
    let blobs = Blobs::in_account(&azurite.blob_url(), &azurite.identity()).expect("blobs");
    (azurite, blobs)
}

async fn queues() -> (Azurite, Queues) {
    let azurite = Azurite::start().await;
    azurite.create_queue("jobs").await;
    let queues = Queues::in_account(&azurite.queue_url(), &azurite.identity()).expect("queues");
    (azurite, queues)
}

#[tokio::test]
async fn files_come_back_as_they_were_put() {
    let (_azurite, blobs) = blobs().await;
    // 9 MB: more than one request carries, so it goes up in blocks.
    let large = Bytes::from(vec![7_u8; 9_000_000]);
    for (name, bytes) in [
        ("reports/1/Payroll.xlsx", Bytes::from_static(b"PK")),
        ("reports/1/empty", Bytes::new()),
        (
            "reports/1/Étude géotechnique – Phase 2.xlsx",
            Bytes::from_static(b"x"),
        ),
        ("reports/2/large.zip", large),
    ] {
        blobs.put(name, bytes.clone(), XLSX).await.expect("put");
        assert_eq!(blobs.get(name).await.expect("got"), bytes, "{name}");
    }
    blobs
        .put("reports/1/empty", Bytes::from_static(b"replaced"), XLSX)
        .await
        .expect("put");
    assert_eq!(
        blobs.get("reports/1/empty").await,
        Ok(Bytes::from_static(b"replaced"))
    );
    for _twice in 0..2 {
        blobs
            .delete("reports/1/empty")
            .await
            .expect("deleted, also when it is gone");
    }
    assert!(matches!(
        blobs.get("reports/1/empty").await,
        Err(StorageError::NotFound(_))
    ));
    blobs.check().await.expect("reachable");
}

/// Roles of data open no properties of a whole service: what is asked for is the container and the queue themselves.
#[tokio::test]
async fn an_account_without_its_container_and_its_queue_is_not_well() {
    let azurite = Azurite::start().await;
    let blobs = Blobs::in_account(&azurite.blob_url(), &azurite.identity()).expect("blobs");
    let queues = Queues::in_account(&azurite.queue_url(), &azurite.identity()).expect("queues");
    for missing in [blobs.check().await, queues.check().await] {
        assert!(
            matches!(missing, Err(StorageError::NotFound(_))),
            "{missing:?}"
        );
    }
    azurite.create_container("reports").await;
    azurite.create_queue("jobs").await;
    assert_eq!(blobs.check().await, Ok(()));
    assert_eq!(queues.check().await, Ok(()));
}

#[tokio::test]
async fn a_link_opens_one_file_for_reading_and_carries_its_name() {
    let (azurite, blobs) = blobs().await;
    let name = "reports/1/Étude & Söhne 50%.xlsx";
    blobs
        .put(name, Bytes::from_static(b"PK"), XLSX)
        .await
        .expect("put");
    blobs
        .put("reports/1/other", Bytes::from_static(b"secret"), XLSX)
        .await
        .expect("put");
    let link = blobs
        .link(name, "Étude & Söhne 50%.xlsx", XLSX, MINUTE)
        .await
        .expect("link");

    let browser = azurite.client().build().expect("client");
    let answer = browser.get(&link.url).send().await.expect("answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], XLSX);
    let disposition = answer.headers()["content-disposition"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        disposition.contains("filename*=UTF-8''%C3%89tude%20%26%20S%C3%B6hne%2050%25.xlsx"),
        "{disposition}"
    );
    assert_eq!(answer.bytes().await.expect("body"), "PK");

    let put = browser
        .put(&link.url)
        .header("x-ms-blob-type", "BlockBlob")
        .body("y");
    assert_eq!(
        put.send().await.expect("answer").status(),
        StatusCode::FORBIDDEN
    );
    let of_another = link
        .url
        .replace("%C3%89tude%20&%20S%C3%B6hne%2050%25.xlsx", "other");
    assert_ne!(of_another, link.url);
    let with_more_rights = link.url.replace("sp=r", "sp=rw");
    assert_ne!(with_more_rights, link.url);
    let signature = link.url.find("sig=").expect("a signature") + 6;
    let mut with_other_signature = link.url.clone();
    let other = if &with_other_signature[signature..=signature] == "A" {
        "B"
    } else {
        "A"
    };
    with_other_signature.replace_range(signature..=signature, other);
    for tampered in [of_another, with_more_rights, with_other_signature] {
        let status = browser
            .get(&tampered)
            .send()
            .await
            .expect("answer")
            .status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{tampered}");
    }
}

#[tokio::test]
async fn a_link_expires() {
    let (azurite, blobs) = blobs().await;
    blobs
        .put("reports/1/a", Bytes::from_static(b"x"), XLSX)
        .await
        .expect("put");
    let browser = azurite.client().build().expect("client");
    let link = blobs
        .link("reports/1/a", "a.xlsx", XLSX, Duration::from_secs(10))
        .await
        .expect("link");
    assert_eq!(
        browser
            .get(&link.url)
            .send()
            .await
            .expect("answer")
            .status(),
        StatusCode::OK
    );
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while browser
        .get(&link.url)
        .send()
        .await
        .expect("answer")
        .status()
        == StatusCode::OK
    {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the link still works"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(
        browser
            .get(&link.url)
            .send()
            .await
            .expect("answer")
            .status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn messages_are_leased_renewed_released_and_deleted() {
    let (_azurite, queues) = queues().await;
    let text = r#"{"v":1,"text":"é ☃ <&> \" 😀"}"#;
    queues
        .send("jobs", text, Duration::ZERO)
        .await
        .expect("sent");
    assert_eq!(queues.count("jobs").await, Ok(1));

    let mut received = queues.receive("jobs", 10, MINUTE).await.expect("received");
    assert_eq!(received.len(), 1);
    let mut message = received.remove(0);
    assert_eq!((message.text.as_str(), message.dequeue_count), (text, 1));
    assert_eq!(
        queues.receive("jobs", 10, MINUTE).await.expect("received"),
        []
    );

    let before = message.clone();
    queues.renew(&mut message, MINUTE).await.expect("renewed");
    assert_ne!(before.pop_receipt, message.pop_receipt);
    assert!(
        matches!(queues.delete(&before).await, Err(StorageError::NotFound(_))),
        "an old lease"
    );

    queues
        .release(&message, Duration::ZERO)
        .await
        .expect("released");
    let again = queues
        .receive("jobs", 1, MINUTE)
        .await
        .expect("received")
        .remove(0);
    assert_eq!(
        (again.text.as_str(), again.dequeue_count),
        (text, 2),
        "the text survives renewal"
    );
    queues.delete(&again).await.expect("deleted");
    assert_eq!(queues.count("jobs").await, Ok(0));
}

#[tokio::test]
async fn what_failed_for_good_waits_in_the_poison_queue() {
    let (_azurite, queues) = queues().await;
    assert_eq!(
        queues
            .take_poisoned("jobs", 10)
            .await
            .expect("no such queue yet"),
        []
    );
    assert_eq!(queues.count(&poison_queue_of("jobs")).await, Ok(0));
    queues
        .send("jobs", "bad", Duration::ZERO)
        .await
        .expect("sent");
    let message = queues
        .receive("jobs", 1, MINUTE)
        .await
        .expect("received")
        .remove(0);
    queues.poison(&message).await.expect("poisoned");
    assert_eq!(queues.count("jobs").await, Ok(0));
    let poisoned = queues.take_poisoned("jobs", 10).await.expect("taken");
    assert_eq!(
        poisoned.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(),
        ["bad"]
    );
}

#[tokio::test]
async fn a_delayed_message_waits() {
    let (_azurite, queues) = queues().await;
    queues
        .send("jobs", "later", Duration::from_secs(10))
        .await
        .expect("sent");
    assert_eq!(
        queues.receive("jobs", 1, MINUTE).await.expect("received"),
        []
    );
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while queues
        .receive("jobs", 1, MINUTE)
        .await
        .expect("received")
        .is_empty()
    {
        assert!(tokio::time::Instant::now() < deadline, "it never came");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// "A 401 in mid-upload": it succeeds with a fresh token, or fails as something that passes, leaves no half a file, and the
/// next try succeeds. Blocks count for nothing until the last request commits them.
#[tokio::test]
async fn a_token_that_ends_in_mid_upload_leaves_no_half_a_file() {
    let (azurite, direct) = blobs().await;
    let proxy = Proxy::before(&azurite, 2).await;
    let blobs = Blobs::in_account(&proxy.url, &azurite.identity()).expect("blobs");
    let name = "reports/1/large.zip";
    let large = Bytes::from([1, 2, 3].map(|n| vec![n; 3_000_000]).concat());
    match blobs.put(name, large.clone(), XLSX).await {
        Ok(()) => {}
        Err(StorageError::Unavailable(_)) => {
            assert!(matches!(
                direct.get(name).await,
                Err(StorageError::NotFound(_))
            ));
            blobs
                .put(name, large.clone(), XLSX)
                .await
                .expect("the next try succeeds");
        }
        Err(other) => panic!("{other:?}"),
    }
    println!("{} blocks came by", proxy.blocks());
    assert!(proxy.blocks() > 2);
    assert_eq!(direct.get(name).await, Ok(large));
}

#[tokio::test]
async fn a_storage_account_that_is_away_is_said_to_be_unavailable() {
    let (mut azurite, blobs) = blobs().await;
    let queues = Queues::in_account(&azurite.queue_url(), &azurite.identity()).expect("queues");
    azurite.stop().await;
    let unavailable = |result: Result<(), StorageError>| {
        assert!(
            matches!(result, Err(StorageError::Unavailable(_))),
            "{result:?}"
        );
    };
    unavailable(blobs.put("reports/1/a", Bytes::new(), XLSX).await);
    unavailable(queues.send("jobs", "x", Duration::ZERO).await);
}

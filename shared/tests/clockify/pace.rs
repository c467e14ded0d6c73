//! How fast Clockify is asked, and when not at all (`clockify.md` §2.3).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use shared::{
    clockify::{Client, client::Page, wire::Tag},
    settings::ClockifySettings,
};
use tokio::{net::TcpListener, sync::Semaphore};
use url::Url;
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    answers::{PATIENT, answering, tags},
    fixture::{client_of, settings_of},
};

/// Never more than the ceiling in any second, whoever asks.
#[tokio::test]
async fn requests_keep_below_the_ceiling() {
    let server = answering(vec![tags(&[])]).await;
    let settings = ClockifySettings {
        requests_per_second: 25,
        ..settings_of(&server)
    };
    let client = Client::with_retries(&settings, reqwest::Client::new(), PATIENT);
    let began = Instant::now();
    let asked = (0..16).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.list_tags(1).await })
    });
    for answer in asked.collect::<Vec<_>>() {
        answer.await.unwrap().unwrap();
    }
    let shortest = Duration::from_millis(15 * 40);
    assert!(began.elapsed() >= shortest, "{:?}", began.elapsed());
}

/// At most four at once: while the server keeps four waiting, the fifth does not come.
#[tokio::test]
async fn four_requests_are_under_way_at_once_and_no_more() {
    let arrived = Arc::new(Semaphore::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let answer = {
        let (arrived, gate) = (Arc::clone(&arrived), Arc::clone(&gate));
        move || async move {
            arrived.add_permits(1);
            gate.acquire().await.unwrap().forget();
            axum::Json(json!([]))
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });

    let server = MockServer::start().await;
    let settings = ClockifySettings {
        api_url: Url::parse(&format!("http://{address}/api/v1")).unwrap(),
        ..settings_of(&server)
    };
    let client = Client::with_retries(&settings, reqwest::Client::new(), PATIENT);
    let asked: Vec<_> = (0..12)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.list_tags(1).await })
        })
        .collect();
    let within = |wait| {
        let arrived = Arc::clone(&arrived);
        move |requests| async move {
            let all = tokio::time::timeout(wait, arrived.acquire_many(requests)).await;
            all.map(|all| all.unwrap().forget()).is_ok()
        }
    };
    assert!(within(PATIENT.time_limit)(4).await, "four come");
    // At 50 a second a fifth would be here by now.
    assert!(!within(Duration::from_millis(200))(1).await, "a fifth came");
    gate.add_permits(12);
    for answer in asked {
        let page: Page<Tag> = answer.await.unwrap().unwrap();
        assert!(page.is_last);
    }
}

#[tokio::test]
async fn retry_after_is_honoured_by_all_calls_and_a_long_one_left_to_the_caller() {
    let too_many = ResponseTemplate::new(429).insert_header("Retry-After", "1800");
    let server = answering(vec![too_many, tags(&[])]).await;
    let client = client_of(&server, PATIENT);
    let error = client.list_tags(1).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(30)));

    let other = client.clone();
    let error = other.list_clients(1).await.unwrap_err();
    assert!(error.is_transient());
    assert!(error.retry_after() > Some(Duration::from_mins(29)));
    assert_eq!(client.requests_sent(), 1, "silence is kept");
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for() {
    let too_many = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    let server = answering(vec![too_many, tags(&["a"])]).await;
    let client = client_of(&server, PATIENT);
    let began = Instant::now();
    client.list_tags(1).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn retry_after_can_be_a_date() {
    for (date, waits) in [
        ("Wed, 21 Oct 2015 07:28:00 GMT", false),
        ("Fri, 01 Jan 2100 00:00:00 GMT", true),
    ] {
        let too_many = ResponseTemplate::new(429).insert_header("Retry-After", date);
        let server = answering(vec![too_many, tags(&["a"])]).await;
        let answer = client_of(&server, PATIENT).list_tags(1).await;
        match answer {
            Ok(_) => assert!(!waits, "{date}"),
            Err(error) => {
                assert!(waits, "{date}");
                assert_eq!(
                    error.retry_after(),
                    Some(Duration::from_hours(1)),
                    "at most"
                );
            }
        }
    }
}

/// Newly made Free workspaces allow 30 requests an hour and need not say when to come back.
#[tokio::test]
async fn a_workspace_that_refuses_after_few_requests_is_asked_slowly() {
    let server = answering(vec![ResponseTemplate::new(429)]).await;
    let client = client_of(&server, PATIENT);
    let error = client.list_tags(1).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(2)));
    assert_eq!(client.requests_sent(), 3);
    client.list_tags(1).await.unwrap_err();
    assert_eq!(client.requests_sent(), 3, "nothing is sent meanwhile");
}

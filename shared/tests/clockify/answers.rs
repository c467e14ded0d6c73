//! Servers that answer as they are told.

use std::time::Duration;

use serde_json::json;
use shared::clockify::client::Retries;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

/// Waits little, so that tests are quick.
pub(crate) const PATIENT: Retries = Retries {
    attempts: 3,
    first_delay: Duration::from_millis(1),
    longest_wait: Duration::from_secs(2),
    time_limit: Duration::from_secs(5),
    hourly_pause: Duration::from_mins(2),
};

pub(crate) fn tags(ids: &[&str]) -> ResponseTemplate {
    let rows: Vec<_> = ids.iter().map(|id| json!({"id": id, "name": id})).collect();
    ResponseTemplate::new(200).set_body_json(rows)
}

pub(crate) async fn answering(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (number, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(any()).respond_with(answer);
        if number == last {
            mock.mount(&server).await;
        } else {
            mock.up_to_n_times(1).mount(&server).await;
        }
    }
    server
}

//! Lists come in pages, which can shift while they are read (`clockify.md` §2.4).

use serde_json::json;
use shared::clockify::client::read_all;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param},
};

use crate::{
    answers::{PATIENT, tags},
    fixture::{WORKSPACE, client_of},
};

/// Pages are served by number; those without `Last-Page` end by being short.
async fn paged(pages: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    for (number, page) in pages.into_iter().enumerate() {
        Mock::given(method("GET"))
            .and(path(format!("/api/v1/workspaces/{WORKSPACE}/tags")))
            .and(query_param("page", (number + 1).to_string()))
            .respond_with(page)
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn pages_are_read_to_the_last_and_a_row_that_shifted_counts_once() {
    let full: Vec<String> = (0..200).map(|number| format!("t{number:03}")).collect();
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    for (pages, expected) in [
        // The header says where the list ends, whatever the length of the page.
        (
            vec![
                tags(&["a", "b"]).insert_header("Last-Page", "false"),
                tags(&["b", "c"]).insert_header("Last-Page", "true"),
                tags(&["never read"]),
            ],
            3,
        ),
        (
            vec![
                tags(&full).insert_header("last-page", "true"),
                tags(&["never read"]),
            ],
            200,
        ),
        // Without it a page that is not full ends the list, and so does an empty one.
        (
            vec![tags(&full), tags(&["t199", "u"]), tags(&["never read"])],
            201,
        ),
        (vec![tags(&full), tags(&[]), tags(&["never read"])], 200),
        (vec![tags(&[])], 0),
        // A header that says "more" for ever.
        (
            vec![
                tags(&["a"]).insert_header("Last-Page", "false"),
                tags(&[]).insert_header("Last-Page", "false"),
            ],
            1,
        ),
    ] {
        let server = paged(pages).await;
        let client = client_of(&server, PATIENT);
        let complete = read_all(|page| client.list_tags(page)).await.unwrap();
        assert_eq!(complete.rows.len(), expected);
        assert!(
            complete
                .rows
                .iter()
                .all(|tag| tag.id.as_str() != "never read")
        );
    }
}

#[tokio::test]
async fn the_later_reading_of_a_row_wins_and_unreadable_rows_are_told() {
    let renamed = json!([{"id": "b", "name": "new"}, {"id": "c", "name": 7}]);
    let server = paged(vec![
        tags(&["a", "b"]).insert_header("Last-Page", "false"),
        ResponseTemplate::new(200).set_body_json(renamed),
    ])
    .await;
    let client = client_of(&server, PATIENT);
    let complete = read_all(|page| client.list_tags(page)).await.unwrap();
    let names: Vec<_> = complete
        .rows
        .iter()
        .map(|tag| tag.name.as_deref())
        .collect();
    assert_eq!(names, [Some("a"), Some("new")]);
    assert_eq!(complete.unreadable.len(), 1);
    assert_eq!(complete.unreadable[0].id.as_deref(), Some("c"));
}

#[tokio::test]
async fn a_page_that_fails_fails_the_whole_read() {
    let server = paged(vec![
        tags(&["a"]).insert_header("Last-Page", "false"),
        ResponseTemplate::new(500),
    ])
    .await;
    let client = client_of(&server, PATIENT);
    let error = read_all(|page| client.list_tags(page)).await.unwrap_err();
    assert!(
        error.is_transient(),
        "nothing may be deleted after it: {error}"
    );
}

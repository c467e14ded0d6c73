//! "Report links are read-only, for one blob, and expire" (`domain.md` §10), as the people meet them who follow one.

use end_to_end::{
    company::{Company, company},
    people::Person,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_one_file_for_reading() {
    one_file_for_reading(company(12)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_into_azure_storage_opens_one_file_for_reading() {
    one_file_for_reading(company(12).on_azure()).await;
}

async fn one_file_for_reading(company: Company) {
    let story = company.synced().play().await;
    let manager = story.api(Person::OfficeManager);
    let asked = Timestamp::now();
    let mut links = Vec::new();
    for kind in ["time-status", "billable-summary"] {
        let path = format!("/reports/{kind}?wait=100");
        let job = manager.post(&path, &json!({})).await.expect(200);
        let file = &job["files"][0];
        let expires: Timestamp = file["expiresAt"]
            .as_str()
            .expect("an end")
            .parse()
            .expect("an instant");
        let lives = expires.duration_since(asked);
        assert!(
            lives > SignedDuration::from_hours(23) && lives < SignedDuration::from_hours(25),
            "{lives}"
        );
        links.push(file["url"].as_str().expect("a link").to_owned());
    }
    let (link, other) = (&links[0], &links[1]);

    // Whoever holds it needs no key; the browser learns the file's name and kind.
    let answer = story.follow(link).await;
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        disposition.contains("TimeStatus-2026-10-25.xlsx"),
        "{disposition}"
    );
    assert!(answer.bytes().await.expect("a workbook").starts_with(b"PK"));

    // For nothing but reading, and for no other file; nothing in it can be altered.
    let put = story
        .browser()
        .put(link)
        .header("x-ms-blob-type", "BlockBlob")
        .body("mine");
    let refused = put.send().await.expect("an answer").status().as_u16();
    assert!([403, 404, 405].contains(&refused), "{refused}");
    let (path, query) = link.split_once('?').expect("a signature");
    let (other_path, _) = other.split_once('?').expect("a signature");
    let later = query.replace("exp=", "exp=9").replace("se=2", "se=3");
    assert_ne!(later, query);
    for altered in [
        path.to_owned(),
        format!("{other_path}?{query}"),
        format!("{path}?{later}"),
    ] {
        let status = story.follow(&altered).await.status().as_u16();
        assert!(
            [400, 401, 403, 404].contains(&status),
            "{status} for {altered}"
        );
    }
    assert_eq!(story.follow(link).await.status(), 200, "it still works");

    // A bookmark makes the report and leads to a link; who may not have the report gets none.
    let bookmark = manager.get("/reports/time-status").await;
    assert_eq!(bookmark.status, 303, "{}", bookmark.text);
    let to = bookmark.headers["location"].to_str().expect("an address");
    assert_eq!(story.follow(to).await.status(), 200);
    assert_eq!(manager.get("/reports/payroll").await.status, 403);
    let made = manager.list("/reports").await;
    assert!(made.len() >= 2, "{made:?}");
}

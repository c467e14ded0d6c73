//! LEM numbers over a handler that is killed in the middle (`domain.md` §6: "unique per client and project, without a
//! gap or a repeat however many are created at once").

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use local_host::{LocalHost, Options};
use serde_json::{Value, json};
use shared::{
    domain::{
        project::{Client, Project},
        workspace::Workspace,
    },
    settings::DatabaseUrl,
    store::{Store, StoreError, client, project, ticket, workspace},
};
use tokio::sync::mpsc;

const CONNECTIONS: usize = 50;
const SHEETS_EACH: usize = 4;
const PROJECTS: usize = 5;
/// The handler is killed each time when so many sheets have been answered.
const KILLED_AFTER: [usize; 3] = [20, 80, 140];
/// Far longer than three deaths can keep one request waiting.
const PATIENCE: Duration = Duration::from_mins(1);
/// While the handler dies it refuses at once; a phone takes a breath before it tries again.
const BREATH: Duration = Duration::from_millis(20);
/// Seconds are enough for all of it.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// A client, five projects of it, in an empty database.
async fn company(data: &Path) {
    let store = Store::open(&DatabaseUrl::Sqlite(data.join("clocking.db"))).expect("a database");
    store.migrate().await.expect("a schema");
    let ticket = ticket::draw(&store).await.expect("a ticket");
    store
        .write::<_, StoreError, _, _>(async |mut tx| {
            let spent = ticket::spend(&mut tx, ticket).await?.expect("it is young");
            let company = Workspace {
                id: "ws".into(),
                name: "Hill Plain".to_owned(),
            };
            workspace::upsert(&mut tx, spent, &company).await?;
            let client = Client {
                id: "c1".into(),
                workspace_id: "ws".into(),
                short_name: "IND".to_owned(),
                long_name: None,
                email: None,
                address: None,
                archived: false,
                is_stub: false,
            };
            client::upsert_page(&mut tx, spent, &[client]).await?;
            let projects: Vec<Project> = (0..PROJECTS).map(project_of).collect();
            project::upsert_page(&mut tx, spent, &projects).await
        })
        .await
        .expect("written");
}

fn project_of(n: usize) -> Project {
    Project {
        id: format!("p{n}").into(),
        workspace_id: "ws".into(),
        client_id: Some("c1".into()),
        name: format!("P-{n} - Road"),
        code: Some(format!("P-{n}")),
        title: "Road".to_owned(),
        billable: true,
        archived: false,
        is_stub: false,
    }
}

/// A phone: its own connection, and all it knows of its tickets is what it was answered.
struct Phone {
    http: reqwest::Client,
    host: Arc<LocalHost>,
    answered: mpsc::UnboundedSender<()>,
}

impl Phone {
    /// Creates a ticket; repeats the very same request until it is answered.
    async fn create(&self, ticket: &Value) -> Value {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.host.until_ready().await.expect("it is started again");
            let sent = self
                .http
                .post(self.host.url("/api/lem-sheets"))
                .header("x-api-key", &self.host.key)
                .header("idempotency-key", ticket["id"].as_str().expect("an id"))
                .json(ticket)
                .send()
                .await;
            let answer = match sent {
                Ok(answer) => (answer.status().as_u16(), answer.text().await),
                Err(error) => (0, Err(error)),
            };
            match answer {
                (200 | 201, Ok(text)) => {
                    self.answered.send(()).expect("answers are counted");
                    return serde_json::from_str(&text).expect("JSON");
                }
                // The handler is away, or its database is busy; or the answer broke off.
                (502..=504, _) | (_, Err(_)) => tokio::time::sleep(BREATH).await,
                (status, Ok(text)) => panic!("{status}: {text}"),
            }
        }
        panic!("never answered");
    }
}

/// "200 sheets created at once by 50 connections for 5 projects: numbers 1 to 40 for each, none missing, none twice;
/// with the handler killed in the middle and all clients repeating what they do not know: the same."
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gap_and_no_repeat_while_the_handler_dies() {
    let all = Box::pin(two_hundred_sheets_at_once());
    let ended = tokio::time::timeout(TIME_LIMIT, all).await;
    ended.expect("all is answered, and the host stops, within the time");
}

async fn two_hundred_sheets_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    company(data.path()).await;
    let host = LocalHost::start(Options {
        handler: local_host::cargo::sister("handlers"),
        ..Options::for_test(end_to_end::project(), data.path())
            .with("CALLER_REQUESTS_PER_SECOND", "10000")
    })
    .await
    .expect("a host");
    let host = Arc::new(host);
    let (answered, mut answers) = mpsc::unbounded_channel();
    let mut phones = tokio::task::JoinSet::new();
    for n in 0..CONNECTIONS {
        let phone = Phone {
            http: reqwest::Client::builder()
                .timeout(PATIENCE)
                .build()
                .expect("a client"),
            host: Arc::clone(&host),
            answered: answered.clone(),
        };
        phones.spawn(async move {
            let mut told = Vec::new();
            for m in 0..SHEETS_EACH {
                let project = format!("p{}", (n * SHEETS_EACH + m) % PROJECTS);
                let id = uuid::Uuid::now_v7().to_string();
                let ticket = json!({ "id": id, "projectId": project, "date": "2026-11-03" });
                let sheet = phone.create(&ticket).await;
                told.push((project, sheet["number"].clone(), id));
            }
            told
        });
    }
    // The channel ends with the last phone, also where one gave up; `join_all` then tells why.
    drop(answered);
    let mut count = 0;
    while answers.recv().await.is_some() {
        count += 1;
        if KILLED_AFTER.contains(&count) {
            host.kill_handler().await;
        }
    }
    let told: Vec<_> = phones.join_all().await.into_iter().flatten().collect();
    let life = host.until_ready().await.expect("it lives");
    assert!(life.number > 3, "it died three times, not {}", life.number);

    let expected: Vec<String> = (1..=40).map(|n| format!("LEM-{n:04}")).collect();
    let mut stored = BTreeMap::new();
    for n in 0..PROJECTS {
        let list = reqwest::Client::new()
            .get(host.url(&format!(
                "/api/lem-sheets?projectId=p{n}&archived=all&limit=200"
            )))
            .header("x-api-key", &host.key)
            .send()
            .await
            .expect("an answer");
        let list: Value = list.json().await.expect("JSON");
        let sheets = list["items"].as_array().expect("items");
        let mut numbers: Vec<&str> = sheets
            .iter()
            .map(|sheet| sheet["number"].as_str().expect("a number"))
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, expected, "p{n}");
        for sheet in sheets {
            let id = sheet["id"].as_str().expect("an id").to_owned();
            stored.insert(id, (format!("p{n}"), sheet["number"].clone()));
        }
    }
    // Each phone was told the number that its ticket has.
    assert_eq!(told.len(), CONNECTIONS * SHEETS_EACH);
    for (project, number, id) in told {
        assert_eq!(stored.get(&id), Some(&(project, number)), "{id}");
    }
    Arc::into_inner(host)
        .expect("no phone is left")
        .stop()
        .await;
}

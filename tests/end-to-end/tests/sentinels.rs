//! Where secrets and personal data may be, and where not (`domain.md` §10: "Nothing personal or secret in a log line").
//!
//! Rare values stand for every secret, key, name, e-mail, rate and description. They go through a whole run: sync,
//! webhooks, LEM, reports, refusals and failures. Then logs, database, queue, files and answers are searched, and each
//! value is found where it must be and nowhere else.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::Path,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clockify_sim::{
    BalancePatch, Command, Config, EntryPlan, Fault, Id, PersonChange, PersonPlan, ProjectChange,
    Simulator, Switches, Trouble,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use local_host::{LocalHost, Options, cargo, waiting::until};
use serde_json::{Value, json};
use shared::azure::queues::{CLOCKIFY_EVENTS, JOBS, POISON_SUFFIX};

const NOW: &str = "2026-11-09T12:00:00Z";
const PATIENCE: Duration = Duration::from_mins(3);

/// Secrets: nowhere at all.
const SECRETS: [(&str, &str); 9] = [
    ("Clockify's key", "qzx-clockify-key-7781"),
    ("a webhook's secret", "qzx-webhook-secret-7782"),
    ("a caller's key", "qzx-caller-key-7783"),
    ("a key that is not known", "qzx-wrong-key-7784"),
    ("a wrong webhook secret", "qzx-wrong-secret-7785"),
    ("an Idempotency-Key", "qzx-repeat-key-7786"),
    ("a bearer token", "qzx-bearer-token-7787"),
    ("a session cookie", "qzx-session-cookie-7788"),
    ("an administrator's key", "qzx-admin-key-7789"),
];

const ATTENDANCE: &str = "/attendance?from=2026-11-01&to=2026-11-07";
const NAME: &str = "Qzxavier Nametest";
const EMAIL: &str = "qzx.mail@example.com";
const CHANGED_NAME: &str = "Qzxena Renamed";
const DESCRIPTION: &str = "qzx description of work";
const SHEET_DESCRIPTION: &str = "qzx description of a sheet";
const REASON: &str = "qzx reason of a correction";
/// Hours of a correction, and the balance that it should have led to.
const CORRECTED: &str = "1357.91";
const BALANCE: &str = "1457.91";
const TRUCK: &str = "qzx truck plate";
const MANAGER: &str = "Qzxorro Manager";
const CLIENT: &str = "Qzx Client Limited";
const PROJECT: &str = "QZX-001 - Qzx Bridge";
const WORKER: &str = "Qzxelda Subcontractor";
const REPRESENTATIVE: &str = "Qzxim Representative";
const SIGNER: &str = "Qzxora Signer";
const NOTES: &str = "qzx notes of the foreman";
const MATERIAL: &str = "qzx material";
const RATE: &str = "7654.32";
const PARKED: &str = "qzx body of no JSON";
const QUESTION: &str = "qzx question of a lookup";

/// A value, the places where it must be found, and those where it may stand besides. It stands nowhere else.
type Personal = (&'static str, &'static [Place], &'static [Place]);

/// Personal data and figures. Clockify's webhooks carry some of them through the queue.
const PERSONAL: [Personal; 19] = [
    (
        NAME,
        &[Place::Database, Place::Answers, Place::Reports],
        &[Place::Queue],
    ),
    (EMAIL, &[Place::Database], &[Place::Queue]),
    (
        CHANGED_NAME,
        &[Place::Database, Place::Answers, Place::Reports],
        &[Place::Queue],
    ),
    (DESCRIPTION, &[Place::Database], &[Place::Queue]),
    (TRUCK, &[Place::Database], &[Place::Queue]),
    (MANAGER, &[Place::Database, Place::Reports], &[Place::Queue]),
    (CLIENT, &[Place::Database, Place::Answers], &[Place::Queue]),
    (PROJECT, &[Place::Database], &[Place::Queue]),
    (WORKER, LEM, &[]),
    (REPRESENTATIVE, LEM, &[]),
    (SIGNER, LEM, &[]),
    (NOTES, LEM, &[]),
    (SHEET_DESCRIPTION, LEM, &[]),
    (MATERIAL, LEM, &[]),
    (RATE, LEM, &[]),
    (REASON, &[Place::Database, Place::Answers], &[]),
    // A webhook of Clockify's tells it as the new balance.
    (
        CORRECTED,
        &[Place::Answers],
        &[Place::Database, Place::Queue],
    ),
    (BALANCE, &[Place::Answers], &[Place::Database]),
    (PARKED, &[Place::Parked], &[Place::Queue, Place::Database]),
];
/// What is entered into LEM sheets: an administrator reads it, and who changed it.
const LEM: &[Place] = &[Place::Database, Place::Answers, Place::AdminAnswers];

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Logs,
    Database,
    /// The queue's own file, messages decoded.
    Queue,
    /// The letter of a message that failed for good, decoded.
    Parked,
    /// What is inside the report files.
    Reports,
    /// Names of files and folders.
    FileNames,
    /// What somebody with every role was told.
    Answers,
    /// What `Admin` alone was told.
    AdminAnswers,
    /// What somebody without a role, or without a key, was told.
    Refusals,
}

struct Story {
    simulator: Simulator,
    host: LocalHost,
    http: reqwest::Client,
    answers: String,
    admin_answers: String,
    refusals: String,
    reports: Vec<u8>,
}

impl Story {
    async fn begin(data: &Path) -> Self {
        let now: Timestamp = NOW.parse().expect("an instant");
        let simulator = Simulator::start(Config {
            people: 3,
            weeks: 2,
            now,
            api_key: SECRETS[0].1.to_owned(),
            ..Config::default()
        })
        .await
        .expect("the simulator");
        let callers = json!({ "qzx": {
            "sha256": [sha256(SECRETS[2].1)],
            "roles": ["Reports.Read", "Payroll.Read", "Lem.Read", "Lem.Write", "Lem.Sign", "Lem.Rates", "Admin"],
        }, "administrator": {
            "sha256": [sha256(SECRETS[8].1)],
            "roles": ["Admin"],
        }, "nobody": { "sha256": [sha256("nobody")], "roles": [] } });
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let options = Options::for_test(root, data)
            .with("CLOCKIFY_API_URL", simulator.api_url())
            .with("CLOCKIFY_REPORTS_URL", simulator.reports_url())
            .with("CLOCKIFY_API_KEY", simulator.api_key())
            .with("CLOCKIFY_REQUESTS_PER_SECOND", "50")
            .with(
                "CLOCKIFY_WEBHOOK_SECRETS",
                json!({ "*": [SECRETS[1].1] }).to_string(),
            )
            .with("CALLER_KEYS", callers.to_string())
            .with("BANKED_POLICY_ID", simulator.banked_policy_id())
            .with("BALANCE_HOLD_HOURS", "10000")
            .with("CLOCKING_NOW", NOW)
            .with("LOCAL_RETRY_DELAY_MS", "1")
            // More than anybody would switch on in production.
            .with("LOG_FILTER", "info,shared=debug,handlers=debug");
        let options = Options {
            // Built with this test's workspace; None: it is built now.
            handler: cargo::sister("handlers"),
            ..options
        };
        let host = LocalHost::start(options).await.expect("the host");
        host.until_ready().await.expect("the handler");
        Self {
            simulator,
            host,
            http: reqwest::Client::new(),
            answers: String::new(),
            admin_answers: String::new(),
            refusals: String::new(),
            reports: Vec::new(),
        }
    }

    async fn call(&mut self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self
            .http
            .request(method, self.host.url(&format!("/api{path}")))
            .header("x-api-key", SECRETS[2].1)
            .header("idempotency-key", format!("{}-{path}", SECRETS[5].1));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(status.is_success(), "{path}: {status} {text}");
        self.answers.push_str(&text);
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Asks as somebody who may not; what he is told is kept apart.
    async fn refused(&mut self, path: &str, headers: &[(&str, &str)], body: &str) {
        let mut request = self.http.post(self.host.url(&format!("/api{path}")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        assert!(
            answer.status().is_client_error(),
            "{path}: {}",
            answer.status()
        );
        self.refusals
            .push_str(&answer.text().await.expect("a whole answer"));
    }

    async fn ask_as_administrator(&mut self, path: &str) {
        let request = self.http.get(self.host.url(&format!("/api{path}")));
        let answer = request.header("x-api-key", SECRETS[8].1).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a whole answer");
        assert!(status.is_success(), "{path}: {status} {text}");
        self.admin_answers.push_str(&text);
    }

    async fn job(&mut self, path: &str) -> Value {
        let job = self.finished(path).await;
        assert_eq!(job["status"], "succeeded", "{path}: {job}");
        job
    }

    async fn finished(&mut self, path: &str) -> Value {
        let asked = self.call("POST", path, json!({})).await;
        let id = asked["jobId"].as_str().expect("a job").to_owned();
        let http = self.http.clone();
        let url = self.host.url(&format!("/api/jobs/{id}"));
        until(PATIENCE, async || {
            let answer = http
                .get(&url)
                .header("x-api-key", SECRETS[2].1)
                .send()
                .await
                .ok()?;
            let job: Value = answer.json().await.ok()?;
            matches!(job["status"].as_str(), Some("succeeded" | "failed")).then_some(job)
        })
        .await
        .expect("the job ends")
    }

    /// Makes a report and reads its files by their links, without any key.
    async fn report(&mut self, path: &str) {
        let job = self.job(path).await;
        for file in job["files"].as_array().expect("files") {
            let url = file["url"].as_str().expect("a link");
            let answer = self.http.get(url).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{}", answer.status());
            let bytes = answer.bytes().await.expect("the file");
            self.reports.extend(unpacked(&bytes));
        }
    }

    async fn happens(&self, command: Command) -> Id {
        let outcome = self
            .simulator
            .control()
            .run(&command)
            .await
            .expect("it happens");
        outcome.id().expect("what was made")
    }

    async fn is_quiet(&self) {
        self.simulator
            .control()
            .settled(PATIENCE)
            .await
            .expect("all webhooks answered");
        until(PATIENCE, async || {
            let events = self.host.counts(CLOCKIFY_EVENTS).await.ok()?;
            let jobs = self.host.counts(JOBS).await.ok()?;
            (events.ready + events.leased + jobs.ready + jobs.leased == 0).then_some(())
        })
        .await
        .expect("the queues are empty");
    }
}

fn sha256(key: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(key))
}

/// The text inside a file: that of its parts where it is a zip, and of theirs.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = bytes.to_vec();
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) {
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).expect("a part");
            text.extend_from_slice(part.name().as_bytes());
            let mut content = Vec::new();
            part.read_to_end(&mut content).expect("its content");
            text.extend(unpacked(&content));
        }
    }
    text
}

/// Every stretch of base64 in the text, decoded: queue messages carry bodies so.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let mut text = Vec::new();
    for stretch in bytes
        .split(|byte| !is_base64(byte))
        .filter(|stretch| stretch.len() >= 16)
    {
        text.extend(STANDARD.decode(stretch).unwrap_or_default());
        text.push(b' ');
    }
    text
}

/// In any of the forms in which an address, a form or a text writes it.
fn holds(text: &[u8], wanted: &str) -> bool {
    let forms = [" ", "%20", "+"].map(|blank| wanted.replace(' ', blank));
    forms.iter().any(|form| {
        let form = form.as_bytes();
        text.windows(form.len()).any(|window| window == form)
    })
}

/// The bytes of a database file and of what is not yet written into it.
fn database(data: &Path, name: &str) -> Vec<u8> {
    ["", "-wal", "-shm"]
        .iter()
        .filter_map(|suffix| fs::read(data.join(format!("{name}{suffix}"))).ok())
        .flatten()
        .collect()
}

fn file_names(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        into.push_str(&path.display().to_string());
        into.push('\n');
        if path.is_dir() {
            file_names(&path, into);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rare_value_is_found_only_where_it_may_be() {
    let data = tempfile::tempdir().expect("a folder");
    let mut story = Story::begin(data.path()).await;
    live(&mut story).await;
    refuse_and_fail(&mut story).await;
    story.is_quiet().await;

    let output = story.host.handler().output().lines();
    assert!(output.len() > 50, "only {} lines of log", output.len());
    for line in &output {
        assert!(!line.is_error, "on stderr: {}", line.text);
    }
    let mut logs = fs::read(data.path().join("handler.log")).expect("the log");
    logs.extend(output.iter().flat_map(|line| line.text.bytes()));
    let queue = database(data.path(), "queue.db");
    let letters = dead_letters(data.path());
    let mut names = String::new();
    file_names(data.path(), &mut names);
    let mut clocking = database(data.path(), "clocking.db");
    clocking.extend(decoded(&clocking));
    let places: BTreeMap<Place, Vec<u8>> = BTreeMap::from([
        (Place::Logs, [logs.clone(), decoded(&logs)].concat()),
        (Place::Database, clocking),
        (Place::Queue, [queue.clone(), decoded(&queue)].concat()),
        (Place::Parked, [letters.clone(), decoded(&letters)].concat()),
        (Place::Reports, story.reports.clone()),
        (Place::FileNames, names.into_bytes()),
        (Place::Answers, story.answers.clone().into_bytes()),
        (
            Place::AdminAnswers,
            story.admin_answers.clone().into_bytes(),
        ),
        (Place::Refusals, story.refusals.clone().into_bytes()),
    ]);

    for (what, secret) in SECRETS {
        for (place, text) in &places {
            assert!(!holds(text, secret), "{what} stands in {place:?}");
        }
    }
    let mut wrong = Vec::new();
    for (value, must, may) in PERSONAL {
        for (place, text) in &places {
            let found = holds(text, value);
            if must.contains(place) && !found {
                wrong.push(format!("{value:?} is missing in {place:?}"));
            }
            if found && !must.contains(place) && !may.contains(place) {
                wrong.push(format!("{value:?} stands in {place:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        !holds(&places[&Place::Logs], QUESTION),
        "a question stands in the log"
    );
}

/// A company at work: people, entries, webhooks, LEM sheets, reports.
async fn live(story: &mut Story) {
    let day: Date = "2026-11-03".parse().expect("a day");
    let client = story
        .happens(Command::AddClient {
            name: "QZX".to_owned(),
            note: Some(CLIENT.to_owned()),
        })
        .await;
    let project = story
        .happens(Command::AddProject {
            name: PROJECT.to_owned(),
            client: Some(client),
            tasks: Vec::new(),
        })
        .await;
    let person = story
        .happens(Command::AddPerson(PersonPlan {
            name: NAME.to_owned(),
            email: EMAIL.to_owned(),
            first_day: "2026-01-05".parse().expect("a day"),
            fields: BTreeMap::from([
                ("Reporting Manager".to_owned(), json!(MANAGER)),
                ("Truck".to_owned(), json!(true)),
                ("Truck Details".to_owned(), json!(TRUCK)),
                ("Rate Type".to_owned(), json!("0")),
                ("Start Date".to_owned(), json!("2026-01-05")),
            ]),
        }))
        .await;
    let start: Timestamp = "2026-11-03T15:00:00Z".parse().expect("an instant");
    let plan = |start: Timestamp| EntryPlan {
        person,
        start,
        end: Some(start + 8.hours()),
        project: Some(project),
        task: None,
        tags: Vec::new(),
        billable: Some(true),
        description: DESCRIPTION.to_owned(),
        is_break: false,
    };
    story.happens(Command::RecordEntry(plan(start))).await;
    story
        .simulator
        .control()
        .submit(person, day)
        .await
        .expect("handed in");
    story
        .simulator
        .control()
        .approve_all(None)
        .await
        .expect("approved");
    story.job("/sync/all").await;
    story.report("/reports/payroll").await;
    story.call("GET", ATTENDANCE, Value::Null).await;

    let hooks = story.host.url("/api/clockify/webhooks");
    story
        .simulator
        .control()
        .add_webhooks(&hooks, Some(SECRETS[1].1))
        .await
        .expect("hooks");
    story
        .happens(Command::RecordEntry(plan(start + 24.hours())))
        .await;
    story
        .happens(Command::EditPerson {
            person,
            change: PersonChange {
                name: Some(CHANGED_NAME.to_owned()),
                ..PersonChange::default()
            },
        })
        .await;
    let change = ProjectChange {
        name: Some(PROJECT.to_owned()),
        ..ProjectChange::default()
    };
    story
        .happens(Command::EditProject { project, change })
        .await;
    story.is_quiet().await;

    let (client, project) = (client.to_string(), project.to_string());
    let role = story
        .call(
            "POST",
            "/roles",
            json!({ "clientId": client, "name": "Surveyor" }),
        )
        .await;
    let rate = json!({
        "clientId": client, "projectId": project, "roleId": role["id"], "validFrom": "2026-01-01", "workRate": RATE,
    });
    story.call("PUT", "/rates/workers", rate).await;
    let sheet = json!({
        "clientId": client, "projectId": project, "date": "2026-11-03", "notes": NOTES, "description": SHEET_DESCRIPTION,
        "clientRepresentative": REPRESENTATIVE,
        "workers": [{ "worker": WORKER, "roleId": role["id"], "workHours": 1 }],
        "materials": [{ "description": MATERIAL, "quantity": 1, "unitCost": 2 }],
    });
    let sheet = story.call("POST", "/lem-sheets", sheet).await;
    let sheet = format!("/lem-sheets/{}", sheet["id"].as_str().expect("an id"));
    story
        .call("POST", &format!("{sheet}/submit"), json!({}))
        .await;
    let png = STANDARD.encode(include_bytes!("../../golden/signature.png"));
    let signature = json!({ "name": SIGNER, "signaturePng": png });
    story
        .call("POST", &format!("{sheet}/sign"), signature)
        .await;
    story.call("GET", ATTENDANCE, Value::Null).await;
    for path in [
        "/lookups/employees",
        "/lookups/clients",
        "/jobs",
        "/deliveries",
        "/flags",
        "/audit",
        "/whoami",
    ] {
        story.call("GET", path, Value::Null).await;
    }
    let question = QUESTION.replace(' ', "%20");
    story
        .call(
            "GET",
            &format!("/lookups/projects?q={question}"),
            Value::Null,
        )
        .await;
    story.report("/reports/time-status").await;
    story.report("/reports/billing").await;
    balances(story, &person.to_string()).await;
    for path in ["/audit", "/jobs", "/flags", "/deliveries"] {
        story.ask_as_administrator(path).await;
    }
}

/// Two corrections of a balance are pushed; of the second Clockify makes something else.
async fn balances(story: &mut Story, person: &str) {
    let policy = story.simulator.banked_policy_id();
    let absolute = Switches {
        balance_patch: BalancePatch::Absolute,
        ..Switches::default()
    };
    for (hours, switches) in [("100", Switches::default()), (CORRECTED, absolute)] {
        let correction = json!({
            "employeeId": person, "policyId": policy, "hours": hours, "reason": format!("{REASON} {hours}"),
        });
        let path = format!("/balances/corrections?hours={hours}");
        story.call("POST", &path, correction).await;
        let control = story.simulator.control();
        control.set_switches(&switches).await.expect("set");
        let path = format!("/balances/banked?hours={hours}");
        let job = story.finished(&path).await;
        let ended = if hours == CORRECTED {
            "failed"
        } else {
            "succeeded"
        };
        assert_eq!(job["status"], ended, "{job}");
    }
    for path in [
        "/balances".to_owned(),
        "/balances/pushes".to_owned(),
        format!("/balances/ledger?employeeId={person}&policyId={policy}"),
    ] {
        story.call("GET", &path, Value::Null).await;
    }
}

/// What goes wrong: wrong keys, bodies of no meaning, Clockify's errors, a message that fails for good.
async fn refuse_and_fail(story: &mut Story) {
    let bearer = format!("Bearer {}", SECRETS[6].1);
    let cookie = format!("AppServiceAuthSession={}", SECRETS[7].1);
    let body = json!({ "notes": NOTES, "workers": [{ "worker": WORKER, "nonsense": WORKER }] })
        .to_string();
    let json = ("content-type", "application/json");
    for headers in [
        vec![("x-api-key", SECRETS[3].1), json],
        vec![("x-api-key", "nobody"), json],
        vec![
            ("authorization", bearer.as_str()),
            ("cookie", cookie.as_str()),
            json,
        ],
    ] {
        story.refused("/lem-sheets", &headers, &body).await;
    }
    story
        .refused(
            &format!("/lem-sheets/{}", NOTES.replace(' ', "%20")),
            &[("x-api-key", "nobody")],
            "",
        )
        .await;
    let event = ("clockify-webhook-event-type", "NEW_PROJECT");
    story
        .refused(
            "/clockify/webhooks",
            &[event, ("clockify-signature", SECRETS[4].1)],
            PARKED,
        )
        .await;

    // A body of no meaning is taken, and fails for good.
    let url = story.host.url("/api/clockify/webhooks");
    let taken = story
        .http
        .post(url)
        .header(event.0, event.1)
        .header("clockify-signature", SECRETS[1].1)
        .body(PARKED)
        .send()
        .await
        .expect("an answer");
    assert_eq!(taken.status(), 202);
    let poisoned = format!("{CLOCKIFY_EVENTS}{POISON_SUFFIX}");
    until(PATIENCE, async || {
        let counts = story.host.counts(&poisoned).await.ok()?;
        (counts.ready > 0).then_some(())
    })
    .await
    .expect("five tries have failed");
    story
        .host
        .run_by_hand("watchdog", "")
        .expect("the watchdog");
    let data = story.host.data_dir.clone();
    until(PATIENCE, async || {
        (!dead_letters(&data).is_empty()).then_some(())
    })
    .await
    .expect("it is filed");
    story.call("GET", "/dead-letters", Value::Null).await;

    // Clockify answers with errors and pages of HTML.
    let control = story.simulator.control();
    for trouble in [Trouble::Html, Trouble::HalfBody, Trouble::Status(500)] {
        control
            .add_fault(&Fault::once("*/users*", trouble))
            .await
            .expect("a fault");
    }
    story.job("/sync/users").await;
}

/// The texts of the messages that failed for good, as the database keeps them.
fn dead_letters(data: &Path) -> Vec<u8> {
    let database = rusqlite::Connection::open(data.join("clocking.db")).expect("the database");
    let mut letters = database
        .prepare("SELECT message FROM dead_letter")
        .expect("a question");
    let texts = letters
        .query_map([], |row| row.get::<_, String>(0))
        .expect("rows");
    texts
        .map(|text| text.expect("a text"))
        .collect::<String>()
        .into_bytes()
}

//! Every answer and every webhook has the shape of the fixture for it: the same keys, the same JSON
//! types, null only where a fixture or clockify.md allows it.

mod shape;

use std::{fs, path::PathBuf};

use clockify_sim::{Config, Simulator, Switches};
use serde_json::Value;
use shape::Shape;

fn fixtures(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/clockify")
        .join(folder)
}

fn read(folder: &str, name: &str) -> Value {
    let path = fixtures(folder).join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn learnt(folder: &str, names: &[&str]) -> Shape {
    let mut shape = Shape::default();
    for name in names {
        shape.learn(&read(folder, &format!("{name}.json")));
    }
    shape
}

/// Places where clockify.md allows what no fixture shows.
const ALLOWED: [&str; 9] = [
    // §6: the value of a custom field is of any type, or null.
    ".value",
    // §3, §4.1: rates are {amount, currency} or null.
    ".hourlyRate",
    ".costRate",
    // §8.1: not every policy accrues by itself.
    ".automaticAccrual",
    // §7: null in real data.
    ".expenses[].category",
    ".expenses[].project",
    ".expenses[].notes",
    ".expenses[].fileId",
    ".expenses[].fileName",
];

async fn simulator() -> Simulator {
    Simulator::start(Config {
        switches: Switches {
            requests_per_second: None,
            ..Switches::default()
        },
        now: "2026-11-02T15:00:00Z".parse().unwrap(),
        ..Config::default()
    })
    .await
    .unwrap()
}

struct Api {
    simulator: Simulator,
    http: reqwest::Client,
}

impl Api {
    async fn start() -> Self {
        Self {
            simulator: simulator().await,
            http: reqwest::Client::new(),
        }
    }

    fn workspace(&self) -> String {
        format!(
            "{}/workspaces/{}",
            self.simulator.api_url(),
            self.simulator.workspace_id()
        )
    }

    async fn json(&self, request: reqwest::RequestBuilder) -> Value {
        let response = request
            .header("x-api-key", self.simulator.api_key())
            .send()
            .await
            .unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.workspace())
        };
        self.json(self.http.get(url)).await
    }

    async fn post(&self, url: &str, body: &Value) -> Value {
        self.json(
            self.http
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
        )
        .await
    }
}

fn assert_same(what: &str, shape: &Shape, value: &Value) {
    let differences = shape.differences(value, &ALLOWED);
    assert!(differences.is_empty(), "{what}:\n{differences:#?}");
}

#[tokio::test]
async fn every_list_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let user = format!("{}/user", api.simulator.api_url());
    let workspaces = format!("{}/workspaces", api.simulator.api_url());
    let person = api.get(&user).await["id"].as_str().unwrap().to_owned();
    let project = api.get("/projects").await[3]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let banked = api.get("/time-off/policies").await[2]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let vacation = api.get("/time-off/policies").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let entries = format!("/user/{person}/time-entries?page-size=200");
    let hydrated = format!("/user/{person}/time-entries?hydrated=true");
    let cases: &[(&str, &[&str])] = &[
        (&user, &["user", "users"]),
        (&workspaces, &["workspaces"]),
        (
            "/users?status=ALL&memberships=WORKSPACE&include-roles=false&page-size=200",
            &["users"],
        ),
        ("/user-groups?includeTeamManagers=true", &["user-groups"]),
        ("/clients?page-size=200", &["clients"]),
        ("/projects?page-size=200", &["projects"]),
        ("/tags", &["tags"]),
        ("/custom-fields", &["custom-fields"]),
        (
            &format!("/projects/{project}/tasks"),
            &["tasks.ridge", "tasks.fitup", "tasks.legacy"],
        ),
        (
            &entries,
            &[
                "time-entries.avery",
                "time-entries.jordan",
                "time-entries.zoe",
                "time-entries.morgan",
                "time-entries.priya",
            ],
        ),
        (&hydrated, &["time-entries.jordan.hydrated"]),
        (
            "/time-entries/status/in-progress",
            &["time-entries.in-progress"],
        ),
        (
            "/approval-requests?status=PENDING&sort-column=UPDATED_AT&sort-order=DESCENDING",
            &["approval-requests.pending", "approval-requests.approved"],
        ),
        (
            "/approval-requests?status=APPROVED&sort-column=UPDATED_AT&page-size=200",
            &["approval-requests.pending", "approval-requests.approved"],
        ),
        (
            "/approval-requests?status=WITHDRAWN_APPROVAL",
            &["approval-requests.withdrawn-approval"],
        ),
        ("/expenses?page-size=200", &["expenses"]),
        ("/expenses/categories", &["expense-categories"]),
        (
            "/expenses/categories?archived=true",
            &["expense-categories.archived"],
        ),
        ("/holidays", &["holidays"]),
        (
            &format!(
                "/holidays/in-period?assigned-to={person}&start=2026-10-01T00:00:00Z&end=2026-10-31T00:00:00Z"
            ),
            &["holidays.in-period", "holidays"],
        ),
        ("/time-off/policies?status=ALL", &["time-off-policies"]),
        (
            &format!("/time-off/balance/policy/{banked}?page-size=200"),
            &["balances.policy-banked"],
        ),
        (
            &format!("/time-off/balance/policy/{vacation}?page-size=200"),
            &["balances.policy-vacation"],
        ),
        (
            &format!("/time-off/balance/user/{person}"),
            &["balances.user-jordan"],
        ),
        (
            &format!("/member-profile/{person}"),
            &["member-profile.jordan"],
        ),
    ];
    for (path, names) in cases {
        let value = api.get(path).await;
        let rows = value.as_array().map_or(1, Vec::len);
        assert!(rows > 0, "{path} is empty");
        assert_same(path, &learnt("api", names), &value);
    }
}

#[tokio::test]
async fn every_search_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let workspace = api.workspace();
    let requests = api
        .post(
            &format!("{workspace}/time-off/requests"),
            &read("api/request-bodies", "time-off-requests.search.json"),
        )
        .await;
    assert!(requests["count"].as_u64().unwrap() > 20);
    assert_same(
        "time off",
        &learnt("api", &["time-off-requests"]),
        &requests,
    );

    let mut question = read("api/request-bodies", "report.detailed.json");
    question["dateRangeStart"] = "2026-10-25T00:00:00.000".into();
    question["dateRangeEnd"] = "2026-10-31T23:59:59.999".into();
    let reports = format!(
        "{}/workspaces/{}/reports/detailed",
        api.simulator.reports_url(),
        api.simulator.workspace_id()
    );
    for (zone, name) in [("America/Edmonton", "edmonton"), ("UTC", "utc")] {
        question["timeZone"] = zone.into();
        let report = api.post(&reports, &question).await;
        assert!(report["timeentries"].as_array().unwrap().len() > 100);
        assert_same(name, &learnt("api", &["report.detailed.edmonton"]), &report);
        let start = report["timeentries"][0]["timeInterval"]["start"]
            .as_str()
            .unwrap();
        assert_eq!(start.ends_with('Z'), zone == "UTC", "{start}");
    }
}

#[tokio::test]
async fn every_single_record_has_the_shape_of_its_fixture() {
    let api = Api::start().await;
    let person = api.get(&format!("{}/user", api.simulator.api_url())).await["id"].clone();
    let entries = api
        .get(&format!("/user/{}/time-entries", person.as_str().unwrap()))
        .await;
    let expenses = api.get("/expenses").await;
    let mut expense = learnt("api", &["expense.single"]);
    // §7: notes, file, project and category may be null.
    expense.learn(&serde_json::json!({
        "id": "", "workspaceId": "", "userId": "", "date": "", "projectId": null, "taskId": null,
        "categoryId": null, "notes": null, "quantity": 1, "billable": true, "fileId": null,
        "total": 1, "locked": false,
    }));
    for row in entries.as_array().unwrap().iter().take(20) {
        let path = format!("/time-entries/{}", row["id"].as_str().unwrap());
        let single = api.get(&path).await;
        assert_eq!(single, *row, "the list and the single read agree");
    }
    for row in expenses["expenses"]["expenses"]
        .as_array()
        .unwrap()
        .iter()
        .take(30)
    {
        let path = format!("/expenses/{}", row["id"].as_str().unwrap());
        assert_same(&path, &expense, &api.get(&path).await);
    }
}

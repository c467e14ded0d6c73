//! What Clockify says, asked of its API and reckoned by hand: the expectation that the app's figures are held against.
//! Nothing here is the app's own code.

use std::collections::BTreeMap;

use clockify_sim::{Control, SheetState, Simulator};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use local_host::waiting::until;
use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::story::PATIENCE;

/// Clockify, asked over HTTP.
#[derive(Debug)]
pub struct Clockify {
    http: reqwest::Client,
    base: String,
    key: String,
    control: Control,
}

/// A finished piece of work.
#[derive(Debug, Clone)]
pub struct Work {
    pub entry: String,
    pub person: String,
    pub name: String,
    pub project: Option<String>,
    /// The local day on which it starts.
    pub date: Date,
    /// To the nearest quarter, half up.
    pub hours: Decimal,
    pub billable: bool,
    /// Per hour; None: Clockify has none.
    pub rate: Option<Decimal>,
    /// The state of the timesheet that holds it.
    pub state: Option<SheetState>,
}

impl Work {
    /// Whether it is paid: handed in or approved.
    pub fn counts(&self) -> bool {
        matches!(self.state, Some(SheetState::Pending | SheetState::Approved))
    }
}

impl Clockify {
    pub(crate) fn of(simulator: &Simulator) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: format!(
                "{}/workspaces/{}",
                simulator.api_url(),
                simulator.workspace_id()
            ),
            key: simulator.api_key().to_owned(),
            control: simulator.control(),
        }
    }

    /// An answer of the API, which must be a good one.
    pub async fn get(&self, path: &str) -> Value {
        self.ask(self.http.get(format!("{}{path}", self.base)))
            .await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Value {
        let request = request.header("x-api-key", &self.key);
        let answer = until(PATIENCE, async || {
            let again = request.try_clone().expect("a request");
            let answer = again.send().await.expect("an answer");
            // The app asks as well, and both count.
            (answer.status() != StatusCode::TOO_MANY_REQUESTS).then_some(answer)
        });
        let answer = answer.await.expect("an answer in time").error_for_status();
        answer.expect("a good one").json().await.expect("JSON")
    }

    /// Approved leave as person (by id), policy and days, as far as it begins this year.
    pub async fn leave(&self) -> Vec<(String, String, Vec<Date>)> {
        let asked = json!({
            "start": "2026-01-01T00:00:00.000000Z", "end": "2026-12-31T23:59:59.999999Z",
            "page": 1, "pageSize": 200, "statuses": ["APPROVED"], "users": [], "userGroups": [],
        });
        let request = self.http.post(format!("{}/time-off/requests", self.base));
        let answer = self.ask(request.json(&asked)).await;
        let rows = answer["requests"].as_array().expect("requests").iter();
        let leave: Vec<_> = rows
            .map(|row| {
                let day = |name: &str| day_of(&row["timeOffPeriod"]["period"][name]);
                let (first, last) = (day("start"), day("end"));
                let text = |name: &str| row[name].as_str().expect("a text").to_owned();
                let days = first.series(1.day()).take_while(|day| *day <= last);
                (text("userId"), text("policyName"), days.collect())
            })
            .collect();
        assert!(leave.len() < 200, "one page holds them all");
        leave
    }

    /// All rows of a list.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut rows = Vec::new();
        for page in 1.. {
            let more = self
                .get(&format!("{path}{sign}page={page}&page-size=200"))
                .await;
            let more = more.as_array().expect("an array").clone();
            let is_last = more.len() < 200;
            rows.extend(more);
            if is_last {
                break;
            }
        }
        rows
    }

    /// The people of the company.
    pub async fn users(&self) -> Vec<Value> {
        self.list("/users?include-roles=false").await
    }

    /// All finished work (`REGULAR` entries that have ended) of those days.
    pub async fn work(&self, first: Date, last: Date) -> Vec<Work> {
        let sheets = self.control.sheets().await.expect("timesheets");
        let states: BTreeMap<_, _> = sheets.iter().map(|one| (one.id, one.state)).collect();
        let mut all = Vec::new();
        for person in self.control.people().await.expect("people") {
            let mut holders = BTreeMap::new();
            let mut week = first;
            while week <= last.saturating_add(7.days()) {
                let entries = self.control.entries(person.id, week).await;
                for entry in entries.expect("entries") {
                    holders.insert(entry.id.to_string(), entry.sheet);
                }
                week = week.saturating_add(7.days());
            }
            let path = format!(
                "/user/{}/time-entries?start={}T00:00:00Z&end={}T00:00:00Z",
                person.id,
                first.saturating_sub(2.days()),
                last.saturating_add(3.days()),
            );
            for entry in self.list(&path).await {
                let id = entry["id"].as_str().expect("an id").to_owned();
                let Some((date, hours)) = time_of(&entry) else {
                    continue;
                };
                if entry["type"] != "REGULAR" || date < first || date > last {
                    continue;
                }
                let holder = holders.get(&id).copied().flatten();
                all.push(Work {
                    person: person.id.to_string(),
                    name: person.name.clone().unwrap_or_default(),
                    project: entry["projectId"].as_str().map(str::to_owned),
                    date,
                    hours,
                    billable: entry["billable"] == true,
                    rate: entry["hourlyRate"]["amount"]
                        .as_i64()
                        .map(|cents| Decimal::new(cents, 2)),
                    state: holder.and_then(|sheet| states.get(&sheet).copied()),
                    entry: id,
                });
            }
        }
        all
    }
}

/// The local day of an instant. The stories play after 8 March 2026, since when Edmonton is six hours behind UTC all year.
fn day_of(instant: &Value) -> Date {
    let instant: Timestamp = instant
        .as_str()
        .and_then(|text| text.parse().ok())
        .expect("an instant");
    jiff::tz::Offset::constant(-6).to_datetime(instant).date()
}

/// The local day and the hours of an entry; None while its timer runs.
fn time_of(entry: &Value) -> Option<(Date, Decimal)> {
    let instant = |name: &str| -> Option<Timestamp> {
        let text = entry["timeInterval"][name].as_str()?;
        Some(text.parse().expect("an instant"))
    };
    let (start, end) = (instant("start")?, instant("end")?);
    let date = day_of(&entry["timeInterval"]["start"]);
    let seconds = end.as_second() - start.as_second();
    let quarters = (seconds + 450).div_euclid(900);
    Some((date, Decimal::new(quarters * 25, 2)))
}

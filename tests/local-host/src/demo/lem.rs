//! LEM sheets of the demo, written through the interface as the Power App does: names, rates, tickets, a signature.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DemoError, api::Api};

const SIGNATURE: &[u8] = include_bytes!("../../../golden/signature.png");
/// Roles with what they cost: work, travel, calculations, a meal, a night.
const ROLES: [(&str, [&str; 5]); 2] = [
    ("Party Chief", ["118", "95", "125", "25", "165"]),
    ("Survey Assistant", ["84.50", "70", "0", "25", "165"]),
];
/// Machines with what they cost: per unit, per day.
const MACHINES: [(&str, [&str; 2]); 2] = [
    ("Total station", ["0", "145"]),
    ("GNSS receiver", ["0", "120"]),
];

/// The tickets of one project.
#[derive(Debug)]
pub(super) struct Tickets {
    project: Project,
    first_day: Date,
    last_day: Date,
    /// Number and id of each sheet, the signed one first.
    sheets: Vec<(String, String)>,
    /// The grand total of the signed one, as it is answered.
    total: String,
}

#[derive(Debug)]
struct Project {
    id: String,
    name: String,
    client_id: String,
}

impl fmt::Display for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<&str> = self.sheets.iter().map(|(number, _)| &**number).collect();
        let (numbers, total) = (numbers.join(", "), &self.total);
        write!(
            f,
            "{numbers} of {}, the first signed over ${total}",
            self.project.name
        )
    }
}

impl Tickets {
    /// Writes three sheets of the days before `now`: one is signed, one submitted, one a draft.
    pub(super) async fn write(api: &Api, now: Timestamp) -> Result<Self, DemoError> {
        let last_day = now.to_zoned(TimeZone::UTC).date().saturating_sub(1.day());
        let first_day = last_day.saturating_sub(2.days());
        let project = project(api).await?;
        let people = api
            .get("/api/lookups/employees?active=true&limit=2")
            .await?;
        let people = &people["items"];
        let roles = roles(api, &project, first_day).await?;
        let machines = machines(api, &project, first_day).await?;
        let mut sheets = Vec::new();
        for days in 0..3_i32 {
            let body = json!({
                "id": Uuid::now_v7(),
                "clientId": project.client_id,
                "projectId": project.id,
                "date": first_day.saturating_add(days.days()),
                "projectManagerId": people[0]["id"],
                "clientRepresentative": "Rosa Ferreira",
                "notes": "Pile layout, north abutment",
                "description": "Staked the piles of the north abutment and checked the control network.",
                "workers": [
                    { "worker": people[1]["name"], "employeeId": people[1]["id"], "roleId": roles[0],
                      "workHours": 8.5, "travelHours": 1.5, "calcHours": 2, "meals": 1 },
                    { "worker": "J. Okafor (Bluewater Piling)", "roleId": roles[1],
                      "workHours": 8.5, "travelHours": 1.5, "meals": 1, "hotelNights": 1 },
                ],
                "equipment": [
                    { "equipmentId": machines[0], "quantity": 1, "basis": "day" },
                    { "equipmentId": machines[1], "quantity": 2, "basis": "day" },
                ],
                "materials": [{ "description": "Wooden stakes, 4 ft", "quantity": 48, "unit": "piece",
                                "unitCost": 1.35, "markupPercent": 12.5 }],
            });
            let made = api.post("/api/lem-sheets", &body).await?;
            sheets.push((text(&made, "number"), text(&made, "id")));
        }
        for (_, id) in &sheets[..2] {
            api.post(&format!("/api/lem-sheets/{id}/submit"), &json!({}))
                .await?;
        }
        let signature =
            json!({ "name": "Rosa Ferreira", "signaturePng": STANDARD.encode(SIGNATURE) });
        let path = format!("/api/lem-sheets/{}/sign", sheets[0].1);
        let signed = api.post(&path, &signature).await?;
        Ok(Self {
            project,
            first_day,
            last_day,
            sheets,
            total: signed["totals"]["grand"].to_string(),
        })
    }

    /// What the report of one sheet must be told.
    pub(super) fn of_the_signed_one(&self) -> Value {
        json!({ "lemSheetId": self.sheets[0].1 })
    }

    /// What the report of all sheets must be told.
    pub(super) fn of_all(&self) -> Value {
        json!({ "projectId": self.project.id, "from": self.first_day, "to": self.last_day })
    }
}

/// The first project that has a client.
async fn project(api: &Api) -> Result<Project, DemoError> {
    let projects = api
        .get("/api/lookups/projects?active=true&limit=200")
        .await?;
    let projects = projects["items"].as_array();
    let found = projects
        .into_iter()
        .flatten()
        .find(|project| project["clientId"].is_string())
        .ok_or_else(|| DemoError::Refused("no project has a client".to_owned()))?;
    Ok(Project {
        id: text(found, "id"),
        name: text(found, "name"),
        client_id: text(found, "clientId"),
    })
}

/// The ids of the roles, with their rates.
async fn roles(api: &Api, project: &Project, from: Date) -> Result<Vec<String>, DemoError> {
    let mut ids = Vec::new();
    for (name, [work, travel, calc, meal, hotel]) in ROLES {
        let id = named(api, "/api/roles", project, name).await?;
        let rate = json!({
            "clientId": project.client_id, "projectId": project.id, "roleId": id, "validFrom": from,
            "workRate": work, "travelRate": travel, "calcRate": calc, "mealRate": meal, "hotelRate": hotel,
        });
        api.put("/api/rates/workers", &rate).await?;
        ids.push(id);
    }
    Ok(ids)
}

/// The ids of the machines, with their rates.
async fn machines(api: &Api, project: &Project, from: Date) -> Result<Vec<String>, DemoError> {
    let mut ids = Vec::new();
    for (name, [unit, day]) in MACHINES {
        let id = named(api, "/api/equipment", project, name).await?;
        let rate = json!({
            "clientId": project.client_id, "projectId": project.id, "equipmentId": id, "validFrom": from,
            "unitRate": unit, "dayRate": day,
        });
        api.put("/api/rates/equipment", &rate).await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn named(api: &Api, path: &str, project: &Project, name: &str) -> Result<String, DemoError> {
    let body = json!({ "clientId": project.client_id, "name": name });
    Ok(text(&api.post(path, &body).await?, "id"))
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}

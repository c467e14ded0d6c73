//! A project with its prices: what a foreman's tickets are written for.

use end_to_end::{people::Person, story::Story};
use serde_json::{Value, json};

/// A client's project, a role and a machine, with prices since the start of the year.
pub(crate) struct Site {
    pub(crate) client: Value,
    pub(crate) project: Value,
    pub(crate) role: Value,
    pub(crate) machine: Value,
}

impl Site {
    /// Chosen in the app's drop-downs; the prices are those of the tests below.
    pub(crate) async fn of(story: &Story) -> Self {
        let app = story.api(Person::PowerApps);
        let projects = app.list("/lookups/projects?active=true").await;
        let project = projects
            .into_iter()
            .find(|project| project["clientId"].is_string() && project["code"].is_string())
            .expect("a project of a client");
        let client = project["clientId"].clone();
        let role = app
            .post("/roles", &json!({"clientId": client, "name": "Surveyor"}))
            .await
            .expect(201);
        let machine = app
            .post(
                "/equipment",
                &json!({"clientId": client, "name": "Total station"}),
            )
            .await
            .expect(201);
        let site = Self {
            client,
            project: project["id"].clone(),
            role: role["id"].clone(),
            machine: machine["id"].clone(),
        };
        site.set_work_rate(story, "95.50").await;
        let bookkeeper = story.api(Person::Bookkeeper);
        let rate = json!({
            "clientId": site.client, "projectId": site.project, "equipmentId": site.machine,
            "validFrom": "2026-01-01", "unitRate": 40, "dayRate": 350,
        });
        bookkeeper.put("/rates/equipment", &rate).await.expect(200);
        site
    }

    /// Prices of the role from the first of January on.
    pub(crate) async fn set_work_rate(&self, story: &Story, work_rate: &str) {
        let rate = json!({
            "clientId": self.client, "projectId": self.project, "roleId": self.role,
            "validFrom": "2026-01-01", "workRate": work_rate, "travelRate": 80, "calcRate": 110,
            "mealRate": 25, "hotelRate": 160,
        });
        let bookkeeper = story.api(Person::Bookkeeper);
        bookkeeper.put("/rates/workers", &rate).await.expect(200);
    }

    /// A whole ticket, as the app sends it: dates and numbers as people type them.
    pub(crate) fn ticket(&self) -> Value {
        json!({
            "clientId": self.client, "projectId": self.project, "date": "11/2/2026",
            "clientRepresentative": "R. Client", "description": "Staked the ramp", "notes": "",
            "workers": [
                {"worker": "Dana Poole", "roleId": self.role, "workHours": "8.25", "travelHours": 1.5, "meals": 1},
                {"worker": "Kim Osei", "roleId": self.role, "workHours": 3.5, "meals": "1", "hotelNights": null},
            ],
            "equipment": [{"equipmentId": self.machine, "quantity": 1, "basis": "day"}],
            "materials": [{"description": "Lath", "quantity": 3, "unit": "each", "unitCost": 1.15, "markupPercent": "12.5"}],
        })
    }
}

//! What clockify.md §8 says of time off and balances.

use clockify_sim::{BalancePatch, Command, Config, Switches};
use serde_json::{Value, json};

use crate::support::{Api, config, fixture, id, someone};

#[tokio::test]
async fn the_time_off_search_knows_no_withdrawn_requests() {
    let api = Api::start().await;
    let control = api.control();
    let search = |status: &'static str| {
        let api = &api;
        async move {
            api.send(
                "POST",
                "/time-off/requests",
                Some(&json!({"statuses": [status], "pageSize": 200})),
            )
            .await
        }
    };
    assert_eq!(search("WITHDRAWN").await.status, 400);
    let pending = search("PENDING").await.json();
    let request = id(&pending["requests"][0]).to_owned();
    control
        .run(&Command::WithdrawTimeOff {
            request: request.parse().unwrap(),
        })
        .await
        .unwrap();
    let all = search("ALL").await.text;
    assert!(!all.contains(&request), "a withdrawn request vanishes");
}

#[tokio::test]
async fn time_off_has_half_days_hours_and_every_state() {
    let api = Api::start().await;
    let all = api
        .post(
            "/time-off/requests",
            &fixture("api/request-bodies/time-off-requests.search.json"),
        )
        .await;
    let rows = all["requests"].as_array().unwrap();
    let some = |what: &str, test: &dyn Fn(&Value) -> bool| {
        assert!(rows.iter().any(test), "no {what}");
    };
    some("half day", &|row| {
        row["timeOffPeriod"]["halfDay"] == true && row["balanceDiff"] == json!(0.5)
    });
    some("hours", &|row| row["timeUnit"] == "HOURS");
    for state in ["PENDING", "APPROVED", "REJECTED"] {
        some(state, &|row| row["status"]["statusType"] == state);
    }
    some("end with milliseconds", &|row| {
        row["timeOffPeriod"]["period"]["end"]
            .as_str()
            .unwrap()
            .ends_with("59.999Z")
    });
    some("end without", &|row| {
        row["timeOffPeriod"]["period"]["end"]
            .as_str()
            .unwrap()
            .ends_with(":59Z")
    });
}

#[tokio::test]
async fn a_balance_patch_is_a_delta_or_absolute_by_switch() {
    for (meaning, expected) in [
        (BalancePatch::Delta, "3.25"),
        (BalancePatch::Absolute, "1.25"),
    ] {
        let api = Api::with(Config {
            switches: Switches {
                balance_patch: meaning,
                ..config().switches
            },
            ..config()
        })
        .await;
        let policy = id(&api.get("/time-off/policies").await.rows()[2]).to_owned();
        let person = someone(&api).await;
        let path = format!("/time-off/balance/policy/{policy}");
        let balance = || {
            let api = &api;
            let (person, policy) = (person.clone(), policy.clone());
            async move {
                let rows = api
                    .get(&format!("/time-off/balance/user/{person}"))
                    .await
                    .json();
                let rows = rows["balances"].as_array().unwrap().clone();
                rows.iter()
                    .find(|row| row["policyId"] == policy.as_str())
                    .unwrap()["balance"]
                    .to_string()
            }
        };
        let patch = |value: Value| {
            let body = json!({"userIds": [person], "value": value, "note": ""});
            let (api, path) = (&api, path.clone());
            async move { api.send("PATCH", &path, Some(&body)).await }
        };
        // Down to a known balance first, whichever way the value is meant.
        let before: String = balance().await;
        let reach_two = match meaning {
            BalancePatch::Absolute => json!(2),
            BalancePatch::Delta => {
                let cents: i64 = before.replace('.', "").parse::<i64>().unwrap()
                    * if before.split('.').nth(1).unwrap().len() == 1 {
                        10
                    } else {
                        1
                    };
                serde_json::from_str(&format!(
                    "{}.{:02}",
                    (200 - cents) / 100,
                    ((200 - cents) % 100).abs()
                ))
                .unwrap()
            }
        };
        assert_eq!(patch(reach_two).await.status, 204);
        assert_eq!(balance().await, "2.0");
        let answer = patch(json!(1.25)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(balance().await, expected, "{meaning:?}");
        for value in [json!(10_001), json!("1"), Value::Null] {
            assert_eq!(patch(value).await.status, 400);
        }
    }
}

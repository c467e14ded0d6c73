//! The detailed report, and the windows of time that lists are asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::{
    clockify::{
        client::{Window, read_all},
        convert::{self, Reported},
        wire::{self, ReportPage, ReportedEntry},
    },
    domain::ids::EmployeeId,
};

use crate::{
    fixture::{Fixture, JORDAN, conversion, decimal},
    time_entries::{Entry, listed_entries},
    timesheets::timesheets,
};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/report.detailed.edmonton.json" | "api/report.detailed.utc.json" => {
            let served = fixture.serve().await;
            let page = served
                .client
                .list_reported_entries(always(), 1)
                .await
                .unwrap();
            let rows = fixture.json()["timeentries"].as_array().unwrap().len();
            assert_eq!(page.rows.len(), rows);
            assert!(page.is_last);
        }
        _ => return false,
    }
    true
}

/// A window that holds every fixture.
pub(crate) fn always() -> Window {
    Window {
        from: "2020-01-01T00:00:00Z".parse().unwrap(),
        to: "2030-01-01T00:00:00Z".parse().unwrap(),
    }
}

fn reported(file: &str) -> Vec<Reported> {
    let page: ReportPage = Fixture::named(file).read();
    let (rows, unreadable) = wire::read_rows::<ReportedEntry>(&page.time_entries);
    assert_eq!(unreadable, []);
    rows.iter()
        .map(|row| convert::reported_entry(row, &conversion()).unwrap())
        .collect()
}

/// The report agrees with what the entries themselves say, whatever zone it was asked for, and it alone
/// names the timesheet of each.
#[test]
fn the_detailed_report_says_the_same_as_the_entries_and_names_their_timesheets() {
    let listed = listed_entries();
    let in_edmonton = reported("api/report.detailed.edmonton.json");
    let in_utc = reported("api/report.detailed.utc.json");
    for report in in_edmonton.iter().chain(&in_utc) {
        let stored = &listed[report.entry.id.as_str()].record;
        assert!(report.agrees_with(stored), "{report:?}\n{stored:?}");
    }
    assert_eq!(in_utc, in_edmonton[..3], "the same rows in another zone");

    let held: BTreeMap<_, _> = timesheets()
        .into_iter()
        .flat_map(|timesheet| {
            let id = timesheet.timesheet.id;
            timesheet
                .entries
                .into_iter()
                .map(move |entry| (entry.record.id, id.clone()))
        })
        .collect();
    for report in &in_edmonton {
        assert_eq!(report.timesheet_id.as_ref(), held.get(&report.entry.id));
    }
    assert!(
        in_edmonton
            .iter()
            .any(|report| report.timesheet_id.is_some())
    );
    assert!(
        in_edmonton
            .iter()
            .any(|report| report.timesheet_id.is_none())
    );
}

#[test]
fn the_report_disagrees_where_anything_that_it_carries_has_changed() {
    let row = |changes: &[(&str, Value)]| {
        let mut row = json!({
            "_id": "e", "userId": "u", "projectId": "p", "taskId": "t", "description": "Survey",
            "billable": true, "type": "REGULAR", "approvalRequestId": "s",
            "timeInterval": {
                "start": "2026-03-11T04:30:00-06:00", "end": "2026-03-11T08:15:00-06:00", "duration": 13500,
            },
            "tags": [{"_id": "a"}, {"id": "b"}], "rate": 13500,
        });
        for (field, value) in changes {
            row[*field] = value.clone();
        }
        let row: ReportedEntry = serde_json::from_value(row).unwrap();
        convert::reported_entry(&row, &conversion()).unwrap()
    };
    let stored = row(&[]).entry;
    assert_eq!(stored.hourly_rate, Some(decimal("135.00")));
    assert!(row(&[]).agrees_with(&stored));
    assert!(
        row(&[("rate", Value::Null)]).agrees_with(&stored),
        "no rate in the report"
    );
    assert!(
        row(&[("approvalRequestId", Value::Null)]).agrees_with(&stored),
        "not content"
    );
    let without_rate = Entry {
        hourly_rate: None,
        ..stored.clone()
    };
    assert!(
        row(&[("rate", json!(0))]).agrees_with(&without_rate),
        "the report says 0 for none"
    );
    for (field, value) in [
        ("userId", json!("v")),
        ("projectId", Value::Null),
        ("taskId", json!("t2")),
        ("description", json!("Survey 2")),
        ("billable", json!(false)),
        ("type", json!("BREAK")),
        ("tags", json!([{"_id": "a"}])),
        ("rate", json!(13600)),
        ("rate", json!(0)),
        (
            "timeInterval",
            json!({"start": "2026-03-11T04:30:00-06:00", "end": "2026-03-11T08:30:00-06:00", "duration": 14400}),
        ),
    ] {
        assert!(
            !row(&[(field, value.clone())]).agrees_with(&stored),
            "{field} {value}"
        );
    }
}

/// Clockify re-reads the window in the account's zone: a day more is asked for on either side, and what
/// starts outside is left out here.
#[tokio::test]
async fn a_window_is_asked_for_wider_and_filtered_here() {
    let served = Fixture::named("api/time-entries.jordan.json").serve().await;
    let zone = conversion().zone;
    let day = jiff::civil::date(2026, 3, 13);
    let window = Window::of_days(&zone, day, day).unwrap();
    assert_eq!(window.from.to_string(), "2026-03-13T06:00:00Z");
    assert_eq!(window.to.to_string(), "2026-03-14T06:00:00Z");
    let user = EmployeeId::from(JORDAN);
    let complete = read_all(|page| served.client.list_user_entries(&user, window, page))
        .await
        .unwrap();
    let ids: Vec<_> = complete.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(
        ids,
        ["69b450a000e100000000000b", "69b40a5000e100000000000a"]
    );
    let requests = served.server.received_requests().await.unwrap();
    let query: BTreeMap<_, _> = requests[0].url.query_pairs().into_owned().collect();
    assert_eq!(query["start"], "2026-03-12T06:00:00Z");
    assert_eq!(query["end"], "2026-03-15T06:00:00Z");
    assert_eq!(query["page-size"], "200");
}

#[test]
fn a_window_of_days_is_local_also_where_clocks_change() {
    let zone = conversion().zone;
    for (first, last, from, to) in [
        // 23 hours: the last change of clocks in Alberta.
        (
            (2026, 3, 8),
            (2026, 3, 8),
            "2026-03-08T07:00:00Z",
            "2026-03-09T06:00:00Z",
        ),
        // 25 hours, a year earlier.
        (
            (2025, 11, 2),
            (2025, 11, 2),
            "2025-11-02T06:00:00Z",
            "2025-11-03T07:00:00Z",
        ),
        // No change in the autumn of 2026.
        (
            (2026, 11, 1),
            (2026, 11, 7),
            "2026-11-01T06:00:00Z",
            "2026-11-08T06:00:00Z",
        ),
    ] {
        let day = |(year, month, day)| jiff::civil::date(year, month, day);
        let window = Window::of_days(&zone, day(first), day(last)).unwrap();
        assert_eq!(window.from.to_string(), from);
        assert_eq!(window.to.to_string(), to);
        assert!(window.contains(window.from) && !window.contains(window.to));
    }
}

//! Time entries in every form in which they come.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use shared::{
    clockify::{
        convert::{self, Converted, Unreadable},
        wire::{self, TimeEntry},
    },
    domain::{
        self,
        flags::FlagKind,
        ids::{EmployeeId, TagId},
        time_entry::EntryKind,
    },
};

use crate::{
    fixture::{Fixture, conversion, decimal},
    windows::always,
};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/time-entries.avery.json"
        | "api/time-entries.jordan.json"
        | "api/time-entries.zoe.json"
        | "api/time-entries.morgan.json"
        | "api/time-entries.priya.json"
        | "api/time-entries.sam.empty.json"
        | "api/time-entries.jordan.hydrated.json"
        | "api/time-entries.jordan.page1.json"
        | "api/time-entries.jordan.page2.json" => {
            let served = fixture.serve().await;
            let url = fixture.entry()["url"].as_str().unwrap();
            let (_, user) = url.split_once("/user/").unwrap();
            let user = EmployeeId::from(user.split('/').next().unwrap());
            let page = served
                .client
                .list_user_entries(&user, always(), 1)
                .await
                .unwrap();
            let rows: Vec<Value> = fixture.read();
            assert_eq!(page.rows.len(), rows.len(), "{}", fixture.file);
            let last_page = fixture.entry()["response_headers"]["last-page"].as_str();
            assert_eq!(page.is_last, last_page != Some("false"), "{}", fixture.file);
            for row in &page.rows {
                let entry = convert::time_entry(row, &conversion()).unwrap().record;
                assert_eq!(entry.employee_id, user);
            }
        }
        "api/time-entry.single.json" => {
            let served = fixture.serve().await;
            let id = "69b0efc800e1000000000006".into();
            let row = served.client.read_entry(&id).await.unwrap();
            let entry = convert::time_entry(&row, &conversion()).unwrap();
            assert_eq!(entry.record.hourly_rate, Some(decimal("135.00")));
            assert_eq!(entry.flags, []);
        }
        "api/time-entries.in-progress.json" => {
            let served = fixture.serve().await;
            let page = served.client.list_running_entries(1).await.unwrap();
            served.was_asked_as_documented().await;
            let entry = convert::time_entry(&page.rows[0], &conversion()).unwrap();
            assert_eq!(entry.record.end, None);
        }
        "expected/time-entries.derived.json" => {
            let derived: Derived = fixture.read();
            assert_eq!(derived.entries.len(), 26);
        }
        // The experimental feed: lossy, and of a form that differs from its description
        // (`clockify.md` §4.3). Nothing is built on it, and its rows cannot be taken for entries.
        "api/entities.updated.time-entry.json" | "api/entities.deleted.time-entry.json" => {
            for row in fixture.rows::<TimeEntry>() {
                let unreadable = convert::time_entry(&row, &conversion()).unwrap_err();
                assert_eq!(unreadable.id.as_deref(), Some(row.id.as_str()));
            }
        }
        "api/entities.created.time-entry.json" => {
            assert_eq!(fixture.rows::<TimeEntry>().len(), 2);
        }
        "api/entities.deleted.time-entry.documented-envelope.json" => {
            assert!(wire::read::<Vec<Box<RawValue>>>(&fixture.bytes).is_err());
        }
        _ => return false,
    }
    true
}

pub(crate) type Entry = domain::time_entry::TimeEntry;

/// Every entry of the per-user lists.
pub(crate) fn listed_entries() -> BTreeMap<String, Converted<Entry>> {
    ["avery", "jordan", "zoe", "morgan", "priya"]
        .iter()
        .flat_map(|name| {
            Fixture::named(&format!("api/time-entries.{name}.json")).rows::<TimeEntry>()
        })
        .map(|row| convert::time_entry(&row, &conversion()).unwrap())
        .map(|entry| (entry.record.id.to_string(), entry))
        .collect()
}

#[derive(Debug, Deserialize)]
pub(crate) struct Derived {
    pub(crate) entries: Vec<DerivedEntry>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DerivedEntry {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) elapsed_seconds: Option<i64>,
    pub(crate) start_utc: Timestamp,
    pub(crate) end_utc: Option<Timestamp>,
    edmonton_start: String,
    pub(crate) edmonton_start_date: Date,
}

/// `domain.md` §3, *Time*, *Duration*; `no_fallback_2026` and `winter_2026_evening` hold with tz data
/// 2026c or newer alone.
#[test]
fn every_entry_has_the_expected_instants_seconds_and_local_date() {
    let derived: Derived = Fixture::named("expected/time-entries.derived.json").read();
    let listed = listed_entries();
    let zone = conversion().zone;
    for expected in &derived.entries {
        let entry = &listed[&expected.id].record;
        let key = &expected.key;
        assert_eq!(entry.start, expected.start_utc, "{key}");
        assert_eq!(entry.end, expected.end_utc, "{key}");
        assert_eq!(entry.duration_seconds, expected.elapsed_seconds, "{key}");
        assert_eq!(entry.start_date, expected.edmonton_start_date, "{key}");
        let local = entry.start.to_zoned(zone.time_zone().clone());
        let local = local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        assert_eq!(local, expected.edmonton_start, "{key}");
    }
    assert_eq!(listed.len(), derived.entries.len());
    let keys: BTreeSet<_> = derived
        .entries
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    assert!(keys.contains("no_fallback_2026") && keys.contains("winter_2026_evening"));
}

/// `domain.md` §3, *Duration*, *Rate*, *Type*, *Tags*, and §9.
#[test]
fn hours_rates_kinds_tags_and_flags_of_the_odd_entries() {
    let listed = listed_entries();
    let of = |last: &str| &listed[&format!("{last:0>24}")];

    let over_a_day = of("69b1e5e000e100000000000f");
    assert_eq!(over_a_day.record.hours, Some(decimal("26.50")));
    assert!(over_a_day.flags.contains(&FlagKind::EntryTooLong));

    let half_minute_over = of("69b2c6e000e1000000000008");
    assert_eq!(half_minute_over.record.duration_seconds, Some(14_430));
    assert_eq!(half_minute_over.record.hours, Some(decimal("4.00")));
    assert!(
        half_minute_over.record.description.contains("&lt;b&gt;"),
        "as it was sent"
    );

    let nothing = of("69a7058000e1000000000003");
    assert_eq!(nothing.record.hours, Some(decimal("0")));

    let running = of("69b8546700e100000000000c");
    assert_eq!(
        (
            running.record.end,
            running.record.duration_seconds,
            running.record.hours
        ),
        (None, None, None),
        "a running timer is not time yet"
    );

    let without_rate = of("69b30d3000e1000000000009");
    assert_eq!(without_rate.record.hourly_rate, None);
    assert_eq!(without_rate.flags, [FlagKind::BillableEntryWithoutRate]);

    let free = of("69b031f000e1000000000013");
    assert_eq!(free.record.hourly_rate, Some(decimal("0")));
    assert_eq!(free.flags, [], "0 is a rate");

    let pause = of("69b450a000e100000000000b");
    assert_eq!(pause.record.kind, EntryKind::Break);
    assert_eq!(pause.flags, [], "a break needs no project");
    assert_eq!(
        of("69b4348000e1000000000010").record.kind,
        EntryKind::TimeOff
    );
    assert_eq!(
        of("69aa7b7000e1000000000004").record.kind,
        EntryKind::Holiday
    );

    let without_project = of("69a6f77000e1000000000002");
    assert_eq!(without_project.record.project_id, None);
    assert_eq!(without_project.record.description, "");
    assert_eq!(without_project.record.tag_ids, [], "null in Clockify");
    assert_eq!(without_project.flags, [FlagKind::EntryWithoutProject]);

    let both = of("69b40a5000e100000000000a");
    let tags: Vec<_> = both.record.tag_ids.iter().map(TagId::as_str).collect();
    assert_eq!(
        tags,
        ["651adb2c00d1000000000001", "651adb6800d1000000000002"]
    );

    let long = of("69aeee8000e100000000000d");
    assert_eq!(long.record.description.chars().count(), 3000);
}

/// `domain.md` §3, *Duration*: every form in which one comes.
#[test]
fn durations_come_in_many_forms() {
    let entry = |start: &str, end: Value, duration: Value| {
        let row = json!({
            "id": "e", "userId": "u",
            "timeInterval": {"start": start, "end": end, "duration": duration},
        });
        convert::time_entry(&serde_json::from_value(row).unwrap(), &conversion())
            .map(|entry| (entry.record.duration_seconds, entry.record.hours))
    };
    let start = "2026-03-11T12:00:00Z";
    for (end, duration, seconds, hours) in [
        ("2026-03-11T19:52:30Z", json!("PT7H52M30S"), 28_350, "8.00"),
        ("2026-03-11T12:00:45Z", json!("PT45S"), 45, "0"),
        ("2026-03-11T12:22:30Z", json!("PT22M30S"), 1_350, "0.50"),
        ("2026-03-11T12:22:29Z", json!("PT22M29S"), 1_349, "0.25"),
        (
            "2026-03-12T14:30:15Z",
            json!("PT26H30M15S"),
            95_415,
            "26.50",
        ),
        ("2026-03-11T12:00:00Z", json!("PT0S"), 0, "0"),
        // Once seen in production: ended, and no duration.
        ("2026-03-11T13:15:00Z", Value::Null, 4_500, "1.25"),
        (
            "2026-03-11T13:15:00Z",
            json!("an hour or so"),
            4_500,
            "1.25",
        ),
        ("2026-03-11T13:15:00.900Z", Value::Null, 4_500, "1.25"),
    ] {
        let read = entry(start, json!(end), duration.clone()).unwrap();
        assert_eq!(
            read,
            (Some(seconds), Some(decimal(hours))),
            "{duration} until {end}"
        );
    }
    for end in [Value::Null, json!("")] {
        assert_eq!(
            entry(start, end, json!("PT1H")).unwrap(),
            (None, None),
            "still running"
        );
    }
    let unreadable = |field: &str| Unreadable {
        resource: "time entry",
        id: Some("e".to_owned()),
        field: field.to_owned(),
    };
    assert_eq!(
        entry("yesterday", Value::Null, Value::Null),
        Err(unreadable("timeInterval.start"))
    );
    assert_eq!(
        entry(start, json!("later"), Value::Null),
        Err(unreadable("timeInterval.end"))
    );
    assert_eq!(
        entry(start, json!("2026-03-11T11:59:59Z"), Value::Null),
        Err(unreadable("timeInterval.duration"))
    );
}

/// An entry belongs to the local date on which it starts, also when it crosses midnight.
#[test]
fn webhook_bodies_read_like_the_rows_of_the_api() {
    for (file, date, seconds) in [
        ("NEW_TIME_ENTRY", "2026-03-10", Some(13_500)),
        (
            "NEW_TIME_ENTRY.ended-null-duration",
            "2026-03-11",
            Some(4_500),
        ),
        (
            "NEW_TIME_ENTRY.no-fallback-2026",
            "2026-11-01",
            Some(12_600),
        ),
        (
            "NEW_TIME_ENTRY.midnight-2026-11-03",
            "2026-11-03",
            Some(3_600),
        ),
        ("NEW_TIME_ENTRY.denver-zone", "2026-11-02", Some(28_800)),
        ("NEW_TIME_ENTRY.legacy-2020", "2026-03-11", Some(4_500)),
        (
            "NEW_TIME_ENTRY.banked-site-dst-spring",
            "2026-03-08",
            Some(7_200),
        ),
        ("TIME_ENTRY_DELETED.running", "2026-03-16", None),
    ] {
        let row: TimeEntry = Fixture::named(&format!("webhooks/{file}.json")).read();
        let entry = convert::time_entry(&row, &conversion()).unwrap().record;
        assert_eq!(entry.start_date.to_string(), date, "{file}");
        assert_eq!(entry.duration_seconds, seconds, "{file}");
        assert_eq!(entry.hourly_rate, None, "{file}: bodies carry no rate");
    }
    let legacy: TimeEntry = Fixture::named("webhooks/NEW_TIME_ENTRY.legacy-2020.json").read();
    let entry = convert::time_entry(&legacy, &conversion()).unwrap().record;
    assert_eq!(entry.kind, EntryKind::Regular, "old bodies name no type");
    assert!(entry.task_id.is_some());

    let listed = listed_entries();
    let body: TimeEntry = Fixture::named("webhooks/NEW_TIME_ENTRY.both-banked-tags.json").read();
    let entry = convert::time_entry(&body, &conversion()).unwrap().record;
    let from_list = &listed[entry.id.as_str()].record;
    assert_eq!(
        entry.tag_ids, from_list.tag_ids,
        "nested in the body, flat in the list"
    );
    assert_eq!(entry.task_id, from_list.task_id);

    let malformed: TimeEntry = Fixture::named("webhooks/NEW_TIME_ENTRY.malformed.json").read();
    let unreadable = convert::time_entry(&malformed, &conversion()).unwrap_err();
    assert_eq!(unreadable.field, "userId");
}

#[test]
fn one_row_that_cannot_be_read_does_not_hide_the_others() {
    let rows: Vec<Box<RawValue>> = serde_json::from_str(
        r#"[{"id": "a"}, {"id": "b", "billable": "yes"}, {"name": "no id"}, {"id": "c"}, 7]"#,
    )
    .unwrap();
    let (read, unreadable) = wire::read_rows::<TimeEntry>(&rows);
    let ids: Vec<_> = read.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
    let ids: Vec<_> = unreadable.iter().map(|row| row.id.as_deref()).collect();
    assert_eq!(ids, [Some("b"), None, None]);
    assert_eq!(unreadable[0].field, "billable");
    assert_eq!(
        unreadable[0].to_string(),
        "a time entry of Clockify cannot be read: `billable` is missing or malformed"
    );
}

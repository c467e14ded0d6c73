//! What a column must bear comes back to the last digit: NULL of each type, the ends of each type, and
//! names that only an exact comparison tells apart.

use rust_decimal::Decimal;

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{
        lem::{
            EquipmentBasis, EquipmentLine, LemNumber, LemSheet, LemStatus, MaterialLine, Signature,
            WorkerLine,
        },
        time_entry::TimeEntry,
        time_off::TimeOffRequest,
    },
    store::{
        Store, StoreError, client, employee,
        lem_name::{self, LemName, NameList},
        lem_sheet, project, time_entry, time_off_request,
    },
};

on_each_engine! {
    null_of_each_type_comes_back_as_null,
    the_ends_of_each_type_come_back_to_the_last_digit,
    an_amount_that_does_not_fit_is_refused,
    a_lem_sheet_comes_back_with_its_lines_and_its_signature,
    names_of_a_client_are_told_apart_by_their_comparable_form_alone,
}

/// Text, a date, a word, a number, hours, money, an instant, an id; bytes stand with the LEM sheet.
async fn null_of_each_type_comes_back_as_null(store: &Store) {
    let people = vec![bare_employee("e1")];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    assert_eq!(read!(store, |tx| employee::list(&mut tx)), people);
    let entries = vec![running_entry("n1")];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let stored = read!(store, |tx| time_entry::get_all(&mut tx, &["n1"]));
    assert_eq!(stored[0].entry, entries[0]);

    // What is there becomes NULL, and what is NULL is filled: an update writes both.
    let filled = vec![entry("n1")];
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &filled
    ));
    let stored = read!(store, |tx| time_entry::get_all(&mut tx, &["n1"]));
    assert_eq!(stored[0].entry, filled[0]);
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    let stored = read!(store, |tx| time_entry::get_all(&mut tx, &["n1"]));
    assert_eq!(stored[0].entry, entries[0]);
}

async fn the_ends_of_each_type_come_back_to_the_last_digit(store: &Store) {
    let ends = [
        (
            "first",
            "0001-01-01",
            "0001-01-01T00:00:00.001Z",
            "-9999999999.99",
            "0",
        ),
        (
            "last",
            "9999-12-31",
            "9999-12-30T21:59:59.999Z",
            "9999999999.99",
            "9999999.99",
        ),
        (
            "least",
            "2026-11-01",
            "2026-11-01T08:00:00.010Z",
            "-0.01",
            "0.01",
        ),
    ];
    let entries: Vec<TimeEntry> = ends
        .iter()
        .map(|(id, day, at, rate, hours)| TimeEntry {
            start_date: date(day),
            start: instant(at),
            end: Some(instant(at)),
            duration_seconds: Some(i64::MAX),
            hourly_rate: Some(decimal(rate)),
            hours: Some(decimal(hours)),
            ..entry(id)
        })
        .collect();
    written!(store, |tx, spent| time_entry::upsert_page(
        &mut tx, spent, &entries
    ));
    for entry in &entries {
        let id = entry.id.as_str();
        let stored = read!(store, |tx| time_entry::get_all(&mut tx, &[id]));
        assert_eq!(stored[0].entry, *entry, "{id}");
        // Equal decimals may differ in their digits: both engines give two places.
        let scale = stored[0].entry.hours.map(|hours| hours.scale());
        assert_eq!(scale, Some(2), "{id}");
    }

    // "hours, or days … what the request takes from the balance": it can be below 0.
    let requests: Vec<TimeOffRequest> =
        [("-9999999.99", "r1"), ("9999999.99", "r2"), ("-0.25", "r3")]
            .map(|(diff, id)| TimeOffRequest {
                balance_diff: decimal(diff),
                ..time_off_request(id)
            })
            .to_vec();
    written!(store, |tx, spent| time_off_request::upsert_page(
        &mut tx, spent, &requests
    ));
    let (from, to) = (date("2026-11-02"), date("2026-11-02"));
    let listed = read!(store, |tx| time_off_request::list(&mut tx, from, to, None));
    assert_eq!(listed, requests);
}

async fn an_amount_that_does_not_fit_is_refused(store: &Store) {
    let entries = vec![TimeEntry {
        hourly_rate: Some(decimal("0.005")),
        ..entry("n1")
    }];
    let refused = store
        .write(async |mut tx| {
            let ticket = crate::store::ticket::draw_in(&mut tx).await?;
            let spent = super::spend(&mut tx, ticket).await?;
            time_entry::upsert_page(&mut tx, spent, &entries).await
        })
        .await;
    assert!(
        matches!(refused, Err(StoreError::Value { .. })),
        "never rounded in silence: {refused:?}"
    );
}

async fn with_client_and_project(store: &Store) {
    let clients = vec![client("c1")];
    written!(store, |tx, spent| client::upsert_page(
        &mut tx, spent, &clients
    ));
    let projects = vec![project("ABC-001", Some("c1"))];
    written!(store, |tx, spent| project::upsert_page(
        &mut tx, spent, &projects
    ));
}

fn name(id: &str, name: &str) -> LemName {
    LemName {
        id: id.into(),
        client_id: "c1".into(),
        project_id: None,
        name: name.into(),
    }
}

async fn a_lem_sheet_comes_back_with_its_lines_and_its_signature(store: &Store) {
    with_client_and_project(store).await;
    store
        .write(async |mut tx| {
            lem_name::insert(&mut tx, NameList::Roles, &name("r1", "Surveyor 👷🏽")).await?;
            lem_name::insert(&mut tx, NameList::Equipment, &name("q1", "½ ton")).await
        })
        .await
        .expect("names");
    let mut sheet = LemSheet {
        id: "s1".into(),
        workspace_id: "ws".into(),
        client_id: "c1".into(),
        project_id: "ABC-001".into(),
        number: LemNumber::new(1).expect("a number"),
        revision: 1,
        date: date("9999-12-31"),
        project_manager_id: None,
        client_representative: None,
        description: Some(long_text()),
        notes: None,
        workers: vec![WorkerLine {
            id: "w1".into(),
            worker: " Zoë O'Brien 👷🏽 ".into(),
            employee_id: None,
            role_id: "r1".into(),
            work_hours: decimal("9999999.99"),
            travel_hours: decimal("0.01"),
            calc_hours: Decimal::ZERO,
            meals: 3,
            hotel_nights: 0,
        }],
        equipment: vec![EquipmentLine {
            id: "q".into(),
            equipment_id: "q1".into(),
            quantity: decimal("9999999999.99"),
            basis: EquipmentBasis::Day,
        }],
        materials: vec![MaterialLine {
            id: "m".into(),
            description: "Stakes \"blue\"\n\t|".into(),
            quantity: decimal("0.01"),
            unit: "each ".into(),
            unit_cost: decimal("9999999999.99"),
            markup_percent: decimal("999999.999"),
        }],
        status: LemStatus::Draft,
        archived: false,
        frozen_rates: None,
        submitted_at: None,
        signature: None,
        rejection_reason: None,
    };
    store
        .write(async |mut tx| lem_sheet::insert(&mut tx, &sheet, "hash").await)
        .await
        .expect("a sheet");
    let stored = read!(store, |tx| lem_sheet::get(&mut tx, &sheet.id)).expect("the sheet");
    assert_eq!((&stored.sheet, stored.version), (&sheet, 1));

    sheet.status = LemStatus::Signed;
    sheet.submitted_at = Some(instant("2026-11-01T08:00:00.123Z"));
    sheet.signature = Some(Signature {
        name: "Łukasz".into(),
        signed_at: instant("9999-12-30T21:59:59.999Z"),
        image: (0..=255).cycle().take(20_000).collect(),
    });
    sheet.materials.clear();
    let version = store
        .write(async |mut tx| lem_sheet::update(&mut tx, &sheet, 1).await)
        .await;
    assert_eq!(version.expect("signed"), 2);
    let stored = read!(store, |tx| lem_sheet::get(&mut tx, &sheet.id)).expect("the sheet");
    assert_eq!((&stored.sheet, stored.version), (&sheet, 2));
    let (client, project) = (&sheet.client_id, &sheet.project_id);
    let last = read!(store, |tx| lem_sheet::last(&mut tx, client, project));
    assert_eq!(last, Some(stored));
}

/// `domain.md` §6: "a name per client (compared without case and outer blanks)". SQL Server's usual collation would
/// also take all emoji for equal.
async fn names_of_a_client_are_told_apart_by_their_comparable_form_alone(store: &Store) {
    with_client_and_project(store).await;
    for (n, (new, is_taken)) in [
        ("Surveyor", false),
        ("👷", false),
        ("🚧", false),
        ("Surveyor 👷", false),
        ("Surveyor 🚧", false),
        ("Émile", false),
        ("Emile", false),
        ("SURVEYOR", true),
        (" surveyor ", true),
        ("émile", true),
    ]
    .into_iter()
    .enumerate()
    {
        let inserted = store
            .write(async |mut tx| {
                let role = name(&format!("r{n}"), new);
                lem_name::insert(&mut tx, NameList::Roles, &role).await
            })
            .await;
        match inserted {
            Ok(()) => assert!(!is_taken, "{new}"),
            Err(error) => assert!(
                is_taken && error.violates("uq_lem_role_name"),
                "{new}: {error}"
            ),
        }
    }
    let client = "c1".into();
    let found = read!(store, |tx| lem_name::named(
        &mut tx,
        NameList::Roles,
        &client,
        "  surveyor 🚧"
    ));
    assert_eq!(found, Some(name("r4", "Surveyor 🚧")));
}

//! What Clockify could send and never should: no row, field, duration or webhook body makes the conversion panic, and
//! what cannot be understood is left empty (`domain.md` §3). `PROPTEST_CASES` makes the runs longer.

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::clockify::{
    convert,
    events::EVENTS,
    wire::{TimeEntry, User},
};

use crate::fixture::conversion;

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::sample::select(
            &[
                "0",
                "1",
                "2",
                "2026-02-30",
                "0000-00-00",
                "-9999-01-01",
                "9999-12-31T23:59:60Z",
                "'; DROP TABLE employee; --"
            ][..]
        )
        .prop_map(Value::from),
        proptest::sample::select(&["1e400", "79228162514264337593543950336", "-1e-30"][..])
            .prop_map(|text| serde_json::from_str(text).unwrap()),
    ];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..3)
                .prop_map(|map| json!(map)),
        ]
    })
}

fn duration() -> impl Strategy<Value = String> {
    prop_oneof![
        "P?T?-?[0-9]{0,30}[HMSDWY]?[0-9]{0,4}[.,]?[0-9]{0,12}[HMS]?",
        "PT[0-9]{1,25}H[0-9]{1,25}M[0-9]{1,25}S",
        any::<String>(),
    ]
}

const FIELDS: [&str; 8] = [
    "Role",
    "Start Date",
    "End Date",
    "Rate Type",
    "Reporting Manager",
    "Truck",
    "Truck Details",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(128),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_custom_field_makes_an_employee_unreadable(
        fields in proptest::collection::vec((proptest::sample::select(&FIELDS[..]), value()), 0..8),
        name in any::<String>(), in_webhook in any::<bool>(),
    ) {
        let (list, key) = if in_webhook { ("userCustomFields", "name") } else { ("customFields", "customFieldName") };
        let written: Vec<Value> = fields.iter().map(|(field, value)| json!({ key: field, "value": value })).collect();
        let row: User = serde_json::from_value(json!({ "id": "u1", "name": name, list: written })).unwrap();
        let employee = convert::employee(&row, &conversion()).record;
        prop_assert_eq!(employee.id.as_str(), "u1");
    }

    #[test]
    fn no_duration_makes_an_entry_panic(
        text in duration(), start in prop_oneof![Just("2026-11-03T14:00:00Z".to_owned()), any::<String>()],
        end in prop_oneof![Just(json!("2026-11-03T22:00:00Z")), Just(Value::Null), value()], amount in value(),
    ) {
        let row = json!({
            "id": "e1", "userId": "u1", "workspaceId": "w1", "billable": true, "description": text,
            "hourlyRate": { "amount": amount }, "type": "REGULAR",
            "timeInterval": { "start": start, "end": end, "duration": text },
        });
        if let Ok(row) = serde_json::from_value::<TimeEntry>(row) {
            // Unreadable is an answer; a panic is none.
            let _ = convert::time_entry(&row, &conversion());
        }
    }

    #[test]
    fn no_webhook_body_makes_the_search_for_its_record_panic(body in value(), at in 0..EVENTS.len()) {
        let event = &EVENTS[at];
        if let Some(reference) = event.reference(&body) {
            prop_assert!(!reference.id.is_empty());
        }
    }
}

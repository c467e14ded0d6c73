//! Users, groups, custom fields, the workspace.

use jiff::civil::date;
use shared::{
    clockify::{
        ClockifyError, convert,
        wire::{CustomFieldDefinition, User},
    },
    domain::{
        employee::{Employee, EmployeeStatus, RateType},
        flags::FlagKind,
        ids::EmployeeId,
    },
};

use crate::fixture::{AVERY, Fixture, JORDAN, MORGAN, PRIYA, SAM, WORKSPACE, ZOE, conversion};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/user.json" => {
            let served = fixture.serve().await;
            let owner = served.client.read_key_owner().await.unwrap();
            assert_eq!(owner.id.as_str(), AVERY);
            assert_eq!(owner.default_workspace.as_deref(), Some(WORKSPACE));
        }
        "api/workspaces.json" => {
            let served = fixture.serve().await;
            let workspaces = served.client.list_workspaces().await.unwrap();
            assert_eq!(workspaces.rows[0].id.as_str(), WORKSPACE);
            assert!(workspaces.is_last, "this list has no pages");
        }
        "api/users.json" => {
            let served = fixture.serve().await;
            let users = served.client.list_users(1).await.unwrap();
            served.was_asked_as_documented().await;
            assert_eq!(users.rows.len(), 6);
            assert!(users.is_last);
        }
        "api/users.unknown-custom-field.json" => {
            assert_eq!(fixture.rows::<User>().len(), 1);
        }
        "api/user-groups.json" => {
            let served = fixture.serve().await;
            let groups = served.client.list_groups(1).await.unwrap();
            served.was_asked_as_documented().await;
            let members: Vec<_> = groups
                .rows
                .iter()
                .map(|group| convert::group(group, &conversion()).record)
                .map(|group| (group.name, group.member_ids.len()))
                .collect();
            assert_eq!(
                members,
                [
                    ("Field Crew".to_owned(), 2),
                    ("Office".to_owned(), 2),
                    ("Contractors (empty)".to_owned(), 0)
                ]
            );
        }
        "api/custom-fields.json" => {
            let served = fixture.serve().await;
            let fields = served.client.list_custom_fields().await.unwrap();
            let of = |kind: &str| {
                let is_of_kind =
                    |field: &&CustomFieldDefinition| field.entity_type.as_deref() == Some(kind);
                fields.rows.iter().filter(is_of_kind).count()
            };
            assert_eq!((of("USER"), of("TIMEENTRY")), (8, 4));
        }
        "api/member-profile.jordan.json" => {
            let served = fixture.serve().await;
            let profile = served
                .client
                .read_member_profile(&EmployeeId::from(JORDAN))
                .await
                .unwrap();
            assert_eq!(profile.name.as_deref(), Some("Jordan Blakely"));
            let fields = profile.user_custom_field_values.unwrap();
            let names: Vec<_> = fields.iter().filter_map(|field| field.name()).collect();
            assert!(names.contains(&"Rate Type"), "{names:?}");
        }
        "world.json" => {
            let world = fixture.json();
            assert_eq!(world["workspace"]["id"], WORKSPACE);
            for (name, id) in [
                ("avery", AVERY),
                ("jordan", JORDAN),
                ("zoe", ZOE),
                ("morgan", MORGAN),
                ("sam", SAM),
                ("priya", PRIYA),
            ] {
                assert_eq!(world["users"][name]["id"], id);
            }
        }
        _ => return false,
    }
    true
}

fn employees(file: &str) -> Vec<convert::Converted<Employee>> {
    let users: Vec<User> = Fixture::named(file).rows();
    users
        .iter()
        .map(|user| convert::employee(user, &conversion()))
        .collect()
}

/// `domain.md` §3, *Employee*, and §9.
#[test]
fn a_user_becomes_an_employee_with_his_custom_fields_by_name() {
    const NOTHING_KNOWN: [FlagKind; 3] = [
        FlagKind::EmployeeWithoutStartDate,
        FlagKind::EmployeeWithoutRateType,
        FlagKind::EmployeeWithoutManager,
    ];
    let employees = employees("api/users.json");
    let of = |id: &str| {
        let found = employees
            .iter()
            .find(|employee| employee.record.id.as_str() == id);
        found.unwrap_or_else(|| panic!("{id}"))
    };

    let avery = of(AVERY);
    assert_eq!(avery.record.role.as_deref(), Some("Office Manager"));
    assert_eq!(avery.record.start_date, Some(date(2019, 4, 15)));
    assert_eq!(avery.record.rate_type, Some(RateType::Salary));
    assert_eq!(avery.record.reporting_manager, None, "null in Clockify");
    assert_eq!(avery.flags, [FlagKind::EmployeeWithoutManager]);

    let jordan = of(JORDAN);
    assert_eq!(jordan.record.rate_type, Some(RateType::Hourly));
    assert_eq!(
        jordan.record.reporting_manager.as_deref(),
        Some("Avery Stone")
    );
    assert!(jordan.record.has_truck);
    assert_eq!(
        jordan.record.truck_details.as_deref(),
        Some("Unit 12 – ½-ton 4×4")
    );
    assert_eq!(jordan.flags, []);

    let morgan = of(MORGAN);
    assert_eq!(morgan.record.status, EmployeeStatus::Inactive);
    assert_eq!(morgan.record.end_date, Some(date(2025, 12, 19)));

    let sam = of(SAM);
    assert_eq!(sam.record.status, EmployeeStatus::Pending);
    assert_eq!(
        sam.record.name, "sam.okafor-lund@example.org",
        "an invited person has no name yet: his address stands for it"
    );
    assert_eq!(sam.record.time_zone, None);
    assert_eq!(sam.flags, NOTHING_KNOWN);

    let priya = of(PRIYA);
    assert_eq!(priya.record.status, EmployeeStatus::Active);
    assert_eq!(priya.record.time_zone.as_deref(), Some("America/Denver"));
    assert_eq!(priya.flags, NOTHING_KNOWN);

    assert_eq!(of(ZOE).record.name, "Zoë Lindqvist-Ōta");
}

/// `domain.md` §3: "A missing or malformed field leaves the column empty and is flagged; an unknown field
/// is ignored."
#[test]
fn a_malformed_field_is_left_empty_and_flagged_and_an_unknown_one_ignored() {
    let known = employees("api/users.json")
        .into_iter()
        .find(|employee| employee.record.id.as_str() == JORDAN)
        .unwrap();
    let [with_unknown] = employees("api/users.unknown-custom-field.json")
        .try_into()
        .unwrap();
    assert_eq!(with_unknown.flags, [FlagKind::EmployeeFieldMalformed]);
    assert_eq!(with_unknown.record.end_date, None, "31/12/26 is no date");
    assert_eq!(with_unknown.record, known.record);
}

/// `domain.md` §3: "`Rate Type` (`"0"` salary, `"1"` hourly)"; dates are `YYYY-MM-DD` and nothing else.
#[test]
fn custom_fields_are_read_in_every_form_and_nothing_is_guessed() {
    let employee = |name: &str, value: serde_json::Value| {
        let user = serde_json::json!({
            "id": "u",
            "status": "ACTIVE",
            "userCustomFields": [{"name": name, "value": value}],
        });
        convert::employee(&serde_json::from_value(user).unwrap(), &conversion())
    };
    let malformed = |employee: &convert::Converted<Employee>| {
        employee.flags.contains(&FlagKind::EmployeeFieldMalformed)
    };

    for (value, rate_type, is_malformed) in [
        (serde_json::json!("0"), Some(RateType::Salary), false),
        (serde_json::json!("1"), Some(RateType::Hourly), false),
        (serde_json::json!(1), Some(RateType::Hourly), false),
        (serde_json::json!(" HOURLY "), Some(RateType::Hourly), false),
        (serde_json::json!("Salary"), Some(RateType::Salary), false),
        (serde_json::json!("2"), None, true),
        (serde_json::json!("Day Rate"), None, true),
        (serde_json::json!(true), None, true),
        (serde_json::json!(""), None, false),
        (serde_json::json!(null), None, false),
    ] {
        let employee = employee("Rate Type", value.clone());
        assert_eq!(employee.record.rate_type, rate_type, "{value}");
        assert_eq!(malformed(&employee), is_malformed, "{value}");
        let flagged = employee.flags.contains(&FlagKind::EmployeeWithoutRateType);
        assert_eq!(flagged, rate_type.is_none(), "{value}");
    }

    for (value, start_date, is_malformed) in [
        ("2021-06-14", Some(date(2021, 6, 14)), false),
        (" 2021-06-14 ", Some(date(2021, 6, 14)), false),
        ("2021-6-14", None, true),
        ("06/14/2021", None, true),
        ("2026-02-30", None, true),
        ("2021-06-14T00:00:00Z", None, true),
        ("", None, false),
    ] {
        let employee = employee("Start Date", value.into());
        assert_eq!(employee.record.start_date, start_date, "{value}");
        assert_eq!(malformed(&employee), is_malformed, "{value}");
    }

    for (value, has_truck, is_malformed) in [
        (serde_json::json!(true), true, false),
        (serde_json::json!(false), false, false),
        (serde_json::json!("true"), true, false),
        (serde_json::json!(null), false, false),
        (serde_json::json!("maybe"), false, true),
    ] {
        let employee = employee("truck", value.clone());
        assert_eq!(employee.record.has_truck, has_truck, "{value}");
        assert_eq!(malformed(&employee), is_malformed, "{value}");
    }

    let several = employee("Role", serde_json::json!(["Surveyor", "Pilot"]));
    assert_eq!(several.record.role.as_deref(), Some("Surveyor, Pilot"));
}

#[test]
fn a_status_that_nobody_knows_keeps_the_person_active_and_flags_him() {
    for (user, status, is_malformed) in [
        (
            serde_json::json!({"id": "u", "status": "ACTIVE"}),
            EmployeeStatus::Active,
            false,
        ),
        (
            serde_json::json!({"id": "u", "status": "DECLINED"}),
            EmployeeStatus::Inactive,
            false,
        ),
        (
            serde_json::json!({"id": "u", "status": "ON_MARS"}),
            EmployeeStatus::Active,
            true,
        ),
        (
            serde_json::json!({"id": "u"}),
            EmployeeStatus::Active,
            false,
        ),
        (
            serde_json::json!({"id": "u", "memberships": [
                {"membershipType": "PROJECT", "membershipStatus": "ACTIVE"},
                {"membershipType": "WORKSPACE", "membershipStatus": "INACTIVE"},
            ]}),
            EmployeeStatus::Inactive,
            false,
        ),
    ] {
        let employee = convert::employee(
            &serde_json::from_value(user.clone()).unwrap(),
            &conversion(),
        );
        assert_eq!(employee.record.status, status, "{user}");
        let flagged = employee.flags.contains(&FlagKind::EmployeeFieldMalformed);
        assert_eq!(flagged, is_malformed, "{user}");
    }
}

#[tokio::test]
async fn a_user_who_stands_in_no_page_of_the_list_is_gone() {
    let served = Fixture::named("api/users.json").serve().await;
    let found = served.client.find_user(&EmployeeId::from(ZOE)).await;
    assert_eq!(found.unwrap().id.as_str(), ZOE);
    let lost = served.client.find_user(&EmployeeId::from("nobody")).await;
    assert!(matches!(lost, Err(ClockifyError::Gone { .. })), "{lost:?}");
}

#[tokio::test]
async fn a_group_is_found_in_the_list_because_none_is_read_singly() {
    let served = Fixture::named("api/user-groups.json").serve().await;
    let id = "621e433c00a2000000000002".into();
    let group = served.client.find_group(&id).await.unwrap();
    assert_eq!(group.name.as_deref(), Some("Office"));
}

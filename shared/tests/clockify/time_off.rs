//! Policies, requests, holidays, balances.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::json;
use shared::{
    clockify::{
        ClockifyError,
        client::TimeOffSearch,
        convert::{self, Unreadable},
        wire::{Holiday, TimeOffRequest},
    },
    domain::{
        self,
        ids::{EmployeeId, PolicyId},
        time_off::{TimeOffStatus, TimeUnit},
    },
};

use crate::fixture::{Fixture, JORDAN, MORGAN, ZOE, conversion, decimal};

const VACATION: &str = "654276000011000000000001";
const BANKED: &str = "654276000011000000000002";

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/time-off-policies.json" => {
            let served = fixture.serve().await;
            let policies = served.client.list_policies(1).await.unwrap();
            served.was_asked_as_documented().await;
            let policies: Vec<_> = policies
                .rows
                .iter()
                .map(|row| convert::policy(row, &conversion()).unwrap().record)
                .map(|policy| (policy.name, policy.unit, policy.archived))
                .collect();
            assert_eq!(
                policies,
                [
                    ("Vacation".to_owned(), TimeUnit::Days, false),
                    ("Banked Time".to_owned(), TimeUnit::Hours, false),
                    ("Sick Leave (old)".to_owned(), TimeUnit::Days, true)
                ]
            );
        }
        "api/time-off-requests.json" => {
            let served = fixture.serve().await;
            let page = served.client.search_time_off(&search(), 1).await.unwrap();
            assert_eq!(page.rows.len(), 4);
            assert!(page.is_last, "no header: shorter than a page");
        }
        "api/holidays.json" => {
            let served = fixture.serve().await;
            assert_eq!(served.client.list_holidays().await.unwrap().rows.len(), 4);
        }
        "api/holidays.in-period.json" => {
            assert_eq!(fixture.rows::<Holiday>().len(), 1);
        }
        "api/balances.policy-vacation.json" => {
            let served = fixture.serve().await;
            let policy = PolicyId::from(VACATION);
            let page = served
                .client
                .list_policy_balances(&policy, 1)
                .await
                .unwrap();
            served.was_asked_as_documented().await;
            let balances: BTreeMap<_, _> = page
                .rows
                .into_iter()
                .map(|row| (row.user_id.unwrap().0, row.balance.unwrap()))
                .collect();
            assert_eq!(balances[JORDAN], decimal("6"));
            assert_eq!(balances[ZOE], decimal("11.5"));
        }
        "api/balances.policy-banked.json" => {
            let served = fixture.serve().await;
            let policy = PolicyId::from(BANKED);
            let page = served
                .client
                .list_policy_balances(&policy, 1)
                .await
                .unwrap();
            served.was_asked_as_documented().await;
            assert_eq!(page.rows[0].balance, Some(decimal("-2.5")));
            let unit = convert::unit_named(page.rows[0].policy_time_unit.as_deref());
            assert_eq!(unit, Some(TimeUnit::Hours));
        }
        "api/balances.user-jordan.json" => {
            let served = fixture.serve().await;
            let user = EmployeeId::from(JORDAN);
            let page = served.client.list_user_balances(&user, 1).await.unwrap();
            served.was_asked_as_documented().await;
            let policies: Vec<_> = page
                .rows
                .into_iter()
                .map(|row| row.policy_id.unwrap().0)
                .collect();
            assert_eq!(policies, [VACATION, BANKED]);
        }
        _ => return false,
    }
    true
}

fn search() -> TimeOffSearch {
    TimeOffSearch {
        first_day: date(2026, 1, 1),
        last_day: date(2026, 12, 31),
        users: Vec::new(),
    }
}

fn requests() -> BTreeMap<String, domain::time_off::TimeOffRequest> {
    let answer = Fixture::named("api/time-off-requests.json").json();
    answer["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| serde_json::from_str::<TimeOffRequest>(&row.to_string()).unwrap())
        .map(|row| {
            convert::time_off_request(&row, &conversion())
                .unwrap()
                .record
        })
        .map(|request| (request.id.to_string(), request))
        .collect()
}

/// `domain.md` §3, *Time off*: dates in the request's `userTimeZone`, `balanceDiff` as it is.
#[test]
fn a_request_has_the_days_of_its_own_zone() {
    let requests = requests();
    for (id, first_day, last_day, half_day, diff, unit, status) in [
        // Vancouver: 07:00Z is midnight there, and still the day before in no zone that matters.
        (
            "699895e30012000000000001",
            "2026-03-13",
            "2026-03-13",
            false,
            "1",
            TimeUnit::Days,
            "APPROVED",
        ),
        (
            "69b2dc030012000000000002",
            "2026-04-02",
            "2026-04-02",
            true,
            "0.5",
            TimeUnit::Days,
            "PENDING",
        ),
        (
            "69b031f00012000000000003",
            "2026-03-20",
            "2026-03-20",
            false,
            "4.5",
            TimeUnit::Hours,
            "REJECTED",
        ),
        // Over the day on which clocks no longer change.
        (
            "6abe75700012000000000004",
            "2026-10-30",
            "2026-11-03",
            false,
            "3",
            TimeUnit::Days,
            "APPROVED",
        ),
    ] {
        let request = &requests[id];
        assert_eq!(request.first_day.to_string(), first_day, "{id}");
        assert_eq!(request.last_day.to_string(), last_day, "{id}");
        assert_eq!(request.half_day, half_day, "{id}");
        assert_eq!(request.balance_diff, decimal(diff), "{id}");
        assert_eq!(request.unit, unit, "{id}");
        assert_eq!(request.status.as_str(), status, "{id}");
    }
    let changed = requests["699895e30012000000000001"].status_changed_at;
    assert_eq!(
        changed.unwrap().to_string(),
        "2026-02-21T16:00:00.562Z",
        "nanoseconds are cut"
    );
    assert_eq!(requests["69b2dc030012000000000002"].status_changed_at, None);
}

fn request(
    changes: &[(&str, serde_json::Value)],
) -> Result<domain::time_off::TimeOffRequest, Unreadable> {
    let mut row = json!({
        "id": "r", "userId": "u", "policyId": "p", "timeUnit": "DAYS",
        "userTimeZone": "America/Edmonton",
        "timeOffPeriod": {"period": {"start": "2026-11-10T06:00:00Z", "end": "2026-11-11T05:59:59.999Z"}},
        "status": {"statusType": "APPROVED"},
        "balanceDiff": 1.0,
    });
    for (field, value) in changes {
        row[*field] = value.clone();
    }
    let row: TimeOffRequest = serde_json::from_str(&row.to_string()).unwrap();
    convert::time_off_request(&row, &conversion()).map(|request| request.record)
}

fn period(start: &str, end: &str) -> serde_json::Value {
    json!({"period": {"start": start, "end": end}})
}

#[test]
fn a_server_with_older_zone_rules_adds_no_day_to_a_leave() {
    for (zone, unit, start, end, first_day, last_day) in [
        (
            "America/Edmonton",
            "DAYS",
            "2026-11-10T06:00:00Z",
            "2026-11-11T05:59:59Z",
            "2026-11-10",
            "2026-11-10",
        ),
        // An hour later, as tz data from before 2026 has it.
        (
            "America/Edmonton",
            "DAYS",
            "2026-11-10T07:00:00Z",
            "2026-11-11T06:59:59.999Z",
            "2026-11-10",
            "2026-11-10",
        ),
        (
            "America/Vancouver",
            "DAYS",
            "2026-03-13T07:00:00Z",
            "2026-03-15T06:59:59Z",
            "2026-03-13",
            "2026-03-14",
        ),
        // A half day that names its hours alone.
        (
            "America/Edmonton",
            "DAYS",
            "2026-04-02T06:00:00Z",
            "2026-04-02T10:00:00Z",
            "2026-04-02",
            "2026-04-02",
        ),
        // Hours late in the evening are that evening's.
        (
            "America/Edmonton",
            "HOURS",
            "2026-03-21T04:00:00Z",
            "2026-03-21T05:30:00Z",
            "2026-03-20",
            "2026-03-20",
        ),
        // A zone that nobody knows: the company's.
        (
            "Mars/Olympus",
            "DAYS",
            "2026-04-02T06:00:00Z",
            "2026-04-03T05:59:59Z",
            "2026-04-02",
            "2026-04-02",
        ),
    ] {
        let request = request(&[
            ("userTimeZone", json!(zone)),
            ("timeUnit", json!(unit)),
            ("timeOffPeriod", period(start, end)),
        ])
        .unwrap();
        assert_eq!(request.first_day.to_string(), first_day, "{zone} {start}");
        assert_eq!(request.last_day.to_string(), last_day, "{zone} {end}");
    }
}

#[test]
fn days_that_do_not_count_are_read_as_dates_or_instants() {
    let request = request(&[(
        "excludeDays",
        json!(["2026-11-12", "2026-11-11T06:00:00Z", "2026-11-12", {"day": 7}]),
    )])
    .unwrap();
    assert_eq!(
        request.excluded_days,
        Some(vec![date(2026, 11, 11), date(2026, 11, 12)])
    );
}

#[test]
fn an_unknown_status_is_kept_and_what_cannot_be_stored_is_named() {
    let status = request(&[("status", json!({"statusType": "POSTPONED"}))])
        .unwrap()
        .status;
    assert_eq!(status, TimeOffStatus::Other("POSTPONED".to_owned()));
    for (field, value, at_fault) in [
        ("timeUnit", json!("WEEKS"), "timeUnit"),
        ("timeUnit", json!(null), "timeUnit"),
        ("userId", json!(""), "userId"),
        ("policyId", json!(null), "policyId"),
        ("balanceDiff", json!(null), "balanceDiff"),
        ("status", json!(null), "status.statusType"),
        ("timeOffPeriod", json!(null), "timeOffPeriod.period.start"),
        (
            "timeOffPeriod",
            period("2026-11-10T06:00:00Z", "2026-11-09T06:00:00Z"),
            "timeOffPeriod.period.end",
        ),
    ] {
        let unreadable = request(&[(field, value.clone())]).unwrap_err();
        assert_eq!(unreadable.field, at_fault, "{field} {value}");
    }
}

/// `domain.md` §3, *Holiday*: "It covers its whole `datePeriod`, recurs each year where it says so, and
/// holds for those to whom it is assigned".
#[test]
fn a_holiday_has_its_whole_period_and_those_it_is_for() {
    let holidays: Vec<_> = Fixture::named("api/holidays.json")
        .rows::<Holiday>()
        .iter()
        .map(|row| convert::holiday(row, &conversion()).unwrap().record)
        .collect();
    assert_eq!(holidays[1].name, "Canada Day");
    assert!(holidays[1].occurs_annually && holidays[1].assignment.everyone);
    let shutdown = &holidays[2];
    assert_eq!(shutdown.first_day, date(2026, 12, 24));
    assert_eq!(shutdown.last_day, date(2027, 1, 1), "over New Year");
    assert!(!shutdown.assignment.everyone);
    assert_eq!(shutdown.assignment.employee_ids, [EmployeeId::from(JORDAN)]);
    assert_eq!(shutdown.assignment.group_ids.len(), 1);

    let holiday = |period: serde_json::Value| {
        let row: Holiday =
            serde_json::from_value(json!({"id": "h", "datePeriod": period})).unwrap();
        convert::holiday(&row, &conversion())
            .map(|holiday| (holiday.record.first_day, holiday.record.last_day))
            .map_err(|unreadable| unreadable.field)
    };
    let day = date(2026, 7, 1);
    assert_eq!(holiday(json!({"startDate": "2026-07-01"})), Ok((day, day)));
    assert_eq!(
        holiday(json!({"startDate": "2026-07-01", "endDate": "2026-06-30"})),
        Err("datePeriod.endDate".to_owned())
    );
    assert_eq!(holiday(json!(null)), Err("datePeriod.startDate".to_owned()));
}

#[test]
fn policies_name_those_they_are_for() {
    let rows = Fixture::named("api/time-off-policies.json").rows();
    let old = convert::policy(&rows[2], &conversion()).unwrap().record;
    assert!(!old.assignment.everyone);
    assert_eq!(old.assignment.employee_ids, [EmployeeId::from(MORGAN)]);
}

#[tokio::test]
async fn what_cannot_be_read_singly_is_looked_for() {
    let served = Fixture::named("api/time-off-requests.json").serve().await;
    let found = served
        .client
        .find_time_off_request(&"69b031f00012000000000003".into(), &search())
        .await;
    assert_eq!(found.unwrap().policy_id, Some(PolicyId::from(BANKED)));
    let withdrawn = served
        .client
        .find_time_off_request(&"69b031f00012000000000009".into(), &search())
        .await;
    assert!(matches!(withdrawn, Err(ClockifyError::Gone { .. })));

    let served = Fixture::named("api/time-off-policies.json").serve().await;
    let policy = served.client.find_policy(&PolicyId::from(VACATION)).await;
    assert_eq!(policy.unwrap().name.as_deref(), Some("Vacation"));
}

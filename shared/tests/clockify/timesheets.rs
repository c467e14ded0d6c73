//! Approval requests: timesheets and what they hold.

use jiff::Timestamp;
use serde_json::json;
use shared::{
    clockify::{
        client::ApprovalList,
        convert::{self, SubmittedTimesheet},
        wire::{Approval, TimeEntry},
    },
    domain::timesheet::TimesheetState,
};

use crate::{
    fixture::{Fixture, JORDAN, MORGAN, PRIYA, WORKSPACE, ZOE, conversion},
    time_entries::listed_entries,
};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/approval-requests.pending.json" => {
            let page = approvals(fixture, ApprovalList::Pending).await;
            assert_eq!(page.len(), 3);
        }
        "api/approval-requests.approved.json" => {
            let page = approvals(fixture, ApprovalList::Approved).await;
            assert!(!page.is_empty());
        }
        "api/approval-requests.withdrawn-approval.json" => {
            let page = approvals(fixture, ApprovalList::WithdrawnApproval).await;
            assert_eq!(page[0].timesheet.state, TimesheetState::WithdrawnApproval);
            assert_eq!(page[0].entries, []);
            assert_eq!(
                page[0].timesheet.note.as_deref(),
                Some("Wrong project – please fix ✍️")
            );
        }
        _ => return false,
    }
    true
}

async fn approvals(fixture: &Fixture, list: ApprovalList) -> Vec<SubmittedTimesheet> {
    let served = fixture.serve().await;
    let page = served.client.list_approvals(list, 1, 50).await.unwrap();
    served.was_asked_as_documented().await;
    page.rows
        .iter()
        .map(|row| convert::submitted_timesheet(row, &conversion()).unwrap())
        .collect()
}

pub(crate) fn timesheets() -> Vec<SubmittedTimesheet> {
    ["pending", "approved", "withdrawn-approval"]
        .iter()
        .flat_map(|list| {
            Fixture::named(&format!("api/approval-requests.{list}.json")).rows::<Approval>()
        })
        .map(|row| convert::submitted_timesheet(&row, &conversion()).unwrap())
        .collect()
}

/// `domain.md` §3, *Timesheet dates*: start + 12 h and end − 12 h, whatever the owner's zone.
#[test]
fn a_timesheets_days_do_not_depend_on_its_owners_zone() {
    let week_of = |owner: &str, state: TimesheetState| {
        let mut weeks: Vec<_> = timesheets()
            .into_iter()
            .map(|timesheet| timesheet.timesheet)
            .filter(|timesheet| timesheet.employee_id.as_str() == owner)
            .filter(|timesheet| timesheet.state == state)
            .map(|timesheet| format!("{} {}", timesheet.first_day, timesheet.last_day))
            .collect();
        weeks.sort();
        weeks
    };
    // In Edmonton: the week of the last change of clocks, and that of no fallback.
    assert_eq!(
        week_of(JORDAN, TimesheetState::Pending),
        ["2026-03-08 2026-03-14", "2026-11-01 2026-11-07"]
    );
    // On America/Denver, an hour behind since 1 November 2026.
    assert_eq!(
        week_of(PRIYA, TimesheetState::Pending),
        ["2026-11-01 2026-11-07"]
    );
    // On America/Vancouver.
    assert_eq!(
        week_of(ZOE, TimesheetState::WithdrawnApproval),
        ["2026-02-22 2026-02-28"]
    );
    // The week of the 25-hour day.
    assert_eq!(
        week_of(MORGAN, TimesheetState::Approved),
        ["2025-11-02 2025-11-08"]
    );
}

#[test]
fn domain_mds_own_example_of_timesheet_dates_holds() {
    let request = |start: &str, end: &str| {
        let request = json!({
            "id": "t",
            "dateRange": {"start": start, "end": end},
            "owner": {"userId": "u"},
            "status": {"state": "SEALED"},
        });
        let timesheet =
            convert::timesheet(&serde_json::from_value(request).unwrap(), &conversion()).unwrap();
        assert_eq!(
            timesheet.state,
            TimesheetState::Other("SEALED".to_owned()),
            "an unknown state is kept"
        );
        assert_eq!(timesheet.workspace_id.as_str(), WORKSPACE);
        format!("{} {}", timesheet.first_day, timesheet.last_day)
    };
    assert_eq!(
        request("2024-05-12T06:00:00Z", "2024-05-19T05:59:59Z"),
        "2024-05-12 2024-05-18"
    );
    // A server with older zone rules ends the first winter week an hour late.
    assert_eq!(
        request("2026-11-01T06:00:00Z", "2026-11-08T06:59:59Z"),
        "2026-11-01 2026-11-07"
    );
}

#[test]
fn a_timesheet_keeps_when_its_state_changed_to_the_millisecond() {
    let request = json!({
        "id": "t",
        "dateRange": {"start": "2024-05-12T06:00:00Z", "end": "2024-05-19T05:59:59Z"},
        "owner": {"userId": "u"},
        "status": {"state": "APPROVED", "updatedAt": "2024-05-20T10:00:00.123999Z", "note": ""},
    });
    let timesheet =
        convert::timesheet(&serde_json::from_value(request).unwrap(), &conversion()).unwrap();
    let expected: Timestamp = "2024-05-20T10:00:00.123Z".parse().unwrap();
    assert_eq!(timesheet.state_updated_at, Some(expected));
    assert_eq!(timesheet.note, None);
}

#[test]
fn what_a_timesheet_holds_and_nobody_can_read_is_named() {
    let row = json!({
        "approvalRequest": {
            "id": "t",
            "dateRange": {"start": "2024-05-12T06:00:00Z", "end": "2024-05-19T05:59:59Z"},
            "owner": {"userId": "u"},
            "status": {"state": "PENDING"},
        },
        "entries": [
            {"id": "a", "timeInterval": {"start": "2024-05-13T14:00:00Z", "end": "2024-05-13T15:00:00Z"}},
            {"id": "b", "timeInterval": null},
        ],
        "expenses": [{"id": "x", "date": "2024-05-13", "total": 100}, {"id": "y", "total": 100}],
    });
    let row: Approval = serde_json::from_value(row).unwrap();
    let timesheet = convert::submitted_timesheet(&row, &conversion()).unwrap();
    assert_eq!(timesheet.entries.len(), 1);
    assert_eq!(
        timesheet.entries[0].record.employee_id.as_str(),
        "u",
        "the owner"
    );
    assert_eq!(timesheet.expenses[0].record.employee_id.as_str(), "u");
    let lost: Vec<_> = timesheet
        .unreadable
        .iter()
        .map(|row| (row.resource, row.id.as_deref(), row.field.as_str()))
        .collect();
    assert_eq!(
        lost,
        [
            ("time entry", Some("b"), "timeInterval.start"),
            ("expense", Some("y"), "date")
        ]
    );
}

/// `clockify.md` §5: `type` is TIMESHEET, EXPENSE or TIMESHEET_AND_EXPENSE, and older answers have none. `domain.md` §7,
/// *Time status*: who sent expenses alone has not sent his week.
#[test]
fn an_approval_of_expenses_alone_is_told_by_what_it_holds_and_by_its_type() {
    let entry = json!({"id": "a", "timeInterval": {"start": "2024-05-13T14:00:00Z", "end": "2024-05-13T15:00:00Z"}});
    let expense = json!({"id": "x", "date": "2024-05-13", "total": 100});
    for (kind, entries, expenses, expenses_only) in [
        (json!("EXPENSE"), json!([]), json!([expense]), true),
        (json!("EXPENSE"), json!([]), json!([]), true),
        (json!("EXPENSE"), json!([entry]), json!([expense]), false),
        (json!("TIMESHEET"), json!([entry]), json!([]), false),
        (json!("TIMESHEET"), json!([]), json!([]), false),
        (
            json!("TIMESHEET_AND_EXPENSE"),
            json!([entry]),
            json!([expense]),
            false,
        ),
        (
            json!("TIMESHEET_AND_EXPENSE"),
            json!([]),
            json!([expense]),
            false,
        ),
        (json!(null), json!([entry]), json!([expense]), false),
        (json!(null), json!([]), json!([expense]), true),
        (json!(null), json!([]), json!(null), false),
        (json!("SOMETHING_NEW"), json!([]), json!([]), false),
    ] {
        let row = json!({
            "approvalRequest": {
                "id": "t",
                "type": kind,
                "dateRange": {"start": "2024-05-12T06:00:00Z", "end": "2024-05-19T05:59:59Z"},
                "owner": {"userId": "u"},
                "status": {"state": "PENDING"},
            },
            "entries": entries,
            "expenses": expenses,
        });
        let read: Approval = serde_json::from_value(row.clone()).unwrap();
        let sheet = convert::submitted_timesheet(&read, &conversion()).unwrap();
        assert_eq!(sheet.timesheet.expenses_only, expenses_only, "{row}");
    }
}

/// An entry reads the same from every source that has it: its list, hydrated, singly, its timesheet.
#[test]
fn an_entry_is_the_same_from_every_source() {
    let listed = listed_entries();
    let hydrated = Fixture::named("api/time-entries.jordan.hydrated.json").rows::<TimeEntry>();
    let single: TimeEntry = Fixture::named("api/time-entry.single.json").read();
    for row in hydrated.iter().chain([&single]) {
        let entry = convert::time_entry(row, &conversion()).unwrap();
        assert_eq!(entry, listed[row.id.as_str()]);
    }
    let mut held = 0;
    for timesheet in timesheets() {
        assert_eq!(timesheet.unreadable, []);
        for entry in timesheet.entries {
            assert_eq!(entry, listed[entry.record.id.as_str()]);
            held += 1;
        }
    }
    assert!(held > 10, "{held}");
}

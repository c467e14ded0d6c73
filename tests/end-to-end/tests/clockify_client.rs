//! The real client against the simulator: what one says the other must understand, and all of
//! Clockify's lists must tell one story.

use std::{collections::BTreeMap, time::Duration};

use clockify_sim::{Command, Config, EntryPlan, Fault, Simulator, Switches, Trouble};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use shared::{
    clockify::{
        Client, ClockifyError,
        client::{
            ApprovalList, BalanceChange, Complete, NewBalance, Refusal, Retries, TimeOffSearch,
            Window, read_all,
        },
        convert::{self, Conversion, Reported},
        webhook_setup::{self, FaultKind, Setup, USUAL_QUOTA},
        wire::Row,
    },
    domain::{
        flags::FlagRules,
        ids::{EmployeeId, TimeEntryId, TimesheetId, WorkspaceId},
        time::{CompanyZone, Rounding},
        time_entry::TimeEntry,
    },
    settings::{ClockifySettings, Secret, WebhookSecrets},
};

const NOW: &str = "2026-11-16T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("an instant")
}

async fn simulator(switches: Switches) -> Simulator {
    let config = Config {
        people: 12,
        weeks: 3,
        now: now(),
        switches,
        ..Config::default()
    };
    Simulator::start(config).await.expect("it starts")
}

fn client_of(simulator: &Simulator) -> Client {
    let settings = ClockifySettings {
        api_url: simulator.api_url().parse().expect("an address"),
        reports_url: simulator.reports_url().parse().expect("an address"),
        api_key: Some(Secret::from(simulator.api_key())),
        workspace_id: None,
        requests_per_second: 50,
    };
    let retries = Retries {
        first_delay: Duration::from_millis(5),
        ..Retries::default()
    };
    Client::with_retries(&settings, reqwest::Client::new(), retries)
}

fn conversion(simulator: &Simulator) -> Conversion {
    Conversion {
        workspace_id: WorkspaceId::from(simulator.workspace_id()),
        zone: CompanyZone::named("America/Edmonton").expect("a zone"),
        rounding: Rounding::default(),
        flag_rules: FlagRules::default(),
    }
}

/// All rows of a list; none of them is unreadable.
fn sound<T: Row>(complete: Complete<T>) -> Vec<T> {
    assert_eq!(complete.unreadable, []);
    assert!(!complete.rows.is_empty(), "no {}", T::RESOURCE);
    complete.rows
}

/// The weeks from 25 October to 14 November 2026, over the night in which clocks no longer change.
fn weeks(zone: &CompanyZone) -> Window {
    let last = jiff::civil::date(2026, 11, 14);
    Window::of_days(zone, last.saturating_sub(20.days()), last).expect("a window")
}

async fn listed(client: &Client, conversion: &Conversion) -> BTreeMap<TimeEntryId, TimeEntry> {
    let window = weeks(&conversion.zone);
    let users = read_all(|page| client.list_users(page))
        .await
        .expect("users");
    let mut entries = BTreeMap::new();
    for user in sound(users) {
        let list = |page| client.list_user_entries(&user.id, window, page);
        let complete = read_all(list).await.expect("entries");
        assert_eq!(complete.unreadable, []);
        for row in complete.rows {
            let entry = convert::time_entry(&row, conversion)
                .expect("an entry")
                .record;
            assert!(window.contains(entry.start), "{entry:?}");
            entries.insert(entry.id.clone(), entry);
        }
    }
    entries
}

async fn reported(client: &Client, conversion: &Conversion) -> BTreeMap<TimeEntryId, Reported> {
    let window = weeks(&conversion.zone);
    let rows = read_all(|page| client.list_reported_entries(window, page)).await;
    sound(rows.expect("the report"))
        .iter()
        .map(|row| convert::reported_entry(row, conversion).expect("a row"))
        .map(|report| (report.entry.id.clone(), report))
        .collect()
}

#[tokio::test]
async fn every_list_is_read_and_every_row_becomes_a_record() {
    let simulator = simulator(Switches::default()).await;
    let client = client_of(&simulator);
    let conversion = &conversion(&simulator);

    let found = client.workspace_id().await.expect("the only workspace");
    assert_eq!(found, &conversion.workspace_id);
    for row in sound(
        read_all(|page| client.list_users(page))
            .await
            .expect("users"),
    ) {
        let employee = convert::employee(&row, conversion).record;
        let again = client.find_user(&employee.id).await.expect("found");
        assert_eq!(again, row);
    }
    for row in sound(
        read_all(|page| client.list_groups(page))
            .await
            .expect("groups"),
    ) {
        assert!(!convert::group(&row, conversion).record.name.is_empty());
    }
    for row in sound(
        read_all(|page| client.list_clients(page))
            .await
            .expect("clients"),
    ) {
        assert_eq!(client.read_client(&row.id).await.as_ref(), Ok(&row));
        assert!(
            !convert::client(&row, conversion)
                .record
                .short_name
                .is_empty()
        );
    }
    let mut tasks = 0;
    for row in sound(
        read_all(|page| client.list_projects(page))
            .await
            .expect("projects"),
    ) {
        assert_eq!(client.read_project(&row.id).await.as_ref(), Ok(&row));
        let project = convert::project(&row, conversion).record;
        let list = |page| client.list_tasks(&project.id, page);
        for row in read_all(list).await.expect("tasks").rows {
            let task = convert::task(&row, conversion).expect("a task").record;
            let again = client.read_task(&project.id, &task.id).await;
            assert_eq!(again.expect("found").name, row.name);
            tasks += 1;
        }
    }
    assert!(tasks > 0);
    for row in sound(read_all(|page| client.list_tags(page)).await.expect("tags")) {
        assert_eq!(client.read_tag(&row.id).await.as_ref(), Ok(&row));
        assert!(!convert::tag(&row, conversion).record.name.is_empty());
    }
    for row in sound(
        read_all(|page| client.list_policies(page))
            .await
            .expect("policies"),
    ) {
        let policy = convert::policy(&row, conversion).expect("a policy").record;
        let balances = read_all(|page| client.list_policy_balances(&policy.id, page)).await;
        assert_eq!(balances.expect("balances").unreadable, []);
    }
    for row in client.list_holidays().await.expect("holidays").rows {
        convert::holiday(&row, conversion).expect("a holiday");
    }
    let search = TimeOffSearch {
        first_day: jiff::civil::date(2026, 1, 1),
        last_day: jiff::civil::date(2026, 12, 31),
        users: Vec::new(),
    };
    let requests = read_all(|page| client.search_time_off(&search, page)).await;
    for row in sound(requests.expect("requests")) {
        convert::time_off_request(&row, conversion).expect("a request");
    }
    for archived in [false, true] {
        let list = |page| client.list_expense_categories(archived, page);
        for row in read_all(list).await.expect("categories").rows {
            assert_eq!(
                convert::expense_category(&row, conversion).record.archived,
                archived
            );
        }
    }
    for row in sound(
        read_all(|page| client.list_expenses(page))
            .await
            .expect("expenses"),
    ) {
        let expense = convert::expense(&row, conversion).expect("an expense");
        let again = client.read_expense(&row.id).await.expect("found");
        assert_eq!(convert::expense(&again, conversion), Ok(expense));
    }
    let running = read_all(|page| client.list_running_entries(page)).await;
    for row in running.expect("running timers").rows {
        assert_eq!(
            convert::time_entry(&row, conversion)
                .expect("an entry")
                .record
                .end,
            None
        );
    }
    let fields = client.list_custom_fields().await.expect("custom fields");
    assert!(
        fields
            .rows
            .iter()
            .any(|field| field.name.as_deref() == Some("Rate Type"))
    );
}

/// The per-user lists shift their windows, the report renders its own zone, the timesheets name no
/// owner: still all say the same of every entry.
#[tokio::test]
async fn lists_report_and_timesheets_tell_one_story() {
    let simulator = simulator(Switches::default()).await;
    let client = client_of(&simulator);
    let conversion = conversion(&simulator);
    let listed = listed(&client, &conversion).await;
    assert!(listed.len() > 200, "{}", listed.len());
    let reported = reported(&client, &conversion).await;
    let ended: Vec<_> = listed
        .values()
        .filter(|entry| entry.end.is_some())
        .collect();
    let missing: Vec<_> = ended
        .iter()
        .filter(|entry| !reported.contains_key(&entry.id))
        .collect();
    assert!(missing.is_empty(), "not in the report: {missing:?}");
    for report in reported.values() {
        let stored = &listed[&report.entry.id];
        assert!(report.agrees_with(stored), "{report:?}\n{stored:?}");
    }

    let mut held: BTreeMap<TimeEntryId, TimesheetId> = BTreeMap::new();
    for list in [ApprovalList::Pending, ApprovalList::Approved] {
        let complete = read_all(|page| client.list_approvals(list, page, 50)).await;
        for row in sound(complete.expect("approvals")) {
            let submitted = convert::submitted_timesheet(&row, &conversion).expect("a timesheet");
            assert_eq!(submitted.unreadable, []);
            assert_eq!(submitted.timesheet.state.as_str(), list.as_str());
            for entry in submitted.entries {
                let entry = entry.record;
                assert!(
                    entry.start_date >= submitted.timesheet.first_day,
                    "{entry:?}"
                );
                assert!(
                    entry.start_date <= submitted.timesheet.last_day,
                    "{entry:?}"
                );
                if let Some(stored) = listed.get(&entry.id) {
                    assert_eq!(&entry, stored);
                    held.insert(entry.id, submitted.timesheet.id.clone());
                }
            }
        }
    }
    assert!(!held.is_empty());
    for (entry, timesheet) in &held {
        assert_eq!(reported[entry].timesheet_id.as_ref(), Some(timesheet));
    }
    for report in reported.values() {
        if report.timesheet_id.is_none() {
            assert!(!held.contains_key(&report.entry.id));
        }
    }
}

/// Whatever goes wrong once, a read ends with the right answer.
#[tokio::test]
async fn one_fault_does_not_show_in_what_is_read() {
    let simulator = simulator(Switches::default()).await;
    let client = client_of(&simulator);
    let control = simulator.control();
    let right = read_all(|page| client.list_users(page)).await;
    for trouble in [
        Trouble::Status(500),
        Trouble::Status(503),
        Trouble::Html,
        Trouble::TooMany(None),
        Trouble::TooMany(Some(1)),
        Trouble::HalfBody,
        Trouble::Cut,
        Trouble::LoseReply,
        Trouble::Slow(50),
    ] {
        let fault = Fault::once("/api/v1/workspaces/*/users", trouble.clone());
        control.add_fault(&fault).await.expect("set");
        let answer = read_all(|page| client.list_users(page)).await;
        assert_eq!(answer, right, "{trouble:?}");
    }
}

/// `clockify.md` §8.3: a change whose answer is lost may have been made; nobody sends it again.
#[tokio::test]
async fn a_balance_is_changed_once_also_when_the_answer_is_lost() {
    let simulator = simulator(Switches::default()).await;
    let client = client_of(&simulator);
    let policies = sound(
        read_all(|page| client.list_policies(page))
            .await
            .expect("policies"),
    );
    let policy = policies
        .iter()
        .find(|policy| {
            policy
                .name
                .as_deref()
                .is_some_and(|name| name.contains("Banked"))
        })
        .expect("a banked policy");
    let balances = |client: Client| async move {
        let complete = read_all(|page| client.list_policy_balances(&policy.id, page)).await;
        sound(complete.expect("balances"))
            .into_iter()
            .filter_map(|row| Some((row.user_id?, row.balance?)))
            .collect::<BTreeMap<EmployeeId, Decimal>>()
    };
    let before = balances(client.clone()).await;
    let user = before.keys().next().expect("somebody").clone();
    let change = BalanceChange {
        user: user.clone(),
        value: NewBalance(Decimal::new(25, 2)),
        note: "Banked time".to_owned(),
    };
    client
        .change_balance(&policy.id, &change)
        .await
        .expect("changed");
    let lost = Fault::once("/api/v1/workspaces/*/balance/policy/*", Trouble::LoseReply).on("PATCH");
    simulator.control().add_fault(&lost).await.expect("set");
    let unclear = client.change_balance(&policy.id, &change).await;
    assert!(
        matches!(unclear, Err(ClockifyError::Unclear { .. })),
        "{unclear:?}"
    );
    let after = balances(client.clone()).await;
    assert_eq!(
        after[&user],
        before[&user] + Decimal::new(50, 2),
        "made, once each"
    );
}

#[tokio::test]
async fn a_deleted_entry_is_gone_until_it_is_restored_and_an_unknown_one_always() {
    let simulator = simulator(Switches::default()).await;
    let client = client_of(&simulator);
    let control = simulator.control();
    let people = control.people().await.expect("people");
    let start = now() - 2.hours();
    let plan = EntryPlan {
        person: people[0].id,
        start,
        end: Some(now()),
        project: None,
        task: None,
        tags: Vec::new(),
        billable: None,
        description: "Survey".to_owned(),
        is_break: false,
    };
    let recorded = control.run(&Command::RecordEntry(plan)).await;
    let entry = recorded.expect("recorded").id().expect("its id");
    let id = TimeEntryId::from(entry.to_string());
    let read = client.read_entry(&id).await.expect("there");
    let seconds = convert::time_entry(&read, &conversion(&simulator))
        .expect("an entry")
        .record
        .duration_seconds;
    assert_eq!(seconds, Some(7200));

    control.delete_entry(entry).await.expect("deleted");
    let deleted = client.read_entry(&id).await;
    assert!(deleted.is_err_and(|error| error.is_gone()));
    control.restore_entry(entry).await.expect("restored");
    assert_eq!(client.read_entry(&id).await, Ok(read));

    let unknown = TimeEntryId::from("0123456789abcdef01234567");
    let never = client.read_entry(&unknown).await;
    assert!(never.is_err_and(|error| error.is_gone()));
}

/// New Free workspaces: 30 requests an hour.
#[tokio::test]
async fn a_workspace_of_thirty_requests_an_hour_is_left_alone_in_time() {
    let switches = Switches {
        requests_per_hour: Some(30),
        ..Switches::default()
    };
    let simulator = simulator(switches).await;
    let client = client_of(&simulator);
    let mut answered = 0;
    let error = loop {
        match client.list_tags(1).await {
            Ok(_) => answered += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(answered, 29, "the workspace itself was asked for once");
    assert!(
        error.retry_after() >= Some(Duration::from_mins(1)),
        "{error}"
    );
    let sent = client.requests_sent();
    client.list_users(1).await.expect_err("silence");
    assert_eq!(client.requests_sent(), sent);
}

#[tokio::test]
async fn the_webhooks_are_planned_made_and_verified_by_their_secrets() {
    let simulator = simulator(Switches {
        webhook_limit: 8,
        ..Switches::default()
    })
    .await;
    let client = client_of(&simulator);
    let setup = Setup {
        address: "https://clocking.example.com/api/clockify/webhooks"
            .parse()
            .expect("an address"),
        quota: USUAL_QUOTA,
    };
    let plan = webhook_setup::survey(&client, &setup, &WebhookSecrets::default(), now())
        .await
        .expect("a plan");
    assert_eq!(plan.to_make.len(), 10);
    let applied = webhook_setup::apply(&client, &setup, &plan)
        .await
        .expect("applied");
    assert!(applied.plan_limit_reached);
    assert_eq!(applied.made.len(), 8);

    let secrets: BTreeMap<String, Vec<Secret>> =
        serde_json::from_str(applied.secrets.reveal()).expect("JSON");
    let secrets: WebhookSecrets = secrets.into_iter().collect();
    let faults = webhook_setup::faults(&client, &setup, &secrets)
        .await
        .expect("faults");
    let kinds: Vec<_> = faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(
        kinds,
        [FaultKind::Missing; 2],
        "those beyond the plan's limit"
    );
    let faults = webhook_setup::faults(&client, &setup, &WebhookSecrets::default()).await;
    let unknown = faults.expect("faults");
    let unknown = unknown
        .iter()
        .filter(|fault| fault.kind == FaultKind::UnknownSecret);
    assert_eq!(unknown.count(), 8);
}

#[tokio::test]
async fn a_wrong_key_is_told_from_a_wrong_workspace() {
    let simulator = simulator(Switches::default()).await;
    let settings = |key: &str, workspace: Option<&str>| ClockifySettings {
        api_url: simulator.api_url().parse().expect("an address"),
        reports_url: simulator.reports_url().parse().expect("an address"),
        api_key: Some(Secret::from(key)),
        workspace_id: workspace.map(WorkspaceId::from),
        requests_per_second: 50,
    };
    for (settings, expected) in [
        (settings("wrong", None), Refusal::Key { code: Some(4003) }),
        (
            settings(simulator.api_key(), Some("0123456789abcdef01234567")),
            Refusal::UnknownWorkspace,
        ),
    ] {
        let client = Client::new(&settings, reqwest::Client::new());
        let error = client.list_tags(1).await.expect_err("refused");
        match error {
            ClockifyError::Permanent { refusal, .. } => assert_eq!(refusal, expected),
            other => panic!("{other}"),
        }
    }
}

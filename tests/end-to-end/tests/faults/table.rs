//! The table of faults × moment × resource, with the test that causes each. It is printed into `tests/README.md`.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use end_to_end::project;
use shared::crash_point::CRASH_POINTS;

/// One fault at one moment.
struct Row {
    fault: &'static str,
    moment: &'static str,
    resource: &'static str,
    afterwards: &'static str,
    /// The file, from the workspace's folder on, and the function.
    test: (&'static str, &'static str),
}

const fn row(
    fault: &'static str,
    moment: &'static str,
    resource: &'static str,
    afterwards: &'static str,
    test: (&'static str, &'static str),
) -> Row {
    Row {
        fault,
        moment,
        resource,
        afterwards,
        test,
    }
}

const KILLED: &str = "tests/end-to-end/tests/faults/killed.rs";
const BALANCES: &str = "tests/end-to-end/tests/balances/faults.rs";
const SYNC: &str = "tests/end-to-end/tests/kill.rs";
const MESSAGES: &str = "tests/end-to-end/tests/faults/messages.rs";
const CLOCKIFY: &str = "tests/end-to-end/tests/faults/clockify.rs";
const STORAGE: &str = "tests/end-to-end/tests/faults/storage.rs";
const JOBS: &str = "shared/src/jobs/tests.rs";
const SCANS: &str = "shared/src/sync/tests/scans.rs";
const MSSQL: &str = "shared/src/store/mssql/tests.rs";

/// What the database must equal after nearly all of them.
const EQUALS: &str = "equals a fresh full sync";
const ONCE: &str = "the difference is sent once, and Clockify has what the ledger says";
const UNKILLED: &str = "equals a run without the kill";

const FAULTS: &[Row] = &[
    row(
        "killed",
        "event.recorded",
        "time entry",
        EQUALS,
        (KILLED, "killed_while_an_event_is_applied"),
    ),
    row(
        "killed",
        "event.read",
        "time entry",
        EQUALS,
        (KILLED, "killed_while_an_event_is_applied"),
    ),
    row(
        "killed",
        "event.applied",
        "time entry",
        EQUALS,
        (KILLED, "killed_while_an_event_is_applied"),
    ),
    row(
        "killed",
        "reference.read",
        "entry on an unknown project",
        EQUALS,
        (KILLED, "killed_while_a_reference_is_fetched"),
    ),
    row(
        "killed",
        "reference.applied",
        "entry on an unknown project",
        EQUALS,
        (KILLED, "killed_while_a_reference_is_fetched"),
    ),
    row(
        "killed",
        "scan.wanted",
        "timesheet",
        EQUALS,
        (KILLED, "killed_while_approvals_are_scanned"),
    ),
    row(
        "killed",
        "scan.page_read",
        "timesheet",
        EQUALS,
        (KILLED, "killed_while_approvals_are_scanned"),
    ),
    row(
        "killed",
        "scan.page_applied",
        "timesheet",
        EQUALS,
        (KILLED, "killed_while_approvals_are_scanned"),
    ),
    row(
        "killed",
        "scan.applied",
        "timesheet",
        EQUALS,
        (KILLED, "killed_while_approvals_are_scanned"),
    ),
    row(
        "killed",
        "scan.finished",
        "timesheet",
        EQUALS,
        (KILLED, "killed_while_approvals_are_scanned"),
    ),
    row(
        "killed",
        "job.created",
        "sync of all",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "job.claimed",
        "sync of all",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "job.page_read",
        "sync of all",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "job.page_applied",
        "sync of all",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "job.finished",
        "sync of all",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_dies_at_each_named_point_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "balance.read",
        "push of a balance",
        ONCE,
        (
            BALANCES,
            "a_push_that_fails_or_is_killed_at_any_moment_is_made_once",
        ),
    ),
    row(
        "killed",
        "balance.intended",
        "push of a balance",
        ONCE,
        (
            BALANCES,
            "a_push_that_fails_or_is_killed_at_any_moment_is_made_once",
        ),
    ),
    row(
        "killed",
        "balance.sent",
        "push of a balance",
        ONCE,
        (
            BALANCES,
            "a_push_that_fails_or_is_killed_at_any_moment_is_made_once",
        ),
    ),
    row(
        "killed",
        "balance.read_back",
        "push of a balance",
        ONCE,
        (
            BALANCES,
            "a_push_that_fails_or_is_killed_at_any_moment_is_made_once",
        ),
    ),
    row(
        "killed",
        "balance.settled",
        "push of a balance",
        ONCE,
        (
            BALANCES,
            "a_push_that_fails_or_is_killed_at_any_moment_is_made_once",
        ),
    ),
    row(
        "killed",
        "job.released",
        "job of several slices",
        "no page is done twice",
        (
            JOBS,
            "killed_anywhere_it_goes_on_from_its_checkpoint_and_does_no_page_twice",
        ),
    ),
    row(
        "killed",
        "job.passed_on",
        "job of several slices",
        "no page is done twice",
        (
            JOBS,
            "killed_anywhere_it_goes_on_from_its_checkpoint_and_does_no_page_twice",
        ),
    ),
    row(
        "killed",
        "resend.sent",
        "time entry",
        EQUALS,
        (KILLED, "killed_after_what_failed_was_sent_again"),
    ),
    row(
        "killed",
        "dead_letter.filed",
        "dead letter",
        "one letter, whose replay stores the record",
        (KILLED, "killed_after_a_dead_letter_was_filed"),
    ),
    row(
        "killed",
        "four times in mid-sync",
        "all resources",
        UNKILLED,
        (
            SYNC,
            "a_sync_whose_handler_is_killed_again_and_again_ends_as_if_nothing_had_happened",
        ),
    ),
    row(
        "killed",
        "during a burst of approvals",
        "timesheets",
        "every approval with its hours; a replay changes no row",
        (
            "tests/end-to-end/tests/burst.rs",
            "a_hundred_approvals_at_once_survive_a_kill",
        ),
    ),
    row(
        "killed",
        "after n answers, thrice",
        "entries and timesheets",
        EQUALS,
        (KILLED, "killed_at_any_moment_of_a_burst"),
    ),
    row(
        "killed",
        "between two posts of one key",
        "LEM sheet",
        "one sheet, the same answer",
        (
            "tests/end-to-end/tests/stories/power_apps.rs",
            "power_apps_repeats_a_tap_and_makes_one_sheet",
        ),
    ),
    row(
        "the same message twice",
        "after it was done",
        "entries and timesheets",
        EQUALS,
        (MESSAGES, "the_same_message_twice"),
    ),
    row(
        "the same message twice",
        "on two instances at once",
        "entries and timesheets",
        EQUALS,
        (MESSAGES, "the_same_message_on_two_instances_at_once"),
    ),
    row(
        "messages out of order",
        "the last one first",
        "entries and timesheets",
        EQUALS,
        (MESSAGES, "messages_the_last_one_first"),
    ),
    row(
        "webhooks out of order",
        "backward, every second twice",
        "entries and timesheets",
        EQUALS,
        (MESSAGES, "webhooks_backward_and_twice"),
    ),
    row(
        "webhooks repeated",
        "three times each",
        "timesheets",
        "no row is changed",
        (
            "tests/end-to-end/tests/stories/clockify.rs",
            "clockify_is_answered_at_once_and_whatever_it_sends_is_kept",
        ),
    ),
    row(
        "reply lost",
        "after the work was done",
        "entries and timesheets",
        EQUALS,
        (MESSAGES, "replies_that_are_lost_after_the_work_was_done"),
    ),
    row(
        "Clockify slow, 429, 5xx, HTML, half a body, cut",
        "while an event is applied",
        "time entry",
        EQUALS,
        (CLOCKIFY, "clockify_has_trouble_while_events_are_applied"),
    ),
    row(
        "Clockify slow, 429, 5xx, HTML, half a body, cut",
        "during a sync",
        "all resources",
        UNKILLED,
        (CLOCKIFY, "clockify_has_trouble_while_everything_is_synced"),
    ),
    row(
        "pages shift",
        "while they are read",
        "timesheets, report",
        "rows repeated or left out change nothing",
        (CLOCKIFY, "pages_shift_while_everything_is_synced"),
    ),
    row(
        "400 with code 501: gone",
        "before its event is applied",
        "time entry",
        "absent until it is restored",
        (CLOCKIFY, "a_record_is_gone_before_its_event_is_applied"),
    ),
    row(
        "moves between the lists",
        "while they are read",
        "timesheet",
        "keeps its hours",
        (
            SCANS,
            "a_request_that_moves_between_the_lists_keeps_its_hours",
        ),
    ),
    row(
        "owner wakes late",
        "after his lease expired",
        "scan",
        "writes nothing",
        (
            SCANS,
            "an_owner_that_wakes_after_his_lease_expired_writes_nothing",
        ),
    ),
    row(
        "owner wakes late",
        "after another took over",
        "job",
        "writes nothing",
        (
            JOBS,
            "an_owner_that_wakes_after_another_took_over_writes_nothing",
        ),
    ),
    row(
        "slow read",
        "finishes after a newer one",
        "time entry",
        "keeps the newer",
        (
            "shared/src/sync/tests/events.rs",
            "a_slow_read_that_finishes_after_a_newer_one_changes_nothing",
        ),
    ),
    row(
        "database away",
        "while events are applied",
        "time entry",
        EQUALS,
        (STORAGE, "the_database_is_away_while_events_are_applied"),
    ),
    row(
        "database: connection cut",
        "in mid-transaction",
        "any (SQL Server)",
        "the work is repeated whole",
        (MSSQL, "a_cut_connection_is_replaced_and_the_work_repeated"),
    ),
    row(
        "database: deadlock",
        "in mid-transaction",
        "any (SQL Server)",
        "the victim repeats its whole transaction",
        (MSSQL, "a_deadlocks_victim_repeats_its_whole_transaction"),
    ),
    row(
        "queue away",
        "while a webhook comes",
        "time entry",
        "503, then repeated and applied",
        (STORAGE, "the_queue_is_away_while_a_webhook_comes"),
    ),
    row(
        "blob away",
        "while a report is made",
        "report",
        "the job is tried again, its link works",
        (STORAGE, "the_files_are_away_while_a_report_is_made"),
    ),
    row(
        "clock ticks twice",
        "a timer's tick is repeated",
        "job",
        "one job",
        (
            "handlers/tests/it/work.rs",
            "a_repeated_tick_makes_no_second_job_and_another_timer_its_own",
        ),
    ),
    row(
        "settings missing or unresolved",
        "at the start",
        "none",
        "nothing is written, each is named",
        (
            "tests/end-to-end/tests/faults/start.rs",
            "in_azure_a_missing_or_unresolved_setting_refuses_the_start",
        ),
    ),
    row(
        "two people sign",
        "at once",
        "LEM sheet",
        "one signature, one line of the audit",
        (
            "tests/end-to-end/tests/faults/people.rs",
            "two_people_sign_one_lem_at_once",
        ),
    ),
    row(
        "a POST is repeated",
        "also by twins at once",
        "LEM sheet",
        "one sheet, the same answer",
        (
            "tests/end-to-end/tests/stories/power_apps.rs",
            "power_apps_repeats_a_tap_and_makes_one_sheet",
        ),
    ),
];

/// SQL Server's rows hold where there is one.
fn result(row: &Row) -> &'static str {
    if row.test.0 == MSSQL {
        "holds; needs `TEST_MSSQL_URL`"
    } else {
        "holds"
    }
}

fn table() -> String {
    let mut text = String::from(
        "| fault | moment | resource | the database afterwards | result | test |\n|---|---|---|---|---|---|\n",
    );
    for row in FAULTS {
        let file = Path::new(row.test.0)
            .file_stem()
            .and_then(|name| name.to_str());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {}: `{}` |",
            row.fault,
            row.moment,
            row.resource,
            row.afterwards,
            result(row),
            file.unwrap_or_default(),
            row.test.1,
        );
    }
    text
}

#[test]
fn every_fault_has_a_test() {
    for row in FAULTS {
        let (file, function) = row.test;
        let source = fs::read_to_string(project().join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        let declared = format!("fn {function}(");
        let (before, _) = source
            .split_once(&declared)
            .unwrap_or_else(|| panic!("{file} has no {function}"));
        let attributes = before.rsplit("\n}\n").next().unwrap_or_default();
        assert!(
            attributes.contains("test") && !attributes.contains("#[ignore"),
            "{function} is a test that runs"
        );
    }
}

#[test]
fn every_crash_point_has_its_row() {
    let points: BTreeSet<&str> = CRASH_POINTS.iter().map(|(place, _)| *place).collect();
    let rows = FAULTS.iter().filter(|row| row.fault == "killed");
    let in_table: BTreeSet<&str> = rows.map(|row| row.moment).collect();
    let missing: Vec<_> = points.difference(&in_table).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Each belief about Clockify and about the host names tests of the stand-in that there are.
#[test]
fn every_belief_has_a_test() {
    for (name, folders) in [
        ("clockify", ["clockify-sim/tests", "clockify-sim/src"]),
        ("host", ["local-host/tests", "local-host/src"]),
    ] {
        let readme = fs::read_to_string(project().join("tests/README.md"));
        let readme = readme.expect("tests/README.md");
        let part = |mark: &str| format!("<!-- {name}: {mark} -->");
        let (_, rest) = readme.split_once(&part("begin")).expect("the table begins");
        let (beliefs, _) = rest.split_once(&part("end")).expect("the table ends");
        let sources = folders.map(|folder| sources(&project().join("tests").join(folder)));
        let sources = sources.concat();
        // Behind the heading and its line.
        for line in beliefs.trim().lines().skip(2) {
            let tests = line.split(" | ").nth(1).unwrap_or_default();
            let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
            assert!(!named.is_empty(), "no test is named: {line}");
            for test in named {
                let there = sources.contains(&format!("fn {test}("));
                assert!(there, "there is no {test}");
            }
        }
    }
}

/// All of a folder's Rust, in one text.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .filter_map(Result::ok);
    let texts = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            sources(&path)
        } else {
            fs::read_to_string(path).unwrap_or_default()
        }
    });
    texts.collect()
}

#[test]
fn the_readme_shows_the_table() {
    const BEGIN: &str = "<!-- faults: begin -->\n";
    let path = project().join("tests/README.md");
    let readme = fs::read_to_string(&path).expect("tests/README.md");
    let (before, rest) = readme.split_once(BEGIN).expect("the table begins");
    let (shown, after) = rest
        .split_once("<!-- faults: end -->")
        .expect("the table ends");
    if std::env::var_os("UPDATE_README").is_some() {
        let text = format!("{before}{BEGIN}{}<!-- faults: end -->{after}", table());
        fs::write(&path, text).expect("written");
        return;
    }
    assert_eq!(shown, table(), "UPDATE_README=1 writes it");
}

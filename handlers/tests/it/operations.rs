//! The operator's pages are whole: each alert, each kind of flag and each queue whose messages can die has its place in
//! OPERATIONS.md, so that nobody is woken by a word without a page.

use shared::{
    azure::queues::{CLOCKIFY_EVENTS, JOBS},
    domain::flags::FlagKind,
};

const OPERATIONS: &str = include_str!("../../../OPERATIONS.md");
const SECURITY: &str = include_str!("../../../SECURITY.md");
const MONITORING: &str = include_str!("../../../infra/modules/monitoring.bicep");

/// The rows of all tables, by the word in their first cell, with the text of the rest.
fn rows() -> Vec<(&'static str, &'static str)> {
    OPERATIONS
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .collect()
}

/// What the page says of that word: a sentence at least.
fn has_row(word: &str) {
    let found: Vec<_> = rows()
        .into_iter()
        .filter(|(first, _)| *first == word)
        .collect();
    let [(_, says)] = found[..] else {
        panic!("OPERATIONS.md has {} rows for `{word}`", found.len())
    };
    assert!(says.len() > 60, "`{word}`: {says}");
}

#[test]
fn every_kind_of_flag_has_its_row() {
    for kind in FlagKind::ALL {
        has_row(kind.as_str());
    }
}

#[test]
fn every_alert_has_its_row() {
    let alerts: Vec<&str> = MONITORING
        .lines()
        .skip_while(|line| !line.starts_with("var alerts"))
        .take_while(|line| *line != "]")
        .filter_map(|line| line.trim().strip_prefix("name: '")?.strip_suffix('\''))
        .collect();
    assert!(alerts.len() >= 4, "{alerts:?}");
    for alert in alerts {
        has_row(alert);
    }
}

#[test]
fn every_queue_has_its_row_among_the_dead_letters() {
    for queue in [CLOCKIFY_EVENTS, JOBS] {
        has_row(queue);
    }
}

/// A page points to tests by name: they must be there.
#[test]
fn the_tests_that_are_named_as_proofs_exist() {
    let mut named = 0;
    for quoted in SECURITY.split('`').skip(1).step_by(2) {
        if let Some((file, test)) = quoted.split_once(".rs::") {
            let path = format!("{}/../{file}.rs", env!("CARGO_MANIFEST_DIR"));
            let text =
                std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(text.contains(&format!("fn {test}(")), "{quoted}");
            named += 1;
        }
    }
    assert!(named >= 15, "only {named} proofs");
}

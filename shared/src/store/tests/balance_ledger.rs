//! The ledger is only added to, explains every day, and a computation that comes to the same adds nothing.

use rust_decimal::Decimal;

use super::{on_each_engine, read, samples::*, written};
use crate::{
    domain::{
        balances::{LedgerLine, LineKind},
        ids::{EmployeeId, PolicyId},
    },
    store::{
        Store, StoreError,
        balance_ledger::{self, Entered, LedgerRow},
        employee, policy,
    },
};

on_each_engine! {
    a_day_computed_again_adds_the_difference_and_nothing_else,
    corrections_and_pushes_stand_beside_the_computed_lines,
    two_that_compute_at_once_add_once,
}

const BANKED: &str = "p1";

async fn with_people(store: &Store) {
    let people = vec![employee("e1"), employee("e2")];
    written!(store, |tx, spent| employee::upsert_page(
        &mut tx, spent, &people
    ));
    let policies = vec![policy(BANKED)];
    written!(store, |tx, spent| policy::upsert_page(
        &mut tx, spent, &policies
    ));
}

fn line(kind: LineKind, day: &str, source: &str, hours: &str) -> LedgerLine {
    LedgerLine {
        kind,
        date: date(day),
        source: source.into(),
        hours: decimal(hours),
        reason: "weekday over 8".into(),
    }
}

async fn recompute(store: &Store, employee_id: &str, lines: &[LedgerLine]) -> u64 {
    let (policy_id, employee_id) = (PolicyId::from(BANKED), EmployeeId::from(employee_id));
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (&employee_id, line.clone()))
        .collect();
    store
        .write(async |mut tx| {
            let entered = Entered {
                by: "balances:banked",
                at: instant("2026-11-22T13:00:00Z"),
            };
            balance_ledger::recompute(&mut tx, &policy_id, &[&employee_id], &lines, entered).await
        })
        .await
        .expect("written")
}

async fn rows(store: &Store, employee_id: &str) -> Vec<LedgerRow> {
    read!(store, |tx| balance_ledger::list(
        &mut tx,
        &BANKED.into(),
        &employee_id.into()
    ))
}

async fn balance(store: &Store, employee_id: &str) -> Decimal {
    let balances = read!(store, |tx| balance_ledger::balances(
        &mut tx,
        &BANKED.into()
    ));
    balances
        .get(&EmployeeId::from(employee_id))
        .copied()
        .unwrap_or_default()
}

/// §5: "Corrections … are entries of the ledger with who, when and why"; the ledger "explains every balance day by
/// day", "nothing is edited or deleted".
async fn a_day_computed_again_adds_the_difference_and_nothing_else(store: &Store) {
    use LineKind::{Earned, Taken};
    with_people(store).await;
    let first = [
        line(Earned, "2026-03-02", "", "2"),
        line(Earned, "2026-03-03", "", "1.25"),
        line(Taken, "2026-04-06", "r1", "-3"),
    ];
    assert_eq!(recompute(store, "e1", &first).await, 3);
    assert_eq!(recompute(store, "e2", &first[..1]).await, 1);
    let at_first = rows(store, "e1").await;
    assert_eq!(at_first.len(), 3);

    // The same again adds nothing.
    assert_eq!(recompute(store, "e1", &first).await, 0);
    assert_eq!(rows(store, "e1").await, at_first);

    // An entry edited late, a request withdrawn, a day that is new.
    let second = [
        line(Earned, "2026-03-02", "", "0.75"),
        line(Earned, "2026-03-03", "", "1.25"),
        line(Earned, "2026-03-04", "", "4"),
    ];
    assert_eq!(recompute(store, "e1", &second).await, 3);
    let now = rows(store, "e1").await;
    let told: Vec<_> = now
        .iter()
        .map(|row| (row.date, row.revision, row.hours, row.reason.as_str()))
        .collect();
    let of =
        |day: &str, revision, hours: &str, reason| (date(day), revision, decimal(hours), reason);
    assert_eq!(
        told,
        [
            of("2026-03-02", 1, "2", "weekday over 8"),
            of("2026-03-02", 2, "-1.25", "computed again: weekday over 8"),
            of("2026-03-03", 1, "1.25", "weekday over 8"),
            of("2026-03-04", 1, "4", "weekday over 8"),
            of("2026-04-06", 1, "-3", "weekday over 8"),
            of("2026-04-06", 2, "3", "no longer so"),
        ]
    );
    for row in &at_first {
        assert!(now.contains(row), "{row:?} was edited or deleted");
    }
    assert_eq!(balance(store, "e1").await, decimal("6"));
    assert_eq!(balance(store, "e2").await, decimal("2"));

    // The request stands again: a third revision.
    let third = [&second[..], &first[2..]].concat();
    assert_eq!(recompute(store, "e1", &third).await, 1);
    assert_eq!(balance(store, "e1").await, decimal("3"));
}

async fn corrections_and_pushes_stand_beside_the_computed_lines(store: &Store) {
    with_people(store).await;
    recompute(
        store,
        "e1",
        &[line(LineKind::Earned, "2026-03-02", "", "2")],
    )
    .await;
    let row = |id: &str, kind, hours: &str| LedgerRow {
        id: id.into(),
        employee_id: "e1".into(),
        policy_id: BANKED.into(),
        kind,
        date: date("2026-11-20"),
        source: id.into(),
        revision: 1,
        hours: decimal(hours),
        reason: "paid out in November".into(),
        paid_out: kind == LineKind::Corrected,
        entered_by: "key payroll".into(),
        entered_at: instant("2026-11-20T17:00:00Z"),
    };
    let written = vec![
        row("c1", LineKind::Corrected, "-1.5"),
        row("u1", LineKind::Pushed, "0.5"),
    ];
    store
        .write(async |mut tx| balance_ledger::append(&mut tx, &written).await)
        .await
        .expect("written");
    assert_eq!(rows(store, "e1").await[1..], written[..]);
    // A computation leaves them alone.
    assert_eq!(recompute(store, "e1", &[]).await, 1);
    assert_eq!(balance(store, "e1").await, decimal("-1.5"));

    let all = read!(store, |tx| balance_ledger::corrections(
        &mut tx,
        &BANKED.into(),
        None
    ));
    let [correction] = &all[&EmployeeId::from("e1")][..] else {
        panic!("{all:?}")
    };
    assert_eq!(correction.date, date("2026-11-20"));
    assert_eq!(correction.hours, decimal("-1.5"));
    assert_eq!(correction.reason, "paid out in November");
    assert!(correction.paid_out);
    let of_another = read!(store, |tx| balance_ledger::corrections(
        &mut tx,
        &BANKED.into(),
        Some(&"e2".into())
    ));
    assert!(of_another.is_empty());
    // The same correction again is refused.
    let again = store
        .write(async |mut tx| balance_ledger::append(&mut tx, &written[..1]).await)
        .await;
    assert!(
        matches!(again, Err(StoreError::Duplicate { .. })),
        "{again:?}"
    );
}

async fn two_that_compute_at_once_add_once(store: &Store) {
    with_people(store).await;
    let lines = [line(LineKind::Earned, "2026-03-02", "", "2")];
    let (one, other) = tokio::join!(
        recompute(store, "e1", &lines),
        recompute(store, "e1", &lines)
    );
    assert_eq!(one + other, 1);
    assert_eq!(balance(store, "e1").await, decimal("2"));
}

/// "Nothing is edited or deleted": no source of the program holds a statement that could.
#[test]
fn no_statement_edits_or_deletes_the_ledger() {
    fn sources(folder: &std::path::Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, texts);
            } else if !path.ends_with("store/tests/balance_ledger.rs") {
                texts.extend(std::fs::read_to_string(&path));
            }
        }
    }
    let mut texts = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    sources(&root.join("shared/src"), &mut texts);
    sources(&root.join("handlers/src"), &mut texts);
    assert!(
        texts
            .iter()
            .any(|text| text.contains("INSERT INTO balance_ledger"))
    );
    for text in texts {
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for forbidden in ["UPDATE balance_ledger", "DELETE FROM balance_ledger"] {
            assert!(!words.contains(forbidden), "{forbidden}");
        }
    }
}

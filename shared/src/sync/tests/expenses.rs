//! Expenses: by list, by event, inside timesheets; those that change late, vanish or refer to something unknown.

use serde_json::{Value, json};

use super::{
    clockify::WORKSPACE,
    house::{House, category, decide, expense},
};
use crate::{
    crash_point::killed_at,
    domain::{flags::FlagKind, timesheet::TimesheetState},
    jobs::{JobStatus, Stats},
    store::{delivery::Outcome, expense_category},
};

/// As `EXPENSE_UPDATED` and `EXPENSE_DELETED` tell it: ids alone.
fn changed_body(id: &str) -> Value {
    json!({"expenseId": id, "workspaceId": WORKSPACE, "userId": "ann", "projectId": "river"})
}

/// `drive:APPROVED lunch:-`
async fn shown(house: &House) -> String {
    let shown: Vec<String> = house
        .expenses()
        .await
        .iter()
        .map(|stored| {
            let state = stored.membership.state();
            format!(
                "{}:{}",
                stored.expense.id,
                state.map_or("-", TimesheetState::as_str)
            )
        })
        .collect();
    shown.join(" ")
}

/// `domain.md` §2, §3: a timesheet groups expenses too; one that is rejected releases them.
#[tokio::test]
async fn an_expense_has_the_state_of_its_timesheet() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    assert_eq!(shown(&house).await, "drive:PENDING lunch:PENDING");
    decide(&mut house.clockify.world(), "ann-week", "APPROVED", 10);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(shown(&house).await, "drive:APPROVED lunch:APPROVED");
    // Taken out while pending again, and then the whole week rejected.
    {
        let mut world = house.clockify.world();
        decide(&mut world, "ann-week", "PENDING", 20);
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.expenses.retain(|id| id != "lunch");
    }
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(shown(&house).await, "drive:PENDING lunch:-");
    decide(&mut house.clockify.world(), "ann-week", "REJECTED", 30);
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(shown(&house).await, "drive:REJECTED lunch:-");
}

/// `domain.md` §7, *Time status*: "has entries, sent nothing": expenses that were sent are no sent week.
#[tokio::test]
async fn a_request_of_expenses_alone_is_stored_as_such() {
    let house = House::with_company().await;
    let entries = {
        let mut world = house.clockify.world();
        let week = world.approvals.get_mut("ann-week").unwrap();
        std::mem::take(&mut week.entries)
    };
    house.sync("all", json!({})).await;
    let is_of_expenses = async |id: &str| house.timesheet(id).await.unwrap().expenses_only;
    assert!(is_of_expenses("ann-week").await);
    assert!(!is_of_expenses("bob-week").await);
    assert_eq!(shown(&house).await, "drive:PENDING lunch:PENDING");
    // A rejection, of which no list tells more, leaves it what it is.
    decide(&mut house.clockify.world(), "ann-week", "REJECTED", 10);
    house.approval_event("ann-week").await.unwrap();
    assert!(is_of_expenses("ann-week").await);
    // Sent again with the time of the week.
    {
        let mut world = house.clockify.world();
        decide(&mut world, "ann-week", "PENDING", 20);
        world.approvals.get_mut("ann-week").unwrap().entries = entries;
    }
    house.approval_event("ann-week").await.unwrap();
    assert!(!is_of_expenses("ann-week").await);
}

#[tokio::test]
async fn an_expense_that_left_its_timesheet_is_deleted_only_if_clockify_says_so() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        world.expenses.remove("lunch");
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.expenses.clear();
    }
    house.approval_event("ann-week").await.unwrap();
    assert_eq!(shown(&house).await, "drive:-");
}

#[tokio::test]
async fn events_have_the_expense_read_again_in_any_order() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let taxi = expense("taxi", "bob", "2026-11-09");
    house
        .clockify
        .world()
        .expenses
        .insert("taxi".into(), taxi.clone());
    let created = json!({"id": "taxi", "workspaceId": WORKSPACE, "userId": "bob", "total": 1});
    house.event("EXPENSE_CREATED", &created).await.unwrap();
    house.event("EXPENSE_CREATED", &created).await.unwrap();
    let stored = house.expenses().await.pop().unwrap().expense;
    assert_eq!(stored.id.as_str(), "taxi");
    assert_eq!(
        stored.total.to_string(),
        "70.00",
        "the body is not believed"
    );

    house.clockify.world().expenses.remove("taxi");
    house
        .event("EXPENSE_DELETED", &changed_body("taxi"))
        .await
        .unwrap();
    house
        .event("EXPENSE_UPDATED", &changed_body("taxi"))
        .await
        .unwrap();
    assert_eq!(house.expenses().await.len(), 2);
    let outcomes: Vec<Outcome> = house.deliveries().await.iter().map(|d| d.outcome).collect();
    assert_eq!(outcomes, [Outcome::Gone, Outcome::Gone, Outcome::Applied]);

    // Restored, and the notice of the deletion once more after that of the restoring.
    house.clockify.world().expenses.insert("taxi".into(), taxi);
    house.event("EXPENSE_RESTORED", &created).await.unwrap();
    house
        .event("EXPENSE_DELETED", &changed_body("taxi"))
        .await
        .unwrap();
    assert_eq!(house.expenses().await.len(), 3);
}

#[tokio::test]
async fn a_slow_read_does_not_put_a_deleted_expense_back() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let release = house.clockify.hold("GET expenses/lunch");
    let body = changed_body("lunch");
    let slow = house.event("EXPENSE_UPDATED", &body);
    let fast = async {
        let asked = "GET expenses/lunch".to_owned();
        while !house.clockify.requests().contains(&asked) {
            tokio::task::yield_now().await;
        }
        house.clockify.world().expenses.remove("lunch");
        house
            .event("EXPENSE_DELETED", &changed_body("lunch"))
            .await
            .unwrap();
        release.send(()).unwrap();
    };
    let (slow, ()) = tokio::join!(slow, fast);
    slow.unwrap();
    assert_eq!(shown(&house).await, "drive:PENDING");
}

#[tokio::test]
async fn an_event_killed_anywhere_is_applied_by_its_next_delivery() {
    for place in ["event.recorded", "event.read", "event.applied"] {
        let house = House::with_company().await;
        house.sync("all", json!({})).await;
        house.clockify.world().expenses.get_mut("lunch").unwrap()["total"] = json!(1234.5);
        let body = changed_body("lunch");
        let run = Box::pin(house.event_in("m", "EXPENSE_UPDATED", &body));
        assert!(killed_at(place, 1, run).await.is_none(), "{place}");
        house.event_in("m", "EXPENSE_UPDATED", &body).await.unwrap();
        let lunch = house.expenses().await.pop().unwrap().expense;
        assert_eq!(lunch.total.to_string(), "12.35", "{place}: half up");
    }
}

#[tokio::test]
async fn a_sync_finds_what_changed_late_and_what_vanished() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        let late = expense("late", "ann", "2026-10-12");
        world.expenses.insert("late".into(), late);
        world.expenses.get_mut("drive").unwrap()["notes"] = json!("edited");
        world.expenses.remove("lunch");
        world.categories.remove(1);
        world.categories[0]["priceInCents"] = json!(72);
    }
    let job = house.sync("expenses", json!({})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(shown(&house).await, "late:- drive:PENDING");
    assert_eq!(
        house.expenses().await[1].expense.notes.as_deref(),
        Some("edited")
    );
    let categories = house
        .store
        .read(async |mut tx| expense_category::list(&mut tx).await)
        .await
        .unwrap();
    assert!(categories[0].archived, "meals vanished");
    assert_eq!(categories[1].unit_price.unwrap().to_string(), "0.72");
    let again = house.sync("expenses", json!({"night": 2})).await;
    let written = Stats {
        read: 0,
        ..again.stats
    };
    assert_eq!(written, Stats::default(), "{:?}", again.stats);
}

/// `domain.md` §3: vanished only if Clockify says that it is gone.
#[tokio::test]
async fn an_expense_that_slips_from_the_list_is_asked_for() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    let slipped = house.clockify.world().expenses.remove("lunch").unwrap();
    house.clockify.before("GET expenses/lunch", move |world| {
        world.expenses.insert("lunch".into(), slipped);
    });
    house.sync("expenses", json!({})).await;
    assert_eq!(house.expenses().await.len(), 2);
}

/// The list takes no dates: a night reads down to its first day, and judges nothing before that.
#[tokio::test]
async fn a_night_reads_no_further_down_than_its_first_day() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        for n in 0..400 {
            let day = format!("2026-{:02}-{:02}", 1 + n / 50, 1 + n % 28);
            let id = format!("old-{n:03}");
            world.expenses.insert(id.clone(), expense(&id, "bob", &day));
        }
    }
    house.sync("all", json!({})).await;
    assert_eq!(house.expenses().await.len(), 402);
    house.clockify.forget_requests();
    house.clockify.world().expenses.remove("old-000");
    house.sync("expenses", json!({"night": 2})).await;
    let pages = house.clockify.requests();
    let pages = pages.iter().filter(|r| r.starts_with("GET expenses page"));
    assert_eq!(pages.count(), 1);
    assert_eq!(house.expenses().await.len(), 402);
    // A full one reads all of it.
    house.sync("expenses", json!({"full": true})).await;
    assert_eq!(house.expenses().await.len(), 401);
}

#[tokio::test]
async fn an_unknown_category_is_fetched_or_becomes_a_flagged_stub() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    {
        let mut world = house.clockify.world();
        world.categories.push(category("hotel", None));
        world.expenses.get_mut("drive").unwrap()["categoryId"] = json!("hotel");
        world.expenses.get_mut("lunch").unwrap()["categoryId"] = json!("ghost");
    }
    for id in ["drive", "lunch"] {
        house
            .event("EXPENSE_UPDATED", &changed_body(id))
            .await
            .unwrap();
    }
    let categories = house
        .store
        .read(async |mut tx| expense_category::list(&mut tx).await)
        .await
        .unwrap();
    let stubs: Vec<&str> = categories
        .iter()
        .filter(|category| category.is_stub)
        .map(|category| category.id.as_str())
        .collect();
    assert_eq!((categories.len(), stubs), (4, vec!["ghost"]));
    assert_eq!(
        house.flags().await,
        [(FlagKind::UnknownRecord, "ghost".to_owned())]
    );
    house
        .clockify
        .world()
        .categories
        .push(category("ghost", None));
    house.sync("expenses", json!({})).await;
    assert_eq!(house.flags().await, []);
}

/// `domain.md` §9: an approved timesheet of expenses alone holds something.
#[tokio::test]
async fn a_timesheet_of_expenses_alone_is_not_flagged_as_empty() {
    let house = House::with_company().await;
    {
        let mut world = house.clockify.world();
        let week = world.approvals.get_mut("ann-week").unwrap();
        week.entries.clear();
        let week = world.approvals.get_mut("bob-week").unwrap();
        week.entries.clear();
        for id in ["ann-week", "bob-week"] {
            decide(&mut world, id, "APPROVED", 10);
        }
    }
    house.sync("all", json!({})).await;
    assert_eq!(
        house.flags().await,
        [(
            FlagKind::ApprovedTimesheetWithoutEntries,
            "bob-week".to_owned()
        )]
    );
}

/// What nobody can read is flagged, and stays where it is.
#[tokio::test]
async fn an_expense_that_cannot_be_read_is_flagged_and_kept() {
    let house = House::with_company().await;
    house.sync("all", json!({})).await;
    house.clockify.world().expenses.get_mut("lunch").unwrap()["total"] = json!(null);
    let job = house.sync("all", json!({"night": 2})).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(shown(&house).await, "drive:PENDING lunch:PENDING");
    assert_eq!(
        house.flags().await,
        [(FlagKind::RecordUnreadable, "lunch".to_owned())]
    );
    house.clockify.world().expenses.get_mut("lunch").unwrap()["total"] = json!(100);
    house.sync("all", json!({"night": 3})).await;
    assert_eq!(house.flags().await, []);
}

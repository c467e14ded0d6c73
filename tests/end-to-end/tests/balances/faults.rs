//! One push with every fault of Clockify and every death of the program; and a setting that is wrong.

use clockify_sim::{BalancePatch, Command, DayPart, Fault, Id, Switches, TimeOffPlan, Trouble};
use jiff::civil::date;
use rust_decimal::Decimal;
use shared::{
    balances::BalanceKind,
    domain::{balances::PushMode, flags::FlagKind},
    jobs::JobStatus,
    store::{balance::Outcome, balance_push::PushResult},
};

use crate::house::House;

const NOW: &str = "2026-11-16T13:00:00Z";
const PATCH: &str = "*/time-off/balance/policy/*";

/// Of 8 h each: all of it is banked, and more than is sent at once.
async fn bank_six_saturdays(house: &House, person: Id, tag: Id) {
    for week in 0..6 {
        let day = date(2026, 7, 4).saturating_add(jiff::ToSpan::days(7 * week));
        house.bank(person, day, 8, tag).await;
    }
}

/// "This call is never retried blindly"; "a repeat after an unclear failure must re-read first": whatever happens to
/// the call or to the program, the difference is made once.
#[tokio::test]
async fn a_push_that_fails_or_is_killed_at_any_moment_is_made_once() {
    let mut house = House::new(6, NOW).await;
    house.settings.push.held_over = Decimal::from(10_000);
    let person = house.hire("Ada Stone", date(2026, 1, 5), Some("1")).await;
    let tag = house.tag("BANKED - OFFICE").await;
    house.sync().await;
    house.push(BalanceKind::Banked).await;
    house
        .assert_equal(BalanceKind::Banked, "before all faults")
        .await;

    let troubles = [
        Trouble::LoseReply,
        Trouble::Cut,
        Trouble::Status(500),
        Trouble::Status(503),
        Trouble::Html,
        Trouble::TooMany(None),
        Trouble::HalfBody,
    ];
    let deaths = [
        "job.claimed",
        "job.page_read",
        "job.page_applied",
        "balance.read",
        "balance.intended",
        "balance.sent",
        "balance.read_back",
        "balance.settled",
        "job.finished",
    ];
    // Tuesdays: no general holiday falls on them.
    let mut day = date(2026, 6, 2);
    let mut expected = house.in_clockify(BalanceKind::Banked).await;
    let moments = troubles
        .into_iter()
        .map(|trouble| (Some(trouble), None))
        .chain(deaths.into_iter().map(|place| (None, Some((place, 1)))));
    for (trouble, death) in moments {
        house.bank(person, day, 10, tag).await;
        day = day.saturating_add(jiff::ToSpan::days(7));
        house.sync().await;
        let when = format!("{trouble:?} {death:?}");
        if let Some(trouble) = trouble {
            let fault = Fault::once(PATCH, trouble).on("PATCH");
            house.control.add_fault(&fault).await.expect("a fault");
        }
        let before = house.in_clockify(BalanceKind::Banked).await;
        let (job, killed) = house.push_and_die(BalanceKind::Banked, death).await;
        assert_eq!(killed.is_some(), death.is_some(), "{when}");
        assert_eq!(job.status, JobStatus::Succeeded, "{when}: {:?}", job.error);
        house.control.clear_faults().await.expect("no fault");

        let theirs = expected
            .get_mut(&person.to_string().into())
            .expect("a balance");
        *theirs += Decimal::from(2);
        let now = house.in_clockify(BalanceKind::Banked).await;
        assert_eq!(now, expected, "{when}");
        if let Some(balances) = killed {
            assert!(balances == before || balances == now, "{when}");
        }
        house.assert_equal(BalanceKind::Banked, &when).await;
        let open = house.open_pushes().await;
        assert!(open.is_empty(), "{when}: {open:?}");
    }
}

/// What a job sends is what the records say when it sends: leave that somebody asks for while the job waits for
/// Clockify is not given back to him.
#[tokio::test]
async fn leave_that_is_taken_while_a_job_waits_is_not_given_back() {
    let house = House::new(6, NOW).await;
    let person = house.hire("Ada Stone", date(2026, 1, 5), Some("1")).await;
    let tag = house.tag("BANKED - OFFICE").await;
    house.bank(person, date(2026, 6, 2), 12, tag).await;
    house.sync().await;
    house.push(BalanceKind::Banked).await;
    let id = person.to_string().into();
    let balance = async || house.in_clockify(BalanceKind::Banked).await[&id];
    assert_eq!(balance().await, Decimal::from(4));

    let three = Decimal::from(3);
    let corrected = house.correct(BalanceKind::Banked, person, three).await;
    corrected.expect("entered");
    let fault = Fault::once(PATCH, Trouble::Status(503)).on("PATCH");
    house.control.add_fault(&fault).await.expect("a fault");
    let job = house.begin_push(BalanceKind::Banked).await;
    assert_eq!(balance().await, Decimal::from(4), "the job waits");

    let ask = Command::AskForTimeOff(TimeOffPlan {
        person,
        policy: house
            .policy_id(BalanceKind::Banked)
            .as_str()
            .parse()
            .expect("an id"),
        first: date(2026, 12, 1),
        last: date(2026, 12, 1),
        part: DayPart::Whole,
        note: None,
    });
    house.make(ask).await;
    assert_eq!(
        balance().await,
        Decimal::from(-4),
        "Clockify takes it at once"
    );
    house.sync().await;

    let job = house.finish(&job, None).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert_eq!(balance().await, Decimal::NEGATIVE_ONE);
    house
        .assert_equal(BalanceKind::Banked, "after the job has waited")
        .await;
    let sent = &house.pushes_of(person).await[0];
    assert_eq!(
        (sent.result, sent.difference),
        (PushResult::Confirmed, three)
    );
}

/// A surprise stops the sending, not the reckoning: also a difference that would be held waits until somebody has
/// looked at the surprise.
#[tokio::test]
async fn a_great_difference_after_a_surprise_is_stopped_and_held_later() {
    let mut house = House::new(6, NOW).await;
    let person = house.hire("Ada Stone", date(2026, 1, 5), Some("1")).await;
    let tag = house.tag("BANKED - OFFICE").await;
    bank_six_saturdays(&house, person, tag).await;
    house.sync().await;
    house.push(BalanceKind::Banked).await;
    house.release_all().await;
    house.push(BalanceKind::Banked).await;
    house.assert_equal(BalanceKind::Banked, "at first").await;

    // Clockify takes 2 h more for the whole balance.
    house.bank(person, date(2026, 9, 1), 10, tag).await;
    house.sync().await;
    let switches = |balance_patch| Switches {
        balance_patch,
        requests_per_second: None,
        ..Switches::default()
    };
    let absolute = switches(BalancePatch::Absolute);
    house.control.set_switches(&absolute).await.expect("set");
    let job = house.push(BalanceKind::Banked).await;
    assert_eq!(job.status, JobStatus::Failed);
    let [surprise] = &house.open_pushes().await[..] else {
        panic!("one surprise")
    };
    let patches = house.patches().await;
    for days in 1..3 {
        house.let_pass(1).await;
        let job = house.push(BalanceKind::Banked).await;
        assert_eq!(job.status, JobStatus::Failed, "day {days}");
        let error = job.error.expect("a reason");
        assert!(error.contains(&surprise.id), "day {days}: {error}");
        let listed = house.balance(BalanceKind::Banked, person).await;
        let listed = listed.expect("listed");
        assert_eq!(listed.balance.outcome, Outcome::Stopped, "day {days}");
        assert_eq!(listed.balance.computed_hours, Decimal::from(50));
        let reason = listed.balance.reason.expect("a reason");
        assert!(reason.contains(&surprise.id), "day {days}: {reason}");
        assert_eq!(house.open_pushes().await.len(), 1, "day {days}");
    }
    assert_eq!(house.patches().await, patches);

    // Somebody looks: what is missing now is great, so it is held, and sent once it is released.
    let delta = switches(BalancePatch::Delta);
    house.control.set_switches(&delta).await.expect("set");
    assert_eq!(house.release_all().await, 1);
    house.push(BalanceKind::Banked).await;
    let [held] = &house.open_pushes().await[..] else {
        panic!("one held push")
    };
    assert_eq!(held.result, PushResult::Held);
    house.release_all().await;
    house.push(BalanceKind::Banked).await;
    house.assert_equal(BalanceKind::Banked, "at the end").await;
}

/// §5: "after each push the balance is read back and must be what was meant, else the job stops and flags". "A wrong
/// `delta`/`absolute` setting is caught at the first push of one employee, and nothing further is sent."
#[tokio::test]
async fn a_wrong_setting_is_caught_at_the_first_push_and_nothing_more_is_sent() {
    for (theirs, ours, right) in [
        (BalancePatch::Absolute, PushMode::Delta, PushMode::Absolute),
        (BalancePatch::Delta, PushMode::Absolute, PushMode::Delta),
    ] {
        let mut house = House::new(8, NOW).await;
        house.settings.push.held_over = Decimal::from(10_000);
        house.settings.push.mode = ours;
        let switches = Switches {
            balance_patch: theirs,
            requests_per_second: None,
            ..Switches::default()
        };
        house.control.set_switches(&switches).await.expect("set");
        let before = house.in_clockify(BalanceKind::Vacation).await;

        let job = house.push(BalanceKind::Vacation).await;
        assert_eq!(job.status, JobStatus::Failed, "{ours:?}");
        let error = job.error.expect("a reason");
        assert!(error.contains("BALANCE_PUSH"), "{error}");
        let [surprise] = &house.open_pushes().await[..] else {
            panic!("one surprise")
        };
        // Jobs are shown to who may not see pay.
        let without_id = error.replace(&surprise.id, "");
        assert!(
            !without_id.contains(|c: char| c.is_ascii_digit()),
            "{error}"
        );
        assert_eq!(house.patches().await, 1, "{ours:?}");
        let after = house.in_clockify(BalanceKind::Vacation).await;
        let touched = before
            .iter()
            .filter(|(id, was)| after.get(*id) != Some(*was));
        assert_eq!(touched.count(), 1, "{ours:?}");
        let [surprise] = &house.open_pushes().await[..] else {
            panic!("one surprise")
        };
        assert_eq!(surprise.result, PushResult::Surprise);
        assert_eq!(
            house.flags(FlagKind::BalancePushNotAsMeant).await,
            [surprise.id.as_str()]
        );

        // The next days' jobs, of either balance, compute and send nothing.
        for kind in [
            BalanceKind::Banked,
            BalanceKind::Vacation,
            BalanceKind::Banked,
        ] {
            house.let_pass(1).await;
            let job = house.push(kind).await;
            assert_eq!(job.status, JobStatus::Failed, "{ours:?} {kind:?}");
            assert_eq!(house.patches().await, 1, "{ours:?} {kind:?}");
            let stopped = house.balances(kind).await.into_iter();
            assert!(
                stopped
                    .map(|listed| listed.balance.outcome)
                    .any(|outcome| outcome == Outcome::Stopped)
            );
        }

        // Somebody looks, puts the setting right, and says so.
        house.settings.push.mode = right;
        assert_eq!(house.release_all().await, 1);
        assert!(
            house
                .flags(FlagKind::BalancePushNotAsMeant)
                .await
                .is_empty()
        );
        for kind in BalanceKind::ALL {
            let job = house.push(kind).await;
            assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
            house.assert_equal(kind, "after the setting is right").await;
        }
    }
}

/// §5: "`dryRun` computes and records, and sends nothing"; "A difference over 40 hours is not sent: it is recorded as
/// held, for a person to release."
#[tokio::test]
async fn a_dry_run_sends_nothing_and_a_great_difference_waits_for_a_person() {
    let house = House::new(6, NOW).await;
    let person = house.hire("Ada Stone", date(2026, 1, 5), Some("1")).await;
    let tag = house.tag("BANKED - OFFICE").await;
    bank_six_saturdays(&house, person, tag).await;
    house.sync().await;
    let dry = house.dry_run(BalanceKind::Banked).await;
    assert_eq!(dry.status, JobStatus::Succeeded);
    assert_eq!(house.patches().await, 0);
    let shown = house
        .balance(BalanceKind::Banked, person)
        .await
        .expect("listed");
    assert_eq!(shown.balance.outcome, Outcome::DryRun);
    assert_eq!(shown.balance.computed_hours, Decimal::from(48));
    assert!(house.open_pushes().await.is_empty());
    let results: Vec<_> = house.pushes_of(person).await;
    assert_eq!(results[0].result, PushResult::DryRun);

    let job = house.push(BalanceKind::Banked).await;
    assert_eq!(job.status, JobStatus::Succeeded);
    let held = house
        .balance(BalanceKind::Banked, person)
        .await
        .expect("listed");
    assert_eq!(held.balance.outcome, Outcome::Held);
    let (id, result) = held.open_push.expect("a held push");
    assert_eq!(result, PushResult::Held);
    assert_eq!(
        house.flags(FlagKind::BalancePushHeld).await,
        [id.as_str()],
        "only hers is that great"
    );
    // The same difference goes on waiting as the same push.
    house.push(BalanceKind::Banked).await;
    let [waiting] = &house.open_pushes().await[..] else {
        panic!("one push")
    };
    assert_eq!(waiting.id, id);

    // Released, it is another difference by then: it is held anew, and not sent.
    house.release_all().await;
    house.bank(person, date(2026, 9, 5), 8, tag).await;
    house.sync().await;
    house.push(BalanceKind::Banked).await;
    let [waiting] = &house.open_pushes().await[..] else {
        panic!("one push")
    };
    assert_ne!(waiting.id, id);
    assert_eq!(waiting.result, PushResult::Held);
    assert_eq!(
        house.flags(FlagKind::BalancePushHeld).await,
        [waiting.id.as_str()]
    );

    assert_eq!(house.release_all().await, 1);
    assert!(house.flags(FlagKind::BalancePushHeld).await.is_empty());
    let job = house.push(BalanceKind::Banked).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    assert!(house.open_pushes().await.is_empty());
    house
        .assert_equal(BalanceKind::Banked, "once released")
        .await;
    let sent = &house.pushes_of(person).await[0];
    assert_eq!(sent.result, PushResult::Confirmed);
    assert_eq!(sent.released_by.as_deref(), Some("key payroll"));
}

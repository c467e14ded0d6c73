//! "Two employees of one name, one who left, one who changed from hourly to salaried, one without a start date: each
//! balance as `domain.md` says."

use std::collections::BTreeMap;

use clockify_sim::{Command, Id, PersonChange, PersonPlan};
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::json;
use shared::{
    balances::BalanceKind,
    domain::flags::FlagKind,
    jobs::JobStatus,
    store::balance::{ListedBalance, Outcome},
};

use crate::house::House;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

async fn edit(house: &House, person: Id, change: PersonChange) {
    let command = Command::EditPerson { person, change };
    house.control.run(&command).await.expect("changed");
}

#[tokio::test]
async fn each_persons_balance_is_his_own() {
    let mut house = House::new(6, "2026-11-16T13:00:00Z").await;
    house.settings.push.held_over = Decimal::from(10_000);
    house.settings.vacation.first_year = 2026;
    let tag = house.tag("BANKED - OFFICE").await;
    let elder = house.hire("Sam Lee", date(2020, 5, 4), Some("0")).await;
    let younger = house.hire("Sam Lee", date(2026, 7, 1), Some("0")).await;
    let leaver = house.hire("Lou Gone", date(2026, 1, 1), Some("0")).await;
    let changed = house.hire("Max Turner", date(2026, 3, 2), Some("1")).await;
    let nameless_type = house.hire("Kim Odd", date(2026, 3, 2), None).await;
    let undated = house
        .make(Command::AddPerson(PersonPlan {
            name: "Pat Early".to_owned(),
            email: "pat@example.com".to_owned(),
            first_day: date(2026, 1, 1),
            fields: BTreeMap::from([("Rate Type".to_owned(), json!("0"))]),
        }))
        .await;
    for person in [elder, younger, leaver, changed, nameless_type, undated] {
        house.bank(person, date(2026, 9, 12), 6, tag).await;
    }
    house.bank(elder, date(2026, 9, 19), 3, tag).await;
    let fields = BTreeMap::from([("End Date".to_owned(), json!("2026-09-30"))]);
    let left = PersonChange {
        active: Some(false),
        fields,
        ..PersonChange::default()
    };
    edit(&house, leaver, left).await;
    house.sync().await;

    let before = [
        house.in_clockify(BalanceKind::Banked).await,
        house.in_clockify(BalanceKind::Vacation).await,
    ];
    for kind in BalanceKind::ALL {
        let job = house.push(kind).await;
        assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
        house.assert_equal(kind, "at first").await;
    }
    let banked = async |house: &House, person| house.balance(BalanceKind::Banked, person).await;
    let vacation = async |house: &House, person| house.balance(BalanceKind::Vacation, person).await;
    let told = |listed: Option<ListedBalance>| {
        let balance = listed.expect("listed").balance;
        (balance.outcome, balance.computed_hours, balance.reason)
    };

    // Two of one name: each by his own records. 318 days to Saturday, 14 November; 137 from 1 July.
    let sent = |hours: &str| (Outcome::Sent, decimal(hours), None);
    assert_eq!(told(banked(&house, elder).await), sent("9"));
    assert_eq!(told(banked(&house, younger).await), sent("6"));
    assert_eq!(told(vacation(&house, elder).await), sent("139.92"));
    assert_eq!(told(vacation(&house, younger).await), sent("60.28"));
    // In a policy of days: 139.92 h and 60.28 h, to 0.01 day, half up.
    let days = house.in_clockify(BalanceKind::Vacation).await;
    assert_eq!(days[&elder.to_string().into()], decimal("17.49"));
    assert_eq!(days[&younger.to_string().into()], decimal("7.54"));

    // Who left: nothing is sent, and his balances are flagged. 273 days to his last.
    let not_sent =
        |hours: &str, why: &str| (Outcome::NotSent, decimal(hours), Some(why.to_owned()));
    let gone = "not active in Clockify";
    assert_eq!(told(banked(&house, leaver).await), not_sent("6", gone));
    assert_eq!(
        told(vacation(&house, leaver).await),
        not_sent("120.12", gone)
    );
    let leavers = house.flags(FlagKind::LeaverWithBalance).await;
    for listed in [banked(&house, leaver).await, vacation(&house, leaver).await] {
        let id = listed.expect("listed").balance.id;
        assert!(leavers.contains(&id), "{leavers:?}");
    }

    // Without a start date or a rate type: computed, shown, not sent.
    let undated_vacation = "139.92";
    assert_eq!(
        told(banked(&house, undated).await),
        not_sent("6", "no start date")
    );
    assert_eq!(
        told(vacation(&house, undated).await),
        not_sent(undated_vacation, "no start date")
    );
    assert_eq!(
        told(banked(&house, nameless_type).await),
        not_sent("6", "no rate type")
    );
    for (kind, before) in BalanceKind::ALL.into_iter().zip(&before) {
        let now = house.in_clockify(kind).await;
        for person in [leaver, undated, nameless_type] {
            let id = person.to_string().into();
            assert_eq!(now.get(&id), before.get(&id), "{kind:?}: nothing was sent");
        }
    }

    // Hourly: no vacation is counted. Once salaried: from his start date on, 258 days to 14 November.
    assert!(vacation(&house, changed).await.is_none());
    assert!(vacation(&house, nameless_type).await.is_none());
    let fields = BTreeMap::from([("Rate Type".to_owned(), json!("0"))]);
    let salaried = PersonChange {
        fields,
        ..PersonChange::default()
    };
    edit(&house, changed, salaried).await;
    house.sync().await;
    for kind in BalanceKind::ALL {
        house.push(kind).await;
        house.assert_equal(kind, "once he is salaried").await;
    }
    assert_eq!(told(vacation(&house, changed).await), sent("113.52"));
    let equal = (Outcome::Equal, decimal("6"), None);
    assert_eq!(told(banked(&house, changed).await), equal);
}

/// Vacation is counted for salaried staff alone: what somebody earned before he became hourly is sent no more, stays in
/// the ledger, and waits to be paid out.
#[tokio::test]
async fn who_becomes_hourly_keeps_his_vacation_until_it_is_paid_out() {
    let mut house = House::new(6, "2026-11-16T13:00:00Z").await;
    house.settings.vacation.first_year = 2026;
    house.settings.push.held_over = Decimal::ONE;
    let changed = house.hire("Max Turner", date(2026, 3, 2), Some("0")).await;
    let hourly = house.hire("Kim Odd", date(2026, 3, 2), Some("1")).await;
    house.sync().await;
    // 258 days to 14 November: far more than is sent at once.
    house.push(BalanceKind::Vacation).await;
    let vacation = async || {
        let listed = house.balance(BalanceKind::Vacation, changed).await;
        listed.expect("listed")
    };
    let (held, _) = vacation().await.open_push.expect("a held push");
    let flags = house.flags(FlagKind::BalancePushHeld).await;
    assert!(flags.contains(&held), "{flags:?}");

    let now_hourly = || PersonChange {
        fields: BTreeMap::from([("Rate Type".to_owned(), json!("1"))]),
        ..PersonChange::default()
    };
    edit(&house, changed, now_hourly()).await;
    house.sync().await;
    let job = house.push(BalanceKind::Vacation).await;
    assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
    let listed = vacation().await;
    assert_eq!(listed.open_push, None);
    let balance = listed.balance;
    assert_eq!(
        (
            balance.outcome,
            balance.reason.as_deref(),
            balance.computed_hours
        ),
        (Outcome::NotSent, Some("not salaried"), decimal("113.52"))
    );
    assert!(!house.flags(FlagKind::BalancePushHeld).await.contains(&held));
    let flags = house.flags(FlagKind::LeaverWithBalance).await;
    assert!(flags.contains(&balance.id), "{flags:?}");

    let all = decimal("-113.52");
    let paid_out = house.correct(BalanceKind::Vacation, changed, all).await;
    paid_out.expect("entered");
    house.push(BalanceKind::Vacation).await;
    assert_eq!(vacation().await.balance.computed_hours, decimal("0"));
    let flags = house.flags(FlagKind::LeaverWithBalance).await;
    assert!(!flags.contains(&balance.id), "{flags:?}");

    // For who never was salaried nothing is counted, and nothing can be corrected.
    assert!(house.balance(BalanceKind::Vacation, hourly).await.is_none());
    let refused = house.correct(BalanceKind::Vacation, hourly, decimal("8"));
    let refused = refused.await.expect_err("refused").to_string();
    assert!(refused.contains("not salaried"), "{refused}");
}

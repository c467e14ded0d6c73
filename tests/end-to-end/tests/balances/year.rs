//! A year of a company, in which everything happens that can: "webhooks lost, entries edited late, requests withdrawn,
//! New Year passed, the job killed after each request in turn: at the end Clockify's balances equal the ledger, and no
//! employee was ever more than one push away."

use clockify_sim::{Command, DayPart, EntryChange, Fault, Id, SheetState, TimeOffPlan, Trouble};
use jiff::{SignedDuration, ToSpan, civil::date};
use rust_decimal::Decimal;
use shared::{
    balances::BalanceKind,
    domain::time_off::TimeUnit,
    jobs::JobStatus,
    store::{balance_ledger, balance_push::PushResult},
};

use crate::house::{Death, House};

const WEEKS: i64 = 53;
/// Each place in turn at its first passage, then each at its second, and so on.
const PLACES: [&str; 7] = [
    "job.page_read",
    "job.page_applied",
    "balance.read",
    "balance.intended",
    "balance.sent",
    "balance.read_back",
    "balance.settled",
];

fn death(turn: u32) -> Death {
    let places = u32::try_from(PLACES.len()).expect("a few");
    let place = usize::try_from(turn % places).expect("a place");
    (PLACES[place], 1 + turn / places % 5)
}

struct Year {
    house: House,
    people: Vec<Id>,
    tag: Id,
    /// Requests that somebody may still withdraw.
    pending: Vec<Id>,
    /// An approved week that is put right later: its timesheet, its person, its entry.
    approved: Vec<(Id, Id, Id)>,
}

impl Year {
    async fn begin() -> Self {
        // A Monday, 06:00 in Edmonton.
        let house = House::new(6, "2026-03-02T13:00:00Z").await;
        let mut people = Vec::new();
        for (name, start, rate_type) in [
            ("Ada Stone", date(2026, 1, 5), "1"),
            ("Ben Field", date(2025, 6, 2), "0"),
            ("Ada Stone", date(2024, 9, 2), "0"),
            ("Cy Marsh", date(2026, 2, 2), "1"),
        ] {
            people.push(house.hire(name, start, Some(rate_type)).await);
        }
        let tag = house.tag("BANKED - SITE").await;
        Self {
            house,
            people,
            tag,
            pending: Vec::new(),
            approved: Vec::new(),
        }
    }

    /// What people do in a week; no webhook tells of it.
    async fn live(&mut self, week: i64) {
        let monday = date(2026, 3, 2).saturating_add((7 * week).days());
        let turn = usize::try_from(week).expect("a week");
        for (n, person) in self.people.iter().copied().enumerate() {
            if (turn + n).is_multiple_of(3) {
                continue;
            }
            let day = monday.saturating_add(i64::try_from(n).expect("few").days());
            let hours = 9 + week % 3;
            let entry = self.house.work(person, day, hours, self.tag).await;
            if (turn + n) % 7 == 5 {
                continue; // never handed in
            }
            let week = Command::Submit { person, week: day };
            let sheet = self.house.make(week).await;
            if (turn + n) % 5 != 4 {
                self.decide(sheet, SheetState::Approved).await;
                self.approved.push((sheet, person, entry));
            }
        }
        if turn % 4 == 1 && !self.approved.is_empty() {
            self.edit_late(turn).await;
        }
        self.ask_and_withdraw(turn, monday).await;
    }

    async fn decide(&self, sheet: Id, state: SheetState) {
        let decided = self.house.control.decide(sheet, state, "").await;
        decided.expect("decided");
    }

    /// An approval is withdrawn, the entry made longer or shorter, handed in again and approved.
    async fn edit_late(&mut self, turn: usize) {
        let place = self.approved.len() / 2;
        let (sheet, person, entry) = self.approved.swap_remove(place);
        self.decide(sheet, SheetState::WithdrawnApproval).await;
        let weeks = self.house.control.sheets().await.expect("sheets");
        let week = weeks.iter().find(|row| row.id == sheet).expect("it").week;
        let entries = self.house.control.entries(person, week).await;
        let entries = entries.expect("entries");
        let was = entries.iter().find(|row| row.id == entry).expect("it");
        let more = SignedDuration::from_hours(if turn.is_multiple_of(2) { 1 } else { -1 });
        let change = EntryChange {
            end: Some(was.end.map(|end| end + more)),
            ..EntryChange::default()
        };
        let edit = Command::EditEntry { entry, change };
        self.house.control.run(&edit).await.expect("edited");
        let again = self.house.control.submit(person, week).await;
        if let Ok(again) = again {
            let sheet = again.id().expect("a sheet");
            self.decide(sheet, SheetState::Approved).await;
        }
    }

    async fn ask_and_withdraw(&mut self, turn: usize, monday: jiff::civil::Date) {
        let person = self.people[turn % self.people.len()];
        let policy = |kind| {
            let id = self.house.policy_id(kind).as_str();
            id.parse::<Id>().expect("an id")
        };
        let kind = BalanceKind::ALL[turn / 2 % 2];
        if turn.is_multiple_of(2) {
            let plan = TimeOffPlan {
                person,
                policy: policy(kind),
                first: monday.saturating_add(9.days()),
                last: monday.saturating_add(10.days()),
                part: DayPart::Whole,
                note: None,
            };
            let request = self.house.make(Command::AskForTimeOff(plan)).await;
            self.pending.push(request);
        }
        if turn % 3 == 2 && !self.pending.is_empty() {
            let request = self.pending.remove(0);
            let approve = Command::ApproveTimeOff { request };
            self.house.control.run(&approve).await.expect("approved");
        }
        if turn % 5 == 4
            && let Some(request) = self.pending.pop()
        {
            let withdraw = Command::WithdrawTimeOff { request };
            self.house.control.run(&withdraw).await.expect("withdrawn");
        }
    }

    /// The day's jobs, each killed once or answered badly; says how often it was killed.
    async fn push_all(&self, week: i64) -> u32 {
        let turn = u32::try_from(week).expect("a week");
        let mut killed_times = 0;
        for (n, kind) in (0..).zip(BalanceKind::ALL) {
            let when = format!("week {week}, {kind:?}");
            let before = self.house.in_clockify(kind).await;
            if week % 4 == 3 {
                let trouble = [Trouble::LoseReply, Trouble::Cut, Trouble::Html]
                    [usize::try_from(week / 4 % 3).expect("a few")]
                .clone();
                let fault = Fault::once("*/time-off/balance/policy/*", trouble);
                let fault = fault.on("PATCH").after(turn / 4 % 3);
                self.house.control.add_fault(&fault).await.expect("a fault");
            }
            let (job, killed) = self
                .house
                .push_and_die(kind, Some(death(2 * turn + n)))
                .await;
            self.house.control.clear_faults().await.expect("no fault");
            assert_eq!(job.status, JobStatus::Succeeded, "{when}: {:?}", job.error);
            let after = self.house.in_clockify(kind).await;
            // Killed at any moment, each balance is what it was or what it is to be: one push away at most.
            for (id, balance) in killed.iter().flatten() {
                assert!(
                    before.get(id) == Some(balance) || after.get(id) == Some(balance),
                    "{when}: {id} had {balance}"
                );
            }
            killed_times += u32::from(killed.is_some());
            self.house.assert_equal(kind, &when).await;
        }
        killed_times
    }
}

#[tokio::test]
async fn after_a_year_of_everything_clockify_has_what_the_ledger_says() {
    let mut year = Year::begin().await;
    let mut deaths = 0;
    let mut released = 0;
    for week in 0..WEEKS {
        year.live(week).await;
        year.house.let_pass(7).await;
        year.house.sync().await;
        deaths += year.push_all(week).await;
        // Somebody looks at what is held, and lets it go.
        let held = year.house.release_all().await;
        if held > 0 {
            released += held;
            for kind in BalanceKind::ALL {
                let job = year.house.push(kind).await;
                assert_eq!(job.status, JobStatus::Succeeded, "{:?}", job.error);
            }
            assert!(year.house.open_pushes().await.is_empty());
        }
    }
    assert!(deaths > 50, "killed {deaths} times");
    assert!(released > 0, "nothing was ever held");
    for kind in BalanceKind::ALL {
        year.house.assert_equal(kind, "at the end").await;
    }
    for person in &year.people {
        explained(&year.house, *person).await;
    }
}

/// The ledger explains the balance: its lines sum to it, and what was pushed is what Clockify was brought to.
async fn explained(house: &House, person: Id) {
    let mut sent = 0;
    for kind in BalanceKind::ALL {
        let Some(listed) = house.balance(kind, person).await else {
            continue;
        };
        let policy = house.policy_id(kind);
        let employee = &listed.balance.employee_id;
        let rows = house
            .store
            .read(async |mut tx| balance_ledger::list(&mut tx, policy, employee).await)
            .await
            .expect("a ledger");
        let (pushed, lines): (Vec<_>, Vec<_>) = rows
            .iter()
            .partition(|row| row.kind == shared::domain::balances::LineKind::Pushed);
        let balance: Decimal = lines.iter().map(|row| row.hours).sum();
        assert_eq!(balance, listed.balance.computed_hours, "{kind:?} {person}");
        assert!(
            lines.iter().any(|row| row.revision > 1) || listed.balance.unit == TimeUnit::Days,
            "{kind:?} {person}: no day was ever computed again"
        );
        sent += pushed.len();
    }
    let pushes = house.pushes_of(person).await;
    let confirmed = pushes
        .iter()
        .filter(|push| push.result == PushResult::Confirmed)
        .count();
    assert_eq!(sent, confirmed, "{person}");
    assert!(confirmed > 20, "{person} was pushed {confirmed} times");
    assert!(
        !pushes
            .iter()
            .any(|push| push.result == PushResult::Surprise)
    );
}

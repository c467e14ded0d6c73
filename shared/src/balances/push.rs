//! One employee's difference: read, decide, commit the intent, PATCH once, read back, compare (`domain.md` §5).
//!
//! What is read decides, never what was answered: a push that was killed, cut off or refused is settled by the balance
//! that Clockify shows after it.

use rust_decimal::Decimal;

use super::{
    Balances,
    release::{PUSH, PUSH_FLAGS},
    work::{Run, failed},
};
use crate::{
    clockify::client::{BalanceChange, ClockifyError, NewBalance},
    crash_point::crash_point,
    domain::{
        balances::{LineKind, Push, PushCandidate, ReadBack},
        employee::Employee,
        flags::FlagKind,
        ids::EmployeeId,
        time::half_up,
        time_off::TimeUnit,
    },
    jobs::{Stats, WorkError},
    store::{
        Transaction,
        balance::{self, Balance, Outcome},
        balance_ledger::{self, LedgerRow},
        balance_push::{self, BalancePush, PushFilter, PushResult},
        employee, flag,
    },
};

/// An employee whose balance was computed, with the push of it that is open.
pub(super) struct Candidate<'a> {
    pub(super) employee: &'a Employee,
    pub(super) refers_to_stub: bool,
    pub(super) computed_hours: Decimal,
    /// In the policy's unit, as exact as Clockify says it.
    pub(super) in_clockify: Option<Decimal>,
    pub(super) open: Option<&'a BalancePush>,
}

/// What is known of a PATCH before the balance is read back.
enum Sent {
    /// Clockify said yes.
    Yes,
    /// It said no, or nothing.
    Failed(ClockifyError),
    /// The program was killed in between.
    Unknown,
}

/// As amounts are kept: Clockify reckons in binary fractions.
pub(super) fn rounded(amount: Decimal) -> Decimal {
    half_up(amount, 2)
}

impl Run<'_> {
    /// What to do for one employee.
    pub(super) fn decide(&self, candidate: &Candidate<'_>) -> Push {
        let leave = &self.rules.pay.leave;
        let difference = |before: Decimal| self.in_unit(candidate.computed_hours) - before;
        let hours_of = |amount: Decimal| match self.policy.unit {
            TimeUnit::Hours => amount,
            TimeUnit::Days => amount * leave.hours_per_day,
        };
        // Released is a difference as it was kept, to 0.01.
        let released = candidate
            .open
            .filter(|push| push.result == PushResult::Released)
            .zip(candidate.in_clockify.map(difference))
            .filter(|(push, difference)| push.difference == rounded(*difference));
        let candidate = PushCandidate {
            employee: candidate.employee,
            refers_to_stub: candidate.refers_to_stub,
            computed_hours: candidate.computed_hours,
            in_clockify: candidate.in_clockify,
            released_hours: released.map(|(_, difference)| hours_of(difference)),
        };
        self.rules
            .settings
            .push
            .decide(&candidate, self.policy.unit, leave)
    }

    /// The push that a decision asks for; None where there is nothing to send.
    pub(super) fn push(
        &self,
        candidate: &Candidate<'_>,
        decided: Push,
        result: PushResult,
    ) -> Option<BalancePush> {
        let (Push::Send { meant, .. } | Push::Held { meant, .. }) = decided else {
            return None;
        };
        let before = rounded(candidate.in_clockify?);
        Some(BalancePush {
            id: uuid::Uuid::now_v7().to_string(),
            employee_id: candidate.employee.id.clone(),
            policy_id: self.policy.id.clone(),
            job_id: self.job_id.clone(),
            unit: self.policy.unit,
            before,
            computed_hours: candidate.computed_hours,
            computed: meant,
            difference: meant - before,
            result,
            read_back: None,
            decided_at: self.now,
            sent_at: None,
            settled_at: (!result.is_open()).then_some(self.now),
            released_by: None,
            released_at: None,
        })
    }
}

impl Balances {
    /// Settles what an earlier run committed and did not see the end of.
    pub(super) async fn settle_open(&self, run: &Run<'_>) -> Result<(), WorkError> {
        let open = run
            .slice
            .store()
            .read(async |mut tx| balance_push::open(&mut tx, Some(&run.policy.id)).await)
            .await?;
        for push in open {
            if push.result == PushResult::Intended {
                self.settle(run, push, Sent::Unknown).await?;
            }
        }
        Ok(())
    }

    /// Sends one employee's difference, if there still is one.
    pub(super) async fn push(&self, run: &Run<'_>, balance: &Balance) -> Result<(), WorkError> {
        let id = &balance.employee_id;
        let before = self.balance_of(run, id).await?;
        crash_point("balance.read");
        let (employee, open) = run
            .slice
            .store()
            .read(async |mut tx| {
                let filter = PushFilter {
                    employee_id: Some(id.clone()),
                    policy_id: Some(run.policy.id.clone()),
                    result: Some(PushResult::Released),
                    before: None,
                };
                let employee = employee::get(&mut tx, id).await?;
                let released = balance_push::list(&mut tx, &filter, 1).await?.pop();
                Ok::<_, WorkError>((employee, released))
            })
            .await?;
        let Some(employee) = employee else {
            return Err(WorkError::Permanent(format!("there is no employee {id}")));
        };
        let candidate = Candidate {
            employee: &employee,
            // Whose records refer to a stub was not marked to be sent.
            refers_to_stub: false,
            computed_hours: balance.computed_hours,
            in_clockify: before,
            open: open.as_ref(),
        };
        let decided = run.decide(&candidate);
        let Push::Send { value, .. } = decided else {
            return self.leave_unsent(run, &candidate, decided).await;
        };
        let Some(intent) = run.push(&candidate, decided, PushResult::Intended) else {
            return Err(WorkError::Permanent("a push without a balance".to_owned()));
        };
        let intent = self.intend(run, intent, open.as_ref()).await?;
        crash_point("balance.intended");
        let change = BalanceChange {
            user: id.clone(),
            value: NewBalance(value),
            note: format!("{} balance, push {}", run.kind.as_str(), intent.id),
        };
        let sent = match self.client.change_balance(&run.policy.id, &change).await {
            Ok(()) => Sent::Yes,
            Err(error) => Sent::Failed(error),
        };
        crash_point("balance.sent");
        self.settle(run, intent, sent).await
    }

    /// Commits what is about to be sent. A released push becomes the intent; its id stays.
    async fn intend(
        &self,
        run: &Run<'_>,
        intent: BalancePush,
        released: Option<&BalancePush>,
    ) -> Result<BalancePush, WorkError> {
        let intent = match released {
            Some(released) => BalancePush {
                id: released.id.clone(),
                released_by: released.released_by.clone(),
                released_at: released.released_at,
                ..intent
            },
            None => intent,
        };
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                if released.is_none() {
                    balance_push::insert(&mut tx, std::slice::from_ref(&intent)).await?;
                } else if !balance_push::change(&mut tx, &intent, PushResult::Released).await? {
                    return Err(tx.met_another_writer().into());
                }
                Ok::<_, WorkError>(())
            })
            .await?;
        Ok(intent)
    }

    /// Nothing is sent after all: Clockify's balance has changed since the balance was computed.
    async fn leave_unsent(
        &self,
        run: &Run<'_>,
        candidate: &Candidate<'_>,
        decided: Push,
    ) -> Result<(), WorkError> {
        let (outcome, reason) = match decided {
            Push::NotSent(why) => (Outcome::NotSent, Some(why.as_str())),
            Push::Held { .. } => (Outcome::Held, None),
            Push::Nothing | Push::Send { .. } => (Outcome::Equal, None),
        };
        let held = run.push(candidate, decided, PushResult::Held);
        let waits: Vec<&str> = candidate.open.iter().map(|push| push.id.as_str()).collect();
        let whose = (&candidate.employee.id, &run.policy.id);
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                balance_push::supersede(&mut tx, &waits, run.now).await?;
                flag::replace(&mut tx, PUSH, &PUSH_FLAGS, &waits, &[]).await?;
                if let Some(held) = &held {
                    balance_push::insert(&mut tx, std::slice::from_ref(held)).await?;
                    flag::raise(&mut tx, PUSH, &[(&held.id, FlagKind::BalancePushHeld)]).await?;
                }
                let before = candidate.in_clockify.map(rounded);
                balance::settle(&mut tx, whose, outcome, before, reason).await?;
                Ok::<_, WorkError>(())
            })
            .await
    }

    /// Reads what a push did, and decides by that alone.
    async fn settle(&self, run: &Run<'_>, push: BalancePush, sent: Sent) -> Result<(), WorkError> {
        if matches!(
            sent,
            Sent::Unknown | Sent::Failed(ClockifyError::Unclear { .. })
        ) {
            // Clockify may still be at it.
            tokio::time::sleep(self.settling).await;
        }
        let read = self.balance_of(run, &push.employee_id).await?;
        crash_point("balance.read_back");
        let read_back = read.map(|read| ReadBack::of(push.before, push.computed, read));
        let push = BalancePush {
            read_back: read.map(rounded),
            ..push
        };
        match (read_back, sent) {
            (Some(ReadBack::AsMeant), _) => self.confirm(run, push).await,
            (Some(ReadBack::Unchanged), Sent::Unknown) => self.not_arrived(run, push).await,
            (Some(ReadBack::Unchanged), Sent::Failed(error)) => {
                self.not_arrived(run, push).await?;
                Err(failed(&error))
            }
            // Said yes and done nothing is as little understood as any other balance.
            (Some(ReadBack::Unchanged), Sent::Yes) | (Some(ReadBack::Surprise) | None, _) => {
                self.stop(run, push).await
            }
        }
    }

    async fn confirm(&self, run: &Run<'_>, push: BalancePush) -> Result<(), WorkError> {
        let push = settled(run, push, PushResult::Confirmed);
        let line = pushed_line(run, &push);
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                change(&mut tx, &push).await?;
                balance_ledger::append(&mut tx, line.as_slice()).await?;
                balance::settle(&mut tx, whose(&push), Outcome::Sent, push.read_back, None).await?;
                let done = Stats {
                    updated: 1,
                    ..Stats::default()
                };
                run.slice.count(&mut tx, done).await
            })
            .await?;
        crash_point("balance.settled");
        Ok(())
    }

    /// The difference is still to be sent: by the next turn of the job, which reads anew.
    async fn not_arrived(&self, run: &Run<'_>, push: BalancePush) -> Result<(), WorkError> {
        let push = settled(run, push, PushResult::NotArrived);
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                change(&mut tx, &push).await
            })
            .await
    }

    /// Stops the job, and every job after it, until a person has looked at it.
    async fn stop(&self, run: &Run<'_>, push: BalancePush) -> Result<(), WorkError> {
        let push = BalancePush {
            result: PushResult::Surprise,
            sent_at: Some(run.now),
            job_id: run.job_id.clone(),
            ..push
        };
        let read = push.read_back.map_or_else(
            || "no balance any more".to_owned(),
            |read| {
                format!(
                    "{} instead of {}",
                    read.normalize(),
                    push.computed.normalize()
                )
            },
        );
        let cause = format!(
            "push {} was not as meant: Clockify shows {read}; nothing more is sent until it is released. Look at that \
             balance in Clockify and at the setting BALANCE_PUSH",
            push.id
        );
        let line = pushed_line(run, &push);
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                change(&mut tx, &push).await?;
                balance_ledger::append(&mut tx, line.as_slice()).await?;
                let why = Some(cause.as_str());
                let (whose, read) = (whose(&push), push.read_back);
                balance::settle(&mut tx, whose, Outcome::Stopped, read, why).await?;
                balance::stop(&mut tx, &run.job_id, &cause).await?;
                let flags = [(push.id.as_str(), FlagKind::BalancePushNotAsMeant)];
                let raised = flag::raise(&mut tx, PUSH, &flags).await?;
                let done = Stats {
                    flagged: raised,
                    ..Stats::default()
                };
                run.slice.count(&mut tx, done).await
            })
            .await?;
        crash_point("balance.settled");
        Err(WorkError::Permanent(cause))
    }
}

fn whose(push: &BalancePush) -> (&EmployeeId, &crate::domain::ids::PolicyId) {
    (&push.employee_id, &push.policy_id)
}

fn settled(run: &Run<'_>, push: BalancePush, result: PushResult) -> BalancePush {
    BalancePush {
        result,
        job_id: run.job_id.clone(),
        sent_at: (result == PushResult::Confirmed).then_some(run.now),
        settled_at: Some(run.now),
        ..push
    }
}

async fn change(tx: &mut Transaction, push: &BalancePush) -> Result<(), WorkError> {
    if balance_push::change(tx, push, PushResult::Intended).await? {
        Ok(())
    } else {
        Err(tx.met_another_writer().into())
    }
}

/// What Clockify's balance was moved by, in hours; None where it did not move.
fn pushed_line(run: &Run<'_>, push: &BalancePush) -> Option<LedgerRow> {
    let moved = push.read_back? - push.before;
    let hours = run.rules.pay.leave.hours(moved, push.unit);
    if hours.is_zero() {
        return None;
    }
    Some(LedgerRow {
        id: uuid::Uuid::now_v7().to_string(),
        employee_id: push.employee_id.clone(),
        policy_id: push.policy_id.clone(),
        kind: LineKind::Pushed,
        date: run.today,
        source: push.id.clone(),
        revision: 1,
        hours,
        reason: format!("push, {}", push.result.as_str()),
        paid_out: false,
        entered_by: format!("balances:{}", run.kind.as_str()),
        entered_at: run.now,
    })
}

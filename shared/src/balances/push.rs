//! One employee's difference: read, decide, commit the intent, PATCH once, read back, compare (`domain.md` §5).
//!
//! What is read decides, never what was answered: a push that was killed, cut off or refused is settled by the balance
//! that Clockify shows after it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{
    Balances,
    chunk::{self, Company},
    release::PUSH,
    work::{Run, failed},
};
use crate::{
    clockify::client::{BalanceChange, ClockifyError, NewBalance},
    crash_point::crash_point,
    domain::{
        balances::{LineKind, Push, PushCandidate, ReadBack, kept_difference},
        employee::Employee,
        flags::FlagKind,
        ids::EmployeeId,
        time::half_up,
    },
    jobs::{Stats, WorkError},
    store::{
        Transaction,
        balance::{self, Outcome},
        balance_ledger::{self, LedgerRow},
        balance_push::{self, BalancePush, PushResult},
        flag,
    },
};

/// An employee whose balance was computed, with the push of it that is open.
pub(super) struct Candidate<'a> {
    pub(super) employee: &'a Employee,
    pub(super) is_counted: bool,
    pub(super) refers_to_stub: bool,
    pub(super) computed_hours: Decimal,
    /// In the policy's unit, as exact as Clockify says it.
    pub(super) in_clockify: Option<Decimal>,
    pub(super) open: Option<&'a BalancePush>,
}

/// A difference that is about to be sent.
pub(super) struct ToSend {
    /// A released push becomes the intent; its id stays.
    pub(super) intent: BalancePush,
    /// What Clockify is sent, in the policy's unit.
    pub(super) value: Decimal,
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
        let released = candidate
            .open
            .filter(|push| push.result == PushResult::Released);
        let candidate = PushCandidate {
            employee: candidate.employee,
            refers_to_stub: candidate.refers_to_stub,
            is_counted: candidate.is_counted,
            computed_hours: candidate.computed_hours,
            in_clockify: candidate.in_clockify,
            released: released.map(|push| push.difference),
        };
        let rules = &self.rules.settings.push;
        rules.decide(&candidate, self.policy.unit, &self.rules.pay.leave)
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
        let in_clockify = candidate.in_clockify?;
        Some(BalancePush {
            id: uuid::Uuid::now_v7().to_string(),
            employee_id: candidate.employee.id.clone(),
            policy_id: self.policy.id.clone(),
            job_id: self.job_id.clone(),
            unit: self.policy.unit,
            before: rounded(in_clockify),
            computed_hours: candidate.computed_hours,
            computed: meant,
            difference: kept_difference(meant, in_clockify),
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

impl ToSend {
    /// None where nothing is to be sent.
    pub(super) fn of(run: &Run<'_>, candidate: &Candidate<'_>, decided: Push) -> Option<Self> {
        let Push::Send { value, .. } = decided else {
            return None;
        };
        let intent = run.push(candidate, decided, PushResult::Intended)?;
        let released = candidate
            .open
            .filter(|push| push.result == PushResult::Released);
        let intent = match released {
            Some(released) => BalancePush {
                id: released.id.clone(),
                released_by: released.released_by.clone(),
                released_at: released.released_at,
                ..intent
            },
            None => intent,
        };
        Some(Self { intent, value })
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
    pub(super) async fn push(&self, run: &Run<'_>, id: &EmployeeId) -> Result<(), WorkError> {
        let before = self.balance_of(run, id).await?;
        crash_point("balance.read");
        let Some(ToSend { intent, value }) = self.intend(run, id, before).await? else {
            return Ok(());
        };
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

    /// Computes the balance anew, and commits what is about to be sent: since the job computed it hours may have
    /// passed, and leave that Clockify has taken meanwhile must not be given back. None: nothing is to be sent after all.
    ///
    /// Clockify was read first. What comes in between makes the push a surprise; the other way round it would be lost
    /// in the difference, and nobody would see it.
    async fn intend(
        &self,
        run: &Run<'_>,
        id: &EmployeeId,
        before: Option<Decimal>,
    ) -> Result<Option<ToSend>, WorkError> {
        let in_clockify: HashMap<EmployeeId, Decimal> = before
            .map(|before| (id.clone(), before))
            .into_iter()
            .collect();
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                let company = Company::read(&mut tx, Some(id)).await?;
                if company.people.is_empty() {
                    return Err(WorkError::Permanent(format!("there is no employee {id}")));
                }
                let (done, mut to_send) =
                    chunk::compute(&mut tx, run, &company, &company.people, &in_clockify).await?;
                run.slice.count(&mut tx, Stats { read: 0, ..done }).await?;
                let Some(to_send) = to_send.pop() else {
                    return Ok(None);
                };
                let intent = &to_send.intent;
                if intent.released_at.is_none() {
                    balance_push::insert(&mut tx, std::slice::from_ref(intent)).await?;
                } else if !balance_push::change(&mut tx, intent, PushResult::Released).await? {
                    return Err(tx.met_another_writer().into());
                }
                Ok(Some(to_send))
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
        // Jobs and logs are read by who may not see pay: the figures stand in the push's row.
        let cause = format!(
            "push {} was not as meant: Clockify shows another balance, and nothing more is sent until the push is \
             released. Look at it, at that balance in Clockify and at the setting BALANCE_PUSH",
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

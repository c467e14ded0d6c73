//! Balances as jobs: wait for one's turn, settle what an earlier run left open, compute everyone, then send one
//! difference after the other. Every step can be killed and gone on with.

use std::collections::HashMap;

use futures::future::BoxFuture;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{BalanceKind, BalanceParams, BalanceRules, Balances, chunk, chunk::Company};
use crate::{
    clockify::{
        client::{ClockifyError, read_all},
        wire,
    },
    crash_point::crash_point,
    domain::{
        ids::{EmployeeId, JobId},
        time_off::{Policy, TimeUnit},
    },
    jobs::{BALANCES, JobKind, Progress, Slice, Stats, Work, WorkError},
    store::{
        balance,
        balance_push::{self, PushResult},
        job, policy,
    },
};

/// Employees whose balances are computed in one transaction.
const AT_ONCE: usize = 50;

/// One job, while a slice of it runs.
pub(super) struct Run<'a> {
    pub(super) slice: &'a Slice,
    pub(super) kind: BalanceKind,
    pub(super) policy: Policy,
    pub(super) rules: &'a BalanceRules,
    pub(super) job_id: JobId,
    pub(super) is_dry: bool,
    /// The company's date.
    pub(super) today: Date,
    pub(super) now: Timestamp,
}

/// How far a job got.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checkpoint {
    /// Balances are computed of everyone up to this one, in the order of ids.
    through: Option<EmployeeId>,
    is_computed: bool,
}

impl Work for Balances {
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
        Box::pin(self.work(slice))
    }
}

impl Balances {
    async fn work(&self, slice: &Slice) -> Result<Progress, WorkError> {
        let run = self.begin(slice).await?;
        let checkpoint: Checkpoint = slice.checkpoint()?.unwrap_or_default();
        if !run.is_dry {
            self.settle_open(&run).await?;
        }
        if !checkpoint.is_computed && !self.compute(&run, checkpoint).await? {
            return Ok(Progress::More);
        }
        if run.is_dry {
            return Ok(Progress::Done(Vec::new()));
        }
        self.send(&run).await
    }

    async fn begin<'a>(&'a self, slice: &'a Slice) -> Result<Run<'a>, WorkError> {
        let job = slice.job();
        let word = JobKind::from(job.kind.clone());
        let kind = BalanceKind::named(word.what())
            .ok_or_else(|| WorkError::Permanent(format!("there is no balance {}", word.what())))?;
        let policy_id = kind
            .policy_id(&self.rules.settings)
            .map_err(|cause| WorkError::Permanent(cause.to_owned()))?;
        let (older, policies) = slice
            .store()
            .read(async |mut tx| {
                let older = job::older_open(&mut tx, BALANCES, &job.id).await?;
                Ok::<_, WorkError>((older, policy::list(&mut tx).await?))
            })
            .await?;
        if let Some(older) = older {
            return Err(WorkError::Transient {
                cause: format!("job {older} comes first: balances are pushed by one job at a time"),
                retry_after: None,
            });
        }
        let known = policies.into_iter().find(|policy| policy.id == *policy_id);
        let policy = known.filter(|policy| !policy.is_stub).ok_or_else(|| {
            WorkError::Permanent(format!(
                "the policy {policy_id} of the settings is not known here: sync the policies first, and check the id"
            ))
        })?;
        let params: BalanceParams = slice.params()?;
        Ok(Run {
            slice,
            kind,
            policy,
            rules: &self.rules,
            job_id: job.id.clone(),
            is_dry: params.dry_run,
            today: self.clock.today(&self.rules.zone),
            now: self.clock.now(),
        })
    }

    /// Computes everyone's balance. False: the slice is over, and what was done is saved.
    async fn compute(&self, run: &Run<'_>, mut done: Checkpoint) -> Result<bool, WorkError> {
        let slice = run.slice;
        let in_clockify = self.read_balances(run).await?;
        crash_point("job.page_read");
        let company = slice
            .store()
            .read(async |mut tx| Company::read(&mut tx, None).await)
            .await?;
        let mut rest: Vec<_> = company
            .people
            .iter()
            .filter(|person| done.through.as_ref().is_none_or(|last| person.id > *last))
            .cloned()
            .collect();
        rest.sort_by(|one, other| one.id.cmp(&other.id));
        for people in rest.chunks(AT_ONCE) {
            let next = Checkpoint {
                through: people.last().map(|person| person.id.clone()),
                is_computed: false,
            };
            slice
                .store()
                .write(async |mut tx| {
                    slice.hold(&mut tx).await?;
                    let (stats, _) =
                        chunk::compute(&mut tx, run, &company, people, &in_clockify).await?;
                    slice.save(&mut tx, &next, stats).await
                })
                .await?;
            crash_point("job.page_applied");
            done = next;
            if slice.is_spent() {
                return Ok(false);
            }
        }
        done.is_computed = true;
        slice
            .store()
            .write(async |mut tx| {
                slice.hold(&mut tx).await?;
                slice.save(&mut tx, &done, Stats::default()).await
            })
            .await?;
        Ok(true)
    }

    /// Clockify's balances under the policy, all pages.
    async fn read_balances(
        &self,
        run: &Run<'_>,
    ) -> Result<HashMap<EmployeeId, Decimal>, WorkError> {
        let listed = read_all(|page| self.client.list_policy_balances(&run.policy.id, page))
            .await
            .map_err(|error| failed(&error))?;
        let mut balances = HashMap::new();
        for row in &listed.rows {
            run.check_unit(row)?;
            if let (Some(employee_id), Some(balance)) = (&row.user_id, row.balance) {
                balances.insert(employee_id.clone(), balance);
            }
        }
        Ok(balances)
    }

    /// One employee's balance in Clockify now; None where it lists none.
    pub(super) async fn balance_of(
        &self,
        run: &Run<'_>,
        employee_id: &EmployeeId,
    ) -> Result<Option<Decimal>, WorkError> {
        let listed = match read_all(|page| self.client.list_user_balances(employee_id, page)).await
        {
            Ok(listed) => listed,
            Err(error) if error.is_gone() => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let of_policy = listed
            .rows
            .iter()
            .find(|row| row.policy_id.as_ref() == Some(&run.policy.id));
        let Some(row) = of_policy else {
            return Ok(None);
        };
        run.check_unit(row)?;
        Ok(row.balance)
    }

    /// Sends what is to be sent, until nothing is left or the slice is over.
    async fn send(&self, run: &Run<'_>) -> Result<Progress, WorkError> {
        self.stop_after_surprise(run).await?;
        let slice = run.slice;
        loop {
            let next = slice
                .store()
                .read(async |mut tx| balance::next_to_send(&mut tx, &run.job_id).await)
                .await?;
            if let Some(employee_id) = next {
                self.push(run, &employee_id).await?;
                if slice.is_spent() {
                    return Ok(Progress::More);
                }
                continue;
            }
            let taken_up = slice
                .store()
                .write(async |mut tx| {
                    slice.hold(&mut tx).await?;
                    Ok::<_, WorkError>(balance::take_up_released(&mut tx, &run.job_id).await?)
                })
                .await?;
            if taken_up == 0 {
                return Ok(Progress::Done(Vec::new()));
            }
        }
    }

    /// While a push that was not as meant has not been looked at, nothing is sent, under no policy: what made it so,
    /// a wrong `BALANCE_PUSH` above all, holds for all of them.
    async fn stop_after_surprise(&self, run: &Run<'_>) -> Result<(), WorkError> {
        let open = run
            .slice
            .store()
            .read(async |mut tx| balance_push::open(&mut tx, None).await)
            .await?;
        let surprise = open.iter().find(|push| push.result == PushResult::Surprise);
        let Some(surprise) = surprise else {
            return Ok(());
        };
        let cause = format!(
            "nothing is sent: push {} was not as meant; look at that balance in Clockify and at the setting \
             BALANCE_PUSH, then release the push",
            surprise.id
        );
        run.slice
            .store()
            .write(async |mut tx| {
                run.slice.hold(&mut tx).await?;
                Ok::<_, WorkError>(balance::stop(&mut tx, &run.job_id, &cause).await?)
            })
            .await?;
        Err(WorkError::Permanent(cause))
    }
}

impl Run<'_> {
    /// The records here must count as Clockify does.
    fn check_unit(&self, row: &wire::Balance) -> Result<(), WorkError> {
        let ours = match self.policy.unit {
            TimeUnit::Hours => "HOURS",
            TimeUnit::Days => "DAYS",
        };
        match row.policy_time_unit.as_deref() {
            Some(theirs) if theirs != ours => Err(WorkError::Permanent(format!(
                "Clockify counts the policy {} in {theirs}, here it is one of {ours}: sync the policies first",
                self.policy.id
            ))),
            _ => Ok(()),
        }
    }

    /// Hours in the policy's unit, to 0.01.
    pub(super) fn in_unit(&self, hours: Decimal) -> Decimal {
        self.rules.pay.leave.in_unit(hours, self.policy.unit)
    }
}

/// A failure of Clockify's as a job takes it. After an unclear one the job comes again and reads first.
pub(super) fn failed(error: &ClockifyError) -> WorkError {
    match error {
        ClockifyError::Transient { retry_after, .. } => WorkError::Transient {
            cause: error.to_string(),
            retry_after: *retry_after,
        },
        ClockifyError::Unclear { .. } => WorkError::Transient {
            cause: error.to_string(),
            retry_after: None,
        },
        ClockifyError::NotConfigured(_)
        | ClockifyError::Gone { .. }
        | ClockifyError::Permanent { .. } => WorkError::Permanent(error.to_string()),
    }
}

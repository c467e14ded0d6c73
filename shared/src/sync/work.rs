//! Syncs as jobs: each step of the plan from its checkpoint, until all are done or the slice is over.

use futures::future::BoxFuture;

use super::{
    Mirror, SyncError,
    plan::{self, Checkpoint, Step, SyncParams},
    watchdog,
};
use crate::{
    domain::{
        employee::{Employee, Group},
        expense::ExpenseCategory,
        project::{Client, Tag},
        time_off::{Holiday, Policy},
    },
    jobs::{JobKind, Progress, Slice, Stats, Work, WorkError},
    store::job,
};

/// How a step of a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepEnd {
    Done,
    /// The slice is over; what was done is saved.
    Spent,
}

impl Work for Mirror {
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
        Box::pin(async move { Ok(self.sync(slice).await?) })
    }
}

impl Mirror {
    async fn sync(&self, slice: &Slice) -> Result<Progress, SyncError> {
        let mut checkpoint = match slice.checkpoint()? {
            Some(checkpoint) => checkpoint,
            None => self.begin(slice).await?,
        };
        while let Some(step) = checkpoint.steps.first().copied() {
            if self.step(slice, &mut checkpoint, step).await? == StepEnd::Spent {
                return Ok(Progress::More);
            }
            let next = checkpoint.next();
            self.save(slice, &next).await?;
            checkpoint = next;
            if slice.is_spent() && !checkpoint.steps.is_empty() {
                return Ok(Progress::More);
            }
        }
        if slice.job().kind == JobKind::new(crate::jobs::SYNC, "all").as_str() {
            self.store
                .write(async |mut tx| watchdog::flag_late(&mut tx, false).await)
                .await?;
        }
        Ok(Progress::Done(Vec::new()))
    }

    /// Decides what is to be done. The first sync of a resource is a thorough one.
    async fn begin(&self, slice: &Slice) -> Result<Checkpoint, SyncError> {
        let params: SyncParams = slice.params()?;
        let kind = JobKind::from(slice.job().kind.clone());
        let succeeded_before = self
            .store
            .read(async |mut tx| {
                let all = JobKind::new(crate::jobs::SYNC, "all");
                let of_this = job::last_success(&mut tx, kind.as_str()).await?;
                let of_all = job::last_success(&mut tx, all.as_str()).await?;
                Ok::<_, SyncError>(of_this.or(of_all))
            })
            .await?;
        let thorough = params.full || succeeded_before.is_none();
        let steps = plan::steps(kind.what(), thorough).ok_or_else(|| {
            WorkError::Permanent(format!("there is no resource {} to sync", kind.what()))
        })?;
        let today = self.clock.today(&self.rules.zone);
        let days = plan::days(params, thorough, today, &self.rules.windows)
            .map_err(WorkError::Permanent)?;
        Ok(Checkpoint::new(steps, days, thorough, params.deep))
    }

    async fn step(
        &self,
        slice: &Slice,
        checkpoint: &mut Checkpoint,
        step: Step,
    ) -> Result<StepEnd, SyncError> {
        match step {
            Step::Groups => self.mirror_list::<Group>(slice, checkpoint).await,
            Step::Users => self.mirror_list::<Employee>(slice, checkpoint).await,
            Step::Clients => {
                self.mirror_list_and_confirm::<Client>(slice, checkpoint)
                    .await
            }
            Step::Projects => self.mirror_projects(slice, checkpoint).await,
            Step::Tasks => self.mirror_tasks(slice, checkpoint).await,
            Step::Tags => self.mirror_list_and_confirm::<Tag>(slice, checkpoint).await,
            Step::Policies => self.mirror_list::<Policy>(slice, checkpoint).await,
            Step::Holidays => self.mirror_list::<Holiday>(slice, checkpoint).await,
            Step::TimeOff => self.mirror_time_off(slice, checkpoint).await,
            Step::CountedDays => self.judge_counted_days(slice, checkpoint).await,
            Step::ExpenseCategories => {
                self.mirror_list_and_confirm::<ExpenseCategory>(slice, checkpoint)
                    .await
            }
            Step::Timesheets => self.mirror_timesheets(slice, checkpoint).await,
            Step::EveryonesEntries => self.mirror_everyones_entries(slice, checkpoint).await,
            Step::Entries => self.mirror_entries(slice, checkpoint).await,
            Step::Expenses => self.mirror_expenses(slice, checkpoint).await,
        }
    }

    /// Saves a checkpoint by itself.
    pub(super) async fn save(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<(), SyncError> {
        self.store
            .write(async |mut tx| {
                slice.hold(&mut tx).await?;
                slice.save(&mut tx, checkpoint, Stats::default()).await?;
                Ok::<_, SyncError>(())
            })
            .await
    }
}

//! Projects and their tasks. Clockify lists tasks only project by project, so a nightly sync reads those of the
//! projects that changed, a deep one those of all that are active, a thorough one those of all. A task that was renamed
//! meanwhile shows in the detailed report (`entries`).

use serde::{Deserialize, Serialize};

use super::{
    Mirror, SyncError,
    lists::{ListPosition, ReadPage},
    plan::Checkpoint,
    reading::{Reading, Understood},
    work::StepEnd,
};
use crate::{
    clockify::{client::ClockifyError, convert::Conversion, events::Reference},
    domain::{
        ids::ProjectId,
        project::{Project, Task},
    },
    jobs::{Slice, Stats},
    store::{
        CompleteRead, References, Transaction, project, task,
        ticket::{self, Spent},
    },
};

/// Where the reading of tasks stands.
#[derive(Debug, Serialize, Deserialize)]
struct TasksPosition {
    /// The last project whose tasks are all read.
    after: Option<ProjectId>,
    /// Of the next one.
    list: ListPosition,
}

struct TasksPage<'a> {
    mirror: &'a Mirror,
    conversion: &'a Conversion,
    project: &'a ProjectId,
    page: u32,
}

impl Reading for TasksPage<'_> {
    type Read = ReadPage<Task>;

    async fn read(&self) -> Result<Self::Read, SyncError> {
        match self.mirror.client.list_tasks(self.project, self.page).await {
            Ok(page) => Ok(ReadPage {
                rows: Understood::of(&page.rows, page.unreadable, self.conversion),
                is_last: page.is_last,
            }),
            // With the project its tasks have gone.
            Err(ClockifyError::Gone { .. }) => Ok(ReadPage {
                rows: Understood::none(),
                is_last: true,
            }),
            Err(error) => Err(error.into()),
        }
    }

    fn references(&self, read: &Self::Read) -> References {
        read.rows.references()
    }

    async fn write(
        &self,
        tx: &mut Transaction,
        spent: Spent,
        read: &Self::Read,
    ) -> Result<Stats, SyncError> {
        Ok(read.rows.write(tx, spent).await?)
    }
}

impl Mirror {
    pub(super) async fn mirror_projects(
        &self,
        slice: &Slice,
        checkpoint: &mut Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        if checkpoint.projects_since.is_none() {
            let ticket = ticket::draw(&self.store).await?;
            ticket::give_back(&self.store, ticket).await?;
            checkpoint.projects_since = Some(ticket);
        }
        self.mirror_list_and_confirm::<Project>(slice, checkpoint)
            .await
    }

    pub(super) async fn mirror_tasks(
        &self,
        slice: &Slice,
        checkpoint: &Checkpoint,
    ) -> Result<StepEnd, SyncError> {
        let conversion = self.conversion().await?;
        let mut position = checkpoint.position()?.unwrap_or_else(|| TasksPosition {
            after: None,
            list: ListPosition::start(),
        });
        let projects = self.projects_to_read(checkpoint).await?;
        for id in projects {
            if position.after.as_ref().is_some_and(|after| id <= *after) {
                continue;
            }
            let at = |list: &ListPosition| {
                checkpoint.at(&TasksPosition {
                    after: position.after.clone(),
                    list: list.clone(),
                })
            };
            let page = |page| TasksPage {
                mirror: self,
                conversion: &conversion,
                project: &id,
                page,
            };
            let read = self
                .read_pages(slice, position.list.clone(), at, page)
                .await?;
            let Some(read) = read else {
                return Ok(StepEnd::Spent);
            };
            if self.confirm_tasks(slice, &id, &read).await? == StepEnd::Spent {
                return Ok(StepEnd::Spent);
            }
            position = TasksPosition {
                after: Some(id),
                list: ListPosition::start(),
            };
            if slice.is_spent() {
                self.save(slice, &checkpoint.at(&position)).await?;
                return Ok(StepEnd::Spent);
            }
        }
        Ok(StepEnd::Done)
    }

    async fn projects_to_read(&self, checkpoint: &Checkpoint) -> Result<Vec<ProjectId>, SyncError> {
        let all = self
            .store
            .read(async |mut tx| match checkpoint.projects_since {
                // A dry run has written none of the changed ones.
                Some(ticket) if !checkpoint.thorough && !checkpoint.deep && !self.dry_run => {
                    project::changed_since(&mut tx, ticket).await
                }
                _ => project::list(&mut tx).await,
            })
            .await?;
        let wanted = all
            .into_iter()
            .filter(|project| !project.is_stub && (checkpoint.thorough || !project.archived));
        let mut ids: Vec<ProjectId> = wanted.map(|project| project.id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    async fn confirm_tasks(
        &self,
        slice: &Slice,
        project_id: &ProjectId,
        read: &ListPosition,
    ) -> Result<StepEnd, SyncError> {
        let Some((ids, first_ticket)) = read.complete() else {
            return Ok(StepEnd::Done);
        };
        let complete = CompleteRead {
            ids: &ids,
            first_ticket,
        };
        let missing = self
            .store
            .read(async |mut tx| task::missing(&mut tx, project_id, complete).await)
            .await?;
        self.refuse_too_many(slice, "task", &missing).await?;
        let missing = missing.ids.into_iter().map(|id| Reference {
            project_id: Some(project_id.to_string()),
            ..Reference::to_id(id.to_string())
        });
        self.confirm_missing::<Task>(slice, missing.collect()).await
    }
}

//! References to records that the database has never seen (`domain.md` §3, *A reference to something unknown*): they
//! are fetched before what refers to them is written. What cannot be had becomes a stub there, and is flagged.

use futures::future::BoxFuture;

use super::{Mirror, SyncError, hold::Free, reread::Single};
use crate::{
    clockify::{
        client::{ClockifyError, Refusal},
        events::Reference,
    },
    domain::{
        employee::Employee,
        expense::ExpenseCategory,
        project::{Client, Project, Tag, Task},
        time_off::Policy,
    },
    store::References,
};

impl Mirror {
    /// Fetches what is unknown: first what the others refer to. What is fetched may refer to more. A dry run, which could
    /// not keep it, goes on without.
    pub(super) fn fetch_unknown(
        &self,
        references: References,
    ) -> BoxFuture<'_, Result<(), SyncError>> {
        Box::pin(async move {
            if references.is_empty() || self.dry_run {
                return Ok(());
            }
            let unknown = self
                .store
                .read(async |mut tx| references.clone().unknown(&mut tx).await)
                .await?;
            for id in &unknown.employees {
                self.fetch::<Employee>(id.as_str(), None).await?;
            }
            for id in &unknown.clients {
                self.fetch::<Client>(id.as_str(), None).await?;
            }
            for id in &unknown.projects {
                self.fetch::<Project>(id.as_str(), None).await?;
            }
            for (id, project) in &unknown.tasks {
                self.fetch::<Task>(id.as_str(), Some(project.as_str()))
                    .await?;
            }
            for id in &unknown.tags {
                self.fetch::<Tag>(id.as_str(), None).await?;
            }
            for id in &unknown.policies {
                self.fetch::<Policy>(id.as_str(), None).await?;
            }
            for id in &unknown.expense_categories {
                self.fetch::<ExpenseCategory>(id.as_str(), None).await?;
            }
            Ok(())
        })
    }

    /// Fetches one. That Clockify does not give it is no reason to drop what refers to it.
    async fn fetch<R: Single>(&self, id: &str, project_id: Option<&str>) -> Result<(), SyncError> {
        let of = Reference {
            project_id: project_id.map(str::to_owned),
            ..Reference::to_id(id.to_owned())
        };
        match self.reread::<R, _>(&of, |_| Free).await {
            Ok(_) => Ok(()),
            Err(SyncError::Clockify(ClockifyError::Permanent { refusal, .. }))
                if !matches!(refusal, Refusal::Key { .. } | Refusal::UnknownWorkspace) =>
            {
                tracing::warn!(record.kind = R::KIND, error = %refusal, "a record that is referred to cannot be read");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

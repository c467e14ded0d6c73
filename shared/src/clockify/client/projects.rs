//! Clients, projects, tasks and tags (`clockify.md` §6). Without `archived` the lists hold archived and
//! active rows together.

use super::{Client, ClockifyError, Kind, PAGE_SIZE, Page, checked};
use crate::{
    clockify::wire,
    domain::ids::{ClientId, ProjectId, TagId, TaskId},
};

impl Client {
    /// Clients.
    pub async fn list_clients(&self, page: u32) -> Result<Page<wire::Client>, ClockifyError> {
        let url = self.in_workspace(&["clients"]).await?;
        self.page("list clients", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One client.
    pub async fn read_client(&self, id: &ClientId) -> Result<wire::Client, ClockifyError> {
        const OPERATION: &str = "read a client";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["clients", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// Projects.
    pub async fn list_projects(&self, page: u32) -> Result<Page<wire::Project>, ClockifyError> {
        let mut url = self.in_workspace(&["projects"]).await?;
        url.query_pairs_mut().append_pair("hydrated", "false");
        self.page("list projects", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One project.
    pub async fn read_project(&self, id: &ProjectId) -> Result<wire::Project, ClockifyError> {
        const OPERATION: &str = "read a project";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["projects", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// The tasks of a project; [`ClockifyError::Gone`] where the project is.
    pub async fn list_tasks(
        &self,
        project: &ProjectId,
        page: u32,
    ) -> Result<Page<wire::Task>, ClockifyError> {
        const OPERATION: &str = "list tasks";
        let project = checked(OPERATION, project.as_str())?;
        let url = self.in_workspace(&["projects", project, "tasks"]).await?;
        self.page(OPERATION, Kind::Record, url, page, PAGE_SIZE)
            .await
    }

    /// One task.
    pub async fn read_task(
        &self,
        project: &ProjectId,
        id: &TaskId,
    ) -> Result<wire::Task, ClockifyError> {
        const OPERATION: &str = "read a task";
        let project = checked(OPERATION, project.as_str())?;
        let id = checked(OPERATION, id.as_str())?;
        let url = self
            .in_workspace(&["projects", project, "tasks", id])
            .await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }

    /// Tags.
    pub async fn list_tags(&self, page: u32) -> Result<Page<wire::Tag>, ClockifyError> {
        let url = self.in_workspace(&["tags"]).await?;
        self.page("list tags", Kind::List, url, page, PAGE_SIZE)
            .await
    }

    /// One tag.
    pub async fn read_tag(&self, id: &TagId) -> Result<wire::Tag, ClockifyError> {
        const OPERATION: &str = "read a tag";
        let id = checked(OPERATION, id.as_str())?;
        let url = self.in_workspace(&["tags", id]).await?;
        Ok(self.get(OPERATION, Kind::Record, url).await?.body)
    }
}

//! Clients, projects, tasks, tags and groups that are made, changed, archived and deleted.

use serde::{Deserialize, Serialize};

use super::{Refusal, World, given};
use crate::{
    company::{
        Rate,
        work::{Client, Group, Project, Tag, Task},
    },
    id::{Id, Kind},
    wire,
};

/// What to change about a client; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientChange {
    pub name: Option<String>,
    pub note: Option<String>,
    pub archived: Option<bool>,
}

/// What to change about a project; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectChange {
    pub name: Option<String>,
    /// Null takes it away.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub client: Option<Option<Id>>,
    pub billable: Option<bool>,
    /// Minor units an hour; null takes it away.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub rate: Option<Option<i64>>,
    pub archived: Option<bool>,
}

/// What to change about a task; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskChange {
    pub name: Option<String>,
    pub done: Option<bool>,
}

/// What to change about a tag; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TagChange {
    pub name: Option<String>,
    pub archived: Option<bool>,
}

/// What to change about a group; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupChange {
    pub name: Option<String>,
    pub members: Option<Vec<Id>>,
}

impl World {
    pub(crate) fn add_client(&mut self, name: String, note: Option<String>) -> Id {
        self.tick();
        let id = self.made_id(Kind::Client);
        let client = Client {
            id,
            name,
            note,
            email: None,
            address: None,
            currency: "CAD",
            archived: false,
        };
        self.tell("NEW_CLIENT", wire::work::client_webhook(&client));
        self.clients.insert(id, client);
        id
    }

    pub(crate) fn edit_client(&mut self, id: Id, change: ClientChange) -> Result<(), Refusal> {
        let client = self.clients.get_mut(&id).ok_or(Refusal::Gone("Client"))?;
        if let Some(name) = change.name {
            client.name = name;
        }
        if let Some(note) = change.note {
            client.note = Some(note);
        }
        if let Some(archived) = change.archived {
            client.archived = archived;
        }
        let body = wire::work::client_webhook(client);
        self.tick();
        self.tell("CLIENT_UPDATED", body);
        Ok(())
    }

    pub(crate) fn delete_client(&mut self, id: Id) -> Result<(), Refusal> {
        let mut client = self.clients.remove(&id).ok_or(Refusal::Gone("Client"))?;
        client.archived = true;
        for project in self.projects.values_mut() {
            if project.client == Some(id) {
                project.client = None;
            }
        }
        self.tick();
        self.tell("CLIENT_DELETED", wire::work::client_webhook(&client));
        Ok(())
    }

    pub(crate) fn add_project(
        &mut self,
        name: String,
        client: Option<Id>,
        tasks: &[String],
    ) -> Result<Id, Refusal> {
        if let Some(client) = client {
            self.clients.get(&client).ok_or(Refusal::Gone("Client"))?;
        }
        self.tick();
        let id = self.made_id(Kind::Project);
        let tasks = tasks
            .iter()
            .map(|name| Task {
                id: self.made_id(Kind::Task),
                name: name.clone(),
                done: false,
            })
            .collect();
        let project = Project {
            id,
            name,
            client,
            billable: client.is_some(),
            rate: None,
            color: "#03A9F4",
            note: String::new(),
            archived: false,
            tasks,
        };
        self.tell("NEW_PROJECT", wire::work::project_webhook(self, &project));
        self.projects.insert(id, project);
        Ok(id)
    }

    pub(crate) fn edit_project(&mut self, id: Id, change: ProjectChange) -> Result<(), Refusal> {
        let mut project = self
            .projects
            .get(&id)
            .ok_or(Refusal::Gone("Project"))?
            .clone();
        if let Some(name) = change.name {
            project.name = name;
        }
        if let Some(client) = change.client {
            project.client = client;
        }
        if let Some(billable) = change.billable {
            project.billable = billable;
        }
        if let Some(rate) = change.rate {
            project.rate = rate.map(Rate::cad);
        }
        if let Some(archived) = change.archived {
            project.archived = archived;
        }
        self.tick();
        self.tell(
            "PROJECT_UPDATED",
            wire::work::project_webhook(self, &project),
        );
        self.projects.insert(id, project);
        Ok(())
    }

    /// A project cannot be deleted before it is archived (clockify.md §6). Its entries stay, and
    /// name a project that is no more.
    pub(crate) fn delete_project(&mut self, id: Id) -> Result<(), Refusal> {
        let project = self.projects.get(&id).ok_or(Refusal::Gone("Project"))?;
        if !project.archived {
            return Err(Refusal::Invalid(
                "Cannot delete an active project".to_owned(),
            ));
        }
        let body = wire::work::project_webhook(self, project);
        self.projects.remove(&id);
        self.tick();
        self.tell("PROJECT_DELETED", body);
        Ok(())
    }

    pub(crate) fn add_task(&mut self, project: Id, name: String) -> Result<Id, Refusal> {
        self.tick();
        let id = self.made_id(Kind::Task);
        let row = self
            .projects
            .get_mut(&project)
            .ok_or(Refusal::Gone("Project"))?;
        let task = Task {
            id,
            name,
            done: false,
        };
        let body = wire::work::task_webhook(row, &task);
        row.tasks.push(task);
        self.tell("NEW_TASK", body);
        Ok(id)
    }

    pub(crate) fn edit_task(&mut self, id: Id, change: TaskChange) -> Result<(), Refusal> {
        let (project, index) = self.find_task(id)?;
        let row = self
            .projects
            .get_mut(&project)
            .ok_or(Refusal::Gone("Project"))?;
        let task = &mut row.tasks[index];
        if let Some(name) = change.name {
            task.name = name;
        }
        if let Some(done) = change.done {
            task.done = done;
        }
        let body = wire::work::task_webhook(row, &row.tasks[index]);
        self.tick();
        self.tell("TASK_UPDATED", body);
        Ok(())
    }

    pub(crate) fn delete_task(&mut self, id: Id) -> Result<(), Refusal> {
        let (project, index) = self.find_task(id)?;
        let row = self
            .projects
            .get_mut(&project)
            .ok_or(Refusal::Gone("Project"))?;
        let task = row.tasks.remove(index);
        let body = wire::work::task_webhook(row, &task);
        self.tick();
        self.tell("TASK_DELETED", body);
        Ok(())
    }

    fn find_task(&self, id: Id) -> Result<(Id, usize), Refusal> {
        self.projects
            .values()
            .find_map(|project| {
                let index = project.tasks.iter().position(|task| task.id == id)?;
                Some((project.id, index))
            })
            .ok_or(Refusal::Gone("Task"))
    }

    pub(crate) fn add_tag(&mut self, name: String) -> Id {
        self.tick();
        let id = self.made_id(Kind::Tag);
        let tag = Tag {
            id,
            name,
            archived: false,
        };
        self.tell("NEW_TAG", wire::work::tag(&tag));
        self.tags.insert(id, tag);
        id
    }

    pub(crate) fn edit_tag(&mut self, id: Id, change: TagChange) -> Result<(), Refusal> {
        let tag = self.tags.get_mut(&id).ok_or(Refusal::Gone("Tag"))?;
        if let Some(name) = change.name {
            tag.name = name;
        }
        if let Some(archived) = change.archived {
            tag.archived = archived;
        }
        let body = wire::work::tag(tag);
        self.tick();
        self.tell("TAG_UPDATED", body);
        Ok(())
    }

    pub(crate) fn delete_tag(&mut self, id: Id) -> Result<(), Refusal> {
        let tag = self.tags.remove(&id).ok_or(Refusal::Gone("Tag"))?;
        self.tick();
        self.tell("TAG_DELETED", wire::work::tag(&tag));
        Ok(())
    }

    pub(crate) fn add_group(&mut self, name: String, members: Vec<Id>) -> Id {
        self.tick();
        let id = self.made_id(Kind::UserGroup);
        let group = Group {
            id,
            name,
            members,
            managers: Vec::new(),
        };
        self.tell("USER_GROUP_CREATED", wire::work::group(self, &group));
        self.groups.insert(id, group);
        id
    }

    pub(crate) fn edit_group(&mut self, id: Id, change: GroupChange) -> Result<(), Refusal> {
        let mut group = self
            .groups
            .get(&id)
            .ok_or(Refusal::Gone("User group"))?
            .clone();
        if let Some(name) = change.name {
            group.name = name;
        }
        if let Some(members) = change.members {
            group.members = members;
        }
        self.tick();
        self.tell("USER_GROUP_UPDATED", wire::work::group(self, &group));
        self.groups.insert(id, group);
        Ok(())
    }

    pub(crate) fn delete_group(&mut self, id: Id) -> Result<(), Refusal> {
        let group = self.groups.remove(&id).ok_or(Refusal::Gone("User group"))?;
        self.tick();
        self.tell("USER_GROUP_DELETED", wire::work::group(self, &group));
        Ok(())
    }
}

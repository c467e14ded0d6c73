//! Clients, projects, tasks and tags.

use serde::Deserialize;
use shared::{
    clockify::{
        convert,
        wire::{self, Project},
    },
    domain::{flags::FlagKind, ids::ProjectId},
};

use crate::fixture::{Fixture, WORKSPACE, conversion};

pub(crate) async fn read(fixture: &Fixture) -> bool {
    match fixture.file.as_str() {
        "api/clients.json" => {
            let served = fixture.serve().await;
            let clients = served.client.list_clients(1).await.unwrap();
            served.was_asked_as_documented().await;
            assert_eq!(clients.rows.len(), 4, "archived ones come too");
        }
        "api/projects.json" => {
            let served = fixture.serve().await;
            let projects = served.client.list_projects(1).await.unwrap();
            served.was_asked_as_documented().await;
            assert!(projects.rows.iter().any(|row| row.archived == Some(true)));
        }
        "api/tasks.ridge.json" | "api/tasks.fitup.json" | "api/tasks.legacy.json" => {
            let served = fixture.serve().await;
            let url = fixture.entry()["url"].as_str().unwrap();
            let project = url.split('/').rev().nth(1).unwrap();
            let project = ProjectId::from(project);
            let tasks = served.client.list_tasks(&project, 1).await.unwrap();
            served.was_asked_as_documented().await;
            assert!(!tasks.rows.is_empty(), "{}", fixture.file);
            for row in &tasks.rows {
                let task = convert::task(row, &conversion()).unwrap().record;
                assert_eq!(task.project_id, project);
                assert_eq!(task.workspace_id.as_str(), WORKSPACE, "tasks name none");
            }
        }
        "api/tags.json" => {
            let served = fixture.serve().await;
            let tags = served.client.list_tags(1).await.unwrap();
            served.was_asked_as_documented().await;
            let names: Vec<_> = tags
                .rows
                .iter()
                .map(|tag| convert::tag(tag, &conversion()).record)
                .map(|tag| (tag.name, tag.archived))
                .collect();
            assert_eq!(names[1], ("BANKED - SITE".to_owned(), false));
            assert_eq!(names[3], ("Old tag – do not use".to_owned(), true));
        }
        "expected/project-name-split.json" => {
            let expected: Vec<NameSplit> = fixture.read();
            assert!(!expected.is_empty());
        }
        _ => return false,
    }
    true
}

#[derive(Debug, Deserialize)]
struct NameSplit {
    name: String,
    code: Option<String>,
    title: String,
}

fn project(name: &str) -> convert::Converted<shared::domain::project::Project> {
    let row: Project =
        serde_json::from_value(serde_json::json!({"id": "p", "name": name, "clientId": "c"}))
            .unwrap();
    convert::project(&row, &conversion())
}

/// `domain.md` §3, *Project*: "code is what stands before the first ` - `, title the rest".
#[test]
fn project_names_split_as_expected() {
    let expected: Vec<NameSplit> = Fixture::named("expected/project-name-split.json").read();
    for split in expected {
        let project = project(&split.name);
        assert_eq!(project.record.code, split.code, "{}", split.name);
        assert_eq!(project.record.title, split.title, "{}", split.name);
        assert_eq!(project.record.name, split.name);
        let flags: &[FlagKind] = match split.code {
            Some(_) => &[],
            None => &[FlagKind::ProjectWithoutCode],
        };
        assert_eq!(project.flags, flags, "{}", split.name);
    }
}

#[test]
fn nothing_before_the_separator_is_no_code() {
    for (name, code, title) in [
        (" - River Crossing", None, " - River Crossing"),
        ("ABC-001  -  River", Some("ABC-001"), "River"),
        ("ABC-001 -River", None, "ABC-001 -River"),
        ("", None, ""),
    ] {
        let project = project(name).record;
        assert_eq!(project.code.as_deref(), code, "{name}");
        assert_eq!(project.title, title, "{name}");
    }
}

/// `domain.md` §3: "A project without a client goes to the internal client"; Clockify writes null or "".
#[test]
fn a_project_without_a_client_is_flagged_however_that_is_written() {
    let rows: Vec<Project> = Fixture::named("api/projects.json").rows();
    let internal = rows
        .iter()
        .find(|row| row.name.as_deref() == Some("Internal Admin"))
        .unwrap();
    let project = convert::project(internal, &conversion());
    assert_eq!(project.record.client_id, None);
    assert_eq!(
        project.flags,
        [FlagKind::ProjectWithoutCode, FlagKind::ProjectWithoutClient]
    );

    let removed: Project = Fixture::named("webhooks/PROJECT_UPDATED.client-null.json").read();
    let project = convert::project(&removed, &conversion());
    assert_eq!(project.record.client_id, None);
}

/// `domain.md` §3, *Client*: "`name` is a short code, its `note` the long name".
#[test]
fn a_clients_note_is_its_long_name_and_empty_texts_are_none() {
    let rows: Vec<wire::Client> = Fixture::named("api/clients.json").rows();
    let clients: Vec<_> = rows
        .iter()
        .map(|row| convert::client(row, &conversion()).record)
        .collect();
    assert_eq!(clients[0].short_name, "Aspen Ridge Energy Ltd.");
    assert_eq!(clients[0].long_name.as_deref(), Some("Net 30"));
    assert_eq!(
        clients[0].address.as_deref(),
        Some("100 Example Ave, Calgary, AB")
    );
    assert_eq!(clients[1].long_name, None, "null");
    assert_eq!(clients[2].long_name, None, "an empty text");
    assert_eq!(clients[2].address, None);
    assert!(clients[3].archived);
}

//! `GET /lookups/{clients,projects,employees}`: for the drop-downs of the app.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        employee::{Employee, EmployeeStatus},
        project::{Client, Project},
    },
    functions::{
        access::LemRead,
        body::Query,
        caller::Caller,
        context::Context,
        fields::{Fields, filled, word},
        paging::{Listing, Page},
        problem::Problem,
        role::Role,
    },
    store::{client, employee, project},
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

pub(crate) fn function() -> HttpFunction {
    let readers = Rule::role(Role::LemRead);
    HttpFunction::new("lookups")
        .get("/lookups/clients", readers, list_clients)
        .described(
            Operation::new(
                "ListClients",
                "List clients",
                "For the drop-down of clients.",
            )
            .query::<LookupQuery>()
            .lists::<ClientLine>(),
        )
        .get("/lookups/projects", readers, list_projects)
        .described(
            Operation::new(
                "ListProjects",
                "List projects",
                "For the drop-down of projects.",
            )
            .query::<LookupQuery>()
            .lists::<ProjectLine>(),
        )
        .get("/lookups/employees", readers, list_employees)
        .described(
            Operation::new(
                "ListEmployees",
                "List employees",
                "For the drop-down of employees.",
            )
            .query::<LookupQuery>()
            .lists::<EmployeeLine>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct LookupQuery {
    /// Part of the name.
    q: Option<String>,
    /// True for active ones alone, false for the others.
    active: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// What somebody looks for.
struct Search {
    /// In lower case.
    text: Option<String>,
    active: Option<bool>,
    page: Page,
}

/// A line of a drop-down.
trait Line {
    fn id(&self) -> &str;
    fn is_active(&self) -> bool;
    /// The names by which people look for it.
    fn names(&self) -> [&str; 2];
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ClientLine {
    /// Its id.
    id: String,
    /// The short code.
    name: String,
    /// The name that client documents print.
    long_name: String,
    /// True for active ones alone, false for the others.
    active: bool,
}

#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProjectLine {
    /// Its id.
    id: String,
    /// The client.
    client_id: Option<String>,
    /// The short code.
    code: Option<String>,
    /// The name without the code.
    title: String,
    /// Code and title.
    name: String,
    /// True for active ones alone, false for the others.
    active: bool,
}

#[derive(Serialize, schemars::JsonSchema)]
struct EmployeeLine {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The position that is printed on billing sheets.
    role: Option<String>,
    /// True for active ones alone, false for the others.
    active: bool,
}

async fn list_clients(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<LookupQuery>,
) -> Result<Json<Listing<ClientLine>>, Problem> {
    let search = Search::of(&context, &query)?;
    let store = context.store().await?;
    let clients = store
        .read(async |mut tx| client::list(&mut tx).await)
        .await?;
    Ok(Json(
        search.among(clients.into_iter().map(ClientLine::from)),
    ))
}

async fn list_projects(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<LookupQuery>,
) -> Result<Json<Listing<ProjectLine>>, Problem> {
    let search = Search::of(&context, &query)?;
    let store = context.store().await?;
    let projects = store
        .read(async |mut tx| project::list(&mut tx).await)
        .await?;
    Ok(Json(
        search.among(projects.into_iter().map(ProjectLine::from)),
    ))
}

async fn list_employees(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<LookupQuery>,
) -> Result<Json<Listing<EmployeeLine>>, Problem> {
    let search = Search::of(&context, &query)?;
    let store = context.store().await?;
    let employees = store
        .read(async |mut tx| employee::list(&mut tx).await)
        .await?;
    Ok(Json(
        search.among(employees.into_iter().map(EmployeeLine::from)),
    ))
}

impl Search {
    fn of(context: &Context, query: &LookupQuery) -> Result<Self, Problem> {
        let mut fields = Fields::new(context.settings());
        let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
        let active = match word(query.active.as_deref()).as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => {
                fields.fault("active", "must be true or false");
                None
            }
        };
        fields.finish()?;
        let text = filled(query.q.as_deref()).map(str::to_lowercase);
        Ok(Self { text, active, page })
    }

    /// The lines that are looked for, by name; lines of one name by id.
    fn among<T: Line>(&self, lines: impl Iterator<Item = T>) -> Listing<T> {
        let mut found: Vec<T> = lines.filter(|line| self.finds(line)).collect();
        found.sort_by_cached_key(order);
        if let Some(after) = &self.page.after {
            found.retain(|line| order(line) > *after);
        }
        found.truncate(self.page.rows() as usize);
        self.page.listing(found, order)
    }

    fn finds(&self, line: &impl Line) -> bool {
        let named = |text: &String| {
            let mut names = line.names().into_iter();
            names.any(|name| name.to_lowercase().contains(text))
        };
        self.active.is_none_or(|active| active == line.is_active())
            && self.text.as_ref().is_none_or(named)
    }
}

fn order(line: &impl Line) -> String {
    format!("{}\n{}", line.names()[0].to_lowercase(), line.id())
}

impl From<Client> for ClientLine {
    fn from(client: Client) -> Self {
        Self {
            long_name: client
                .long_name
                .unwrap_or_else(|| client.short_name.clone()),
            id: client.id.0,
            name: client.short_name,
            active: !client.archived,
        }
    }
}

impl From<Project> for ProjectLine {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.0,
            client_id: project.client_id.map(|id| id.0),
            code: project.code,
            title: project.title,
            name: project.name,
            active: !project.archived,
        }
    }
}

impl From<Employee> for EmployeeLine {
    fn from(employee: Employee) -> Self {
        Self {
            id: employee.id.0,
            name: employee.name,
            role: employee.role,
            active: employee.status == EmployeeStatus::Active,
        }
    }
}

impl Line for ClientLine {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn names(&self) -> [&str; 2] {
        [&self.name, &self.long_name]
    }
}

impl Line for ProjectLine {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn names(&self) -> [&str; 2] {
        [&self.name, &self.title]
    }
}

impl Line for EmployeeLine {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn names(&self) -> [&str; 2] {
        [&self.name, ""]
    }
}

//! References to records that the database has never seen (`domain.md` §3, *A reference to something
//! unknown*): they are found as a set, so that they can be fetched, and what Clockify does not know either
//! is stored as a stub, so that nothing that refers to it is dropped.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};

use super::{Column, Rows, Statement, StoreError, Transaction, Value};
use crate::domain::ids::{
    ClientId, EmployeeId, ExpenseCategoryId, PolicyId, ProjectId, TagId, TaskId, WorkspaceId,
};

/// Records that others refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    pub workspaces: BTreeSet<WorkspaceId>,
    pub employees: BTreeSet<EmployeeId>,
    pub clients: BTreeSet<ClientId>,
    pub projects: BTreeSet<ProjectId>,
    /// Each with its project.
    pub tasks: BTreeMap<TaskId, ProjectId>,
    pub tags: BTreeSet<TagId>,
    pub policies: BTreeSet<PolicyId>,
    pub expense_categories: BTreeSet<ExpenseCategoryId>,
}

impl AddAssign for References {
    fn add_assign(&mut self, more: Self) {
        self.workspaces.extend(more.workspaces);
        self.employees.extend(more.employees);
        self.clients.extend(more.clients);
        self.projects.extend(more.projects);
        self.tasks.extend(more.tasks);
        self.tags.extend(more.tags);
        self.policies.extend(more.policies);
        self.expense_categories.extend(more.expense_categories);
    }
}

const REFERENCES: &[Column] = &[Column::id("kind"), Column::id("id")];

const UNKNOWN: Statement =
    Statement::new(include_str!("reference/unknown.sql")).rows(&[("@references", REFERENCES)]);

impl References {
    /// Whether nothing is referred to.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those of which the database has no record, not even a stub.
    pub async fn unknown(self, tx: &mut Transaction) -> Result<Self, StoreError> {
        let rows = self.rows();
        if rows.0.is_empty() {
            return Ok(Self::default());
        }
        let mut unknown = Self::default();
        for row in tx.query(&UNKNOWN, &[("@references", rows.into())]).await? {
            let id = row.text("id")?;
            match row.text("kind")?.as_str() {
                "workspace" => unknown.workspaces.insert(id.into()),
                "employee" => unknown.employees.insert(id.into()),
                "client" => unknown.clients.insert(id.into()),
                "project" => unknown.projects.insert(id.into()),
                "tag" => unknown.tags.insert(id.into()),
                "policy" => unknown.policies.insert(id.into()),
                "expense_category" => unknown.expense_categories.insert(id.into()),
                _ => self
                    .tasks
                    .get_key_value(&TaskId(id))
                    .is_some_and(|(task, project)| {
                        unknown.tasks.insert(task.clone(), project.clone());
                        true
                    }),
            };
        }
        Ok(unknown)
    }

    fn rows(&self) -> Rows {
        fn of<'a, T: 'a>(
            kind: &'static str,
            ids: impl Iterator<Item = &'a T>,
        ) -> impl Iterator<Item = Vec<Value>>
        where
            Value: From<&'a T>,
        {
            ids.map(move |id| vec![kind.into(), id.into()])
        }
        of("client", self.clients.iter())
            .chain(of("employee", self.employees.iter()))
            .chain(of("expense_category", self.expense_categories.iter()))
            .chain(of("policy", self.policies.iter()))
            .chain(of("project", self.projects.iter()))
            .chain(of("tag", self.tags.iter()))
            .chain(of("task", self.tasks.keys()))
            .chain(of("workspace", self.workspaces.iter()))
            .collect()
    }
}

const STUBS: &[Column] = &[Column::id("id")];
const TASK_STUBS: &[Column] = &[Column::id("id"), Column::id("project_id")];

macro_rules! stub {
    ($table:literal, $columns:ident, $more_columns:literal, $more_values:literal) => {
        Statement::new(concat!(
            "INSERT INTO ",
            $table,
            " ({columns @rows}, ",
            $more_columns,
            ", source_hash, ticket, created_at, updated_at) SELECT {values @rows}, ",
            $more_values,
            ", '', 0, {now}, {now} FROM {@rows} AS r \
             WHERE NOT EXISTS (SELECT 1 FROM ",
            $table,
            " AS t WHERE t.id = r.id)"
        ))
        .rows(&[("@rows", $columns)])
    };
}

const WORKSPACE: Statement = stub!("workspace", STUBS, "name", "''");
const EMPLOYEE: Statement = stub!(
    "employee",
    STUBS,
    "workspace_id, name, status, has_truck, is_stub",
    "@workspace_id, '', 'INACTIVE', 0, 1"
);
const CLIENT: Statement = stub!(
    "client",
    STUBS,
    "workspace_id, short_name, archived, is_stub",
    "@workspace_id, '', 1, 1"
);
const PROJECT: Statement = stub!(
    "project",
    STUBS,
    "workspace_id, name, title, billable, archived, is_stub",
    "@workspace_id, '', '', 0, 1, 1"
);
const TASK: Statement = stub!(
    "task",
    TASK_STUBS,
    "workspace_id, name, archived, is_stub",
    "@workspace_id, '', 1, 1"
);
const TAG: Statement = stub!(
    "tag",
    STUBS,
    "workspace_id, name, archived, is_stub",
    "@workspace_id, '', 1, 1"
);
const POLICY: Statement = stub!(
    "policy",
    STUBS,
    "workspace_id, name, unit, everyone, archived, is_stub",
    "@workspace_id, '', 'HOURS', 0, 1, 1"
);
const EXPENSE_CATEGORY: Statement = stub!(
    "expense_category",
    STUBS,
    "workspace_id, name, archived, is_stub",
    "@workspace_id, '', 1, 1"
);

/// Stores a stub for each reference that is still unknown, and says which those were. Any read of the
/// record itself writes over its stub. A task's project must be among the references.
pub(super) async fn store_stubs(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    mut references: References,
) -> Result<References, StoreError> {
    references.workspaces.insert(workspace_id.clone());
    let unknown = references.unknown(tx).await?;
    if !unknown.workspaces.is_empty() {
        let rows = Value::ids(&unknown.workspaces);
        tx.execute(&WORKSPACE, &[("@rows", rows)]).await?;
    }
    let tasks: Rows = unknown
        .tasks
        .iter()
        .map(|(task, project)| vec![task.into(), project.into()])
        .collect();
    for (statement, rows) in [
        (&EMPLOYEE, Value::ids(&unknown.employees)),
        (&CLIENT, Value::ids(&unknown.clients)),
        (&PROJECT, Value::ids(&unknown.projects)),
        (&TASK, tasks.into()),
        (&TAG, Value::ids(&unknown.tags)),
        (&POLICY, Value::ids(&unknown.policies)),
        (&EXPENSE_CATEGORY, Value::ids(&unknown.expense_categories)),
    ] {
        if !matches!(&rows, Value::Rows(rows) if rows.0.is_empty()) {
            let params = [("@rows", rows), ("@workspace_id", workspace_id.into())];
            tx.execute(statement, &params).await?;
        }
    }
    Ok(unknown)
}

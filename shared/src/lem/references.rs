//! What a sheet, a name or a rate refers to must be known, and belong together.

use std::collections::BTreeMap;

use super::{LemError, Refusal};
use crate::{
    domain::{
        ids::{ClientId, EmployeeId, ProjectId},
        lem::LemSheet,
        project::Project,
    },
    store::{
        StoreError, Transaction, client, employee,
        lem_name::{self, LemName, NameList},
        project,
    },
};

/// Gathers what is refused, so that all of it is told at once.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<Refusal>);

impl Refusals {
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Refusal::new(field, message));
    }

    pub(super) fn finish(self) -> Result<(), LemError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(LemError::Refused(self.0))
        }
    }
}

/// The project and its client; the client given, if any, must be that one.
pub(super) async fn project_of_client(
    tx: &mut Transaction,
    client_id: Option<&ClientId>,
    project_id: &ProjectId,
) -> Result<(Project, ClientId), LemError> {
    let found = project::get(tx, project_id).await?;
    let project = found.ok_or_else(|| {
        Refusal::new(
            "projectId",
            "must be the id of a project; this one is not known",
        )
    })?;
    match (client_id, project.client_id.clone()) {
        (None, Some(own)) => Ok((project, own)),
        (Some(given), Some(own)) if *given == own => Ok((project, own)),
        (Some(_), Some(_)) => {
            Err(Refusal::new("projectId", "must be a project of that client").into())
        }
        (_, None) => Err(Refusal::new(
            "projectId",
            "must be a project of a client; this one has none in Clockify",
        )
        .into()),
    }
}

/// Refuses a client that is not known.
pub(super) async fn client_exists(
    tx: &mut Transaction,
    client_id: &ClientId,
) -> Result<(), LemError> {
    if client::get(tx, client_id).await?.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        "clientId",
        "must be the id of a client; this one is not known",
    )
    .into())
}

/// Refuses an employee who is not known.
pub(super) async fn employee_exists(
    tx: &mut Transaction,
    refusals: &mut Refusals,
    field: &str,
    id: Option<&EmployeeId>,
) -> Result<(), StoreError> {
    if let Some(id) = id
        && employee::get(tx, id).await?.is_none()
    {
        refusals.add(
            field,
            "must be the id of an employee; this one is not known",
        );
    }
    Ok(())
}

/// The names of one client by id.
pub(super) struct Names(BTreeMap<String, LemName>);

impl Names {
    pub(super) async fn of(
        tx: &mut Transaction,
        list: NameList,
        client_id: &ClientId,
    ) -> Result<Self, StoreError> {
        let names = lem_name::of_client(tx, list, client_id).await?;
        Ok(Self(
            names
                .into_iter()
                .map(|name| (name.id.clone(), name))
                .collect(),
        ))
    }

    /// Refuses an id that is none of the client's, or that is for another project.
    pub(super) fn check(
        &self,
        refusals: &mut Refusals,
        field: impl Into<String>,
        id: &str,
        project_id: &ProjectId,
    ) {
        match self.0.get(id) {
            None => refusals.add(field, "must be one of the client's; this one is not"),
            Some(name)
                if name
                    .project_id
                    .as_ref()
                    .is_some_and(|only| only != project_id) =>
            {
                refusals.add(field, "is for another project of the client");
            }
            Some(_) => {}
        }
    }
}

/// Refuses what the sheet's head and lines refer to without its being there. Fields are named as in a whole ticket.
pub(super) async fn check_sheet(tx: &mut Transaction, sheet: &LemSheet) -> Result<(), LemError> {
    let mut refusals = Refusals::default();
    let manager = sheet.project_manager_id.as_ref();
    employee_exists(tx, &mut refusals, "projectManagerId", manager).await?;
    if !sheet.workers.is_empty() {
        let roles = Names::of(tx, NameList::Roles, &sheet.client_id).await?;
        for (n, line) in sheet.workers.iter().enumerate() {
            let field = format!("workers[{n}].roleId");
            roles.check(
                &mut refusals,
                field,
                line.role_id.as_str(),
                &sheet.project_id,
            );
            let field = format!("workers[{n}].employeeId");
            employee_exists(tx, &mut refusals, &field, line.employee_id.as_ref()).await?;
        }
    }
    if !sheet.equipment.is_empty() {
        let machines = Names::of(tx, NameList::Equipment, &sheet.client_id).await?;
        for (n, line) in sheet.equipment.iter().enumerate() {
            let field = format!("equipment[{n}].equipmentId");
            machines.check(
                &mut refusals,
                field,
                line.equipment_id.as_str(),
                &sheet.project_id,
            );
        }
    }
    refusals.finish()
}

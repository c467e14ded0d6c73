//! Roles and equipment: names per client that LEM lines refer to. Never deleted, because sheets hold on to them.

use sha2::{Digest, Sha256};

use super::{Row, Statement, StoreError, Transaction};
use crate::domain::{
    ids::{ClientId, ProjectId},
    lem::comparable_name,
};

/// Which list of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameList {
    Roles,
    Equipment,
}

/// A role or a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LemName {
    /// A `RoleId` or an `EquipmentId`.
    pub id: String,
    pub client_id: ClientId,
    /// None: for all projects of the client.
    pub project_id: Option<ProjectId>,
    pub name: String,
}

/// Which names to list.
#[derive(Clone, Debug, Default)]
pub struct NameFilter {
    pub client_id: Option<ClientId>,
    /// Names of this project, and those for all projects.
    pub project_id: Option<ProjectId>,
    /// Only names that come after this one: the name, then the id.
    pub after: Option<(String, String)>,
}

struct NameTable {
    insert: Statement,
    get: Statement,
    named: Statement,
    list: Statement,
    of_client: Statement,
}

macro_rules! name_table {
    ($table:literal) => {
        NameTable {
            insert: Statement::new(concat!(
                "INSERT INTO ",
                $table,
                " (id, client_id, project_id, name, name_key, created_at, updated_at) \
                 VALUES (@id, @client_id, @project_id, @name, @name_key, {now}, {now})"
            )),
            get: Statement::new(concat!(
                "SELECT id, client_id, project_id, name FROM ",
                $table,
                " WHERE id = @id"
            )),
            named: Statement::new(concat!(
                "SELECT id, client_id, project_id, name FROM ",
                $table,
                " WHERE client_id = @client_id AND name_key = @name_key"
            )),
            list: Statement::new(concat!(
                "SELECT id, client_id, project_id, name FROM ",
                $table,
                " WHERE (@client_id IS NULL OR client_id = @client_id) \
                 AND (@project_id IS NULL OR project_id IS NULL OR project_id = @project_id) \
                 AND (@after_name IS NULL OR name > @after_name OR (name = @after_name AND id > @after_id)) \
                 ORDER BY name, id {limit}"
            )),
            of_client: Statement::new(concat!(
                "SELECT id, client_id, project_id, name FROM ",
                $table,
                " WHERE client_id = @client_id"
            )),
        }
    };
}

const ROLES: NameTable = name_table!("lem_role");
const EQUIPMENT: NameTable = name_table!("lem_equipment");

impl NameList {
    fn table(self) -> &'static NameTable {
        match self {
            Self::Roles => &ROLES,
            Self::Equipment => &EQUIPMENT,
        }
    }
}

/// SHA-256 of a name as it is compared.
pub(super) fn key(name: &str) -> String {
    hex::encode(Sha256::digest(comparable_name(name)))
}

/// Writes a name that the client does not have yet.
pub async fn insert(
    tx: &mut Transaction,
    list: NameList,
    name: &LemName,
) -> Result<(), StoreError> {
    let params = [
        ("@id", name.id.as_str().into()),
        ("@client_id", (&name.client_id).into()),
        ("@project_id", name.project_id.as_ref().into()),
        ("@name", (&name.name).into()),
        ("@name_key", key(&name.name).into()),
    ];
    tx.execute(&list.table().insert, &params).await?;
    Ok(())
}

/// The name of that id.
pub async fn get(
    tx: &mut Transaction,
    list: NameList,
    id: &str,
) -> Result<Option<LemName>, StoreError> {
    let row = tx
        .query_one(&list.table().get, &[("@id", id.into())])
        .await?;
    row.as_ref().map(read).transpose()
}

/// The client's name that compares equal, if he has one.
pub async fn named(
    tx: &mut Transaction,
    list: NameList,
    client_id: &ClientId,
    name: &str,
) -> Result<Option<LemName>, StoreError> {
    let params = [
        ("@client_id", client_id.into()),
        ("@name_key", key(name).into()),
    ];
    let row = tx.query_one(&list.table().named, &params).await?;
    row.as_ref().map(read).transpose()
}

/// Names in their order, at most so many.
pub async fn list(
    tx: &mut Transaction,
    list: NameList,
    filter: &NameFilter,
    limit: u32,
) -> Result<Vec<LemName>, StoreError> {
    let after = filter.after.as_ref();
    let params = [
        ("@client_id", filter.client_id.as_ref().into()),
        ("@project_id", filter.project_id.as_ref().into()),
        ("@after_name", after.map(|(name, _)| name.as_str()).into()),
        ("@after_id", after.map(|(_, id)| id.as_str()).into()),
        ("@limit", limit.into()),
    ];
    let rows = tx.query(&list.table().list, &params).await?;
    rows.iter().map(read).collect()
}

/// All names of a client.
pub async fn of_client(
    tx: &mut Transaction,
    list: NameList,
    client_id: &ClientId,
) -> Result<Vec<LemName>, StoreError> {
    let params = [("@client_id", client_id.into())];
    let rows = tx.query(&list.table().of_client, &params).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<LemName, StoreError> {
    Ok(LemName {
        id: row.text("id")?,
        client_id: row.id("client_id")?,
        project_id: row.opt_id("project_id")?,
        name: row.text("name")?,
    })
}

//! Groups of employees with their members. What Clockify no longer lists is archived, never deleted.

use std::collections::HashMap;

use super::{
    Changes, Column, CompleteRead, Missing, Row, Statement, StoreError, Ticket, Transaction,
    gone::{self, Vanishing, vanishing},
    record::{self, IDS, Incoming, RecordTable, SetTable, record_table, set_table},
    reference::{References, store_stubs},
    ticket::Spent,
    tombstone::Grave,
};
use crate::domain::{
    employee::Group,
    ids::{EmployeeId, GroupId, WorkspaceId},
};

const COLUMNS: &[Column] = &[
    Column::id("id"),
    Column::id("workspace_id"),
    Column::text("name"),
    Column::bool("archived"),
    Column::id("source_hash"),
];
const MEMBERS: &[Column] = &[Column::id("group_id"), Column::id("employee_id")];
const TABLE: RecordTable = record_table!(Some(Grave::Group), "employee_group", COLUMNS);
const MEMBER_TABLE: SetTable = set_table!(
    "employee_group_member",
    "group_id",
    "employee_group",
    MEMBERS
);
const VANISHING: Vanishing = vanishing!(
    "employee_group",
    "t.workspace_id = @workspace_id AND t.archived = 0"
);

/// Writes a page of groups that was read with that ticket.
pub async fn upsert_page(
    tx: &mut Transaction,
    spent: Spent,
    groups: &[Group],
) -> Result<Changes, StoreError> {
    let Some(first) = groups.first() else {
        return Ok(Changes::default());
    };
    let stubs = store_stubs(tx, &first.workspace_id, References::default()).await?;
    let page = groups
        .iter()
        .map(|group| (group.id.0.clone(), incoming(group)));
    let changes = record::upsert(tx, &TABLE, &[MEMBER_TABLE], spent, page).await?;
    Ok(Changes { stubs, ..changes })
}

fn incoming(group: &Group) -> Incoming {
    let members = group
        .member_ids
        .iter()
        .map(|member| vec![(&group.id).into(), member.into()]);
    Incoming {
        cells: vec![
            (&group.id).into(),
            (&group.workspace_id).into(),
            (&group.name).into(),
            group.archived.into(),
        ],
        sets: vec![members.collect()],
    }
}

/// Groups that a complete read of the workspace did not list.
pub async fn missing(
    tx: &mut Transaction,
    workspace_id: &WorkspaceId,
    read: CompleteRead<'_>,
) -> Result<Missing<GroupId>, StoreError> {
    let range = vec![("@workspace_id", workspace_id.into())];
    gone::find(tx, &VANISHING, range, read).await
}

/// Archives groups that Clockify no longer has, where no newer read has seen them.
pub async fn archive(
    tx: &mut Transaction,
    ticket: Ticket,
    ids: &[GroupId],
) -> Result<u64, StoreError> {
    const ARCHIVE: Statement = Statement::new(
        "UPDATE employee_group SET archived = 1, source_hash = '', ticket = @ticket, updated_at = {now} \
         FROM {@ids} AS r WHERE employee_group.id = r.id AND employee_group.ticket < @ticket",
    )
    .rows(&[("@ids", IDS)]);
    let ids: Vec<&str> = ids.iter().map(GroupId::as_str).collect();
    gone::end(tx, &TABLE, &[ARCHIVE], ticket, &ids).await
}

/// All groups with their members, archived ones included, in the order of ids.
pub async fn list(tx: &mut Transaction) -> Result<Vec<Group>, StoreError> {
    const LIST: Statement =
        Statement::new("SELECT id, workspace_id, name, archived FROM employee_group ORDER BY id");
    const LIST_MEMBERS: Statement =
        Statement::new("SELECT group_id, employee_id FROM employee_group_member");
    let mut members: HashMap<GroupId, Vec<EmployeeId>> = HashMap::new();
    for row in tx.query(&LIST_MEMBERS, &[]).await? {
        members
            .entry(row.id("group_id")?)
            .or_default()
            .push(row.id("employee_id")?);
    }
    let rows = tx.query(&LIST, &[]).await?;
    rows.iter().map(|row| read(row, &mut members)).collect()
}

fn read(row: &Row, members: &mut HashMap<GroupId, Vec<EmployeeId>>) -> Result<Group, StoreError> {
    let id: GroupId = row.id("id")?;
    let mut member_ids = members.remove(&id).unwrap_or_default();
    member_ids.sort_unstable();
    Ok(Group {
        id,
        workspace_id: row.id("workspace_id")?,
        name: row.text("name")?,
        member_ids,
        archived: row.bool("archived")?,
    })
}

//! New roles and equipment: a name per client. Creating one makes no rate.

use super::{
    Act, LemError,
    history::{self, Change, Fields, RecordKind},
    references,
};
use crate::store::{
    Transaction,
    lem_name::{self, LemName, NameList},
};

/// Makes a role or a machine. False: the same had been made before, under the same id.
pub async fn add_name(
    tx: &mut Transaction,
    act: &Act,
    list: NameList,
    name: &LemName,
) -> Result<bool, LemError> {
    if let Some(known) = lem_name::get(tx, list, &name.id).await? {
        if known == *name {
            return Ok(false);
        }
        return Err(LemError::Conflict(
            "Something else has that id already; send a new id.".to_owned(),
        ));
    }
    references::client_exists(tx, &name.client_id).await?;
    if let Some(project_id) = &name.project_id {
        references::project_of_client(tx, Some(&name.client_id), project_id).await?;
    }
    if let Some(known) = lem_name::named(tx, list, &name.client_id, &name.name).await? {
        return Err(LemError::Conflict(format!(
            "The client has that name already: use {} ({}).",
            known.name, known.id
        )));
    }
    lem_name::insert(tx, list, name).await?;
    let change = Change {
        kind: match list {
            NameList::Roles => RecordKind::Role,
            NameList::Equipment => RecordKind::Equipment,
        },
        id: &name.id,
        action: "create",
        version: 1,
        before: &Fields::new(),
        after: &history::of_name(name),
    };
    history::note(tx, act, change).await?;
    Ok(true)
}

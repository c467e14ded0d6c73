//! What a person does about an open push: lets a held difference go, or says that he has looked at a surprise.

use serde_json::json;

use super::BalanceError;
use crate::{
    domain::flags::FlagKind,
    lem::Act,
    store::{
        Transaction,
        audit::{self, AuditEntry},
        balance_push::{self, BalancePush, PushResult},
        flag,
    },
};

/// What `flag.record_kind` says of a push.
pub(super) const PUSH: &str = "balance_push";
/// The flags of a push.
pub(super) const PUSH_FLAGS: [FlagKind; 2] =
    [FlagKind::BalancePushHeld, FlagKind::BalancePushNotAsMeant];

/// Releases a held difference, so that the next job sends it if it is still the same; or closes a push that was not as
/// meant, so that jobs send again. A job must be asked for to follow.
pub async fn release(
    tx: &mut Transaction,
    act: &Act,
    id: &str,
) -> Result<BalancePush, BalanceError> {
    let Some(push) = balance_push::get(tx, id).await? else {
        return Err(BalanceError::NotFound(
            "There is no push of a balance with that id.",
        ));
    };
    let was = push.result;
    let result = match was {
        PushResult::Held => PushResult::Released,
        PushResult::Surprise => PushResult::Seen,
        other => {
            return Err(BalanceError::NotNow(format!(
                "This push is {}: only one that is held, or that was a surprise, can be released.",
                other.as_str()
            )));
        }
    };
    let push = BalancePush {
        result,
        settled_at: (result == PushResult::Seen).then_some(act.at),
        released_by: Some(act.by.clone()),
        released_at: Some(act.at),
        ..push
    };
    if !balance_push::change(tx, &push, was).await? {
        return Err(tx.met_another_writer().into());
    }
    flag::replace(tx, PUSH, &PUSH_FLAGS, &[&push.id], &[]).await?;
    let entry = AuditEntry {
        id: uuid::Uuid::now_v7().to_string(),
        at: act.at,
        caller: act.by.clone(),
        action: "release".to_owned(),
        record_kind: PUSH.to_owned(),
        record_id: push.id.clone(),
        change: json!({
            "before": {"result": was.as_str()},
            "after": {"result": result.as_str(), "difference": super::number(push.difference)},
        }),
    };
    audit::record(tx, &entry).await?;
    Ok(push)
}

//! The forms in which Clockify seldom posts a record: as strange as the fixtures show them.

use serde_json::Value;

/// The rare form of an event's body; None where it has none, or cannot have it.
pub(crate) fn form(event: &str, body: &Value) -> Option<Value> {
    let mut rare = body.clone();
    match event {
        // Though it has ended.
        "NEW_TIME_ENTRY" | "TIME_ENTRY_UPDATED" if !body["timeInterval"]["end"].is_null() => {
            rare["timeInterval"]["duration"] = Value::Null;
        }
        // Null instead of an empty text.
        "PROJECT_UPDATED" if body["client"].is_null() => {
            rare["clientId"] = Value::Null;
            rare["clientName"] = Value::Null;
        }
        "USER_UPDATED" => rare
            .as_object_mut()?
            .retain(|key, _| ["id", "email", "name"].contains(&key.as_str())),
        "BALANCE_UPDATED" => rare["note"] = Value::Null,
        _ => return None,
    }
    Some(rare)
}

//! `Metadata`: what the host knows about the trigger, and what a JSON message puts over it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::value;

/// `Metadata`, whose keys are the same without case.
#[derive(Debug, Default)]
pub struct Metadata {
    entries: Map<String, Value>,
    /// Keys of the host that a message replaced.
    pub hidden: Vec<String>,
}

impl Metadata {
    /// Sets a key of the host.
    pub fn set(&mut self, key: &str, value: Value) {
        self.entries.insert(key.to_owned(), value);
    }

    /// Puts the properties of a JSON object over it. Plain values become texts in .NET's writing, objects
    /// stay, arrays and nulls are left out.
    pub fn merge(&mut self, properties: &Map<String, Value>) {
        for (name, property) in properties {
            let written = match property {
                Value::Null | Value::Array(_) => continue,
                Value::Object(_) => property.clone(),
                Value::Bool(true) => value::text("True"),
                Value::Bool(false) => value::text("False"),
                Value::Number(number) => value::text(&dotnet_number(&number.to_string())),
                Value::String(text) => value::text(&dotnet_text(text)),
            };
            self.set_over(name, written);
        }
    }

    /// Sets a value that came from outside.
    pub fn set_over(&mut self, name: &str, written: Value) {
        let known = self
            .entries
            .keys()
            .find(|key| key.eq_ignore_ascii_case(name))
            .cloned();
        if let Some(key) = known {
            self.hidden.push(key.clone());
            self.entries.insert(key, written);
        } else {
            self.entries.insert(name.to_owned(), written);
        }
    }

    /// Adds `sys` (`$sys` if a message has a `sys` of its own) and gives the finished object. Keys that end
    /// in `trigger` are left out.
    pub fn finish(mut self, function: &str, now: Timestamp) -> Value {
        let sys = json!({
            "MethodName": function,
            "UtcNow": value::utc_now(now),
            "RandGuid": uuid::Uuid::new_v4().to_string(),
        });
        let taken = self
            .entries
            .keys()
            .any(|key| key.eq_ignore_ascii_case("sys"));
        self.entries
            .insert(if taken { "$sys" } else { "sys" }.to_owned(), sys);
        self.entries
            .retain(|key, _| !key.to_ascii_lowercase().ends_with("trigger"));
        Value::Object(self.entries)
    }
}

/// A text that .NET's JSON reader took for a date comes out in the invariant culture's writing.
fn dotnet_text(text: &str) -> String {
    value::dotnet_date(text).map_or_else(
        || text.to_owned(),
        |date| date.strftime("%m/%d/%Y %H:%M:%S").to_string(),
    )
}

/// Numbers with a fraction pass through a double: `1.50` comes out as `1.5`.
fn dotnet_number(text: &str) -> String {
    let is_whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    match text.parse::<f64>() {
        Ok(number) if !is_whole => number.to_string(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(message: &Value) -> Value {
        let mut metadata = Metadata::default();
        metadata.set("Id", value::text("of the queue"));
        metadata.set("DequeueCount", json!("1"));
        metadata.set("QueueTrigger", value::text("dropped"));
        metadata.merge(message.as_object().expect("an object"));
        let mut finished = metadata.finish("ProcessOrder", Timestamp::UNIX_EPOCH);
        let sys = finished.as_object_mut().and_then(|all| all.remove("sys"));
        assert_eq!(sys.expect("sys")["MethodName"], "ProcessOrder");
        finished
    }

    #[test]
    fn plain_properties_become_dotnet_text_objects_stay_arrays_and_nulls_are_skipped() {
        let message = json!({
            "qty": 2, "rush": true, "rate": 1.5, "at": "2026-03-02T09:15:30Z", "day": "2026-03-02",
            "customer": {"name": "Ann"}, "tags": ["x"], "note": null,
        });
        let expected = json!({
            "Id": "\"of the queue\"", "DequeueCount": "1",
            "qty": "\"2\"", "rush": "\"True\"", "rate": "\"1.5\"",
            "at": "\"03/02/2026 09:15:30\"", "day": "\"2026-03-02\"",
            "customer": {"name": "Ann"},
        });
        assert_eq!(merged(&message), expected);
    }

    #[test]
    fn a_property_of_the_message_hides_the_queues_own_value_without_case() {
        let message = json!({"id": "mine", "dequeueCount": 9});
        let expected = json!({"Id": "\"mine\"", "DequeueCount": "\"9\""});
        assert_eq!(merged(&message), expected);
    }

    #[test]
    fn a_message_with_a_sys_of_its_own_moves_the_hosts_to_dollar_sys() {
        let mut metadata = Metadata::default();
        metadata.merge(json!({"sys": "mine"}).as_object().expect("an object"));
        let finished = metadata.finish("F", Timestamp::UNIX_EPOCH);
        assert_eq!(finished["sys"], "\"mine\"");
        assert_eq!(finished["$sys"]["UtcNow"], "1970-01-01T00:00:00Z");
    }
}

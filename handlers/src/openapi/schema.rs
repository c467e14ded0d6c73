//! From the types' JSON Schemas to what OpenAPI 2.0 and Power Apps take.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// A page of `T`, as every list answers it.
pub(super) fn page_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let items = generator.subschema_for::<T>();
    json_schema!({
        "type": "object",
        "required": ["items", "nextCursor"],
        "properties": {
            "items": { "type": "array", "items": items, "description": "This part of the list." },
            "nextCursor": {
                "type": ["string", "null"],
                "description": "Ask with it for the next part; empty: this was the last.",
            },
        },
    })
}

/// A schema in the words of OpenAPI 2.0: no null among the types, no default, formats that are known, and for each
/// property a title. A property whose description ends with `Required.` is required.
pub(super) fn plain(schema: Value) -> Value {
    match schema {
        Value::Object(object) => Value::Object(plain_object(object)),
        _ => json!({}),
    }
}

fn plain_object(mut object: Map<String, Value>) -> Map<String, Value> {
    // A reference with a description comes wrapped; nothing may stand beside a reference.
    if let Some([Value::Object(only)]) = object
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        return plain_object(only.clone());
    }
    if let Some(reference) = object.remove("$ref") {
        return Map::from_iter([("$ref".to_owned(), reference)]);
    }
    for word in [
        "$schema",
        "title",
        "default",
        "additionalProperties",
        "definitions",
    ] {
        object.remove(word);
    }
    if let Some(Value::Array(types)) = object.get("type") {
        let real = types.iter().find(|name| *name != "null").cloned();
        object.insert("x-nullable".to_owned(), true.into());
        object.insert("type".to_owned(), real.unwrap_or_else(|| "object".into()));
    }
    match object.get("format").and_then(Value::as_str) {
        Some("int32" | "int64" | "double") | None => {}
        Some("uint32" | "uint16" | "uint8") => {
            object.insert("format".to_owned(), "int32".into());
        }
        Some("uint64" | "uint") => {
            object.insert("format".to_owned(), "int64".into());
        }
        Some(_) => {
            object.remove("format");
        }
    }
    if let Some(items) = object.remove("items") {
        object.insert("items".to_owned(), plain(items));
    }
    if let Some(Value::Object(properties)) = object.remove("properties") {
        let mut required = match object.remove("required") {
            Some(Value::Array(names)) => names,
            _ => Vec::new(),
        };
        let mut plain_properties = Map::new();
        for (name, schema) in properties {
            let mut property = plain(schema);
            if is_required(&mut property) && !required.contains(&json!(name)) {
                required.push(name.clone().into());
            }
            if property.get("$ref").is_none() {
                property["x-ms-summary"] = title(&name).into();
            }
            plain_properties.insert(name, property);
        }
        if !required.is_empty() {
            object.insert("required".to_owned(), required.into());
        }
        object.insert("properties".to_owned(), plain_properties.into());
    }
    object
}

/// Takes the word off the description.
fn is_required(property: &mut Value) -> bool {
    let Some(description) = property["description"].as_str() else {
        return false;
    };
    let Some(rest) = description.strip_suffix(" Required.") else {
        return false;
    };
    property["description"] = rest.to_owned().into();
    true
}

/// `projectManagerId` → `Project Manager Id`.
pub(super) fn title(name: &str) -> String {
    let mut title = String::with_capacity(name.len() + 4);
    for (n, c) in name.chars().enumerate() {
        if n == 0 {
            title.extend(c.to_uppercase());
        } else if c.is_uppercase() {
            title.push(' ');
            title.push(c);
        } else {
            title.push(c);
        }
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_put_into_the_words_of_openapi_2() {
        let schema = json!({
            "$schema": "x", "title": "X", "type": "object", "additionalProperties": false,
            "properties": {
                "roleId": { "type": ["string", "null"], "default": null, "description": "The role. Required." },
                "meals": { "type": "integer", "format": "uint32", "description": "Meals." },
            },
        });
        let expected = json!({
            "type": "object",
            "required": ["roleId"],
            "properties": {
                "roleId": {
                    "type": "string", "x-nullable": true, "description": "The role.", "x-ms-summary": "Role Id",
                },
                "meals": {
                    "type": "integer", "format": "int32", "description": "Meals.", "x-ms-summary": "Meals",
                },
            },
        });
        assert_eq!(plain(schema), expected);
    }
}

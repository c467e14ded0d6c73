//! The interface's document against the table of routes and the files that Power Apps imports.

use std::{collections::BTreeSet, fs, path::PathBuf};

use handlers::openapi::{SignIn, document};
use serde_json::Value;

/// Routes that are not for callers of the interface.
const NOT_FOR_CALLERS: [&str; 1] = ["/clockify/webhooks"];

#[test]
fn every_route_is_in_the_document_and_nothing_else_is() {
    let functions = handlers::functions();
    let document = document(&functions, SignIn::Key, "https://example.org/api");
    let mut documented: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    let served: BTreeSet<(String, String)> = functions
        .http
        .iter()
        .flat_map(|function| &function.routes)
        .filter(|route| !NOT_FOR_CALLERS.contains(&route.path))
        .map(|route| (route.method.to_string(), route.path.to_owned()))
        .collect();
    assert_eq!(documented, served);
}

/// `powerapps.md` §2: names for Power Fx, a title and a sentence for every operation, parameter and property.
#[test]
fn makers_get_a_name_a_title_and_a_sentence_for_everything() {
    let document = document(
        &handlers::functions(),
        SignIn::Key,
        "https://example.org/api",
    );
    let mut names = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_lowercase()), "{name} stands twice");
            let is_pascal = name.chars().all(|c| c.is_ascii_alphanumeric())
                && name.starts_with(|c: char| c.is_ascii_uppercase());
            assert!(is_pascal, "{name}");
            for text in ["summary", "description"] {
                assert!(operation[text].is_string(), "{method} {path}: {text}");
            }
            for parameter in operation["parameters"].as_array().unwrap() {
                let is_told = parameter["in"] == "body" || parameter["description"].is_string();
                assert!(is_told, "{method} {path}: {parameter}");
            }
        }
    }
    for (name, definition) in document["definitions"].as_object().unwrap() {
        for (field, property) in definition["properties"].as_object().into_iter().flatten() {
            let is_told = property["description"].is_string() || property["$ref"].is_string();
            assert!(is_told, "{name}.{field}");
        }
    }
    each_reference_leads_somewhere(&document, &document);
}

fn each_reference_leads_somewhere(document: &Value, part: &Value) {
    match part {
        Value::Object(object) => {
            if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                let pointer = target.trim_start_matches('#');
                assert!(document.pointer(pointer).is_some(), "{target}");
                assert_eq!(object.len(), 1, "something stands beside {target}");
            }
            object
                .values()
                .for_each(|part| each_reference_leads_somewhere(document, part));
        }
        Value::Array(parts) => {
            for part in parts {
                each_reference_leads_somewhere(document, part);
            }
        }
        _ => {}
    }
}

/// Written by `handlers openapi`.
#[test]
fn the_connector_is_what_the_code_says() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra/connector");
    for (name, text) in handlers::openapi::connector() {
        let file = fs::read_to_string(root.join(name)).unwrap_or_default();
        assert!(
            file.len() < 1024 * 1024,
            "{name}: over 1 MB is not imported"
        );
        assert!(
            file == text,
            "{name} is not what `handlers openapi infra/connector` writes"
        );
    }
}

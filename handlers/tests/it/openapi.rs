//! The interface's document against the table of routes and the files that Power Apps imports.

use std::{collections::BTreeSet, fs, path::PathBuf};

use handlers::openapi::{SignIn, document};
use serde_json::Value;
use shared::functions::role::Role;

use crate::support::{App, key_of};

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
                let is_told = parameter["description"].is_string();
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

/// A drop-down asks an operation that there is for parameters that it takes, as text, and shows fields that it answers;
/// a parameter that depends on another stands beside it.
#[test]
fn drop_downs_are_filled_by_what_there_is() {
    let document = document(
        &handlers::functions(),
        SignIn::Key,
        "https://example.org/api",
    );
    let paths = document["paths"].as_object().unwrap().values();
    let operations: Vec<&Value> = paths
        .flat_map(|methods| methods.as_object().unwrap().values())
        .collect();
    let takes = |operation: &Value, name: &str| {
        let parameters = operation["parameters"].as_array().unwrap();
        parameters.iter().any(|parameter| parameter["name"] == name)
    };
    let mut looked_at = 0;
    let mut check = |beside: Option<&Value>, field: &Value| {
        let Some(filled) = field.get("x-ms-dynamic-values") else {
            return;
        };
        let by = operations
            .iter()
            .find(|operation| operation["operationId"] == filled["operationId"])
            .unwrap_or_else(|| panic!("{filled}"));
        for (name, value) in filled["parameters"].as_object().unwrap() {
            assert!(takes(by, name), "{filled}");
            match value["parameter"].as_str() {
                Some(other) => assert!(takes(beside.expect("a query"), other), "{filled}"),
                None => assert!(value.is_string(), "{filled}"),
            }
        }
        let items = &by["responses"]["200"]["schema"]["properties"]["items"]["items"];
        let target = items["$ref"].as_str().unwrap().trim_start_matches('#');
        let fields = &document.pointer(target).unwrap()["properties"];
        for shown in ["value-path", "value-title"] {
            assert!(
                fields[filled[shown].as_str().unwrap()].is_object(),
                "{filled}"
            );
        }
        looked_at += 1;
    };
    for operation in &operations {
        for parameter in operation["parameters"].as_array().unwrap() {
            check(Some(operation), parameter);
        }
    }
    for definition in document["definitions"].as_object().unwrap().values() {
        for field in definition["properties"].as_object().unwrap().values() {
            check(None, field);
        }
    }
    assert!(looked_at > 20, "{looked_at}");
}

/// What a running app serves is made from the same routes and types, with its own address in it.
#[tokio::test]
async fn the_served_document_is_the_generated_one() {
    let app = App::with(&[("PUBLIC_BASE_URL", "https://clocking.example.com")]);
    let served = app.get("/api/openapi.json", Role::LemRead).await;
    assert_eq!(served.status, 200, "{}", served.text);
    let base = "https://clocking.example.com/api";
    let generated = document(&handlers::functions(), SignIn::Key, base);
    assert_eq!(served.json(), generated);
    assert_eq!(generated["host"], "clocking.example.com");
    assert_eq!(generated["basePath"], "/api");
    let nobody = app.call("GET", "/api/openapi.json", None, None).await;
    assert_eq!(nobody.problem().0, 401);
}

/// The fields that a body's type takes are those of its definition: one more is refused as unknown, and each of
/// them, sent as nothing, is not.
#[tokio::test]
async fn bodies_take_the_fields_that_the_document_names_and_no_other() {
    let app = App::new();
    let document = document(
        &handlers::functions(),
        SignIn::Key,
        "https://example.org/api",
    );
    let mut looked_at = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let Some(body) = parameters
                .iter()
                .find(|parameter| parameter["in"] == "body")
            else {
                continue;
            };
            let target = body["schema"]["$ref"].as_str().unwrap();
            let definition = document.pointer(target.trim_start_matches('#')).unwrap();
            let fields = definition["properties"].as_object().unwrap();
            let all: serde_json::Map<String, Value> = fields
                .keys()
                .map(|name| (name.clone(), Value::Null))
                .collect();
            let mut more = all.clone();
            more.insert("unheardOf".to_owned(), Value::Null);
            let address = format!(
                "/api{}",
                path.replace("{kind}", "payroll").replace("{id}", "0")
            );
            for (body, is_unknown) in [(all, false), (more, true)] {
                let mut said = String::new();
                for role in [Role::Admin, Role::PayrollRead, Role::LemSign] {
                    let body = Some(Value::Object(body.clone()));
                    let method = method.to_uppercase();
                    let answer = app.call(&method, &address, Some(&key_of(role)), body).await;
                    if answer.status != 403 {
                        said = answer.text;
                        break;
                    }
                }
                assert_eq!(
                    said.contains("unknown field"),
                    is_unknown,
                    "{method} {path}: {said}"
                );
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 15, "{looked_at}");
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

//! The shape of JSON: which keys an object has and of which types their values are, learnt from
//! fixtures and held against what the simulator answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What was seen at one place of some documents.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    types: BTreeSet<&'static str>,
    /// By key, with how many objects had it.
    keys: BTreeMap<String, (usize, Shape)>,
    objects: usize,
    items: Option<Box<Shape>>,
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Shape {
    pub(crate) fn learn(&mut self, value: &Value) {
        self.types.insert(type_of(value));
        match value {
            Value::Object(row) => {
                self.objects += 1;
                for (key, value) in row {
                    let (count, shape) = self.keys.entry(key.clone()).or_default();
                    *count += 1;
                    shape.learn(value);
                }
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.learn(item);
                }
            }
            _ => {}
        }
    }

    /// What in a document is not as it was learnt, as `place: what`. `allowed` names places that may
    /// differ, by the end of their path.
    pub(crate) fn differences(&self, value: &Value, allowed: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.compare(value, "", &mut found);
        found.retain(|difference| {
            let place = difference.split(':').next().unwrap_or_default();
            !allowed.iter().any(|end| place.ends_with(end))
        });
        found
    }

    /// Where this one has seen a null, or a key missing, and the other one never has.
    pub(crate) fn gaps_unlike(&self, other: &Self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.compare_gaps(other, "", &mut found);
        found
    }

    fn compare_gaps(&self, other: &Self, place: &str, found: &mut BTreeSet<String>) {
        if self.types.contains("null") && !other.types.contains("null") {
            found.insert(format!("{place}: never null"));
        }
        for (key, (count, shape)) in &self.keys {
            let place = format!("{place}.{key}");
            let Some((others, other_shape)) = other.keys.get(key) else {
                continue;
            };
            if *count < self.objects && *others == other.objects {
                found.insert(format!("{place}: never missing"));
            }
            shape.compare_gaps(other_shape, &place, found);
        }
        if let (Some(items), Some(others)) = (&self.items, &other.items) {
            items.compare_gaps(others, &format!("{place}[]"), found);
        }
    }

    fn compare(&self, value: &Value, place: &str, found: &mut BTreeSet<String>) {
        if !self.types.contains(type_of(value)) {
            found.insert(format!(
                "{place}: {} where {:?} was seen",
                type_of(value),
                self.types
            ));
            return;
        }
        match value {
            Value::Object(row) => {
                for (key, (count, shape)) in &self.keys {
                    match row.get(key) {
                        Some(value) => shape.compare(value, &format!("{place}.{key}"), found),
                        None if *count == self.objects => {
                            found.insert(format!("{place}.{key}: missing"));
                        }
                        None => {}
                    }
                }
                for key in row.keys().filter(|key| !self.keys.contains_key(*key)) {
                    found.insert(format!("{place}.{key}: never seen"));
                }
            }
            Value::Array(items) => {
                if let Some(shape) = self
                    .items
                    .as_deref()
                    .filter(|shape| !shape.types.is_empty())
                {
                    for item in items {
                        shape.compare(item, &format!("{place}[]"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

//! Values as apps send them (`interface.md` §3): `null`, `""` and a missing field mean the same, and a number may
//! come as text. Each reads whatever comes, or says what it must be.

use std::borrow::Cow;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use shared::functions::fields;

/// Text, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text(#[serde(deserialize_with = "fields::text")] pub(crate) Option<String>);

/// A number, or nothing. Exact: it is never a binary fraction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Option<Decimal>);

/// Some of them, or nothing, which is none. An item that is nothing is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// A number in an answer: exact, without needless zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exact(pub(crate) Decimal);

impl Text {
    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(source)? {
            Value::Null => return Ok(Self(None)),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            _ => return Err(D::Error::custom("must be a number such as 8.5")),
        };
        if text.is_empty() {
            return Ok(Self(None));
        }
        exact(&text)
            .map(|number| Self(Some(number)))
            .ok_or_else(|| D::Error::custom("must be a number such as 8.5"))
    }
}

/// The number as it is written, if it can be kept exactly.
fn exact(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).ok()
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(Exact).serialize(serializer)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        rust_decimal::serde::arbitrary_precision::serialize(&self.0.normalize(), serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Items<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E: Error>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<List<T>, E> {
                if text.trim().is_empty() {
                    Ok(List::default())
                } else {
                    Err(E::custom("must be a list"))
                }
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut items: A,
            ) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element::<Option<T>>()? {
                    list.extend(item);
                }
                Ok(List(list))
            }
        }

        source.deserialize_any(Items(std::marker::PhantomData))
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "null"] })
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["number", "null"], "format": "double" })
    }
}

impl JsonSchema for Exact {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "format": "double" })
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}s", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_as_a_number_or_as_text_and_stays_exact() {
        for (json, expected) in [
            ("8.5", Some("8.5")),
            ("\"8.5\"", Some("8.5")),
            ("\" 8 \"", Some("8")),
            ("0.1", Some("0.1")),
            ("1e2", Some("100")),
            ("0", Some("0")),
            ("null", None),
            ("\"\"", None),
        ] {
            let number: Number = serde_json::from_str(json).unwrap();
            assert_eq!(
                number.0,
                expected.map(|text| text.parse().unwrap()),
                "{json}"
            );
        }
        for json in [
            "\"8,5\"",
            "\"eight\"",
            "true",
            "[]",
            "1e999",
            "0.00000000000000000000000000000000001",
        ] {
            let error = serde_json::from_str::<Number>(json)
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("must be a number"), "{json}: {error}");
        }
    }

    #[test]
    fn null_empty_text_and_nothing_are_an_empty_list() {
        for json in ["null", "\"\"", "[]"] {
            assert_eq!(
                serde_json::from_str::<List<Text>>(json).unwrap().0,
                [],
                "{json}"
            );
        }
        let notes = Text(Some("notes".to_owned()));
        let sent: List<Text> = serde_json::from_str("[null, \"notes\", null]").unwrap();
        assert_eq!(sent.0, [notes]);
        assert!(serde_json::from_str::<List<Text>>("\"notes\"").is_err());
    }
}

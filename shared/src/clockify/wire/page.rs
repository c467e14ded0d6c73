//! Reading a list row by row, so that one row that cannot be read does not hide the others.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A row of a list, known by its id.
pub trait Row: DeserializeOwned {
    /// What the rows are, for people: "time entry".
    const RESOURCE: &'static str;

    /// Clockify's id of the row.
    fn id(&self) -> &str;

    /// The id of a row that cannot be read, if at least that can.
    fn id_in(row: &RawValue) -> Option<String> {
        let row: IdOnly = serde_json::from_str(row.get()).ok()?;
        row.id.or(row.report_id)
    }
}

/// A record that lacks what it cannot be stored without. It says which field, never what stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {resource} of Clockify cannot be read: `{field}` is missing or malformed")]
pub struct Unreadable {
    /// What it is: "time entry".
    pub resource: &'static str,
    /// None where not even the id can be read.
    pub id: Option<String>,
    /// The path of the field at fault, such as `timeInterval.start`.
    pub field: String,
}

#[derive(Deserialize)]
struct IdOnly {
    id: Option<String>,
    #[serde(rename = "_id")]
    report_id: Option<String>,
}

/// Reads one JSON document; the error names the path at fault.
pub fn read<T: DeserializeOwned>(
    json: &[u8],
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(json))
}

/// Reads the rows of a list each by itself: those that can be read, and what is wrong with the others.
pub fn read_rows<T: Row>(rows: &[Box<RawValue>]) -> (Vec<T>, Vec<Unreadable>) {
    let mut read_rows = Vec::with_capacity(rows.len());
    let mut unreadable = Vec::new();
    for row in rows {
        match read::<T>(row.get().as_bytes()) {
            Ok(row) => read_rows.push(row),
            Err(error) => unreadable.push(Unreadable {
                resource: T::RESOURCE,
                id: T::id_in(row),
                field: error.path().to_string(),
            }),
        }
    }
    (read_rows, unreadable)
}

/// Rows that a row holds, each read by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<T> {
    pub rows: Vec<T>,
    pub unreadable: Vec<Unreadable>,
}

impl<T> Held<T> {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.unreadable.is_empty()
    }
}

impl<'de, T: Row> Deserialize<'de> for Held<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (rows, unreadable) = read_rows(&Vec::deserialize(from)?);
        Ok(Self { rows, unreadable })
    }
}

macro_rules! row {
    ($type:ty, $resource:literal) => {
        impl crate::clockify::wire::Row for $type {
            const RESOURCE: &'static str = $resource;

            fn id(&self) -> &str {
                self.id.as_str()
            }
        }
    };
}
pub(super) use row;

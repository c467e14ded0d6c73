//! Records that belong to somebody, found by their own id and by whose they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::id::Id;

#[derive(Debug)]
pub(crate) struct OfPeople<Record> {
    records: BTreeMap<Id, Record>,
    ids: HashMap<usize, BTreeSet<Id>>,
}

impl<Record> Default for OfPeople<Record> {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            ids: HashMap::new(),
        }
    }
}

impl<Record> OfPeople<Record> {
    pub(crate) fn put(&mut self, person: usize, id: Id, record: Record) {
        self.ids.entry(person).or_default().insert(id);
        self.records.insert(id, record);
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Record> {
        self.records.get(&id)
    }

    /// One person's records, oldest id first.
    pub(crate) fn of(&self, person: usize) -> impl Iterator<Item = &Record> {
        self.ids
            .get(&person)
            .into_iter()
            .flatten()
            .filter_map(|id| self.records.get(id))
    }

    /// Everybody's records, oldest id first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values()
    }
}

impl<Record> Extend<(usize, Id, Record)> for OfPeople<Record> {
    fn extend<T: IntoIterator<Item = (usize, Id, Record)>>(&mut self, records: T) {
        for (person, id, record) in records {
            self.put(person, id, record);
        }
    }
}

//! A sorted list that is read page by page. It is made once for all its pages, and again only when
//! something has changed or something else is asked for.

use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Listing<Key> {
    made: Option<Made<Key>>,
}

#[derive(Debug)]
struct Made<Key> {
    revision: u64,
    question: String,
    keys: Arc<Vec<Key>>,
}

impl<Key> Default for Listing<Key> {
    fn default() -> Self {
        Self { made: None }
    }
}

impl<Key> Listing<Key> {
    /// The list that answers this question, if it is still the one that was made last.
    pub(crate) fn kept(&self, revision: u64, question: &str) -> Option<Arc<Vec<Key>>> {
        self.made
            .as_ref()
            .filter(|made| made.revision == revision && made.question == question)
            .map(|made| Arc::clone(&made.keys))
    }

    pub(crate) fn keep(&mut self, revision: u64, question: &str, keys: Vec<Key>) -> Arc<Vec<Key>> {
        let keys = Arc::new(keys);
        self.made = Some(Made {
            revision,
            question: question.to_owned(),
            keys: Arc::clone(&keys),
        });
        keys
    }
}

//! What people are called where several stand in one list, and in which order.

use std::collections::HashMap;

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::ids::EmployeeId;

/// The names of those who stand in one report: nobody is without one, and no two share one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffNames(HashMap<EmployeeId, (usize, String)>);

impl StaffNames {
    /// Of people as they are stored. Two of one name are told apart by their ids.
    pub fn of<'a>(people: impl IntoIterator<Item = (&'a EmployeeId, &'a str)>) -> Self {
        let people: HashMap<&EmployeeId, String> = people
            .into_iter()
            .map(|(id, name)| (id, known_name(id, name)))
            .collect();
        let mut of_name: HashMap<&str, usize> = HashMap::with_capacity(people.len());
        for name in people.values() {
            *of_name.entry(name).or_default() += 1;
        }
        let mut listed: Vec<(&EmployeeId, &String)> =
            people.iter().map(|(id, name)| (*id, name)).collect();
        listed.sort_by_cached_key(|(id, name)| (sort_key(name), *id));
        let places = listed.into_iter().enumerate().map(|(place, (id, name))| {
            let name = match of_name[name.as_str()] {
                1 => name.clone(),
                _ => format!("{name} (id {id})"),
            };
            (id.clone(), (place, name))
        });
        Self(places.collect())
    }

    pub fn name(&self, id: &EmployeeId) -> String {
        let known = self.0.get(id).map(|(_, name)| name.clone());
        known.unwrap_or_else(|| known_name(id, ""))
    }

    /// Where the person stands among them by name.
    pub fn place(&self, id: &EmployeeId) -> usize {
        self.0.get(id).map_or(usize::MAX, |(place, _)| *place)
    }
}

/// A person's name; the id for who has none: invited and not joined, or unknown to Clockify.
pub fn known_name(id: &EmployeeId, name: &str) -> String {
    if name.trim().is_empty() {
        format!("Unknown person (id {id})")
    } else {
        name.to_owned()
    }
}

/// What names are sorted by: neither case nor accents.
pub fn sort_key(name: &str) -> String {
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36F}');
    DecomposingNormalizerBorrowed::new_nfd()
        .normalize(name)
        .chars()
        .filter(|c| !is_accent(c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(people: &[(&str, &str)]) -> Vec<String> {
        let ids: Vec<EmployeeId> = people.iter().map(|(id, _)| EmployeeId::from(*id)).collect();
        let names = people.iter().map(|(_, name)| *name);
        let names = StaffNames::of(ids.iter().zip(names));
        let mut ids = ids;
        ids.sort_by_key(|id| names.place(id));
        ids.iter().map(|id| names.name(id)).collect()
    }

    #[test]
    fn two_of_one_name_are_told_apart_and_nobody_is_nameless() {
        let people = [
            ("e3", "Sam Same"),
            ("e2", ""),
            ("e1", "Sam Same"),
            ("e4", "Ada"),
        ];
        assert_eq!(
            names(&people),
            [
                "Ada",
                "Sam Same (id e1)",
                "Sam Same (id e3)",
                "Unknown person (id e2)"
            ]
        );
    }

    #[test]
    fn names_are_sorted_without_case_and_accents() {
        let people = [
            ("e1", "Zoë"),
            ("e2", "Éloïse"),
            ("e3", "anna"),
            ("e4", "Elena"),
            ("e5", "Żaneta"),
            ("e6", "E\u{301}ric"),
        ];
        assert_eq!(
            names(&people),
            ["anna", "Elena", "Éloïse", "E\u{301}ric", "Żaneta", "Zoë"]
        );
    }
}

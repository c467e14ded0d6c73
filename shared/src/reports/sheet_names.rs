//! Names that Excel accepts for sheets, and Windows for files.

use std::collections::HashSet;

use super::entities::unescaped;

/// Excel's limit, counted in UTF-16 units.
const LONGEST: usize = 31;

/// The names given out in one workbook: legal and, without regard to case, unique.
#[derive(Debug, Default)]
pub(super) struct SheetNames(HashSet<String>);

impl SheetNames {
    /// Makes `wanted` legal: at most 31 characters, none of `[]:*?/\`, no apostrophe at either end, not
    /// `History` (Excel keeps that one), not empty. A name that is taken gets ` (2)` and so on.
    pub(super) fn legal(&mut self, wanted: &str) -> String {
        let cleaned: String = unescaped(wanted)
            .chars()
            .map(|c| {
                if c.is_control() || "[]:*?/\\".contains(c) {
                    ' '
                } else {
                    c
                }
            })
            .collect();
        let words: Vec<&str> = cleaned.split_whitespace().collect();
        let name = words.join(" ");
        let name = name.trim_matches(['\'', ' ']);
        let name = match name {
            "" => "Sheet",
            reserved if reserved.eq_ignore_ascii_case("history") => "History sheet",
            name => name,
        };
        let mut candidate = shortened(name, LONGEST);
        let mut number = 2;
        while !self.0.insert(candidate.to_lowercase()) {
            let suffix = format!(" ({number})");
            candidate = shortened(name, LONGEST - suffix.len()) + &suffix;
            number += 1;
        }
        candidate
    }
}

/// The longest beginning of `name` that fits, without a blank or an apostrophe at its end.
fn shortened(name: &str, limit: usize) -> String {
    let mut length = 0;
    name.chars()
        .take_while(|c| {
            length += c.len_utf16();
            length <= limit
        })
        .collect::<String>()
        .trim_end_matches(['\'', ' '])
        .to_owned()
}

/// `name` without what a file name on Windows, macOS or in a zip may not hold.
pub(super) fn legal_file_name(name: &str) -> String {
    let cleaned: String = unescaped(name)
        .chars()
        .map(|c| {
            if c.is_control() || "<>:\"/\\|?*".contains(c) {
                '-'
            } else {
                c
            }
        })
        .collect();
    let trimmed = cleaned.trim_matches(['.', ' ']);
    let mut length = 0;
    let short: String = trimmed
        .chars()
        .take_while(|c| {
            length += c.len_utf8();
            length <= 120
        })
        .collect();
    match short.trim_end_matches(['.', ' ']) {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_legal_and_unique() {
        let cases = [
            ("Ada Lovelace", "Ada Lovelace"),
            ("ada lovelace", "ada lovelace (2)"),
            ("[a]:b*c?d/e\\f", "a b c d e f"),
            ("'quoted'", "quoted"),
            ("   ", "Sheet"),
            ("History", "History sheet"),
            (
                "A name of more than thirty-one characters",
                "A name of more than thirty-one",
            ),
            (
                "A name of more than thirty-one characters",
                "A name of more than thirty- (2)",
            ),
            (
                "🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧",
                "🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧🚧",
            ),
        ];
        let mut names = SheetNames::default();
        for (wanted, expected) in cases {
            let name = names.legal(wanted);
            assert_eq!(name, expected, "for {wanted:?}");
            assert!(name.encode_utf16().count() <= LONGEST, "{name:?}");
        }
    }

    #[test]
    fn file_names_are_legal() {
        let cases = [
            ("Nov-ABC-001.xlsx", "Nov-ABC-001.xlsx"),
            ("Nov-../../etc/passwd", "Nov-..-..-etc-passwd"),
            ("a<b>c:d\"e|f?g*h", "a-b-c-d-e-f-g-h"),
            ("...", "unnamed"),
            ("Nov-Yard &amp; Shop", "Nov-Yard & Shop"),
            (" River \u{7}Crossing. ", "River -Crossing"),
        ];
        for (wanted, expected) in cases {
            assert_eq!(legal_file_name(wanted), expected, "for {wanted:?}");
        }
    }

    proptest::proptest! {
        /// Whatever people call their projects, the name stays in its folder and opens on every system.
        #[test]
        fn no_name_leaves_its_folder(wanted in ".*|(\\.\\./)*[a-z]*|[\\x00-\\x7f]{0,200}") {
            let name = legal_file_name(&wanted);
            proptest::prop_assert!(!name.is_empty() && name.len() <= 120);
            proptest::prop_assert!(!name.contains(['/', '\\', '\0', '\r', '\n', '"', ':']));
            proptest::prop_assert!(name != "." && name != "..");
            proptest::prop_assert!(!name.ends_with(['.', ' ']));
        }

        #[test]
        fn every_sheet_name_is_one_that_excel_opens(wanted in proptest::collection::vec(".*|[\\x00-\\x7f]{0,60}|'*|history", 1..6)) {
            let mut names = SheetNames::default();
            let mut given = HashSet::new();
            for wanted in &wanted {
                let name = names.legal(wanted);
                let length = name.encode_utf16().count();
                proptest::prop_assert!((1..=LONGEST).contains(&length), "{name:?}");
                proptest::prop_assert!(!name.contains(['[', ']', ':', '*', '?', '/', '\\']), "{name:?}");
                proptest::prop_assert!(!name.starts_with('\'') && !name.ends_with('\''), "{name:?}");
                proptest::prop_assert!(!name.eq_ignore_ascii_case("history"), "{name:?}");
                proptest::prop_assert!(given.insert(name.to_lowercase()), "{name:?} stands twice");
            }
        }
    }
}

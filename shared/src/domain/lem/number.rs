//! `LEM-0001`, counted per client and project (`domain.md` §2, §6).

use std::{fmt, num::NonZeroU32, str::FromStr};

/// A sheet's number. The database gives it, without a gap or a repeat. 9 999 is not the end: the width
/// grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LemNumber(NonZeroU32);

/// Text that is no number of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a LEM number such as LEM-0001")]
pub struct NotALemNumber(String);

impl LemNumber {
    /// The n-th sheet of a client and project; there is no 0th.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for LemNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LEM-{:04}", self.0)
    }
}

impl FromStr for LemNumber {
    type Err = NotALemNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix("LEM-")
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::new)
            // Only as it is printed: no sign, no missing or additional 0.
            .filter(|number| number.to_string() == text)
            .ok_or_else(|| NotALemNumber(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits_and_grow() {
        // §2: "LEM-0001, LEM-0002 … counted per client and project".
        for (number, text) in [
            (1, "LEM-0001"),
            (42, "LEM-0042"),
            (9_999, "LEM-9999"),
            (10_000, "LEM-10000"),
            (u32::MAX, "LEM-4294967295"),
        ] {
            let lem = LemNumber::new(number).expect("a number");
            assert_eq!(lem.to_string(), text);
            assert_eq!(text.parse(), Ok(lem));
        }
        assert_eq!(LemNumber::new(0), None);
        for text in [
            "LEM-0000",
            "LEM-1",
            "LEM-00001",
            "LEM-+001",
            "lem-0001",
            "LEM0001",
            "0001",
            "LEM-",
            "LEM-4294967296",
        ] {
            assert!(text.parse::<LemNumber>().is_err(), "{text}");
        }
    }
}

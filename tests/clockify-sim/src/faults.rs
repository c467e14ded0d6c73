//! Faults on demand: which requests they meet, what they do, and how often.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trouble {
    /// The answer is right, but late by so many milliseconds.
    Slow(u64),
    /// Nothing is done; an error with that status and a JSON body comes back.
    Status(u16),
    /// Nothing is done; a gateway answers 502 with HTML.
    Html,
    /// 429, with `Retry-After` in seconds if given.
    TooMany(Option<u32>),
    /// The right answer breaks off in the middle of its body.
    HalfBody,
    /// Nothing is done; the connection is cut without an answer.
    Cut,
    /// It is done, but the connection is cut before the answer.
    LoseReply,
    /// A page after the first begins so many rows early, as if rows had been put in front meanwhile; below 0 so many
    /// rows late, as if some had been taken away. First pages do not count as met.
    Shift(isize),
}

impl Trouble {
    /// Whether it takes the place of the right answer, whatever other trouble there is.
    fn is_an_answer(&self) -> bool {
        matches!(
            self,
            Self::Status(_) | Self::Html | Self::TooMany(_) | Self::Cut
        )
    }
}

/// A trouble and the requests that it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Only requests with this method; all when None.
    #[serde(default)]
    pub method: Option<String>,
    /// The path from its first `/` on, without the query; `*` stands for anything.
    pub path: String,
    pub trouble: Trouble,
    /// So many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it meets before it is used up.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// One request whose path matches the pattern meets the trouble.
    pub fn once(path: &str, trouble: Trouble) -> Self {
        Self {
            method: None,
            path: path.to_owned(),
            trouble,
            skip: 0,
            times: 1,
        }
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    #[must_use]
    pub fn after(mut self, passing: u32) -> Self {
        self.skip = passing;
        self
    }

    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }
}

/// The troubles that a request meets, each counted as met: those behind one that is an answer wait for the next.
pub(crate) fn met(
    faults: &mut Vec<Fault>,
    method: &str,
    path: &str,
    is_later_page: bool,
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for fault in faults.iter_mut() {
        let meets = fault
            .method
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && matches(&fault.path, path)
            && (is_later_page || !matches!(fault.trouble, Trouble::Shift(_)));
        if !meets {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
        } else if fault.times > 0 {
            fault.times -= 1;
            troubles.push(fault.trouble.clone());
            if fault.trouble.is_an_answer() {
                break;
            }
        }
    }
    faults.retain(|fault| fault.times > 0);
    troubles
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, path, expected) in [
            ("/api/v1/user", "/api/v1/user", true),
            ("/api/v1/user", "/api/v1/users", false),
            ("*/users", "/api/v1/workspaces/1/users", true),
            ("*/users", "/api/v1/workspaces/1/users/2", false),
            (
                "*/user/*/time-entries",
                "/api/v1/workspaces/1/user/2/time-entries",
                true,
            ),
            ("*", "/anything", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_fault_lets_some_pass_meets_some_and_is_then_used_up() {
        let mut faults = vec![Fault::once("*", Trouble::Html).after(1).times(2)];
        let counts: Vec<usize> = (0..4)
            .map(|_| met(&mut faults, "GET", "/x", false).len())
            .collect();
        assert_eq!(counts, [0, 1, 1, 0]);
        assert!(faults.is_empty());
    }

    #[test]
    fn what_a_request_did_not_meet_waits_for_the_next() {
        let troubles = [
            Trouble::Slow(1),
            Trouble::Cut,
            Trouble::Shift(-2),
            Trouble::LoseReply,
        ];
        let mut faults = troubles.map(|trouble| Fault::once("*", trouble)).to_vec();
        let met = [false, false, true].map(|later| met(&mut faults, "GET", "/x", later));
        let expected = [
            vec![Trouble::Slow(1), Trouble::Cut],
            vec![Trouble::LoseReply],
            vec![Trouble::Shift(-2)],
        ];
        assert_eq!(met, expected);
    }
}

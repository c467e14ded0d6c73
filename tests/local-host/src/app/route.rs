//! Route templates (`orders/{id?}`, `lem-sheets/{*rest}`), matched as the host's router does.

use std::cmp::Ordering;

use percent_encoding::percent_decode_str;

/// A template, without the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Parameter { name: String, optional: bool },
    CatchAll(String),
}

/// Route values by name; None for an optional part that was not there.
pub type RouteValues = Vec<(String, Option<String>)>;

impl Route {
    /// Reads a template; the error says why it is none.
    pub fn parse(template: &str) -> Result<Self, String> {
        let template = template.trim_matches('/');
        let parts = template
            .split('/')
            .filter(|text| !text.is_empty())
            .map(parse_part)
            .collect::<Result<Vec<_>, _>>()?;
        let last = parts.len().saturating_sub(1);
        let ends_early = parts[..last].iter().any(|part| {
            matches!(
                part,
                Part::CatchAll(_) | Part::Parameter { optional: true, .. }
            )
        });
        if ends_early {
            return Err(format!(
                "route {template:?}: optional and catch-all parts must stand last"
            ));
        }
        Ok(Self {
            template: template.to_owned(),
            parts,
        })
    }

    /// As it was written.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The values of a path (still percent-encoded, without the prefix) that this route matches.
    pub fn matches(&self, path: &str) -> Option<RouteValues> {
        let mut segments: Vec<String> = path.split('/').map(decode).collect();
        if segments.last().is_some_and(String::is_empty) {
            // One slash at the end makes no difference.
            segments.pop();
        }
        let mut segments = segments.iter();
        let mut values = RouteValues::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => {
                    if !segments.next()?.eq_ignore_ascii_case(text) {
                        return None;
                    }
                }
                Part::Parameter { name, optional } => match segments.next() {
                    Some(value) if !value.is_empty() => {
                        values.push((name.clone(), Some(value.clone())));
                    }
                    None if *optional => values.push((name.clone(), None)),
                    _ => return None,
                },
                Part::CatchAll(name) => {
                    let rest: Vec<_> = segments.by_ref().map(String::as_str).collect();
                    let value = Some(rest.join("/")).filter(|rest| !rest.is_empty());
                    values.push((name.clone(), value));
                }
            }
        }
        segments.next().is_none().then_some(values)
    }

    /// Which of two routes that match one path wins: literal before parameter before catch-all, from the left.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let rank = |part: &Part| match part {
            Part::Literal(_) => 0,
            Part::Parameter { .. } => 1,
            Part::CatchAll(_) => 2,
        };
        // A route that has ended is more exact than one whose rest is optional.
        self.parts
            .iter()
            .map(rank)
            .cmp(other.parts.iter().map(rank))
    }
}

fn parse_part(text: &str) -> Result<Part, String> {
    let Some(inner) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        return if text.contains(['{', '}']) {
            Err(format!(
                "route part {text:?}: this stand-in plays whole-segment parameters only"
            ))
        } else {
            Ok(Part::Literal(text.to_owned()))
        };
    };
    let stars = inner.chars().take_while(|&c| c == '*').count();
    let (name, optional) = match inner[stars..].strip_suffix('?') {
        Some(name) => (name, true),
        None => (&inner[stars..], false),
    };
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(format!(
            "route part {text:?}: constraints and defaults are not played by this stand-in"
        ));
    }
    let name = name.to_owned();
    Ok(match stars {
        0 => Part::Parameter { name, optional },
        _ => Part::CatchAll(name),
    })
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(template: &str) -> Route {
        Route::parse(template).expect(template)
    }

    fn values(values: &[(&str, Option<&str>)]) -> RouteValues {
        values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect()
    }

    #[test]
    fn a_route_matches_whole_segments_without_case() {
        for (template, path, expected) in [
            ("jobs", "jobs", Some(values(&[]))),
            ("jobs", "Jobs", Some(values(&[]))),
            ("jobs", "jobs/", Some(values(&[]))),
            ("jobs", "jobs/1", None),
            ("jobs", "job", None),
            (
                "orders/{id}",
                "orders/A-17",
                Some(values(&[("id", Some("A-17"))])),
            ),
            (
                "orders/{id}",
                "orders/A%2017",
                Some(values(&[("id", Some("A 17"))])),
            ),
            ("orders/{id}", "orders", None),
            ("orders/{id}", "orders/1/2", None),
            ("orders/{id?}", "orders", Some(values(&[("id", None)]))),
            (
                "orders/{id?}",
                "orders/7",
                Some(values(&[("id", Some("7"))])),
            ),
            ("lem/{*rest}", "lem", Some(values(&[("rest", None)]))),
            ("lem/{*rest}", "lem/", Some(values(&[("rest", None)]))),
            (
                "lem/{*rest}",
                "lem/1/lines/2",
                Some(values(&[("rest", Some("1/lines/2"))])),
            ),
            (
                "lem/{**rest}",
                "lem/1",
                Some(values(&[("rest", Some("1"))])),
            ),
            ("lem/{*rest}", "lems/1", None),
            ("{*path}", "", Some(values(&[("path", None)]))),
        ] {
            assert_eq!(route(template).matches(path), expected, "{template} {path}");
        }
    }

    #[test]
    fn the_more_exact_route_wins() {
        for (winner, loser) in [
            ("lem/draft", "lem/{id}"),
            ("lem/{id}", "lem/{*rest}"),
            ("lem", "lem/{*rest}"),
            ("a/{x}", "{x}/b"),
        ] {
            assert_eq!(
                route(winner).precedence(&route(loser)),
                Ordering::Less,
                "{winner} {loser}"
            );
        }
    }

    #[test]
    fn a_template_that_is_not_played_is_refused() {
        for template in ["a/{id:int}", "a/{x=1}", "a{b}", "{*rest}/a", "{id?}/a"] {
            assert!(Route::parse(template).is_err(), "{template}");
        }
    }
}

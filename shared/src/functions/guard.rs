//! What is looked at before a request of `/api` reaches its handler: whether its caller asks too often, and whether
//! a browser was sent by a page of another site.
//!
//! Health and Clockify's webhooks are not counted: a monitor and a burst of approvals must never be sent away.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::extract::{MatchedPath, Request};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};
use http::{HeaderMap, Method, header};

use super::{
    caller::{Identity, IdentityKind, identify},
    problem::{Problem, ProblemKind},
};
use crate::settings::Settings;

const NOT_COUNTED: [&str; 2] = ["/api/health", "/api/clockify/webhooks"];
/// Who shows neither a key nor a sign-in. All of them share one turn, so that a flood of them takes none from a
/// caller who is known, and cannot fill the memory with invented names.
const NOBODY: &str = "nobody";
/// The cookie of App Service Authentication; a long one is cut into `…1`, `…2`.
const SESSION_COOKIE: &str = "AppServiceAuthSession";
/// The session of App Service Authentication as a header, which no page of another site can set.
const SESSION_HEADER: &str = "x-zumo-auth";
const FETCH_SITE: &str = "sec-fetch-site";

/// Lets requests in or sends them away.
#[derive(Debug)]
pub(super) struct Guard {
    settings: Arc<Settings>,
    turns: RateLimiter<String, HashMapStateStore<String>, DefaultClock>,
    clock: DefaultClock,
}

impl Guard {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        let rate = settings.edge.caller_requests_per_second;
        let quota = Quota::per_second(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN));
        Self {
            turns: RateLimiter::hashmap(quota),
            clock: DefaultClock::default(),
            settings,
        }
    }

    /// The problem says why a request is sent away. False: nobody who is known sends it, so no handler reads its body.
    pub(super) fn admit(&self, request: &Request) -> Result<bool, Problem> {
        if !request.uri().path().starts_with("/api/") {
            return Ok(true);
        }
        let route = request.extensions().get::<MatchedPath>();
        if route.is_some_and(|route| NOT_COUNTED.contains(&route.as_str())) {
            return Ok(true);
        }
        let headers = request.headers();
        let identity = identify(&self.settings.callers, headers).ok();
        self.take_turn(identity.as_ref())?;
        match identity {
            Some(person)
                if changes(request.method())
                    && !comes_from_us(&self.settings, &person, headers) =>
            {
                Err(Problem::new(
                    ProblemKind::CrossSite,
                    "This change was sent from another site's page; make it from a page of this address, or with a key or token.",
                ))
            }
            known => Ok(known.is_some()),
        }
    }

    fn take_turn(&self, identity: Option<&Identity>) -> Result<(), Problem> {
        let name = identity.map_or_else(|| NOBODY.to_owned(), ToString::to_string);
        self.turns.check_key(&name).map_err(|early| {
            let wait = early.wait_time_from(self.clock.now());
            Problem::too_many_requests(whole_seconds(wait))
        })
    }
}

/// Rounded up, and at least one.
fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser sends its session cookie along with whatever any page asks of it, so a change under a session must come
/// from a page of our own origin (`domain.md` §10). A key or a bearer token was put there by a program: no page can.
fn comes_from_us(settings: &Settings, caller: &Identity, headers: &HeaderMap) -> bool {
    if caller.kind == IdentityKind::Program {
        return true;
    }
    let has_cookie = has_session_cookie(headers);
    if !has_cookie && shows_token(headers) {
        return true;
    }
    let own = settings
        .links
        .public_base_url
        .origin()
        .ascii_serialization();
    let mut proofs = Vec::new();
    proofs.extend(
        headers
            .get_all(header::ORIGIN)
            .iter()
            .map(|origin| origin == own.as_str()),
    );
    proofs.extend(
        headers
            .get_all(FETCH_SITE)
            .iter()
            .map(|site| site == "same-origin"),
    );
    // Without a cookie and without any word of a browser there is no session that a page could use.
    proofs.iter().all(|proof| *proof) && (!has_cookie || !proofs.is_empty())
}

fn shows_token(headers: &HeaderMap) -> bool {
    let bearer = |value: &http::HeaderValue| {
        value
            .as_bytes()
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Bearer "))
    };
    headers.get(header::AUTHORIZATION).is_some_and(bearer) || headers.contains_key(SESSION_HEADER)
}

fn has_session_cookie(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'))
        .any(|cookie| cookie.trim_ascii().starts_with(SESSION_COOKIE.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_as_none() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }

    /// `domain.md` §10: "A browser session (cookie) can change nothing without a same-origin proof".
    #[test]
    fn a_session_needs_a_proof_of_origin_and_a_key_or_token_does_not() {
        const COOKIE: (&str, &str) = ("cookie", "a=b; AppServiceAuthSession=x");
        const CHUNK: (&str, &str) = ("cookie", "AppServiceAuthSession1=x");
        const TOKEN: (&str, &str) = ("authorization", "bearer x");
        const OWN: (&str, &str) = ("origin", "https://clocking.example");
        const OTHER: (&str, &str) = ("origin", "https://clocking.example.evil.example");
        const OPAQUE: (&str, &str) = ("origin", "null");
        const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
        const SIBLING: (&str, &str) = ("sec-fetch-site", "same-site");
        const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
        let table: &[(&[(&'static str, &str)], bool)] = &[
            (&[COOKIE], false),
            (&[CHUNK], false),
            (&[COOKIE, OWN], true),
            (&[COOKIE, SAME], true),
            (&[COOKIE, OWN, SAME], true),
            (&[COOKIE, OTHER], false),
            (&[COOKIE, OPAQUE], false),
            (&[COOKIE, SIBLING], false),
            (&[COOKIE, CROSS], false),
            (&[COOKIE, OWN, CROSS], false),
            (&[COOKIE, OTHER, SAME], false),
            (&[COOKIE, OWN, OTHER], false),
            (&[COOKIE, TOKEN], false),
            (&[COOKIE, TOKEN, OWN], true),
            (&[TOKEN], true),
            (&[TOKEN, OTHER, CROSS], true),
            (&[("x-zumo-auth", "x"), CROSS], true),
            (&[("authorization", "Basic x"), CROSS], false),
            (&[], true),
            (&[CROSS], false),
            (&[OTHER], false),
        ];
        let settings = Settings::from_env(|name| {
            (name == "PUBLIC_BASE_URL").then(|| "https://clocking.example".to_owned())
        })
        .unwrap();
        let caller = |kind| Identity {
            kind,
            id: "o-1".to_owned(),
            roles: Vec::new(),
        };
        for (sent, expected) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in *sent {
                headers.append(*name, value.parse().unwrap());
            }
            let person = caller(IdentityKind::Person);
            assert_eq!(
                comes_from_us(&settings, &person, &headers),
                *expected,
                "{sent:?}"
            );
            let program = caller(IdentityKind::Program);
            assert!(
                comes_from_us(&settings, &program, &headers),
                "{sent:?} with a key"
            );
        }
    }
}

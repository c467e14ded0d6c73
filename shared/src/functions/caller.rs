//! Who calls, and what he may do (`interface.md` §3, *Who may*).
//!
//! A program shows its key in `x-api-key`; only the SHA-256 of keys is known here. A person comes with the
//! principal that App Service Authentication puts into a header, which is believed only where that
//! authentication runs. A [`Caller`] in a handler's signature is the access rule: without the role there is none.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    access::{Access, Who},
    problem::{Problem, ProblemKind},
    role::Role,
};
use crate::settings::{CallerSettings, Settings};

const KEY_HEADER: &str = "x-api-key";
const PRINCIPAL_HEADER: &str = "x-ms-client-principal";

/// A program or a person who may do what `A` asks for.
#[derive(Clone, Debug)]
pub struct Caller<A> {
    pub identity: Identity,
    access: PhantomData<A>,
}

/// Who it is and which roles were given to him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub kind: IdentityKind,
    /// A program's name in the settings, or a person's object id.
    pub id: String,
    pub roles: Vec<Role>,
}

/// Whether a key or a sign-in was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    Program,
    Person,
}

impl Identity {
    /// Whether one of the roles is that role or includes it.
    pub fn may(&self, needed: Role) -> bool {
        self.roles.iter().any(|role| role.includes(needed))
    }

    /// Refuses who lacks that role: for routes where the address decides which one is needed.
    pub fn require(&self, needed: Role) -> Result<(), Problem> {
        if self.may(needed) {
            return Ok(());
        }
        let detail = format!("This needs the role `{needed}`; ask the administrator for it.");
        Err(Problem::new(ProblemKind::RoleMissing, detail))
    }
}

impl fmt::Display for Identity {
    /// How records name who did something: `key power-app`, `person 5b1c…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            IdentityKind::Program => "key",
            IdentityKind::Person => "person",
        };
        write!(f, "{kind} {}", self.id)
    }
}

/// Who calls, by the headers. The error says whether nobody came or somebody with a wrong key.
pub fn identify(settings: &CallerSettings, headers: &HeaderMap) -> Result<Identity, Problem> {
    let mut keys = headers.get_all(KEY_HEADER).iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) => program(settings, key.as_bytes()).ok_or_else(|| {
            Problem::new(
                ProblemKind::UnknownKey,
                "The key in `x-api-key` is not known here, or no longer valid; ask the administrator for a new one.",
            )
        }),
        (Some(_), Some(_)) => Err(Problem::new(
            ProblemKind::UnknownKey,
            "The header `x-api-key` may stand only once.",
        )),
        (None, _) => person(settings, headers).ok_or_else(|| {
            Problem::new(
                ProblemKind::NoCaller,
                "Nobody is signed in; send a key in the header `x-api-key`, or sign in.",
            )
        }),
    }
}

/// The program with that key. Every hash is compared, so that time tells nothing.
fn program(settings: &CallerSettings, key: &[u8]) -> Option<Identity> {
    let shown = Sha256::digest(key);
    let mut found = None;
    for known in &settings.keys {
        for hash in &known.sha256 {
            if bool::from(hash.ct_eq(&shown[..])) {
                found = Some(known);
            }
        }
    }
    found.map(|known| Identity {
        kind: IdentityKind::Program,
        id: known.name.clone(),
        roles: known.roles.clone(),
    })
}

#[derive(Deserialize)]
struct Principal {
    #[serde(default)]
    role_typ: Option<String>,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    typ: String,
    val: String,
}

/// The person whom the platform signed in. App roles stand in claims of the type `roles` or of the principal's
/// own `role_typ`; roles that are not ours are passed over.
fn person(settings: &CallerSettings, headers: &HeaderMap) -> Option<Identity> {
    if !settings.trusts_principals {
        return None;
    }
    // The platform sets it once; a second one would be a caller's own.
    let mut principals = headers.get_all(PRINCIPAL_HEADER).iter();
    let (Some(header), None) = (principals.next(), principals.next()) else {
        return None;
    };
    let principal: Principal = serde_json::from_slice(&STANDARD.decode(header).ok()?).ok()?;
    let mut roles: Vec<Role> = principal
        .claims
        .iter()
        .filter(|claim| claim.typ == "roles" || Some(&claim.typ) == principal.role_typ.as_ref())
        .filter_map(|claim| Role::named(&claim.val))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    Some(Identity {
        kind: IdentityKind::Person,
        id: object_id(&principal.claims)?,
        roles,
    })
}

/// The person's object id in the directory, in its short or its long form; it never changes, unlike names.
fn object_id(claims: &[Claim]) -> Option<String> {
    const FORMS: [&str; 2] = [
        "oid",
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
    ];
    FORMS.iter().find_map(|form| {
        let claim = claims.iter().find(|claim| claim.typ == *form)?;
        Some(claim.val.clone()).filter(|id| !id.is_empty())
    })
}

impl<S, A> FromRequestParts<S> for Caller<A>
where
    S: Send + Sync,
    Arc<Settings>: FromRef<S>,
    A: Access,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let settings = Arc::<Settings>::from_ref(state);
        let identity = identify(&settings.callers, &parts.headers)?;
        let logged = match identity.kind {
            IdentityKind::Program => identity.id.as_str(),
            IdentityKind::Person => "a person",
        };
        tracing::Span::current().record("caller", logged);
        if let Who::Role(role) = A::WHO {
            identity.require(role)?;
        }
        Ok(Self {
            identity,
            access: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::CallerKey;

    fn settings() -> CallerSettings {
        let hash = |key: &str| <[u8; 32]>::from(Sha256::digest(key));
        CallerSettings {
            keys: vec![
                CallerKey {
                    name: "office".into(),
                    sha256: vec![hash("old"), hash("new")],
                    roles: vec![Role::ReportsRead],
                },
                CallerKey {
                    name: "app".into(),
                    sha256: vec![hash("app")],
                    roles: vec![Role::LemWrite],
                },
            ],
            trusts_principals: true,
        }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn principal(json: &str) -> String {
        STANDARD.encode(json)
    }

    #[test]
    fn each_valid_key_of_a_program_opens() {
        for (key, name) in [("old", "office"), ("new", "office"), ("app", "app")] {
            let found = identify(&settings(), &headers(&[(KEY_HEADER, key)])).unwrap();
            assert_eq!(found.id, name);
        }
    }

    #[test]
    fn what_is_not_one_known_key_is_told_apart_from_nobody() {
        let table: [(&[(&'static str, &str)], &str); 5] = [
            (&[], "no-caller"),
            (&[(KEY_HEADER, "wrong")], "unknown-key"),
            (&[(KEY_HEADER, "")], "unknown-key"),
            (&[(KEY_HEADER, "old"), (KEY_HEADER, "old")], "unknown-key"),
            (&[("authorization", "Bearer old")], "no-caller"),
        ];
        for (sent, code) in table {
            let problem = identify(&settings(), &headers(sent)).unwrap_err();
            assert_eq!(problem.kind().code(), code, "{sent:?}");
        }
    }

    /// `azure.md` §4: app roles arrive as claims with `typ == role_typ` or `"roles"`; both are accepted.
    #[test]
    fn both_claim_forms_give_roles() {
        let long = r#"{"auth_typ":"aad","role_typ":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role","claims":[
            {"typ":"http://schemas.microsoft.com/identity/claims/objectidentifier","val":"o-1"},
            {"typ":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role","val":"Payroll.Read"},
            {"typ":"http://schemas.microsoft.com/ws/2008/06/identity/claims/role","val":"Somebody.Elses"}]}"#;
        let short = r#"{"auth_typ":"aad","role_typ":"roles","claims":[{"typ":"oid","val":"o-1"},{"typ":"roles","val":"Payroll.Read"},{"typ":"roles","val":"Payroll.Read"}]}"#;
        for json in [long, short] {
            let found = identify(
                &settings(),
                &headers(&[(PRINCIPAL_HEADER, &principal(json))]),
            )
            .unwrap();
            assert_eq!(found.to_string(), "person o-1");
            assert_eq!(found.roles, [Role::PayrollRead]);
        }
    }

    #[test]
    fn a_principal_is_nobody_where_the_platform_does_not_vouch_or_it_is_unreadable() {
        let good = principal(
            r#"{"role_typ":"roles","claims":[{"typ":"oid","val":"o-1"},{"typ":"roles","val":"Admin"}]}"#,
        );
        let untrusting = CallerSettings {
            trusts_principals: false,
            ..settings()
        };
        assert!(identify(&untrusting, &headers(&[(PRINCIPAL_HEADER, &good)])).is_err());
        for text in [
            "no base64!",
            &principal("{}"),
            &principal(r#"{"claims":[{"typ":"roles","val":"Admin"}]}"#),
        ] {
            let problem = identify(&settings(), &headers(&[(PRINCIPAL_HEADER, text)])).unwrap_err();
            assert_eq!(problem.kind().code(), "no-caller", "{text}");
        }
    }

    #[test]
    fn two_principals_are_nobody() {
        let one = principal(r#"{"claims":[{"typ":"oid","val":"o-1"}]}"#);
        let two = headers(&[(PRINCIPAL_HEADER, &one), (PRINCIPAL_HEADER, &one)]);
        let problem = identify(&settings(), &two).unwrap_err();
        assert_eq!(problem.kind().code(), "no-caller");
    }

    #[test]
    fn a_wrong_key_is_not_made_good_by_a_sign_in() {
        let good =
            principal(r#"{"claims":[{"typ":"oid","val":"o-1"},{"typ":"roles","val":"Admin"}]}"#);
        let both = headers(&[(KEY_HEADER, "wrong"), (PRINCIPAL_HEADER, &good)]);
        assert_eq!(
            identify(&settings(), &both).unwrap_err().kind().code(),
            "unknown-key"
        );
    }
}

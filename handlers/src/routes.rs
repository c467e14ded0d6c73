//! The register of functions: which folder of `function-definitions` each belongs to, what it serves, and who may.
//!
//! The router, the table that `handlers routes` prints and the tests that hold both against `function.json` and
//! against the handlers' signatures are made from this one list.

use std::fmt::{self, Write};

use crate::openapi::Operation;
use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, MethodRouter, delete, get, on, patch, post, put},
};
use http::Method;
use shared::functions::{access::Who, context::Context, role::Role};

/// Every function of the app.
#[derive(Debug)]
pub struct Functions {
    pub http: Vec<HttpFunction>,
    pub triggers: Vec<TriggerFunction>,
}

/// A function with an HTTP trigger: everything under one resource.
#[derive(Debug)]
pub struct HttpFunction {
    /// Its folder in `function-definitions`.
    pub name: &'static str,
    pub routes: Vec<Route>,
}

/// One method on one path.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    /// Below `/api`.
    pub path: &'static str,
    pub rule: Rule,
    /// What it is to a maker of apps; None: not for them.
    pub operation: Option<Operation>,
    handler: MethodRouter<Context>,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Fixed(Who),
    /// It depends on what is asked for; the text says how.
    Varies(&'static str),
}

impl Rule {
    pub const ANYONE: Self = Self::Fixed(Who::Anyone);
    pub const ANY_CALLER: Self = Self::Fixed(Who::AnyCaller);

    /// Who holds that role, or one that includes it.
    pub const fn role(role: Role) -> Self {
        Self::Fixed(Who::Role(role))
    }

    /// The roles that include the one which is asked for.
    fn also(self) -> String {
        let Self::Fixed(Who::Role(needed)) = self else {
            return String::new();
        };
        let others = Role::ALL
            .into_iter()
            .filter(|role| *role != needed && role.includes(needed));
        let names: Vec<String> = others.map(|role| format!("`{role}`")).collect();
        names.join(", ")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(who) => who.fmt(f),
            Self::Varies(text) => f.write_str(text),
        }
    }
}

/// A function that the host runs by itself: it posts an envelope to `/<name>`.
#[derive(Clone, Debug)]
pub struct TriggerFunction {
    /// Its folder in `function-definitions`, and its path.
    pub name: &'static str,
    pub trigger: Trigger,
    handler: MethodRouter<Context>,
}

/// What makes the host run a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A message of that queue.
    Queue(&'static str),
    /// The schedule in that setting.
    Timer(&'static str),
}

impl HttpFunction {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            routes: Vec::new(),
        }
    }

    #[must_use]
    pub fn get<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        self.with(Method::GET, path, rule, get(handler))
    }

    #[must_use]
    pub fn post<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        self.with(Method::POST, path, rule, post(handler))
    }

    #[must_use]
    pub fn put<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        self.with(Method::PUT, path, rule, put(handler))
    }

    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        self.with(Method::PATCH, path, rule, patch(handler))
    }

    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        self.with(Method::DELETE, path, rule, delete(handler))
    }

    /// Says what the route that was added last is, for the interface's document.
    #[must_use]
    pub(crate) fn described(mut self, operation: Operation) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.operation = Some(operation);
        }
        self
    }

    fn with(
        mut self,
        method: Method,
        path: &'static str,
        rule: Rule,
        handler: MethodRouter<Context>,
    ) -> Self {
        self.routes.push(Route {
            method,
            path,
            rule,
            operation: None,
            handler,
        });
        self
    }
}

impl TriggerFunction {
    pub fn new<H, T>(name: &'static str, trigger: Trigger, handler: H) -> Self
    where
        H: Handler<T, Context>,
        T: 'static,
    {
        Self {
            name,
            trigger,
            handler: on(MethodFilter::POST, handler),
        }
    }
}

impl Functions {
    /// The routes of all functions: `/api/…` for callers, `/<name>` for the host.
    pub fn router(self) -> Router<Context> {
        let mut router = Router::new();
        for route in self.http.into_iter().flat_map(|function| function.routes) {
            router = router.route(&format!("/api{}", route.path), route.handler);
        }
        for function in self.triggers {
            router = router.route(&format!("/{}", function.name), function.handler);
        }
        router
    }

    /// The table route × who as Markdown, as the README shows it.
    pub fn markdown(&self) -> String {
        let mut text =
            String::from("| method and path | who | roles that include it |\n|---|---|---|\n");
        for route in self.http.iter().flat_map(|function| &function.routes) {
            let _ = writeln!(
                text,
                "| `{} {}` | {} | {} |",
                route.method,
                route.path,
                route.rule,
                route.rule.also()
            );
        }
        text
    }
}

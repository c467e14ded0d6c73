//! Every route of Clockify that the simulator offers, in one table.

use http::Method;

use super::{
    approvals,
    call::{Answer, Call},
    expenses, lists, reports, time_entries, time_off, users, webhooks,
};
use crate::world::World;

pub(crate) type Handler = fn(&mut World, &Call) -> Answer;

/// Which of Clockify's hosts a route belongs to; they differ in the first part of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Main,
    Reports,
}

#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path below the host's base; `{name}` stands for one segment.
    pub(crate) path: &'static str,
    pub(crate) host: Host,
    pub(crate) handler: Handler,
}

const fn main(method: Method, path: &'static str, handler: Handler) -> Route {
    Route {
        method,
        path,
        host: Host::Main,
        handler,
    }
}

/// Fixed segments stand before placeholders of the same place: the first match is taken.
pub(crate) static ROUTES: &[Route] = &[
    main(Method::GET, "user", users::get_user),
    main(Method::GET, "workspaces", users::list_workspaces),
    main(Method::GET, "workspaces/{ws}", users::get_workspace),
    main(Method::GET, "workspaces/{ws}/users", users::list_users),
    main(
        Method::GET,
        "workspaces/{ws}/member-profile/{user}",
        users::get_member_profile,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/user-groups",
        users::list_groups,
    ),
    main(
        Method::PUT,
        "workspaces/{ws}/user-groups/{group}",
        users::update_group,
    ),
    main(
        Method::DELETE,
        "workspaces/{ws}/user-groups/{group}",
        users::delete_group,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/custom-fields",
        users::list_custom_fields,
    ),
    main(Method::GET, "workspaces/{ws}/clients", lists::list_clients),
    main(
        Method::GET,
        "workspaces/{ws}/clients/{client}",
        lists::get_client,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/projects",
        lists::list_projects,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/projects/{project}",
        lists::get_project,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/projects/{project}/tasks",
        lists::list_tasks,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/projects/{project}/tasks/{task}",
        lists::get_task,
    ),
    main(Method::GET, "workspaces/{ws}/tags", lists::list_tags),
    main(Method::GET, "workspaces/{ws}/tags/{tag}", lists::get_tag),
    main(
        Method::GET,
        "workspaces/{ws}/user/{user}/time-entries",
        time_entries::list,
    ),
    main(
        Method::POST,
        "workspaces/{ws}/user/{user}/time-entries",
        time_entries::create,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/time-entries/status/in-progress",
        time_entries::list_in_progress,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/time-entries/{entry}",
        time_entries::get,
    ),
    main(
        Method::PUT,
        "workspaces/{ws}/time-entries/{entry}",
        time_entries::update,
    ),
    main(
        Method::DELETE,
        "workspaces/{ws}/time-entries/{entry}",
        time_entries::delete,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/approval-requests",
        approvals::list,
    ),
    main(
        Method::PATCH,
        "workspaces/{ws}/approval-requests/{request}",
        approvals::decide,
    ),
    main(Method::GET, "workspaces/{ws}/expenses", expenses::list),
    main(
        Method::GET,
        "workspaces/{ws}/expenses/categories",
        expenses::list_categories,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/expenses/{expense}",
        expenses::get,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/holidays",
        time_off::list_holidays,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/holidays/in-period",
        time_off::list_holidays_in_period,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/time-off/policies",
        time_off::list_policies,
    ),
    main(
        Method::POST,
        "workspaces/{ws}/time-off/requests",
        time_off::search_requests,
    ),
    main(
        Method::PATCH,
        "workspaces/{ws}/time-off/policies/{policy}/requests/{request}",
        time_off::decide_request,
    ),
    main(
        Method::DELETE,
        "workspaces/{ws}/time-off/policies/{policy}/requests/{request}",
        time_off::delete_request,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/time-off/balance/policy/{policy}",
        time_off::list_policy_balances,
    ),
    main(
        Method::PATCH,
        "workspaces/{ws}/time-off/balance/policy/{policy}",
        time_off::patch_balances,
    ),
    main(
        Method::GET,
        "workspaces/{ws}/time-off/balance/user/{user}",
        time_off::list_user_balances,
    ),
    main(Method::GET, "workspaces/{ws}/webhooks", webhooks::list),
    main(Method::POST, "workspaces/{ws}/webhooks", webhooks::create),
    main(
        Method::GET,
        "workspaces/{ws}/webhooks/{webhook}",
        webhooks::get,
    ),
    main(
        Method::PUT,
        "workspaces/{ws}/webhooks/{webhook}",
        webhooks::update,
    ),
    main(
        Method::DELETE,
        "workspaces/{ws}/webhooks/{webhook}",
        webhooks::delete,
    ),
    main(
        Method::PATCH,
        "workspaces/{ws}/webhooks/{webhook}/token",
        webhooks::rotate_token,
    ),
    main(
        Method::POST,
        "workspaces/{ws}/webhooks/{webhook}/logs",
        webhooks::search_logs,
    ),
    Route {
        method: Method::POST,
        path: "workspaces/{ws}/reports/detailed",
        host: Host::Reports,
        handler: reports::detailed,
    },
];

/// What the table says about a path.
#[derive(Debug)]
pub(crate) enum Found {
    Route(&'static Route, Vec<(&'static str, String)>),
    /// The path exists, but not with this method: the methods that it has.
    OtherMethods(String),
    Nothing,
}

pub(crate) fn find(method: &Method, host: Host, path: &str) -> Found {
    let segments: Vec<&str> = path.split('/').collect();
    let mut others: Vec<&str> = Vec::new();
    for route in ROUTES.iter().filter(|route| route.host == host) {
        let Some(params) = params_of(route.path, &segments) else {
            continue;
        };
        if route.method == *method {
            return Found::Route(route, params);
        }
        others.push(route.method.as_str());
    }
    if others.is_empty() {
        Found::Nothing
    } else {
        Found::OtherMethods(others.join(", "))
    }
}

fn params_of(path: &'static str, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let mut params = Vec::new();
    let mut expected = path.split('/');
    for segment in segments {
        let place = expected.next()?;
        match place
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => params.push((name, (*segment).to_owned())),
            None if place == *segment => {}
            None => return None,
        }
    }
    expected.next().is_none().then_some(params)
}

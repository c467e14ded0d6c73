//! Approval requests: a list that knows three of the five states, and their change.

use serde_json::Value;

use super::{
    DEFAULT_PAGE, LARGEST_PAGE_OF_SHEETS,
    call::{Answer, ApiError, Call, Reply},
};
use crate::{
    company::sheets::SheetState,
    wire::sheets,
    world::{Refusal, SheetOrder, World},
};

const LISTED: [SheetState; 3] = [
    SheetState::Pending,
    SheetState::Approved,
    SheetState::WithdrawnApproval,
];

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    // Whether a list without a status shows all states is unverified; here it shows the three.
    let states: Vec<SheetState> = match call.query("status") {
        None => LISTED.to_vec(),
        Some(text) => LISTED
            .into_iter()
            .filter(|state| state.text() == text)
            .collect(),
    };
    if states.is_empty() {
        return Err(ApiError::unreadable(
            "status must be PENDING, APPROVED or WITHDRAWN_APPROVAL",
        ));
    }
    let order = match call.query("sort-column").unwrap_or("ID") {
        "ID" => SheetOrder::Id,
        "USER_ID" => SheetOrder::Person,
        "START" => SheetOrder::Start,
        "UPDATED_AT" => SheetOrder::UpdatedAt,
        other => {
            return Err(ApiError::unreadable(format!(
                "{other:?} is not a sort-column"
            )));
        }
    };
    // The default order is unverified; this one hurts whoever relies on the other.
    let descending = match call.query("sort-order").unwrap_or("ASCENDING") {
        "ASCENDING" => false,
        "DESCENDING" => true,
        other => {
            return Err(ApiError::unreadable(format!(
                "{other:?} is not a sort-order"
            )));
        }
    };
    let page = call.page(DEFAULT_PAGE, LARGEST_PAGE_OF_SHEETS)?;
    let keys = world.sheets_in(&states, order, descending);
    let (keys, last) = page.of(&keys);
    let rows = keys
        .iter()
        .filter_map(|key| world.sheet(key.id))
        .map(|sheet| sheets::element(world, &sheet))
        .collect();
    Ok(Reply::page(Value::Array(rows), last))
}

pub(super) fn decide(world: &mut World, call: &Call) -> Answer {
    let id = call.id("request", "Approval request")?;
    let body = call.json()?;
    let state: SheetState = serde_json::from_value(body["state"].clone())
        .map_err(|_| ApiError::unreadable("state is not one of the approval states"))?;
    world.decide_sheet(id, state, body["note"].as_str().unwrap_or_default())?;
    let sheet = world.sheet(id).ok_or(Refusal::Gone("Approval request"))?;
    Ok(Reply::ok(sheets::request(world, &sheet)))
}

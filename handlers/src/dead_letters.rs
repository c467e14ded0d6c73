//! `GET /dead-letters` and their replay: what failed for good, and another try for one or all.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    functions::{
        access::Admin,
        body::Query,
        caller::{Caller, Identity},
        context::Context,
        fields::Fields,
        paging::Listing,
        problem::{Problem, ProblemKind},
        role::Role,
    },
    store::dead_letter::{self, DeadLetter},
};

use crate::{
    openapi::Operation,
    routes::{HttpFunction, Rule},
};

/// So many are read at once while all are replayed.
const BATCH: u32 = 100;

pub(crate) fn function() -> HttpFunction {
    let admin = Rule::role(Role::Admin);
    HttpFunction::new("dead-letters")
        .get("/dead-letters", admin, list_dead_letters)
        .described(
            Operation::new(
                "ListDeadLetters",
                "List dead letters",
                "What failed for good.",
            )
            .query::<DeadLetterQuery>()
            .lists::<DeadLetterView>(),
        )
        .post("/dead-letters/replay", admin, replay_all)
        .described(
            Operation::new(
                "ReplayDeadLetters",
                "Replay dead letters",
                "Another try for all of them.",
            )
            .answers::<Replayed>(),
        )
        .post("/dead-letters/{id}/replay", admin, replay_one)
        .described(
            Operation::new(
                "ReplayDeadLetter",
                "Replay a dead letter",
                "Another try for one of them.",
            )
            .answers::<Replayed>(),
        )
}

#[derive(Deserialize, schemars::JsonSchema)]
struct DeadLetterQuery {
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

/// The message itself is not shown: it can hold a webhook's body.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeadLetterView {
    /// Its id.
    id: String,
    /// Where it was.
    queue: String,
    /// What went wrong.
    error: String,
    /// When it was filed.
    #[schemars(with = "String")]
    filed_at: Timestamp,
    /// When it was tried again.
    #[schemars(with = "Option<String>")]
    replayed_at: Option<Timestamp>,
    /// Who tried it again.
    replayed_by: Option<String>,
}

#[derive(Serialize, schemars::JsonSchema)]
struct Replayed {
    /// How many are tried again.
    replayed: u64,
}

async fn list_dead_letters(
    State(context): State<Context>,
    _: Caller<Admin>,
    Query(query): Query<DeadLetterQuery>,
) -> Result<Json<Listing<DeadLetterView>>, Problem> {
    let mut fields = Fields::new(context.settings());
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    fields.finish()?;
    let store = context.store().await?;
    let letters = store
        .read(async |mut tx| dead_letter::list(&mut tx, page.after.as_deref(), page.rows()).await)
        .await?;
    Ok(Json(
        page.listing(letters, |letter| letter.id.clone()).map(view),
    ))
}

async fn replay_one(
    State(context): State<Context>,
    caller: Caller<Admin>,
    Path(id): Path<String>,
) -> Result<Json<Replayed>, Problem> {
    let store = context.store().await?;
    let letter = store
        .read(async |mut tx| dead_letter::get(&mut tx, &id).await)
        .await?
        .ok_or_else(|| Problem::not_found("There is no such dead letter."))?;
    if letter.replayed_at.is_some() {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "This dead letter was replayed already; if it failed again, it is filed anew.",
        ));
    }
    replay(&context, &letter, &caller.identity).await?;
    Ok(Json(Replayed { replayed: 1 }))
}

async fn replay_all(
    State(context): State<Context>,
    caller: Caller<Admin>,
) -> Result<Json<Replayed>, Problem> {
    let store = context.store().await?;
    let mut replayed = 0;
    loop {
        let letters = store
            .read(async |mut tx| dead_letter::waiting(&mut tx, BATCH).await)
            .await?;
        if letters.is_empty() {
            return Ok(Json(Replayed { replayed }));
        }
        for letter in &letters {
            replay(&context, letter, &caller.identity).await?;
            replayed += 1;
        }
    }
}

/// Sent first, then noted: killed in between, it is sent twice, which every message here bears.
async fn replay(context: &Context, letter: &DeadLetter, by: &Identity) -> Result<(), Problem> {
    let text = without_tries(&letter.message);
    context
        .queues()
        .send(&letter.queue, &text, Duration::ZERO)
        .await?;
    let (store, by) = (context.store().await?, by.to_string());
    store
        .write(async |mut tx| dead_letter::mark_replayed(&mut tx, &letter.id, &by).await)
        .await?;
    tracing::info!(dead_letter.id = letter.id, queue = letter.queue, "replayed");
    Ok(())
}

/// A message that was tried for a whole day gives up at once if it remembers that.
fn without_tries(message: &str) -> String {
    match serde_json::from_str(message) {
        Ok(Value::Object(mut fields)) => {
            fields.remove("tries");
            Value::Object(fields).to_string()
        }
        _ => message.to_owned(),
    }
}

fn view(letter: DeadLetter) -> DeadLetterView {
    DeadLetterView {
        id: letter.id,
        queue: letter.queue,
        error: letter.error,
        filed_at: letter.filed_at,
        replayed_at: letter.replayed_at,
        replayed_by: letter.replayed_by,
    }
}

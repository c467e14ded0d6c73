//! Submit, sign, reject, revise.

use axum::extract::{Path, State};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::ids::LemSheetId,
    functions::{
        access::{LemSign, LemWrite},
        body::JsonBody,
        caller::Caller,
        context::Context,
        problem::Problem,
        role::Role,
    },
    lem,
};

use super::{SeenVersion, act, sheet_id, view::LemSheet};
use crate::{
    once::{Answer, Asked},
    openapi::Operation,
    reading::{LONGEST_NAME, LONGEST_TEXT, Reading},
    routes::{HttpFunction, Rule},
    sent::{Number, Text},
};

/// A drawn name is some 20 KB.
const LARGEST_SIGNATURE_BYTES: usize = 512 * 1024;
const PNG_BEGINS: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

pub(super) fn routes(function: HttpFunction) -> HttpFunction {
    let writers = Rule::role(Role::LemWrite);
    let signers = Rule::role(Role::LemSign);
    function
        .post("/lem-sheets/{id}/submit", writers, submit)
        .described(
            Operation::new(
                "SubmitLemSheet",
                "Submit a LEM sheet",
                "Hands a draft to the client; its prices freeze.",
            )
            .body::<SeenVersion>()
            .repeatable()
            .answers::<LemSheet>(),
        )
        .post("/lem-sheets/{id}/sign", signers, sign)
        .described(
            Operation::new(
                "SignLemSheet",
                "Sign a LEM sheet",
                "The client's representative agrees; the sheet never changes again.",
            )
            .body::<LemSignature>()
            .repeatable()
            .answers::<LemSheet>(),
        )
        .post("/lem-sheets/{id}/reject", signers, reject)
        .described(
            Operation::new(
                "RejectLemSheet",
                "Reject a LEM sheet",
                "The client's representative does not agree, and says why.",
            )
            .body::<LemRejection>()
            .repeatable()
            .answers::<LemSheet>(),
        )
        .post("/lem-sheets/{id}/revise", writers, revise)
        .described(
            Operation::new(
                "ReviseLemSheet",
                "Revise a LEM sheet",
                "Begins a new revision of a signed or rejected sheet: a draft of the same number.",
            )
            .body::<SeenVersion>()
            .makes::<LemSheet>(),
        )
}

async fn submit(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<SeenVersion>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let now = lem::submit(&mut tx, &act, &id, seen).await?;
            once.keep(&mut tx, Answer::ok(&LemSheet::from(now))?).await
        })
        .await
}

/// Who signs, and how it looks.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct LemSignature {
    /// The version of the sheet that was shown to the representative.
    version: Number,
    /// The representative's name. Required.
    name: Text,
    /// The drawn signature, a PNG as base64 or as the data address that the pen control gives. Required.
    signature_png: Text,
}

impl LemSignature {
    /// The picture; nothing, and a fault, if it is none.
    fn picture(&self, reading: &mut Reading<'_>) -> Vec<u8> {
        const FIELD: &str = "signaturePng";
        let Some(sent) = self.signature_png.as_deref() else {
            reading.fields.fault(FIELD, "is missing");
            return Vec::new();
        };
        let sent = sent.trim().trim_matches('"');
        let encoded = sent.strip_prefix("data:image/png;base64,").unwrap_or(sent);
        let Ok(picture) = STANDARD.decode(encoded) else {
            reading.fields.fault(FIELD, "must be a PNG as base64");
            return Vec::new();
        };
        if picture.len() > LARGEST_SIGNATURE_BYTES {
            reading.refuse(FIELD, "must not be over 512 KB");
        } else if !picture.starts_with(&PNG_BEGINS) {
            reading.refuse(FIELD, "must be a PNG");
        }
        picture
    }
}

async fn sign(
    State(context): State<Context>,
    caller: Caller<LemSign>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<LemSignature>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let name = reading.required_text("name", &body.name, LONGEST_NAME);
    let picture = body.picture(&mut reading);
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let signature = (name.clone(), picture.clone());
            let now = lem::sign(&mut tx, &act, &id, seen, signature).await?;
            once.keep(&mut tx, Answer::ok(&LemSheet::from(now))?).await
        })
        .await
}

/// Why the client does not agree.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct LemRejection {
    /// The version of the sheet that was shown to the representative.
    version: Number,
    /// What is wrong with the sheet. Required.
    reason: Text,
}

async fn reject(
    State(context): State<Context>,
    caller: Caller<LemSign>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<LemRejection>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let reason = reading.required_text("reason", &body.reason, LONGEST_TEXT);
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let now = lem::reject(&mut tx, &act, &id, seen, reason.clone()).await?;
            once.keep(&mut tx, Answer::ok(&LemSheet::from(now))?).await
        })
        .await
}

async fn revise(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<SeenVersion>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let new_id: LemSheetId = reading.new_id("id", &Text::default());
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let now = lem::revise(&mut tx, &act, &id, seen, new_id.clone()).await?;
            once.keep(&mut tx, Answer::made(&LemSheet::from(now), true)?)
                .await
        })
        .await
}

//! Submit, sign, reject, revise.

use axum::{
    Json,
    extract::{Path, State},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::ids::LemSheetId,
    functions::{
        access::{LemRead, LemSign, LemWrite},
        body::JsonBody,
        caller::Caller,
        context::Context,
        problem::Problem,
        role::Role,
    },
    lem,
    reports::is_drawable,
};

use super::{
    OnSheet,
    body::read,
    sheet_id,
    view::{LemSheet, LemSignatureView},
};
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
    let readers = Rule::role(Role::LemRead);
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
        .get("/lem-sheets/{id}/signature", readers, show_signature)
        .described(
            Operation::new(
                "GetLemSignature",
                "Get a signature",
                "The picture that the representative drew. Sheets and lists do without it, because it is large.",
            )
            .answers::<LemSignatureView>(),
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
            .body::<NewLemRevision>()
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, ()) = read(&context, &asked, &body.version, |_| ())?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::submit(&mut tx, &on.act, &on.id, seen).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

/// Nothing but the version that the caller saw.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct SeenVersion {
    /// The version of the sheet that was shown.
    version: Number,
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
        } else if !is_drawable(&picture) {
            reading.refuse(
                FIELD,
                "must be a whole PNG of at most 10 000 pixels each way; have it drawn again",
            );
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, signature) = read(&context, &asked, &body.version, |reading| {
        let name = reading.required_text("name", &body.name, LONGEST_NAME);
        (name, body.picture(reading))
    })?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::sign(&mut tx, &on.act, &on.id, seen, signature.clone()).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

async fn show_signature(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Path(id): Path<String>,
) -> Result<Json<LemSignatureView>, Problem> {
    let id = sheet_id(&id);
    let store = context.store().await?;
    let now = store
        .read::<_, Problem, _, _>(async |mut tx| Ok(lem::get(&mut tx, &id).await?))
        .await?;
    let signature = now.sheet.signature;
    let signature = signature.ok_or_else(|| Problem::not_found("The sheet is not signed."))?;
    Ok(Json(signature.into()))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, reason) = read(&context, &asked, &body.version, |reading| {
        reading.required_text("reason", &body.reason, LONGEST_TEXT)
    })?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::reject(&mut tx, &on.act, &on.id, seen, reason.clone()).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

/// The revision to begin.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct NewLemRevision {
    /// A UUID that the app makes, so that a repeated tap begins one revision.
    id: Text,
    /// The version of the sheet that was shown.
    version: Number,
}

async fn revise(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<NewLemRevision>,
) -> Result<Answer, Problem> {
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, new_id) = read(&context, &asked, &body.version, |reading| {
        reading.new_id::<LemSheetId>("id", &body.id)
    })?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let made = lem::revise(&mut tx, &on.act, &on.id, seen, new_id.clone()).await?;
            Ok((tx, Answer::made(&LemSheet::from(made.now), made.is_new)?))
        })
        .await
}

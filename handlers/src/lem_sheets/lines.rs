//! Lines of a draft, one at a time: for screens that save as one types.

use axum::extract::{Path, State};
use shared::{
    domain::ids::LemLineId,
    functions::{
        access::LemWrite,
        body::{JsonBody, Query},
        caller::Caller,
        context::Context,
        problem::Problem,
        role::Role,
    },
    lem,
};

use super::{
    SeenQuery, act,
    body::{EquipmentLineBody, MaterialLineBody, WorkerLineBody},
    sheet_id,
    view::{LemEquipmentLine, LemMaterialLine, LemSheet, LemWorkerLine},
};
use crate::{
    once::{Answer, Asked},
    openapi::Operation,
    reading::{Reading, own_form},
    routes::{HttpFunction, Rule},
};

pub(super) fn routes(function: HttpFunction) -> HttpFunction {
    let writers = Rule::role(Role::LemWrite);
    let removing = |id, what: &'static str| {
        Operation::new(id, what, "Takes a line off a draft, and answers the sheet.")
            .query::<SeenQuery>()
            .answers::<LemSheet>()
    };
    function
        .put("/lem-sheets/{id}/workers", writers, put_worker)
        .described(
            Operation::new(
                "PutWorkerLine",
                "Put a worker line",
                "Adds a worker line, or replaces the one of the same worker and role.",
            )
            .body::<WorkerLineBody>()
            .answers::<LemWorkerLine>(),
        )
        .delete("/lem-sheets/{id}/workers/{lineId}", writers, remove_line)
        .described(removing("DeleteWorkerLine", "Delete a worker line"))
        .post("/lem-sheets/{id}/equipment", writers, add_equipment)
        .described(
            Operation::new(
                "AddEquipmentLine",
                "Add an equipment line",
                "Adds a machine to a draft.",
            )
            .body::<EquipmentLineBody>()
            .makes::<LemEquipmentLine>(),
        )
        .put(
            "/lem-sheets/{id}/equipment/{lineId}",
            writers,
            replace_equipment,
        )
        .described(
            Operation::new(
                "ReplaceEquipmentLine",
                "Replace an equipment line",
                "Writes an equipment line anew.",
            )
            .body::<EquipmentLineBody>()
            .answers::<LemEquipmentLine>(),
        )
        .delete("/lem-sheets/{id}/equipment/{lineId}", writers, remove_line)
        .described(removing("DeleteEquipmentLine", "Delete an equipment line"))
        .post("/lem-sheets/{id}/materials", writers, add_material)
        .described(
            Operation::new(
                "AddMaterialLine",
                "Add a material line",
                "Adds a material to a draft.",
            )
            .body::<MaterialLineBody>()
            .makes::<LemMaterialLine>(),
        )
        .put(
            "/lem-sheets/{id}/materials/{lineId}",
            writers,
            replace_material,
        )
        .described(
            Operation::new(
                "ReplaceMaterialLine",
                "Replace a material line",
                "Writes a material line anew.",
            )
            .body::<MaterialLineBody>()
            .answers::<LemMaterialLine>(),
        )
        .delete("/lem-sheets/{id}/materials/{lineId}", writers, remove_line)
        .described(removing("DeleteMaterialLine", "Delete a material line"))
}

async fn put_worker(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<WorkerLineBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let line = body.read(&mut reading, "");
    reading.finish()?;
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            let put = lem::put_worker(&mut tx, &act, &id, seen, &line).await?;
            Answer::ok(&LemWorkerLine::of(put.now, &put.line_id)?)
        })
        .await
}

async fn add_equipment(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<EquipmentLineBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let line = body.read(&mut reading, "");
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let made = lem::add_equipment(&mut tx, &act, &id, seen, &line).await?;
            let view = LemEquipmentLine::of(&made.now, &made.line_id)?;
            once.keep(&mut tx, Answer::made(&view, made.is_new)?).await
        })
        .await
}

async fn replace_equipment(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path((id, line_id)): Path<(String, String)>,
    asked: Asked,
    JsonBody(body): JsonBody<EquipmentLineBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let mut line = body.read(&mut reading, "");
    reading.finish()?;
    line.id = LemLineId(own_form(&line_id));
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            let put = lem::replace_equipment(&mut tx, &act, &id, seen, &line).await?;
            Answer::ok(&LemEquipmentLine::of(&put.now, &put.line_id)?)
        })
        .await
}

async fn add_material(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<MaterialLineBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let line = body.read(&mut reading, "");
    reading.finish()?;
    let once = asked.once(&caller.identity, &body);
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            if let Some(answer) = once.answered(&mut tx).await? {
                return Ok(answer);
            }
            let made = lem::add_material(&mut tx, &act, &id, seen, &line).await?;
            let view = LemMaterialLine::of(&made.now, &made.line_id)?;
            once.keep(&mut tx, Answer::made(&view, made.is_new)?).await
        })
        .await
}

async fn replace_material(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path((id, line_id)): Path<(String, String)>,
    asked: Asked,
    JsonBody(body): JsonBody<MaterialLineBody>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(reading.version(&body.version));
    let mut line = body.read(&mut reading, "");
    reading.finish()?;
    line.id = LemLineId(own_form(&line_id));
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            let put = lem::replace_material(&mut tx, &act, &id, seen, &line).await?;
            Answer::ok(&LemMaterialLine::of(&put.now, &put.line_id)?)
        })
        .await
}

/// Takes a line of any kind away: ids of lines differ among all kinds.
async fn remove_line(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path((id, line_id)): Path<(String, String)>,
    asked: Asked,
    Query(query): Query<SeenQuery>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let seen = asked.seen(query.read(&mut reading));
    reading.finish()?;
    let line_id = LemLineId(own_form(&line_id));
    let (id, act) = (sheet_id(&id), act(&context, &caller.identity));
    let store = context.store().await?;
    store
        .write(async |mut tx| {
            let now = lem::remove_line(&mut tx, &act, &id, seen, &line_id).await?;
            Answer::ok(&LemSheet::from(now))
        })
        .await
}

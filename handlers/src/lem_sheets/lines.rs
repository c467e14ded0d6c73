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
    OnSheet, SeenQuery,
    body::{EquipmentLineBody, MaterialLineBody, WorkerLineBody},
    view::{LemSheet, SheetEquipment, SheetMaterial, SheetWorker, Written},
};
use crate::{
    once::{Answer, Asked},
    openapi::Operation,
    reading::own_form,
    routes::{HttpFunction, Rule},
};

pub(super) fn routes(function: HttpFunction) -> HttpFunction {
    let writers = Rule::role(Role::LemWrite);
    let removing = |id, what: &'static str| {
        Operation::new(id, what, "Takes a line off a draft, and answers the sheet.")
            .query::<SeenQuery>()
            .repeatable()
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
            .repeatable()
            .answers::<Written<SheetWorker>>(),
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
            .makes::<Written<SheetEquipment>>(),
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
            .repeatable()
            .answers::<Written<SheetEquipment>>(),
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
            .makes::<Written<SheetMaterial>>(),
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
            .repeatable()
            .answers::<Written<SheetMaterial>>(),
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, line) = body.line(&context, &asked)?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let put = lem::put_worker(&mut tx, &on.act, &on.id, seen, &line).await?;
            Ok((tx, Answer::ok(&Written::worker(&put)?)?))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, line) = body.line(&context, &asked)?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let made = lem::add_equipment(&mut tx, &on.act, &on.id, seen, &line).await?;
            Ok((tx, Answer::made(&Written::equipment(&made)?, made.is_new)?))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, mut line) = body.line(&context, &asked)?;
    line.id = LemLineId(own_form(&line_id));
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let put = lem::replace_equipment(&mut tx, &on.act, &on.id, seen, &line).await?;
            Ok((tx, Answer::ok(&Written::equipment(&put)?)?))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, line) = body.line(&context, &asked)?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let made = lem::add_material(&mut tx, &on.act, &on.id, seen, &line).await?;
            Ok((tx, Answer::made(&Written::material(&made)?, made.is_new)?))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, mut line) = body.line(&context, &asked)?;
    line.id = LemLineId(own_form(&line_id));
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let put = lem::replace_material(&mut tx, &on.act, &on.id, seen, &line).await?;
            Ok((tx, Answer::ok(&Written::material(&put)?)?))
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
    let on = OnSheet::of(&context, &caller.identity, &id);
    let seen = query.seen(&asked)?;
    let line_id = LemLineId(own_form(&line_id));
    asked
        .once(&caller.identity, &query)
        .answer(&context, async |mut tx| {
            let now = lem::remove_line(&mut tx, &on.act, &on.id, seen, &line_id).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

//! `/lem-sheets`: the daily tickets of labour, equipment and material (`domain.md` §6, `interface.md` §3).

mod body;
mod lines;
mod sign_off;
mod view;

use axum::{
    Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        ids::{LemSheetId, ProjectId},
        lem::{LemNumber, LemStatus},
    },
    functions::{
        access::{LemRead, LemWrite},
        body::{JsonBody, Query},
        caller::{Caller, Identity},
        context::Context,
        fields::{filled, word},
        paging::Listing,
        problem::Problem,
        role::Role,
    },
    lem::{self, Act},
    store::lem_sheet::{Place, SheetFilter},
};

use self::{
    body::{LemSheetChange, NewLemSheet},
    view::{LemSheet, LemSheetDraft},
};
use crate::{
    once::{Answer, Asked},
    openapi::Operation,
    reading::{Reading, own_form},
    routes::{HttpFunction, Rule},
    sent::Text,
};

pub(crate) fn function() -> HttpFunction {
    let readers = Rule::role(Role::LemRead);
    let writers = Rule::role(Role::LemWrite);
    let function = HttpFunction::new("lem-sheets")
        .get("/lem-sheets", readers, list_lem_sheets)
        .described(
            Operation::new("ListLemSheets", "List LEM sheets", "Sheets, newest day first.")
                .query::<SheetQuery>()
                .lists::<LemSheet>(),
        )
        .post("/lem-sheets", writers, create_lem_sheet)
        .described(
            Operation::new(
                "CreateLemSheet",
                "Create a LEM sheet",
                "Makes a sheet with all its lines at once, and gives it its number. Sent again with the same id it \
                 makes no second one.",
            )
            .body::<NewLemSheet>()
            .makes::<LemSheet>(),
        )
        .get("/lem-sheets/draft", readers, draft_lem_sheet)
        .described(
            Operation::new(
                "DraftLemSheet",
                "Draft a LEM sheet",
                "What a new sheet of a project can begin with: the head and the lines of its last sheet. Nothing is \
                 stored.",
            )
            .query::<DraftQuery>()
            .answers::<LemSheetDraft>(),
        )
        .get("/lem-sheets/{id}", readers, show_lem_sheet)
        .described(
            Operation::new("GetLemSheet", "Get a LEM sheet", "One sheet with its lines and figures.")
                .answers::<LemSheet>(),
        )
        .patch("/lem-sheets/{id}", writers, change_lem_sheet)
        .described(
            Operation::new(
                "ChangeLemSheet",
                "Change a LEM sheet",
                "Changes the head of a draft. Empty fields leave alone; clear empties.",
            )
            .body::<LemSheetChange>()
            .repeatable()
            .answers::<LemSheet>(),
        )
        .delete("/lem-sheets/{id}", writers, archive_lem_sheet)
        .described(
            Operation::new(
                "DeleteLemSheet",
                "Delete a LEM sheet",
                "Puts a sheet away; it keeps its number. A signed sheet cannot be deleted.",
            )
            .query::<SeenQuery>()
            .repeatable()
            .answers::<LemSheet>(),
        );
    sign_off::routes(lines::routes(function))
}

/// Who does it, and when.
pub(crate) fn act(context: &Context, identity: &Identity) -> Act {
    Act {
        by: identity.to_string(),
        at: context.clock().now(),
    }
}

/// The sheet of the address, in the form in which ids are kept.
fn sheet_id(id: &str) -> LemSheetId {
    LemSheetId(own_form(id))
}

/// Who changes which sheet.
struct OnSheet {
    act: Act,
    id: LemSheetId,
}

impl OnSheet {
    fn of(context: &Context, caller: &Identity, id: &str) -> Self {
        Self {
            act: act(context, caller),
            id: sheet_id(id),
        }
    }
}

async fn create_lem_sheet(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    asked: Asked,
    JsonBody(body): JsonBody<NewLemSheet>,
) -> Result<Answer, Problem> {
    let mut reading = Reading::new(&context);
    let ticket = body.read(&mut reading);
    reading.finish()?;
    let act = act(&context, &caller.identity);
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let made = lem::create(&mut tx, &act, &ticket).await?;
            Ok((tx, Answer::made(&LemSheet::from(made.now), made.is_new)?))
        })
        .await
}

/// Which sheets to list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SheetQuery {
    /// Only sheets of this client.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListClients")))]
    client_id: Option<String>,
    /// Only sheets of this project.
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Option<String>,
    /// Only sheets of this number, such as LEM-0001.
    number: Option<String>,
    /// Only sheets of this day or a later one.
    from: Option<String>,
    /// Only sheets of this day or an earlier one.
    to: Option<String>,
    /// One of draft, submitted, signed or rejected.
    status: Option<String>,
    /// True for deleted sheets alone, all for both; left out, sheets that are not deleted.
    archived: Option<String>,
    /// At most so many, up to 200.
    limit: Option<String>,
    /// The nextCursor of the answer before.
    cursor: Option<String>,
}

async fn list_lem_sheets(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<SheetQuery>,
) -> Result<Json<Listing<LemSheet>>, Problem> {
    let mut reading = Reading::new(&context);
    let fields = &mut reading.fields;
    let page = fields.page(query.limit.as_deref(), query.cursor.as_deref());
    let id = |sent: Option<&str>| filled(sent).map(own_form);
    let filter = SheetFilter {
        client_id: id(query.client_id.as_deref()).map(Into::into),
        project_id: id(query.project_id.as_deref()).map(Into::into),
        number: filled(query.number.as_deref()).and_then(|word| {
            let number = word.parse::<LemNumber>();
            if let Err(error) = &number {
                fields.fault("number", format!("must be a number: {error}"));
            }
            number.ok()
        }),
        from: fields.date("from", query.from.as_deref()),
        to: fields.date("to", query.to.as_deref()),
        status: word(query.status.as_deref()).and_then(|word| {
            let status = LemStatus::named(&word);
            if status.is_none() {
                fields.fault("status", "must be draft, submitted, signed or rejected");
            }
            status
        }),
        archived: match word(query.archived.as_deref()).as_deref() {
            None | Some("false") => Some(false),
            Some("true") => Some(true),
            Some("all") => None,
            Some(_) => {
                fields.fault("archived", "must be true, false or all");
                None
            }
        },
        after: page.after.as_deref().and_then(|key| {
            let place = place(key);
            if place.is_none() {
                fields.fault("cursor", "must be the `nextCursor` of an answer");
            }
            place
        }),
    };
    reading.finish()?;
    let store = context.store().await?;
    let sheets = store
        .read::<_, Problem, _, _>(
            async |mut tx| Ok(lem::list(&mut tx, &filter, page.rows()).await?),
        )
        .await?;
    let listing = page.listing(sheets, |now| {
        format!(
            "{}/{}/{}/{}",
            now.sheet.date,
            now.sheet.number.get(),
            now.sheet.revision,
            now.sheet.id
        )
    });
    Ok(Json(listing.map(LemSheet::from)))
}

fn place(key: &str) -> Option<Place> {
    let mut parts = key.splitn(4, '/');
    Some(Place {
        date: parts.next()?.parse().ok()?,
        number: parts.next()?.parse().ok()?,
        revision: parts.next()?.parse().ok()?,
        id: parts.next()?.into(),
    })
}

/// What to draft.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DraftQuery {
    /// The project.
    #[schemars(required)]
    #[schemars(extend("x-ms-dynamic-values" = crate::openapi::drop_down("ListProjects")))]
    project_id: Option<String>,
    /// The day of the work; left out, today.
    date: Option<String>,
}

async fn draft_lem_sheet(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Query(query): Query<DraftQuery>,
) -> Result<Json<LemSheetDraft>, Problem> {
    let mut reading = Reading::new(&context);
    let project: ProjectId = reading.required_id("projectId", &Text(query.project_id));
    let date = reading.fields.date("date", query.date.as_deref());
    reading.finish()?;
    let today = || context.clock().today(&context.settings().company.zone);
    let date = date.unwrap_or_else(today);
    let store = context.store().await?;
    let draft = store
        .read::<_, Problem, _, _>(async |mut tx| Ok(lem::draft(&mut tx, &project, date).await?))
        .await?;
    Ok(Json(draft.into()))
}

async fn show_lem_sheet(
    State(context): State<Context>,
    _: Caller<LemRead>,
    Path(id): Path<String>,
) -> Result<Answer, Problem> {
    let id = sheet_id(&id);
    let store = context.store().await?;
    store
        .read(async |mut tx| Answer::ok(&LemSheet::from(lem::get(&mut tx, &id).await?)))
        .await
}

async fn change_lem_sheet(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    JsonBody(body): JsonBody<LemSheetChange>,
) -> Result<Answer, Problem> {
    let on = OnSheet::of(&context, &caller.identity, &id);
    let (seen, change) = body.change(&context, &asked)?;
    asked
        .once(&caller.identity, &body)
        .answer(&context, async |mut tx| {
            let now = lem::change(&mut tx, &on.act, &on.id, seen, &change).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

/// The version that the caller saw, where there is no body.
#[derive(Serialize, Deserialize, JsonSchema)]
struct SeenQuery {
    /// The version of the sheet that was shown.
    version: Option<String>,
}

impl SeenQuery {
    fn seen(&self, asked: &Asked) -> Result<Option<i64>, Problem> {
        let sent = filled(self.version.as_deref());
        let version = sent
            .map(str::parse)
            .transpose()
            .map_err(|_| Problem::invalid_field("version", "must be the version of an answer"))?;
        Ok(asked.seen(version))
    }
}

async fn archive_lem_sheet(
    State(context): State<Context>,
    caller: Caller<LemWrite>,
    Path(id): Path<String>,
    asked: Asked,
    Query(query): Query<SeenQuery>,
) -> Result<Answer, Problem> {
    let on = OnSheet::of(&context, &caller.identity, &id);
    let seen = query.seen(&asked)?;
    asked
        .once(&caller.identity, &query)
        .answer(&context, async |mut tx| {
            let now = lem::archive(&mut tx, &on.act, &on.id, seen).await?;
            Ok((tx, Answer::ok(&LemSheet::from(now))?))
        })
        .await
}

//! Rate sheets: the price of each role and machine for one client and project, from a day on (`domain.md` §6).

use jiff::civil::Date;

use super::{Column, Params, Row, Statement, StoreError, Transaction, Value};
use crate::domain::{
    ids::{ClientId, EquipmentId, ProjectId, RoleId},
    lem::{EquipmentPrices, EquipmentRate, WorkerPrices, WorkerRate},
};

/// A rate as it lies in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRate<R> {
    /// A UUID.
    pub id: String,
    pub rate: R,
    /// 1 at first, one more with every change.
    pub version: i64,
}

/// Which rates to list.
#[derive(Clone, Debug, Default)]
pub struct RateFilter {
    pub client_id: Option<ClientId>,
    pub project_id: Option<ProjectId>,
    /// A role, or a machine.
    pub of: Option<String>,
    /// Only rates that come after this one.
    pub after: Option<RatePlace>,
}

/// Where a rate stands in the list: by client, project, role or machine, and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatePlace {
    pub client_id: ClientId,
    pub project_id: ProjectId,
    pub of: String,
    pub valid_from: Date,
}

const PROJECTS: &[Column] = &[Column::id("id")];

macro_rules! list {
    ($table:literal, $of:literal) => {
        Statement::new(concat!(
            "SELECT * FROM ",
            $table,
            " WHERE (@client_id IS NULL OR client_id = @client_id) \
             AND (@project_id IS NULL OR project_id = @project_id) AND (@of IS NULL OR ",
            $of,
            " = @of) AND (@after_client IS NULL OR client_id > @after_client \
             OR (client_id = @after_client AND (project_id > @after_project \
             OR (project_id = @after_project AND (",
            $of,
            " > @after_of OR (",
            $of,
            " = @after_of AND valid_from > @after_day)))))) ORDER BY client_id, project_id, ",
            $of,
            ", valid_from {limit}"
        ))
    };
}

macro_rules! of_projects {
    ($table:literal) => {
        Statement::new(concat!(
            "SELECT * FROM ",
            $table,
            " WHERE project_id IN (SELECT id FROM {@projects} AS wanted)"
        ))
        .rows(&[("@projects", PROJECTS)])
    };
}

/// Worker rates, at most so many.
pub async fn list_worker(
    tx: &mut Transaction,
    filter: &RateFilter,
    limit: u32,
) -> Result<Vec<StoredRate<WorkerRate>>, StoreError> {
    const LIST: Statement = list!("lem_worker_rate", "role_id");
    let rows = tx.query(&LIST, &listing(filter, limit)).await?;
    rows.iter().map(read_worker).collect()
}

/// Equipment rates, at most so many.
pub async fn list_equipment(
    tx: &mut Transaction,
    filter: &RateFilter,
    limit: u32,
) -> Result<Vec<StoredRate<EquipmentRate>>, StoreError> {
    const LIST: Statement = list!("lem_equipment_rate", "equipment_id");
    let rows = tx.query(&LIST, &listing(filter, limit)).await?;
    rows.iter().map(read_equipment).collect()
}

fn listing(filter: &RateFilter, limit: u32) -> [(&'static str, Value); 8] {
    let after = filter.after.as_ref();
    [
        ("@client_id", filter.client_id.as_ref().into()),
        ("@project_id", filter.project_id.as_ref().into()),
        ("@of", filter.of.as_deref().into()),
        ("@after_client", after.map(|place| &place.client_id).into()),
        (
            "@after_project",
            after.map(|place| &place.project_id).into(),
        ),
        ("@after_of", after.map(|place| place.of.as_str()).into()),
        ("@after_day", after.map(|place| place.valid_from).into()),
        ("@limit", limit.into()),
    ]
}

/// All rates of these projects, of any day.
pub async fn of_projects(
    tx: &mut Transaction,
    projects: &[ProjectId],
) -> Result<(Vec<WorkerRate>, Vec<EquipmentRate>), StoreError> {
    const WORKER: Statement = of_projects!("lem_worker_rate");
    const EQUIPMENT: Statement = of_projects!("lem_equipment_rate");
    if projects.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let params = [("@projects", Value::ids(projects))];
    let mut worker = Vec::new();
    for row in tx.query(&WORKER, &params).await? {
        worker.push(read_worker(&row)?.rate);
    }
    let mut equipment = Vec::new();
    for row in tx.query(&EQUIPMENT, &params).await? {
        equipment.push(read_equipment(&row)?.rate);
    }
    Ok((worker, equipment))
}

/// The rate of that role from that very day on.
pub async fn get_worker(
    tx: &mut Transaction,
    rate: &WorkerRate,
) -> Result<Option<StoredRate<WorkerRate>>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT * FROM lem_worker_rate WHERE client_id = @client_id AND project_id = @project_id \
         AND role_id = @of AND valid_from = @valid_from",
    );
    let row = tx
        .query_one(
            &GET,
            &key(
                &rate.client_id,
                &rate.project_id,
                (&rate.role_id).into(),
                rate.valid_from,
            ),
        )
        .await?;
    row.as_ref().map(read_worker).transpose()
}

/// The rate of that machine from that very day on.
pub async fn get_equipment(
    tx: &mut Transaction,
    rate: &EquipmentRate,
) -> Result<Option<StoredRate<EquipmentRate>>, StoreError> {
    const GET: Statement = Statement::new(
        "SELECT * FROM lem_equipment_rate WHERE client_id = @client_id AND project_id = @project_id \
         AND equipment_id = @of AND valid_from = @valid_from",
    );
    let row = tx
        .query_one(
            &GET,
            &key(
                &rate.client_id,
                &rate.project_id,
                (&rate.equipment_id).into(),
                rate.valid_from,
            ),
        )
        .await?;
    row.as_ref().map(read_equipment).transpose()
}

/// Writes a rate over the one that was read, or a new one.
pub async fn put_worker(
    tx: &mut Transaction,
    rate: &WorkerRate,
    read: Option<&StoredRate<WorkerRate>>,
) -> Result<StoredRate<WorkerRate>, StoreError> {
    const INSERT: Statement = Statement::new(
        "INSERT INTO lem_worker_rate (id, client_id, project_id, role_id, valid_from, work_rate, travel_rate, \
         calc_rate, meal_rate, hotel_rate, version, created_at, updated_at) \
         VALUES (@id, @client_id, @project_id, @of, @valid_from, @work_rate, @travel_rate, @calc_rate, @meal_rate, \
         @hotel_rate, 1, {now}, {now})",
    );
    const UPDATE: Statement = Statement::new(
        "UPDATE lem_worker_rate SET work_rate = @work_rate, travel_rate = @travel_rate, calc_rate = @calc_rate, \
         meal_rate = @meal_rate, hotel_rate = @hotel_rate, version = version + 1, updated_at = {now} \
         WHERE id = @id AND version = @version",
    );
    let prices = rate.prices;
    let prices = [
        ("@work_rate", Value::money(prices.work_rate)),
        ("@travel_rate", Value::money(prices.travel_rate)),
        ("@calc_rate", Value::money(prices.calc_rate)),
        ("@meal_rate", Value::money(prices.meal_rate)),
        ("@hotel_rate", Value::money(prices.hotel_rate)),
    ];
    let key = key(
        &rate.client_id,
        &rate.project_id,
        (&rate.role_id).into(),
        rate.valid_from,
    );
    let read = read.map(|read| (read.id.as_str(), read.version));
    let (id, version) = put(tx, (&INSERT, &UPDATE), read, &key, &prices).await?;
    Ok(StoredRate {
        id,
        rate: rate.clone(),
        version,
    })
}

/// The same for a machine.
pub async fn put_equipment(
    tx: &mut Transaction,
    rate: &EquipmentRate,
    read: Option<&StoredRate<EquipmentRate>>,
) -> Result<StoredRate<EquipmentRate>, StoreError> {
    const INSERT: Statement = Statement::new(
        "INSERT INTO lem_equipment_rate (id, client_id, project_id, equipment_id, valid_from, unit_rate, day_rate, \
         version, created_at, updated_at) \
         VALUES (@id, @client_id, @project_id, @of, @valid_from, @unit_rate, @day_rate, 1, {now}, {now})",
    );
    const UPDATE: Statement = Statement::new(
        "UPDATE lem_equipment_rate SET unit_rate = @unit_rate, day_rate = @day_rate, version = version + 1, \
         updated_at = {now} WHERE id = @id AND version = @version",
    );
    let prices = [
        ("@unit_rate", Value::money(rate.prices.unit_rate)),
        ("@day_rate", Value::money(rate.prices.day_rate)),
    ];
    let key = key(
        &rate.client_id,
        &rate.project_id,
        (&rate.equipment_id).into(),
        rate.valid_from,
    );
    let read = read.map(|read| (read.id.as_str(), read.version));
    let (id, version) = put(tx, (&INSERT, &UPDATE), read, &key, &prices).await?;
    Ok(StoredRate {
        id,
        rate: rate.clone(),
        version,
    })
}

/// Id and version of what was written. `read` is what is there.
async fn put(
    tx: &mut Transaction,
    (insert, update): (&Statement, &Statement),
    read: Option<(&str, i64)>,
    key: &Params,
    prices: &Params,
) -> Result<(String, i64), StoreError> {
    let mut params = prices.to_vec();
    let Some((id, version)) = read else {
        let id = uuid::Uuid::now_v7().to_string();
        params.push(("@id", id.as_str().into()));
        params.extend_from_slice(key);
        tx.execute(insert, &params).await?;
        return Ok((id, 1));
    };
    params.extend([("@id", id.into()), ("@version", version.into())]);
    if tx.execute(update, &params).await? == 0 {
        return Err(tx.met_another_writer());
    }
    Ok((id.to_owned(), version + 1))
}

fn key(
    client_id: &ClientId,
    project_id: &ProjectId,
    of: Value,
    valid_from: Date,
) -> [(&'static str, Value); 4] {
    [
        ("@client_id", client_id.into()),
        ("@project_id", project_id.into()),
        ("@of", of),
        ("@valid_from", valid_from.into()),
    ]
}

fn read_worker(row: &Row) -> Result<StoredRate<WorkerRate>, StoreError> {
    Ok(StoredRate {
        id: row.text("id")?,
        rate: WorkerRate {
            client_id: row.id("client_id")?,
            project_id: row.id("project_id")?,
            role_id: row.id::<RoleId>("role_id")?,
            valid_from: row.date("valid_from")?,
            prices: WorkerPrices {
                work_rate: row.opt_money("work_rate")?,
                travel_rate: row.opt_money("travel_rate")?,
                calc_rate: row.opt_money("calc_rate")?,
                meal_rate: row.opt_money("meal_rate")?,
                hotel_rate: row.opt_money("hotel_rate")?,
            },
        },
        version: row.int("version")?,
    })
}

fn read_equipment(row: &Row) -> Result<StoredRate<EquipmentRate>, StoreError> {
    Ok(StoredRate {
        id: row.text("id")?,
        rate: EquipmentRate {
            client_id: row.id("client_id")?,
            project_id: row.id("project_id")?,
            equipment_id: row.id::<EquipmentId>("equipment_id")?,
            valid_from: row.date("valid_from")?,
            prices: EquipmentPrices {
                unit_rate: row.opt_money("unit_rate")?,
                day_rate: row.opt_money("day_rate")?,
            },
        },
        version: row.int("version")?,
    })
}

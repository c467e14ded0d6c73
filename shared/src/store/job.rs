//! Jobs as rows: what is wanted, how far it got, who works on it (`design.md` §2, *Jobs*).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    Row, Statement, StoreError, Transaction, Value,
    lease::{Claim, Fence, LEASE_SECONDS},
};
use crate::domain::ids::JobId;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
}

impl JobStatus {
    /// The word of the table and of `GET /jobs`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Whether there is still something to do.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// What a job has done with records. A page that is read again after a kill counts again as read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    pub read: u64,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
    pub skipped: u64,
    pub flagged: u64,
}

impl std::ops::AddAssign for Stats {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.inserted += more.inserted;
        self.updated += more.updated;
        self.deleted += more.deleted;
        self.skipped += more.skipped;
        self.flagged += more.flagged;
    }
}

/// A file that a job made, in blob storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobFile {
    /// What it is called when downloaded.
    pub name: String,
    /// Name of the blob.
    pub blob: String,
    pub content_type: String,
    pub size_bytes: u64,
}

/// A job as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    /// `family:what`, such as `sync:timesheets`.
    pub kind: String,
    pub params: Json,
    pub status: JobStatus,
    /// A caller's name, or the timer's.
    pub requested_by: String,
    pub requested_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub stats: Stats,
    /// Why it failed, or why it is being tried again.
    pub error: Option<String>,
    pub files: Vec<JobFile>,
    /// What its work saved of how far it got.
    pub checkpoint: Option<Json>,
}

/// A job to be made.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    pub id: &'a JobId,
    pub kind: &'a str,
    pub params: &'a Json,
    pub requested_by: &'a str,
    /// The same for the same work: at most one open job bears it.
    pub work_key: &'a str,
    /// The occasion that makes it (a timer's planned time), which makes only one job ever.
    pub occasion: Option<&'a str>,
}

/// Which job serves a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    pub id: JobId,
    /// False: an open job for the same work, or the job of the same occasion, was there already.
    pub is_new: bool,
    /// Nobody works on it now, though it is open: its message may be lost.
    pub needs_message: bool,
}

/// Makes a job, or finds the one that serves already.
pub async fn request(tx: &mut Transaction, job: &NewJob<'_>) -> Result<Requested, StoreError> {
    const OF_OCCASION: Statement =
        Statement::new("SELECT job_id FROM job_occasion WHERE occasion = @occasion");
    const INSERT: Statement = Statement::new(
        "INSERT INTO job (id, kind, params, status, requested_by, requested_at, open_key, created_at, updated_at) \
         SELECT @id, @kind, @params, 'queued', @requested_by, {now}, @open_key, {now}, {now} \
         WHERE NOT EXISTS (SELECT 1 FROM job WHERE open_key = @open_key)",
    );
    const SERVING: Statement = Statement::new("SELECT id FROM job WHERE open_key = @open_key");
    const REMEMBER: Statement = Statement::new(
        "INSERT INTO job_occasion (occasion, job_id, created_at, updated_at) VALUES (@occasion, @job_id, {now}, {now})",
    );
    if let Some(occasion) = job.occasion {
        let known = tx
            .query_one(&OF_OCCASION, &[("@occasion", occasion.into())])
            .await?;
        if let Some(row) = known {
            let id = row.id("job_id")?;
            return Ok(Requested {
                needs_message: is_abandoned(tx, &id).await?,
                id,
                is_new: false,
            });
        }
    }
    let inserted = tx
        .execute(
            &INSERT,
            &[
                ("@id", job.id.into()),
                ("@kind", job.kind.into()),
                ("@params", job.params.to_string().into()),
                ("@requested_by", job.requested_by.into()),
                ("@open_key", job.work_key.into()),
            ],
        )
        .await?;
    let id: JobId = tx
        .query_one(&SERVING, &[("@open_key", job.work_key.into())])
        .await?
        .ok_or_else(|| StoreError::statement("the new job is missing"))?
        .id("id")?;
    if let Some(occasion) = job.occasion {
        tx.execute(
            &REMEMBER,
            &[("@occasion", occasion.into()), ("@job_id", (&id).into())],
        )
        .await?;
    }
    Ok(Requested {
        needs_message: is_abandoned(tx, &id).await?,
        id,
        is_new: inserted > 0,
    })
}

/// Open, and no live lease: whoever finds it so sends its message again.
async fn is_abandoned(tx: &mut Transaction, id: &JobId) -> Result<bool, StoreError> {
    const ABANDONED: Statement = Statement::new(
        "SELECT id FROM job WHERE id = @id AND status IN ('queued', 'running') \
         AND (owner IS NULL OR expires_at <= {now})",
    );
    let row = tx.query_one(&ABANDONED, &[("@id", id.into())]).await?;
    Ok(row.is_some())
}

/// The oldest open job of a family that was asked for before this one.
pub async fn older_open(
    tx: &mut Transaction,
    family: &str,
    id: &JobId,
) -> Result<Option<JobId>, StoreError> {
    const OLDER: Statement = Statement::new(
        "SELECT id FROM job WHERE kind LIKE @kinds AND status IN ('queued', 'running') AND id < @id \
         ORDER BY id {limit}",
    );
    let params = [
        ("@kinds", format!("{family}:%").into()),
        ("@id", id.into()),
        ("@limit", 1_u32.into()),
    ];
    let row = tx.query_one(&OLDER, &params).await?;
    row.map(|row| row.id("id")).transpose()
}

/// A job in the hands of its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnedJob {
    pub job: Job,
    pub fence: Fence,
}

/// Takes a job for the message that is being handled.
pub async fn claim(
    tx: &mut Transaction,
    id: &JobId,
    message: &str,
) -> Result<Claim<OwnedJob>, StoreError> {
    const TAKE: Statement = Statement::new(
        "UPDATE job SET owner = @message, fence = fence + 1, expires_at = {now + @seconds}, \
         status = 'running', started_at = COALESCE(started_at, {now}), updated_at = {now} \
         WHERE id = @id AND status IN ('queued', 'running') \
         AND (owner IS NULL OR owner = @message OR expires_at <= {now})",
    );
    const LEFT: Statement = Statement::pair(
        "SELECT CAST(strftime('%s', expires_at) AS INTEGER) - CAST(strftime('%s', 'now') AS INTEGER) AS seconds_left \
         FROM job WHERE id = @id AND status IN ('queued', 'running')",
        "SELECT DATEDIFF(second, SYSUTCDATETIME(), expires_at) AS seconds_left \
         FROM job WHERE id = @id AND status IN ('queued', 'running')",
    );
    const FENCE: Statement = Statement::new("SELECT fence FROM job WHERE id = @id");
    let taken = tx
        .execute(
            &TAKE,
            &[
                ("@id", id.into()),
                ("@message", message.into()),
                ("@seconds", LEASE_SECONDS.into()),
            ],
        )
        .await?;
    if taken == 0 {
        let held = tx.query_one(&LEFT, &[("@id", id.into())]).await?;
        return Ok(match held {
            Some(row) => Claim::Held {
                seconds_left: row.opt_int("seconds_left")?.unwrap_or(0).max(1),
            },
            None => Claim::NothingToDo,
        });
    }
    let (Some(job), Some(row)) = (
        get(tx, id).await?,
        tx.query_one(&FENCE, &[("@id", id.into())]).await?,
    ) else {
        return Ok(Claim::NothingToDo);
    };
    Ok(Claim::Ours(OwnedJob {
        job,
        fence: Fence(row.int("fence")?),
    }))
}

/// Renews the lease: the first statement of every transaction of a job's owner. False: another has taken over, and
/// nothing may be written.
pub async fn renew(tx: &mut Transaction, id: &JobId, fence: Fence) -> Result<bool, StoreError> {
    const RENEW: Statement = Statement::new(
        "UPDATE job SET expires_at = {now + @seconds} \
         WHERE id = @id AND fence = @fence AND owner IS NOT NULL",
    );
    let renewed = tx
        .execute(
            &RENEW,
            &[
                ("@id", id.into()),
                ("@fence", fence.0.into()),
                ("@seconds", LEASE_SECONDS.into()),
            ],
        )
        .await?;
    Ok(renewed > 0)
}

/// Saves how far the owner got, and adds to what the job has done.
pub async fn save(
    tx: &mut Transaction,
    id: &JobId,
    checkpoint: &Json,
    done: Stats,
) -> Result<(), StoreError> {
    const SAVE: Statement = Statement::new(
        "UPDATE job SET progress = @progress, error = NULL, updated_at = {now} WHERE id = @id",
    );
    let params = [
        ("@id", id.into()),
        ("@progress", checkpoint.to_string().into()),
    ];
    tx.execute(&SAVE, &params).await?;
    count(tx, id, done).await
}

/// Adds to what the job has done.
pub async fn count(tx: &mut Transaction, id: &JobId, done: Stats) -> Result<(), StoreError> {
    const COUNT: Statement = Statement::new(
        "UPDATE job SET rows_read = rows_read + @read, rows_inserted = rows_inserted + @inserted, \
         rows_updated = rows_updated + @updated, rows_deleted = rows_deleted + @deleted, \
         rows_skipped = rows_skipped + @skipped, rows_flagged = rows_flagged + @flagged, \
         updated_at = {now} WHERE id = @id",
    );
    if done == Stats::default() {
        return Ok(());
    }
    tx.execute(
        &COUNT,
        &[
            ("@id", id.into()),
            ("@read", rows(done.read)),
            ("@inserted", rows(done.inserted)),
            ("@updated", rows(done.updated)),
            ("@deleted", rows(done.deleted)),
            ("@skipped", rows(done.skipped)),
            ("@flagged", rows(done.flagged)),
        ],
    )
    .await?;
    Ok(())
}

/// Gives the lease back with work left to do; `error` is why, if something failed.
pub async fn release(
    tx: &mut Transaction,
    id: &JobId,
    fence: Fence,
    error: Option<&str>,
) -> Result<(), StoreError> {
    const RELEASE: Statement = Statement::new(
        "UPDATE job SET owner = NULL, expires_at = NULL, error = @error, updated_at = {now} \
         WHERE id = @id AND fence = @fence",
    );
    tx.execute(
        &RELEASE,
        &[
            ("@id", id.into()),
            ("@fence", fence.0.into()),
            ("@error", error.map(str::to_owned).into()),
        ],
    )
    .await?;
    Ok(())
}

/// Closes a job with its files, or with what failed. False: another has taken over.
pub async fn finish(
    tx: &mut Transaction,
    id: &JobId,
    fence: Fence,
    ended: Result<&[JobFile], &str>,
) -> Result<bool, StoreError> {
    const FINISH: Statement = Statement::new(
        "UPDATE job SET status = @status, finished_at = {now}, open_key = id, owner = NULL, expires_at = NULL, \
         error = @error, files = @files, updated_at = {now} \
         WHERE id = @id AND fence = @fence AND status IN ('queued', 'running')",
    );
    let (status, files, error) = match ended {
        Ok(files) => (JobStatus::Succeeded, files, None),
        Err(error) => (JobStatus::Failed, [].as_slice(), Some(error.to_owned())),
    };
    let files = serde_json::to_string(files)
        .map_err(|cause| StoreError::statement(format!("files: {cause}")))?;
    let finished = tx
        .execute(
            &FINISH,
            &[
                ("@id", id.into()),
                ("@fence", fence.0.into()),
                ("@status", status.as_str().into()),
                ("@error", error.into()),
                ("@files", files.into()),
            ],
        )
        .await?;
    Ok(finished > 0)
}

/// Closes a job whose message failed for good, unless another message works on it. Whoever handled this one is fenced
/// off.
pub async fn fail(
    tx: &mut Transaction,
    id: &JobId,
    message: &str,
    error: &str,
) -> Result<bool, StoreError> {
    const FAIL: Statement = Statement::new(
        "UPDATE job SET status = 'failed', finished_at = {now}, open_key = id, owner = NULL, expires_at = NULL, \
         fence = fence + 1, error = @error, updated_at = {now} \
         WHERE id = @id AND status IN ('queued', 'running') \
         AND (owner IS NULL OR owner = @message OR expires_at <= {now})",
    );
    let failed = tx
        .execute(
            &FAIL,
            &[
                ("@id", id.into()),
                ("@message", message.into()),
                ("@error", error.into()),
            ],
        )
        .await?;
    Ok(failed > 0)
}

/// Open jobs on which nobody has worked for so long: their messages are lost, or wait to be tried again.
pub async fn abandoned(tx: &mut Transaction, for_seconds: i64) -> Result<Vec<JobId>, StoreError> {
    const ABANDONED: Statement = Statement::new(
        "SELECT id FROM job WHERE status IN ('queued', 'running') AND updated_at <= {now + @seconds} \
         AND (owner IS NULL OR expires_at <= {now + @seconds}) ORDER BY id",
    );
    let rows = tx
        .query(&ABANDONED, &[("@seconds", (-for_seconds).into())])
        .await?;
    rows.iter().map(|row| row.id("id")).collect()
}

/// A job by its id.
pub async fn get(tx: &mut Transaction, id: &JobId) -> Result<Option<Job>, StoreError> {
    const GET: Statement = Statement::new("SELECT * FROM job WHERE id = @id");
    let row = tx.query_one(&GET, &[("@id", id.into())]).await?;
    row.as_ref().map(job).transpose()
}

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Kinds that begin so: `sync:`, `report:payroll`.
    pub kind_prefix: Option<String>,
    pub requested_by: Option<String>,
    pub status: Option<JobStatus>,
    /// Only jobs older than this one.
    pub before: Option<JobId>,
}

/// The pattern of texts that begin so; `!` makes a sign of a pattern plain.
fn begins_with(text: &str) -> String {
    let mut pattern = String::new();
    for sign in text.chars() {
        if "!%_[".contains(sign) {
            pattern.push('!');
        }
        pattern.push(sign);
    }
    pattern + "%"
}

/// Jobs, newest first.
pub async fn list(
    tx: &mut Transaction,
    filter: &JobFilter,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    // Ids are UUIDs of version 7, which sort by the time at which they were made.
    const LIST: Statement = Statement::new(
        "SELECT * FROM job WHERE (@before IS NULL OR id < @before) \
         AND (@kind_prefix IS NULL OR kind LIKE @kind_prefix ESCAPE '!') \
         AND (@requested_by IS NULL OR requested_by = @requested_by) \
         AND (@status IS NULL OR status = @status) ORDER BY id DESC {limit}",
    );
    let prefix = filter.kind_prefix.as_deref().map(begins_with);
    let rows = tx
        .query(
            &LIST,
            &[
                ("@before", filter.before.as_ref().into()),
                ("@kind_prefix", prefix.into()),
                ("@requested_by", filter.requested_by.clone().into()),
                (
                    "@status",
                    filter
                        .status
                        .map(|status| status.as_str().to_owned())
                        .into(),
                ),
                ("@limit", limit.into()),
            ],
        )
        .await?;
    rows.iter().map(job).collect()
}

/// When a job of this kind last succeeded. A sync of days that somebody chose does not count: it says nothing of the
/// others.
pub async fn last_success(
    tx: &mut Transaction,
    kind: &str,
) -> Result<Option<Timestamp>, StoreError> {
    const LAST: Statement = Statement::new(
        "SELECT MAX(finished_at) AS finished_at FROM job WHERE kind = @kind AND status = 'succeeded' \
         AND params NOT LIKE '%\"from\":%' AND params NOT LIKE '%\"to\":%'",
    );
    let row = tx.query_one(&LAST, &[("@kind", kind.into())]).await?;
    row.map_or(Ok(None), |row| row.opt_instant("finished_at"))
}

fn job(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.id("id")?,
        kind: row.text("kind")?,
        params: json(row, "params")?.unwrap_or(Json::Null),
        status: status(&row.text("status")?)?,
        requested_by: row.text("requested_by")?,
        requested_at: row.instant("requested_at")?,
        started_at: row.opt_instant("started_at")?,
        finished_at: row.opt_instant("finished_at")?,
        stats: Stats {
            read: counted(row, "rows_read")?,
            inserted: counted(row, "rows_inserted")?,
            updated: counted(row, "rows_updated")?,
            deleted: counted(row, "rows_deleted")?,
            skipped: counted(row, "rows_skipped")?,
            flagged: counted(row, "rows_flagged")?,
        },
        error: row.opt_text("error")?,
        files: json(row, "files")?.unwrap_or_default(),
        checkpoint: json(row, "progress")?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, StoreError> {
    let text = row.opt_text(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|cause| StoreError::value(column, cause.to_string()))
}

fn status(word: &str) -> Result<JobStatus, StoreError> {
    [
        JobStatus::Queued,
        JobStatus::Running,
        JobStatus::Succeeded,
        JobStatus::Failed,
    ]
    .into_iter()
    .find(|status| status.as_str() == word)
    .ok_or_else(|| StoreError::value("status", format!("{word} is no status of a job")))
}

fn rows(rows: u64) -> Value {
    i64::try_from(rows).unwrap_or(i64::MAX).into()
}

fn counted(row: &Row, column: &str) -> Result<u64, StoreError> {
    let rows = row.int(column)?;
    u64::try_from(rows).map_err(|_| StoreError::value(column, "is negative"))
}

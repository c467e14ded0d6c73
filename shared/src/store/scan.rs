//! The one row through which approval events share scans of the approvals list (`design.md` §2, *Approvals coalesce*).
//!
//! `wanted` counts the events, `done` how many of them a finished scan covers. As both stand in the row that also says
//! who scans, no event can be missed between the last look of one owner and the first of the next.

use jiff::Timestamp;

use super::{
    Row, Statement, StoreError, Transaction,
    lease::{Claim, Fence, LEASE_SECONDS},
};

/// An owner's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub fence: Fence,
    pub wanted: i64,
}

/// How far the lists have been read, by Clockify's own `status.updatedAt`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watermarks {
    pub approved: Option<Timestamp>,
    pub withdrawn_approval: Option<Timestamp>,
}

/// What came of saying that a scan is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    Done,
    /// Another event came meanwhile: scan again.
    MoreWanted,
    /// Another owner has taken over: stop.
    Lost,
}

const TAKE: Statement = Statement::new(
    "UPDATE scan SET owner = @message, fence = fence + 1, expires_at = {now + @seconds}, updated_at = {now} \
     WHERE name = 'approvals' AND done < wanted \
     AND (owner IS NULL OR owner = @message OR expires_at <= {now})",
);
const READ: Statement = Statement::pair(
    "SELECT wanted, done, fence, approved_watermark, withdrawn_approval_watermark, \
     CAST(strftime('%s', expires_at) AS INTEGER) - CAST(strftime('%s', 'now') AS INTEGER) AS seconds_left \
     FROM scan WHERE name = 'approvals'",
    "SELECT wanted, done, fence, approved_watermark, withdrawn_approval_watermark, \
     DATEDIFF(second, SYSUTCDATETIME(), expires_at) AS seconds_left \
     FROM scan WHERE name = 'approvals'",
);

/// Counts an event, and takes the lease where it is free.
pub async fn want(tx: &mut Transaction, message: &str) -> Result<Claim<Owned>, StoreError> {
    const WANT: Statement = Statement::new(
        "UPDATE scan SET wanted = wanted + 1, updated_at = {now} WHERE name = 'approvals'",
    );
    tx.execute(&WANT, &[]).await?;
    claim(tx, message).await
}

/// Takes the lease where it is free and there is something to scan for.
pub async fn claim(tx: &mut Transaction, message: &str) -> Result<Claim<Owned>, StoreError> {
    let taken = tx
        .execute(
            &TAKE,
            &[
                ("@message", message.into()),
                ("@seconds", LEASE_SECONDS.into()),
            ],
        )
        .await?;
    let row = read(tx).await?;
    let (wanted, done) = (row.int("wanted")?, row.int("done")?);
    Ok(if taken > 0 {
        Claim::Ours(Owned {
            fence: Fence(row.int("fence")?),
            wanted,
        })
    } else if done < wanted {
        Claim::Held {
            seconds_left: row.opt_int("seconds_left")?.unwrap_or(0).max(1),
        }
    } else {
        Claim::NothingToDo
    })
}

/// Renews the lease and says what is wanted now. None: it is another's.
pub async fn renew(tx: &mut Transaction, fence: Fence) -> Result<Option<i64>, StoreError> {
    const RENEW: Statement = Statement::new(
        "UPDATE scan SET expires_at = {now + @seconds}, updated_at = {now} \
         WHERE name = 'approvals' AND fence = @fence AND owner IS NOT NULL",
    );
    let renewed = tx
        .execute(
            &RENEW,
            &[
                ("@fence", fence.0.into()),
                ("@seconds", LEASE_SECONDS.into()),
            ],
        )
        .await?;
    if renewed == 0 {
        return Ok(None);
    }
    read(tx).await?.int("wanted").map(Some)
}

/// Says that a scan which began when `wanted` stood there is done, and gives the lease back.
pub async fn finish(tx: &mut Transaction, fence: Fence, wanted: i64) -> Result<Finish, StoreError> {
    const FINISH: Statement = Statement::new(
        "UPDATE scan SET done = @wanted, owner = NULL, expires_at = NULL, progress = NULL, updated_at = {now} \
         WHERE name = 'approvals' AND fence = @fence AND owner IS NOT NULL AND wanted = @wanted",
    );
    let finished = tx
        .execute(
            &FINISH,
            &[("@fence", fence.0.into()), ("@wanted", wanted.into())],
        )
        .await?;
    if finished > 0 {
        return Ok(Finish::Done);
    }
    Ok(match renew(tx, fence).await? {
        Some(_) => Finish::MoreWanted,
        None => Finish::Lost,
    })
}

/// Gives the lease back with work left to do.
pub async fn release(tx: &mut Transaction, fence: Fence) -> Result<(), StoreError> {
    const RELEASE: Statement = Statement::new(
        "UPDATE scan SET owner = NULL, expires_at = NULL, updated_at = {now} \
         WHERE name = 'approvals' AND fence = @fence",
    );
    tx.execute(&RELEASE, &[("@fence", fence.0.into())]).await?;
    Ok(())
}

/// Notes how far the owner's scan has got, for whoever goes on with it. None: the next owner begins anew.
pub async fn save_progress(
    tx: &mut Transaction,
    fence: Fence,
    progress: Option<&str>,
) -> Result<(), StoreError> {
    const SAVE: Statement = Statement::new(
        "UPDATE scan SET progress = @progress, updated_at = {now} \
         WHERE name = 'approvals' AND fence = @fence AND owner IS NOT NULL",
    );
    let params = [("@progress", progress.into()), ("@fence", fence.0.into())];
    tx.execute(&SAVE, &params).await?;
    Ok(())
}

/// How far a scan has got that was not finished.
pub async fn progress(tx: &mut Transaction) -> Result<Option<String>, StoreError> {
    const PROGRESS: Statement =
        Statement::new("SELECT progress FROM scan WHERE name = 'approvals'");
    match tx.query_one(&PROGRESS, &[]).await? {
        Some(row) => row.opt_text("progress"),
        None => Ok(None),
    }
}

/// Whether a scan is wanted that nobody makes.
pub async fn is_left(tx: &mut Transaction) -> Result<bool, StoreError> {
    const LEFT: Statement = Statement::new(
        "SELECT name FROM scan WHERE name = 'approvals' AND done < wanted \
         AND (owner IS NULL OR expires_at <= {now})",
    );
    Ok(tx.query_one(&LEFT, &[]).await?.is_some())
}

/// How far the lists have been read.
pub async fn watermarks(tx: &mut Transaction) -> Result<Watermarks, StoreError> {
    let row = read(tx).await?;
    Ok(Watermarks {
        approved: row.opt_instant("approved_watermark")?,
        withdrawn_approval: row.opt_instant("withdrawn_approval_watermark")?,
    })
}

/// Moves the watermarks on after a complete read; never back.
pub async fn raise_watermarks(tx: &mut Transaction, marks: &Watermarks) -> Result<(), StoreError> {
    const APPROVED: Statement = Statement::new(
        "UPDATE scan SET approved_watermark = @mark, updated_at = {now} WHERE name = 'approvals' \
         AND (approved_watermark IS NULL OR approved_watermark < @mark)",
    );
    const WITHDRAWN: Statement = Statement::new(
        "UPDATE scan SET withdrawn_approval_watermark = @mark, updated_at = {now} WHERE name = 'approvals' \
         AND (withdrawn_approval_watermark IS NULL OR withdrawn_approval_watermark < @mark)",
    );
    for (statement, mark) in [
        (&APPROVED, marks.approved),
        (&WITHDRAWN, marks.withdrawn_approval),
    ] {
        if let Some(mark) = mark {
            tx.execute(statement, &[("@mark", mark.into())]).await?;
        }
    }
    Ok(())
}

async fn read(tx: &mut Transaction) -> Result<Row, StoreError> {
    tx.query(&READ, &[])
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| StoreError::statement("the scan row is missing"))
}

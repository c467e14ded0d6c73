//! Timesheets that stand in no list any more: judged, written, and their entries released.

use std::collections::HashMap;

use super::{
    FLAGS, KIND, RECENT_SECONDS,
    scan::Scan,
    settle::{self, Missed, Told, Verdict},
};
use crate::{
    domain::{ids::TimesheetId, timesheet::Timesheet},
    jobs::Stats,
    settings::SyncSettings,
    store::{
        Missing, Ticket, Transaction, delivery, flag, membership,
        ticket::Spent,
        timesheet,
        timesheet_miss::{self, Unseen},
    },
    sync::{SyncError, lists::flag_stopped},
};

/// What settling has left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sync) struct Settled {
    /// Timesheets that this scan has missed and that are not settled yet.
    pub(in crate::sync) missed: usize,
    /// So many left without a webhook's word that a person has to look first: they are left as they were.
    pub(in crate::sync) stopped: Option<Missing<TimesheetId>>,
}

/// Settles what a scan has not seen, whose first page had that ticket.
pub(super) async fn settle_unseen(
    tx: &mut Transaction,
    scan: &Scan,
    first_ticket: Ticket,
    limits: &SyncSettings,
) -> Result<(Settled, Stats), SyncError> {
    let read = scan.read_whole();
    let mut unseen = timesheet_miss::untouched(tx, read, first_ticket).await?;
    unseen.retain(|unseen| !scan.has_seen(&unseen.timesheet.id));
    let told = newest_told(tx, &unseen).await?;
    let (mut left, mut untold, mut missed) = (Vec::new(), Vec::new(), Vec::new());
    for Unseen {
        timesheet,
        missed_before,
    } in &unseen
    {
        let judged = Missed {
            state: timesheet.state.clone(),
            state_updated_at: timesheet.state_updated_at,
            missed_before: *missed_before,
        };
        match settle::settle(&judged, told.get(&timesheet.id)) {
            Verdict::NotYet => missed.push(&timesheet.id),
            Verdict::Left { state, told_at } => {
                let after = Timesheet {
                    state,
                    state_updated_at: told_at.or(timesheet.state_updated_at),
                    ..timesheet.clone()
                };
                if told_at.is_some() {
                    left.push(after);
                } else {
                    untold.push(after);
                }
            }
        }
    }
    let stopped = Missing {
        ids: untold.iter().map(|sheet| sheet.id.clone()).collect(),
        live: timesheet_miss::count_listed(tx, read).await?,
    };
    let stopped =
        Some(stopped).filter(|missing| missing.is_too_many(limits.stop_percent, limits.stop_rows));
    match &stopped {
        Some(stopped) => missed.extend(&stopped.ids),
        None => left.append(&mut untold),
    }
    flag_stopped(tx, KIND, stopped.is_some()).await?;
    left.extend(told_late(tx).await?);
    timesheet_miss::remember(tx, read, &missed).await?;
    let missed = missed.len();
    let stats = leave(tx, first_ticket, &left).await?;
    Ok((Settled { missed, stopped }, stats))
}

/// Writes the states of timesheets that have left the lists, and releases their entries.
async fn leave(
    tx: &mut Transaction,
    ticket: Ticket,
    left: &[Timesheet],
) -> Result<Stats, SyncError> {
    if left.is_empty() {
        return Ok(Stats::default());
    }
    let spent = Spent {
        ticket,
        older_is_open: false,
    };
    let changes = timesheet::upsert_page(tx, spent, left).await?;
    let ids: Vec<TimesheetId> = left
        .iter()
        .filter(|sheet| !changes.refused.contains(sheet.id.as_str()))
        .map(|sheet| sheet.id.clone())
        .collect();
    membership::release(tx, ticket, &ids).await?;
    let texts: Vec<&str> = ids.iter().map(TimesheetId::as_str).collect();
    flag::replace(tx, KIND, FLAGS, &texts, &[]).await?;
    Ok(Stats {
        updated: changes.updated,
        ..Stats::default()
    })
}

/// Timesheets that have left the lists already, of which a webhook has told more since.
async fn told_late(tx: &mut Transaction) -> Result<Vec<Timesheet>, SyncError> {
    let told = delivery::recently_told(tx, RECENT_SECONDS).await?;
    let ids: Vec<&str> = told.iter().map(|told| told.timesheet_id.as_str()).collect();
    let stored = timesheet::get_all(tx, &ids).await?;
    let late = stored.into_iter().filter_map(|sheet| {
        let told = told.iter().find(|told| told.timesheet_id == sheet.id)?;
        let is_news = !settle::is_listed(&sheet.state)
            && !settle::is_listed(&told.state)
            && sheet.state_updated_at.is_none_or(|known| known < told.at);
        is_news.then(|| Timesheet {
            state: told.state.clone(),
            state_updated_at: Some(told.at),
            ..sheet
        })
    });
    Ok(late.collect())
}

async fn newest_told(
    tx: &mut Transaction,
    unseen: &[Unseen],
) -> Result<HashMap<TimesheetId, Told>, SyncError> {
    let ids: Vec<&TimesheetId> = unseen.iter().map(|unseen| &unseen.timesheet.id).collect();
    let told = delivery::newest_told(tx, &ids).await?;
    Ok(told
        .into_iter()
        .map(|told| {
            let word = Told {
                state: told.state,
                at: told.at,
            };
            (told.timesheet_id, word)
        })
        .collect())
}

//! Does to the world what a command says.

use super::command::Command;
use crate::{
    company::{history::EntryKind, leave::LeaveState},
    events,
    id::Id,
    world::{NewEntry, NewExpense, NewRequest, Refusal, World},
};

fn person(world: &World, id: Id) -> Result<usize, Refusal> {
    world.person_with(id).ok_or(Refusal::Gone("User"))
}

/// The records that were made or changed. `Release` is not of the world: see `serve`.
pub(super) fn apply(world: &mut World, command: Command) -> Result<Vec<Id>, Refusal> {
    let touched = match command {
        Command::RecordEntry(plan) => {
            let new = NewEntry {
                person: person(world, plan.person)?,
                start: plan.start.as_second(),
                end: plan.end.map(jiff::Timestamp::as_second),
                kind: if plan.is_break {
                    EntryKind::Break
                } else {
                    EntryKind::Regular
                },
                project: plan.project,
                task: plan.task,
                tags: plan.tags,
                billable: plan.billable,
                description: plan.description,
                fields: None,
            };
            world.record_entry(new)?
        }
        Command::EditEntry { entry, change } => world.edit_entry(entry, change).map(|()| entry)?,
        Command::SplitEntry { entry, at } => {
            return Ok(vec![entry, world.split_entry(entry, at.as_second())?]);
        }
        Command::DeleteEntry { entry } => world.delete_entry(entry).map(|()| entry)?,
        Command::RestoreEntry { entry } => world.restore_entry(entry).map(|()| entry)?,
        Command::Submit { person: id, week } => {
            let person = person(world, id)?;
            world.submit_week(person, week)?
        }
        Command::ApproveAll { week } => return world.approve_all(week),
        Command::Decide { sheet, state, note } => {
            world.decide_sheet(sheet, state, &note).map(|()| sheet)?
        }
        Command::AddPerson(plan) => {
            world.add_person(plan.name, plan.email, plan.first_day, &plan.fields)?
        }
        Command::InvitePerson { email } => world.invite_person(email),
        Command::EditPerson { person: id, change } => {
            let person = person(world, id)?;
            world.edit_person(person, change).map(|()| id)?
        }
        Command::RemovePerson { person: id } => {
            let person = person(world, id)?;
            world.remove_person(person);
            id
        }
        Command::LetTimePass { seconds } => {
            world.let_time_pass(seconds);
            return Ok(Vec::new());
        }
        Command::AddWebhooks { url, secret } => {
            return Ok(events::told()
                .enumerate()
                .map(|(index, event)| {
                    world.add_webhook(
                        format!("hook-{:02}", index + 1),
                        url.clone(),
                        event.to_owned(),
                        secret.clone(),
                    )
                })
                .collect());
        }
        Command::Release { .. } => return Ok(Vec::new()),
        Command::AddClient { .. }
        | Command::EditClient { .. }
        | Command::DeleteClient { .. }
        | Command::AddProject { .. }
        | Command::EditProject { .. }
        | Command::DeleteProject { .. }
        | Command::AddTask { .. }
        | Command::EditTask { .. }
        | Command::DeleteTask { .. }
        | Command::AddTag { .. }
        | Command::EditTag { .. }
        | Command::DeleteTag { .. }
        | Command::AddGroup { .. }
        | Command::EditGroup { .. }
        | Command::DeleteGroup { .. } => apply_to_lists(world, command)?,
        Command::AskForTimeOff(_)
        | Command::MoveTimeOff { .. }
        | Command::ApproveTimeOff { .. }
        | Command::RejectTimeOff { .. }
        | Command::WithdrawTimeOff { .. }
        | Command::StartTimeOff { .. }
        | Command::Claim(_)
        | Command::EditClaim { .. }
        | Command::DeleteClaim { .. }
        | Command::RestoreClaim { .. } => apply_to_requests(world, command)?,
    };
    Ok(vec![touched])
}

fn apply_to_lists(world: &mut World, command: Command) -> Result<Id, Refusal> {
    match command {
        Command::AddClient { name, note } => Ok(world.add_client(name, note)),
        Command::EditClient { client, change } => {
            world.edit_client(client, change).map(|()| client)
        }
        Command::DeleteClient { client } => world.delete_client(client).map(|()| client),
        Command::AddProject {
            name,
            client,
            tasks,
        } => world.add_project(name, client, &tasks),
        Command::EditProject { project, change } => {
            world.edit_project(project, change).map(|()| project)
        }
        Command::DeleteProject { project } => world.delete_project(project).map(|()| project),
        Command::AddTask { project, name } => world.add_task(project, name),
        Command::EditTask { task, change } => world.edit_task(task, change).map(|()| task),
        Command::DeleteTask { task } => world.delete_task(task).map(|()| task),
        Command::AddTag { name } => Ok(world.add_tag(name)),
        Command::EditTag { tag, change } => world.edit_tag(tag, change).map(|()| tag),
        Command::DeleteTag { tag } => world.delete_tag(tag).map(|()| tag),
        Command::AddGroup { name, members } => Ok(world.add_group(name, members)),
        Command::EditGroup { group, change } => world.edit_group(group, change).map(|()| group),
        Command::DeleteGroup { group } => world.delete_group(group).map(|()| group),
        other => Err(Refusal::Invalid(format!("{other:?} concerns no list"))),
    }
}

fn apply_to_requests(world: &mut World, command: Command) -> Result<Id, Refusal> {
    match command {
        Command::AskForTimeOff(plan) => {
            let new = NewRequest {
                person: person(world, plan.person)?,
                policy: plan.policy,
                first: plan.first,
                last: plan.last,
                part: plan.part,
                note: plan.note,
            };
            world.ask_for_time_off(new)
        }
        Command::MoveTimeOff {
            request,
            first,
            last,
        } => world.move_time_off(request, first, last).map(|()| request),
        Command::ApproveTimeOff { request } => world
            .decide_time_off(request, LeaveState::Approved, None)
            .map(|()| request),
        Command::RejectTimeOff { request, note } => world
            .decide_time_off(request, LeaveState::Rejected, note)
            .map(|()| request),
        Command::WithdrawTimeOff { request } => world.withdraw_time_off(request).map(|()| request),
        Command::StartTimeOff { request } => world.start_time_off(request).map(|()| request),
        Command::Claim(plan) => {
            let new = NewExpense {
                person: person(world, plan.person)?,
                date: plan.date,
                project: plan.project,
                category: plan.category,
                quantity: plan.quantity_hundredths,
                cents: plan.cents,
                notes: plan.notes,
            };
            world.claim(new)
        }
        Command::EditClaim {
            expense,
            cents,
            notes,
        } => world.edit_claim(expense, cents, notes).map(|()| expense),
        Command::DeleteClaim { expense } => world.delete_claim(expense).map(|()| expense),
        Command::RestoreClaim { expense } => world.restore_claim(expense).map(|()| expense),
        other => Err(Refusal::Invalid(format!("{other:?} concerns no request"))),
    }
}

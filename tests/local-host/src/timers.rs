//! Timers: one catch-up run when a run was missed, no overlap, a status on disk that outlives the host.
//!
//! They run by the business clock, so that `CLOCKING_NOW` shifts their planned times too.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    app::{Function, TimerTrigger, schedule::Schedule},
    host::Core,
    invoke::{
        Failed,
        envelope::{self, TimerStatus},
    },
    outputs,
};

/// The longest single sleep: a clock that was set, or a machine that slept, is noticed after that.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// `Last`, `Next` and `LastUpdated` of one timer, in a file of its own as the real host has a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    last: Option<Timestamp>,
    next: Timestamp,
    last_updated: Timestamp,
}

/// What a timer does when the host starts.
#[derive(Debug, PartialEq, Eq)]
struct Start {
    status: Option<Status>,
    /// Whether it runs at once, and whether that run is past due.
    runs: Option<IsPastDue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct IsPastDue(bool);

/// One timer function.
pub(crate) struct Timer {
    core: Arc<Core>,
    function: Function,
    trigger: TimerTrigger,
    file: PathBuf,
}

impl Timer {
    pub(crate) fn new(core: Arc<Core>, function: &Function, trigger: &TimerTrigger) -> Self {
        let file = status_file(&core.timer_folder, &function.name);
        Self {
            core,
            function: function.clone(),
            trigger: trigger.clone(),
            file,
        }
    }

    /// Fires until it is aborted.
    pub(crate) async fn run(self) {
        let start = self.start(self.core.clock.now());
        let mut status = start.status;
        self.save(status);
        if let Some(is_past_due) = start.runs {
            status = self.fire(status, is_past_due).await;
        }
        // What came due during a run is skipped: the next one is looked for after the run's end.
        while let Some(next) = self.trigger.schedule.next_after(self.core.clock.now()) {
            self.sleep_until(next).await;
            status = self.fire(status, IsPastDue(false)).await;
        }
        tracing::warn!(function = self.function.name, "never fires again");
    }

    fn start(&self, now: Timestamp) -> Start {
        let stored = if self.trigger.uses_monitor {
            load(&self.file)
        } else {
            None
        };
        plan_start(&self.trigger, stored, now)
    }

    async fn sleep_until(&self, instant: Timestamp) {
        loop {
            let left = instant.duration_since(self.core.clock.now());
            let Ok(left) = Duration::try_from(left) else {
                return;
            };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
        }
    }

    async fn fire(&self, status: Option<Status>, is_past_due: IsPastDue) -> Option<Status> {
        let invoked_at = self.core.clock.now();
        // A failure changes nothing: the next try is the next occurrence. It has been reported.
        let _ = invoke(&self.core, &self.function, status.as_ref(), is_past_due).await;
        let next = status.and_then(|_| after_run(&self.trigger.schedule, invoked_at));
        self.save(next);
        next
    }

    fn save(&self, status: Option<Status>) {
        let Some(status) = status else { return };
        if let Err(error) = save(&self.file, &status) {
            tracing::warn!(function = self.function.name, %error, "the status was not written");
        }
    }
}

/// Runs a timer function by hand: never past due, with the stored status, which does not change.
pub(crate) async fn run_by_hand(core: &Core, function: &Function) -> Result<(), Failed> {
    let status = load(&status_file(&core.timer_folder, &function.name));
    invoke(core, function, status.as_ref(), IsPastDue(false)).await
}

async fn invoke(
    core: &Core,
    function: &Function,
    status: Option<&Status>,
    is_past_due: IsPastDue,
) -> Result<(), Failed> {
    let status = status.map(|status| TimerStatus {
        last: status.last,
        next: status.next,
        last_updated: status.last_updated,
    });
    let envelope = envelope::timer(
        &function.name,
        &function.trigger_name,
        status.as_ref(),
        is_past_due.0,
        Timestamp::now(),
    );
    let _running = core.activity.begin(&function.name);
    let reply = core.caller.post(&function.name, &envelope).await?;
    outputs::write(core, function, &reply).await
}

fn plan_start(trigger: &TimerTrigger, stored: Option<Status>, now: Timestamp) -> Start {
    let on_startup = trigger.runs_on_startup.then_some(IsPastDue(false));
    let next_after = |instant| trigger.schedule.next_after(instant);
    if !trigger.uses_monitor {
        return Start {
            status: None,
            runs: on_startup,
        };
    }
    let fresh = |last| {
        next_after(now).map(|next| Status {
            last,
            next,
            last_updated: now,
        })
    };
    let Some(stored) = stored else {
        return Start {
            status: fresh(None),
            runs: on_startup,
        };
    };
    let expected = next_after(stored.last.unwrap_or(stored.last_updated));
    if expected != Some(stored.next) {
        // The schedule was changed: nothing of the old one is made up for.
        return Start {
            status: fresh(stored.last),
            runs: on_startup,
        };
    }
    Start {
        status: Some(stored),
        runs: if now > stored.next {
            Some(IsPastDue(true))
        } else {
            on_startup
        },
    }
}

fn after_run(schedule: &Schedule, invoked_at: Timestamp) -> Option<Status> {
    schedule.next_after(invoked_at).map(|next| Status {
        last: Some(invoked_at),
        next,
        last_updated: invoked_at,
    })
}

fn status_file(folder: &Path, function: &str) -> PathBuf {
    folder.join(format!("{function}.json"))
}

fn load(file: &Path) -> Option<Status> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn save(file: &Path, status: &Status) -> io::Result<()> {
    let temporary = file.with_extension("part");
    fs::write(&temporary, serde_json::to_vec_pretty(status)?)?;
    fs::rename(temporary, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-03-02T{time}Z").parse().expect(time)
    }

    fn trigger(schedule: &str, runs_on_startup: bool) -> TimerTrigger {
        let schedule = Schedule::parse(schedule).expect(schedule);
        TimerTrigger {
            uses_monitor: !schedule.fires_within_a_minute(),
            schedule,
            runs_on_startup,
        }
    }

    fn status(last: Option<&str>, next: &str, last_updated: &str) -> Status {
        Status {
            last: last.map(at),
            next: at(next),
            last_updated: at(last_updated),
        }
    }

    #[test]
    fn the_first_start_ever_runs_nothing_and_notes_the_next_run() {
        let start = plan_start(&trigger("0 */15 * * * *", false), None, at("09:10:00"));
        let expected = Start {
            status: Some(status(None, "09:15:00", "09:10:00")),
            runs: None,
        };
        assert_eq!(start, expected);
    }

    #[test]
    fn a_missed_run_is_made_up_for_once_however_many_were_missed() {
        let stored = status(Some("09:00:00"), "09:15:00", "09:00:00");
        let trigger = trigger("0 */15 * * * *", false);
        let start = plan_start(&trigger, Some(stored), at("11:01:00"));
        assert_eq!(start.runs, Some(IsPastDue(true)));
        assert_eq!(start.status, Some(stored));
        // After that run the plan goes on from now.
        let next = after_run(&trigger.schedule, at("11:01:00")).expect("a next run");
        assert_eq!(next, status(Some("11:01:00"), "11:15:00", "11:01:00"));
        let again = plan_start(&trigger, Some(next), at("11:02:00"));
        assert_eq!(again.runs, None);
    }

    #[test]
    fn a_run_that_is_still_to_come_is_waited_for() {
        let stored = status(Some("09:00:00"), "09:15:00", "09:00:00");
        let start = plan_start(
            &trigger("0 */15 * * * *", false),
            Some(stored),
            at("09:14:59"),
        );
        assert_eq!(start.runs, None);
    }

    #[test]
    fn a_changed_schedule_resets_the_status_and_makes_up_for_nothing() {
        let stored = status(Some("09:00:00"), "09:15:00", "09:00:00");
        let start = plan_start(
            &trigger("0 */20 * * * *", false),
            Some(stored),
            at("11:01:00"),
        );
        let expected = Start {
            status: Some(status(Some("09:00:00"), "11:20:00", "11:01:00")),
            runs: None,
        };
        assert_eq!(start, expected);
    }

    #[test]
    fn a_past_due_run_takes_precedence_over_run_on_startup() {
        let stored = status(Some("09:00:00"), "09:15:00", "09:00:00");
        let trigger = trigger("0 */15 * * * *", true);
        let late = plan_start(&trigger, Some(stored), at("10:00:00"));
        assert_eq!(late.runs, Some(IsPastDue(true)));
        let early = plan_start(&trigger, Some(stored), at("09:01:00"));
        assert_eq!(early.runs, Some(IsPastDue(false)));
    }

    #[test]
    fn a_timer_that_fires_more_than_once_a_minute_has_no_status() {
        let start = plan_start(&trigger("*/10 * * * * *", false), None, at("09:10:00"));
        let expected = Start {
            status: None,
            runs: None,
        };
        assert_eq!(start, expected);
    }
}

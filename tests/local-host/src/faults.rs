//! Faults that a test asks for. Each is asked for once and wears off.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

/// What shall go wrong next; as JSON the body of `POST /control/faults`, where only what is named changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// So many messages are delivered again after they were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_twice: Option<u32>,
    /// So many messages are delivered twice at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_together: Option<u32>,
    /// So many messages are gathered first, and then delivered one by one, the last one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse: Option<u32>,
    /// Each message is delivered so much later, until this is set to 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u64>,
    /// The next start of the handler takes so much longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_start_ms: Option<u64>,
    /// The handler is killed as soon as it has answered so many invocations from now on, the last answer
    /// being delivered; whatever else is in flight is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kill_after: Option<u32>,
    /// So many answers of the handler are lost after it did the work: messages count as failed, callers get 502.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lose_replies: Option<u32>,
    /// The handler is started anew with `CRASH_AT` set to this point, for one life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash_at: Option<String>,
}

/// The faults that are still to come. Cheap to clone; all clones are one plan.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

/// How a message is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Once, as long as it succeeds.
    Once,
    /// Again after it was done.
    Twice,
    /// Two at the same time.
    Together,
}

impl Faults {
    /// Adds to the plan what is named in `plan`.
    pub fn add(&self, plan: Plan) {
        let mut current = self.lock();
        let Plan {
            deliver_twice,
            deliver_together,
            reverse,
            late_ms,
            slow_start_ms,
            kill_after,
            lose_replies,
            crash_at,
        } = plan;
        replace(&mut current.deliver_twice, deliver_twice);
        replace(&mut current.deliver_together, deliver_together);
        replace(&mut current.reverse, reverse);
        replace(&mut current.late_ms, late_ms);
        replace(&mut current.slow_start_ms, slow_start_ms);
        replace(&mut current.kill_after, kill_after);
        replace(&mut current.lose_replies, lose_replies);
        replace(&mut current.crash_at, crash_at);
    }

    /// What is still to come.
    pub fn plan(&self) -> Plan {
        self.lock().clone()
    }

    pub(crate) fn delivery(&self) -> Delivery {
        let mut plan = self.lock();
        if take_one(&mut plan.deliver_twice) {
            Delivery::Twice
        } else if take_one(&mut plan.deliver_together) {
            Delivery::Together
        } else {
            Delivery::Once
        }
    }

    pub(crate) fn take_reverse(&self) -> Option<usize> {
        self.lock().reverse.take().map(|n| n as usize)
    }

    pub(crate) fn lateness(&self) -> Duration {
        Duration::from_millis(self.lock().late_ms.unwrap_or(0))
    }

    pub(crate) fn take_slow_start(&self) -> Duration {
        Duration::from_millis(self.lock().slow_start_ms.take().unwrap_or(0))
    }

    pub(crate) fn take_crash_point(&self) -> Option<String> {
        self.lock().crash_at.take()
    }

    pub(crate) fn loses_reply(&self) -> bool {
        take_one(&mut self.lock().lose_replies)
    }

    /// One more invocation was answered: is the handler to be killed now?
    pub(crate) fn kills_now(&self) -> bool {
        let mut plan = self.lock();
        take_one(&mut plan.kill_after) && plan.kill_after.is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace<T>(current: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *current = new;
    }
}

/// Takes one of a number that wears off to None.
fn take_one(left: &mut Option<u32>) -> bool {
    let had = left.filter(|&n| n > 0);
    *left = had.and_then(|n| n.checked_sub(1)).filter(|&n| n > 0);
    had.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_wears_off() {
        let faults = Faults::default();
        faults.add(Plan {
            deliver_twice: Some(1),
            deliver_together: Some(1),
            ..Plan::default()
        });
        let deliveries = [(); 3].map(|()| faults.delivery());
        assert_eq!(
            deliveries,
            [Delivery::Twice, Delivery::Together, Delivery::Once]
        );
        assert_eq!(faults.plan(), Plan::default());
    }

    #[test]
    fn the_handler_is_killed_after_exactly_so_many_answers() {
        let faults = Faults::default();
        faults.add(Plan {
            kill_after: Some(3),
            ..Plan::default()
        });
        let kills = [(); 5].map(|()| faults.kills_now());
        assert_eq!(kills, [false, false, true, false, false]);
    }
}

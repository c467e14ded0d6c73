//! Places where a test may kill the program (`design.md` §5): between two steps that must each be safe to lose.
//!
//! Release builds compile them away. In a debug build `CRASH_AT=place` (or `place:3` for the third passage) aborts the
//! whole process there, as a platform's SIGKILL would; a test inside one process arms a place for one task with
//! [`killed_at`], and the task dies there with nothing but its open transaction rolled back.

/// Every place, with the moment it stands for. The damage tests go through this table.
pub const CRASH_POINTS: &[(&str, &str)] = &[
    (
        "event.recorded",
        "the delivery is recorded, nothing is read yet",
    ),
    (
        "event.read",
        "the record was read from Clockify, nothing is written yet",
    ),
    (
        "event.applied",
        "the record is written and the delivery settled, the message is not answered",
    ),
    (
        "reference.read",
        "a record that another refers to was read, nothing is written yet",
    ),
    (
        "reference.applied",
        "it is written, what refers to it is not",
    ),
    (
        "scan.wanted",
        "the event asked for a scan, no check message is sent yet",
    ),
    (
        "scan.page_read",
        "a page of the approvals list was read, nothing is written yet",
    ),
    ("scan.page_applied", "it is written"),
    (
        "scan.applied",
        "the whole list is written, the scan row is not",
    ),
    (
        "scan.finished",
        "the scan row says done, the message is not answered",
    ),
    (
        "job.created",
        "the job's row is written, no message is sent yet",
    ),
    ("job.claimed", "the lease is taken, nothing is done yet"),
    (
        "job.page_read",
        "a page was read from Clockify, nothing is written yet",
    ),
    ("job.page_applied", "a page and its checkpoint are written"),
    (
        "job.released",
        "the lease is given back, the next message is not sent yet",
    ),
    (
        "job.passed_on",
        "the next message is sent, this one is not answered",
    ),
    (
        "job.finished",
        "the job is finished, the message is not answered",
    ),
    (
        "balance.read",
        "the balance before a push is read, nothing is decided yet",
    ),
    (
        "balance.intended",
        "the intent of a balance push is committed, nothing is sent yet",
    ),
    ("balance.sent", "it is sent, and not read back"),
    (
        "balance.read_back",
        "the balance after it is read, nothing is written yet",
    ),
    ("balance.settled", "what the push did is written"),
    (
        "resend.sent",
        "the copy of a failed message is sent, the message is not answered",
    ),
    (
        "dead_letter.filed",
        "a poison message is filed, and still stands in its queue",
    ),
];

/// Dies here, if a test wants that.
#[cfg(not(debug_assertions))]
pub fn crash_point(_place: &'static str) {}

#[cfg(debug_assertions)]
pub use armed::{crash_point, killed_at};

#[cfg(debug_assertions)]
mod armed {
    use std::{
        cell::Cell,
        sync::{
            LazyLock,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::CRASH_POINTS;

    /// A place and how many passages are left until it kills.
    struct Armed {
        place: String,
        passages_left: Cell<u32>,
    }

    tokio::task_local! {
        static ARMED: Armed;
    }

    static CRASH_AT: LazyLock<Option<(String, AtomicU32)>> = LazyLock::new(|| {
        let wanted = std::env::var("CRASH_AT")
            .ok()
            .filter(|place| !place.is_empty())?;
        let (place, passage) = wanted.split_once(':').unwrap_or((wanted.as_str(), "1"));
        Some((
            place.to_owned(),
            AtomicU32::new(passage.parse().unwrap_or(1)),
        ))
    });

    /// Dies here, if a test wants that.
    pub fn crash_point(place: &'static str) {
        debug_assert!(
            CRASH_POINTS.iter().any(|(known, _)| *known == place),
            "{place} is missing from the table of crash points"
        );
        if let Some((wanted, left)) = CRASH_AT.as_ref()
            && wanted == place
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
        let dies = ARMED.try_with(|armed| {
            if armed.place != place {
                return false;
            }
            let left = armed.passages_left.get();
            armed.passages_left.set(left.saturating_sub(1));
            left == 1
        });
        if dies == Ok(true) {
            // Without the hook, which would print each of many such deaths.
            std::panic::resume_unwind(Box::new(Killed));
        }
    }

    /// What a killed task leaves behind.
    struct Killed;

    /// Runs `work` and kills it at the `passage`-th time that it comes past `place`. None: it was killed;
    /// `Some`: it never came there so often.
    pub async fn killed_at<T>(
        place: &'static str,
        passage: u32,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        use futures::FutureExt;

        let armed = Armed {
            place: place.to_owned(),
            passages_left: Cell::new(passage),
        };
        let work = ARMED.scope(armed, std::panic::AssertUnwindSafe(work).catch_unwind());
        match work.await {
            Ok(done) => Some(done),
            Err(cause) if cause.is::<Killed>() => None,
            Err(cause) => std::panic::resume_unwind(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_armed_place_kills_at_the_passage_asked_for() {
        let passages = std::cell::Cell::new(0);
        let work = async {
            for _ in 0..5 {
                passages.set(passages.get() + 1);
                crash_point("job.page_applied");
            }
        };
        assert_eq!(killed_at("job.page_applied", 3, work).await, None);
        assert_eq!(passages.get(), 3);
    }

    #[tokio::test]
    async fn other_places_and_unarmed_tasks_live_on() {
        crash_point("job.claimed");
        let work = async { crash_point("job.claimed") };
        assert_eq!(killed_at("job.finished", 1, work).await, Some(()));
    }

    #[test]
    fn no_place_is_named_twice() {
        let mut names: Vec<_> = CRASH_POINTS.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CRASH_POINTS.len());
    }
}

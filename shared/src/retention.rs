//! The job that trims what need not be kept for ever; the weekly timer asks for it (`domain.md` §8 and §10).

use futures::future::BoxFuture;

use crate::{
    jobs::{Progress, Slice, Stats, Work, WorkError},
    settings::{RetentionSettings, Settings},
    store::retention::{BATCH, Trimmed, trim},
};

/// Trims each table by the days that the settings give it.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    settings: RetentionSettings,
    delivery_days: u32,
}

impl Retention {
    /// By these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.retention,
            delivery_days: settings.sync.delivery_days,
        }
    }

    fn days(&self, what: Trimmed) -> u32 {
        match what {
            Trimmed::Deliveries | Trimmed::DeadLetters => self.delivery_days,
            Trimmed::Answers => self.settings.idempotency_days,
            Trimmed::Audit => self.settings.audit_days,
        }
    }

    /// A batch in a transaction of its own. Where it was interrupted it begins anew: what is gone is gone.
    async fn trim_all(&self, slice: &Slice) -> Result<Progress, WorkError> {
        for what in Trimmed::ALL {
            loop {
                let days = self.days(what);
                let gone = slice
                    .store()
                    .write(async |mut tx| {
                        slice.hold(&mut tx).await?;
                        let deleted = trim(&mut tx, what, days).await?;
                        let done = Stats {
                            deleted,
                            ..Stats::default()
                        };
                        slice.save(&mut tx, &(), done).await?;
                        Ok::<_, WorkError>(deleted)
                    })
                    .await?;
                if gone < u64::from(BATCH) {
                    break;
                }
                if slice.is_spent() {
                    return Ok(Progress::More);
                }
            }
        }
        Ok(Progress::Done(Vec::new()))
    }
}

impl Work for Retention {
    fn run<'a>(&'a self, slice: &'a Slice) -> BoxFuture<'a, Result<Progress, WorkError>> {
        Box::pin(self.trim_all(slice))
    }
}

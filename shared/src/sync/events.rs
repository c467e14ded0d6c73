//! Applying webhooks (`design.md` §2, *Event*): the delivery is recorded, the record read again from Clockify, and what
//! it says written. The body is believed in one thing alone: which record to look at.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    Mirror, SyncError,
    coalesce::ScanPace,
    envelope::{Envelope, EventMessage},
    hold::Settles,
    reread::{Reread, Single},
};
use crate::{
    azure::{
        blobs::Blobs,
        queues::{CLOCKIFY_EVENTS, Queues},
    },
    clockify::{
        events::{Action, Event, Reference, Resource},
        wire,
    },
    crash_point::crash_point,
    domain::{
        employee::{Employee, Group},
        expense::Expense,
        ids::{DeliveryId, EmployeeId},
        project::{Client, Project, Tag, Task},
        time_entry::TimeEntry,
        time_off::TimeOffRequest,
        timesheet::TimesheetState,
    },
    jobs::{Delivered, resend::Tries},
    store::{
        delivery::{self, Arrival, Outcome},
        lease::Claim,
        scan,
    },
};

/// Applies the messages of the queue `clockify-events`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events {
    pub(super) mirror: Mirror,
    pub(super) queues: Queues,
    blobs: Blobs,
    pub(super) pace: ScanPace,
}

/// A webhook, opened.
struct Opened<'a> {
    envelope: &'a Envelope,
    body: Vec<u8>,
    /// None: it is no JSON.
    json: Option<Json>,
}

impl Events {
    /// Events for that database, those queues, and those blobs where large bodies lie.
    pub fn new(mirror: Mirror, queues: Queues, blobs: Blobs) -> Self {
        Self {
            mirror,
            queues,
            blobs,
            pace: ScanPace::default(),
        }
    }

    /// Changes how long a scan waits for more events, for tests.
    #[must_use]
    pub fn with_pace(mut self, pace: ScanPace) -> Self {
        self.pace = pace;
        self
    }

    /// Applies one message.
    ///
    /// `Ok` means that it is done with: applied, or of no concern, or sent again as a copy because what failed passes by
    /// itself. An error is a failure for good: the message must fail too, and end as a dead letter.
    pub async fn apply(&self, delivered: Delivered<'_>) -> Result<(), SyncError> {
        let message = EventMessage::read(delivered.text).map_err(|cause| {
            SyncError::Malformed(format!("the message cannot be read: {cause}"))
        })?;
        let applied = match &message {
            EventMessage::Webhook(envelope) => {
                self.apply_webhook(envelope, delivered.message_id).await
            }
            EventMessage::Check(_) => self.check_scan(&message, delivered.message_id).await,
        };
        match applied {
            Ok(()) | Err(SyncError::LostLease) => Ok(()),
            Err(error) if error.is_transient() => self.send_again(&message, error).await,
            Err(error) => Err(error),
        }
    }

    async fn apply_webhook(&self, envelope: &Envelope, message_id: &str) -> Result<(), SyncError> {
        let opened = self.open(envelope).await?;
        let Some(event) = Event::named(&envelope.event_type).filter(|event| event.is_used()) else {
            return self.note_ignored(&opened).await;
        };
        let reference = opened.json.as_ref().and_then(|json| event.reference(json));
        let Some(of) = reference else {
            return self.refuse(&opened).await;
        };
        if !self.is_of_our_workspace(&of).await? {
            return self.note_ignored(&opened).await;
        }
        if event.action == Action::ScanApprovals {
            return self.ask_for_scan(&opened, &of, message_id).await;
        }
        let delivery = self.record(&opened, &of.id).await?;
        crash_point("event.recorded");
        let applied = self.reread_record(event, &of, &delivery).await;
        if let Err(error) = &applied {
            self.note_failure(&delivery, error, envelope.tries.as_ref())
                .await;
        }
        applied
    }

    async fn open<'a>(&self, envelope: &'a Envelope) -> Result<Opened<'a>, SyncError> {
        let malformed = |what: &str| SyncError::Malformed(format!("the message has {what}"));
        let body = match (&envelope.body_base64, &envelope.blob) {
            (Some(text), _) => STANDARD
                .decode(text)
                .map_err(|_| malformed("a body that is no base64"))?,
            (None, Some(name)) => self.blobs.get(name).await?.to_vec(),
            (None, None) => return Err(malformed("no body")),
        };
        Ok(Opened {
            envelope,
            json: serde_json::from_slice(&body).ok(),
            body,
        })
    }

    /// Bodies about users and tasks do not name their workspace: those are taken for ours.
    async fn is_of_our_workspace(&self, of: &Reference) -> Result<bool, SyncError> {
        let Some(theirs) = &of.workspace_id else {
            return Ok(true);
        };
        let ours = self.mirror.client.workspace_id().await?;
        Ok(ours.as_str() == theirs)
    }

    async fn record(&self, opened: &Opened<'_>, record_id: &str) -> Result<DeliveryId, SyncError> {
        let sha256 = opened.sha256();
        let arrival = opened.arrival(record_id, &sha256, None);
        Ok(self
            .mirror
            .store
            .write(async |mut tx| delivery::record(&mut tx, &arrival).await)
            .await?)
    }

    async fn note_ignored(&self, opened: &Opened<'_>) -> Result<(), SyncError> {
        let delivery = self.record(opened, "").await?;
        self.settle(&delivery, Outcome::Ignored).await
    }

    async fn settle(&self, delivery: &DeliveryId, outcome: Outcome) -> Result<(), SyncError> {
        Ok(self
            .mirror
            .store
            .write(async |mut tx| delivery::settle(&mut tx, delivery, outcome).await)
            .await?)
    }

    /// A body that does not say which record it is about: it is kept, and a person has to look.
    async fn refuse(&self, opened: &Opened<'_>) -> Result<(), SyncError> {
        let delivery = self.record(opened, "").await?;
        let error = SyncError::Malformed(format!(
            "the body of {} names no record",
            opened.envelope.event_type
        ));
        self.note_failure(&delivery, &error, None).await;
        Err(error)
    }

    /// Notes why a delivery is not applied. Where not even that can be noted, the message says it all the same.
    async fn note_failure(&self, delivery: &DeliveryId, error: &SyncError, tries: Option<&Tries>) {
        let for_good = is_for_good(error, tries);
        let text = error.to_string();
        let noted = self
            .mirror
            .store
            .write(async |mut tx| delivery::failed(&mut tx, delivery, &text, for_good).await)
            .await;
        if let Err(cause) = noted {
            tracing::warn!(delivery.id = %delivery, error = %cause, "a failure could not be noted");
        }
    }

    async fn reread_record(
        &self,
        event: &Event,
        of: &Reference,
        delivery: &DeliveryId,
    ) -> Result<(), SyncError> {
        match event.resource {
            Resource::TimeEntry => {
                self.reread::<TimeEntry>(of, delivery).await?;
                if event.action == Action::RereadDay {
                    self.reread_day(of).await?;
                }
                Ok(())
            }
            Resource::Project => self.reread::<Project>(of, delivery).await,
            Resource::Task if of.project_id.is_none() => Err(SyncError::Malformed(
                "a task's body names no project".to_owned(),
            )),
            Resource::Task => self.reread::<Task>(of, delivery).await,
            Resource::Client => self.reread::<Client>(of, delivery).await,
            Resource::Tag => self.reread::<Tag>(of, delivery).await,
            Resource::Employee => self.reread::<Employee>(of, delivery).await,
            Resource::Group => self.reread::<Group>(of, delivery).await,
            Resource::TimeOffRequest => self.reread::<TimeOffRequest>(of, delivery).await,
            Resource::Expense => self.reread::<Expense>(of, delivery).await,
            Resource::Timesheet
            | Resource::Balance
            | Resource::Rate
            | Resource::Invoice
            | Resource::Assignment
            | Resource::Invitation => self.settle(delivery, Outcome::Ignored).await,
        }
    }

    async fn reread<R: Single>(
        &self,
        of: &Reference,
        delivery: &DeliveryId,
    ) -> Result<(), SyncError> {
        let settles = |reread| Settles {
            delivery,
            outcome: match reread {
                Reread::Stored => Outcome::Applied,
                Reread::Gone => Outcome::Gone,
            },
        };
        self.mirror.reread::<R, _>(of, settles).await?;
        Ok(())
    }

    /// All entries of the person around that time: a split makes entries that the body does not name.
    async fn reread_day(&self, of: &Reference) -> Result<(), SyncError> {
        let (Some(user), Some(when)) = (&of.user_id, of.when) else {
            return Ok(());
        };
        let employee_id = EmployeeId(user.clone());
        let zone = &self.mirror.rules.zone;
        self.mirror
            .reread_days(&employee_id, zone.date_of(when.from), zone.date_of(when.to))
            .await
    }

    /// Counts an approval event; whoever gets the lease scans for all that wait.
    async fn ask_for_scan(
        &self,
        opened: &Opened<'_>,
        of: &Reference,
        message_id: &str,
    ) -> Result<(), SyncError> {
        let told = opened.told_state();
        let sha256 = opened.sha256();
        let arrival = opened.arrival(
            &of.id,
            &sha256,
            told.as_ref().map(|(state, at)| (state, *at)),
        );
        let claim = self
            .mirror
            .store
            .write(async |mut tx| {
                delivery::record(&mut tx, &arrival).await?;
                scan::want(&mut tx, message_id).await
            })
            .await?;
        crash_point("scan.wanted");
        match claim {
            Claim::Ours(owned) => self.scan_for_event(owned.fence).await,
            // The owner sees that more is wanted, and scans again for this one too.
            Claim::Held { .. } | Claim::NothingToDo => Ok(()),
        }
    }

    /// Sends a copy that comes later, or gives up after a day.
    async fn send_again(&self, message: &EventMessage, error: SyncError) -> Result<(), SyncError> {
        let now = Timestamp::now();
        let tries = Tries::after(message.tries(), &error.to_string(), now);
        let Some(delay) = tries.delay(now, error.retry_after()) else {
            return Err(error);
        };
        tracing::warn!(
            event.tries = tries.attempt,
            error = %error,
            delay_s = delay.as_secs(),
            "an event is tried again later"
        );
        let copy = message.after(Some(tries));
        self.queues
            .send(CLOCKIFY_EVENTS, &copy.to_text(), delay)
            .await?;
        crash_point("resend.sent");
        Ok(())
    }
}

/// Whether no try comes after this failure by itself.
pub(super) fn is_for_good(error: &SyncError, tries: Option<&Tries>) -> bool {
    let now = Timestamp::now();
    !error.is_transient() || Tries::after(tries, "", now).delay(now, None).is_none()
}

impl Opened<'_> {
    fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.body))
    }

    fn arrival<'b>(
        &'b self,
        record_id: &'b str,
        body_sha256: &'b str,
        told: Option<(&'b TimesheetState, Timestamp)>,
    ) -> Arrival<'b> {
        Arrival {
            event_type: &self.envelope.event_type,
            record_id,
            body_sha256,
            received_at: self.envelope.received_at,
            event_id: &self.envelope.event_id,
            told,
        }
    }

    /// The state that an approval's body tells, and since when: the only trace of REJECTED and WITHDRAWN_SUBMISSION.
    fn told_state(&self) -> Option<(TimesheetState, Timestamp)> {
        let request: wire::ApprovalRequest = serde_json::from_slice(&self.body).ok()?;
        let status = request.status?;
        let at: Timestamp = status.updated_at?.parse().ok()?;
        Some((TimesheetState::from(status.state?), at))
    }
}

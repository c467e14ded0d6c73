//! The language of the stories: who the company is and what happens there, in the order in which it is told.
//!
//! ```no_run
//! # async fn tell() {
//! use end_to_end::company::company;
//!
//! let story = company(60)
//!     .week("2026-10-25")
//!     .synced()
//!     .approve_all()
//!     .kill_handler_after(3)
//!     .play()
//!     .await;
//! # }
//! ```

use clockify_sim::{Config, Delivery, Fault, Switches};
use jiff::{Timestamp, civil::Date};
use local_host::FaultPlan;

use crate::story::Story;

/// A company of so many people, whose last full week is that of 25 October 2026 unless told otherwise.
pub fn company(people: usize) -> Company {
    Company {
        people,
        weeks: 2,
        seed: 1,
        sunday: jiff::civil::date(2026, 10, 25),
        settings: Vec::new(),
        webhooks_arrive: true,
        clockify_is_strict: false,
        is_on_azure: false,
        is_packaged: false,
        deeds: Vec::new(),
    }
}

/// A company and what happens there.
#[derive(Debug)]
pub struct Company {
    people: usize,
    weeks: usize,
    seed: u64,
    sunday: Date,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) webhooks_arrive: bool,
    clockify_is_strict: bool,
    pub(crate) is_on_azure: bool,
    pub(crate) is_packaged: bool,
    deeds: Vec<Deed>,
}

#[derive(Debug)]
enum Deed {
    Sync,
    ApproveAll,
    Host(FaultPlan),
    Clockify(Fault),
    Settle,
}

impl Company {
    /// The last full week begins with this Sunday; its timesheets wait for approval.
    #[must_use]
    pub fn week(mut self, sunday: &str) -> Self {
        self.sunday = sunday.parse().expect("a date");
        self
    }

    /// So many full weeks of history, that week included.
    #[must_use]
    pub fn weeks(mut self, weeks: usize) -> Self {
        self.weeks = weeks;
        self
    }

    /// Another company of the same size.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A setting of the app.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Files and queues lie in a storage account (Azurite), reached by the app's identity, instead of local stand-ins.
    #[must_use]
    pub fn on_azure(mut self) -> Self {
        self.is_on_azure = true;
        self
    }

    /// The app is the unpacked package, on Azure storage, and is told what the template and the platform tell it, and
    /// which Clockify and which day it is. Its database is SQLite all the same.
    #[must_use]
    pub fn packaged(mut self) -> Self {
        self.is_packaged = true;
        self.on_azure()
    }

    /// Clockify's webhooks are lost on their way; `Story::webhooks_of` says what they were.
    #[must_use]
    pub fn without_webhooks(mut self) -> Self {
        self.webhooks_arrive = false;
        self
    }

    /// Clockify is as strict as it is: 50 requests a second, three more attempts for a webhook, and an end of a webhook
    /// that fails too often. Only its gaps are a hundredth of what they are. One story of each person is told so; the
    /// others look at one thing each, and are told faster.
    #[must_use]
    pub fn with_strict_clockify(mut self) -> Self {
        self.clockify_is_strict = true;
        self
    }

    /// Everything is read from Clockify, and that is waited for.
    #[must_use]
    pub fn synced(self) -> Self {
        self.then(Deed::Sync)
    }

    /// Somebody clicks "Approve all"; the webhooks are on their way.
    #[must_use]
    pub fn approve_all(self) -> Self {
        self.then(Deed::ApproveAll)
    }

    /// During what was told last, the handler is killed as soon as it has answered so many invocations.
    #[must_use]
    pub fn kill_handler_after(mut self, answers: u32) -> Self {
        // Before it, or the answers might be there before the fault is.
        let before = self.deeds.len().saturating_sub(1);
        let kill = FaultPlan {
            kill_after: Some(answers),
            ..FaultPlan::default()
        };
        self.deeds.insert(before, Deed::Host(kill));
        self
    }

    /// The next messages are delivered again after they were done.
    #[must_use]
    pub fn deliver_twice(self, messages: u32) -> Self {
        self.then(Deed::Host(FaultPlan {
            deliver_twice: Some(messages),
            ..FaultPlan::default()
        }))
    }

    /// The next messages are delivered twice at the same time.
    #[must_use]
    pub fn deliver_together(self, messages: u32) -> Self {
        self.then(Deed::Host(FaultPlan {
            deliver_together: Some(messages),
            ..FaultPlan::default()
        }))
    }

    /// The next messages are gathered, and delivered the last one first.
    #[must_use]
    pub fn deliver_backward(self, messages: u32) -> Self {
        self.then(Deed::Host(FaultPlan {
            reverse: Some(messages),
            ..FaultPlan::default()
        }))
    }

    /// The next answers of the handler are lost after it did the work.
    #[must_use]
    pub fn lose_replies(self, answers: u32) -> Self {
        self.then(Deed::Host(FaultPlan {
            lose_replies: Some(answers),
            ..FaultPlan::default()
        }))
    }

    /// Clockify has trouble.
    #[must_use]
    pub fn clockify(self, fault: Fault) -> Self {
        self.then(Deed::Clockify(fault))
    }

    /// All webhooks are answered and all that follows from them is done.
    #[must_use]
    pub fn settled(self) -> Self {
        self.then(Deed::Settle)
    }

    /// Lets all of it happen, waits until nothing is left to do, and tells how the company stands then.
    pub async fn play(mut self) -> Story {
        let deeds = std::mem::take(&mut self.deeds);
        let story = Story::begin(self).await;
        for deed in deeds {
            match deed {
                Deed::Sync => drop(story.sync("all").await),
                Deed::ApproveAll => drop(story.approve_all().await),
                Deed::Host(plan) => story.host.add_faults(plan).await,
                Deed::Clockify(fault) => story.control.add_fault(&fault).await.expect("a fault"),
                Deed::Settle => story.settled().await,
            }
        }
        story.settled().await;
        story
    }

    fn then(mut self, deed: Deed) -> Self {
        self.deeds.push(deed);
        self
    }

    /// Monday morning after the week, in Edmonton.
    pub(crate) fn now(&self) -> Timestamp {
        let monday = self.sunday.checked_add(jiff::Span::new().days(8));
        let morning = monday.expect("a date").at(15, 0, 0, 0);
        let instant = morning.to_zoned(jiff::tz::TimeZone::UTC);
        instant.expect("an instant").timestamp()
    }

    pub(crate) fn config(&self) -> Config {
        // Clockify's own gaps are 14 to 70 s; who waits for those learns nothing more.
        let switches = if self.clockify_is_strict {
            Switches {
                delivery: Delivery {
                    retry_gaps_ms: vec![140, 300, 700],
                    ..Delivery::default()
                },
                ..Switches::default()
            }
        } else {
            let attempts = if self.webhooks_arrive { 200 } else { 0 };
            Switches {
                requests_per_second: None,
                delivery: Delivery {
                    retry_gaps_ms: vec![20; attempts],
                    switch_off_after: 0,
                    ..Delivery::default()
                },
                ..Switches::default()
            }
        };
        Config {
            people: self.people,
            weeks: self.weeks,
            seed: self.seed,
            now: self.now(),
            switches,
            ..Config::default()
        }
    }
}

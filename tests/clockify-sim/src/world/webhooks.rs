//! The webhooks of the workspace, and every attempt to post one.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{Event, Refusal, World};
use crate::{
    chance::Chance,
    id::{Id, Kind},
};

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) url: String,
    /// One webhook carries one type of event (clockify.md §1).
    pub(crate) event: String,
    pub(crate) token: String,
    /// False once Clockify has stopped delivery after too many failures.
    pub(crate) delivers: bool,
    pub(crate) failed_in_a_row: u32,
}

/// One webhook on its way to one address. Every attempt carries the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// Counts all parcels of the simulation.
    pub(crate) number: u64,
    pub(crate) webhook: Id,
    pub(crate) event: &'static str,
    pub(crate) body: Bytes,
    /// 1 for the first attempt.
    pub(crate) attempt: u32,
}

/// What became of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) parcel: Parcel,
    pub(crate) webhook: Id,
    pub(crate) at: i64,
    /// None: no answer at all.
    pub(crate) status: Option<u16>,
    pub(crate) answer: String,
    pub(crate) idempotency_key: String,
}

impl Attempt {
    pub(crate) fn succeeded(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// Attempts that are kept; older ones are forgotten.
const KEPT_ATTEMPTS: usize = 20_000;
const PARCELS: u64 = 0x0700;
const TOKENS: u64 = 0x0701;

#[derive(Debug, Default)]
pub(super) struct Post {
    webhooks: Vec<Webhook>,
    attempts: VecDeque<Attempt>,
    held: Vec<Parcel>,
    parcels: u64,
    tokens: u64,
}

impl World {
    pub(crate) fn webhooks(&self) -> &[Webhook] {
        &self.post.webhooks
    }

    pub(crate) fn webhook(&self, id: Id) -> Option<&Webhook> {
        self.post.webhooks.iter().find(|webhook| webhook.id == id)
    }

    /// A token as Clockify makes one: 32 characters.
    pub(crate) fn new_token(&mut self) -> String {
        self.post.tokens += 1;
        let mut chance = self.company.chance().at(TOKENS).at(self.post.tokens);
        format!("{:016x}{:016x}", chance.next(), chance.next())
    }

    pub(crate) fn add_webhook(
        &mut self,
        name: String,
        url: String,
        event: String,
        token: Option<String>,
    ) -> Id {
        let token = token.unwrap_or_else(|| self.new_token());
        let id = self.made_id(Kind::Webhook);
        self.post.webhooks.push(Webhook {
            id,
            name,
            url,
            event,
            token,
            delivers: true,
            failed_in_a_row: 0,
        });
        id
    }

    pub(crate) fn edit_webhook(
        &mut self,
        id: Id,
        change: impl FnOnce(&mut Webhook),
    ) -> Result<(), Refusal> {
        let webhook = self
            .post
            .webhooks
            .iter_mut()
            .find(|webhook| webhook.id == id)
            .ok_or(Refusal::Gone("Webhook"))?;
        change(webhook);
        Ok(())
    }

    pub(crate) fn remove_webhook(&mut self, id: Id) {
        self.post.webhooks.retain(|webhook| webhook.id != id);
    }

    pub(crate) fn attempts(&self) -> &VecDeque<Attempt> {
        &self.post.attempts
    }

    fn chance_of_parcel(&self, number: u64) -> Chance {
        self.company.chance().at(PARCELS).at(number)
    }

    /// A new value on each attempt, useless for telling repeats apart (clockify.md §9.2).
    pub(crate) fn idempotency_key(&self, parcel: &Parcel) -> String {
        let mut chance = self
            .chance_of_parcel(parcel.number)
            .at(u64::from(parcel.attempt));
        let (high, low) = (chance.next(), chance.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0xFFF,
            low & 0xFFFF_FFFF_FFFF
        )
    }

    /// The parcels that events lead to, in the order in which they are posted: nothing of it is
    /// left to chance that the seed does not decide.
    pub(crate) fn pack(&mut self, events: &[Event]) -> Vec<Parcel> {
        let rules = self.switches.delivery.clone();
        let mut parcels = Vec::new();
        for event in events {
            let body = Bytes::from(event.body.to_string());
            for webhook in &self.post.webhooks {
                if webhook.event != event.name || !webhook.delivers {
                    continue;
                }
                self.post.parcels += 1;
                let parcel = Parcel {
                    number: self.post.parcels,
                    webhook: webhook.id,
                    event: event.name,
                    body: body.clone(),
                    attempt: 1,
                };
                let twice = rules.duplicate_every > 0
                    && self
                        .post
                        .parcels
                        .is_multiple_of(u64::from(rules.duplicate_every));
                if twice {
                    parcels.push(parcel.clone());
                }
                parcels.push(parcel);
            }
        }
        if rules.shuffle {
            self.shuffle(&mut parcels);
        }
        if rules.hold {
            self.post.held.append(&mut parcels);
        }
        parcels
    }

    /// Orders parcels by the seed.
    pub(crate) fn shuffle(&self, parcels: &mut [Parcel]) {
        let Some(first) = parcels.first() else { return };
        let mut chance = self.chance_of_parcel(first.number);
        for last in (1..parcels.len()).rev() {
            parcels.swap(last, chance.below(last + 1));
        }
    }

    pub(crate) fn take_held(&mut self) -> Vec<Parcel> {
        std::mem::take(&mut self.post.held)
    }

    pub(crate) fn held(&self) -> usize {
        self.post.held.len()
    }

    /// Records an attempt; true if the parcel should be tried again.
    pub(crate) fn attempted(&mut self, attempt: Attempt) -> bool {
        let succeeded = attempt.succeeded();
        let threshold = self.switches.delivery.switch_off_after;
        let tries = self.switches.delivery.retry_gaps_ms.len();
        let attempt_number = usize::try_from(attempt.parcel.attempt).unwrap_or(usize::MAX);
        let mut delivers = false;
        if let Some(webhook) = self
            .post
            .webhooks
            .iter_mut()
            .find(|webhook| webhook.id == attempt.webhook)
        {
            webhook.failed_in_a_row = if succeeded {
                0
            } else {
                webhook.failed_in_a_row + 1
            };
            if threshold > 0 && webhook.failed_in_a_row >= threshold {
                webhook.delivers = false;
            }
            delivers = webhook.delivers;
        }
        if self.post.attempts.len() == KEPT_ATTEMPTS {
            self.post.attempts.pop_front();
        }
        self.post.attempts.push_back(attempt);
        !succeeded && delivers && attempt_number <= tries
    }
}

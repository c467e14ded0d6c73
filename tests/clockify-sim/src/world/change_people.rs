//! People who join, change, leave and come back.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Refusal, World, given};
use crate::{
    company::{
        Rate,
        people::{Crew, FIELD_NAMES, Membership, Person, field_id},
        work::workspace_id,
    },
    id::{Id, Kind},
    wire,
};

/// What to change about a person; None leaves it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonChange {
    pub name: Option<String>,
    pub email: Option<String>,
    pub active: Option<bool>,
    pub zone: Option<String>,
    /// Minor units an hour; null takes it away.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub rate: Option<Option<i64>>,
    /// By the field's name; null clears it.
    pub fields: BTreeMap<String, Value>,
}

fn field_named(name: &str) -> Result<Id, Refusal> {
    FIELD_NAMES
        .iter()
        .position(|&(field, _, of_people)| of_people && field == name)
        .map(field_id)
        .ok_or(Refusal::Gone("Custom field"))
}

impl World {
    pub(crate) fn edit_person(
        &mut self,
        person: usize,
        change: PersonChange,
    ) -> Result<(), Refusal> {
        let mut row = self.people[person].clone();
        let mut events = Vec::new();
        if let Some(email) = change.email {
            let old = std::mem::replace(&mut row.email, email);
            events.push(("USER_EMAIL_CHANGED", Some(old)));
        }
        let fields_change = !change.fields.is_empty();
        for (name, value) in change.fields {
            row.fields.insert(field_named(&name)?, value);
        }
        if fields_change || change.name.is_some() || change.zone.is_some() || change.rate.is_some()
        {
            events.push(("USER_UPDATED", None));
        }
        if let Some(name) = change.name {
            row.name = Some(name);
        }
        if let Some(zone) = change.zone {
            crate::calendar::zone_named(&zone)
                .ok_or_else(|| Refusal::Invalid(format!("{zone} is not a time zone")))?;
            row.zone = zone;
        }
        if let Some(rate) = change.rate {
            row.rate = rate.map(Rate::cad);
        }
        if let Some(active) = change.active {
            row.membership = if active {
                Membership::Active
            } else {
                Membership::Inactive
            };
            events.push((
                if active {
                    "USER_ACTIVATED_ON_WORKSPACE"
                } else {
                    "USER_DEACTIVATED_ON_WORKSPACE"
                },
                None,
            ));
        }
        self.tick();
        for (event, old_email) in events {
            let body = match old_email {
                Some(old) => {
                    json!({"id": row.id, "email": row.email, "name": row.name, "oldEmail": old})
                }
                None => wire::people::webhook_body(&row),
            };
            self.tell(event, body);
        }
        self.people[person] = row;
        Ok(())
    }

    /// Somebody joins: he has no history, and records only what he is told to.
    pub(crate) fn add_person(
        &mut self,
        name: String,
        email: String,
        first_day: Date,
        fields: &BTreeMap<String, Value>,
    ) -> Result<Id, Refusal> {
        let fields = fields
            .iter()
            .map(|(name, value)| Ok((field_named(name)?, value.clone())))
            .collect::<Result<_, Refusal>>()?;
        let joined = self.tick();
        let person = Person {
            id: Id::new(Kind::User, joined, self.people.len() as u64 + 1),
            name: Some(name),
            email,
            membership: Membership::Active,
            zone: crate::company::COMPANY_ZONE.to_owned(),
            rate: Some(Rate::cad(9_000)),
            cost_rate: None,
            fields,
            crew: Crew::Field,
            first_day,
            last_day: None,
            removed: false,
        };
        self.tell("USER_JOINED_WORKSPACE", wire::people::webhook_body(&person));
        let id = person.id;
        self.people.push(person);
        Ok(id)
    }

    /// Somebody is invited, and has not answered yet: a row without a name or settings.
    pub(crate) fn invite_person(&mut self, email: String) -> Id {
        let invited = self.tick();
        let mut inviter = wire::people::webhook_body(&self.people[0]);
        if let Some(row) = inviter.as_object_mut() {
            row.remove("userCustomFields");
        }
        let body = json!({
            "workspaceId": workspace_id(),
            "inviter": inviter,
            "invitedUserEmails": [email],
        });
        self.tell("USERS_INVITED_TO_WORKSPACE", body);
        let person = Person {
            id: Id::new(Kind::User, invited, self.people.len() as u64 + 1),
            name: None,
            email,
            membership: Membership::Pending,
            zone: crate::company::COMPANY_ZONE.to_owned(),
            rate: None,
            cost_rate: None,
            fields: BTreeMap::new(),
            crew: Crew::Field,
            first_day: Date::MAX,
            last_day: None,
            removed: false,
        };
        let id = person.id;
        self.people.push(person);
        id
    }

    pub(crate) fn remove_person(&mut self, person: usize) {
        self.tick();
        let row = &mut self.people[person];
        row.removed = true;
        let body = json!({"id": row.id, "email": row.email, "name": row.name});
        self.tell("USER_DELETED_FROM_WORKSPACE", body);
    }
}

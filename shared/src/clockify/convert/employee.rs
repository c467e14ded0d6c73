//! Users become employees, with their custom fields by name (`domain.md` §3, *Employee*).

use jiff::civil::Date;
use serde_json::Value;

use super::{Conversion, Converted, reading};
use crate::{
    clockify::wire,
    domain::{
        employee::{Employee, EmployeeStatus, Group, RateType},
        flags::{FlagKind, employee_flags},
    },
};

/// The employee that a row of the users list describes.
pub fn employee(row: &wire::User, conversion: &Conversion) -> Converted<Employee> {
    let mut fields = Fields::of(row);
    let record = Employee {
        id: row.id.clone(),
        workspace_id: conversion.workspace_id.clone(),
        name: name(row),
        email: reading::text(row.email.as_deref()),
        status: fields.status(row),
        role: fields.text("Role"),
        start_date: fields.date("Start Date"),
        end_date: fields.date("End Date"),
        rate_type: fields.rate_type(),
        reporting_manager: fields.text("Reporting Manager"),
        has_truck: fields.checkbox("Truck"),
        truck_details: fields.text("Truck Details"),
        time_zone: row
            .settings
            .as_ref()
            .and_then(|settings| reading::text(settings.time_zone.as_deref())),
        is_stub: false,
    };
    let mut flags = employee_flags(&record);
    if fields.any_malformed {
        flags.push(FlagKind::EmployeeFieldMalformed);
    }
    Converted { record, flags }
}

/// Whoever was invited and has not come yet has an address alone; a blank line in a report would name nobody.
fn name(row: &wire::User) -> String {
    let name = row.name.clone().filter(|name| !name.trim().is_empty());
    name.or_else(|| reading::text(row.email.as_deref()))
        .unwrap_or_default()
}

/// A group with its members.
pub fn group(row: &wire::Group, conversion: &Conversion) -> Converted<Group> {
    Converted::sound(Group {
        id: row.id.clone(),
        workspace_id: reading::id(row.workspace_id.as_ref())
            .unwrap_or_else(|| conversion.workspace_id.clone()),
        name: row.name.clone().unwrap_or_default(),
        member_ids: reading::set(row.user_ids.iter().flatten().cloned()),
        archived: false,
    })
}

/// The custom fields of one person. Names are compared without case and outer blanks; an unknown one is
/// never asked for and so ignored.
struct Fields<'a> {
    fields: &'a [wire::CustomField],
    any_malformed: bool,
}

impl<'a> Fields<'a> {
    fn of(row: &'a wire::User) -> Self {
        let fields = row.custom_fields.as_deref();
        Self {
            fields: fields
                .or(row.user_custom_fields.as_deref())
                .unwrap_or_default(),
            any_malformed: false,
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.fields
            .iter()
            .find(|field| {
                field
                    .name()
                    .is_some_and(|its| its.trim().eq_ignore_ascii_case(name))
            })
            .and_then(|field| field.value.as_ref())
    }

    /// The value as text: numbers as they are written, several choices joined by commas.
    fn text(&mut self, name: &str) -> Option<String> {
        let words = match self.value(name)? {
            Value::Null => None,
            Value::String(word) => Some(word.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(choices) => choices
                .iter()
                .map(Value::as_str)
                .collect::<Option<Vec<_>>>()
                .map(|choices| choices.join(", "))
                .or_else(|| self.malformed()),
            Value::Bool(_) | Value::Object(_) => self.malformed(),
        };
        reading::text(words.as_deref())
    }

    fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.text(name)?;
        reading::date(&text).or_else(|| self.malformed())
    }

    /// `"0"` is salary, `"1"` hourly; the words themselves say the same and are understood too.
    fn rate_type(&mut self) -> Option<RateType> {
        let word = self.text("Rate Type")?;
        match word.to_ascii_lowercase().as_str() {
            "0" | "salary" => Some(RateType::Salary),
            "1" | "hourly" => Some(RateType::Hourly),
            _ => self.malformed(),
        }
    }

    fn checkbox(&mut self, name: &str) -> bool {
        match self.value(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(ticked)) => *ticked,
            Some(Value::String(word)) if word.eq_ignore_ascii_case("true") => true,
            Some(Value::String(word)) if word.eq_ignore_ascii_case("false") => false,
            Some(_) => self.malformed().unwrap_or(false),
        }
    }

    /// The membership's status. A word that nobody knew keeps the person among the active ones: whom
    /// Clockify lists is not forgotten, and is flagged.
    fn status(&mut self, row: &wire::User) -> EmployeeStatus {
        let of_membership = || {
            row.memberships
                .iter()
                .flatten()
                .find(|membership| membership.membership_type.as_deref() == Some("WORKSPACE"))
                .and_then(|membership| membership.membership_status.as_deref())
        };
        match row.status.as_deref().or_else(of_membership) {
            None | Some("ACTIVE") => EmployeeStatus::Active,
            Some("PENDING") => EmployeeStatus::Pending,
            Some("INACTIVE" | "DECLINED" | "DELETED") => EmployeeStatus::Inactive,
            Some(_) => self.malformed().unwrap_or(EmployeeStatus::Active),
        }
    }

    fn malformed<T>(&mut self) -> Option<T> {
        self.any_malformed = true;
        None
    }
}

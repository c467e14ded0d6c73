//! Expenses: the categories, and what people claimed.

use jiff::civil::Date;

use super::{Company, people::Crew, work::INTERNAL_PROJECTS};
use crate::id::{Id, Kind};

#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) id: Id,
    pub(crate) name: &'static str,
    /// Price of one unit in cents, and the unit, for categories that have one.
    pub(crate) price: Option<(i64, &'static str)>,
    pub(crate) archived: bool,
}

pub(crate) const MILEAGE: usize = 0;

pub(super) fn categories() -> Vec<Category> {
    [
        ("Mileage", Some((70, "km")), false),
        ("Meals & Per-diem 🍽️", None, false),
        ("Lodging", None, false),
        ("Survey supplies", None, false),
        ("Fuel (old)", None, true),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (name, price, archived))| Category {
        id: Id::new(Kind::Category, 0x61dc_6610, index as u64 + 1),
        name,
        price,
        archived,
    })
    .collect()
}

/// One claim.
#[derive(Clone, Debug)]
pub(crate) struct Expense {
    pub(crate) id: Id,
    pub(crate) person: usize,
    pub(crate) date: Date,
    pub(crate) project: Option<Id>,
    pub(crate) category: Option<Id>,
    pub(crate) notes: Option<String>,
    /// Hundredths of a unit.
    pub(crate) quantity: i64,
    pub(crate) billable: bool,
    pub(crate) file: Option<Id>,
    /// Cents.
    pub(crate) cents: i64,
}

impl Company {
    /// What a person claimed in a week: nothing in most.
    pub(crate) fn week_of_expenses(&self, person: usize, week: usize) -> Option<Expense> {
        let who = self.people.get(person)?;
        let mut chance = self.chance_of(super::CLAIMS, person, week);
        let day = 1 + chance.below(5);
        let date = self.calendar.date(week, day);
        let odds = if who.crew == Crew::Field { 6 } else { 16 };
        if week >= self.calendar.weeks() || !who.is_employed(date) || !chance.one_in(odds) {
            return None;
        }
        let category = match chance.below(20) {
            0 => None,
            1..=9 => Some(MILEAGE),
            other => Some(1 + other % 3),
        };
        let (quantity, cents) = if category == Some(MILEAGE) {
            let tenths = chance.between(200, 4_200);
            // 70 cents a kilometre, whole cents.
            (tenths * 10, tenths * 7)
        } else {
            (100, chance.between(900, 24_000))
        };
        let made = self.calendar.instant(week, day, 17 * 3600);
        let id = Id::in_week(Kind::Expense, made, person, week, 0);
        let project = (!chance.one_in(10))
            .then(|| self.projects[chance.below(self.projects.len() - INTERNAL_PROJECTS)].id);
        Some(Expense {
            id,
            person,
            date,
            billable: project.is_some(),
            project,
            category: category.map(|index| self.categories[index].id),
            notes: match chance.below(3) {
                0 => None,
                1 => Some(String::new()),
                _ => Some("Édson return".to_owned()),
            },
            quantity,
            file: (category != Some(MILEAGE) && chance.one_in(2))
                .then(|| Id::in_week(Kind::File, made, person, week, 0)),
            cents,
        })
    }
}

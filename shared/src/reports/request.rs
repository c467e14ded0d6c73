//! Which report somebody wants: its kind, its period by default or as given, and what is wrong with it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::{
    calendar::{Month, PayCalendar},
    ids::{LemSheetId, ProjectId},
    project::Project,
    time::{EndsBeforeStart, Period, Week},
};

/// No report reaches over more days: ten years.
const MOST_DAYS: i64 = 3660;
/// A year outside of these is a slip of the finger.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// The reports there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Payroll,
    Billing,
    BillableSummary,
    TimeStatus,
    LemSheet,
    LemTimesheet,
    BankedTime,
    ExpenseClaims,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::Payroll,
        Self::Billing,
        Self::BillableSummary,
        Self::TimeStatus,
        Self::LemSheet,
        Self::LemTimesheet,
        Self::BankedTime,
        Self::ExpenseClaims,
    ];

    /// Its word in addresses and in the kind of its job (`interface.md` §3).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payroll => "payroll",
            Self::Billing => "billing",
            Self::BillableSummary => "billable-summary",
            Self::TimeStatus => "time-status",
            Self::LemSheet => "lem-sheet",
            Self::LemTimesheet => "lem-timesheet",
            Self::BankedTime => "banked-time",
            Self::ExpenseClaims => "expense-claims",
        }
    }

    /// The report of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it shows pay figures, which are for `Payroll.Read` alone (`domain.md` §10).
    pub fn shows_pay(self) -> bool {
        matches!(self, Self::Payroll | Self::BankedTime | Self::ExpenseClaims)
    }

    fn takes_project(self) -> bool {
        matches!(self, Self::Billing | Self::LemTimesheet)
    }

    fn takes_month(self) -> bool {
        !matches!(self, Self::Payroll | Self::LemSheet)
    }

    /// The period where none is given; None where there is no usual one.
    fn usual_period(self, today: Date, pay_calendar: PayCalendar) -> Option<Period> {
        match self {
            Self::Payroll => Some(pay_calendar.last_complete(today)),
            Self::Billing => Some(Month::last_billed(today).billing_period()),
            Self::BillableSummary | Self::TimeStatus => Some(Week::last_complete(today).period()),
            Self::BankedTime => Some(year_of(today)),
            Self::ExpenseClaims => Some(Month::last_complete(today).calendar_period()),
            Self::LemSheet | Self::LemTimesheet => None,
        }
    }

    fn period_of_month(self, month: Month) -> Period {
        match self {
            Self::Billing => month.billing_period(),
            _ => month.calendar_period(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a caller asks for; every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub month: Option<Month>,
    pub project_code: Option<String>,
    pub project_id: Option<ProjectId>,
    pub lem_sheet_id: Option<LemSheetId>,
}

/// What a report job makes: its parameters, complete. Two equal orders of one kind are the same work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// None for a LEM sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lem_sheet_id: Option<LemSheetId>,
}

impl Order {
    /// The order for a period, as timers make it.
    pub fn of_period(period: Period) -> Self {
        Self {
            from: Some(period.first_day()),
            to: Some(period.last_day()),
            ..Self::default()
        }
    }

    pub(super) fn period(&self, kind: Kind) -> Result<Period, RequestError> {
        let missing = |field| RequestError::Missing { kind, field };
        let from = self.from.ok_or(missing("from"))?;
        let to = self.to.ok_or(missing("to"))?;
        Ok(Period::new(from, to)?)
    }

    pub(super) fn project(&self, kind: Kind) -> Result<&ProjectId, RequestError> {
        let field = "projectId";
        self.project_id
            .as_ref()
            .ok_or(RequestError::Missing { kind, field })
    }

    pub(super) fn lem_sheet(&self, kind: Kind) -> Result<&LemSheetId, RequestError> {
        let field = "lemSheetId";
        self.lem_sheet_id
            .as_ref()
            .ok_or(RequestError::Missing { kind, field })
    }
}

/// What is wrong with a request, as a sentence for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("send both from and to, or neither: {missing} is missing")]
    HalfAPeriod { missing: &'static str },
    #[error("{0}; send from before to")]
    EndsBeforeStart(#[from] EndsBeforeStart),
    #[error("the period has {0} days; at most {MOST_DAYS} are possible")]
    TooLong(i64),
    #[error("the period must lie in the years {} to {}", YEARS.start(), YEARS.end())]
    OutOfReach,
    #[error("send either month, or from and to, not both")]
    MonthAndPeriod,
    #[error("the report {kind} needs {field}")]
    Missing { kind: Kind, field: &'static str },
    #[error("the report {kind} does not take {field}")]
    NotTaken { kind: Kind, field: &'static str },
    #[error("send either projectId or projectCode, not both")]
    TwoProjects,
    #[error("there is no project with the id {0:?}")]
    UnknownProjectId(String),
    #[error("there is no project with the code {0:?}")]
    UnknownProjectCode(String),
    #[error("{0} projects have the code {1:?}; send projectId")]
    AmbiguousCode(usize, String),
    #[error("there is no LEM sheet with the id {0:?}")]
    UnknownLemSheet(String),
}

impl RequestError {
    /// The field at fault, as the caller sends it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::HalfAPeriod { missing } => missing,
            Self::EndsBeforeStart(_) | Self::TooLong(_) => "to",
            Self::OutOfReach => "from",
            Self::MonthAndPeriod => "month",
            Self::Missing { field, .. } | Self::NotTaken { field, .. } => field,
            Self::UnknownProjectId(_) | Self::TwoProjects => "projectId",
            Self::UnknownProjectCode(_) | Self::AmbiguousCode(..) => "projectCode",
            Self::UnknownLemSheet(_) => "lemSheetId",
        }
    }

    /// Whether it is about something that does not exist (404); else the request is malformed (400).
    pub fn is_unknown(&self) -> bool {
        matches!(
            self,
            Self::UnknownProjectId(_) | Self::UnknownProjectCode(_) | Self::UnknownLemSheet(_)
        )
    }
}

impl Request {
    /// Checks what can be checked without the database, and fills in the period. `today` is the local date
    /// of the business clock; `projects` are the stored ones, asked for only where the request names one.
    pub fn order(
        &self,
        kind: Kind,
        today: Date,
        pay_calendar: PayCalendar,
        projects: &[Project],
    ) -> Result<Order, RequestError> {
        let period = self.period(kind, today, pay_calendar)?;
        self.check_names(kind)?;
        Ok(Order {
            from: period.map(Period::first_day),
            to: period.map(Period::last_day),
            project_id: self.project(projects)?,
            lem_sheet_id: self.lem_sheet_id.clone(),
        })
    }

    /// Whether [`Request::order`] needs to know the projects.
    pub fn names_a_project(&self) -> bool {
        self.project_id.is_some() || self.project_code.is_some()
    }

    fn check_names(&self, kind: Kind) -> Result<(), RequestError> {
        let fields = [
            ("projectId", self.project_id.is_some(), kind.takes_project()),
            (
                "projectCode",
                self.project_code.is_some(),
                kind.takes_project(),
            ),
            (
                "lemSheetId",
                self.lem_sheet_id.is_some(),
                kind == Kind::LemSheet,
            ),
        ];
        for (field, is_given, is_taken) in fields {
            if is_given && !is_taken {
                return Err(RequestError::NotTaken { kind, field });
            }
        }
        let missing = |field| Err(RequestError::Missing { kind, field });
        match kind {
            Kind::LemTimesheet if !self.names_a_project() => missing("projectId"),
            Kind::LemSheet if self.lem_sheet_id.is_none() => missing("lemSheetId"),
            _ => Ok(()),
        }
    }

    /// Codes are compared without case and outer blanks; a project that is archived can be asked for too.
    fn project(&self, projects: &[Project]) -> Result<Option<ProjectId>, RequestError> {
        let code = match (&self.project_id, &self.project_code) {
            (Some(_), Some(_)) => return Err(RequestError::TwoProjects),
            (None, None) => return Ok(None),
            (Some(id), None) => {
                return if projects.iter().any(|project| project.id == *id) {
                    Ok(Some(id.clone()))
                } else {
                    Err(RequestError::UnknownProjectId(id.to_string()))
                };
            }
            (None, Some(code)) => code.trim(),
        };
        let bears_code = |project: &&Project| {
            let own = project.code.as_deref().unwrap_or_default();
            own.to_lowercase() == code.to_lowercase()
        };
        let found: Vec<&Project> = projects.iter().filter(bears_code).collect();
        match found[..] {
            [] => Err(RequestError::UnknownProjectCode(code.to_owned())),
            [only] => Ok(Some(only.id.clone())),
            _ => Err(RequestError::AmbiguousCode(found.len(), code.to_owned())),
        }
    }

    fn period(
        &self,
        kind: Kind,
        today: Date,
        pay_calendar: PayCalendar,
    ) -> Result<Option<Period>, RequestError> {
        let given = match (self.month, self.from, self.to) {
            (Some(_), None, None) if !kind.takes_month() => {
                return Err(RequestError::NotTaken {
                    kind,
                    field: "month",
                });
            }
            (Some(month), None, None) => Some(kind.period_of_month(month)),
            (Some(_), ..) => return Err(RequestError::MonthAndPeriod),
            (None, Some(from), Some(to)) => Some(Period::new(from, to)?),
            (None, Some(_), None) => return Err(RequestError::HalfAPeriod { missing: "to" }),
            (None, None, Some(_)) => return Err(RequestError::HalfAPeriod { missing: "from" }),
            (None, None, None) => None,
        };
        let period = match (kind, given) {
            (Kind::LemSheet, Some(_)) => {
                return Err(RequestError::NotTaken {
                    kind,
                    field: "from",
                });
            }
            (Kind::LemSheet, None) => return Ok(None),
            (_, Some(given)) => given,
            (_, None) => kind
                .usual_period(today, pay_calendar)
                .ok_or(RequestError::Missing {
                    kind,
                    field: "from",
                })?,
        };
        let period = match kind {
            Kind::BillableSummary | Kind::TimeStatus => period.whole_weeks(),
            _ => period,
        };
        if period.day_count() > MOST_DAYS {
            return Err(RequestError::TooLong(period.day_count()));
        }
        let years = [period.first_day().year(), period.last_day().year()];
        if years.iter().any(|year| !YEARS.contains(year)) {
            return Err(RequestError::OutOfReach);
        }
        Ok(Some(period))
    }
}

/// 1 January through 31 December.
fn year_of(today: Date) -> Period {
    let first_day = today.first_of_year();
    Period::new(first_day, today.last_of_year()).unwrap_or(Period::day(first_day))
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::domain::test_records::project;

    fn period(from: Date, to: Date) -> Period {
        Period::new(from, to).expect("a period")
    }

    fn ordered(request: &Request, kind: Kind, today: Date) -> Result<Order, RequestError> {
        let mut twin = project("p3", Some("TWO-001"), "Twin");
        twin.archived = true;
        let projects = [
            project("p1", Some("ABC-001"), "River Crossing"),
            project("p2", Some("TWO-001"), "Yard"),
            twin,
        ];
        request.order(kind, today, PayCalendar::default(), &projects)
    }

    fn default_period(kind: Kind, today: Date) -> Period {
        ordered(&Request::default(), kind, today)
            .expect("an order")
            .period(kind)
            .expect("a period")
    }

    /// `domain.md` §7, each default on every day of 2026: it is over, it is the newest that is, and it
    /// has the form that the section says.
    #[test]
    fn the_default_period_is_the_last_that_has_ended() {
        for today in date(2026, 1, 1).series(1.day()).take(365) {
            let pay = default_period(Kind::Payroll, today);
            assert_eq!(pay.day_count(), 14);
            assert_eq!(pay, PayCalendar::default().period_of(pay.first_day()));
            let week = default_period(Kind::TimeStatus, today);
            assert_eq!(week, Week::of(week.first_day()).period());
            assert_eq!(week, default_period(Kind::BillableSummary, today));
            let billing = default_period(Kind::Billing, today);
            assert!(billing.last_day().day() <= 25);
            let claims = default_period(Kind::ExpenseClaims, today);
            assert_eq!(claims.first_day().day(), 1);
            assert_eq!(claims.last_day(), claims.first_day().last_of_month());

            for (kind, days_at_most) in [
                (Kind::Payroll, 14),
                (Kind::TimeStatus, 7),
                (Kind::Billing, 35),
                (Kind::ExpenseClaims, 31),
            ] {
                let ended = default_period(kind, today).last_day();
                assert!(ended < today, "{kind} on {today}");
                assert!(
                    today <= ended.saturating_add(days_at_most.days()),
                    "{kind} on {today}"
                );
            }
            assert_eq!(
                default_period(Kind::BankedTime, today),
                period(date(2026, 1, 1), date(2026, 12, 31))
            );
        }
    }

    /// `domain.md` §7: "A week report's start moves back to Sunday and its end on to Saturday."
    #[test]
    fn week_reports_take_whole_weeks_and_others_the_days_as_given() {
        let given = Request {
            from: Some(date(2026, 11, 4)),
            to: Some(date(2026, 11, 10)),
            ..Request::default()
        };
        let cases = [
            (Kind::TimeStatus, date(2026, 11, 1), date(2026, 11, 14)),
            (Kind::BillableSummary, date(2026, 11, 1), date(2026, 11, 14)),
            (Kind::Payroll, date(2026, 11, 4), date(2026, 11, 10)),
            (Kind::Billing, date(2026, 11, 4), date(2026, 11, 10)),
        ];
        for (kind, from, to) in cases {
            let order = ordered(&given, kind, date(2026, 11, 22)).expect("an order");
            assert_eq!(order, Order::of_period(period(from, to)), "{kind}");
        }
    }

    #[test]
    fn a_month_is_billings_own_or_the_calendars() {
        let month = Request {
            month: Some("2026-11".parse().expect("a month")),
            ..Request::default()
        };
        let cases = [
            (Kind::Billing, date(2026, 10, 25), date(2026, 11, 21)),
            (Kind::ExpenseClaims, date(2026, 11, 1), date(2026, 11, 30)),
            (Kind::TimeStatus, date(2026, 11, 1), date(2026, 12, 5)),
        ];
        for (kind, from, to) in cases {
            let order = ordered(&month, kind, date(2026, 11, 22)).expect("an order");
            assert_eq!(order, Order::of_period(period(from, to)), "{kind}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_a_sentence() {
        let (first, last) = (Some(date(2026, 11, 1)), Some(date(2026, 11, 14)));
        let cases = [
            (
                Kind::Payroll,
                Request {
                    from: last,
                    to: first,
                    ..Request::default()
                },
                "to",
                "the period ends on 2026-11-01, before it starts on 2026-11-14; send from before to",
            ),
            (
                Kind::Payroll,
                Request {
                    from: first,
                    ..Request::default()
                },
                "to",
                "send both from and to, or neither: to is missing",
            ),
            (
                Kind::Payroll,
                Request {
                    month: Some("2026-11".parse().expect("a month")),
                    ..Request::default()
                },
                "month",
                "the report payroll does not take month",
            ),
            (
                Kind::Billing,
                Request {
                    month: Some("2026-11".parse().expect("a month")),
                    to: last,
                    ..Request::default()
                },
                "month",
                "send either month, or from and to, not both",
            ),
            (
                Kind::TimeStatus,
                Request {
                    from: Some(date(1900, 1, 1)),
                    to: last,
                    ..Request::default()
                },
                "to",
                "the period has 46340 days; at most 3660 are possible",
            ),
            (
                Kind::TimeStatus,
                Request {
                    from: Some(date(1899, 3, 1)),
                    to: Some(date(1899, 3, 2)),
                    ..Request::default()
                },
                "from",
                "the period must lie in the years 2000 to 2100",
            ),
            (
                Kind::TimeStatus,
                Request {
                    project_code: Some("ABC-001".into()),
                    ..Request::default()
                },
                "projectCode",
                "the report time-status does not take projectCode",
            ),
            (
                Kind::LemSheet,
                Request::default(),
                "lemSheetId",
                "the report lem-sheet needs lemSheetId",
            ),
            (
                Kind::LemTimesheet,
                Request {
                    project_code: Some("ABC-001".into()),
                    ..Request::default()
                },
                "from",
                "the report lem-timesheet needs from",
            ),
            (
                Kind::LemTimesheet,
                Request {
                    from: first,
                    to: last,
                    ..Request::default()
                },
                "projectId",
                "the report lem-timesheet needs projectId",
            ),
        ];
        for (kind, request, field, sentence) in cases {
            let error = ordered(&request, kind, date(2026, 11, 22)).expect_err(sentence);
            assert_eq!(error.to_string(), sentence);
            assert_eq!(error.field(), field, "{sentence}");
            assert!(!error.is_unknown());
        }
    }

    #[test]
    fn a_project_is_named_by_its_id_or_its_code() {
        let by_id = |id: &str| Request {
            project_id: Some(id.into()),
            ..Request::default()
        };
        let by_code = |code: &str| Request {
            project_code: Some(code.into()),
            ..Request::default()
        };
        let both = Request {
            project_id: Some("p1".into()),
            ..by_code("ABC-001")
        };
        let cases = [
            (by_id("p1"), Ok("p1")),
            (by_code("ABC-001"), Ok("p1")),
            (by_code(" abc-001 "), Ok("p1")),
            (
                by_id("p9"),
                Err((true, "there is no project with the id \"p9\"")),
            ),
            (
                by_code("ABC-999"),
                Err((true, "there is no project with the code \"ABC-999\"")),
            ),
            (
                by_code("TWO-001"),
                Err((
                    false,
                    "2 projects have the code \"TWO-001\"; send projectId",
                )),
            ),
            (
                both,
                Err((false, "send either projectId or projectCode, not both")),
            ),
        ];
        for (request, expected) in cases {
            match (
                ordered(&request, Kind::Billing, date(2026, 11, 22)),
                expected,
            ) {
                (Ok(order), Ok(id)) => assert_eq!(order.project_id, Some(id.into())),
                (Err(error), Err((is_unknown, sentence))) => {
                    assert_eq!(error.to_string(), sentence);
                    assert_eq!(error.is_unknown(), is_unknown, "{sentence}");
                }
                (found, expected) => panic!("{request:?}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn every_kind_has_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.as_str()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).expect("a word"),
                serde_json::Value::from(kind.as_str())
            );
        }
        assert_eq!(Kind::named("Payroll"), None);
    }

    /// The order is what a job keeps: it comes back as it was, and equal orders are equal text.
    #[test]
    fn an_order_survives_as_a_jobs_parameters() {
        let request = Request {
            project_code: Some("ABC-001".into()),
            ..Request::default()
        };
        let order = ordered(&request, Kind::Billing, date(2026, 11, 22)).expect("an order");
        let text = serde_json::to_string(&order).expect("JSON");
        assert_eq!(
            text,
            r#"{"from":"2026-10-25","to":"2026-11-21","projectId":"p1"}"#
        );
        assert_eq!(
            serde_json::from_str::<Order>(&text).expect("an order"),
            order
        );
    }
}

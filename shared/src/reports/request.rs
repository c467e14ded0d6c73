//! Which report somebody wants: its kind, its period by default or as given, and what is wrong with it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::{
    calendar::{Month, PayCalendar},
    ids::{LemSheetId, ProjectId},
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

/// What a report job makes: its parameters, complete. Two equal orders are the same work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub kind: Kind,
    /// None for a LEM sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Days>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lem_sheet_id: Option<LemSheetId>,
}

/// A period as the parameters of a job keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    from: Date,
    to: Date,
}

impl From<Period> for Days {
    fn from(period: Period) -> Self {
        Self {
            from: period.first_day(),
            to: period.last_day(),
        }
    }
}

impl Days {
    /// The period that was validated when the order was made.
    pub fn period(self) -> Result<Period, RequestError> {
        Ok(Period::new(self.from, self.to)?)
    }
}

/// How the caller names a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProjectChoice {
    Id(ProjectId),
    Code(String),
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
    #[error("there is no project with the {} {:?}", choice_word(.0), choice_text(.0))]
    UnknownProject(ProjectChoice),
    #[error("{0} projects have the code {1:?}; send projectId")]
    AmbiguousCode(usize, String),
    #[error("there is no LEM sheet with the id {:?}", .0.as_str())]
    UnknownLemSheet(LemSheetId),
}

fn choice_word(choice: &ProjectChoice) -> &'static str {
    match choice {
        ProjectChoice::Id(_) => "id",
        ProjectChoice::Code(_) => "code",
    }
}

fn choice_text(choice: &ProjectChoice) -> &str {
    match choice {
        ProjectChoice::Id(id) => id.as_str(),
        ProjectChoice::Code(code) => code,
    }
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
            Self::UnknownProject(ProjectChoice::Id(_)) | Self::TwoProjects => "projectId",
            Self::UnknownProject(ProjectChoice::Code(_)) | Self::AmbiguousCode(..) => "projectCode",
            Self::UnknownLemSheet(_) => "lemSheetId",
        }
    }

    /// Whether it is about something that does not exist (404); else the request is malformed (400).
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::UnknownProject(_) | Self::UnknownLemSheet(_))
    }
}

impl Request {
    /// Checks the request and fills in what is not given. `today` is the local date of the business clock.
    pub fn order(
        self,
        kind: Kind,
        today: Date,
        pay_calendar: PayCalendar,
    ) -> Result<Order, RequestError> {
        let days = self.period(kind, today, pay_calendar)?;
        let project = match (self.project_id, self.project_code) {
            (Some(_), Some(_)) => return Err(RequestError::TwoProjects),
            (Some(id), None) => Some((ProjectChoice::Id(id), "projectId")),
            (None, Some(code)) => Some((ProjectChoice::Code(code), "projectCode")),
            (None, None) => None,
        };
        match (&project, &self.lem_sheet_id) {
            (Some((_, field)), _) if !kind.takes_project() => {
                return Err(RequestError::NotTaken { kind, field });
            }
            (None, _) if kind == Kind::LemTimesheet => {
                return Err(RequestError::Missing {
                    kind,
                    field: "projectId",
                });
            }
            (_, None) if kind == Kind::LemSheet => {
                return Err(RequestError::Missing {
                    kind,
                    field: "lemSheetId",
                });
            }
            (_, Some(_)) if kind != Kind::LemSheet => {
                return Err(RequestError::NotTaken {
                    kind,
                    field: "lemSheetId",
                });
            }
            _ => {}
        }
        Ok(Order {
            kind,
            days: days.map(Days::from),
            project: project.map(|(choice, _)| choice),
            lem_sheet_id: self.lem_sheet_id,
        })
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

    fn period(from: Date, to: Date) -> Period {
        Period::new(from, to).expect("a period")
    }

    fn default_period(kind: Kind, today: Date) -> Period {
        Request::default()
            .order(kind, today, PayCalendar::default())
            .expect("an order")
            .days
            .expect("days")
            .period()
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
            let order = given
                .clone()
                .order(kind, date(2026, 11, 22), PayCalendar::default())
                .expect("an order");
            assert_eq!(order.days, Some(period(from, to).into()), "{kind}");
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
            let order = month
                .clone()
                .order(kind, date(2026, 11, 22), PayCalendar::default())
                .expect("an order");
            assert_eq!(order.days, Some(period(from, to).into()), "{kind}");
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
            let error = request
                .order(kind, date(2026, 11, 22), PayCalendar::default())
                .expect_err(sentence);
            assert_eq!(error.to_string(), sentence);
            assert_eq!(error.field(), field, "{sentence}");
            assert!(!error.is_unknown());
        }
        let unknown = RequestError::UnknownProject(ProjectChoice::Code("ABC-999".into()));
        assert_eq!(
            unknown.to_string(),
            "there is no project with the code \"ABC-999\""
        );
        assert!(unknown.is_unknown());
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
        let order = Request {
            project_code: Some("ABC-001".into()),
            ..Request::default()
        }
        .order(Kind::Billing, date(2026, 11, 22), PayCalendar::default())
        .expect("an order");
        let text = serde_json::to_string(&order).expect("JSON");
        assert_eq!(
            text,
            r#"{"kind":"billing","days":{"from":"2026-10-25","to":"2026-11-21"},"project":{"code":"ABC-001"}}"#
        );
        assert_eq!(
            serde_json::from_str::<Order>(&text).expect("an order"),
            order
        );
    }
}

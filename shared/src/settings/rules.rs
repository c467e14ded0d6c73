//! The figures of the business that `domain.md` marks as settings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{parse, reader::Reader};
use crate::domain::ids::{EmployeeId, PolicyId};

/// How hours become pay (`domain.md` §3, §4, §7 *Payroll*).
#[derive(Clone, Debug)]
pub struct PaySettings {
    /// Hours of an entry are rounded to the nearest so many minutes, half up.
    pub rounding_minutes: u32,
    pub day_length_hours: Decimal,
    /// Tags that make a day a banked one, as written, with the regular hours of that day.
    pub day_length_tags: BTreeMap<String, Decimal>,
    /// Whether hourly staff get the greater of daily and weekly overtime.
    pub hourly_weekly_test: bool,
    pub weekly_overtime_hours: Decimal,
    pub stat_hours: Decimal,
    /// Hours of a day in a policy that counts days.
    pub policy_day_hours: Decimal,
    /// By the policy's id or name, as written; for the rest the name decides.
    pub policy_pay: BTreeMap<String, PolicyPay>,
    /// A Sunday on which a pay period of two weeks began.
    pub pay_period_anchor: Date,
    /// Hours per weekday against which a salaried total is checked.
    pub salary_day_hours: Decimal,
    pub salary_day_hours_of: BTreeMap<EmployeeId, Decimal>,
    /// A longer entry is flagged.
    pub long_entry_hours: Decimal,
}

/// To whom a time-off policy pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyPay {
    All,
    Salary,
    None,
}

/// What is pushed to Clockify, and when not (`domain.md` §5).
#[derive(Clone, Debug)]
pub struct BalanceSettings {
    pub banked_policy_id: Option<PolicyId>,
    pub vacation_policy_id: Option<PolicyId>,
    pub push: BalancePush,
    /// A greater difference is held.
    pub hold_hours: Decimal,
    pub vacation_hours_per_day: Decimal,
    pub vacation_carry_over: CarryOver,
}

/// What Clockify is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalancePush {
    /// The difference, which it adds.
    Delta,
    /// The new balance.
    Absolute,
}

/// How much of last year's vacation opens the new year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarryOver {
    All,
    AtMost(Decimal),
    None,
}

/// What reports show and count (`domain.md` §7).
#[derive(Clone, Debug)]
pub struct ReportSettings {
    pub paper: Paper,
    pub billing_prefix: String,
    /// Dollars per hour of a person with a truck.
    pub truck_rate_per_hour: Decimal,
    /// First day for which a missing timesheet is reported.
    pub records_start: Date,
    /// Who need not submit timesheets.
    pub timesheet_exempt: BTreeSet<EmployeeId>,
    pub mileage_limit_km: Decimal,
    /// Dollars per kilometre beyond the limit.
    pub mileage_rate_beyond: Decimal,
    pub date_order: DateOrder,
}

/// The paper that workbooks are laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    Letter,
    A4,
}

/// How a date with slashes is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrder {
    MonthDayYear,
    DayMonthYear,
}

/// A decimal as JSON writes it, exact.
#[derive(Deserialize)]
struct Exact(#[serde(with = "rust_decimal::serde::arbitrary_precision")] Decimal);

pub(super) fn read_pay(reader: &mut Reader<'_>) -> PaySettings {
    PaySettings {
        rounding_minutes: reader.value("HOURS_ROUNDING_MINUTES", |text| {
            parse::count(3, 60)(text)
                .ok()
                .filter(|minutes| [3, 6, 12, 15, 30, 60].contains(minutes))
                .ok_or_else(|| "3, 6, 12, 15, 30 or 60".to_owned())
        }),
        day_length_hours: reader.value("DAY_LENGTH_HOURS", parse::day_hours),
        day_length_tags: read_hours_by_name(
            reader,
            "DAY_LENGTH_TAGS",
            "JSON like {\"BANKED - SITE\": 8.5}",
        ),
        hourly_weekly_test: reader.value("HOURLY_WEEKLY_TEST", parse::switch),
        weekly_overtime_hours: reader.value("WEEKLY_OVERTIME_HOURS", parse::hundredths(168)),
        stat_hours: reader.value("STAT_HOURS", parse::day_hours),
        policy_day_hours: reader.value("POLICY_DAY_HOURS", |text| {
            parse::day_hours(text)
                .ok()
                .filter(|hours| !hours.is_zero())
                .ok_or_else(|| "a number over 0, at most 24, with at most two decimals".to_owned())
        }),
        policy_pay: reader.json(
            "POLICY_PAY",
            "JSON like {\"Jury duty\": \"all\"} with all, salary or none",
        ),
        pay_period_anchor: reader.value("PAY_PERIOD_ANCHOR", parse::sunday),
        salary_day_hours: reader.value("SALARY_DAY_HOURS", parse::day_hours),
        salary_day_hours_of: read_hours_by_name(
            reader,
            "SALARY_DAY_HOURS_OF",
            "JSON like {\"employee id\": 6}",
        )
        .into_iter()
        .map(|(id, hours)| (EmployeeId(id), hours))
        .collect(),
        long_entry_hours: reader.value("LONG_ENTRY_HOURS", parse::hundredths(1000)),
    }
}

pub(super) fn read_balances(reader: &mut Reader<'_>) -> BalanceSettings {
    BalanceSettings {
        banked_policy_id: reader
            .optional("BANKED_POLICY_ID", parse::text)
            .map(PolicyId),
        vacation_policy_id: reader
            .optional("VACATION_POLICY_ID", parse::text)
            .map(PolicyId),
        push: reader.value("BALANCE_PUSH", |text| match text {
            "delta" => Ok(BalancePush::Delta),
            "absolute" => Ok(BalancePush::Absolute),
            _ => Err("`delta` or `absolute`".to_owned()),
        }),
        hold_hours: reader.value("BALANCE_HOLD_HOURS", parse::hundredths(10_000)),
        vacation_hours_per_day: reader.value("VACATION_HOURS_PER_DAY", parse::day_hours),
        vacation_carry_over: reader.value("VACATION_CARRY_OVER", |text| match text {
            "all" => Ok(CarryOver::All),
            "none" => Ok(CarryOver::None),
            hours => parse::hundredths(10_000)(hours)
                .map(CarryOver::AtMost)
                .map_err(|_| "`all`, `none`, or a number of hours".to_owned()),
        }),
    }
}

pub(super) fn read_reports(reader: &mut Reader<'_>) -> ReportSettings {
    ReportSettings {
        paper: reader.value("PAPER_SIZE", |text| {
            match text.to_ascii_lowercase().as_str() {
                "letter" => Ok(Paper::Letter),
                "a4" => Ok(Paper::A4),
                _ => Err("`letter` or `a4`".to_owned()),
            }
        }),
        billing_prefix: reader.value("BILLING_PREFIX", |text| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if text.chars().all(plain) {
                Ok(text.to_owned())
            } else {
                Err("letters, digits, `-` and `_`: it begins a file's name".to_owned())
            }
        }),
        truck_rate_per_hour: reader.value("TRUCK_RATE_PER_HOUR", parse::hundredths(10_000)),
        records_start: reader.value("RECORDS_START", parse::date),
        timesheet_exempt: reader.json("TIMESHEET_EXEMPT", "a JSON list like [\"employee id\"]"),
        mileage_limit_km: reader.value("MILEAGE_LIMIT_KM", parse::hundredths(1_000_000)),
        mileage_rate_beyond: reader.value("MILEAGE_RATE_BEYOND", parse::hundredths(1000)),
        date_order: reader.value("DATE_ORDER", |text| match text {
            "MDY" => Ok(DateOrder::MonthDayYear),
            "DMY" => Ok(DateOrder::DayMonthYear),
            _ => Err("`MDY` or `DMY`".to_owned()),
        }),
    }
}

/// A JSON object of name → hours of a day.
fn read_hours_by_name(
    reader: &mut Reader<'_>,
    name: &'static str,
    form: &str,
) -> BTreeMap<String, Decimal> {
    let written: BTreeMap<String, Exact> = reader.json(name, form);
    let mut hours = BTreeMap::new();
    for (key, Exact(number)) in written {
        if !parse::within(number, 24) {
            reader.fault(
                name,
                format!(
                    "has under `{key}` hours that are not from 0 to 24 with at most two decimals"
                ),
            );
        }
        hours.insert(key, number);
    }
    hours
}

//! The figures of the business that `domain.md` marks as settings.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{parse, reader::Reader};
use crate::{
    domain::{
        attendance::{BankedTag, PayRules, WeeklyTest},
        balances::{BankedRules, CarryOver, PushMode, PushRules, VacationRules},
        billing::BillingRules,
        calendar::PayCalendar,
        expense::MileageRules,
        flags::FlagRules,
        form_date::SlashOrder,
        ids::{EmployeeId, PolicyId},
        leave::{LeaveRules, PaidTo, PolicyPay},
        payroll::PayrollRules,
        time::Rounding,
        time_status::TimeStatusRules,
    },
    reports::{Paper, billing, payroll},
};

/// How hours become pay (`domain.md` §3, §4, §7 *Payroll*).
#[derive(Clone, Debug)]
pub struct PaySettings {
    pub rounding: Rounding,
    pub rules: PayRules,
    pub calendar: PayCalendar,
    pub payroll: PayrollRules,
    /// Columns of the payroll CSV, in order.
    pub csv_columns: Vec<payroll::CsvColumn>,
    pub flags: FlagRules,
}

/// What is pushed to Clockify, and when not (`domain.md` §5).
#[derive(Clone, Debug)]
pub struct BalanceSettings {
    pub banked_policy_id: Option<PolicyId>,
    pub vacation_policy_id: Option<PolicyId>,
    pub banked: BankedRules,
    pub push: PushRules,
    pub vacation: VacationRules,
}

/// What reports show and count (`domain.md` §7).
#[derive(Clone, Debug)]
pub struct ReportSettings {
    pub paper: Paper,
    pub billing_prefix: String,
    /// Columns of the billing CSV, in order.
    pub billing_csv_columns: Vec<billing::CsvColumn>,
    pub billing: BillingRules,
    pub time_status: TimeStatusRules,
    pub mileage: MileageRules,
    pub date_order: SlashOrder,
}

/// A decimal as JSON writes it, exact.
#[derive(Deserialize)]
struct Exact(#[serde(with = "rust_decimal::serde::arbitrary_precision")] Decimal);

/// To whom a policy pays, as the setting writes it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WrittenPay {
    All,
    Salary,
    None,
}

pub(super) fn read_pay(reader: &mut Reader<'_>) -> PaySettings {
    PaySettings {
        rounding: Rounding {
            step_minutes: reader.value("HOURS_ROUNDING_MINUTES", |text| {
                parse::count(3, 60)(text)
                    .ok()
                    .filter(|minutes| [3, 6, 12, 15, 30, 60].contains(minutes))
                    .ok_or_else(|| "3, 6, 12, 15, 30 or 60".to_owned())
            }),
        },
        rules: read_rules(reader),
        calendar: reader.value("PAY_PERIOD_ANCHOR", |text| {
            parse::date(text)
                .ok()
                .and_then(|date| PayCalendar::anchored_on(date).ok())
                .ok_or_else(|| "the date of a Sunday, like 2024-01-07".to_owned())
        }),
        payroll: PayrollRules {
            salaried_day: reader.value("SALARY_DAY_HOURS", parse::day_hours),
            salaried_day_of: read_hours_by_name(
                reader,
                "SALARY_DAY_HOURS_OF",
                "JSON like {\"employee id\": 6}",
            )
            .into_iter()
            .map(|(id, hours)| (EmployeeId(id), hours))
            .collect(),
        },
        csv_columns: reader.value("PAYROLL_CSV_COLUMNS", |text| {
            let known = payroll::CsvColumn::ALL.map(payroll::CsvColumn::heading);
            columns(text, payroll::CsvColumn::named, &known)
        }),
        flags: FlagRules {
            long_entry_hours: reader.value("LONG_ENTRY_HOURS", parse::hundredths(1000)),
        },
    }
}

fn read_rules(reader: &mut Reader<'_>) -> PayRules {
    const TAGS: &str = "JSON like {\"BANKED - SITE\": 8.5}";
    const POLICIES: &str = "JSON like {\"Jury duty\": \"all\"} with all, salary or none";
    let policies: BTreeMap<String, WrittenPay> = reader.json("POLICY_PAY", POLICIES);
    PayRules {
        day_length: reader.value("DAY_LENGTH_HOURS", parse::day_hours),
        banked_tags: read_hours_by_name(reader, "DAY_LENGTH_TAGS", TAGS)
            .into_iter()
            .map(|(name, day_length)| BankedTag { name, day_length })
            .collect(),
        weekly_test_for: reader.value("WEEKLY_OVERTIME_FOR", |text| match text {
            "hourly" => Ok(WeeklyTest::Hourly),
            "everyone" => Ok(WeeklyTest::Everyone),
            "nobody" => Ok(WeeklyTest::Nobody),
            _ => Err("`hourly`, `everyone` or `nobody`".to_owned()),
        }),
        weekly_limit: reader.value("WEEKLY_OVERTIME_HOURS", parse::hundredths(168)),
        stat_hours: reader.value("STAT_HOURS", parse::day_hours),
        leave: LeaveRules {
            hours_per_day: reader.value("POLICY_DAY_HOURS", |text| {
                parse::day_hours(text)
                    .ok()
                    .filter(|hours| !hours.is_zero())
                    .ok_or_else(|| {
                        "a number over 0, at most 24, with at most two decimals".to_owned()
                    })
            }),
            policy_pay: policies
                .into_iter()
                .map(|(policy, pay)| PolicyPay {
                    policy,
                    paid_to: match pay {
                        WrittenPay::All => PaidTo::All,
                        WrittenPay::Salary => PaidTo::Salary,
                        WrittenPay::None => PaidTo::Nobody,
                    },
                })
                .collect(),
        },
    }
}

pub(super) fn read_balances(reader: &mut Reader<'_>) -> BalanceSettings {
    let banked_policy_id = reader.optional_words("BANKED_POLICY_ID").map(PolicyId);
    let vacation_policy_id = reader.optional_words("VACATION_POLICY_ID").map(PolicyId);
    if vacation_policy_id.is_some() && vacation_policy_id == banked_policy_id {
        reader.fault(
            "VACATION_POLICY_ID",
            "must be another policy than BANKED_POLICY_ID: each holds one balance",
        );
    }
    BalanceSettings {
        banked_policy_id,
        vacation_policy_id,
        banked: BankedRules {
            use_within_months: reader.value("BANKED_USE_WITHIN_MONTHS", parse::count(1, 120)),
        },
        push: PushRules {
            mode: reader.value("BALANCE_PUSH", |text| match text {
                "delta" => Ok(PushMode::Delta),
                "absolute" => Ok(PushMode::Absolute),
                _ => Err("`delta` or `absolute`".to_owned()),
            }),
            held_over: reader.value("BALANCE_HOLD_HOURS", parse::hundredths(10_000)),
            ..PushRules::default()
        },
        vacation: VacationRules {
            hours_per_day: reader.value("VACATION_HOURS_PER_DAY", parse::day_hours),
            carry_over: reader.value("VACATION_CARRY_OVER", |text| match text {
                "all" => Ok(CarryOver::All),
                "none" => Ok(CarryOver::None),
                hours => parse::hundredths(10_000)(hours)
                    .map(CarryOver::CappedAt)
                    .map_err(|_| "`all`, `none`, or a number of hours".to_owned()),
            }),
            first_year: reader.value("VACATION_FIRST_YEAR", |text| {
                let year = parse::count(2000, 2099)(text)?;
                i16::try_from(year).map_err(|_| "a year".to_owned())
            }),
        },
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
        billing_csv_columns: reader.value("BILLING_CSV_COLUMNS", |text| {
            let known = billing::CsvColumn::ALL.map(billing::CsvColumn::heading);
            columns(text, billing::CsvColumn::named, &known)
        }),
        billing: BillingRules {
            truck_rate: reader.value("TRUCK_RATE_PER_HOUR", parse::hundredths(10_000)),
            internal_client: reader.words("INTERNAL_CLIENT_NAME"),
        },
        time_status: TimeStatusRules {
            records_start: reader.value("RECORDS_START", parse::date),
            need_not_submit: reader.json("TIMESHEET_EXEMPT", "a JSON list like [\"employee id\"]"),
        },
        mileage: MileageRules {
            kilometres_at_full_price: reader
                .value("MILEAGE_LIMIT_KM", parse::hundredths(1_000_000)),
            reduced_price: reader.value("MILEAGE_RATE_BEYOND", parse::hundredths(1000)),
            units: reader.value("MILEAGE_UNITS", parse::list),
        },
        date_order: reader.value("DATE_ORDER", |text| match text {
            "MDY" => Ok(SlashOrder::MonthFirst),
            "DMY" => Ok(SlashOrder::DayFirst),
            _ => Err("`MDY` or `DMY`".to_owned()),
        }),
    }
}

/// A list of headings, each that of a column.
fn columns<C>(
    text: &str,
    named: impl Fn(&str) -> Option<C>,
    known: &[&str],
) -> Result<Vec<C>, String> {
    let columns: Option<Vec<C>> = text.split(',').map(named).collect();
    columns.ok_or_else(|| format!("a list, with commas, of these: {}", known.join(", ")))
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

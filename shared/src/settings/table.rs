//! Every setting there is: the README's table, the readers and the tests all come from this list.

use std::fmt::Write;

/// One environment variable that the programs read.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// The concern that it belongs to; a heading of the README's table.
    pub concern: &'static str,
    /// What it means and which forms it takes.
    pub meaning: &'static str,
    pub fallback: Fallback,
    /// Its value is never printed; in Azure it belongs into Key Vault if it is set at all.
    pub secret: bool,
}

/// What holds where a setting is missing or empty.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    Value(&'static str),
    /// In Azure (`WEBSITE_SITE_NAME` is set) the start is refused instead.
    OutsideAzure(&'static str),
    /// No value; the text says what follows.
    Nothing(&'static str),
}

impl Fallback {
    /// The default value, if there is one outside Azure.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Value(value) | Self::OutsideAzure(value) => Some(value),
            Self::Nothing(_) => None,
        }
    }
}

/// The setting of that name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// The table of all settings as Markdown, one part per concern, as the README shows it.
pub fn markdown() -> String {
    let mut text = String::new();
    let mut concern = "";
    for setting in SETTINGS {
        if setting.concern != concern {
            concern = setting.concern;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(
                text,
                "{gap}**{concern}**\n\n| name | meaning | default |\n|---|---|---|"
            );
        }
        let fallback = match setting.fallback {
            Fallback::Value(value) => format!("`{value}`"),
            Fallback::OutsideAzure(value) => format!("`{value}`; in Azure none"),
            Fallback::Nothing(consequence) => consequence.to_owned(),
        };
        let secret = if setting.secret { " (secret)" } else { "" };
        let meaning = setting.meaning.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{}` | {meaning}{secret} | {} |",
            setting.name,
            fallback.replace('|', "\\|")
        );
    }
    text
}

const fn row(
    concern: &'static str,
    name: &'static str,
    fallback: Fallback,
    meaning: &'static str,
) -> Setting {
    Setting {
        name,
        concern,
        meaning,
        fallback,
        secret: false,
    }
}

const fn secret(
    concern: &'static str,
    name: &'static str,
    fallback: Fallback,
    meaning: &'static str,
) -> Setting {
    Setting {
        secret: true,
        ..row(concern, name, fallback, meaning)
    }
}

use Fallback::{Nothing, OutsideAzure, Value};

const CLOCKIFY: &str = "Clockify";
const PLACES: &str = "Database, files, queues";
const CALLERS: &str = "Callers and links";
const COMPANY: &str = "The company";
const TIME: &str = "Time and pay";
const BALANCES: &str = "Balances";
const REPORTS: &str = "Reports and LEM";
const SYNC: &str = "Sync";
const RETENTION: &str = "What is kept, and how long";
const TIMERS: &str = "Timers (NCRONTAB of six fields, in UTC; Edmonton is UTC−6)";
const CLOCK: &str = "The business clock, for tests and the demo";
const LOG: &str = "The log";

/// All settings, by concern.
pub const SETTINGS: &[Setting] = &[
    row(
        CLOCKIFY,
        "CLOCKIFY_API_URL",
        Value("https://api.clockify.me/api/v1"),
        "base of Clockify's API; regional and subdomain workspaces have others",
    ),
    row(
        CLOCKIFY,
        "CLOCKIFY_REPORTS_URL",
        Value("https://reports.api.clockify.me/v1"),
        "base of Clockify's reports API",
    ),
    secret(
        CLOCKIFY,
        "CLOCKIFY_API_KEY",
        Nothing("sync jobs fail with a clear message, all else works"),
        "sent to Clockify as `X-Api-Key`",
    ),
    row(
        CLOCKIFY,
        "CLOCKIFY_WORKSPACE_ID",
        Nothing("the only workspace that the key can see"),
        "the workspace",
    ),
    secret(
        CLOCKIFY,
        "CLOCKIFY_WEBHOOK_SECRETS",
        Nothing("webhooks are refused"),
        "JSON: event name → one secret or a list of them; `\"*\"` holds for all events",
    ),
    row(
        CLOCKIFY,
        "CLOCKIFY_REQUESTS_PER_SECOND",
        Value("10"),
        "our own ceiling of requests to Clockify, 1 to 50",
    ),
    secret(
        PLACES,
        "DATABASE_URL",
        OutsideAzure("sqlite:data/clocking.db"),
        "`sqlite:PATH`, or `mssql://SERVER[:PORT]/DATABASE?auth=managed-identity` (`&clientId=…` for a user-assigned one); for tests `?auth=sql&user=…&password=…&trustServerCertificate=true`",
    ),
    row(
        PLACES,
        "STORAGE_URL",
        OutsideAzure("file:data/storage"),
        "where report files go: `file:PATH` or `https://ACCOUNT.blob.core.windows.net` (managed identity), or an Azurite address",
    ),
    row(
        PLACES,
        "QUEUE_URL",
        OutsideAzure("sqlite:data/queue.db"),
        "`sqlite:PATH` or `https://ACCOUNT.queue.core.windows.net` (managed identity), or an Azurite address",
    ),
    secret(
        CALLERS,
        "CALLER_KEYS",
        Nothing("only people can call"),
        "JSON: caller's name → `{\"sha256\": [hex of each valid key], \"roles\": [..]}`",
    ),
    row(
        CALLERS,
        "EASY_AUTH",
        Value("off"),
        "`on`: trust `X-MS-CLIENT-PRINCIPAL`, and only where App Service Authentication is on (`WEBSITE_AUTH_ENABLED`); else `off`",
    ),
    row(
        CALLERS,
        "CALLER_REQUESTS_PER_SECOND",
        Value("100"),
        "requests that one caller may send in a second to one instance, 1 to 10000; beyond it 429. Health and Clockify's webhooks are not counted",
    ),
    row(
        CALLERS,
        "CORS_ORIGINS",
        Nothing("pages of other origins cannot call"),
        "origins whose pages may call with a key or token, with commas between them: `https://app.example.com`",
    ),
    row(
        CALLERS,
        "PUBLIC_BASE_URL",
        Nothing("`https://$WEBSITE_HOSTNAME`, else `http://127.0.0.1:7071`"),
        "base of the addresses that we hand out, without `/api`",
    ),
    row(
        CALLERS,
        "REPORT_LINK_HOURS",
        Value("24"),
        "life of a download link, 1 to 168 hours",
    ),
    row(
        COMPANY,
        "COMPANY_NAME",
        Value("Hill Plain"),
        "stands in the title of reports",
    ),
    row(
        COMPANY,
        "COMPANY_LOGO",
        Nothing("no logo"),
        "path of a PNG for the head of reports, on the machine that runs the handler; the package for Azure holds none",
    ),
    row(
        COMPANY,
        "COMPANY_TIME_ZONE",
        Value("America/Edmonton"),
        "IANA name of the zone in which days, weeks and pay periods lie",
    ),
    row(
        COMPANY,
        "INTERNAL_CLIENT_NAME",
        Value("Internal"),
        "the client of projects that have none",
    ),
    row(
        TIME,
        "HOURS_ROUNDING_MINUTES",
        Value("15"),
        "hours of an entry are rounded to the nearest 3, 6, 12, 15, 30 or 60 minutes, half up",
    ),
    row(
        TIME,
        "DAY_LENGTH_HOURS",
        Value("8"),
        "regular hours of a day",
    ),
    row(
        TIME,
        "DAY_LENGTH_TAGS",
        Value(r#"{"BANKED - OFFICE": 8, "BANKED - SITE": 8.5, "BANKED": 8}"#),
        "JSON: tag that makes a day a banked one → regular hours of that day; compared without case and without spaces around the dash",
    ),
    row(
        TIME,
        "WEEKLY_OVERTIME_FOR",
        Value("hourly"),
        "who gets the greater of daily and weekly overtime: `hourly` (all but salaried staff), `everyone` or `nobody`",
    ),
    row(
        TIME,
        "WEEKLY_OVERTIME_HOURS",
        Value("44"),
        "unbanked hours of a week beyond which the weekly test counts overtime",
    ),
    row(
        TIME,
        "STAT_HOURS",
        Value("8"),
        "hours paid for a holiday that falls Monday to Friday",
    ),
    row(
        TIME,
        "POLICY_DAY_HOURS",
        Value("8"),
        "hours of one day in a time-off policy that counts days",
    ),
    row(
        TIME,
        "POLICY_PAY",
        Value("{}"),
        "JSON: time-off policy (id or name) → `all`, `salary` or `none`: to whom it pays. For the rest the name decides: `Unpaid` to none, `Banked` to all, others to salaried staff",
    ),
    row(
        TIME,
        "PAY_PERIOD_ANCHOR",
        Value("2024-01-07"),
        "a Sunday on which a pay period of two weeks began",
    ),
    row(
        TIME,
        "SALARY_DAY_HOURS",
        Value("8"),
        "hours per weekday against which a salaried total is checked",
    ),
    row(
        TIME,
        "SALARY_DAY_HOURS_OF",
        Value("{}"),
        "JSON: employee id → hours per weekday, where they differ from `SALARY_DAY_HOURS`",
    ),
    row(
        TIME,
        "PAYROLL_CSV_COLUMNS",
        Value("Employee Id, Employee, Type, Manager, From, To, Pay Code, Hours"),
        "columns of the payroll CSV, in their order",
    ),
    row(
        TIME,
        "LONG_ENTRY_HOURS",
        Value("16"),
        "a time entry of more hours is flagged",
    ),
    row(
        BALANCES,
        "BANKED_POLICY_ID",
        Nothing("banked time is not pushed"),
        "Clockify's id of the policy that holds banked time",
    ),
    row(
        BALANCES,
        "BANKED_USE_WITHIN_MONTHS",
        Value("6"),
        "months after the pay period in which they were earned until which banked hours may wait; older ones are flagged",
    ),
    row(
        BALANCES,
        "VACATION_POLICY_ID",
        Nothing("vacation is not pushed"),
        "Clockify's id of the vacation policy of salaried staff",
    ),
    row(
        BALANCES,
        "BALANCE_PUSH",
        Value("delta"),
        "what Clockify is sent: `delta` (the difference, which it adds) or `absolute` (the new balance)",
    ),
    row(
        BALANCES,
        "BALANCE_HOLD_HOURS",
        Value("40"),
        "a greater difference is held until a person releases it",
    ),
    row(
        BALANCES,
        "VACATION_HOURS_PER_DAY",
        Value("0.44"),
        "vacation hours that a salaried employee earns each calendar day",
    ),
    row(
        BALANCES,
        "VACATION_CARRY_OVER",
        Value("all"),
        "how much of last year's vacation opens the new year: `all`, `none`, or at most so many hours",
    ),
    row(
        BALANCES,
        "VACATION_FIRST_YEAR",
        Value("2024"),
        "the first year of vacation that is recomputed; what was there before stands in the ledger as a correction",
    ),
    row(REPORTS, "PAPER_SIZE", Value("letter"), "`letter` or `a4`"),
    row(
        REPORTS,
        "BILLING_PREFIX",
        Value("HP-IND"),
        "first part of the name of the billing zip",
    ),
    row(
        REPORTS,
        "BILLING_CSV_COLUMNS",
        Value(
            "Project Id, Project Number, Project, Client, From, To, Table, Employee Id, Staff Member, Position (Equipment Type), Qty, Unit, Rate, Amount",
        ),
        "columns of the billing CSV, in their order",
    ),
    row(
        REPORTS,
        "TRUCK_RATE_PER_HOUR",
        Value("18.75"),
        "price of an hour of a person with a truck, in dollars",
    ),
    row(
        REPORTS,
        "RECORDS_START",
        Value("2023-12-31"),
        "first day for which a missing timesheet is reported",
    ),
    row(
        REPORTS,
        "TIMESHEET_EXEMPT",
        Value("[]"),
        "JSON: ids of employees who need not submit timesheets",
    ),
    row(
        REPORTS,
        "MILEAGE_LIMIT_KM",
        Value("5000"),
        "kilometres in a calendar year that are paid at the category's price",
    ),
    row(
        REPORTS,
        "MILEAGE_RATE_BEYOND",
        Value("0.62"),
        "dollars per kilometre beyond them",
    ),
    row(
        REPORTS,
        "MILEAGE_UNITS",
        Value("km, kilometre, kilometres, kilometer, kilometers"),
        "units that make an expense category one of mileage, with commas between them, case ignored",
    ),
    row(
        REPORTS,
        "DATE_ORDER",
        Value("MDY"),
        "how a date with slashes is read that an app sends: `MDY` or `DMY`",
    ),
    row(
        SYNC,
        "SYNC_FROM",
        Value("2024-01-01"),
        "first day that the first sync fetches",
    ),
    row(
        SYNC,
        "SYNC_NIGHTLY_DAYS",
        Value("35"),
        "days back that the nightly sync reads again, 1 to 3660",
    ),
    row(
        SYNC,
        "SYNC_WEEKLY_DAYS",
        Value("400"),
        "days back that the weekly sync reads again, 1 to 3660",
    ),
    row(
        SYNC,
        "SYNC_STOP_PERCENT",
        Value("20"),
        "a sync that would delete more of a window than this share, and more than `SYNC_STOP_ROWS`, stops and flags",
    ),
    row(
        SYNC,
        "SYNC_STOP_ROWS",
        Value("50"),
        "rows of a window that a sync may always delete",
    ),
    row(
        SYNC,
        "DELIVERY_DAYS",
        Value("400"),
        "days that the record of a settled webhook, or of a replayed dead letter, is kept, at least 8: Clockify repeats within a week",
    ),
    row(
        RETENTION,
        "PAY_RECORD_YEARS",
        Value("3"),
        "years that records of pay are kept, at least 3: the audit is not trimmed sooner; time, leave, LEM sheets, ledger and jobs are never trimmed",
    ),
    row(
        RETENTION,
        "AUDIT_DAYS",
        Value("1830"),
        "days that it is known who changed what, at least 366 for each of `PAY_RECORD_YEARS`",
    ),
    row(
        RETENTION,
        "IDEMPOTENCY_DAYS",
        Value("7"),
        "days that a repeated create gets its first answer, 7 to 366",
    ),
    row(
        TIMERS,
        "NIGHTLY_SCHEDULE",
        Value("0 0 10 * * *"),
        "the nightly sync: 04:00 in Edmonton",
    ),
    row(
        TIMERS,
        "WEEKLY_SCHEDULE",
        Value("0 0 7 * * 0"),
        "the deep sync, and trimming of what need not be kept: Sunday 01:00",
    ),
    row(
        TIMERS,
        "BALANCES_SCHEDULE",
        Value("0 0 12 * * *"),
        "banked time, then vacation: 06:00",
    ),
    row(
        TIMERS,
        "REPORTS_SCHEDULE",
        Value("0 30 12 * * *"),
        "whatever report is due that day: 06:30",
    ),
    row(
        TIMERS,
        "WATCHDOG_SCHEDULE",
        Value("0 */15 * * * *"),
        "dead letters, late syncs, health of the webhooks: every 15 minutes",
    ),
    row(
        CLOCK,
        "CLOCKING_NOW",
        Nothing("real time"),
        "RFC 3339: what the business clock shows at the start; it then runs on",
    ),
    row(
        CLOCK,
        "CLOCKING_NOW_AT",
        Nothing("the start of the process"),
        "RFC 3339: the real instant at which the clock showed `CLOCKING_NOW`; `local-host` fixes it once, so that a restarted handler does not jump back",
    ),
    row(
        LOG,
        "LOG_FILTER",
        Value("info"),
        "what the log holds: `error`, `warn`, `info`, `debug`, or a filter per module of `tracing`; with `error` the alert `webhook-refused` stays silent",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_shout() {
        let mut seen = BTreeSet::new();
        for setting in SETTINGS {
            assert!(seen.insert(setting.name), "{} stands twice", setting.name);
            assert!(
                setting
                    .name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c == '_'),
                "{}",
                setting.name
            );
        }
    }

    #[test]
    fn each_concern_stands_in_one_piece() {
        let mut concerns: Vec<&str> = SETTINGS.iter().map(|setting| setting.concern).collect();
        concerns.dedup();
        let distinct: BTreeSet<&str> = concerns.iter().copied().collect();
        assert_eq!(concerns.len(), distinct.len(), "{concerns:?}");
    }

    #[test]
    fn the_markdown_names_every_setting_once() {
        let text = markdown();
        for setting in SETTINGS {
            let rows = text.matches(&format!("\n| `{}` |", setting.name)).count();
            assert_eq!(rows, 1, "{}", setting.name);
        }
    }
}

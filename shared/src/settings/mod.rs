//! What can be set, checked as a whole before anything starts.
//!
//! [`SETTINGS`] is the one list of names, meanings and defaults; each concern has a struct of its own. A start
//! with wrong settings is refused with one message that names every fault, and no message holds a secret.

mod callers;
mod parse;
mod places;
mod reader;
mod rules;
mod secret;
mod table;

use std::path::PathBuf;

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use url::Url;

pub use callers::{CallerKey, CallerSettings, WebhookSecrets};
pub use places::{DatabaseUrl, QueueUrl, SqlServerLogin, SqlServerUrl, StorageUrl};
pub use reader::{Fault, SettingsError};
pub use rules::{BalanceSettings, PaySettings, ReportSettings};
pub use secret::Secret;
pub use table::{Fallback, SETTINGS, Setting, markdown, setting};

use crate::{
    clock::Clock,
    domain::{ids::WorkspaceId, time::CompanyZone},
};
use reader::Reader;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    pub clockify: ClockifySettings,
    pub webhook_secrets: WebhookSecrets,
    pub database: DatabaseUrl,
    pub storage: StorageUrl,
    pub queue: QueueUrl,
    pub callers: CallerSettings,
    pub edge: EdgeSettings,
    pub links: LinkSettings,
    pub company: CompanySettings,
    pub pay: PaySettings,
    pub balances: BalanceSettings,
    pub reports: ReportSettings,
    pub sync: SyncSettings,
    pub retention: RetentionSettings,
    pub schedules: Schedules,
    pub clock: ClockSettings,
    /// What the log holds, in the words of `tracing`'s filters.
    pub log_filter: String,
}

/// Where Clockify is and how we come in.
#[derive(Clone, Debug)]
pub struct ClockifySettings {
    /// Without a slash at the end.
    pub api_url: Url,
    /// Without a slash at the end.
    pub reports_url: Url,
    /// Without one sync jobs fail with a clear message, all else works.
    pub api_key: Option<Secret>,
    /// None: the only workspace that the key can see.
    pub workspace_id: Option<WorkspaceId>,
    /// 1 to 50.
    pub requests_per_second: u32,
}

/// How callers are let in.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    /// Of one caller, to one instance.
    pub caller_requests_per_second: u32,
    /// Whose pages may call, as browsers write origins; none: no page of another origin.
    pub cors_origins: Vec<String>,
}

/// The addresses that we hand out.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// Without `/api`, without a slash at the end; never taken from a request's headers.
    pub public_base_url: Url,
    pub report_link_hours: u32,
}

impl LinkSettings {
    /// The address of a path under the base: `address("/api/jobs/1")`.
    pub fn address(&self, path: &str) -> String {
        format!("{}/{}", self.base(), path.trim_start_matches('/'))
    }

    /// The base itself, without a slash at its end.
    pub fn base(&self) -> &str {
        self.public_base_url.as_str().trim_end_matches('/')
    }
}

/// The company, as its reports show it.
#[derive(Clone, Debug)]
pub struct CompanySettings {
    pub name: String,
    /// A PNG.
    pub logo: Option<PathBuf>,
    pub zone: CompanyZone,
}

/// What a sync reads, and when it must stop.
#[derive(Clone, Copy, Debug)]
pub struct SyncSettings {
    /// First day that the first sync fetches.
    pub from: Date,
    pub nightly_days: u32,
    pub weekly_days: u32,
    /// A sync stops that would delete more than this share of a window and more than `stop_rows`.
    pub stop_percent: u32,
    pub stop_rows: u32,
    /// How long the record of a webhook is kept.
    pub delivery_days: u32,
}

/// How long what is not pay itself is kept. Time, leave, sheets, ledger and jobs are never trimmed.
#[derive(Clone, Copy, Debug)]
pub struct RetentionSettings {
    /// How long a repeated create gets its first answer.
    pub idempotency_days: u32,
    /// How long it is known who changed what; never shorter than records of pay must be kept.
    pub audit_days: u32,
}

/// When the timers fire, NCRONTAB in UTC. The Functions host reads the same settings by name.
#[derive(Clone, Debug)]
pub struct Schedules {
    pub nightly: String,
    pub weekly: String,
    pub balances: String,
    pub reports: String,
    pub watchdog: String,
}

/// The shift of the business clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockSettings {
    pub now: Option<Timestamp>,
    /// The real instant at which the clock showed `now`.
    pub now_at: Option<Timestamp>,
}

impl ClockSettings {
    /// The business clock of this process.
    pub fn start(&self) -> Clock {
        self.now.map_or_else(Clock::real, |shown| {
            Clock::shifted(shown, self.now_at.unwrap_or_else(Timestamp::now))
        })
    }
}

impl Settings {
    /// Reads all settings from `lookup` (the environment, or a test's table) and checks them together.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(&lookup);
        let settings = read(&mut reader);
        reader.finish(settings)
    }

    /// What an operator should know at the start, though the app can do its work; sentences.
    pub fn warnings(&self) -> Vec<String> {
        let (first_year, from) = (self.balances.vacation.first_year, self.sync.from);
        let pushes = self.balances.vacation_policy_id.is_some();
        if !pushes || from <= date(first_year, 1, 1) {
            return Vec::new();
        }
        vec![format!(
            "vacation is earned from {first_year} on, but leave before {from} is not known and not taken from it: sync from \
             1 January {first_year} (SYNC_FROM), or choose a later VACATION_FIRST_YEAR"
        )]
    }
}

fn read(reader: &mut Reader<'_>) -> Settings {
    Settings {
        clockify: ClockifySettings {
            api_url: reader.value("CLOCKIFY_API_URL", parse::web_address),
            reports_url: reader.value("CLOCKIFY_REPORTS_URL", parse::web_address),
            api_key: reader.secret("CLOCKIFY_API_KEY"),
            workspace_id: reader
                .optional_words("CLOCKIFY_WORKSPACE_ID")
                .map(WorkspaceId),
            requests_per_second: reader.value("CLOCKIFY_REQUESTS_PER_SECOND", parse::count(1, 50)),
        },
        webhook_secrets: callers::read_webhook_secrets(reader),
        database: read_database(reader),
        storage: reader.value("STORAGE_URL", StorageUrl::parse),
        queue: reader.value("QUEUE_URL", QueueUrl::parse),
        callers: callers::read_callers(reader),
        edge: EdgeSettings {
            caller_requests_per_second: reader
                .value("CALLER_REQUESTS_PER_SECOND", parse::count(1, 10_000)),
            cors_origins: reader
                .optional("CORS_ORIGINS", parse::origins)
                .unwrap_or_default(),
        },
        links: LinkSettings {
            public_base_url: read_public_base_url(reader),
            report_link_hours: reader.value("REPORT_LINK_HOURS", parse::count(1, 168)),
        },
        company: CompanySettings {
            name: reader.words("COMPANY_NAME"),
            logo: reader.optional_words("COMPANY_LOGO").map(PathBuf::from),
            zone: reader.value("COMPANY_TIME_ZONE", |name| {
                CompanyZone::named(name)
                    .ok_or_else(|| "the IANA name of a time zone, like America/Edmonton".to_owned())
            }),
        },
        pay: rules::read_pay(reader),
        balances: rules::read_balances(reader),
        reports: rules::read_reports(reader),
        sync: SyncSettings {
            from: reader.value("SYNC_FROM", parse::date),
            nightly_days: reader.value("SYNC_NIGHTLY_DAYS", parse::count(1, 3660)),
            weekly_days: reader.value("SYNC_WEEKLY_DAYS", parse::count(1, 3660)),
            stop_percent: reader.value("SYNC_STOP_PERCENT", parse::count(0, 100)),
            stop_rows: reader.value("SYNC_STOP_ROWS", parse::count(0, 1_000_000)),
            delivery_days: reader.value("DELIVERY_DAYS", parse::count(8, 3660)),
        },
        retention: read_retention(reader),
        schedules: Schedules {
            nightly: reader.value("NIGHTLY_SCHEDULE", parse::schedule),
            weekly: reader.value("WEEKLY_SCHEDULE", parse::schedule),
            balances: reader.value("BALANCES_SCHEDULE", parse::schedule),
            reports: reader.value("REPORTS_SCHEDULE", parse::schedule),
            watchdog: reader.value("WATCHDOG_SCHEDULE", parse::schedule),
        },
        clock: ClockSettings {
            now: reader.optional("CLOCKING_NOW", parse::instant),
            now_at: reader.optional("CLOCKING_NOW_AT", parse::instant),
        },
        log_filter: reader.words("LOG_FILTER"),
    }
}

fn read_database(reader: &mut Reader<'_>) -> DatabaseUrl {
    let database = reader.value("DATABASE_URL", DatabaseUrl::parse);
    if let DatabaseUrl::SqlServer(url) = &database
        && reader.in_azure
        && (matches!(url.login, SqlServerLogin::Sql { .. }) || url.trust_server_certificate)
    {
        reader.fault(
            "DATABASE_URL",
            "must say `auth=managed-identity` in Azure, and trust no certificate blindly",
        );
    }
    database
}

/// Records of employment are kept for three years by law (Alberta's Employment Standards Code); who changed them is
/// part of them.
fn read_retention(reader: &mut Reader<'_>) -> RetentionSettings {
    let pay_record_years = reader.value("PAY_RECORD_YEARS", parse::count(3, 50));
    let audit_days = reader.value("AUDIT_DAYS", parse::count(1, 50 * 366));
    let least = pay_record_years * 366;
    if audit_days < least {
        reader.fault(
            "AUDIT_DAYS",
            format!("must be at least {least}: records of pay are kept for PAY_RECORD_YEARS ({pay_record_years})"),
        );
    }
    RetentionSettings {
        idempotency_days: reader.value("IDEMPOTENCY_DAYS", parse::count(7, 366)),
        audit_days,
    }
}

fn read_public_base_url(reader: &mut Reader<'_>) -> Url {
    const LOCAL_HOST: &str = "http://127.0.0.1:7071";
    let default = reader
        .platform("WEBSITE_HOSTNAME")
        .map_or_else(|| LOCAL_HOST.to_owned(), |name| format!("https://{name}"));
    if let Some(url) = reader.optional("PUBLIC_BASE_URL", parse::web_address) {
        return url;
    }
    parse::web_address(&default).unwrap_or_else(|_| {
        reader.fault(
            "PUBLIC_BASE_URL",
            format!("is missing, and `{default}`, made from WEBSITE_HOSTNAME, is no address"),
        );
        Url::parse(LOCAL_HOST).expect("a constant that a test reads")
    })
}

#[cfg(test)]
mod tests;

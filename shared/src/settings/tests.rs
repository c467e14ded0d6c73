use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::*;
use crate::{
    domain::{
        attendance::{BankedTag, PayRules, WeeklyTest},
        balances::{BankedRules, PushRules, VacationRules},
        billing::BillingRules,
        calendar::PayCalendar,
        expense::MileageRules,
        flags::FlagRules,
        ids::EmployeeId,
        leave::{LeaveRules, PaidTo, PolicyPay},
        payroll::PayrollRules,
        time::Rounding,
        time_status::TimeStatusRules,
    },
    reports::{billing, payroll},
};

fn from(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let table: BTreeMap<String, String> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Settings::from_env(|name| table.get(name).cloned())
}

fn faulty(pairs: &[(&str, &str)]) -> Vec<&'static str> {
    let error = from(pairs).expect_err("these settings are wrong");
    error.faults.iter().map(|fault| fault.setting).collect()
}

/// The table and the readers hold the same names: a setting without a reader, or read without a row, fails here.
#[test]
fn every_setting_of_the_table_is_read_and_no_other() {
    let asked = RefCell::new(BTreeSet::new());
    let settings = Settings::from_env(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    assert!(settings.is_ok());
    let of_the_platform = [
        "WEBSITE_SITE_NAME",
        "WEBSITE_HOSTNAME",
        "WEBSITE_AUTH_ENABLED",
    ];
    let listed = SETTINGS.iter().map(|setting| setting.name);
    let listed: BTreeSet<String> = listed.chain(of_the_platform).map(str::to_owned).collect();
    assert_eq!(asked.into_inner(), listed);
}

#[test]
fn without_any_setting_the_defaults_of_interface_2_hold() {
    let settings = from(&[]).expect("nothing is required outside Azure");
    assert_eq!(
        settings.clockify.api_url.as_str(),
        "https://api.clockify.me/api/v1"
    );
    assert!(settings.clockify.api_key.is_none());
    assert_eq!(
        settings.database,
        DatabaseUrl::Sqlite("data/clocking.db".into())
    );
    assert_eq!(
        settings.links.address("/api/jobs/1"),
        "http://127.0.0.1:7071/api/jobs/1"
    );
    assert_eq!(settings.sync.from, "2024-01-01".parse().unwrap());
    assert!(!settings.callers.trusts_principals);
    assert_eq!(settings.pay.rounding, Rounding::default());
    assert_eq!(settings.pay.calendar, PayCalendar::default());
    assert_eq!(settings.pay.flags, FlagRules::default());
    assert_eq!(settings.pay.csv_columns, payroll::CsvColumn::ALL);
    assert_eq!(
        settings.reports.billing_csv_columns,
        billing::CsvColumn::ALL
    );
    assert_eq!(settings.pay.payroll, PayrollRules::default());
    assert_eq!(settings.balances.banked, BankedRules::default());
    assert_eq!(settings.reports.time_status, TimeStatusRules::default());
    assert_eq!(settings.balances.push, PushRules::default());
    assert_eq!(settings.balances.vacation, VacationRules::default());
    assert_eq!(settings.reports.billing, BillingRules::default());
    assert_eq!(settings.reports.mileage, MileageRules::default());
}

/// The defaults of the settings are the domain's own.
#[test]
fn the_rules_of_pay_come_from_the_settings() {
    let by_name = |mut rules: PayRules| {
        rules.banked_tags.sort_by(|a, b| a.name.cmp(&b.name));
        rules
    };
    let settings = from(&[]).unwrap();
    assert_eq!(by_name(settings.pay.rules), by_name(PayRules::default()));

    let changed = from(&[
        ("DAY_LENGTH_HOURS", "7.5"),
        ("DAY_LENGTH_TAGS", r#"{"BANK": 9}"#),
        ("WEEKLY_OVERTIME_FOR", "everyone"),
        ("WEEKLY_OVERTIME_HOURS", "40"),
        ("STAT_HOURS", "6"),
        ("POLICY_DAY_HOURS", "7.5"),
        (
            "POLICY_PAY",
            r#"{"Jury duty": "all", "Time in lieu": "none"}"#,
        ),
        ("SALARY_DAY_HOURS_OF", r#"{"e1": 6}"#),
    ])
    .unwrap()
    .pay;
    let hours = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap();
    let pays = |policy: &str, paid_to| PolicyPay {
        policy: policy.to_owned(),
        paid_to,
    };
    let expected = PayRules {
        day_length: hours("7.5"),
        banked_tags: vec![BankedTag {
            name: "BANK".to_owned(),
            day_length: hours("9"),
        }],
        weekly_test_for: WeeklyTest::Everyone,
        weekly_limit: hours("40"),
        stat_hours: hours("6"),
        leave: LeaveRules {
            hours_per_day: hours("7.5"),
            policy_pay: vec![
                pays("Jury duty", PaidTo::All),
                pays("Time in lieu", PaidTo::Nobody),
            ],
        },
    };
    assert_eq!(changed.rules, expected);
    let own = &changed.payroll.salaried_day_of;
    assert_eq!(own[&EmployeeId::from("e1")], hours("6"));
}

#[test]
fn an_empty_setting_counts_as_missing() {
    let settings = from(&[("CLOCKIFY_API_KEY", "  "), ("REPORT_LINK_HOURS", "")]).unwrap();
    assert!(settings.clockify.api_key.is_none());
    assert_eq!(settings.links.report_link_hours, 24);
}

#[test]
fn all_faults_come_in_one_message() {
    let error = from(&[
        ("COMPANY_TIME_ZONE", "Edmonton"),
        ("PAY_PERIOD_ANCHOR", "2024-01-08"),
        ("CLOCKIFY_REQUESTS_PER_SECOND", "0"),
        ("EASY_AUTH", "true"),
    ])
    .expect_err("four settings are wrong");
    assert_eq!(
        error.to_string(),
        "4 settings are missing or wrong: \
         CLOCKIFY_REQUESTS_PER_SECOND must be a whole number from 1 to 50, not `0`; \
         EASY_AUTH must be `on` or `off`, not `true`; \
         COMPANY_TIME_ZONE must be the IANA name of a time zone, like America/Edmonton, not `Edmonton`; \
         PAY_PERIOD_ANCHOR must be the date of a Sunday, like 2024-01-07, not `2024-01-08`"
    );
}

#[test]
fn each_setting_refuses_what_it_cannot_mean() {
    let table: &[(&str, &str)] = &[
        ("CLOCKIFY_API_URL", "api.clockify.me"),
        ("CLOCKIFY_REPORTS_URL", "ftp://reports"),
        ("CLOCKIFY_WEBHOOK_SECRETS", "secret"),
        ("CLOCKIFY_WEBHOOK_SECRETS", r#"{"*": ""}"#),
        ("CLOCKIFY_WEBHOOK_SECRETS", r#"{"*": 7}"#),
        ("DATABASE_URL", "clocking.db"),
        ("STORAGE_URL", "http://account.blob.core.windows.net"),
        ("QUEUE_URL", "queue.db"),
        (
            "CALLER_KEYS",
            r#"{"office": {"sha256": ["abc"], "roles": []}}"#,
        ),
        (
            "CALLER_KEYS",
            r#"{"office": {"sha256": [], "roles": ["admin"]}}"#,
        ),
        ("CALLER_KEYS", r#"{"office": {"sha256": []}}"#),
        (
            "CALLER_KEYS",
            r#"{"office": {"keys": [], "sha256": [], "roles": []}}"#,
        ),
        (
            "CALLER_KEYS",
            r#"{"a": {"sha256": ["HASH"], "roles": []}, "b": {"sha256": ["HASH"], "roles": []}}"#,
        ),
        ("CALLER_REQUESTS_PER_SECOND", "0"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://app.example/path"),
        ("CORS_ORIGINS", "https://app.example,"),
        ("PUBLIC_BASE_URL", "clocking.example"),
        ("REPORT_LINK_HOURS", "169"),
        ("HOURS_ROUNDING_MINUTES", "7"),
        ("DAY_LENGTH_HOURS", "8.125"),
        ("DAY_LENGTH_HOURS", "25"),
        ("DAY_LENGTH_TAGS", r#"{"BANKED": -1}"#),
        ("DAY_LENGTH_TAGS", r#"["BANKED"]"#),
        ("POLICY_PAY", r#"{"Vacation": "everyone"}"#),
        ("POLICY_DAY_HOURS", "0"),
        ("WEEKLY_OVERTIME_FOR", "on"),
        ("PAYROLL_CSV_COLUMNS", "Employee, Wage"),
        ("BILLING_CSV_COLUMNS", "Client; Amount"),
        ("LONG_ENTRY_HOURS", "1.555"),
        ("DELIVERY_DAYS", "7"),
        ("IDEMPOTENCY_DAYS", "6"),
        ("PAY_RECORD_YEARS", "2"),
        ("AUDIT_DAYS", "1097"),
        ("SALARY_DAY_HOURS_OF", r#"{"5f": 25}"#),
        ("BALANCE_PUSH", "difference"),
        ("VACATION_CARRY_OVER", "some"),
        ("VACATION_FIRST_YEAR", "24"),
        ("MILEAGE_UNITS", "km,"),
        ("PAPER_SIZE", "legal"),
        ("BILLING_PREFIX", "../HP"),
        ("TIMESHEET_EXEMPT", "everyone"),
        ("DATE_ORDER", "YMD"),
        ("SYNC_FROM", "2024-02-30"),
        ("NIGHTLY_SCHEDULE", "0 10 * * *"),
        ("WATCHDOG_SCHEDULE", "every quarter of an hour on days"),
        ("CLOCKING_NOW", "2026-11-09"),
    ];
    for (name, value) in table {
        let value = value.replace("HASH", &"0f".repeat(32));
        assert_eq!(faulty(&[(name, &value)]), [*name], "{name}={value}");
    }
}

/// Records of employment are kept for three years, and so is who changed them; whoever wants longer
/// must say so for both.
#[test]
fn the_audit_is_kept_at_least_as_long_as_records_of_pay() {
    assert!(from(&[("AUDIT_DAYS", "1098")]).is_ok());
    let longer = [("PAY_RECORD_YEARS", "7")];
    assert_eq!(faulty(&longer), ["AUDIT_DAYS"]);
    assert!(from(&[longer[0], ("AUDIT_DAYS", "2562")]).is_ok());
}

#[test]
fn each_balance_has_a_policy_of_its_own() {
    let banked = ("BANKED_POLICY_ID", "p1");
    assert!(from(&[banked, ("VACATION_POLICY_ID", "p2")]).is_ok());
    assert_eq!(
        faulty(&[banked, ("VACATION_POLICY_ID", " p1")]),
        ["VACATION_POLICY_ID"]
    );
}

/// Leave before the first day that is fetched is not known: vacation of that time would be pushed too high.
#[test]
fn vacation_of_a_time_whose_leave_is_not_known_is_warned_of() {
    let pushed = ("VACATION_POLICY_ID", "p1");
    let later = ("SYNC_FROM", "2026-01-01");
    let warnings = |settings: &[(&'static str, &'static str)]| from(settings).unwrap().warnings();
    assert_eq!(warnings(&[pushed]), [""; 0]);
    assert_eq!(warnings(&[later]), [""; 0], "vacation is not pushed");
    let warned = warnings(&[pushed, later]);
    assert!(
        warned[0].contains("leave before 2026-01-01 is not known"),
        "{warned:?}"
    );
    let same_year = ("VACATION_FIRST_YEAR", "2026");
    assert_eq!(warnings(&[pushed, later, same_year]), [""; 0]);
}

#[test]
fn in_azure_places_have_no_default() {
    assert_eq!(
        faulty(&[("WEBSITE_SITE_NAME", "clocking")]),
        ["DATABASE_URL", "STORAGE_URL", "QUEUE_URL"]
    );
}

#[test]
fn in_azure_no_password_opens_the_database() {
    let azure: &[(&str, &str)] = &[
        ("WEBSITE_SITE_NAME", "clocking"),
        ("WEBSITE_HOSTNAME", "clocking.azurewebsites.net"),
        ("STORAGE_URL", "https://clocking.blob.core.windows.net"),
        ("QUEUE_URL", "https://clocking.queue.core.windows.net"),
    ];
    let with = |database: &'static str| [azure, &[("DATABASE_URL", database)]].concat();
    let settings = from(&with("mssql://s/d?auth=managed-identity")).expect("complete");
    assert_eq!(
        settings.links.address("api/jobs"),
        "https://clocking.azurewebsites.net/api/jobs"
    );
    for refused in [
        "mssql://s/d?auth=sql&user=sa&password=x",
        "mssql://s/d?auth=managed-identity&trustServerCertificate=true",
    ] {
        assert_eq!(faulty(&with(refused)), ["DATABASE_URL"], "{refused}");
    }
}

#[test]
fn an_unresolved_key_vault_reference_names_its_setting() {
    let reference = "@Microsoft.KeyVault(VaultName=v;SecretName=s)";
    let error = from(&[("CLOCKIFY_API_KEY", reference), ("CALLER_KEYS", reference)]).unwrap_err();
    let names: Vec<&str> = error.faults.iter().map(|fault| fault.setting).collect();
    assert_eq!(names, ["CLOCKIFY_API_KEY", "CALLER_KEYS"]);
    assert!(error.to_string().contains("Key Vault reference"), "{error}");
}

#[test]
fn no_message_and_no_debug_text_holds_a_secret() {
    let broken = from(&[
        (
            "CLOCKIFY_WEBHOOK_SECRETS",
            r#"{"NEW_PROJECT": ["sentinel-a", 7]}"#,
        ),
        ("CALLER_KEYS", r#"{"office": "sentinel-b"}"#),
        (
            "DATABASE_URL",
            "mssql://s/d?auth=sql&user=u&password=sentinel-c&x=1",
        ),
    ])
    .unwrap_err();
    assert_eq!(broken.faults.len(), 3);
    assert!(
        !format!("{broken} {broken:?}").contains("sentinel"),
        "{broken}"
    );
    let good = from(&[
        ("CLOCKIFY_API_KEY", "sentinel-a"),
        ("CLOCKIFY_WEBHOOK_SECRETS", r#"{"*": "sentinel-b"}"#),
        (
            "DATABASE_URL",
            "mssql://s/d?auth=sql&user=u&password=sentinel-c",
        ),
    ])
    .unwrap();
    assert!(!format!("{good:?}").contains("sentinel"));
}

#[test]
fn principals_are_trusted_only_where_both_we_and_the_platform_say_so() {
    let table = [
        ("on", "True", true),
        ("on", "true", true),
        ("on", "False", false),
        ("on", "", false),
        ("off", "True", false),
    ];
    for (ours, platform, trusted) in table {
        let settings = from(&[("EASY_AUTH", ours), ("WEBSITE_AUTH_ENABLED", platform)]).unwrap();
        assert_eq!(
            settings.callers.trusts_principals, trusted,
            "{ours} {platform}"
        );
    }
}

#[test]
fn webhook_secrets_hold_for_their_event_or_for_all() {
    let settings = from(&[(
        "CLOCKIFY_WEBHOOK_SECRETS",
        r#"{"*": "all", "NEW_PROJECT": ["new", "old"]}"#,
    )])
    .unwrap();
    let of = |event: &str| -> Vec<&str> {
        settings
            .webhook_secrets
            .of(event)
            .map(Secret::reveal)
            .collect()
    };
    assert_eq!(of("NEW_PROJECT"), ["new", "old", "all"]);
    assert_eq!(of("NEW_CLIENT"), ["all"]);
    assert_eq!(of("*"), ["all"]);
}

#[test]
fn a_callers_roles_and_hashes_are_read() {
    let hash = "00".repeat(31) + "ff";
    let keys = format!(r#"{{"power-app": {{"sha256": ["{hash}"], "roles": ["Lem.Write"]}}}}"#);
    let settings = from(&[("CALLER_KEYS", &keys)]).unwrap();
    let key = &settings.callers.keys[0];
    assert_eq!(key.name, "power-app");
    assert_eq!(key.sha256[0][31], 0xff);
    assert_eq!(key.roles, [crate::functions::role::Role::LemWrite]);
}

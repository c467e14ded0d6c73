//! What loads, what does not, and what loads and surprises (custom-handler.md §1.1, §2.1, §5).

use std::fs;

use local_host::{Rule, findings::Findings};
use serde_json::{Value, json};

use crate::support::{App, http_function, queue_function, timer_function};

fn app() -> App {
    App::with_handler(&["ok"])
}

/// One broken function beside a good one: the good one loads.
async fn fault_of(name: &str, definition: &Value) -> String {
    let app = app().http("good", "good").function(name, definition);
    let running = app.start().await;
    assert_eq!(running.get("/api/good").await.status(), 200, "{name}");
    running.until_found(Rule::FunctionLoads).await
}

fn with_retry(retry: Value) -> Value {
    let mut timer = timer_function("0 0 0 1 1 *");
    timer["retry"] = retry;
    timer
}

#[tokio::test]
async fn a_wrong_function_does_not_load_and_the_others_do() {
    let trigger =
        json!({"type": "queueTrigger", "direction": "in", "name": "m", "queueName": "orders"});
    let mut unresolved = queue_function("%MISSING%");
    unresolved["bindings"][0]["name"] = json!("order");
    for (name, definition, said) in [
        ("1st", queue_function("orders"), "no name for a function"),
        ("host", queue_function("orders"), "no name for a function"),
        ("a.b", queue_function("orders"), "no name for a function"),
        ("empty", json!({"bindings": []}), "no bindings"),
        (
            "none",
            json!({"bindings": [{"type": "http", "direction": "out", "name": "res"}]}),
            "no trigger",
        ),
        (
            "both",
            json!({"bindings": [trigger, {"type": "timerTrigger", "name": "t", "schedule": "0 * * * * *"}]}),
            "more than one trigger",
        ),
        (
            "twins",
            json!({"bindings": [trigger, {"type": "queue", "direction": "out", "name": "M", "queueName": "orders"}]}),
            "two bindings",
        ),
        (
            "dash",
            json!({"bindings": [{"type": "queueTrigger", "name": "my-order", "queueName": "orders"}]}),
            "my-order",
        ),
        (
            "under",
            json!({"bindings": [{"type": "queueTrigger", "name": "my_order", "queueName": "orders"}]}),
            "my_order",
        ),
        (
            "kind",
            json!({"bindings": [{"type": "queuetrigger2", "name": "m"}]}),
            "unknown type",
        ),
        (
            "direction",
            json!({"bindings": [{"type": "queueTrigger", "direction": "out", "name": "m", "queueName": "orders"}]}),
            "direction",
        ),
        ("cron", timer_function("0 0 25 * * *"), "hour"),
        ("setting", unresolved, "%MISSING%"),
        (
            "noqueue",
            json!({"bindings": [{"type": "queueTrigger", "name": "m"}]}),
            "queueName",
        ),
        ("short", queue_function("q"), "no name for a queue"),
        ("broken", json!("text"), "invalid type"),
        (
            "script",
            json!({"scriptFile": "run.sh", "bindings": [trigger]}),
            "run.sh",
        ),
        (
            "delay",
            with_retry(json!({"strategy": "fixedDelay", "maxRetryCount": 2})),
            "delayInterval",
        ),
        (
            "count",
            with_retry(json!({"strategy": "fixedDelay", "delayInterval": "00:00:10"})),
            "maxRetryCount",
        ),
        (
            "most",
            with_retry(
                json!({"strategy": "exponentialBackoff", "maxRetryCount": -1,
                "minimumInterval": "00:00:10"}),
            ),
            "maximumInterval",
        ),
        (
            "interval",
            with_retry(
                json!({"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "10 s"}),
            ),
            "10 s",
        ),
        (
            "strategy",
            with_retry(json!({"strategy": "nonsense", "maxRetryCount": 2})),
            "nonsense",
        ),
    ] {
        let fault = fault_of(name, &definition).await;
        assert!(fault.contains(said), "{name}: {fault}");
        assert!(fault.starts_with(name), "{name}: {fault}");
    }
}

#[tokio::test]
async fn names_differ_by_more_than_case() {
    let app = app().http("Orders", "a").http("orders", "b");
    let running = app.start().await;
    let found = running.until_found(Rule::FunctionLoads).await;
    assert!(found.contains("same name as Orders"), "{found}");
}

#[tokio::test]
async fn functions_stand_in_function_definitions_or_beside_host_json() {
    let app = app().http("root", "root");
    let nested = app.path().join("function-definitions/nested");
    fs::create_dir_all(&nested).expect("a folder");
    let definition = http_function("nested").to_string();
    fs::write(nested.join("function.json"), definition).expect("written");
    let running = app.start().await;
    assert_eq!(running.get("/api/nested").await.status(), 200);
    assert_eq!(running.get("/api/root").await.status(), 404);
}

#[tokio::test]
async fn what_surprises_is_said_at_the_start() {
    let with_queue_output = json!({"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous"},
        {"type": "http", "direction": "out", "name": "res"},
        {"type": "queue", "direction": "out", "name": "outq", "queueName": "orders-out"},
    ]});
    let mut retrying = queue_function("jobs");
    retrying["retry"] =
        json!({"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:10"});
    let mut eager = timer_function("0 0 0 1 1 *");
    eager["bindings"][0]["runOnStartup"] = json!(true);
    let queue = || app().queue("jobs");
    for (app, rule) in [
        (app(), Rule::NoFunctions),
        (
            queue().setting("TZ", "America/Edmonton"),
            Rule::TimeZoneSetting,
        ),
        (
            queue().setting("WEBSITE_TIME_ZONE", "UTC"),
            Rule::TimeZoneSetting,
        ),
        (
            queue().host_json(&json!({"extensionBundle": null})),
            Rule::ExtensionBundle,
        ),
        (
            queue().host_json(&json!({"extensions": {"queues": {"newBatchThreshold": null}}})),
            Rule::NewBatchThreshold,
        ),
        (app().function("jobs", &retrying), Rule::RetryOnQueue),
        (
            queue().host_json(&json!({"retry": {"strategy": "fixedDelay"}})),
            Rule::RetryOnQueue,
        ),
        (app().function("eager", &eager), Rule::RunOnStartup),
        (
            app().function("orders", &with_queue_output),
            Rule::EnvelopeInsteadOfRequest,
        ),
        (
            app()
                .http("mine", "admin/mine")
                .host_json(&json!({"extensions": {"http": {"routePrefix": ""}}})),
            Rule::ReservedRoute,
        ),
        (
            app().http("one", "same").http("two", "SAME"),
            Rule::FunctionLoads,
        ),
        (
            app()
                .http("one", "one")
                .host_json(&json!({"customHandler": {"http": {"routes": []}}})),
            Rule::RoutesExcludeDefinitions,
        ),
    ] {
        let running = app.start().await;
        running.until_found(rule).await;
    }
}

#[tokio::test]
async fn another_file_beside_function_json_may_be_taken_for_a_script() {
    let app = app().http("orders", "orders");
    fs::write(app.path().join("orders/notes.txt"), "x").expect("written");
    let running = app.start().await;
    let found = running.until_found(Rule::OtherFilesInFolder).await;
    assert!(found.contains("notes.txt"), "{found}");
}

#[tokio::test]
async fn a_disabled_function_answers_404() {
    for name in ["AzureWebJobs.orders.Disabled"] {
        let app = app().http("orders", "orders").http("others", "others");
        let running = app.setting(name, "true").start().await;
        assert_eq!(running.get("/api/orders").await.status(), 404);
        assert_eq!(running.get("/api/others").await.status(), 200);
        assert_eq!(running.findings(), vec![]);
    }
}

#[tokio::test]
async fn settings_stand_in_for_percent_names() {
    let app = App::with_handler(&["says"])
        .function("orders", &queue_function("%QUEUE%"))
        .setting("QUEUE", "Orders-In");
    let running = app.start().await;
    running.send("orders-in", "hello").await;
    let got = running.until_got(1).await;
    assert_eq!(got[0]["uri"], "/orders");
}

#[tokio::test]
async fn a_host_json_of_another_version_does_not_start() {
    let app = app().http("orders", "orders");
    let started = app.host_json(&json!({"version": "1.0"})).try_start().await;
    let fault = started.err().expect("a refusal").to_string();
    assert!(fault.contains("version must be \"2.0\""), "{fault}");
}

#[test]
fn our_own_app_loads_without_a_word() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let findings = Findings::default();
    let lookup = |name: &str| {
        Some(
            shared::settings::setting(name)?
                .fallback
                .value()?
                .to_owned(),
        )
    };
    let app = local_host::app::App::read(&root, &lookup, &findings).expect("it loads");
    assert_eq!(findings.all(), vec![]);
    let folders = fs::read_dir(root.join("function-definitions")).expect("the folder");
    assert_eq!(app.functions.len(), folders.count());
}

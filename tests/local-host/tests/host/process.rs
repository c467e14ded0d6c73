//! The handler's process: environment, readiness, exit codes, time-outs (custom-handler.md §1).

use std::{fs, time::Duration};

use local_host::{FaultPlan, Rule, handler::State, waiting::until};
use serde_json::json;

use crate::support::{App, LIMIT};

fn app(behaviour: &[&str]) -> App {
    App::with_handler(behaviour).http("orders", "orders")
}

#[tokio::test]
async fn the_handler_gets_five_variables_and_the_settings() {
    let running = app(&["ok"]).setting("TEST_SETTING", "kept").start().await;
    let life = running.until_ready().await.expect("ready");
    let started = &running.heard("STARTED")[0];
    let environment = &started["environment"];
    let port = life.port.to_string();
    assert_eq!(environment["FUNCTIONS_CUSTOMHANDLER_PORT"], port);
    assert_eq!(environment["FUNCTIONS_HTTPWORKER_PORT"], port);
    let id = &environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"];
    assert_eq!(id.as_str().map(str::len), Some(36));
    assert_eq!(&environment["FUNCTIONS_HTTPWORKER_ID"], id);
    assert_eq!(environment["FUNCTIONS_APP_ROOT_PATH"], started["directory"]);
    assert_eq!(environment["TEST_SETTING"], "kept");
}

#[tokio::test]
async fn any_answer_to_get_root_means_ready_and_the_ping_names_no_host() {
    let running = app(&["ok"]).start().await;
    running.until_ready().await.expect("ready, by a 418");
    let ping = &running.heard("PING")[0];
    assert_eq!(ping["method"], "GET");
    let headers = ping["headers"].to_string();
    assert!(!headers.contains("azure"), "{headers}");
}

#[tokio::test]
async fn each_life_has_an_id_of_its_own() {
    let running = app(&["ok"]).start().await;
    running.until_ready().await.expect("ready");
    running.kill_handler().await;
    running.until_ready().await.expect("ready again");
    let started = running.heard("STARTED");
    let id = |n: usize| &started[n]["environment"]["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"];
    assert_ne!(id(0), id(1));
}

#[tokio::test]
async fn a_fixed_port_is_used() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let app = app(&["ok"]).host_json(&json!({"customHandler": {"port": port}}));
    let running = app.start().await;
    assert_eq!(running.until_ready().await.expect("ready").port, port);
}

#[tokio::test]
async fn a_handler_that_does_not_listen_in_time_is_killed_and_the_host_gives_up_after_three() {
    let running = app(&["never-listens"])
        .host_json(&json!({"customHandler": {"initializationTimeout": "00:00:00.1"}}))
        .setting("LOCAL_RESTART_BUDGET", "3")
        .start()
        .await;
    running.until_found(Rule::NeverListened).await;
    running.until_found(Rule::BudgetSpent).await;
    let attempts = running.findings();
    let attempts = attempts.iter().filter(|f| f.rule == Rule::NeverListened);
    assert_eq!(attempts.count(), 3);
}

#[tokio::test]
async fn exit_code_0_leaves_the_app_dead() {
    let running = app(&["exit-on-request", "0"]).start().await;
    let during = running.get("/api/orders").await;
    assert_eq!(during.status(), 502);
    running.until_found(Rule::EndedWithZero).await;
    assert!(matches!(running.handler().state(), State::Ended(_)));
    // Connection refused, for ever after.
    assert_eq!(running.get("/api/orders").await.status(), 502);
    assert_eq!(running.heard("STARTED").len(), 1);
}

#[tokio::test]
async fn exit_code_200_is_a_restart_that_does_not_count() {
    let app = app(&["exit-on-request", "200"]).setting("LOCAL_RESTART_BUDGET", "2");
    let running = app.start().await;
    for life in 1..=4 {
        assert_eq!(running.until_ready().await.expect("ready").number, life);
        assert_eq!(running.get("/api/orders").await.status(), 502);
        let next = until(LIMIT, async || {
            matches!(running.handler().state(), State::Ready(now) if now.number > life)
                .then_some(())
        });
        next.await.expect("the next life");
    }
    assert!(!running.found(Rule::Died), "{:?}", running.findings());
}

#[tokio::test]
async fn any_other_code_restarts_and_the_third_within_thirty_minutes_stops_the_host() {
    let app = app(&["exit-on-request", "3"]).setting("LOCAL_RESTART_BUDGET", "3");
    let running = app.start().await;
    for life in 1..=3 {
        assert_eq!(running.until_ready().await.expect("ready").number, life);
        assert_eq!(running.get("/api/orders").await.status(), 502);
        let dead = until(LIMIT, async || {
            let deaths = running.findings();
            (deaths.iter().filter(|f| f.rule == Rule::Died).count() == life as usize).then_some(())
        });
        dead.await.expect("dead");
    }
    let found = running.until_found(Rule::BudgetSpent).await;
    assert!(found.contains("shuts down"), "{found}");
    let stopped = until(LIMIT, async || {
        (running.handler().state() == State::Stopped).then_some(())
    });
    stopped.await.expect("stopped");
    let answer = running.get("/api/orders").await;
    assert_eq!(answer.status(), 503);
    let text = answer.text().await.expect("a text");
    assert_eq!(text, "Function host is not running.");
}

#[tokio::test]
async fn a_handler_that_dies_takes_along_what_is_in_flight_and_requests_wait_for_the_next_one() {
    let running = app(&["slow-at", "/api/slow", "10000"])
        .http("slow", "slow")
        .start()
        .await;
    let slow = running.get("/api/slow");
    let killer = async {
        running.until_got(1).await;
        running.kill_handler().await;
        // The handler is not back yet: this request waits for it.
        running.get("/api/orders").await
    };
    let (slow, next) = tokio::join!(slow, killer);
    assert_eq!(slow.status(), 502);
    assert_eq!(next.status(), 200);
}

#[tokio::test]
async fn a_function_that_overruns_is_killed_with_all_else_in_flight() {
    let running = app(&["slow", "5000"])
        .http("others", "others")
        .host_json(&json!({"functionTimeout": "00:00:01"}))
        .setting("LOCAL_RESTART_BUDGET", "1")
        .start()
        .await;
    let late = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        running.get("/api/others").await
    };
    let (overrun, other) = tokio::join!(running.get("/api/orders"), late);
    assert_eq!(overrun.status(), 502);
    // It had run for 600 ms only.
    assert_eq!(other.status(), 502);
    let found = running.until_found(Rule::FunctionTimeout).await;
    assert!(found.starts_with("orders: "), "{found}");
    // The restart does not count as an error.
    assert_eq!(running.until_ready().await.expect("ready").number, 2);
    assert!(!running.found(Rule::BudgetSpent));
}

#[tokio::test]
async fn stderr_is_an_error_unless_it_says_warn() {
    for (line, is_found) in [("it broke", true), ("WARNING: it may break", false)] {
        let running = app(&["stderr", line]).start().await;
        assert_eq!(running.get("/api/orders").await.status(), 200);
        let seen = until(LIMIT, async || {
            let lines = running.handler().output().lines();
            lines
                .iter()
                .any(|l| l.is_error && l.text == line)
                .then_some(())
        });
        seen.await.expect("the line");
        assert_eq!(running.found(Rule::StandardError), is_found, "{line}");
    }
}

#[tokio::test]
async fn a_death_is_reported_with_the_last_lines_of_stderr() {
    let app = app(&["exit", "7"]).setting("LOCAL_RESTART_BUDGET", "1");
    let running = app.start().await;
    let found = running.until_found(Rule::Died).await;
    assert!(found.contains('7'), "{found}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_handler_without_its_execute_bit_does_not_start() {
    let app = app(&["ok"])
        .options(|options| options.handler = None)
        .setting("LOCAL_RESTART_BUDGET", "1");
    // As named by defaultExecutablePath, and 0644.
    fs::write(app.path().join("handler"), "#!/bin/sh\n").expect("written");
    let running = app.start().await;
    let found = running.until_found(Rule::CannotStart).await;
    assert!(found.contains("execute bit"), "{found}");
}

#[tokio::test]
async fn stopping_the_host_kills_the_handler_without_notice() {
    let running = app(&["ok"]).start().await;
    let life = running.until_ready().await.expect("ready");
    let output = running.handler().output().clone();
    running.stop().await;
    let connected = std::net::TcpStream::connect(("127.0.0.1", life.port));
    assert!(connected.is_err());
    let lines = output.lines();
    assert!(
        lines.iter().all(|line| !line.text.starts_with("TOLD")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_streamed_answer_lasts_until_its_end_and_is_bound_by_the_time_out() {
    let running = app(&["streams", "5000"])
        .host_json(&json!({"functionTimeout": "00:00:01"}))
        .start()
        .await;
    let answer = running.get("/api/orders").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err(), "it broke off");
    let found = running.until_found(Rule::FunctionTimeout).await;
    assert!(found.starts_with("orders: "), "{found}");
    assert_eq!(running.until_ready().await.expect("ready").number, 2);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_reported() {
    let running = app(&["breaks-off"]).start().await;
    let answer = running.get("/api/orders").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err(), "it broke off");
    let found = running.until_found(Rule::NoAnswer).await;
    assert!(found.contains("in the middle of one"), "{found}");
    assert_eq!(running.until_ready().await.expect("ready").number, 1);
}

#[tokio::test]
async fn a_function_runs_until_the_end_of_its_answer() {
    let running = app(&["streams", "300"]).start().await;
    running
        .add_faults(FaultPlan {
            kill_after: Some(1),
            ..FaultPlan::default()
        })
        .await;
    let answer = running.get("/api/orders").await;
    running.until_idle().await;
    assert_eq!(running.heard("STREAMED").len(), 1);
    // It was killed after the last piece, not after the first.
    let text = answer.text().await.expect("all of it");
    assert_eq!(text, "first, second");
    let next = until(LIMIT, async || {
        matches!(running.handler().state(), State::Ready(life) if life.number == 2).then_some(())
    });
    next.await.expect("a second life");
}

#[tokio::test]
async fn a_slow_start_that_takes_too_long_is_one_that_never_listens() {
    let running = app(&["ok"])
        .host_json(&json!({"customHandler": {"initializationTimeout": "00:00:01"}}))
        .start()
        .await;
    running.until_ready().await.expect("ready");
    running
        .add_faults(FaultPlan {
            slow_start_ms: Some(1_500),
            ..FaultPlan::default()
        })
        .await;
    running.until_found(Rule::NeverListened).await;
    // Its second life was never spawned.
    assert_eq!(running.until_ready().await.expect("ready").number, 3);
    assert_eq!(running.heard("STARTED").len(), 2);
}

#[tokio::test]
async fn an_invocation_that_waits_too_long_for_the_handler_stops_the_host() {
    let running = app(&["hangs"])
        .host_json(&json!({"customHandler": {"initializationTimeout": "00:00:00.3"}}))
        .start()
        .await;
    assert_eq!(running.get("/api/orders").await.status(), 502);
    let found = running.until_found(Rule::NeverReady).await;
    assert!(found.contains("Initialization timed out"), "{found}");
    assert_eq!(running.handler().state(), State::Stopped);
    assert_eq!(running.get("/api/orders").await.status(), 503);
}

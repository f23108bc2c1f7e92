//! Levels of the log of running processes: told through the API, taken up by each.

use std::process::Command;
use std::time::Duration;

use ashlar_db::testing;
use ashlar_db::{Engine, log_levels};
use ashlar_testkit::{Client, cloud};
use ashlar_types::Clock;
use serde_json::{Value, json};

use crate::server::{Server, binary};

fn configuration(url: &str, state: &str, log: &str) -> String {
    format!(
        "[DEFAULT]\nhost = node\nstate_path = {state}\nlog_file = {log}\nenabled_backends = sim\n\
         report_interval = 1\nservice_down_time = 60\n\n[database]\nconnection = {url}\n\n[sim]\n\
         volume_driver = sim\nsim_pools = pool:10\n"
    )
}

async fn levels(client: &Client, binary: &str) -> Vec<(Value, Value)> {
    let wish = json!({ "binary": binary, "prefix": "ashlar_api" });
    let got = client.put("/os-services/get-log", &wish).await.expect(200);
    let all = got.body["log_levels"].as_array().cloned().unwrap_or_default();
    let one = |entry: Value| (entry["host"].clone(), entry["levels"]["ashlar_api"].clone());
    all.into_iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_told_logs_more_at_once_and_less_again() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (config, log) = (path("ashlar.conf"), path("ashlar.log"));
    let url = format!("sqlite:///{}", path("ashlar.db"));
    std::fs::write(&config, configuration(&url, &path("state"), &log)).expect("written");
    let args = ["serve", "--listen", "127.0.0.1:0", "--config-file", &config];
    let server = Server::start_with_log(&args, "warn");
    let client = server.client(&cloud::project());
    assert_eq!(levels(&client, "cinder-api").await, [(json!("node"), json!("WARNING"))]);
    assert_eq!(levels(&client, "cinder-volume").await, [(json!("node@sim"), json!("WARNING"))]);
    let written = || std::fs::read_to_string(&log).unwrap_or_default();
    let before = written();
    assert!(!before.contains("log levels were set"), "{before}");
    let wish = json!({ "binary": "cinder-api", "prefix": "cinder", "level": "info" });
    let _ = client.put("/os-services/set-log", &wish).await.expect(202);
    assert_eq!(levels(&client, "").await.len(), 3, "one process plays three services");
    assert_eq!(levels(&client, "cinder-api").await, [(json!("node"), json!("INFO"))]);
    assert!(written().contains("log levels were set"), "{}", written());
    let wish = json!({ "level": "ERROR" });
    let _ = client.put("/os-services/set-log", &wish).await.expect(202);
    let quiet = written();
    let _ = client.put("/os-services/set-log", &wish).await.expect(202);
    assert_eq!(written(), quiet, "nothing of that level is logged any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_takes_its_levels_up_with_its_next_look() {
    for place in testing::databases().await {
        if place.db.engine() == Engine::Sqlite {
            continue;
        }
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = |name: &str| directory.path().join(name).display().to_string();
        let (config, log) = (path("ashlar.conf"), path("scheduler.log"));
        let text = configuration(&place.url, &path("state"), &log);
        std::fs::write(&config, text).expect("written");
        let synced = Command::new(binary()).args(["db", "sync", "--config-file", &config]).status();
        assert!(synced.expect("the binary can be run").success());
        let scheduler = Server::start_role(&["scheduler", "--config-file", &config]);
        let api = Server::start(&["api", "--listen", "127.0.0.1:0", "--config-file", &config]);
        let client = api.client(&cloud::project());
        wait_for_scheduler(&client).await;
        let wish = json!({ "binary": "cinder-scheduler", "prefix": "ashlar", "level": "debug" });
        let _ = client.put("/os-services/set-log", &wish).await.expect(202);
        assert_eq!(levels(&client, "cinder-scheduler").await, [(json!("node"), json!("DEBUG"))]);
        assert_eq!(levels(&client, "cinder-api").await, [(json!("node"), json!("WARNING"))]);
        wait_for_lines(&log).await;
        let mut tx = place.db.read().await.expect("reads");
        let hour = Duration::from_secs(3600);
        let all = log_levels::list(&mut tx, Clock::System.now().before(hour), false).await;
        assert_eq!(all.expect("read").len(), 2, "a process each");
        drop(scheduler);
    }
}

async fn wait_for_scheduler(client: &Client) {
    for _ in 0..600 {
        if !levels(client, "cinder-scheduler").await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the scheduler does not come up");
}

/// The scheduler says what it said nothing about before.
async fn wait_for_lines(log: &str) {
    for _ in 0..600 {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        if text.contains("what is logged has changed") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the scheduler does not take its levels up");
}

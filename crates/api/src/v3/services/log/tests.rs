//! Levels of the log of processes that have said they live.

use std::sync::{Arc, Mutex};

use ashlar_db::log_levels::{self, Played, Process};
use ashlar_db::{DbError, transact};
use ashlar_types::LogLevels;
use serde_json::{Value, json};

use crate::app::ApiSettings;
use crate::own_log::OwnLog;
use crate::testing::{Got, House};

async fn live(house: &House, id: &str, services: &[(&str, &str)]) -> String {
    let services = services
        .iter()
        .map(|(binary, host)| Played { binary: (*binary).to_owned(), host: (*host).to_owned() });
    let process = Process {
        id: id.to_owned(),
        services: services.collect(),
        levels: LogLevels::from("info"),
    };
    let (db, now) = (&house.app.db, house.app.clock.now());
    let levels: Result<LogLevels, DbError> =
        transact!(db, tx => log_levels::live(tx, &process, now).await);
    levels.expect("a process").to_string()
}

async fn put(house: &House, deed: &str, body: Value) -> Got {
    house.ask(("root:abc", 71), "PUT", &format!("/v3/os-services/{deed}"), &body).await
}

const SCHEDULER: (&str, &str) = ("cinder-scheduler", "h");
const ON_A: (&str, &str) = ("cinder-volume", "h@a");
const API: (&str, &str) = ("cinder-api", "h");

#[tokio::test]
async fn a_level_reaches_the_processes_that_play_what_was_named_and_no_others() {
    let house = House::furnished().await;
    let all = [("v", vec![ON_A]), ("w", vec![("cinder-volume", "i@a")]), ("s", vec![SCHEDULER])];
    for (id, services) in &all {
        live(&house, id, services).await;
    }
    let wish = json!({ "binary": "cinder-volume", "server": "h", "prefix": "cinder.db", "level": "Debug" });
    let got = put(&house, "set-log", wish).await;
    assert_eq!((got.status, &got.body), (202, &Value::Null));
    assert_eq!(live(&house, "v", &[ON_A]).await, "info,ashlar_db=debug");
    assert_eq!(live(&house, "w", &[]).await, "info");
    assert_eq!(live(&house, "s", &[]).await, "info");
    let got = put(&house, "set-log", json!({ "binary": "*", "level": "ERROR" })).await;
    assert_eq!(got.status, 202);
    assert_eq!(live(&house, "v", &[]).await, "error");
    assert_eq!(live(&house, "s", &[]).await, "error");
    let got = put(&house, "get-log", json!({ "server": "h", "prefix": "ashlar_db" })).await;
    assert_eq!(
        got.body,
        json!({ "log_levels": [
            { "binary": "cinder-scheduler", "host": "h", "levels": { "ashlar_db": "ERROR" } },
            { "binary": "cinder-volume", "host": "h@a", "levels": { "ashlar_db": "ERROR" } },
        ] })
    );
}

#[tokio::test]
async fn the_process_that_answers_changes_its_log_at_once() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&seen);
    let apply = move |levels: &LogLevels| {
        heard.lock().expect("nobody panicked").push(levels.to_string());
    };
    let log = Some(OwnLog::new("me", Arc::new(apply)));
    let settings = ApiSettings { log, ..ApiSettings::default() };
    let house = House::with_settings(crate::v3::TABLES, settings).await;
    ashlar_db::migrate::sync(&house.app.db).await.expect("tables");
    live(&house, "me", &[API, SCHEDULER]).await;
    live(&house, "other", &[ON_A]).await;
    let wish = json!({ "binary": "cinder-volume", "level": "DEBUG" });
    assert_eq!(put(&house, "set-log", wish).await.status, 202);
    assert!(seen.lock().expect("nobody panicked").is_empty());
    let wish = json!({ "binary": "cinder-api", "level": "warning" });
    assert_eq!(put(&house, "set-log", wish).await.status, 202);
    assert_eq!(*seen.lock().expect("nobody panicked"), ["warn"]);
}

#[tokio::test]
async fn who_was_not_heard_of_for_long_is_left_out() {
    let house = House::furnished().await;
    live(&house, "v", &[ON_A]).await;
    let shown = async || put(&house, "get-log", json!({})).await.body["log_levels"].clone();
    assert_eq!(shown().await.as_array().map(Vec::len), Some(1));
    house.app.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(shown().await, json!([]));
}

#[tokio::test]
async fn what_is_no_level_and_no_binary_is_refused() {
    let house = House::furnished().await;
    for (wish, word) in
        [(json!({ "level": "LOUD" }), "LOUD"), (json!({ "level": null }), ""), (json!({}), "")]
    {
        let got = put(&house, "set-log", wish).await;
        let message = format!("Invalid input received: {word} is not a valid log level.");
        assert_eq!(got.fault(), (400, message.as_str()));
    }
    let got = put(&house, "get-log", json!({ "binary": "cinder-none" })).await;
    assert_eq!(got.status, 400);
    assert_eq!(put(&house, "get-log", json!({ "level": "INFO" })).await.status, 400);
    let old = house.ask(("root:abc", 31), "PUT", "/v3/os-services/get-log", &json!({})).await;
    assert_eq!(old.status, 404);
    let member =
        house.ask(("me:abc:member", 71), "PUT", "/v3/os-services/get-log", &json!({})).await;
    assert_eq!(member.status, 403);
}

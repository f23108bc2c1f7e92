//! Sending what waits: all of it, by one process at a time, and not at all while the broker is away.

use ashlar_bus::rabbit::{Host, Settings};
use ashlar_db::testing::databases;
use ashlar_types::Timestamp;
use serde_json::{Value, json};

use super::*;

fn notification(at: i64) -> Notification {
    Notification {
        id: NotificationId::fresh(),
        event_type: "volume.create.end".to_owned(),
        priority: "INFO".to_owned(),
        publisher_id: "volume.node@one#pool".to_owned(),
        request_id: "req-1".to_owned(),
        context: json!({ "user_id": "u", "project_id": "p" }),
        payload: json!({ "number": at }),
        created_at: Timestamp::from_micros(at),
    }
}

pub(super) async fn put_out(db: &Db, number: i64) {
    let all: Vec<Notification> = (0..number).map(notification).collect();
    let mut tx = db.begin().await.expect("begins");
    notifications::insert(&mut tx, &all).await.expect("stored");
    tx.commit().await.expect("commits");
}

async fn waiting(db: &Db) -> u64 {
    let backlog = notifications::backlog(&mut db.read().await.expect("begins")).await;
    backlog.expect("counted").waiting
}

fn sender(db: &Db, outlets: Outlets) -> Sender {
    Sender::new(db.clone(), Clock::System, outlets)
}

fn to_the_log() -> Outlets {
    Outlets { log: true, ..Outlets::default() }
}

/// A broker at a port where nobody listens.
fn away(retry: Option<u32>) -> Outlets {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = unused.local_addr().expect("an address").port();
    drop(unused);
    let host = Host {
        host: "127.0.0.1".to_owned(),
        port,
        user: "guest".to_owned(),
        password: "guest".into(),
    };
    let rabbit = Settings {
        hosts: vec![host],
        virtual_host: "/".to_owned(),
        exchange: "openstack".to_owned(),
        topics: vec!["notifications".to_owned()],
        durable: false,
        auto_delete: false,
        arguments: Vec::new(),
        heartbeat: 60,
        tls: None,
    };
    Outlets { log: false, rabbit: Some(rabbit), retry }
}

#[tokio::test]
async fn all_that_waits_is_sent_however_much_it_is() {
    for test in databases().await {
        put_out(&test.db, 2 * i64::try_from(PORTION).expect("a few") + 1).await;
        let mut sender = sender(&test.db, to_the_log());
        for wanted in [Turn::More, Turn::More, Turn::Idle, Turn::Idle] {
            assert_eq!(sender.turn().await.expect("sent"), wanted);
        }
        assert_eq!(waiting(&test.db).await, 0);
    }
}

#[tokio::test]
async fn one_process_sends_and_the_next_goes_on_when_it_stops() {
    for test in databases().await {
        put_out(&test.db, 1).await;
        let (mut one, mut two) = (sender(&test.db, to_the_log()), sender(&test.db, to_the_log()));
        assert_eq!(one.turn().await.expect("sent"), Turn::Idle);
        put_out(&test.db, 1).await;
        assert_eq!(two.turn().await.expect("looked"), Turn::Idle);
        assert_eq!(waiting(&test.db).await, 1);
        let stop = CancellationToken::new();
        stop.cancel();
        one.run(stop).await;
        assert_eq!(two.turn().await.expect("sent"), Turn::Idle);
        assert_eq!(waiting(&test.db).await, 0);
    }
}

#[tokio::test]
async fn they_wait_while_the_broker_is_away() {
    for test in databases().await {
        put_out(&test.db, 3).await;
        let mut sender = sender(&test.db, away(None));
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert_eq!(sender.turn().await.expect("tried"), Turn::Stuck);
            pauses.push(sender.pause().as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(waiting(&test.db).await, 3);
    }
}

#[tokio::test]
async fn whoever_says_so_gives_them_up() {
    for test in databases().await {
        put_out(&test.db, 3).await;
        let mut sender = sender(&test.db, away(Some(1)));
        assert_eq!(sender.turn().await.expect("tried"), Turn::Stuck);
        assert_eq!(sender.turn().await.expect("given up"), Turn::Idle);
        assert_eq!(waiting(&test.db).await, 0);
    }
}

#[test]
fn a_message_repeated_is_the_same_message() {
    let notification = notification(1_795_342_272_000_000);
    let (one, two) = (envelope::packed(&notification), envelope::packed(&notification));
    assert_eq!(one.body, two.body);
    assert_eq!(one.priority, "info");
    let outer: Value = serde_json::from_slice(&one.body).expect("JSON");
    assert_eq!(outer["oslo.version"], "2.0");
    let text = outer["oslo.message"].as_str().expect("a text");
    let message: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(message["timestamp"], "2026-11-22 10:11:12");
    assert_eq!(message["_context_timestamp"], "2026-11-22T10:11:12");
    assert_eq!(message["_context_user_identity"], "u p - - -");
    assert_eq!(message["_unique_id"].as_str().map(str::len), Some(32));
}

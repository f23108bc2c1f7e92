//! The outbox before a RabbitMQ that does not take everything: what it has taken leaves the table, what it has not stays
//! there, and goes as soon as it can.

use std::ops::Range;
use std::time::Duration;

use ashlar_db::Db;
use ashlar_db::notifications::{self, Notification};
use ashlar_testkit::wait::PATIENCE;
use ashlar_types::{NotificationId, Timestamp};
use serde_json::{Value, json};

use super::broker::Broker;
use super::hand::{ERROR, Hand, INFO};
use super::{House, to, until_sent, until_waiting};

/// Puts notifications of these numbers into the outbox; their order is that of the numbers.
pub(super) async fn put_out(db: &Db, priority: &str, numbers: Range<i64>) {
    let all: Vec<Notification> = numbers
        .map(|number| Notification {
            id: NotificationId::fresh(),
            event_type: "volume.create.end".to_owned(),
            priority: priority.to_owned(),
            publisher_id: "volume.node@one#pool".to_owned(),
            request_id: "req-1".to_owned(),
            context: Value::Null,
            payload: json!({ "number": number }),
            created_at: Timestamp::from_micros(number),
        })
        .collect();
    let mut tx = db.begin().await.expect("begins");
    notifications::insert(&mut tx, &all).await.expect("stored");
    tx.commit().await.expect("commits");
}

/// The numbers of those that wait.
pub(super) async fn left(db: &Db) -> Vec<i64> {
    let mut tx = db.read().await.expect("the database answers");
    let all = notifications::oldest(&mut tx, 1000).await.expect("they can be read");
    all.iter().map(|one| number(&one.payload)).collect()
}

/// Takes messages out of the queue; their numbers.
pub(super) async fn taken(hand: &Hand, queue: &str) -> Vec<i64> {
    let bodies = hand.take(queue).await.into_iter();
    bodies
        .map(|body| {
            let envelope: Value = serde_json::from_slice(&body).expect("JSON");
            let message = envelope["oslo.message"].as_str().expect("a text");
            number(&serde_json::from_str::<Value>(message).expect("JSON")["payload"])
        })
        .collect()
}

fn number(payload: &Value) -> i64 {
    payload["number"].as_i64().expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_full_queue_refuses_waits_until_there_is_room() {
    let Some(broker) = Broker::start() else { return };
    let policy = r#"{"max-length":3,"overflow":"reject-publish"}"#;
    broker.control(&["set_policy", "--apply-to", "queues", "full", "info", policy]);
    let hand = Hand::at(&broker).await;
    let house = House::start(&to(&broker.url()), "");
    let db = house.db().await;
    put_out(&db, "INFO", 0..8).await;
    until_waiting(&db, 5).await;
    assert_eq!(left(&db).await, [3, 4, 5, 6, 7]);

    let mut told = taken(&hand, INFO).await;
    assert_eq!(told, [0, 1, 2]);
    let pause = Duration::from_millis(50);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        if told.len() >= 8 {
            break;
        }
        tokio::time::sleep(pause).await;
        told.extend(taken(&hand, INFO).await);
    }
    until_sent(&db).await;
    told.extend(taken(&hand, INFO).await);
    // Each has gone, none twice although some were refused more than once.
    told.sort_unstable();
    assert_eq!(told, (0..8).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_for_a_queue_that_is_refused_hold_up_no_others_however_many_they_are() {
    let Some(broker) = Broker::start() else { return };
    let hand = Hand::at(&broker).await;
    hand.make(ERROR, Some(1000)).await;
    let house = House::start(&to(&broker.url()), "");
    let db = house.db().await;
    // More than go together, and older than those that can go.
    put_out(&db, "ERROR", 0..250).await;
    put_out(&db, "INFO", 250..255).await;
    until_waiting(&db, 250).await;
    assert_eq!(taken(&hand, INFO).await, (250..255).collect::<Vec<i64>>());
    let said: Vec<Value> =
        house.lines().into_iter().filter(|line| line["level"] == "WARN").collect();
    let says = |line: &Value| {
        line["error"] == "queue notifications.error cannot be declared"
            && line["cause"].as_str().is_some_and(|cause| cause.contains("inequivalent arg"))
    };
    assert!(said.iter().any(says), "{said:#?}");

    hand.remove(ERROR).await;
    until_sent(&db).await;
    assert_eq!(taken(&hand, ERROR).await, (0..250).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_somebody_removes_is_made_again_and_none_is_lost() {
    let Some(broker) = Broker::start() else { return };
    let hand = Hand::at(&broker).await;
    let house = House::start(&to(&broker.url()), "");
    let db = house.db().await;
    put_out(&db, "INFO", 0..1).await;
    until_sent(&db).await;
    hand.remove(INFO).await;
    put_out(&db, "INFO", 1..31).await;
    until_sent(&db).await;
    assert_eq!(taken(&hand, INFO).await, (1..31).collect::<Vec<i64>>());
    // What it was that came back is no matter of the log.
    let lines = house.lines();
    let of_library = |line: &&Value| line["target"] == "lapin::returned_messages";
    assert_eq!(lines.iter().find(of_library), None);
    assert!(lines.iter().any(|line| line["error"] == "the broker had no queue for a message"));
}

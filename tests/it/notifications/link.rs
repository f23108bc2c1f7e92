//! The way to RabbitMQ alone: what the publisher says of each message is what a real broker has of it.

use ashlar_bus::rabbit::{Error, Host, Message, Publisher, Settings};

use super::broker::Broker;
use super::hand::{ERROR, Hand, INFO};

/// As oslo.messaging would declare them with durable queues.
fn settings(broker: &Broker, topics: &[&str]) -> Settings {
    let host = Host {
        host: "127.0.0.1".to_owned(),
        port: broker.port(),
        user: "guest".to_owned(),
        password: "guest".into(),
    };
    Settings {
        hosts: vec![host],
        virtual_host: "/".to_owned(),
        exchange: super::hand::EXCHANGE.to_owned(),
        topics: topics.iter().copied().map(str::to_owned).collect(),
        durable: true,
        auto_delete: false,
        arguments: Vec::new(),
        heartbeat: 60,
        tls: None,
    }
}

/// Its body is its number.
fn message(priority: &str, number: usize) -> Message {
    Message { priority: priority.to_owned(), body: number.to_string().into_bytes() }
}

async fn numbers(hand: &Hand, queue: &str) -> Vec<usize> {
    let bodies = hand.take(queue).await.into_iter();
    let text = bodies.map(|body| String::from_utf8(body).expect("a text"));
    text.map(|text| text.parse().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_found_no_queue_is_told_from_what_did_and_the_queue_is_made_anew() {
    let Some(broker) = Broker::start() else { return };
    let hand = Hand::at(&broker).await;
    let mut publisher = Publisher::new(settings(&broker, &["notifications"]));
    let first = [message("info", 1000), message("error", 1000)];
    publisher.publish(&first).await.expect("the queues are made");
    assert_eq!((numbers(&hand, INFO).await, numbers(&hand, ERROR).await), (vec![1000], vec![1000]));

    // Every other one comes back, among confirmations of those that stay.
    hand.remove(ERROR).await;
    let is_info = |number: &usize| number.is_multiple_of(2);
    let priority = |number| if is_info(&number) { "info" } else { "error" };
    let messages: Vec<Message> = (0..100).map(|number| message(priority(number), number)).collect();
    let stopped = publisher.publish(&messages).await.expect_err("there is no queue for half");
    assert!(matches!(stopped.because, Error::Unroutable), "{stopped:?}");
    assert_eq!(stopped.confirmed, (0..100).map(|number| is_info(&number)).collect::<Vec<bool>>());

    let confirmed = messages.iter().zip(stopped.confirmed);
    let rest: Vec<Message> =
        confirmed.filter(|(_, is_safe)| !is_safe).map(|(one, _)| one.clone()).collect();
    publisher.publish(&rest).await.expect("the queue is made again");
    let (info, error): (Vec<usize>, Vec<usize>) = (0..100).partition(is_info);
    assert_eq!((numbers(&hand, INFO).await, numbers(&hand, ERROR).await), (info, error));
    publisher.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_not_reached_all_topics_is_not_sent_yet() {
    let Some(broker) = Broker::start() else { return };
    let hand = Hand::at(&broker).await;
    let mut publisher = Publisher::new(settings(&broker, &["notifications", "audit"]));
    publisher.publish(&[message("info", 0)]).await.expect("the queues are made");
    assert_eq!(
        (numbers(&hand, INFO).await, numbers(&hand, "audit.info").await),
        (vec![0], vec![0])
    );

    hand.remove("audit.info").await;
    let next = [message("info", 1), message("info", 2)];
    let stopped = publisher.publish(&next).await.expect_err("one topic has no queue");
    assert_eq!(stopped.confirmed, [false, false], "{stopped:?}");
    publisher.publish(&next).await.expect("the queue is made again");
    assert_eq!(numbers(&hand, "audit.info").await, [1, 2]);
    // At least once: the other topic had them already.
    assert_eq!(numbers(&hand, INFO).await, [1, 2, 1, 2]);

    let policy = r#"{"max-length":1,"overflow":"reject-publish"}"#;
    broker.control(&["set_policy", "--apply-to", "queues", "full", "audit", policy]);
    let last = [message("info", 3), message("info", 4)];
    let stopped = publisher.publish(&last).await.expect_err("one topic has room for one");
    assert!(matches!(stopped.because, Error::Refused), "{stopped:?}");
    assert_eq!(stopped.confirmed, [true, false]);
    assert_eq!(numbers(&hand, "audit.info").await, [3]);
    publisher.publish(&last[1..]).await.expect("there is room again");
    assert_eq!(numbers(&hand, "audit.info").await, [4]);
    assert_eq!(numbers(&hand, INFO).await, [3, 4, 4]);
    publisher.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_refused_is_named_and_keeps_its_own_messages_only() {
    let Some(broker) = Broker::start() else { return };
    let hand = Hand::at(&broker).await;
    hand.make(ERROR, Some(1000)).await;
    // Nor is the exchange as it would be made: it is used as it is.
    hand.make_passing_exchange().await;
    let mut publisher = Publisher::new(settings(&broker, &["notifications"]));
    for round in 0..2 {
        let [one, two, three] = [0, 1, 2].map(|number| 10 * round + number);
        let messages = [message("error", one), message("info", two), message("error", three)];
        let stopped = publisher.publish(&messages).await.expect_err("a queue is of another form");
        assert_eq!(stopped.confirmed, [false, true, false]);
        let text = stopped.because.to_string();
        assert_eq!(text, "queue notifications.error cannot be declared");
    }
    assert_eq!((numbers(&hand, INFO).await, hand.count(ERROR).await), (vec![1, 11], 0));

    hand.remove(ERROR).await;
    publisher.publish(&[message("error", 20)]).await.expect("nothing is in its way");
    assert_eq!(numbers(&hand, ERROR).await, [20]);
    publisher.close().await;
}

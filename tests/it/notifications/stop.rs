//! A stop while notifications are on their way: they have been said to the broker, and its answer has not come.

use std::ops::Range;
use std::time::Duration;

use ashlar_testkit::wait::PATIENCE;

use super::broker::{Broker, url};
use super::gate::Gate;
use super::hand::{Hand, INFO};
use super::outbox::{left, put_out, taken};
use super::{House, to, until_sent};

/// Those that are on their way.
const UNDER_WAY: Range<i64> = 1..21;

/// A house whose turn is held in its middle: the broker has all the messages, the house has no confirmation.
async fn in_mid_turn(hand: &Hand, gate: &Gate) -> House {
    let house = House::start(&to(&url(gate.port)), "");
    let db = house.db().await;
    put_out(&db, "INFO", 0..1).await;
    until_sent(&db).await;
    assert_eq!(taken(hand, INFO).await, [0]);
    gate.shut();
    put_out(&db, "INFO", UNDER_WAY).await;
    let pause = Duration::from_millis(20);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        if hand.count(INFO).await == 20 {
            return house;
        }
        tokio::time::sleep(pause).await;
    }
    panic!("they do not arrive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_a_turn_end_so_that_nothing_goes_out_twice() {
    let Some(broker) = Broker::start() else { return };
    let (hand, gate) = (Hand::at(&broker).await, Gate::before(broker.port()).await);
    let mut house = in_mid_turn(&hand, &gate).await;
    let server = house.server.take().expect("it runs");
    server.ask_to_end().await;
    // Whatever would let go of the turn at a stop has the time to do so.
    tokio::time::sleep(Duration::from_millis(500)).await;
    gate.open();
    assert!(server.ended().await.success());
    assert_eq!(left(&house.db().await).await, [0_i64; 0]);

    house.resume();
    put_out(&house.db().await, "INFO", 21..22).await;
    until_sent(&house.db().await).await;
    assert_eq!(taken(&hand, INFO).await, (1..22).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_beside_a_broker_that_does_not_answer_ends_and_loses_nothing() {
    let Some(broker) = Broker::start() else { return };
    let (hand, gate) = (Hand::at(&broker).await, Gate::before(broker.port()).await);
    let mut house = in_mid_turn(&hand, &gate).await;
    let server = house.server.take().expect("it runs");
    server.ask_to_end().await;
    assert!(server.ended().await.success());
    assert_eq!(left(&house.db().await).await, UNDER_WAY.collect::<Vec<i64>>());

    // These copies are lost on their way to whoever would have heard them.
    hand.remove(INFO).await;
    gate.open();
    house.resume();
    until_sent(&house.db().await).await;
    assert_eq!(taken(&hand, INFO).await, UNDER_WAY.collect::<Vec<i64>>());
}

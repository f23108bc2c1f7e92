//! A test's own hand at the broker: it looks into queues, empties, makes and removes them.

use ashlar_testkit::wait::PATIENCE;
use lapin::options::{
    BasicGetOptions, ExchangeDeclareOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use tokio::time::timeout;

use super::broker::Broker;

/// The queue of notifications that tell of what went well.
pub(super) const INFO: &str = "notifications.info";
/// The queue of those that tell of failures.
pub(super) const ERROR: &str = "notifications.error";
/// `control_exchange`.
pub(super) const EXCHANGE: &str = "openstack";

/// A connection of the test's own.
pub(super) struct Hand {
    _connection: Connection,
    channel: Channel,
}

impl Hand {
    /// Connects to it.
    pub(super) async fn at(broker: &Broker) -> Self {
        let address = format!("amqp://guest:guest@127.0.0.1:{}/%2f", broker.port());
        let connecting = async {
            let connection = Connection::connect(&address, ConnectionProperties::default()).await?;
            let channel = connection.create_channel().await?;
            Ok::<_, lapin::Error>(Self { _connection: connection, channel })
        };
        timeout(PATIENCE, connecting).await.expect("it answers").expect("it lets guests in")
    }

    /// Makes a queue that survives a restart, at most so long when said.
    pub(super) async fn make(&self, queue: &str, longest: Option<i32>) {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let mut arguments = FieldTable::default();
        if let Some(longest) = longest {
            arguments.insert("x-max-length".into(), AMQPValue::LongInt(longest));
        }
        let made = self.channel.queue_declare(queue.into(), options, arguments).await;
        made.expect("the queue can be made");
    }

    /// Makes the exchange so that it does not survive a restart.
    pub(super) async fn make_passing_exchange(&self) {
        let (options, none) = (ExchangeDeclareOptions::default(), FieldTable::default());
        let kind = ExchangeKind::Topic;
        let made = self.channel.exchange_declare(EXCHANGE.into(), kind, options, none).await;
        made.expect("the exchange can be made");
    }

    /// Removes a queue with all that is in it.
    pub(super) async fn remove(&self, queue: &str) {
        let options = QueueDeleteOptions::default();
        let removed = self.channel.queue_delete(queue.into(), options).await;
        removed.expect("the queue was there");
    }

    /// How many messages are in a queue that is there.
    pub(super) async fn count(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let found = self.channel.queue_declare(queue.into(), options, FieldTable::default()).await;
        found.expect("the queue is there").message_count()
    }

    /// Takes out all that is in a queue that is there.
    pub(super) async fn take(&self, queue: &str) -> Vec<Vec<u8>> {
        let mut taken = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) =
            self.channel.basic_get(queue.into(), options).await.expect("the queue is there")
        {
            taken.push(message.delivery.data);
        }
        taken
    }
}

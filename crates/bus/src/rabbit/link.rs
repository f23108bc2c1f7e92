//! One connection with its channel, and what was declared on it.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::time::Duration;

use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, ErrorKind, ExchangeKind,
    PublisherConfirm,
};
use tokio::time::{Instant, timeout, timeout_at};

use super::confirms::{Heard, UnderWay};
use super::{Argument, Error, Host, Message, Settings, address};

/// Longest time for a farewell.
const CLOSING: Duration = Duration::from_secs(2);
/// Longest time until the last message of a batch is on its way.
const SENDING: Duration = Duration::from_secs(10);
/// Longest time until a batch is confirmed, from its beginning. A broker that is short of memory or disk keeps
/// publishers waiting.
const CONFIRMING: Duration = Duration::from_secs(15);

/// What the broker lists the connection as.
const NAME: &str = "ashlar notifications";

/// A connection on which the exchange is declared and publishing is confirmed.
pub(super) struct Link {
    connection: Connection,
    channel: Channel,
    /// The queues that are there, by their name, which is also the routing key.
    queues: HashSet<String>,
    durable: bool,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("queues", &self.queues).finish_non_exhaustive()
    }
}

impl Link {
    /// Connects to this member.
    pub(super) async fn open(settings: &Settings, host: &Host) -> Result<Self, Error> {
        let failed = |cause| Error::Connect { at: format!("{}:{}", host.host, host.port), cause };
        let runtime = lapin::runtime::default_runtime().map_err(failed)?;
        let properties = ConnectionProperties::default().with_connection_name(NAME.into());
        let connection = Connection::connect_uri_with_config(
            address::uri(settings, host),
            properties,
            settings.tls.as_ref().map(address::tls).unwrap_or_default(),
            runtime,
        )
        .await
        .map_err(failed)?;
        let channel = confirming(&connection).await?;
        let mut link =
            Self { connection, channel, queues: HashSet::new(), durable: settings.durable };
        link.declare_exchange(settings).await?;
        Ok(link)
    }

    /// Nothing is known to have gone wrong with it.
    pub(super) fn is_alive(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Declares the exchange. One that another service has made without durability is used as it is, as
    /// oslo.messaging does.
    async fn declare_exchange(&mut self, settings: &Settings) -> Result<(), Error> {
        let outcome = self.try_to_declare_exchange(settings).await;
        let Err(error) = outcome else { return Ok(()) };
        if !(self.durable && is_of_another_form(&error)) {
            return Err(declaring(format!("exchange {}", settings.exchange), error));
        }
        tracing::warn!(
            exchange = settings.exchange,
            "the exchange is there and is not durable; so are the queues of notifications then"
        );
        self.durable = false;
        self.channel = confirming(&self.connection).await?;
        let outcome = self.try_to_declare_exchange(settings).await;
        outcome.map_err(|error| declaring(format!("exchange {}", settings.exchange), error))
    }

    async fn try_to_declare_exchange(&self, settings: &Settings) -> Result<(), lapin::Error> {
        let options = ExchangeDeclareOptions {
            durable: self.durable,
            auto_delete: settings.auto_delete,
            ..ExchangeDeclareOptions::default()
        };
        let (name, kind) = (settings.exchange.as_str().into(), ExchangeKind::Topic);
        self.channel.exchange_declare(name, kind, options, FieldTable::default()).await
    }

    /// The queue is there and gets what is sent under its name.
    async fn ensure_queue(&mut self, settings: &Settings, name: &str) -> Result<(), Error> {
        if self.queues.contains(name) {
            return Ok(());
        }
        let options = QueueDeclareOptions {
            durable: self.durable,
            auto_delete: settings.auto_delete,
            ..QueueDeclareOptions::default()
        };
        let mut arguments = FieldTable::default();
        for (key, value) in &settings.arguments {
            let value = match value {
                Argument::Text(text) => AMQPValue::LongString((*text).into()),
                Argument::Number(number) => AMQPValue::LongLongInt(*number),
            };
            arguments.insert((*key).into(), value);
        }
        let failed = |cause| declaring(format!("queue {name}"), cause);
        self.channel.queue_declare(name.into(), options, arguments).await.map_err(failed)?;
        let (exchange, bind) = (settings.exchange.as_str().into(), QueueBindOptions::default());
        let none = FieldTable::default();
        self.channel
            .queue_bind(name.into(), exchange, name.into(), bind, none)
            .await
            .map_err(failed)?;
        self.queues.insert(name.to_owned());
        Ok(())
    }

    /// Sends the messages to every topic and waits for each confirmation. `confirmed` says of each message whether it
    /// is safe, also after an error. A message for a queue that cannot be declared is left out; the others go.
    pub(super) async fn send(
        &mut self,
        settings: &Settings,
        messages: &[Message],
        confirmed: &mut [bool],
    ) -> Result<(), Error> {
        let (sending, confirming) = (Instant::now() + SENDING, Instant::now() + CONFIRMING);
        let mut under_way = Vec::with_capacity(messages.len());
        let sent = timeout_at(sending, self.publish_all(settings, messages, &mut under_way)).await;
        // Whatever became of the rest: what the broker has is not to be sent again.
        let mut heard = Heard::of(&mut under_way, confirming).await;
        if sent.is_err() {
            heard.returned.extend(self.returned_to_nobody(confirming).await);
        }
        heard.mark(&under_way, confirmed);
        if !heard.returned.is_empty() {
            // Somebody has removed a queue; they are declared again.
            self.queues.clear();
            heard.fails(Error::Unroutable);
        }
        let refusal = sent.unwrap_or(Err(Error::Late("sending")))?;
        // What may have broken the connection counts before what has not.
        heard.outcome.and(refusal.map_or(Ok(()), Err))
    }

    /// The keys of messages that came back with the confirmation of one that was given up while it went out. The
    /// library keeps those.
    async fn returned_to_nobody(&self, until: Instant) -> Vec<String> {
        let found = timeout_at(until, self.channel.wait_for_confirms()).await;
        let found = found.ok().and_then(Result::ok).unwrap_or_default().into_iter();
        found.map(|message| message.delivery.routing_key.to_string()).collect()
    }

    /// Declares all the queues and publishes what has one; `under_way` gets each message that goes out. Answers why
    /// some were left out.
    async fn publish_all(
        &mut self,
        settings: &Settings,
        messages: &[Message],
        under_way: &mut Vec<UnderWay>,
    ) -> Result<Option<Error>, Error> {
        let refusal = self.ensure_queues(settings, messages).await?;
        for (place, message) in messages.iter().enumerate() {
            let keys: Vec<String> = keys(settings, message).collect();
            if !keys.iter().all(|key| self.queues.contains(key)) {
                continue;
            }
            under_way.push(UnderWay::new(place, keys));
            while let Some(one) = under_way.last_mut()
                && let Some(key) = one.next_key()
            {
                let confirm = self.publish(settings, key, &message.body).await?;
                one.has_gone(confirm);
            }
        }
        Ok(refusal)
    }

    /// Declares the queues of all messages before the first one goes out: a refusal closes the channel, and with it
    /// goes what is not yet confirmed. Answers why some are not there.
    async fn ensure_queues(
        &mut self,
        settings: &Settings,
        messages: &[Message],
    ) -> Result<Option<Error>, Error> {
        let wanted: BTreeSet<String> =
            messages.iter().flat_map(|message| keys(settings, message)).collect();
        let mut refusal = None;
        for key in &wanted {
            match self.ensure_queue(settings, key).await {
                Ok(()) => {}
                Err(Error::Declare { what, cause }) if closes_channel_only(&cause) => {
                    self.channel = confirming(&self.connection).await?;
                    refusal = Some(declaring(what, cause));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refusal)
    }

    async fn publish(
        &self,
        settings: &Settings,
        key: &str,
        body: &[u8],
    ) -> Result<PublisherConfirm, Error> {
        // As kombu sends: kept on disk where the queue is durable.
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_content_encoding("utf-8".into())
            .with_delivery_mode(2)
            .with_priority(0)
            .with_headers(FieldTable::default());
        let (exchange, key) = (settings.exchange.as_str().into(), key.into());
        // What reaches no queue comes back, and is not taken for delivered.
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        self.channel
            .basic_publish(exchange, key, options, body, properties)
            .await
            .map_err(Error::Broken)
    }

    /// Says farewell, if anybody listens.
    pub(super) async fn close(self) {
        let _ = timeout(CLOSING, self.connection.close(200, "OK".into())).await;
    }
}

async fn confirming(connection: &Connection) -> Result<Channel, Error> {
    let channel = connection.create_channel().await.map_err(Error::Broken)?;
    let options = ConfirmSelectOptions::default();
    channel.confirm_select(options).await.map_err(Error::Broken)?;
    Ok(channel)
}

/// The queues that the message goes to.
fn keys(settings: &Settings, message: &Message) -> impl Iterator<Item = String> {
    settings.topics.iter().map(|topic| format!("{topic}.{}", message.priority))
}

/// The broker refuses this one thing, and the connection goes on.
fn closes_channel_only(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(said)
        if matches!(said.kind(), AMQPErrorKind::Soft(_)))
}

fn declaring(what: String, cause: lapin::Error) -> Error {
    Error::Declare { what, cause }
}

fn is_of_another_form(error: &lapin::Error) -> bool {
    let wanted = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
    matches!(error.kind(), ErrorKind::ProtocolError(said) if *said.kind() == wanted)
}

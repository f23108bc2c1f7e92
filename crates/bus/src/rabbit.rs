//! RabbitMQ, as oslo.messaging's driver uses it for notifications: a topic exchange, and a queue for each topic and
//! priority, bound under its own name, so that nothing is lost while nobody listens yet.
//!
//! The library's own reconnecting is not used. Whoever publishes is told that it failed, and tries again with a new
//! connection; every step has its time-out.

mod address;
mod confirms;
mod link;

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::timeout;

use link::Link;

/// Where the broker is, and how its exchange and queues are declared. All names are oslo.messaging's.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The members of the cluster; the next one is tried when one fails.
    pub hosts: Vec<Host>,
    /// Virtual host.
    pub virtual_host: String,
    /// `control_exchange`.
    pub exchange: String,
    /// `topics`: each message goes to all of them.
    pub topics: Vec<String>,
    /// `amqp_durable_queues`, and always with quorum queues: exchange and queues survive the broker's restart.
    pub durable: bool,
    /// `amqp_auto_delete`.
    pub auto_delete: bool,
    /// `x-queue-type: quorum`, …
    pub arguments: Vec<(&'static str, Argument)>,
    /// `heartbeat_timeout_threshold` in seconds; 0 is none.
    pub heartbeat: u16,
    /// TLS, if it is to be used.
    pub tls: Option<Tls>,
}

/// A member of the cluster.
#[derive(Debug, Clone)]
pub struct Host {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

/// An argument of a queue's declaration.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(i64),
}

/// TLS. The broker's certificate is always checked, also where oslo.messaging would not.
#[derive(Clone, Default)]
pub struct Tls {
    /// The authorities to believe, as PEM; those of the system without it.
    pub authorities: Option<String>,
    /// Our own certificate and key, as PEM.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Message {
    /// `info`, `error`, …: the end of the routing key.
    pub priority: String,
    /// The envelope, JSON.
    pub body: Vec<u8>,
}

/// Why messages did not get through. The texts name no password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no connection.
    #[error("{at} cannot be reached")]
    Connect {
        /// Host and port.
        at: String,
        /// What the library says.
        #[source]
        cause: lapin::Error,
    },
    /// Exchange or queue could not be declared, for instance since they are there in another form.
    #[error("{what} cannot be declared")]
    Declare {
        /// `exchange openstack`, …
        what: String,
        /// What the broker says.
        #[source]
        cause: lapin::Error,
    },
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] lapin::Error),
    /// The broker has not taken a message.
    #[error("the broker refused a message")]
    Refused,
    /// No queue was there for a message, although it had been declared.
    #[error("the broker had no queue for a message")]
    Unroutable,
    /// It took too long.
    #[error("{0} took too long")]
    Late(&'static str),
    /// No broker is configured.
    #[error("no broker is configured")]
    Nowhere,
}

impl Error {
    /// It is about the queue of a message: messages for other queues may get through.
    #[must_use]
    pub fn is_of_a_queue(&self) -> bool {
        matches!(self, Self::Declare { .. } | Self::Refused | Self::Unroutable)
    }
}

/// Which of the messages the broker has confirmed, and why not all.
#[derive(Debug)]
pub struct Stopped {
    /// Of each message whether it is safe with the broker. There may be gaps: what waits for a queue that cannot be
    /// declared does not hold up the others.
    pub confirmed: Vec<bool>,
    /// What stopped the rest.
    pub because: Error,
}

/// Longest time for a connection with all that is declared on it.
const CONNECTING: Duration = Duration::from_secs(10);

/// Longest time that one call of [`Publisher::publish`] takes.
pub const LONGEST: Duration = Duration::from_secs(25);

/// Publishes messages, one batch at a time.
#[derive(Debug)]
pub struct Publisher {
    settings: Settings,
    link: Option<Link>,
    /// The member to try next.
    turn: usize,
}

impl Publisher {
    /// Not connected yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, link: None, turn: 0 }
    }

    /// Publishes the messages in their order, and waits until the broker has confirmed all of them.
    ///
    /// # Errors
    /// [`Stopped`]; the next call makes a new connection if this one may be at fault.
    pub async fn publish(&mut self, messages: &[Message]) -> Result<(), Stopped> {
        let mut confirmed = vec![false; messages.len()];
        let outcome = self.try_to_publish(messages, &mut confirmed).await;
        outcome.map_err(|because| {
            if !matches!(because, Error::Declare { .. } | Error::Unroutable) {
                self.disconnect();
            }
            Stopped { confirmed, because }
        })
    }

    async fn try_to_publish(
        &mut self,
        messages: &[Message],
        confirmed: &mut [bool],
    ) -> Result<(), Error> {
        if self.link.as_ref().is_some_and(|link| !link.is_alive()) {
            self.disconnect();
        }
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.connect().await?,
        };
        let outcome = link.send(&self.settings, messages, confirmed).await;
        self.link = Some(link);
        outcome
    }

    async fn connect(&mut self) -> Result<Link, Error> {
        let hosts = &self.settings.hosts;
        let host = hosts.get(self.turn % hosts.len().max(1)).ok_or(Error::Nowhere)?;
        self.turn = self.turn.wrapping_add(1);
        let connecting = Link::open(&self.settings, host);
        let link =
            timeout(CONNECTING, connecting).await.map_err(|_| Error::Late("connecting"))??;
        // The same one again, as long as it does.
        self.turn = self.turn.wrapping_sub(1);
        Ok(link)
    }

    fn disconnect(&mut self) {
        if let Some(link) = self.link.take() {
            self.turn = self.turn.wrapping_add(1);
            tokio::spawn(link.close());
        }
    }

    /// Ends the connection in order.
    pub async fn close(mut self) {
        if let Some(link) = self.link.take() {
            link.close().await;
        }
    }
}

//! Sending what waits in the outbox: to the log, which is what oslo.messaging's driver `log` does, and to RabbitMQ. A
//! message is sent before it is removed, so a crash may repeat one and loses none; a repeated one has the same
//! `_unique_id`, by which oslo.messaging's consumers pass over it.
//!
//! One process at a time sends, whoever has the lease, so messages go out in the order of their moments and none twice.
//! While the broker is away they wait.

mod backlog;
mod batch;
mod envelope;

use std::time::Duration;

use ashlar_bus::rabbit::{self, Message, Publisher};
use ashlar_db::notifications::{self, LEASE, Notification};
use ashlar_db::{Db, DbError, leases, transact};
use ashlar_types::{Clock, NotificationId, Timestamp};
use tokio_util::sync::CancellationToken;

use backlog::Watch;
use batch::{Batch, PORTION, Turn};

/// Where notifications go. By default nowhere.
#[derive(Debug, Clone, Default)]
pub struct Outlets {
    /// Each is a line of the log.
    pub log: bool,
    /// Each is a message.
    pub rabbit: Option<rabbit::Settings>,
    /// `retry`: how often a batch is tried again before it is given up; none is for ever.
    pub retry: Option<u32>,
}

impl Outlets {
    /// They go nowhere, so none need be made.
    #[must_use]
    pub fn are_none(&self) -> bool {
        !self.log && self.rabbit.is_none()
    }
}

/// How often the outbox is looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long the lease holds: longer than a batch can take with its statements.
const LEASED: Duration = Duration::from_secs(45);
/// Longest pause between attempts to reach the broker; `rabbit_interval_max`.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Between two lines that say the same about a broker that is away.
const SAID_AGAIN: Duration = Duration::from_secs(60);

/// The sender of one process.
pub(crate) struct Sender {
    db: Db,
    clock: Clock,
    outlets: Outlets,
    publisher: Option<Publisher>,
    /// Who this is, for the lease.
    owner: String,
    /// Attempts of the oldest batch that came to nothing.
    failures: u32,
    /// Messages at the head that wait for their queue, and that the next batch looks past.
    held: usize,
    said: Option<Timestamp>,
    watch: Watch,
}

impl Sender {
    pub(crate) fn new(db: Db, clock: Clock, outlets: Outlets) -> Self {
        let publisher = outlets.rabbit.clone().map(Publisher::new);
        let owner = NotificationId::fresh().to_string();
        Self {
            db,
            clock,
            outlets,
            publisher,
            owner,
            failures: 0,
            held: 0,
            said: None,
            watch: Watch::default(),
        }
    }

    /// Sends until told to stop. A turn that has begun ends, within its time-outs: what the broker has taken is
    /// removed, so that it does not go out twice.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut pause = INTERVAL;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = match self.turn().await {
                Ok(Turn::More) => Duration::ZERO,
                Ok(Turn::Idle) => INTERVAL,
                Ok(Turn::Stuck) => self.pause(),
                Err(error) => {
                    super::log(Err(error));
                    INTERVAL
                }
            };
        }
        let (db, owner) = (&self.db, &self.owner);
        let given: Result<(), DbError> =
            transact!(db, tx => leases::give_back(tx, LEASE, owner).await);
        super::log(given);
        if let Some(publisher) = self.publisher {
            publisher.close().await;
        }
    }

    /// Doubles with each failure.
    fn pause(&self) -> Duration {
        let doubled = INTERVAL.saturating_mul(1 << self.failures.saturating_sub(1).min(5));
        doubled.min(LONGEST_PAUSE)
    }

    /// Sends one batch.
    async fn turn(&mut self) -> Result<Turn, DbError> {
        let is_empty = notifications::oldest(&mut self.db.read().await?, 1).await?.is_empty();
        if is_empty || !self.lease().await? {
            return Ok(Turn::Idle);
        }
        self.watch.look(&self.db, self.clock.now()).await?;
        let most = PORTION + self.held;
        let batch = notifications::oldest(&mut self.db.read().await?, most).await?;
        let (sent, held_by_queue) = self.send(&batch).await;
        let gone: Vec<NotificationId> = done_with(&batch, &sent).map(|one| one.id).collect();
        let removed: Result<u64, DbError> =
            transact!(self.db, tx => notifications::remove(tx, &gone).await);
        removed?;
        let batch = Batch { most, all: batch.len(), gone: gone.len(), held_by_queue };
        let (turn, held) = batch.judged(self.held);
        self.held = held;
        Ok(turn)
    }

    /// This process may send now.
    async fn lease(&self) -> Result<bool, DbError> {
        let now = self.clock.now();
        let until = now.after(LEASED);
        let owner = &self.owner;
        transact!(self.db, tx => leases::take(tx, LEASE, owner, (now, until)).await)
    }

    /// Sends them everywhere they go. Answers of each whether it is done with, and whether the queue of those that
    /// are not is at fault.
    async fn send(&mut self, batch: &[Notification]) -> (Vec<bool>, bool) {
        let (mut sent, mut held_by_queue) = (vec![true; batch.len()], false);
        if let Some(publisher) = &mut self.publisher {
            let messages: Vec<Message> = batch.iter().map(envelope::packed).collect();
            match publisher.publish(&messages).await {
                Ok(()) => self.recovered(),
                Err(stopped) => {
                    sent = stopped.confirmed;
                    held_by_queue = stopped.because.is_of_a_queue();
                    if sent.first() == Some(&true) {
                        self.failures = 0;
                    }
                    self.failures = self.failures.saturating_add(1);
                    self.complain(&stopped.because);
                    if self.outlets.retry.is_some_and(|most| self.failures > most) {
                        tracing::error!(
                            notifications = sent.iter().filter(|it| !**it).count(),
                            "given up, as [oslo_messaging_notifications] retry says"
                        );
                        sent.fill(true);
                        self.failures = 0;
                    }
                }
            }
        }
        if self.outlets.log {
            done_with(batch, &sent).for_each(log);
        }
        (sent, held_by_queue)
    }

    fn recovered(&mut self) {
        if std::mem::take(&mut self.failures) > 0 && self.said.take().is_some() {
            tracing::info!("notifications are sent again");
        }
    }

    /// Says why notifications wait, now and then.
    fn complain(&mut self, error: &rabbit::Error) {
        let now = self.clock.now();
        if self.said.is_some_and(|at| now < at.after(SAID_AGAIN)) {
            return;
        }
        self.said = Some(now);
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(%error, cause, "notifications wait in the database: RabbitMQ does not take them");
    }
}

/// Those of the batch that are done with.
fn done_with<'a>(
    batch: &'a [Notification],
    sent: &'a [bool],
) -> impl Iterator<Item = &'a Notification> {
    batch.iter().zip(sent).filter_map(|(one, sent)| sent.then_some(one))
}

/// Writes the message as one line, at the level that its priority stands for.
fn log(notification: &Notification) {
    let message = envelope::bare(notification).to_string();
    let (event_type, request) = (&notification.event_type, &notification.request_id);
    match notification.priority.as_str() {
        "ERROR" | "CRITICAL" => {
            tracing::error!(target: "notification", event_type, request, "{message}");
        }
        "WARN" => tracing::warn!(target: "notification", event_type, request, "{message}"),
        _ => tracing::info!(target: "notification", event_type, request, "{message}"),
    }
}

#[cfg(test)]
mod tests;

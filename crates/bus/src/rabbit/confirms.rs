//! Messages that are on their way, and what the broker says of each.

use std::collections::HashSet;

use lapin::{Confirmation, PublisherConfirm};
use tokio::time::{Instant, timeout_at};

use super::Error;

/// What is waited for.
const CONFIRMATION: &str = "the broker's confirmation";

/// A message of a batch that is on its way.
pub(super) struct UnderWay {
    /// Which one it is.
    place: usize,
    /// The keys that it goes out under.
    keys: Vec<String>,
    /// What is to come for those that it has gone out under.
    confirms: Vec<PublisherConfirm>,
    /// So many have taken it.
    taken: usize,
}

impl UnderWay {
    /// About to go out under these keys.
    pub(super) fn new(place: usize, keys: Vec<String>) -> Self {
        Self { place, confirms: Vec::with_capacity(keys.len()), keys, taken: 0 }
    }

    /// The key under which it has not gone out yet.
    pub(super) fn next_key(&self) -> Option<&str> {
        self.keys.get(self.confirms.len()).map(String::as_str)
    }

    /// It has gone out under [`Self::next_key`].
    pub(super) fn has_gone(&mut self, confirm: PublisherConfirm) {
        self.confirms.push(confirm);
    }
}

/// What the broker has said.
pub(super) struct Heard {
    /// The first thing that went wrong.
    pub(super) outcome: Result<(), Error>,
    /// The keys of messages that came back.
    pub(super) returned: HashSet<String>,
}

impl Heard {
    /// Waits for all that is to come, no longer than `until`.
    pub(super) async fn of(all: &mut [UnderWay], until: Instant) -> Self {
        let mut heard = Self { outcome: Ok(()), returned: HashSet::new() };
        for one in all {
            for confirm in std::mem::take(&mut one.confirms) {
                // One that is there already is seen also when the time is over.
                let answer = timeout_at(until, confirm).await;
                match heard.judged(answer.map_err(|_| Error::Late(CONFIRMATION))) {
                    Ok(()) => one.taken += 1,
                    Err(error) => heard.fails(error),
                }
            }
        }
        heard
    }

    /// Whether the broker has taken a message.
    fn judged(
        &mut self,
        answer: Result<Result<Confirmation, lapin::Error>, Error>,
    ) -> Result<(), Error> {
        let answer = answer?.map_err(Error::Broken)?;
        let is_taken = answer.is_ack();
        if let Some(message) = answer.take_message() {
            self.returned.insert(message.delivery.routing_key.to_string());
        }
        if is_taken { Ok(()) } else { Err(Error::Refused) }
    }

    /// Something has gone wrong; what did first counts.
    pub(super) fn fails(&mut self, error: Error) {
        if self.outcome.is_ok() {
            self.outcome = Err(error);
        }
    }

    /// Sets each that is safe. Where several are confirmed together, the library may tell of a returned message with
    /// another one's confirmation; what counts is the queue that was missing.
    pub(super) fn mark(&self, all: &[UnderWay], confirmed: &mut [bool]) {
        for one in all {
            let has_queues = one.keys.iter().all(|key| !self.returned.contains(key));
            if let Some(confirmed) = confirmed.get_mut(one.place) {
                *confirmed = has_queues && one.taken == one.keys.len();
            }
        }
    }
}

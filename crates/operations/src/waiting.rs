//! Waiting for the end of an operation, for requests that are answered only then.
//!
//! The end is heard at once when it comes in this process; otherwise the flow's row is looked at. Whoever waits too
//! long goes away and the flow goes on. How many wait is bounded, so that a backend that hangs does not take the API
//! with it, nor a volume its backend: each has its share of the places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ashlar_db::flows::{self, Standing};
use ashlar_types::{BackendName, FlowId, VolumeId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use crate::{ApiContext, Refusal};

/// Requests of a process that wait for one backend at the same time.
const MOST_AT_BACKEND: usize = 64;
/// Requests of a process that wait for one volume at the same time: one that is being filled may take hours.
const MOST_AT_VOLUME: usize = 4;
/// The first pause between two looks at the row; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How the wait for a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The flow did what it was to do.
    Done,
    /// It could not. The text is for the client; what operators want to know is in the flow's log.
    Failed(String),
    /// It is still under way, and goes on.
    NotYet,
}

/// The requests of a process that wait. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Mutex<Taken>>);

/// How many places are taken; what has none is not in the maps.
#[derive(Debug, Default)]
struct Taken {
    backends: HashMap<BackendName, usize>,
    volumes: HashMap<VolumeId, usize>,
}

/// A place among those who wait, free again when this is dropped.
#[derive(Debug)]
#[must_use = "the place is free again when this is dropped"]
pub struct WaitingPlace {
    waiting: Waiting,
    backend: BackendName,
    volume: VolumeId,
}

impl Drop for WaitingPlace {
    fn drop(&mut self) {
        let mut taken = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        free(&mut taken.backends, &self.backend);
        free(&mut taken.volumes, &self.volume);
    }
}

fn free<K: std::hash::Hash + Eq>(taken: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = taken.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            taken.remove(key);
        }
    }
}

impl Waiting {
    /// A place among those who wait for the volume and its backend. Ask before anything is stored.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: all are taken.
    pub fn place(&self, backend: &BackendName, volume: VolumeId) -> Result<WaitingPlace, Refusal> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_backend = taken.backends.get(backend).copied().unwrap_or_default();
        let of_volume = taken.volumes.get(&volume).copied().unwrap_or_default();
        if of_volume >= MOST_AT_VOLUME {
            return Err(too_many(&format!("volume {volume}")));
        }
        if of_backend >= MOST_AT_BACKEND {
            return Err(too_many("this volume's storage backend"));
        }
        taken.backends.insert(backend.clone(), of_backend + 1);
        taken.volumes.insert(volume, of_volume + 1);
        Ok(WaitingPlace { waiting: self.clone(), backend: backend.clone(), volume })
    }
}

/// There is no place for one more that waits for `what`.
pub(crate) fn too_many(what: &str) -> Refusal {
    Refusal::Unavailable(format!(
        "Too many requests wait for {what} at this time. Nothing was done; try again later."
    ))
}

impl ApiContext {
    /// Waits for the flow's end, but no longer than `within`.
    pub async fn ended(&self, flow: FlowId, within: Duration) -> Ended {
        // Listening begins before the first look, so that no end falls between the two.
        let mut ends = self.bus.ends();
        let until = Instant::now() + within;
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(ended) = self.look(flow).await {
                return ended;
            }
            let now = Instant::now();
            if now >= until {
                return Ended::NotYet;
            }
            tokio::select! {
                () = heard(&mut ends, flow) => {}
                () = tokio::time::sleep_until(until.min(now + pause)) => {}
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// How the flow ended, if it has. A database that does not answer may do so at the next look.
    async fn look(&self, flow: FlowId) -> Option<Ended> {
        let standing = match self.db.read().await {
            Ok(mut tx) => flows::standing(&mut tx, flow).await,
            Err(error) => Err(error),
        };
        match standing {
            Ok(Standing::UnderWay) => None,
            Ok(Standing::Succeeded) => Some(Ended::Done),
            Ok(Standing::Reverted(_)) => Some(Ended::Failed(format!(
                "The storage backend could not do it. Operators find the reason under operation {flow}."
            ))),
            Ok(Standing::Unknown) => {
                Some(Ended::Failed(format!("The operation {flow} is not known any more.")))
            }
            Err(error) => {
                tracing::warn!(%flow, %error, "cannot see whether the operation is over");
                None
            }
        }
    }
}

/// Waits until the flow's end may have come: it was told of, or something was missed.
async fn heard(ends: &mut Receiver<FlowId>, flow: FlowId) {
    loop {
        match ends.recv().await {
            Ok(ended) if ended != flow => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_volume_takes_the_places_of_others_and_no_backend_those_of_others() {
        let waiting = Waiting::default();
        let (one, two) = (BackendName("h@one".to_owned()), BackendName("h@two".to_owned()));
        let full = |backend: &BackendName, volume| {
            let mut places = Vec::new();
            while let Ok(place) = waiting.place(backend, volume) {
                places.push(place);
            }
            places
        };
        let mut places = full(&one, VolumeId::random());
        assert_eq!(places.len(), MOST_AT_VOLUME);
        while places.len() < MOST_AT_BACKEND {
            let more = full(&one, VolumeId::random());
            assert!(!more.is_empty());
            places.extend(more);
        }
        assert!(waiting.place(&one, VolumeId::random()).is_err());
        assert_eq!(full(&two, VolumeId::random()).len(), MOST_AT_VOLUME);
        drop(places);
        let taken = waiting.0.lock().expect("not poisoned");
        assert!(taken.backends.is_empty() && taken.volumes.is_empty(), "{taken:?}");
    }
}

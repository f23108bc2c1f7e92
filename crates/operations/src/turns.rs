//! Turns: one at a time changes how a volume is offered to hosts.
//!
//! Two on the same volume would be a flow, which follows the tables as they are about to be, and the service's own
//! look after its exports, which follows them as they are. A backend is served by one process, so the turns are in
//! its memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ashlar_types::VolumeId;
use tokio::sync::OwnedMutexGuard;

/// Whose turn it is, by volume. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<VolumeId, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits for the turn at this volume. It ends when what is answered is dropped.
    pub async fn take(&self, volume: VolumeId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(all.entry(volume).or_default())
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_volume_has_one_turn_and_another_its_own() {
        let turns = Turns::default();
        let (one, other) = (VolumeId::random(), VolumeId::random());
        let first = turns.take(one).await;
        let _other = turns.take(other).await;
        let mut second = Box::pin(turns.take(one));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        second.await;
    }
}

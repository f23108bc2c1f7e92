//! Volumes that get another content in place of theirs.

use super::failures::Call;
use super::{Sim, locked};
use crate::driver::{Answer, Content, Kind, SnapshotRef, VolumeRef};
use crate::error::FillError;
use crate::{filling, refusal};

impl Sim {
    /// `Driver::ensure_reverted`.
    pub(super) fn revert<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, ()> {
        self.call(Call::EnsureReverted, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            refusal::check(Kind::Snapshot, snapshot.name)?;
            refusal::check_holds(volume, snapshot.name, snapshot.size)?;
            let head = store.require(snapshot.pool, snapshot.name)?.head.clone();
            store.replace(volume.pool, volume.name, head)
        })
    }

    /// `Driver::ensure_refilled`.
    pub(super) async fn refill(
        &self,
        volume: VolumeRef<'_>,
        content: Content,
    ) -> Result<(), FillError> {
        filling::check_key(&content.key)?;
        refusal::check(Kind::Volume, volume.name)?;
        locked(&self.0.store).require(volume.pool, volume.name).map(drop)?;
        let head = self.filled(volume, content).await?;
        let done =
            self.call(Call::EnsureRefilled, |store| store.replace(volume.pool, volume.name, head));
        Ok(done.await?)
    }
}

//! Waiting until nothing else works on a resource, before it is removed.
//!
//! A delete may be forced while a create, a copy or an extend of the same thing is still under way.
//! Those operations finish or are reverted first; the delete looks again a little later. Older flows go
//! first, so two never wait for each other.

use std::time::Duration;

use ashlar_db::{DbError, Tx, flows};
use ashlar_types::{FlowId, SnapshotId, VolumeId};

/// How long until the next look.
pub(crate) const PAUSE: Duration = Duration::from_millis(300);

/// An older unfinished operation on the resource `id`, if there is one.
pub(crate) async fn older_flow(
    tx: &mut Tx,
    id: &str,
    me: FlowId,
) -> Result<Option<String>, DbError> {
    let all = flows::under_way(tx, id).await?;
    let older = all.into_iter().take_while(|flow| flow.id != me).next();
    Ok(older.map(|flow| format!("{} {} goes first", flow.name, flow.id)))
}

/// A volume that is being made from this volume, if there is one.
pub(crate) async fn clone_under_way(
    tx: &mut Tx,
    source: VolumeId,
) -> Result<Option<String>, DbError> {
    let making = ashlar_db::volumes::being_cloned_from(tx, source).await?;
    Ok(making.map(|id| format!("volume {id} is being cloned from it")))
}

/// A volume that is being made from this snapshot, if there is one.
pub(crate) async fn copy_under_way(
    tx: &mut Tx,
    source: SnapshotId,
) -> Result<Option<String>, DbError> {
    let making = ashlar_db::volumes::being_made_from(tx, source).await?;
    Ok(making.map(|id| format!("volume {id} is being made from it")))
}

/// A revert of the snapshot's volume, which reads some snapshot of it, if there is one. It waits for no snapshot.
pub(crate) async fn revert_under_way(
    tx: &mut Tx,
    source: SnapshotId,
) -> Result<Option<String>, DbError> {
    let Some(snapshot) = ashlar_db::snapshots::get(tx, source).await? else { return Ok(None) };
    let all = flows::under_way(tx, &snapshot.volume_id.to_string()).await?;
    let revert = crate::revert_volume::REVERT_VOLUME.name;
    let reverting = all.into_iter().find(|flow| flow.name == revert);
    Ok(reverting.map(|flow| format!("{} {} goes first", flow.name, flow.id)))
}

//! Waiting until nothing else works on a resource, before it is removed.
//!
//! A delete may be forced while a create, a copy or an extend of the same thing is still under way.
//! Those operations finish or are reverted first; the delete looks again a little later. Older flows go
//! first, so two never wait for each other.

use std::time::Duration;

use ashlar_db::{DbError, Tx, attachments, flows, volumes};
use ashlar_flow::TaskError;
use ashlar_types::{
    AttachStatus, FlowId, Gib, PoolName, SnapshotId, Timestamp, VolumeId, VolumeStatus,
};

use crate::Done;
use crate::classify::database;
use crate::reimage_volume::{self, REIMAGE_VOLUME};
use crate::revert_volume::REVERT_VOLUME;

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
    let making = volumes::being_cloned_from(tx, source).await?;
    Ok(making.map(|id| format!("volume {id} is being cloned from it")))
}

/// A volume that is being made from this snapshot, if there is one.
pub(crate) async fn copy_under_way(
    tx: &mut Tx,
    source: SnapshotId,
) -> Result<Option<String>, DbError> {
    let making = volumes::being_made_from(tx, source).await?;
    Ok(making.map(|id| format!("volume {id} is being made from it")))
}

/// A revert of the snapshot's volume, which reads some snapshot of it, if there is one. It waits for no snapshot.
async fn revert_under_way(tx: &mut Tx, source: SnapshotId) -> Result<Option<String>, DbError> {
    let Some(snapshot) = ashlar_db::snapshots::get(tx, source).await? else { return Ok(None) };
    let all = flows::under_way(tx, &snapshot.volume_id.to_string()).await?;
    let revert = REVERT_VOLUME.name;
    let reverting = all.into_iter().find(|flow| flow.name == revert);
    Ok(reverting.map(|flow| format!("{} {} goes first", flow.name, flow.id)))
}

/// A reimage that reads this snapshot or is about to, if there is one; it waits for no snapshot. One of the volume `but` does
/// not count.
pub(crate) async fn reimage_under_way(
    tx: &mut Tx,
    source: SnapshotId,
    but: Option<VolumeId>,
) -> Result<Option<String>, DbError> {
    let name = REIMAGE_VOLUME.name;
    for text in flows::remembered(tx, name).await? {
        // One that cannot be read is of another version, which nobody here can go on with.
        let Ok(state) = serde_json::from_str::<reimage_volume::State>(&text) else { continue };
        let read = state.snapshot.and_then(|snapshot| snapshot.id);
        if read == Some(source) && but != Some(state.volume) {
            return Ok(Some(format!("{name} {} goes first", state.flow)));
        }
    }
    Ok(None)
}

/// Whatever reads this snapshot, if something does. Nothing new begins to once the snapshot's status says that it goes.
pub(crate) async fn read_under_way(
    tx: &mut Tx,
    source: SnapshotId,
) -> Result<Option<String>, DbError> {
    if let Some(reason) = copy_under_way(tx, source).await? {
        return Ok(Some(reason));
    }
    if let Some(reason) = revert_under_way(tx, source).await? {
        return Ok(Some(reason));
    }
    reimage_under_way(tx, source, None).await
}

/// What an operation that changes a volume's content knew of it when it was accepted.
pub(crate) struct Known<'a> {
    /// The volume.
    pub(crate) volume: VolumeId,
    /// The status that the operation gave it.
    pub(crate) status: VolumeStatus,
    /// Its size.
    pub(crate) size: Gib,
    /// Where it lived.
    pub(crate) pool: &'a PoolName,
}

/// Looks whether the operation `me` may change a volume's content now: a wait when something else is at work on the volume,
/// none when it may.
///
/// # Errors
/// [`TaskError::Broken`] when it may not any more ([`spoilt`]); the database's failures.
pub(crate) async fn before_change(
    tx: &mut Tx,
    me: FlowId,
    known: Known<'_>,
) -> Result<Option<Done>, TaskError> {
    let older = older_flow(tx, &known.volume.to_string(), me).await.map_err(database)?;
    let cloning = clone_under_way(tx, known.volume).await.map_err(database)?;
    if let Some(reason) = older.or(cloning) {
        return Ok(Some(Done::wait(PAUSE, reason)));
    }
    match spoilt(tx, known).await.map_err(database)? {
        Some(reason) => Err(TaskError::Broken(reason.into())),
        None => Ok(None),
    }
}

/// Why the content must not be changed after all, if there is a reason: what went first may have changed the volume, an
/// administrator its status, and a host may have connected.
async fn spoilt(tx: &mut Tx, known: Known<'_>) -> Result<Option<String>, DbError> {
    let Some(volume) = volumes::get(tx, known.volume).await? else {
        return Ok(Some("the volume is gone".to_owned()));
    };
    if volume.status != known.status {
        return Ok(Some(format!("the volume is {} by now", volume.status)));
    }
    if volume.size != known.size || volume.host.as_ref() != Some(known.pool) {
        return Ok(Some("the volume has grown or moved meanwhile".to_owned()));
    }
    let connected = volumes::needs_export(tx, known.volume).await?;
    Ok(connected.then(|| "a host has connected to the volume meanwhile".to_owned()))
}

/// A volume that has its earlier status again gets the one of its attachments, if a host connected meanwhile.
pub(crate) async fn follow_attachments(
    tx: &mut Tx,
    id: VolumeId,
    now: Timestamp,
) -> Result<(), DbError> {
    match attachments::summary(tx, id).await? {
        AttachStatus::Attached => volumes::set_in_use(tx, id, now).await.map(drop),
        AttachStatus::Attaching => volumes::set_attaching(tx, id, now).await.map(drop),
        _ => Ok(()),
    }
}

//! Accepting a revert, in the API's process.

use ashlar_db::{Moved, Tx, flows, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{
    Caller, FlowId, Snapshot, SnapshotId, SnapshotStatus, Timestamp, Volume, VolumeId, VolumeStatus,
};

use super::{REVERT_VOLUME, State};
use crate::notify::{By, From, Letters, events};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Accepts the revert to the snapshot that the client names, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written. As in Cinder 400 when it is not the newest one or the sizes differ, 409 when a status
/// does not allow it; also 409 while a host may use the volume.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: VolumeId,
    snapshot: Option<String>,
) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let asked = (id, snapshot.as_deref(), flow);
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, asked, &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, asked, flow): (VolumeId, Option<&str>, FlowId),
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let now = cx.clock.now();
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    let mut all = snapshots::of_volume(tx, id).await?;
    // Another's may be newer; as in Cinder that is nothing to the caller, and no driver minds.
    all.retain(|snapshot| caller.may_see(&snapshot.project_id));
    let snapshot = newest(&volume, &all, asked)?;
    begin(tx, id, snapshot.id, now).await?;
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it has no content")
    })?;
    let state = State {
        flow,
        volume: id,
        snapshot: snapshot.id,
        name: volume.backend_name(),
        snapshot_name: snapshot.backend_name(),
        pool,
        size: volume.size,
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut new = REVERT_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, id, From::Backend, &[events::REVERT_START]).await?;
    let start = [events::SNAPSHOT_REVERT_START];
    letters.snapshots(tx, &[snapshot.id], From::Backend, &start).await?;
    letters.post(tx, &By::caller(caller), now).await?;
    Ok(new)
}

/// Volume and snapshot are taken to their statuses, if both allow it and nobody uses the volume.
async fn begin(
    tx: &mut Tx,
    id: VolumeId,
    snapshot: SnapshotId,
    now: Timestamp,
) -> Result<(), Refusal> {
    let not_now = |what: &str| {
        Refusal::Conflict(format!(
            "Can't revert volume {id} to its latest snapshot {snapshot}. {what} status must be \
             'available'."
        ))
    };
    let from = [VolumeStatus::Available];
    match volumes::transition(tx, id, &from, VolumeStatus::Reverting, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(id)),
        Moved::Refused { .. } => return Err(not_now("Volume's")),
    }
    let from = [SnapshotStatus::Available];
    let to = SnapshotStatus::Restoring;
    if !snapshots::transition(tx, snapshot, &from, to, now).await?.is_done() {
        return Err(not_now("Snapshot's"));
    }
    if volumes::needs_export(tx, id).await? {
        // Cinder would change the volume under it.
        return Err(Refusal::Conflict(format!(
            "Can't revert volume {id}: a host is connected to it."
        )));
    }
    let under_way = flows::under_way(tx, &id.to_string()).await?;
    if under_way.iter().any(|flow| flow.name == REVERT_VOLUME.name) {
        // Only after a reset of the status.
        return Err(Refusal::Conflict(format!("Volume {id} is still being reverted.")));
    }
    Ok(())
}

/// The snapshot asked for, if none of `all` is newer and it has the volume's size. Of several of one moment any will do: some
/// databases keep whole seconds.
fn newest<'s>(
    volume: &Volume,
    all: &'s [Snapshot],
    asked: Option<&str>,
) -> Result<&'s Snapshot, Refusal> {
    let id = volume.id;
    let Some(latest) = all.iter().map(|snapshot| snapshot.created_at).max() else {
        return Err(Refusal::Invalid(format!("Volume {id} doesn't have any snapshots.")));
    };
    let found = all.iter().find(|snapshot| asked == Some(snapshot.id.to_string().as_str()));
    let Some(snapshot) = found.filter(|snapshot| snapshot.created_at == latest) else {
        let asked = asked.unwrap_or("None");
        return Err(Refusal::Invalid(format!(
            "Specified snapshot {asked} is None or not the latest one of volume {id}."
        )));
    };
    if snapshot.volume_size != volume.size {
        return Err(Refusal::Invalid(format!(
            "Can't revert volume {id} to its latest snapshot {}. The volume size must be equal to \
             the snapshot size.",
            snapshot.id
        )));
    }
    Ok(snapshot)
}

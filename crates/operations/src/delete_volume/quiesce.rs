//! Nothing else may be at work on the volume when the backend removes it.

use ashlar_db::{snapshots, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::{SnapshotStatus, VolumeStatus};

use super::{State, settle};
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::quiesce::{PAUSE, clone_under_way, copy_under_way, older_flow, reimage_under_way};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        if let Some(reason) = busy(cx, state).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let mut tx = cx.db.begin().await.map_err(database)?;
        let Some(volume) = volumes::get(&mut tx, state.volume).await.map_err(database)? else {
            // An earlier removal of the same volume did it.
            return Ok(Done::end(tx));
        };
        // An older operation may have placed or grown it meanwhile.
        state.size = volume.size;
        state.pool.clone_from(&volume.host);
        // A reset of the status may have let another snapshot in.
        let snapshots = snapshots::of_volume(&mut tx, state.volume).await.map_err(database)?;
        let known = state.snapshots.len();
        state.snapshots =
            snapshots.iter().map(|snapshot| (snapshot.id, snapshot.volume_size)).collect();
        if state.snapshots.len() > known {
            return Ok(Done::wait(PAUSE, "it has got another snapshot"));
        }
        let now = cx.clock.now();
        let mut letters = Letters::new(&cx.settings, now);
        let from = if state.pool.is_some() { From::Backend } else { From::Here };
        let start = [events::DELETE_START];
        letters.volume(&mut tx, state.volume, from, &start).await.map_err(database)?;
        let is_placed = state.pool.is_some();
        if is_placed && !letters.are_wanted() {
            return Ok(Done::unrecorded());
        }
        if !is_placed {
            let here = (&mut letters, from);
            settle::told(&mut tx, &cx.settings, (&volume, &snapshots), here, now)
                .await
                .map_err(database)?;
        }
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(if is_placed { Done::next(tx) } else { Done::end(tx) })
    })
}

async fn busy(cx: &SchedulerContext, state: &State) -> Result<Option<String>, ashlar_db::DbError> {
    let mut tx = cx.db.read().await?;
    if let Some(reason) = older_flow(&mut tx, &state.volume.to_string(), state.flow).await? {
        return Ok(Some(reason));
    }
    if let Some(flow) = volumes::being_made_with_group(&mut tx, state.volume).await? {
        return Ok(Some(format!("create-group-from-source {flow} goes first")));
    }
    if let Some(reason) = clone_under_way(&mut tx, state.volume).await? {
        return Ok(Some(reason));
    }
    for (snapshot, _) in &state.snapshots {
        let id = snapshot.to_string();
        if let Some(reason) = older_flow_of_part(&mut tx, &id).await? {
            return Ok(Some(reason));
        }
        if let Some(reason) = copy_under_way(&mut tx, *snapshot).await? {
            return Ok(Some(reason));
        }
        // One of this very volume goes first if it is older, and waits for this removal otherwise.
        let but = Some(state.volume);
        if let Some(reason) = reimage_under_way(&mut tx, *snapshot, but).await? {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// Operations on a snapshot began before its volume's removal, since that has put it to `deleting`.
async fn older_flow_of_part(
    tx: &mut ashlar_db::Tx,
    id: &str,
) -> Result<Option<String>, ashlar_db::DbError> {
    let first = ashlar_db::flows::under_way(tx, id).await?.into_iter().next();
    Ok(first.map(|flow| format!("{} {} goes first", flow.name, flow.id)))
}

/// It could not be removed: volume and snapshots say so, and keep their quota and space.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let from = [VolumeStatus::Deleting, VolumeStatus::ErrorManagingDeleting];
        volumes::transition(&mut tx, state.volume, &from, VolumeStatus::ErrorDeleting, now)
            .await
            .map_err(database)?;
        for (snapshot, _) in &state.snapshots {
            let from = [SnapshotStatus::Deleting];
            snapshots::transition(&mut tx, *snapshot, &from, SnapshotStatus::ErrorDeleting, now)
                .await
                .map_err(database)?;
        }
        Ok(Undone::with(tx))
    })
}

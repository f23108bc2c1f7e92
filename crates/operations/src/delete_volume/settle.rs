//! The rows go, and quota and capacity come back, in one transaction.

use ashlar_db::{DbError, Tx, pools, quotas, snapshots, volume_types, volumes};
use ashlar_types::quota::{Delta, snapshot_deltas, volume_deltas};
use ashlar_types::{Snapshot, Timestamp, Volume};

use super::State;
use crate::classify::database;
use crate::{Doing, Done, Settings, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let Some(volume) = volumes::get(&mut tx, state.volume).await.map_err(database)? else {
            return Ok(Done::next(tx));
        };
        let all = snapshots::of_volume(&mut tx, state.volume).await.map_err(database)?;
        rows(&mut tx, &cx.settings, &volume, &all, now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// Removes the rows of a volume and its snapshots and gives back what they took.
pub(super) async fn rows(
    tx: &mut Tx,
    settings: &Settings,
    volume: &Volume,
    all: &[Snapshot],
    now: Timestamp,
) -> Result<(), DbError> {
    let type_name = match volume.volume_type_id {
        Some(id) => volume_types::get(tx, id).await?.map(|volume_type| volume_type.name),
        None => None,
    };
    let type_name = type_name.as_deref();
    let mut deltas: Vec<Delta> = Vec::new();
    if volume.use_quota {
        deltas.extend(volume_deltas(1, volume.size.signed(), type_name));
    }
    for snapshot in all.iter().filter(|snapshot| snapshot.use_quota) {
        let size = snapshot.volume_size.signed();
        deltas.extend(snapshot_deltas(1, size, type_name, settings.no_snapshot_gb_quota));
    }
    let mut taken = 0;
    for snapshot in all {
        snapshots::destroy(tx, snapshot.id, now).await?;
        if snapshot.takes_space() {
            taken += snapshot.volume_size.signed();
        }
    }
    volumes::destroy(tx, volume.id, now).await?;
    quotas::give_back(tx, &volume.project_id, &deltas, now).await?;
    if let Some(pool) = &volume.host {
        pools::add_allocated(tx, pool, -(volume.size.signed() + taken), -1).await?;
    }
    Ok(())
}

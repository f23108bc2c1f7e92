//! The rows go, and quota and capacity come back, in one transaction.

use std::collections::BTreeMap;

use ashlar_db::{DbError, Tx, pools, quotas, snapshots, volume_types, volumes};
use ashlar_types::quota::{Delta, snapshot_deltas, volume_deltas};
use ashlar_types::{Snapshot, Timestamp, Volume};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, Settings, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let Some(volume) = volumes::get(&mut tx, state.volume).await.map_err(database)? else {
            return Ok(Done::next(tx));
        };
        let all = snapshots::of_volume(&mut tx, state.volume).await.map_err(database)?;
        let mut letters = Letters::new(&cx.settings, now);
        let backend = (&mut letters, From::Backend);
        told(&mut tx, &cx.settings, (&volume, &all), backend, now).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        cx.freed.notify_one();
        Ok(Done::next(tx))
    })
}

/// Removes the rows of a volume and its snapshots and gives back what they took. Nobody
/// is told: that is for whoever has an event of his own for it.
pub(crate) async fn rows(
    tx: &mut Tx,
    settings: &Settings,
    volume: &Volume,
    all: &[Snapshot],
    now: Timestamp,
) -> Result<(), DbError> {
    let mut letters = Letters::new(settings, now);
    told(tx, settings, (volume, all), (&mut letters, From::Backend), now).await
}

/// The same; of each that goes there is a letter.
pub(crate) async fn told(
    tx: &mut Tx,
    settings: &Settings,
    (volume, all): (&Volume, &[Snapshot]),
    (letters, from): (&mut Letters<'_>, From),
    now: Timestamp,
) -> Result<(), DbError> {
    let type_name = match volume.volume_type_id {
        // Quota is counted under the name, which stays so until the transaction ends.
        Some(id) => volume_types::keep_name(tx, id).await?,
        None => None,
    };
    let type_name = type_name.as_deref();
    let no_gigabytes = settings.no_snapshot_gb_quota;
    // By project: a snapshot may belong to another than its volume. By name, the order of locking.
    let mut deltas: BTreeMap<&str, Vec<Delta>> = BTreeMap::new();
    let mut taken = 0;
    for snapshot in all {
        let written = letters.len();
        let ids = [snapshot.id];
        letters.snapshots(tx, &ids, from, &[events::SNAPSHOT_DELETE_START]).await?;
        letters.snapshots_gone(tx, &ids, from, events::SNAPSHOT_DELETE_END).await?;
        if !snapshots::destroy(tx, snapshot.id, now).await? {
            // Its own removal came first and gave everything back.
            letters.take_back(written);
            continue;
        }
        let size = snapshot.volume_size.signed();
        if snapshot.use_quota {
            let freed = snapshot_deltas(1, size, type_name, no_gigabytes);
            deltas.entry(&snapshot.project_id).or_default().extend(freed);
        }
        if snapshot.takes_space() {
            taken += size;
        }
    }
    let mut volumes = 0;
    let written = letters.len();
    letters.volume_gone(tx, volume.id, from, events::DELETE_END).await?;
    if volumes::destroy(tx, volume.id, now).await? {
        let size = volume.size.signed();
        if volume.use_quota {
            let freed = volume_deltas(1, size, type_name);
            deltas.entry(&volume.project_id).or_default().extend(freed);
        }
        taken += size;
        volumes = 1;
    } else {
        letters.take_back(written);
    }
    for (project, deltas) in deltas {
        quotas::give_back(tx, project, &deltas, now).await?;
    }
    if let Some(pool) = &volume.host {
        pools::add_allocated(tx, pool, -taken, -volumes).await?;
    }
    Ok(())
}

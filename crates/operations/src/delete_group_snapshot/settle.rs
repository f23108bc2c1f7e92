//! The rows go, and quota and capacity come back, in one transaction.

use std::collections::BTreeMap;

use ashlar_db::{DbError, Tx, group_snapshots, pools, quotas, snapshots, volume_types, volumes};
use ashlar_types::quota::{Delta, snapshot_deltas};
use ashlar_types::{GroupSnapshotId, PoolName, Snapshot, Timestamp};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, Settings, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let id = state.group_snapshot;
        let all = group_snapshots::members(&mut tx, id).await.map_err(database)?;
        let (mut letters, name) = (Letters::new(&cx.settings, now), id.to_string());
        let ids: Vec<_> = all.iter().map(|snapshot| snapshot.id).collect();
        let host = match all.first() {
            Some(first) => volumes::get(&mut tx, first.volume_id).await.map_err(database)?,
            None => None,
        };
        let host = host.and_then(|volume| volume.host);
        let host = host.as_ref().map(|pool| pool.as_str());
        let start = events::GROUP_SNAPSHOT_DELETE_START;
        letters.group_snapshot(&mut tx, &name, (false, host), start).await.map_err(database)?;
        let start = [events::SNAPSHOT_DELETE_START];
        letters.snapshots(&mut tx, &ids, From::Backend, &start).await.map_err(database)?;
        let end = events::GROUP_SNAPSHOT_DELETE_END;
        letters.group_snapshot(&mut tx, &name, (true, host), end).await.map_err(database)?;
        let end = events::SNAPSHOT_DELETE_END;
        letters.snapshots_gone(&mut tx, &ids, From::Backend, end).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        rows(&mut tx, &cx.settings, id, &all, now).await.map_err(database)?;
        cx.freed.notify_one();
        Ok(Done::next(tx))
    })
}

/// Removes the rows of a group snapshot and of its snapshots, and gives back what they took.
pub(super) async fn rows(
    tx: &mut Tx,
    settings: &Settings,
    id: GroupSnapshotId,
    all: &[Snapshot],
    now: Timestamp,
) -> Result<(), DbError> {
    group_snapshots::destroy(tx, id, now).await?;
    // By name, the order of locking.
    let mut deltas: BTreeMap<&str, Vec<Delta>> = BTreeMap::new();
    let mut taken: BTreeMap<PoolName, i64> = BTreeMap::new();
    for snapshot in all {
        let pool = volumes::get(tx, snapshot.volume_id).await?.and_then(|volume| volume.host);
        if !snapshots::destroy(tx, snapshot.id, now).await? {
            continue;
        }
        let size = snapshot.volume_size.signed();
        if snapshot.use_quota {
            let type_name = match snapshot.volume_type_id {
                // Quota is counted under the name, which stays so until the transaction ends.
                Some(id) => volume_types::keep_name(tx, id).await?,
                None => None,
            };
            let no_gigabytes = settings.no_snapshot_gb_quota;
            let freed = snapshot_deltas(1, size, type_name.as_deref(), no_gigabytes);
            deltas.entry(&snapshot.project_id).or_default().extend(freed);
        }
        if let Some(pool) = pool
            && snapshot.takes_space()
        {
            *taken.entry(pool).or_default() += size;
        }
    }
    for (project, deltas) in deltas {
        quotas::give_back(tx, project, &deltas, now).await?;
    }
    for (pool, size) in taken {
        pools::add_allocated(tx, &pool, -size, 0).await?;
    }
    Ok(())
}

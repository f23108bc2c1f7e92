//! The row goes, and quota and capacity come back, in one transaction.

use ashlar_db::{pools, quotas, snapshots, volume_types};
use ashlar_types::quota::snapshot_deltas;

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let (id, now) = (state.snapshot, cx.clock.now());
        let mut tx = cx.db.begin().await.map_err(database)?;
        let found = snapshots::get_for_update(&mut tx, id).await.map_err(database)?;
        let Some(snapshot) = found else { return Ok(Done::next(tx)) };
        let mut letters = Letters::new(&cx.settings, now);
        let (ids, start) = ([id], [events::SNAPSHOT_DELETE_START]);
        letters.snapshots(&mut tx, &ids, From::Backend, &start).await.map_err(database)?;
        let end = events::SNAPSHOT_DELETE_END;
        letters.snapshots_gone(&mut tx, &ids, From::Backend, end).await.map_err(database)?;
        if !snapshots::destroy(&mut tx, id, now).await.map_err(database)? {
            return Ok(Done::next(tx));
        }
        let size = snapshot.volume_size.signed();
        if snapshot.use_quota {
            let name = match snapshot.volume_type_id {
                // Quota is counted under the name, which stays so until the transaction ends.
                Some(id) => volume_types::keep_name(&mut tx, id).await.map_err(database)?,
                None => None,
            };
            let no_gigabytes = cx.settings.no_snapshot_gb_quota;
            let deltas = snapshot_deltas(1, size, name.as_deref(), no_gigabytes);
            let project = &snapshot.project_id;
            quotas::give_back(&mut tx, project, &deltas, now).await.map_err(database)?;
        }
        if snapshot.takes_space() {
            pools::add_allocated(&mut tx, &state.pool, -size, 0).await.map_err(database)?;
        }
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        cx.freed.notify_one();
        Ok(Done::next(tx))
    })
}

//! The group snapshot and its snapshots become usable.

use ashlar_db::{group_snapshots, holds, snapshots};
use ashlar_types::{GroupSnapshotStatus, SnapshotStatus};

use super::State;
use crate::classify::database;
use crate::create_snapshot::keep_of_image;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupSnapshotStatus::Creating], GroupSnapshotStatus::Available);
        // An administrator may have given it another status meanwhile; that stands.
        group_snapshots::transition(&mut tx, state.group_snapshot, &from, to, now)
            .await
            .map_err(database)?;
        for member in &state.members {
            let published = snapshots::Published {
                status: SnapshotStatus::Available,
                provider_location: member.provider_location.as_deref(),
                provider_id: member.provider_id.as_deref(),
            };
            let (id, from) = (member.snapshot, [SnapshotStatus::Creating]);
            if !snapshots::publish(&mut tx, id, &from, &published, now).await.map_err(database)? {
                tracing::warn!(snapshot = %id, "taken, but its status was changed meanwhile");
                snapshots::record_made(&mut tx, id, &published).await.map_err(database)?;
            }
            keep_of_image(&mut tx, member.volume, id, now).await.map_err(database)?;
        }
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group_snapshot.to_string());
        let host = state.members.first().map(|member| member.pool.as_str());
        letters
            .group_snapshot(&mut tx, &id, (false, host), events::GROUP_SNAPSHOT_CREATE_END)
            .await
            .map_err(database)?;
        let ids: Vec<_> = state.members.iter().map(|member| member.snapshot).collect();
        let event = [events::SNAPSHOT_CREATE_END];
        letters.snapshots(&mut tx, &ids, From::Backend, &event).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

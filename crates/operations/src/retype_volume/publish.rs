//! The volume and its snapshots have the new type, and what they count for has its name.

use std::collections::BTreeSet;

use ashlar_db::{DbError, Tx, messages, quotas, volume_types, volumes};
use ashlar_types::{Timestamp, Volume};

use super::judge::NO_VALID_BACKEND;
use super::{Share, Shares, State};
use crate::classify::database;
use crate::notify::{By, From, events, tell_of_volume};
use crate::{Doing, Done, SchedulerContext};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        publish(&mut tx, cx, state, now).await.map_err(database)?;
        let what = (state.volume, From::Backend, &[events::RETYPE][..]);
        tell_of_volume(&mut tx, &cx.settings, &By::Flow(state.flow), what, now)
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
}

async fn publish(
    tx: &mut Tx,
    cx: &SchedulerContext,
    state: &State,
    now: Timestamp,
) -> Result<(), DbError> {
    let volume = volumes::get_for_update(tx, state.volume).await?;
    let new_name = volume_types::keep_name(tx, state.new_type.id).await?;
    let (Some(volume), Some(new_name)) = (volume, new_name) else {
        // The type was deleted in between: nobody stood in the way, as no volume had it yet.
        return give_up(tx, cx, state, now).await;
    };
    let old_name = match volume.volume_type_id {
        Some(id) => volume_types::keep_name(tx, id).await?,
        None => None,
    };
    let shared = state.new_type.spec_is_true("multiattach");
    // Before the snapshots are counted: this waits for whoever is removing one, and whoever comes later counts it under
    // the new name.
    volumes::set_type(tx, volume.id, state.new_type.id, shared, now).await?;
    move_quota(tx, cx, state, (&volume, old_name.as_deref(), &new_name), now).await?;
    volumes::end_retype(tx, volume.id, now).await?;
    Ok(())
}

/// What the volume and its snapshots count for goes from one name to the other. Snapshots that were removed since the
/// retype was accepted were given back under the old name; under the new one they are given back here.
async fn move_quota(
    tx: &mut Tx,
    cx: &SchedulerContext,
    state: &State,
    (volume, old_name, new_name): (&Volume, Option<&str>, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    let (taken, there) =
        (state.all_taken(), Share::of(tx, volume, cx.settings.no_snapshot_gb_quota).await?);
    let projects: BTreeSet<&String> = taken.keys().chain(there.keys()).collect();
    for project in projects {
        let of = |shares: &Shares| shares.get(project).copied().unwrap_or_default();
        let mut deltas = of(&taken).beyond(of(&there)).deltas(new_name);
        deltas.extend(old_name.into_iter().flat_map(|old_name| of(&there).deltas(old_name)));
        quotas::give_back(tx, project, &deltas, now).await?;
    }
    Ok(())
}

async fn give_up(
    tx: &mut Tx,
    cx: &SchedulerContext,
    state: &State,
    now: Timestamp,
) -> Result<(), DbError> {
    volumes::end_retype(tx, state.volume, now).await?;
    for (project, share) in state.all_taken() {
        quotas::give_back(tx, &project, &share.deltas(&state.new_type.name), now).await?;
    }
    let told = messages::NewMessage {
        project_id: &state.project_id,
        request_id: &state.request_id,
        resource_uuid: &state.volume.to_string(),
        what: NO_VALID_BACKEND,
    };
    messages::insert(tx, &told, now, cx.settings.message_ttl).await?;
    Ok(())
}

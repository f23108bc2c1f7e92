//! Accepting the removal of a group snapshot, in the API's process.

use ashlar_db::{Moved, Tx, flows, group_snapshots, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{
    Caller, FlowId, GroupSnapshot, GroupSnapshotId, GroupSnapshotStatus, Snapshot, SnapshotStatus,
};

use super::{DELETE_GROUP_SNAPSHOT, Member, State, settle};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Accepts the removal, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(cx: &ApiContext, caller: &Caller, id: GroupSnapshotId) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, (id, flow), &place).await)?;
        if let Some(new) = new {
            cx.start_flow(&new, place);
        }
        Ok(())
    })
    .await
}

/// The one transaction. Answers the flow, unless the group snapshot is gone already.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow): (GroupSnapshotId, FlowId),
    place: &Place,
) -> Result<Option<NewFlow>, Refusal> {
    let now = cx.clock.now();
    let found = group_snapshots::get_for_update(tx, id).await?;
    let found = found
        .filter(|found| caller.may_see(&found.project_id))
        .ok_or_else(|| Refusal::no_group_snapshot(id))?;
    if group_snapshots::being_made_from(tx, id).await?.is_some() {
        return Err(refused("a group is being made from it"));
    }
    let from = GroupSnapshotStatus::DELETABLE;
    match group_snapshots::transition(tx, id, from, GroupSnapshotStatus::Deleting, now).await? {
        Moved::Done => {}
        Moved::Refused { now } => return Err(refused(&format!("it is {now}"))),
        Moved::Gone => return Err(Refusal::no_group_snapshot(id)),
    }
    let mut all = group_snapshots::members(tx, id).await?;
    // The order in which rows are locked.
    all.sort_unstable_by_key(|snapshot| snapshot.id);
    let mut members = Vec::with_capacity(all.len());
    for snapshot in &all {
        let Some(now_there) = snapshots::get_for_update(tx, snapshot.id).await? else { continue };
        check(&now_there)?;
        snapshots::set_status(tx, snapshot.id, SnapshotStatus::Deleting, None, now).await?;
        members.extend(member(tx, snapshot).await?);
    }
    if members.is_empty() && flows::under_way(tx, &id.to_string()).await?.is_empty() {
        // There is nothing of it on any backend.
        settle::rows(tx, &cx.settings, id, &all, now).await?;
        return Ok(None);
    }
    let mut new = new_flow(&found, members, caller, flow, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(Some(new))
}

fn new_flow(
    found: &GroupSnapshot,
    members: Vec<Member>,
    caller: &Caller,
    flow: FlowId,
    now: ashlar_types::Timestamp,
) -> NewFlow {
    let state = State {
        flow,
        group_snapshot: found.id,
        project_id: found.project_id.clone(),
        request_id: caller.request_id.clone(),
        members,
    };
    DELETE_GROUP_SNAPSHOT.new_row(flow, &state, subjects::group_snapshot(found, caller), now)
}

/// Nothing reads or takes over the snapshot. Cinder does not look, and lets it go under who does.
fn check(snapshot: &Snapshot) -> Result<(), Refusal> {
    match snapshot.status {
        SnapshotStatus::Restoring | SnapshotStatus::BackingUp | SnapshotStatus::Unmanaging => {
            Err(refused(&format!("its snapshot {} is {}", snapshot.id, snapshot.status)))
        }
        _ => Ok(()),
    }
}

/// Where the snapshot lives: where its volume does. One whose volume lives nowhere is a row and nothing else.
async fn member(tx: &mut Tx, snapshot: &Snapshot) -> Result<Option<Member>, Refusal> {
    let volume = volumes::get(tx, snapshot.volume_id).await?;
    Ok(volume.and_then(|volume| {
        let volume_name = volume.backend_name();
        volume.host.map(|pool| Member {
            snapshot: snapshot.id,
            volume_name,
            pool,
            size: snapshot.volume_size,
        })
    }))
}

/// Cinder's words, and which of its conditions it was.
fn refused(because: &str) -> Refusal {
    Refusal::invalid_group_snapshot(format!(
        "GroupSnapshot status must be available or error, and no Group can be currently using it as \
         source for its creation ({because})."
    ))
}

//! Accepting the removal of a group, in the API's process.

use ashlar_db::volumes::{GroupDeleteRefusal, begin_delete_with_group};
use ashlar_db::{Tx, flows, groups, transact};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, Group, GroupId, GroupStatus, Volume};

use super::{DELETE_GROUP, State, remove};
use crate::delete_volume;
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Accepts the removal, or says why not. `with_volumes` deletes the volumes too, and does so from any status.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: GroupId,
    with_volumes: bool,
) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    let asked = (id, with_volumes, flow);
    to_the_end(async move {
        let place = cx.place();
        let (new, of_volumes) =
            transact!(cx.db, tx => store(&cx, tx, &caller, asked, &place).await)?;
        if let Some(new) = new {
            cx.start_flow(&new, place);
        }
        for new in of_volumes {
            cx.start_flow(&new, Place::none());
        }
        Ok(())
    })
    .await
}

/// The one transaction. Answers the flow, unless the group is gone already, and those of its volumes.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, with_volumes, flow): (GroupId, bool, FlowId),
    place: &Place,
) -> Result<(Option<NewFlow>, Vec<NewFlow>), Refusal> {
    let now = cx.clock.now();
    let group = groups::get_for_update(tx, id).await?;
    let group = group
        .filter(|group| caller.may_see(&group.project_id))
        .ok_or_else(|| Refusal::no_group(id))?;
    let volumes = groups::lock_volumes_of(tx, id).await?;
    check(tx, &group, &volumes, with_volumes).await?;
    let untouched = flows::under_way(tx, &id.to_string()).await?.is_empty();
    if volumes.is_empty() && group.host.is_none() && untouched {
        // Never placed, and nobody is about to place it.
        remove::row(tx, &group, now).await?;
        return Ok((None, Vec::new()));
    }
    if let Err(refusal) = begin_delete_with_group(tx, id, now).await? {
        return Err(refused(&group, refusal));
    }
    let mut of_volumes = Vec::with_capacity(volumes.len());
    for volume in &volumes {
        of_volumes.extend(delete_volume::accept_with_group(cx, tx, caller, volume).await?);
    }
    groups::set_status(tx, id, GroupStatus::Deleting, now).await?;
    let state = State { flow, group: id };
    let mut new = DELETE_GROUP.new_row(flow, &state, subjects::group(&group, caller), now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok((Some(new), of_volumes))
}

/// Cinder's conditions, in its order and words; 400.
async fn check(
    tx: &mut Tx,
    group: &Group,
    volumes: &[Volume],
    with_volumes: bool,
) -> Result<(), Refusal> {
    // Nothing is known to have been made of a group that was never placed; it may go in any status.
    let unplaced = group.host.is_none() && volumes.is_empty();
    if !with_volumes && !unplaced && !GroupStatus::DELETABLE.contains(&group.status) {
        return Err(Refusal::invalid_group(format!(
            "Group status must be available or error, but current status is: {}",
            group.status
        )));
    }
    if groups::has_snapshots(tx, group.id).await? {
        return Err(Refusal::invalid_group("Group has existing snapshots."));
    }
    if !with_volumes && !volumes.is_empty() {
        return Err(Refusal::invalid_group(format!(
            "Group {} still contains volumes. The delete-volumes flag is required to delete it.",
            group.id
        )));
    }
    if groups::feeds_a_group(tx, group.id).await? {
        return Err(Refusal::invalid_group(format!(
            "Cannot delete group {}. It cannot be the source for an ongoing group or group \
             snapshot creation.",
            group.id
        )));
    }
    Ok(())
}

fn refused(group: &Group, refusal: GroupDeleteRefusal) -> Refusal {
    match refusal {
        GroupDeleteRefusal::Attached => Refusal::invalid_group(format!(
            "Volume in group {} is attached. Need to detach first.",
            group.id
        )),
        GroupDeleteRefusal::HasSnapshots => {
            Refusal::invalid_group("Volume in group still has dependent snapshots.")
        }
    }
}

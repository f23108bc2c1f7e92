//! Accepting that a snapshot is forgotten, in the API's process.

use ashlar_db::{Begun, Tx, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, SnapshotId};

use super::{State, UNMANAGE_SNAPSHOT};
use crate::delete_snapshot::because;
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Accepts it, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(cx: &ApiContext, caller: &Caller, id: SnapshotId) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, (id, flow), &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow): (SnapshotId, FlowId),
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let now = cx.clock.now();
    // Locked before it is looked at: it may be changing hands with its volume.
    let snapshot = snapshots::get_for_update(tx, id).await?;
    let snapshot = snapshot
        .filter(|snapshot| caller.may_see(&snapshot.project_id))
        .ok_or_else(|| Refusal::no_snapshot(id))?;
    let volume = volumes::get(tx, snapshot.volume_id).await?;
    let volume = volume.ok_or_else(|| Refusal::no_volume(snapshot.volume_id))?;
    match snapshots::begin_unmanage(tx, id, now).await? {
        Begun::Done => {}
        Begun::Gone => return Err(Refusal::no_snapshot(id)),
        Begun::Refused(refusal) => {
            return Err(Refusal::invalid_snapshot(format!(
                "Snapshot status must be available or error and it must not belong to a group \
                 snapshot ({}).",
                because(refusal)
            )));
        }
    }
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_snapshot("its volume has never been placed on a backend")
    })?;
    let state = State {
        flow,
        snapshot: id,
        volume_name: volume.backend_name(),
        project_id: snapshot.project_id.clone(),
        request_id: caller.request_id.clone(),
        pool,
        size: snapshot.volume_size,
    };
    let subject = subjects::snapshot(&snapshot, caller);
    let mut new = UNMANAGE_SNAPSHOT.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

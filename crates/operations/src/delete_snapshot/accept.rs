//! Accepting the removal of a snapshot, in the API's process.

use ashlar_db::snapshots::DeleteRefusal;
use ashlar_db::{Begun, Tx, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, SnapshotId, SnapshotStatus};

use super::{DELETE_SNAPSHOT, State};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Accepts the removal, or says why not. With `force`, from any status.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: SnapshotId,
    force: bool,
) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, (id, force, flow), &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, force, flow): (SnapshotId, bool, FlowId),
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
    let from: &[SnapshotStatus] = if force { &[] } else { SnapshotStatus::DELETABLE };
    match snapshots::begin_delete(tx, id, from, now).await? {
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
    let mut new = DELETE_SNAPSHOT.new_row(flow, &state, subjects::snapshot(&snapshot, caller), now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

/// Which of Cinder's conditions it was; Cinder itself does not say.
pub(crate) fn because(refusal: DeleteRefusal) -> String {
    match refusal {
        DeleteRefusal::Status(now) => format!("it is {now}"),
        DeleteRefusal::InGroup => "it belongs to a group snapshot".to_owned(),
        DeleteRefusal::Changed => "it changed meanwhile, try again".to_owned(),
    }
}

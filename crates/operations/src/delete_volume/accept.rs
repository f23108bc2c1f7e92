//! Accepting the removal of a volume, in the API's process.

use ashlar_db::volumes::DeleteRefusal;
use ashlar_db::{Begun, Tx, flows, snapshots, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, Timestamp, Volume, VolumeId, VolumeStatus};

use super::{DELETE_VOLUME, State, settle};
use crate::notify::{By, From, Letters, events};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Which removal is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct How {
    /// With all its snapshots.
    pub cascade: bool,
    /// From any status. The other conditions hold all the same.
    pub force: bool,
}

/// Accepts the removal, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: VolumeId,
    how: How,
) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, (id, how, flow), &place).await)?;
        if let Some(new) = new {
            cx.start_flow(&new, place);
        }
        Ok(())
    })
    .await
}

/// The one transaction. Answers the flow, unless the volume is gone already.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, how, flow): (VolumeId, How, FlowId),
    place: &Place,
) -> Result<Option<NewFlow>, Refusal> {
    let now = cx.clock.now();
    // Locked before it is looked at: an operation that ends at this moment may place or grow it.
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    let from: &[VolumeStatus] = if how.force { &[] } else { VolumeStatus::DELETABLE };
    let snapshots = if how.cascade { snapshots_of(tx, caller, id).await? } else { Vec::new() };
    match volumes::begin_delete(tx, id, from, how.cascade, now).await? {
        Begun::Done => {}
        Begun::Gone => return Err(Refusal::no_volume(id)),
        Begun::Refused(refusal) => return Err(refused(refusal)),
    }
    if volume.host.is_none() && flows::under_way(tx, &id.to_string()).await?.is_empty() {
        // Never placed, and its create is over: there is nothing on any backend. What its status was does
        // not tell, since an administrator may have set it.
        let mut letters = Letters::new(&cx.settings, now);
        letters.volume(tx, id, From::Here, &[events::DELETE_START]).await?;
        let here = (&mut letters, From::Here);
        settle::told(tx, &cx.settings, (&volume, &snapshots), here, now).await?;
        letters.post(tx, &By::caller(caller), now).await?;
        return Ok(None);
    }
    let mut new = new_flow(&volume, snapshots, caller, flow, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(Some(new))
}

/// Deletes a volume of a group that is deleted, in the transaction that accepts that: rows are locked, the volume is
/// `deleting` and has no snapshots. Answers the flow, to be started after the commit, unless the volume is gone
/// already.
///
/// # Errors
/// [`Refusal::Database`].
pub(crate) async fn accept_with_group(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    volume: &Volume,
) -> Result<Option<NewFlow>, Refusal> {
    let now = cx.clock.now();
    if volume.host.is_none()
        && flows::under_way(tx, &volume.id.to_string()).await?.is_empty()
        && volumes::being_made_with_group(tx, volume.id).await?.is_none()
    {
        settle::rows(tx, &cx.settings, volume, &[], now).await?;
        return Ok(None);
    }
    let mut new = new_flow(volume, Vec::new(), caller, FlowId::fresh(), now);
    cx.store_next_flow(tx, &mut new, &Place::none()).await?;
    Ok(Some(new))
}

fn new_flow(
    volume: &Volume,
    snapshots: Vec<ashlar_types::Snapshot>,
    caller: &Caller,
    flow: FlowId,
    now: Timestamp,
) -> NewFlow {
    let state = State {
        flow,
        volume: volume.id,
        project_id: volume.project_id.clone(),
        snapshots: snapshots.iter().map(|snapshot| (snapshot.id, snapshot.volume_size)).collect(),
        size: volume.size,
        pool: volume.host.clone(),
        name: volume.backend_name(),
    };
    let subject = subjects::volume(volume.id, &volume.project_id, caller);
    DELETE_VOLUME.new_row(flow, &state, subject, now)
}

/// The snapshots that go with it. They go to `deleting` together with the volume.
async fn snapshots_of(
    tx: &mut Tx,
    caller: &Caller,
    id: VolumeId,
) -> Result<Vec<ashlar_types::Snapshot>, Refusal> {
    let all = snapshots::of_volume(tx, id).await?;
    match all.iter().find(|snapshot| !caller.may_see(&snapshot.project_id)) {
        Some(_) => Err(Refusal::invalid_volume(
            "Unable to delete a volume with snapshots that belong to another project",
        )),
        None => Ok(all),
    }
}

fn refused(refusal: DeleteRefusal) -> Refusal {
    Refusal::invalid_volume(format!(
        "Volume status must be available or error or error_restoring or error_extending or \
         error_managing and must not be migrating, attached, belong to a group, have snapshots, \
         awaiting a transfer, or be disassociated from snapshots after volume transfer ({}).",
        because(refusal)
    ))
}

/// Which of Cinder's conditions it was; Cinder itself does not say.
pub(crate) fn because(refusal: DeleteRefusal) -> String {
    match refusal {
        DeleteRefusal::Status(now) => format!("it is {now}"),
        DeleteRefusal::Migrating => "it is migrating".to_owned(),
        DeleteRefusal::Attached => "it is attached".to_owned(),
        DeleteRefusal::InGroup => "it belongs to a group".to_owned(),
        DeleteRefusal::HasSnapshots => "it has snapshots".to_owned(),
        DeleteRefusal::SnapshotsBusy => "a snapshot of it cannot be deleted now".to_owned(),
        DeleteRefusal::Changed => "it changed meanwhile, try again".to_owned(),
    }
}

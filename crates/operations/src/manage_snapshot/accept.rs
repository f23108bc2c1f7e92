//! Accepting a snapshot to manage, in the API's process.

use ashlar_db::snapshot_details::SnapshotDetail;
use ashlar_db::{Tx, quotas, snapshots, transact, volume_types, volumes};
use ashlar_drivers::Reference;
use ashlar_flow::NewFlow;
use ashlar_types::quota::snapshot_deltas;
use ashlar_types::{
    Caller, FlowId, Gib, Metadata, PoolName, Snapshot, SnapshotId, VolumeId, VolumeStatus,
};
use serde_json::Value;

use super::{MANAGE_SNAPSHOT, State};
use crate::create_snapshot::row;
use crate::create_volume::Made;
use crate::manage::{self, At};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The volume that it is of.
    pub volume_id: VolumeId,
    /// What names it on that volume's backend.
    pub reference: Value,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// User metadata.
    pub metadata: Metadata,
}

/// The volume may be in use: what lies there is not touched by whoever uses it.
const OF_WHICH: [VolumeStatus; 2] = [VolumeStatus::Available, VolumeStatus::InUse];

/// Accepts the snapshot, or says why not. The answer is the snapshot as it then stands.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<SnapshotDetail, Refusal> {
    Refusal::without_project(caller)?;
    manage::check_length(&request.reference)?;
    let pool = home(cx, caller, &request).await?;
    let (cx, caller) = (cx.clone(), caller.clone());
    let identities = (SnapshotId::random(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place_at(&pool.backend());
        let asked = (&request, &pool);
        let (new, snapshot) =
            transact!(cx.db, tx => store(&cx, tx, &caller, asked, identities, &place).await)?;
        cx.start_flow(&new, place);
        Ok(SnapshotDetail { snapshot, metadata: request.metadata })
    })
    .await
}

/// Where the volume lives, when its service can be given work and nobody has what is named there.
async fn home(cx: &ApiContext, caller: &Caller, request: &Request) -> Result<PoolName, Refusal> {
    let mut tx = cx.db.read().await?;
    let volume = volumes::get(&mut tx, request.volume_id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(request.volume_id))?;
    let pool = volume.host.ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it has no snapshots")
    })?;
    let at = At::Host(pool.as_str().to_owned());
    if manage::service(cx, &mut tx, &at).await?.is_none() {
        return Err(at.missing());
    }
    if let Ok(reference) = Reference::read(&request.reference)
        && manage::owner(&mut tx, &pool.backend(), reference.source_name()).await?.is_some()
    {
        return Err(Refusal::invalid_snapshot(
            "Unable to manage existing snapshot. The snapshot is already managed",
        ));
    }
    Ok(pool)
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (request, pool): (&Request, &PoolName),
    (id, flow): (SnapshotId, FlowId),
    place: &Place,
) -> Result<(NewFlow, Snapshot), Refusal> {
    let now = tx.engine().storable(cx.clock.now());
    // Locked until the snapshot's row is there, so that the volume cannot go in between.
    let volume = volumes::get_for_update(tx, request.volume_id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(request.volume_id))?;
    if !OF_WHICH.contains(&volume.status) || volume.host.as_ref() != Some(pool) {
        return Err(Refusal::invalid_volume(format!(
            "Volume {} status must be available, in-use, but current status is: {}.",
            volume.id, volume.status
        )));
    }
    let type_name = match volume.volume_type_id {
        // Quota is counted under the name, which stays so until the transaction ends.
        Some(id) => volume_types::keep_name(tx, id).await?,
        None => None,
    };
    let no_gigabytes = cx.settings.no_snapshot_gb_quota;
    let deltas = snapshot_deltas(1, volume.size.signed(), type_name.as_deref(), no_gigabytes);
    quotas::take(tx, &caller.project_id, &deltas, &cx.settings.limits, now).await??;
    let texts = (request.name.clone(), request.description.clone());
    let snapshot = row(id, &volume, caller, texts, now);
    snapshots::insert(tx, &snapshot, &request.metadata).await?;
    let state = State {
        flow,
        snapshot: id,
        volume_name: volume.backend_name(),
        project_id: snapshot.project_id.clone(),
        request_id: caller.request_id.clone(),
        pool: pool.clone(),
        reference: request.reference.clone(),
        size: Gib(0),
        mark: None,
        made: Made::default(),
    };
    let subject = subjects::snapshot(&snapshot, caller);
    let new = MANAGE_SNAPSHOT.new_row(flow, &state, subject, cx.clock.now());
    cx.store_flow(tx, &new, place).await?;
    Ok((new, snapshot))
}

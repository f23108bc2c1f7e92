//! Accepting a snapshot, in the API's process.

use ashlar_db::snapshot_details::SnapshotDetail;
use ashlar_db::{Tx, quotas, snapshots, transact, volume_types, volumes};
use ashlar_flow::NewFlow;
use ashlar_placement::Provisioning;
use ashlar_types::quota::snapshot_deltas;
use ashlar_types::{
    Caller, FlowId, Metadata, Snapshot, SnapshotId, SnapshotStatus, Timestamp, Volume, VolumeId,
    VolumeStatus,
};

use super::{CREATE_SNAPSHOT, State};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The volume.
    pub volume_id: VolumeId,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// User metadata.
    pub metadata: Metadata,
    /// A volume in use will do: `force` below microversion 3.66, always from there on.
    pub in_use: bool,
}

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
    let (cx, caller) = (cx.clone(), caller.clone());
    let identities = (SnapshotId::random(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let (new, snapshot) =
            transact!(cx.db, tx => store(&cx, tx, &caller, &request, identities, &place).await)?;
        cx.start_flow(&new, place);
        Ok(SnapshotDetail { snapshot, metadata: request.metadata })
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    request: &Request,
    (id, flow): (SnapshotId, FlowId),
    place: &Place,
) -> Result<(NewFlow, Snapshot), Refusal> {
    let now = tx.engine().storable(cx.clock.now());
    // Locked until the snapshot's row is there, so that the volume cannot go in between.
    let volume = volumes::get_for_update(tx, request.volume_id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(request.volume_id))?;
    check(&volume, request.in_use)?;
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it has no snapshots")
    })?;
    let volume_type = match volume.volume_type_id {
        Some(id) => {
            // Quota is counted under the name, which stays so until the transaction ends.
            volume_types::keep_name(tx, id).await?;
            volume_types::get(tx, id).await?
        }
        None => None,
    };
    let type_name = volume_type.as_ref().map(|volume_type| volume_type.name.as_str());
    let no_gigabytes = cx.settings.no_snapshot_gb_quota;
    let deltas = snapshot_deltas(1, volume.size.signed(), type_name, no_gigabytes);
    // Cinder's rule: it is the caller's, who need not be the volume's owner but may be an administrator.
    quotas::take(tx, &caller.project_id, &deltas, &cx.settings.limits, now).await??;
    let texts = (request.name.clone(), request.description.clone());
    let snapshot = row(id, &volume, caller, texts, now);
    snapshots::insert(tx, &snapshot, &request.metadata).await?;
    let state = State {
        flow,
        snapshot: id,
        volume: volume.id,
        volume_name: volume.backend_name(),
        project_id: snapshot.project_id.clone(),
        request_id: caller.request_id.clone(),
        pool,
        thick: volume_type.as_ref().map(Provisioning::of) == Some(Provisioning::Thick),
        size: volume.size,
        provider_location: None,
        provider_id: None,
    };
    let subject = subjects::snapshot(&snapshot, caller);
    let new = CREATE_SNAPSHOT.new_row(flow, &state, subject, cx.clock.now());
    cx.store_flow(tx, &new, place).await?;
    Ok((new, snapshot))
}

/// The volume is in a state of which a snapshot can be taken. Cinder answers 400 otherwise.
fn check(volume: &Volume, in_use: bool) -> Result<(), Refusal> {
    let status = volume.status;
    if status != VolumeStatus::Available && !(in_use && status == VolumeStatus::InUse) {
        let wanted = if in_use { "available or in-use" } else { "available" };
        return Err(Refusal::invalid_volume(format!(
            "Volume {} status must be {wanted} to take a snapshot, but is {status}.",
            volume.id
        )));
    }
    if volume.migration_status.as_deref().is_some_and(|status| status.starts_with("target:")) {
        return Err(Refusal::invalid_volume("Cannot take a snapshot of a migration's target."));
    }
    Ok(())
}

/// The row of a snapshot that is about to be taken, or taken over, of the volume.
pub(crate) fn row(
    id: SnapshotId,
    volume: &Volume,
    caller: &Caller,
    (name, description): (Option<String>, Option<String>),
    now: Timestamp,
) -> Snapshot {
    Snapshot {
        id,
        volume_id: volume.id,
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        status: SnapshotStatus::Creating,
        progress: Some("0%".to_owned()),
        volume_size: volume.size,
        name,
        description,
        volume_type_id: volume.volume_type_id,
        encryption_key_id: volume.encryption_key_id.clone(),
        group_snapshot_id: None,
        cgsnapshot_id: None,
        use_quota: true,
        provider_location: None,
        provider_id: None,
        created_at: now,
        updated_at: None,
    }
}

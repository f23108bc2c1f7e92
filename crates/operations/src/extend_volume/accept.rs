//! Accepting an extend, in the API's process.

use ashlar_db::{DbError, Moved, Tx, flows, quotas, transact, volume_types, volumes};
use ashlar_flow::NewFlow;
use ashlar_placement::Provisioning;
use ashlar_types::quota::volume_deltas;
use ashlar_types::{Caller, FlowId, Gib, Timestamp, Volume, VolumeId, VolumeStatus, VolumeType};

use super::{EXTEND_VOLUME, State};
use crate::create_volume::check_type_bounds;
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, OverQuota, Refusal, subjects};

/// Accepts the extend, or says why not. `from` are the statuses that allow it: in-use ones from
/// microversion 3.42 on.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    id: VolumeId,
    new_size: Gib,
    from: &[VolumeStatus],
) -> Result<(), Refusal> {
    let asked = (id, new_size, FlowId::fresh());
    let (cx, caller, from) = (cx.clone(), caller.clone(), from.to_vec());
    to_the_end(async move {
        let place = cx.place();
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, asked, &from, &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, new_size, flow): (VolumeId, Gib, FlowId),
    from: &[VolumeStatus],
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let now = cx.clock.now();
    // Locked before it is looked at: an operation that ends at this moment may place or grow it.
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    match volumes::begin_extend(tx, id, from, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(id)),
        Moved::Refused { now } => return Err(wrong_status(id, now, from)),
    }
    let under_way = flows::under_way(tx, &id.to_string()).await?;
    if under_way.iter().any(|flow| flow.name == EXTEND_VOLUME.name) {
        // Only after a reset of the status. Two increases from one size would be taken from quota twice.
        return Err(Refusal::invalid_volume(format!(
            "Volume {id} is still being extended, whatever its status was reset to."
        )));
    }
    if new_size <= volume.size {
        return Err(Refusal::invalid_input(format!(
            "New size for extend must be greater than current size. (current: {}, extended: {}).",
            volume.size.0, new_size.0
        )));
    }
    let volume_type = kept_type(tx, &volume).await?;
    take_quota(cx, tx, &volume, volume_type.as_ref(), new_size, now).await?;
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it cannot be extended")
    })?;
    let state = State {
        flow,
        volume: id,
        project_id: volume.project_id.clone(),
        request_id: caller.request_id.clone(),
        name: volume.backend_name(),
        pool,
        use_quota: volume.use_quota,
        type_name: volume_type.as_ref().map(|volume_type| volume_type.name.clone()),
        thick: volume_type.as_ref().map(Provisioning::of) == Some(Provisioning::Thick),
        old_size: volume.size,
        new_size,
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut new = EXTEND_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

/// The volume's type. Quota is counted under its name, which stays so until the transaction ends.
async fn kept_type(tx: &mut Tx, volume: &Volume) -> Result<Option<VolumeType>, DbError> {
    let Some(id) = volume.volume_type_id else { return Ok(None) };
    volume_types::keep_name(tx, id).await?;
    volume_types::get(tx, id).await
}

/// The new size is within the type's and the project's bounds, and the increase is taken from quota.
async fn take_quota(
    cx: &ApiContext,
    tx: &mut Tx,
    volume: &Volume,
    volume_type: Option<&VolumeType>,
    new_size: Gib,
    now: Timestamp,
) -> Result<(), Refusal> {
    if let Some(volume_type) = volume_type {
        check_type_bounds(volume_type, new_size)?;
    }
    let limits = &cx.settings.limits;
    let limit = quotas::limit_of(tx, &volume.project_id, "per_volume_gigabytes", limits).await?;
    if limit >= 0 && new_size.signed() > limit {
        return Err(OverQuota::PerVolume { size: new_size.signed(), limit }.into());
    }
    if volume.use_quota {
        let increase = new_size.signed() - volume.size.signed();
        let type_name = volume_type.map(|volume_type| volume_type.name.as_str());
        let deltas = volume_deltas(0, increase, type_name);
        quotas::take(tx, &volume.project_id, &deltas, limits, now).await??;
    }
    Ok(())
}

fn wrong_status(id: VolumeId, now: VolumeStatus, from: &[VolumeStatus]) -> Refusal {
    let allowed: Vec<&str> = from.iter().map(|status| status.as_str()).collect();
    Refusal::invalid_volume(format!(
        "Volume {id} status must be '{}' to extend, currently {now}.",
        allowed.join("' or '")
    ))
}

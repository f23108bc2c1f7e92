//! Accepting a retype, in the API's process.

use ashlar_db::{
    Moved, Tx, flows, qos_specs, quotas, transact, type_encryption, volume_types, volumes,
};
use ashlar_flow::NewFlow;
use ashlar_types::{Caller, FlowId, Timestamp, Volume, VolumeId, VolumeStatus, VolumeType};

use super::{RETYPE_VOLUME, Share, Shares, State};
use crate::create_volume::{check_type_bounds, missing_type, visible_type};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The volume.
    pub volume_id: VolumeId,
    /// The new type, by identity or name.
    pub new_type: String,
    /// It may be moved to another pool or backend where that is needed.
    pub may_move: bool,
    /// The caller may have volumes that several servers share (`volume:multiattach`).
    pub may_be_shared: bool,
}

/// Accepts the retype, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written. As in Cinder 404 for a type that is not there, 413 when it would pass the quota of the
/// new type, 400 for the rest.
pub async fn accept(cx: &ApiContext, caller: &Caller, request: Request) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let asked = (&request, flow);
        let new = transact!(cx.db, tx => store(&cx, tx, &caller, asked, &place).await)?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (request, flow): (&Request, FlowId),
    place: &Place,
) -> Result<NewFlow, Refusal> {
    let (id, now) = (request.volume_id, cx.clock.now());
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    let asked = request.new_type.as_str();
    // Cinder finds private types of others here as well.
    let new_type = visible_type(tx, caller, asked).await?.ok_or_else(|| missing_type(asked))?;
    let old_type = match volume.volume_type_id {
        Some(id) => volume_types::get(tx, id).await?,
        None => None,
    };
    check_type_bounds(&new_type, volume.size)?;
    check_sharing(tx, request, &volume, &new_type).await?;
    check_place(tx, &volume, old_type.as_ref(), &new_type).await?;
    let (from, to) = (VolumeStatus::RETYPEABLE, VolumeStatus::Retyping);
    match volumes::begin_keeping(tx, id, from, to, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(id)),
        Moved::Refused { .. } => return Err(not_now()),
    }
    let under_way = flows::under_way(tx, &id.to_string()).await?;
    if under_way.iter().any(|flow| flow.name == RETYPE_VOLUME.name) {
        // Only after a reset of the status.
        return Err(Refusal::invalid_volume(format!("Volume {id} is still being retyped.")));
    }
    // It may have been renamed since it was looked up, or be gone; from here on its name stays.
    let name = volume_types::keep_name(tx, new_type.id).await?;
    let new_type = VolumeType { name: name.ok_or_else(|| missing_type(asked))?, ..new_type };
    let (taken, taken_of_others) = take_quota(cx, tx, &volume, &new_type.name, now).await?;
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume("it has never been placed on a backend, so it cannot be retyped")
    })?;
    let state = State {
        flow,
        volume: id,
        project_id: volume.project_id.clone(),
        user_id: caller.user_id.clone(),
        request_id: caller.request_id.clone(),
        pool,
        zone: volume.availability_zone.clone(),
        size: volume.size,
        old_type,
        new_type,
        may_move: request.may_move,
        taken,
        taken_of_others,
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut new = RETYPE_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(new)
}

/// Takes what the volume and its snapshots count for under the name of the new type, from each project that has one of
/// them. Answers the share of the volume's own project and those of the others. Cinder takes all of it from the
/// former, and gives the snapshots' back to the latter.
async fn take_quota(
    cx: &ApiContext,
    tx: &mut Tx,
    volume: &Volume,
    type_name: &str,
    now: Timestamp,
) -> Result<(Share, Shares), Refusal> {
    let mut taken = Share::of(tx, volume, cx.settings.no_snapshot_gb_quota).await?;
    for (project, share) in &taken {
        let deltas = share.deltas(type_name);
        match quotas::take(tx, project, &deltas, &cx.settings.limits, now).await? {
            Ok(()) => {}
            Err(over) if *project == volume.project_id => return Err(over.into()),
            // Its figures are not for the caller.
            Err(_) => {
                return Err(Refusal::invalid_volume(format!(
                    "a snapshot of it belongs to another project, whose quota of type {type_name} does not \
                     suffice"
                )));
            }
        }
    }
    let own = taken.remove(&volume.project_id).unwrap_or_default();
    Ok((own, taken))
}

/// Whether several servers may have the volume changes only while none has it, and only for who may.
async fn check_sharing(
    tx: &mut Tx,
    request: &Request,
    volume: &Volume,
    new_type: &VolumeType,
) -> Result<(), Refusal> {
    let shared = new_type.spec_is_true("multiattach");
    if shared != volume.multiattach {
        if volume.status != VolumeStatus::Available {
            return Err(Refusal::invalid_input(format!(
                "Invalid volume_type passed, retypes affecting multiattach are only allowed on \
                 available volumes, the specified volume however currently has a status of: {}.",
                volume.status
            )));
        }
        if shared && !request.may_be_shared {
            return Err(Refusal::Forbidden("volume:multiattach"));
        }
    }
    if shared && type_encryption::of_type(tx, new_type.id).await?.is_some() {
        return Err(Refusal::invalid_input(
            "Retype requested both encryption and multi-attach, which is not supported.",
        ));
    }
    Ok(())
}

/// The conditions beside the status: another type, no group, no migration, and for a volume in use nothing that its
/// server's host would have to do otherwise.
async fn check_place(
    tx: &mut Tx,
    volume: &Volume,
    old_type: Option<&VolumeType>,
    new_type: &VolumeType,
) -> Result<(), Refusal> {
    let grouped = volume.group_id.is_some()
        || volume.consistencygroup_id.as_ref().is_some_and(|id| !id.is_empty());
    if grouped || volume.is_migrating() || volume.volume_type_id == Some(new_type.id) {
        return Err(not_now());
    }
    let old_specs = old_type.and_then(|old| old.qos_specs_id.as_deref());
    let new_specs = new_type.qos_specs_id.as_deref();
    if volume.status == VolumeStatus::InUse && old_specs != new_specs {
        for specs in [old_specs, new_specs].into_iter().flatten() {
            if qos_specs::specs_for_hosts(tx, specs).await?.is_some() {
                return Err(not_now());
            }
        }
    }
    Ok(())
}

/// Cinder's words; it does not say which condition it was.
fn not_now() -> Refusal {
    Refusal::invalid_volume(
        "Retype needs volume to be in available or in-use state, not be part of an active migration \
         or a consistency group, requested type has to be different that the one from the volume, \
         and for in-use volumes front-end qos specs cannot change.",
    )
}

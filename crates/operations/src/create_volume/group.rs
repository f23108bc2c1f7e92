//! A volume that is made in a group: it is of one of the group's types, in its zone and on its backend.

use std::borrow::Cow;

use ashlar_db::{Tx, flows, groups};
use ashlar_flow::TaskError;
use ashlar_types::request_spec::Pinned;
use ashlar_types::{BackendName, Caller, Group, GroupStatus, RequestSpec, VolumeType};

use super::{Request, State};
use crate::classify::database;
use crate::create_group::CREATE_GROUP;
use crate::{ApiContext, Refusal, SchedulerContext};

/// The group that is asked for, if one is.
///
/// # Errors
/// 404 when it is not there, 400 when the type is not named or not one of the group's, or the group is not in a
/// status in which volumes may join it.
pub(super) async fn find(
    cx: &ApiContext,
    caller: &Caller,
    request: &Request,
    volume_type: &VolumeType,
) -> Result<Option<Group>, Refusal> {
    let Some(id) = request.group else { return Ok(None) };
    let group = groups::get(&mut cx.db.read().await?, id).await?;
    let group = group
        .filter(|group| caller.may_see(&group.project_id))
        .ok_or_else(|| Refusal::no_group(id))?;
    // Cinder takes no default here.
    if request.volume_type.is_none() {
        let reason = "volume_type must be provided when creating a volume in a group.";
        return Err(Refusal::invalid_input(reason));
    }
    if !group.volume_types.contains(&volume_type.id) {
        return Err(Refusal::invalid_input(format!(
            "Invalid volume_type provided: {} (requested type must be supported by this group).",
            volume_type.name
        )));
    }
    check_status(&group)?;
    Ok(Some(group))
}

fn check_status(group: &Group) -> Result<(), Refusal> {
    if GroupStatus::OPEN.contains(&group.status) {
        return Ok(());
    }
    let open: Vec<&str> = GroupStatus::OPEN.iter().map(|status| status.as_str()).collect();
    Err(Refusal::invalid_group(format!(
        "Originating group status must be one of '{}' values",
        open.join(", ")
    )))
}

/// The request with the group's zone in place of its own.
pub(super) fn zoned<'r>(request: &'r Request, group: Option<&Group>) -> Cow<'r, Request> {
    match group.and_then(|group| group.availability_zone.clone()) {
        None => Cow::Borrowed(request),
        zone => Cow::Owned(Request { availability_zone: zone, ..request.clone() }),
    }
}

/// Pins the volume to the group's backend, where the group has one already.
///
/// # Errors
/// 400 when the volume's source lives elsewhere. Cinder would try, and fail on the backend.
pub(super) fn pin(spec: &mut RequestSpec, group: Option<&Group>) -> Result<(), Refusal> {
    let Some(host) = group.and_then(|group| group.host.as_ref()) else { return Ok(()) };
    pin_to(spec, host.backend()).map_err(Refusal::invalid_input)
}

fn pin_to(spec: &mut RequestSpec, backend: BackendName) -> Result<(), String> {
    // An administrator's named host is no host of this volume's choice any more.
    spec.forced = None;
    match &spec.pinned {
        Some(Pinned::Pool(pool)) if pool.backend() != backend => {
            Err(format!("the volume's source lives on {pool}, its group on {backend}."))
        }
        Some(_) => Ok(()),
        None => {
            spec.pinned = Some(Pinned::Backend(backend));
            Ok(())
        }
    }
}

/// The group may have begun to go since it was looked up. Its row is locked until the volume's row is there, which
/// whoever deletes the group then sees.
///
/// # Errors
/// As [`find`].
pub(super) async fn recheck(tx: &mut Tx, state: &State) -> Result<(), Refusal> {
    let Some(id) = state.group else { return Ok(()) };
    let group = groups::get_for_update(tx, id).await?;
    check_status(&group.ok_or_else(|| Refusal::no_group(id))?)
}

/// Whether the backend of the volume's group is known.
pub(super) enum Bound {
    /// It is, or there is no group: the volume can be placed.
    Now,
    /// The group itself is being placed.
    Later(String),
    /// The group has no backend, or one where this volume cannot be.
    Never(String),
}

/// Pins a volume that was accepted before its group had a backend.
///
/// # Errors
/// [`TaskError`] of the database.
pub(super) async fn bind(cx: &SchedulerContext, state: &mut State) -> Result<Bound, TaskError> {
    let Some(id) = state.group else { return Ok(Bound::Now) };
    if matches!(state.spec.pinned, Some(Pinned::Backend(_))) {
        return Ok(Bound::Now);
    }
    let mut tx = cx.db.read().await.map_err(database)?;
    let group = groups::get(&mut tx, id).await.map_err(database)?;
    if let Some(host) = group.and_then(|group| group.host) {
        let pinned = pin_to(&mut state.spec, host.backend());
        return Ok(pinned.map_or_else(Bound::Never, |()| Bound::Now));
    }
    let under_way = flows::under_way(&mut tx, &id.to_string()).await.map_err(database)?;
    Ok(if under_way.iter().any(|flow| flow.name == CREATE_GROUP.name) {
        Bound::Later(format!("group {id} is placed first"))
    } else {
        Bound::Never(format!("group {id} lives on no backend"))
    })
}

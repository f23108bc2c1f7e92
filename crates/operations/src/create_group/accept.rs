//! Accepting a group, in the API's process.

use std::collections::HashSet;

use ashlar_db::{Tx, group_types, groups, quotas, transact, volume_types};
use ashlar_flow::NewFlow;
use ashlar_types::quota::Delta;
use ashlar_types::{
    Caller, FlowId, Group, GroupId, GroupStatus, GroupTypeId, Timestamp, VolumeTypeId,
};

use super::{CREATE_GROUP, State};
use crate::create_volume::{missing_type, visible_type};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// The most volume types of a group: each is looked up. Cinder takes as many as a body holds.
const MOST_TYPES: usize = 100;

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Group type, looked up already.
    pub group_type: GroupTypeId,
    /// Volume types by name or identity; at least one, and repeats do not count.
    pub volume_types: Vec<String>,
    /// Zone.
    pub availability_zone: Option<String>,
}

/// Accepts the group, or says why not. The answer is the group as it then stands.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(cx: &ApiContext, caller: &Caller, request: Request) -> Result<Group, Refusal> {
    Refusal::without_project(caller)?;
    let types = find_types(cx, caller, &request.volume_types).await?;
    let zone = zone(cx, request.availability_zone.as_deref()).await?;
    let now = cx.db.engine().storable(cx.clock.now());
    let group = Group {
        id: GroupId::random(),
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        cluster_name: None,
        host: None,
        availability_zone: Some(zone.clone()),
        name: request.name,
        description: request.description,
        group_type_id: Some(request.group_type),
        status: GroupStatus::Creating,
        group_snapshot_id: None,
        source_group_id: None,
        replication_status: Some("disabled".to_owned()),
        volume_types: types,
        created_at: now,
        updated_at: None,
    };
    let flow = FlowId::fresh();
    let state = State {
        flow,
        group: group.id,
        project_id: group.project_id.clone(),
        user_id: group.user_id.clone(),
        request_id: caller.request_id.clone(),
        availability_zone: zone,
        volume_types: group.volume_types.clone(),
    };
    let new = CREATE_GROUP.new_row(flow, &state, subjects::group(&group, caller), cx.clock.now());
    let cx = cx.clone();
    to_the_end(async move {
        let place = cx.place();
        transact!(cx.db, tx => store(&cx, tx, &group, &new, &place).await)?;
        cx.start_flow(&new, place);
        Ok(group)
    })
    .await
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    group: &Group,
    new: &NewFlow,
    place: &Place,
) -> Result<(), Refusal> {
    keep_types(tx, group).await?;
    take_quota(cx, tx, &group.project_id, group.created_at).await?;
    groups::insert(tx, group).await?;
    cx.store_flow(tx, new, place).await?;
    Ok(())
}

/// The types stay until the group's row is there, which whoever deletes one then sees.
///
/// # Errors
/// 404 for one that is gone meanwhile.
pub(crate) async fn keep_types(tx: &mut Tx, group: &Group) -> Result<(), Refusal> {
    if let Some(id) = group.group_type_id
        && !group_types::keep(tx, id).await?
    {
        return Err(Refusal::NotFound { kind: "Group type", id: id.to_string() });
    }
    let mut ids = group.volume_types.clone();
    ids.sort_unstable();
    for id in ids {
        if volume_types::keep_name(tx, id).await?.is_none() {
            return Err(missing_type(&id.to_string()));
        }
    }
    Ok(())
}

/// Takes one group from the project's quota.
///
/// # Errors
/// 413 when there are too many.
pub(crate) async fn take_quota(
    cx: &ApiContext,
    tx: &mut Tx,
    project: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let deltas = [Delta::new("groups", 1)];
    Ok(quotas::take(tx, project, &deltas, &cx.settings.limits, now).await??)
}

/// The volume types that are named, each once, in the order of their names in the request.
async fn find_types(
    cx: &ApiContext,
    caller: &Caller,
    names: &[String],
) -> Result<Vec<VolumeTypeId>, Refusal> {
    let mut seen = HashSet::new();
    let names: Vec<&String> = names.iter().filter(|name| seen.insert(name.as_str())).collect();
    if names.len() > MOST_TYPES {
        return Err(Refusal::invalid_input(format!(
            "a group has at most {MOST_TYPES} volume types."
        )));
    }
    let mut tx = cx.db.read().await?;
    let mut ids = Vec::new();
    for name in names {
        let found = visible_type(&mut tx, caller, name).await?;
        let id = found.ok_or_else(|| missing_type(name))?.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The zone of the group: as asked, else the default one. Cinder answers 400 for one that is not known.
async fn zone(cx: &ApiContext, asked: Option<&str>) -> Result<String, Refusal> {
    let settings = &cx.settings;
    let zone = asked.unwrap_or_else(|| settings.default_zone());
    if zone == settings.storage_availability_zone || cx.zones.has(zone).await? {
        return Ok(zone.to_owned());
    }
    if settings.allow_availability_zone_fallback {
        return Ok(settings.default_zone().to_owned());
    }
    Err(Refusal::invalid_input(format!("Availability zone '{zone}' is invalid.")))
}

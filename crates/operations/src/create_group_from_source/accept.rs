//! Accepting a group from a source, in the API's process.

use ashlar_db::{Tx, groups, quotas, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::quota::{Delta, volume_deltas};
use ashlar_types::{
    AttachStatus, Caller, FlowId, Group, GroupId, GroupSnapshotId, GroupStatus, Metadata,
    Timestamp, Volume, VolumeId, VolumeStatus,
};

use super::sources::{self, Found, Source};
use super::{CREATE_GROUP_FROM_SOURCE, Member, State};
use crate::create_group::keep_types;
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, OverQuota, Refusal, subjects};

/// What a group is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A group snapshot.
    Snapshot(GroupSnapshotId),
    /// Another group.
    Group(GroupId),
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// What it is made from.
    pub from: From,
}

/// Accepts the group, or says why not. The answer is the group as it then stands.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(cx: &ApiContext, caller: &Caller, request: Request) -> Result<Group, Refusal> {
    Refusal::without_project(caller)?;
    let (cx, caller) = (cx.clone(), caller.clone());
    let identities = (GroupId::random(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let (new, group) =
            transact!(cx.db, tx => store(&cx, tx, &caller, &request, identities, &place).await)?;
        cx.start_flow(&new, place);
        Ok(group)
    })
    .await
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    request: &Request,
    (id, flow): (GroupId, FlowId),
    place: &Place,
) -> Result<(NewFlow, Group), Refusal> {
    let now = tx.engine().storable(cx.clock.now());
    let found = sources::lock(tx, caller, request.from).await?;
    if found.group.host.is_none() {
        return Err(Refusal::invalid_group(format!("No valid host to create group {id}.")));
    }
    let group = row(id, request, &found, caller, now);
    keep_types(tx, &group).await?;
    take_quota(cx, tx, caller, &found.sources, now).await?;
    groups::insert(tx, &group).await?;
    let mut members = Vec::with_capacity(found.sources.len());
    for source in &found.sources {
        let volume = volume_row(&group, source, caller, now);
        volumes::insert(tx, &volume, &Metadata::new()).await?;
        members.push(member(cx, &volume, source));
    }
    let state = State {
        flow,
        group: id,
        project_id: group.project_id.clone(),
        request_id: caller.request_id.clone(),
        members,
    };
    let subject = subjects::group(&group, caller);
    let new = CREATE_GROUP_FROM_SOURCE.new_row(flow, &state, subject, cx.clock.now());
    cx.store_flow(tx, &new, place).await?;
    Ok((new, group))
}

/// One group, and its volumes with their sizes, each of which is within the bound for a single one.
async fn take_quota(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    sources: &[Source],
    now: Timestamp,
) -> Result<(), Refusal> {
    let (project, limits) = (&caller.project_id, &cx.settings.limits);
    let limit = quotas::limit_of(tx, project, "per_volume_gigabytes", limits).await?;
    let mut deltas = vec![Delta::new("groups", 1)];
    for source in sources {
        let size = source.size.signed();
        if limit >= 0 && size > limit {
            return Err(OverQuota::PerVolume { size, limit }.into());
        }
        let name = source.volume_type.as_ref().map(|volume_type| volume_type.name.as_str());
        deltas.extend(volume_deltas(1, size, name));
    }
    Ok(quotas::take(tx, project, &deltas, limits, now).await??)
}

fn row(id: GroupId, request: &Request, found: &Found, caller: &Caller, now: Timestamp) -> Group {
    let of = &found.group;
    let mut volume_types = of.volume_types.clone();
    for source in &found.sources {
        let id = source.volume_type.as_ref().map(|volume_type| volume_type.id);
        volume_types.extend(id.filter(|id| !volume_types.contains(id)));
    }
    Group {
        id,
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        cluster_name: of.cluster_name.clone(),
        host: of.host.clone(),
        availability_zone: of.availability_zone.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        group_type_id: of.group_type_id,
        status: GroupStatus::Creating,
        group_snapshot_id: match request.from {
            From::Snapshot(id) => Some(id),
            From::Group(_) => None,
        },
        source_group_id: match request.from {
            From::Snapshot(_) => None,
            From::Group(id) => Some(id),
        },
        replication_status: Some("disabled".to_owned()),
        volume_types,
        created_at: now,
        updated_at: None,
    }
}

/// It lives nowhere until it is published.
fn volume_row(group: &Group, source: &Source, caller: &Caller, now: Timestamp) -> Volume {
    Volume {
        id: VolumeId::random(),
        name_id: None,
        project_id: group.project_id.clone(),
        user_id: caller.user_id.clone(),
        host: None,
        cluster_name: None,
        size: source.size,
        availability_zone: group.availability_zone.clone(),
        status: VolumeStatus::Creating,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: source.snapshot,
        source_volid: source.snapshot.is_none().then_some(source.volume.id),
        volume_type_id: source.volume_type.as_ref().map(|volume_type| volume_type.id),
        name: None,
        description: None,
        bootable: source.volume.bootable,
        multiattach: source.volume.multiattach,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: Some(group.id),
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: Some(true),
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: now,
        updated_at: None,
    }
}

fn member(cx: &ApiContext, volume: &Volume, source: &Source) -> Member {
    let zone = source.volume.availability_zone.as_deref();
    Member {
        volume: volume.id,
        size: source.size,
        pool: source.pool.clone(),
        availability_zone: zone.unwrap_or_else(|| cx.settings.default_zone()).to_owned(),
        thick: source.is_thick(),
        snapshot: source.snapshot,
        source: source.volume.id,
        source_name: source.volume.backend_name(),
        provider_location: None,
        provider_id: None,
    }
}

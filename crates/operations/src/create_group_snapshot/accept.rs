//! Accepting a group snapshot, in the API's process.

use std::collections::{BTreeMap, BTreeSet};

use ashlar_db::volume_types::Visibility;
use ashlar_db::{
    Tx, flows, group_snapshots, group_types, groups, quotas, snapshots, transact, volume_types,
};
use ashlar_flow::NewFlow;
use ashlar_placement::Provisioning;
use ashlar_types::quota::snapshot_deltas;
use ashlar_types::{
    Caller, FlowId, Group, GroupId, GroupSnapshot, GroupSnapshotId, GroupSnapshotStatus,
    GroupStatus, Metadata, Snapshot, SnapshotId, SnapshotStatus, Volume, VolumeStatus, VolumeType,
    VolumeTypeId,
};

use super::{CREATE_GROUP_SNAPSHOT, Member, State};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// The spec by which a group's type demands snapshots of one moment.
const SAME_MOMENT: &str = "consistent_group_snapshot_enabled";

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The group.
    pub group_id: GroupId,
    /// Name, also of each snapshot.
    pub name: Option<String>,
    /// Description, also of each snapshot.
    pub description: Option<String>,
}

/// Accepts the group snapshot, or says why not. The answer is the group snapshot as it then stands.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<GroupSnapshot, Refusal> {
    Refusal::without_project(caller)?;
    let (cx, caller) = (cx.clone(), caller.clone());
    let identities = (GroupSnapshotId::random(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let (new, made) =
            transact!(cx.db, tx => store(&cx, tx, &caller, &request, identities, &place).await)?;
        cx.start_flow(&new, place);
        Ok(made)
    })
    .await
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    request: &Request,
    (id, flow): (GroupSnapshotId, FlowId),
    place: &Place,
) -> Result<(NewFlow, GroupSnapshot), Refusal> {
    let now = tx.engine().storable(cx.clock.now());
    // Locked until the rows are there, so that neither the group nor a volume can go in between.
    let group = groups::get_for_update(tx, request.group_id).await?;
    let group = group
        .filter(|group| caller.may_see(&group.project_id))
        .ok_or_else(|| Refusal::no_group(request.group_id))?;
    let volumes = groups::lock_volumes_of(tx, group.id).await?;
    check_group(tx, &group, &volumes).await?;
    for volume in &volumes {
        check_volume(tx, volume).await?;
    }
    let types = types_of(tx, &volumes).await?;
    let mut deltas = Vec::new();
    for volume in &volumes {
        let name = type_of(&types, volume).map(|volume_type| volume_type.name.as_str());
        let no_gigabytes = cx.settings.no_snapshot_gb_quota;
        deltas.extend(snapshot_deltas(1, volume.size.signed(), name, no_gigabytes));
    }
    // Cinder's rule: it is the caller's, who need not be the group's owner but may be an administrator.
    quotas::take(tx, &caller.project_id, &deltas, &cx.settings.limits, now).await??;
    let made = GroupSnapshot {
        id,
        group_id: group.id,
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        name: request.name.clone(),
        description: request.description.clone(),
        status: GroupSnapshotStatus::Creating,
        group_type_id: group.group_type_id,
        created_at: now,
        updated_at: None,
    };
    group_snapshots::insert(tx, &made).await?;
    let members = insert_members(tx, &made, &volumes, &types).await?;
    let state = State {
        flow,
        group_snapshot: id,
        project_id: made.project_id.clone(),
        request_id: caller.request_id.clone(),
        same_moment: demands_same_moment(tx, &group).await?,
        members,
    };
    let subject = subjects::group_snapshot(&made, caller);
    let new = CREATE_GROUP_SNAPSHOT.new_row(flow, &state, subject, cx.clock.now());
    cx.store_flow(tx, &new, place).await?;
    Ok((new, made))
}

/// The rows of the snapshots, whose volumes are all on one backend.
async fn insert_members(
    tx: &mut Tx,
    made: &GroupSnapshot,
    volumes: &[Volume],
    types: &BTreeMap<VolumeTypeId, VolumeType>,
) -> Result<Vec<Member>, Refusal> {
    let mut members: Vec<Member> = Vec::with_capacity(volumes.len());
    for volume in volumes {
        let snapshot = row(volume, made);
        snapshots::insert(tx, &snapshot, &Metadata::new()).await?;
        let member = member(volume, &snapshot, type_of(types, volume))?;
        if members.first().is_some_and(|first| first.pool.backend() != member.pool.backend()) {
            return Err(Refusal::invalid_volume("Volume is not local to this node."));
        }
        members.push(member);
    }
    Ok(members)
}

/// Cinder's conditions for the group, in its words; and nobody is removing it, whatever its status says.
async fn check_group(tx: &mut Tx, group: &Group, volumes: &[Volume]) -> Result<(), Refusal> {
    if volumes.is_empty() || matches!(group.status, GroupStatus::Creating | GroupStatus::Updating) {
        return Err(Refusal::invalid_group(
            "Source group cannot be empty or in 'creating' or 'updating' state. No group snapshot \
             will be created.",
        ));
    }
    if is_going(tx, &group.id.to_string(), "delete-group").await? {
        return Err(Refusal::invalid_group("It is being deleted."));
    }
    Ok(())
}

/// Cinder's conditions for each of the volumes; 400.
async fn check_volume(tx: &mut Tx, volume: &Volume) -> Result<(), Refusal> {
    let refused = |reason: &str| Err(Refusal::invalid_volume(reason));
    if volume.host.is_none() {
        return refused(
            "The snapshot cannot be created because volume has not been scheduled to any host.",
        );
    }
    if volume.is_migrating() {
        return refused("Snapshot cannot be created while volume is migrating.");
    }
    match volume.status {
        VolumeStatus::Maintenance => {
            refused("The snapshot cannot be created when the volume is in maintenance mode.")
        }
        VolumeStatus::Error => {
            refused("The snapshot cannot be created when the volume is in error status.")
        }
        // Cinder goes by the status alone, and lets a snapshot of a volume begin that is about to be no more.
        _ if is_going(tx, &volume.id.to_string(), "delete-volume").await? => {
            refused("The snapshot cannot be created while the volume is being deleted.")
        }
        _ => Ok(()),
    }
}

async fn is_going(tx: &mut Tx, id: &str, flow: &str) -> Result<bool, Refusal> {
    Ok(flows::under_way(tx, id).await?.iter().any(|under_way| under_way.name == flow))
}

/// The types of the volumes.
async fn types_of(
    tx: &mut Tx,
    volumes: &[Volume],
) -> Result<BTreeMap<VolumeTypeId, VolumeType>, Refusal> {
    let mut types = BTreeMap::new();
    let ids: BTreeSet<VolumeTypeId> =
        volumes.iter().filter_map(|volume| volume.volume_type_id).collect();
    for id in ids {
        // Quota is counted under the name, which stays so until the transaction ends.
        volume_types::keep_name(tx, id).await?;
        if let Some(found) = volume_types::get(tx, id).await? {
            types.insert(id, found);
        }
    }
    Ok(types)
}

fn type_of<'t>(
    types: &'t BTreeMap<VolumeTypeId, VolumeType>,
    volume: &Volume,
) -> Option<&'t VolumeType> {
    volume.volume_type_id.and_then(|id| types.get(&id))
}

/// Whether the group's type says that its snapshots are of one moment or none.
async fn demands_same_moment(tx: &mut Tx, group: &Group) -> Result<bool, Refusal> {
    let Some(id) = group.group_type_id else { return Ok(false) };
    let found = group_types::get(tx, id, &Visibility::All).await?;
    // Cinder's comparison, to the letter.
    Ok(found.is_some_and(|found| found.spec(SAME_MOMENT) == Some("<is> True")))
}

fn row(volume: &Volume, made: &GroupSnapshot) -> Snapshot {
    Snapshot {
        id: SnapshotId::random(),
        volume_id: volume.id,
        project_id: made.project_id.clone(),
        user_id: made.user_id.clone(),
        status: SnapshotStatus::Creating,
        progress: Some("0%".to_owned()),
        volume_size: volume.size,
        name: made.name.clone(),
        description: made.description.clone(),
        volume_type_id: volume.volume_type_id,
        encryption_key_id: volume.encryption_key_id.clone(),
        group_snapshot_id: Some(made.id.to_string()),
        cgsnapshot_id: None,
        use_quota: true,
        provider_location: None,
        provider_id: None,
        created_at: made.created_at,
        updated_at: None,
    }
}

fn member(
    volume: &Volume,
    snapshot: &Snapshot,
    volume_type: Option<&VolumeType>,
) -> Result<Member, Refusal> {
    let pool = volume.host.clone();
    Ok(Member {
        snapshot: snapshot.id,
        volume: volume.id,
        volume_name: volume.backend_name(),
        pool: pool.ok_or_else(|| Refusal::invalid_volume("it lives nowhere"))?,
        thick: volume_type.map(Provisioning::of) == Some(Provisioning::Thick),
        size: volume.size,
        provider_location: None,
        provider_id: None,
    })
}

//! What a group is made from: the source's snapshots or volumes, locked, and in a state in which they can be copied.

use ashlar_db::{Tx, group_snapshots, groups, snapshots, volume_types, volumes};
use ashlar_placement::Provisioning;
use ashlar_types::{
    Caller, Gib, Group, GroupId, GroupSnapshotId, PoolName, SnapshotId, SnapshotStatus, Volume,
    VolumeStatus, VolumeType, VolumeTypeId,
};

use super::From;
use crate::{Refusal, encrypted_types};

/// The group that the new one is like, and what its volumes are made from: at least one thing, all on one backend.
pub(super) struct Found {
    /// The source, or the source's group.
    pub(super) group: Group,
    /// In the order of the volumes to come.
    pub(super) sources: Vec<Source>,
}

/// What one volume is made from.
pub(super) struct Source {
    /// The snapshot, when it is one.
    pub(super) snapshot: Option<SnapshotId>,
    /// The volume, or the snapshot's.
    pub(super) volume: Volume,
    /// Size of it.
    pub(super) size: Gib,
    /// Where it lives.
    pub(super) pool: PoolName,
    /// Type of it.
    pub(super) volume_type: Option<VolumeType>,
}

impl Source {
    /// The type asks for full backing.
    pub(super) fn is_thick(&self) -> bool {
        self.volume_type.as_ref().map(Provisioning::of) == Some(Provisioning::Thick)
    }
}

/// Looks the source up and locks it until the new rows are there, which whoever deletes it then sees.
///
/// # Errors
/// 404 when it is not there, or another project's; 400 when it is empty, busy or encrypted.
pub(super) async fn lock(tx: &mut Tx, caller: &Caller, from: From) -> Result<Found, Refusal> {
    let found = match from {
        From::Snapshot(id) => of_snapshot(tx, caller, id).await?,
        From::Group(id) => of_group(tx, caller, id).await?,
    };
    let mut pools = found.sources.iter().map(|source| source.pool.backend());
    let first = pools.next();
    if pools.any(|backend| first.as_ref() != Some(&backend)) {
        return Err(Refusal::invalid_group("Its volumes live on more than one backend."));
    }
    Ok(found)
}

async fn of_group(tx: &mut Tx, caller: &Caller, id: GroupId) -> Result<Found, Refusal> {
    let group = locked_group(tx, caller, id).await?.ok_or_else(|| Refusal::no_group(id))?;
    let mut sources = Vec::new();
    for volume in groups::lock_volumes_of(tx, id).await? {
        if volume.status != VolumeStatus::Available {
            return Err(Refusal::invalid_group(format!(
                "Cannot create group because source volume {} is not in a valid state. Valid states \
                 are: ('available',).",
                volume.id
            )));
        }
        encrypted_types::refuse_key("volume", volume.id, volume.encryption_key_id.as_deref())?;
        let (size, type_id) = (volume.size, volume.volume_type_id);
        sources.push(source(tx, None, volume, size, type_id).await?);
    }
    if sources.is_empty() {
        return Err(Refusal::invalid_group("Source Group is empty. No group will be created."));
    }
    Ok(Found { group, sources })
}

async fn of_snapshot(tx: &mut Tx, caller: &Caller, id: GroupSnapshotId) -> Result<Found, Refusal> {
    let missing = || Refusal::no_group_snapshot(id);
    let found = group_snapshots::get(tx, id).await?;
    let found = found.filter(|found| caller.may_see(&found.project_id)).ok_or_else(missing)?;
    // Groups are locked before their snapshots.
    let group = locked_group(tx, caller, found.group_id).await?;
    let group = group.ok_or_else(|| Refusal::no_group(found.group_id))?;
    group_snapshots::get_for_update(tx, id).await?.ok_or_else(missing)?;
    let mut members = group_snapshots::members(tx, id).await?;
    members.sort_unstable_by_key(|snapshot| snapshot.id);
    let mut sources = Vec::new();
    for snapshot in members {
        let locked = snapshots::get_for_update(tx, snapshot.id).await?;
        let status = locked.map_or(SnapshotStatus::Deleted, |snapshot| snapshot.status);
        if status != SnapshotStatus::Available {
            return Err(Refusal::invalid_group(format!(
                "Cannot create group because snapshot {} is not in a valid state. Valid states are: \
                 ('available',).",
                snapshot.id
            )));
        }
        let key = snapshot.encryption_key_id.as_deref();
        encrypted_types::refuse_key("snapshot", snapshot.id, key)?;
        let volume = volumes::get(tx, snapshot.volume_id).await?;
        let volume = volume.ok_or_else(|| Refusal::no_volume(snapshot.volume_id))?;
        let (size, type_id) = (snapshot.volume_size, snapshot.volume_type_id);
        sources.push(source(tx, Some(snapshot.id), volume, size, type_id).await?);
    }
    if sources.is_empty() {
        return Err(Refusal::invalid_group("Group snapshot is empty. No group will be created."));
    }
    Ok(Found { group, sources })
}

async fn locked_group(tx: &mut Tx, caller: &Caller, id: GroupId) -> Result<Option<Group>, Refusal> {
    let group = groups::get_for_update(tx, id).await?;
    Ok(group.filter(|group| caller.may_see(&group.project_id)))
}

async fn source(
    tx: &mut Tx,
    snapshot: Option<SnapshotId>,
    volume: Volume,
    size: Gib,
    volume_type: Option<VolumeTypeId>,
) -> Result<Source, Refusal> {
    let pool = volume.host.clone().ok_or_else(|| {
        Refusal::invalid_volume(format!("volume {} has never been placed on a backend", volume.id))
    })?;
    let volume_type = match volume_type {
        Some(id) => {
            // Quota is counted under the name, which stays so until the transaction ends.
            if let Some(name) = volume_types::keep_name(tx, id).await? {
                encrypted_types::refuse(tx, id, &name).await?;
            }
            volume_types::get(tx, id).await?
        }
        None => None,
    };
    Ok(Source { snapshot, volume, size, pool, volume_type })
}

//! Which volumes may join a group and which may leave it, in Cinder's order and words. All refusals are 400.

use std::collections::BTreeMap;

use ashlar_db::{Tx, groups, volumes};
use ashlar_types::{Caller, Group, Volume, VolumeId, VolumeStatus};

use super::Request;
use crate::Refusal;

/// A volume may join in these statuses.
const MAY_JOIN: &[VolumeStatus] = &[VolumeStatus::Available, VolumeStatus::InUse];
/// A volume may leave in these.
const MAY_LEAVE: &[VolumeStatus] = &[
    VolumeStatus::Available,
    VolumeStatus::InUse,
    VolumeStatus::Error,
    VolumeStatus::ErrorDeleting,
];

/// The volumes that join and those that leave; their rows are locked. One that is a member already does not join.
pub(super) async fn volumes(
    tx: &mut Tx,
    caller: &Caller,
    group: &Group,
    request: &Request,
) -> Result<(Vec<VolumeId>, Vec<VolumeId>), Refusal> {
    let both: Vec<String> = request
        .add
        .iter()
        .filter(|id| request.remove.contains(id))
        .map(|id| format!("'{id}'"))
        .collect();
    if !both.is_empty() {
        return Err(Refusal::invalid_volume(format!(
            "UUIDs [{}] are in both add and remove volume list.",
            both.join(", ")
        )));
    }
    let named = lock_named(tx, caller, request).await?;
    let members = groups::volumes_of(tx, group.id).await?;
    let is_member = |id: &VolumeId| members.iter().any(|member| member.id == *id);
    let mut joining = Vec::new();
    for text in &request.add {
        let volume = text.parse().ok().and_then(|id: VolumeId| named.get(&id));
        if volume.is_some_and(|volume| is_member(&volume.id)) {
            continue;
        }
        joining.push(may_join(group, text, volume)?);
    }
    let mut leaving = Vec::new();
    for text in &request.remove {
        let volume = text.parse().ok().and_then(|id: VolumeId| named.get(&id));
        leaving.push(may_leave(group, text, volume.filter(|volume| is_member(&volume.id)))?);
    }
    Ok((joining, leaving))
}

/// The volumes that the request names and the caller may see, locked in the order of their identities.
async fn lock_named(
    tx: &mut Tx,
    caller: &Caller,
    request: &Request,
) -> Result<BTreeMap<VolumeId, Volume>, Refusal> {
    let texts = request.add.iter().chain(&request.remove);
    let mut ids: Vec<VolumeId> = texts.filter_map(|text| text.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = BTreeMap::new();
    for id in ids {
        let volume = volumes::get_for_update(tx, id).await?;
        if let Some(volume) = volume.filter(|volume| caller.may_see(&volume.project_id)) {
            found.insert(id, volume);
        }
    }
    Ok(found)
}

fn may_join(group: &Group, text: &str, volume: Option<&Volume>) -> Result<VolumeId, Refusal> {
    let because = |reason: String| {
        Refusal::invalid_volume(format!("Cannot add volume {text} to group {} {reason}", group.id))
    };
    let volume = volume.ok_or_else(|| because("because volume cannot be found.".to_owned()))?;
    if let Some(other) = volume.group_id {
        return Err(because(format!("because it is already in group {other}.")));
    }
    if volume.project_id != group.project_id {
        return Err(because("as they belong to different projects.".to_owned()));
    }
    let Some(volume_type) = volume.volume_type_id else {
        return Err(because("because it has no volume type.".to_owned()));
    };
    if !group.volume_types.contains(&volume_type) {
        return Err(because(format!(
            "because volume type {volume_type} is not supported by the group."
        )));
    }
    if !MAY_JOIN.contains(&volume.status) {
        return Err(because(wrong_state("because volume", volume.status, MAY_JOIN)));
    }
    let backend = |volume: &Option<ashlar_types::PoolName>| volume.as_ref().map(|it| it.backend());
    if backend(&group.host) != backend(&volume.host) {
        return Err(Refusal::invalid_volume("Volume is not local to this node."));
    }
    Ok(volume.id)
}

fn may_leave(group: &Group, text: &str, volume: Option<&Volume>) -> Result<VolumeId, Refusal> {
    let because = |reason: String| {
        let id = group.id;
        Refusal::invalid_volume(format!("Cannot remove volume {text} from group {id} {reason}"))
    };
    let volume = volume.ok_or_else(|| because("because it is not in the group.".to_owned()))?;
    if !MAY_LEAVE.contains(&volume.status) {
        return Err(because(wrong_state("because volume", volume.status, MAY_LEAVE)));
    }
    Ok(volume.id)
}

fn wrong_state(subject: &str, status: VolumeStatus, valid: &[VolumeStatus]) -> String {
    let valid: Vec<String> = valid.iter().map(|status| format!("'{status}'")).collect();
    let valid = valid.join(", ");
    format!("{subject} is in an invalid state: {status}. Valid states are: ({valid}).")
}

//! Which volumes may join a group and which may leave it, in Cinder's order and words. All refusals are 400.

use std::collections::{BTreeMap, HashSet};

use ashlar_db::{Tx, groups, volumes};
use ashlar_types::{Caller, Group, Volume, VolumeId, VolumeStatus};

use super::Request;
use crate::Refusal;

/// The most volumes that join, and the most that leave, at one time: all are locked until the last has moved. Cinder takes
/// as many as a body holds.
const MOST_MOVED: usize = 500;
/// A volume may join in these statuses.
const MAY_JOIN: &[VolumeStatus] = &[VolumeStatus::Available, VolumeStatus::InUse];
/// A volume may leave in these.
const MAY_LEAVE: &[VolumeStatus] = &[
    VolumeStatus::Available,
    VolumeStatus::InUse,
    VolumeStatus::Error,
    VolumeStatus::ErrorDeleting,
];

/// Leaves each volume once in its list, and refuses too many. The lists are as long as a client likes, so nothing is
/// locked yet.
pub(super) fn lists(request: &mut Request) -> Result<(), Refusal> {
    for list in [&mut request.add, &mut request.remove] {
        let mut seen = HashSet::new();
        list.retain(|text| seen.insert(text.clone()));
        if list.len() > MOST_MOVED {
            return Err(Refusal::invalid_input(format!(
                "at most {MOST_MOVED} volumes may join a group, and as many leave it, at one time."
            )));
        }
    }
    Ok(())
}

/// Refuses a volume that is in both lists.
fn ensure_once(request: &Request) -> Result<(), Refusal> {
    let leaving: HashSet<&String> = request.remove.iter().collect();
    let both = request.add.iter().filter(|id| leaving.contains(id));
    let both: Vec<String> = both.map(|id| format!("'{id}'")).collect();
    if !both.is_empty() {
        return Err(Refusal::invalid_volume(format!(
            "UUIDs [{}] are in both add and remove volume list.",
            both.join(", ")
        )));
    }
    Ok(())
}

/// The volumes that join and those that leave; their rows are locked. One that is a member already does not join. The
/// lists are as [`lists`] leaves them.
pub(super) async fn volumes(
    tx: &mut Tx,
    caller: &Caller,
    group: &Group,
    request: &Request,
) -> Result<(Vec<VolumeId>, Vec<VolumeId>), Refusal> {
    ensure_once(request)?;
    let named = lock_named(tx, caller, request).await?;
    let members = groups::volumes_of(tx, group.id).await?;
    let members: HashSet<VolumeId> = members.into_iter().map(|member| member.id).collect();
    let mut joining = Vec::new();
    for text in &request.add {
        let volume = text.parse().ok().and_then(|id: VolumeId| named.get(&id));
        if volume.is_some_and(|volume| members.contains(&volume.id)) {
            continue;
        }
        joining.push(may_join(group, text, volume)?);
    }
    let mut leaving = Vec::new();
    for text in &request.remove {
        let volume = text.parse().ok().and_then(|id: VolumeId| named.get(&id));
        leaving.push(may_leave(group, text, volume.filter(|volume| members.contains(&volume.id)))?);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(add: Vec<String>, remove: Vec<String>) -> Result<Request, String> {
        let mut request = Request { add, remove, ..Request::default() };
        let checked = lists(&mut request).and_then(|()| ensure_once(&request));
        checked.map(|()| request).map_err(|refusal| refusal.to_string())
    }

    fn named(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("v{number}")).collect()
    }

    #[test]
    fn each_volume_counts_once_and_there_are_not_too_many() {
        let often = [named(2), named(MOST_MOVED), named(3)].concat();
        let left = told(often.clone(), Vec::new()).expect("each of them once");
        assert_eq!(left.add, named(MOST_MOVED));
        assert_eq!(told(Vec::new(), often).expect("each of them once").remove, named(MOST_MOVED));
        for (add, remove) in [(MOST_MOVED + 1, 0), (0, MOST_MOVED + 1)] {
            let refused = told(named(add), named(remove)).expect_err("too many");
            assert!(refused.contains("at most 500 volumes"), "{refused}");
        }
    }

    #[test]
    fn nothing_joins_and_leaves_at_one_time() {
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        assert_eq!(
            told(list("a,b,c,b"), list("d,c,b")).expect_err("two are in both"),
            "Invalid volume: UUIDs ['b', 'c'] are in both add and remove volume list."
        );
    }
}

//! What must hold of a volume, and of the snapshots that go with it, before they change hands.

use ashlar_db::{Tx, flows, volumes};
use ashlar_types::{Snapshot, Volume};

use crate::Refusal;
use crate::attachments::CONNECT_VOLUME;

/// The key of volumes that Cinder encrypts by its configuration alone (`fixed_key`): it belongs to no project.
const FIXED_KEY: &str = "00000000-0000-0000-0000-000000000000";

/// Refuses a volume whose encryption key would have to change its owner: the key manager is not asked yet, so
/// the new owner would get a volume that cannot be opened.
pub(super) fn check_key(volume: &Volume) -> Result<(), Refusal> {
    match volume.encryption_key_id.as_deref() {
        None | Some(FIXED_KEY) => Ok(()),
        Some(_) => Err(Refusal::invalid_volume(
            "its encryption key belongs to its project, and Ashlar cannot hand keys over yet",
        )),
    }
}

/// Whoever has a group disposes of its volumes, and whoever has a group snapshot of the snapshots in it; so what belongs
/// to one does not change hands by itself. Cinder lets it go and leaves it to both.
pub(super) fn check_ungrouped(volume: &Volume) -> Result<(), Refusal> {
    match volume.group_id {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid_volume(format!(
            "Volume {} must not be part of a group.",
            volume.id
        ))),
    }
}

/// The snapshots that are to go along may go: they belong to the volume's project, and to no group snapshot. In this
/// order, since no other project's snapshot is to be named.
pub(super) fn check_snapshots(volume: &Volume, snapshots: &[Snapshot]) -> Result<(), Refusal> {
    // One may have stayed with an earlier owner, or an administrator took it. Cinder would give it away.
    if snapshots.iter().any(|snapshot| snapshot.project_id != volume.project_id) {
        return Err(Refusal::invalid_snapshot(
            "a snapshot of the volume belongs to another project; the volume can be offered without its \
             snapshots",
        ));
    }
    let grouped = |snapshot: &&Snapshot| snapshot.group_snapshot_id.is_some();
    match snapshots.iter().find(grouped) {
        None => Ok(()),
        Some(snapshot) => Err(Refusal::invalid_snapshot(format!(
            "snapshot: {} must not be part of a group snapshot",
            snapshot.id
        ))),
    }
}

/// No host of the old owner has the volume, or is being told how to reach it: what is offered to hosts stays so for
/// the new owner, and whoever is connected stays connected. The volume's status need not tell. Cinder does not look.
pub(super) async fn ensure_unconnected(tx: &mut Tx, volume: &Volume) -> Result<(), Refusal> {
    let under_way = flows::under_way(tx, &volume.id.to_string()).await?;
    let connecting = under_way.iter().any(|flow| flow.name == CONNECT_VOLUME.name);
    if connecting || volumes::is_offered(tx, volume.id).await? {
        return Err(Refusal::invalid_volume(format!(
            "a host is connected to volume {}; its owner must delete the attachment or terminate the connection \
             first",
            volume.id
        )));
    }
    Ok(())
}

/// Nothing works on volume or snapshots, or reads them, whatever their statuses say: an administrator may have set
/// those. What is under way may give quota back to the project that it knew, what copies would have the bytes of the
/// new owner, and an export that the backend has still to end may be open to a host of the old one.
pub(super) async fn ensure_at_rest(
    tx: &mut Tx,
    volume: &Volume,
    snapshots: &[Snapshot],
) -> Result<(), Refusal> {
    let mut busy = !flows::under_way(tx, &volume.id.to_string()).await?.is_empty()
        || volumes::being_cloned_from(tx, volume.id).await?.is_some()
        || volumes::owes_withdrawal(tx, volume.id).await?;
    for snapshot in snapshots {
        busy = busy
            || !flows::under_way(tx, &snapshot.id.to_string()).await?.is_empty()
            || volumes::being_made_from(tx, snapshot.id).await?.is_some();
    }
    // What it is may be no business of the new owner's.
    if busy {
        return Err(Refusal::invalid_volume(format!(
            "an operation on volume {} or on a snapshot of it, or a copy of one, is still under way; try again \
             when it is over",
            volume.id
        )));
    }
    Ok(())
}

//! Offers of volumes to other projects: making one, accepting it, taking it back.
//!
//! Each is one transaction and no backend has a part in it: a volume lies where it lay, whoever owns it. Rows
//! are locked in one order: the volume, the offer, the snapshots, then the quota of the projects by their names.

pub mod accept;
pub mod auth_key;
pub mod create;
pub mod withdraw;

pub use accept::accept;
pub use auth_key::AuthKey;
pub use create::{Request, create};
pub use withdraw::withdraw;

use ashlar_types::{Snapshot, TransferId, Volume};

use crate::Refusal;

/// The key of volumes that Cinder encrypts by its configuration alone (`fixed_key`): it belongs to no project.
const FIXED_KEY: &str = "00000000-0000-0000-0000-000000000000";

/// Refuses a volume whose encryption key would have to change its owner: the key manager is not asked yet, so
/// the new owner would get a volume that cannot be opened.
fn check_key(volume: &Volume) -> Result<(), Refusal> {
    match volume.encryption_key_id.as_deref() {
        None | Some(FIXED_KEY) => Ok(()),
        Some(_) => Err(Refusal::invalid_volume(
            "its encryption key belongs to its project, and Ashlar cannot hand keys over yet",
        )),
    }
}

/// Whoever has a group disposes of its volumes, and whoever has a group snapshot of the snapshots in it; so what belongs
/// to one does not change hands by itself. Cinder lets it go and leaves it to both.
fn ensure_ungrouped(volume: &Volume) -> Result<(), Refusal> {
    match volume.group_id {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid_volume(format!(
            "Volume {} must not be part of a group.",
            volume.id
        ))),
    }
}

/// The same of a volume's snapshots.
fn ensure_single(snapshots: &[Snapshot]) -> Result<(), Refusal> {
    let grouped = |snapshot: &&Snapshot| snapshot.group_snapshot_id.is_some();
    match snapshots.iter().find(grouped) {
        None => Ok(()),
        Some(snapshot) => Err(Refusal::invalid_snapshot(format!(
            "snapshot: {} must not be part of a group snapshot",
            snapshot.id
        ))),
    }
}

fn missing(id: TransferId) -> Refusal {
    Refusal::NotFound { kind: "Transfer", id: id.to_string() }
}

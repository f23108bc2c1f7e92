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

use ashlar_types::{TransferId, Volume};

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

fn missing(id: TransferId) -> Refusal {
    Refusal::NotFound { kind: "Transfer", id: id.to_string() }
}

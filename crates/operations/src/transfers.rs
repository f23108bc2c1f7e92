//! Offers of volumes to other projects: making one, accepting it, taking it back.
//!
//! Each is one transaction and no backend has a part in it: a volume lies where it lay, whoever owns it. Rows
//! are locked in one order: the volume, the offer, the snapshots, then the quota of the projects by their names.

pub mod accept;
pub mod auth_key;
mod conditions;
pub mod create;
pub mod withdraw;

pub use accept::accept;
pub use auth_key::AuthKey;
pub use create::{Request, create};
pub use withdraw::withdraw;

use ashlar_types::TransferId;

use crate::Refusal;

fn missing(id: TransferId) -> Refusal {
    Refusal::NotFound { kind: "Transfer", id: id.to_string() }
}

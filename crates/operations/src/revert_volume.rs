//! Take a volume back to its newest snapshot (`revert`).
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | statuses `reverting` and `restoring`, this flow | nothing is written |
//! | quiesce | scheduler | waits for older operations and for clones of the volume | volume `error`, as in Cinder; snapshot available |
//! | restore | volume | the backend gives the volume the snapshot's content, at once | the content is the old or the snapshot's, whole |
//! | publish | volume | both available | retried, for ever |

mod accept;
mod publish;
mod quiesce;
mod restore;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of reverting a volume.
pub static REVERT_VOLUME: Flow<State, House> = Flow {
    name: "revert-volume",
    version: 1,
    tasks: &[
        Task {
            name: "quiesce",
            work: Work::Scheduler { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "restore",
            work: Work::Volume { execute: restore::execute, revert: None },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Volume { execute: publish::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself.
    pub flow: FlowId,
    /// The volume.
    pub volume: VolumeId,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// The volume's name on the backend.
    pub name: String,
    /// The snapshot's name on the backend.
    pub snapshot_name: String,
    /// Where both live.
    pub pool: PoolName,
    /// Size of both.
    pub size: Gib,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

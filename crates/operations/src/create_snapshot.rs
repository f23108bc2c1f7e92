//! Take a snapshot of a volume.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, row `creating`, this flow: one transaction | nothing is written |
//! | reserve | scheduler | holds the volume's size on its pool | row `error`, user message |
//! | take | volume | takes it on the backend | removed again |
//! | publish | volume | hold becomes allocation, row `available` | retried, for ever |

mod accept;
mod publish;
mod reserve;
mod take;

pub(crate) use accept::row;
pub use accept::{Request, accept};
pub(crate) use publish::keep_of_image;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of taking a snapshot.
pub static CREATE_SNAPSHOT: Flow<State, House> = Flow {
    name: "create-snapshot",
    version: 1,
    tasks: &[
        Task {
            name: "reserve",
            work: Work::Scheduler { execute: reserve::execute, revert: Some(reserve::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "take",
            work: Work::Volume { execute: take::execute, revert: Some(take::revert) },
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
    /// The flow itself, by which the hold is known.
    pub flow: FlowId,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Its volume.
    pub volume: VolumeId,
    /// The volume's name on the backend.
    pub volume_name: String,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Where the volume lives.
    pub pool: PoolName,
    /// The type asks for full backing.
    pub thick: bool,
    /// Size of the volume.
    pub size: Gib,
    /// What the driver said of it.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

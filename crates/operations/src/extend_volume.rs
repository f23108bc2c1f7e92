//! Make a volume larger.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `extending`, quota for the increase, this flow | nothing is written |
//! | reserve | scheduler | holds the increase on the volume's pool | previous status, quota back, user message |
//! | grow | volume | makes it larger on the backend | `error_extending`, hold written off, quota back, user message |
//! | publish | volume | new size, hold becomes allocation, previous status | retried, for ever |

mod accept;
mod grow;
mod publish;
mod reserve;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of extending a volume.
pub static EXTEND_VOLUME: Flow<State, House> = Flow {
    name: "extend-volume",
    version: 1,
    tasks: &[
        Task {
            name: RESERVE,
            work: Work::Scheduler { execute: reserve::execute, revert: Some(reserve::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "grow",
            work: Work::Volume { execute: grow::execute, revert: Some(grow::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Volume { execute: publish::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// A failure in here has not touched the backend.
const RESERVE: &str = "reserve";

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself, by which the hold is known.
    pub flow: FlowId,
    /// The volume.
    pub volume: VolumeId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Its name on the backend.
    pub name: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Whether it counts against quota.
    pub use_quota: bool,
    /// Name of its type, under which quota was taken.
    pub type_name: Option<String>,
    /// The type asks for full backing.
    pub thick: bool,
    /// Size before.
    pub old_size: Gib,
    /// Size after.
    pub new_size: Gib,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

impl State {
    fn increase(&self) -> Gib {
        self.new_size.saturating_sub(self.old_size)
    }
}

//! Manage a snapshot: what lies on the backend of a volume already becomes a snapshot of that volume.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, row `creating` of the volume's size, this flow: one transaction | nothing is written |
//! | measure | volume | finds what the reference names: nobody's, plain bytes, how large | row `error`, user message |
//! | reserve | scheduler | quota for the difference in size, a hold on the volume's pool | the same |
//! | take | volume | it gets the name `snapshot-<id>` | it gets its own name back |
//! | publish | volume | hold becomes allocation, row `available` | retried, for ever |

mod accept;
mod measure;
mod publish;
mod reserve;
mod take;

pub use accept::{Request, accept};

use ashlar_drivers::Mark;
use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId, UserMessage};
use serde::{Deserialize, Serialize};

use crate::context::House;
use crate::create_volume::Made;

/// The tasks of managing a snapshot.
pub static MANAGE_SNAPSHOT: Flow<State, House> = Flow {
    name: "manage-snapshot",
    version: 1,
    tasks: &[
        Task {
            name: "measure",
            work: Work::Volume { execute: measure::execute, revert: Some(measure::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "reserve",
            work: Work::Scheduler { execute: reserve::execute, revert: None },
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
    /// The snapshot to be.
    pub snapshot: SnapshotId,
    /// Its volume's name on the backend.
    pub volume_name: String,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Where the volume lives, and the snapshot is to be found.
    pub pool: PoolName,
    /// What names it there, as the client wrote it.
    pub reference: serde_json::Value,
    /// Its size, rounded up.
    pub size: Gib,
    /// By which what was measured is known again.
    #[serde(default)]
    pub mark: Option<Mark>,
    /// What the driver said of it.
    pub made: Made,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

/// What the user is told.
const fn told(detail: Detail) -> UserMessage {
    UserMessage { action: Action::SnapshotCreate, detail, subject: Subject::Snapshot }
}

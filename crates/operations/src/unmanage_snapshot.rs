//! Unmanage a snapshot: we forget it, and what lies on the backend stays there under the name that it has.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `unmanaging`, this flow | nothing is written |
//! | quiesce | scheduler | waits for older operations on it and for whatever reads it | row `error_deleting`, user message |
//! | release | volume | the backend lets it go | row `error_deleting`, user message |
//! | settle | volume | row gone, quota and capacity given back | retried, for ever |

mod accept;
mod quiesce;
mod release;
mod settle;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of unmanaging a snapshot.
pub static UNMANAGE_SNAPSHOT: Flow<State, House> = Flow {
    name: "unmanage-snapshot",
    version: 1,
    tasks: &[
        Task {
            name: "quiesce",
            work: Work::Scheduler { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "release",
            work: Work::Volume { execute: release::execute, revert: None },
            retry: Retry::USUAL,
        },
        Task {
            name: "settle",
            work: Work::Volume { execute: settle::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself.
    pub flow: FlowId,
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Its volume's name on the backend.
    pub volume_name: String,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Its size.
    pub size: Gib,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

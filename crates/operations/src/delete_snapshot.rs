//! Delete a snapshot.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `deleting`, this flow | nothing is written |
//! | quiesce | scheduler | waits for older operations on it and for whatever reads it | row `error_deleting`, user message |
//! | destroy | volume | removes it on the backend | row `error_deleting`, user message |
//! | settle | volume | row gone, quota and capacity given back | retried, for ever |

mod accept;
mod destroy;
mod quiesce;
mod settle;

pub use accept::accept;
pub(crate) use accept::because;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of deleting a snapshot.
pub static DELETE_SNAPSHOT: Flow<State, House> = Flow {
    name: "delete-snapshot",
    version: 1,
    tasks: &[
        Task {
            name: "quiesce",
            work: Work::Scheduler { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "destroy",
            work: Work::Volume { execute: destroy::execute, revert: None },
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

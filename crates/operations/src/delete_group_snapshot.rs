//! Delete a group snapshot with its snapshots.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | group snapshot and snapshots `deleting`, this flow | nothing is written |
//! | quiesce | scheduler | waits for older operations and for whatever reads the snapshots | row `error`, snapshots `error_deleting`, user messages |
//! | destroy | volume | removes the snapshots on the backend | the same |
//! | settle | volume | rows gone, quota and capacity given back | retried, for ever |

mod accept;
mod destroy;
mod quiesce;
mod settle;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, GroupSnapshotId, PoolName, SnapshotId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of deleting a group snapshot.
pub static DELETE_GROUP_SNAPSHOT: Flow<State, House> = Flow {
    name: "delete-group-snapshot",
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
    /// The group snapshot.
    pub group_snapshot: GroupSnapshotId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Its snapshots, at least one; all on one backend.
    pub members: Vec<Member>,
}

/// A snapshot that goes with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Its volume's name on the backend.
    pub volume_name: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Its size.
    pub size: Gib,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        self.members.first().map(|member| member.pool.backend().0)
    }
}

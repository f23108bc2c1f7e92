//! Delete a volume, with its snapshots when asked to (cascade).
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `deleting`, this flow; a volume that was never placed is gone at once | nothing is written |
//! | quiesce | scheduler | waits for older operations on it and for copies being made from it | row `error_deleting` |
//! | destroy | volume | removes snapshots, export and volume on the backend | row `error_deleting` |
//! | settle | volume | rows gone, quota and capacity given back | retried, for ever |

mod accept;
mod destroy;
mod quiesce;
mod settle;

pub(crate) use accept::accept_with_group;
pub(crate) use accept::because;
pub use accept::{How, accept};
pub(crate) use settle::rows as remove_rows;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of deleting a volume.
pub static DELETE_VOLUME: Flow<State, House> = Flow {
    name: "delete-volume",
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
    /// The volume.
    pub volume: VolumeId,
    /// Its owner.
    pub project_id: String,
    /// Its snapshots that go with it.
    pub snapshots: Vec<(SnapshotId, Gib)>,
    /// Its size when the backend is told.
    pub size: Gib,
    /// Where it lives.
    pub pool: Option<PoolName>,
    /// Its name on the backend.
    pub name: String,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        self.pool.as_ref().map(|pool| pool.backend().0)
    }
}

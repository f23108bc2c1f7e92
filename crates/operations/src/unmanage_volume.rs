//! Unmanage a volume: we forget it, and what lies on the backend stays there under the name that it has.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `unmanaging`, this flow; a volume that lives nowhere is gone at once | nothing is written |
//! | quiesce | scheduler | waits for older operations on it and for copies being made from it | row `error_unmanaging` |
//! | release | volume | it is offered to no host any more | row `error_unmanaging` |
//! | settle | volume | row gone, quota and capacity given back | retried, for ever |

mod accept;
mod quiesce;
mod release;
mod settle;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of unmanaging a volume.
pub static UNMANAGE_VOLUME: Flow<State, House> = Flow {
    name: "unmanage-volume",
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
    /// The volume.
    pub volume: VolumeId,
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

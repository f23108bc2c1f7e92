//! Delete a group, with its volumes when asked to.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | group and volumes `deleting`, a delete-volume flow for each volume, this flow; a group that was never placed is gone at once | nothing is written |
//! | remove | scheduler | waits until older operations and the volumes' removals are over, then the row goes and quota comes back | row `error`; volumes that could not be removed say `error_deleting` |

mod accept;
mod remove;

pub use accept::accept;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, GroupId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The task of deleting a group. What backends have to do is done by the flows of its volumes.
pub static DELETE_GROUP: Flow<State, House> = Flow {
    name: "delete-group",
    version: 1,
    tasks: &[Task {
        name: "remove",
        work: Work::Scheduler { execute: remove::execute, revert: Some(remove::revert) },
        retry: Retry::USUAL,
    }],
};

/// What the flow remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself.
    pub flow: FlowId,
    /// The group.
    pub group: GroupId,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        None
    }
}

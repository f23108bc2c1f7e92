//! Change a group: its texts, and which volumes belong to it. A driver is not told.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | name and description; volumes that join belong to it from now on; `updating` and this flow | nothing is written |
//! | publish | scheduler | volumes that leave are free, row `available` | retried, for ever |
//!
//! Without volumes there is no flow: the row is `available` at once, whatever it was, as in Cinder, unless another operation on
//! the group is under way.

mod accept;
mod publish;

pub use accept::{Request, accept};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, GroupId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The task of changing a group's volumes.
pub static UPDATE_GROUP: Flow<State, House> = Flow {
    name: "update-group",
    version: 1,
    tasks: &[Task {
        name: "publish",
        work: Work::Scheduler { execute: publish::execute, revert: None },
        retry: Retry::FOREVER,
    }],
};

/// What the flow remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself.
    pub flow: FlowId,
    /// The group.
    pub group: GroupId,
    /// Volumes that leave.
    pub leaving: Vec<VolumeId>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        None
    }
}

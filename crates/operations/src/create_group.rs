//! Create a group of volumes. It is rows only: a driver is not told.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, row `creating` with its volume types, this flow: one transaction | nothing is written |
//! | place | scheduler | chooses a backend that will do for all volume types; writes it, and `available` | row `error`, no host |

mod accept;
mod place;

pub(crate) use accept::keep_types;
pub use accept::{Request, accept};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, GroupId, VolumeTypeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The task of creating a group.
pub static CREATE_GROUP: Flow<State, House> = Flow {
    name: "create-group",
    version: 1,
    tasks: &[Task {
        name: "place",
        work: Work::Scheduler { execute: place::execute, revert: Some(place::revert) },
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
    /// Its owner.
    pub project_id: String,
    /// Its creator.
    pub user_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Zone in which its backend must be.
    pub availability_zone: String,
    /// Types for which its backend must do; the first one ranks the backends.
    pub volume_types: Vec<VolumeTypeId>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        None
    }
}

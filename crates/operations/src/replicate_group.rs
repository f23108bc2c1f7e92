//! Switch a group's replication on or off, or fail it over.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | Cinder's checks of types and statuses; group and volumes say what is under way; this flow | nothing is written |
//! | settle | scheduler | no driver of this release replicates: group `error`, replication `error` for it and its volumes | retried, for ever |
//!
//! Cinder ends there too when its driver cannot do it, but sets the volumes' own status to `error` as well; their data
//! is as good as before, so here they stay usable.

mod accept;
mod settle;

pub use accept::{Deed, accept, ensure_replicated};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, GroupId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The task of replicating a group.
pub static REPLICATE_GROUP: Flow<State, House> = Flow {
    name: "replicate-group",
    version: 1,
    tasks: &[Task {
        name: "settle",
        work: Work::Scheduler { execute: settle::execute, revert: None },
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
    /// The replication state that it was put into: `enabling`, `disabling` or `failing-over`.
    pub under_way: String,
    /// The volumes that were put into it too; they may leave the group, and others join it, meanwhile.
    #[serde(default)]
    pub volumes: Vec<VolumeId>,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        None
    }
}

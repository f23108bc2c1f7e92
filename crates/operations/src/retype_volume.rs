//! Change a volume's type where it lives (`os-retype`).
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | status `retyping`, quota under the new type's name, this flow | nothing is written |
//! | judge | scheduler | whether the volume's pool can hold volumes of the new type | previous status, quota back, message |
//! | publish | scheduler | volume and snapshots have the new type, quota under the old one's name back | retried, for ever |
//!
//! No byte moves, so no backend is asked. What would need another pool or other bytes (encryption, full backing) fails:
//! volumes are not moved between backends yet.

mod accept;
mod judge;
mod publish;
mod share;

pub use accept::{Request, accept};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, VolumeId, VolumeType};
use serde::{Deserialize, Serialize};

use crate::context::House;
use share::{Share, Shares};

/// The tasks of changing a volume's type.
pub static RETYPE_VOLUME: Flow<State, House> = Flow {
    name: "retype-volume",
    version: 1,
    tasks: &[
        Task {
            name: "judge",
            work: Work::Scheduler { execute: judge::execute, revert: Some(judge::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Scheduler { execute: publish::execute, revert: None },
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
    /// Who asked.
    pub user_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Its zone.
    pub zone: Option<String>,
    /// Its size.
    pub size: Gib,
    /// The type that it had.
    pub old_type: Option<VolumeType>,
    /// The type that it is to have.
    pub new_type: VolumeType,
    /// The client would have it moved where needed.
    pub may_move: bool,
    /// What was taken from the quota of its owner under the new type's name.
    pub(crate) taken: Share,
    /// The same of other projects, which have snapshots of it.
    #[serde(default)]
    pub(crate) taken_of_others: Shares,
}

impl State {
    /// What was taken from quota under the new type's name, of all projects.
    fn all_taken(&self) -> Shares {
        let mut all = self.taken_of_others.clone();
        all.insert(self.project_id.clone(), self.taken);
        all
    }
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        None
    }
}

//! Take a snapshot of each volume of a group, together.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, rows `creating` of the group snapshot and of a snapshot of each volume, this flow: one transaction | nothing is written |
//! | reserve | scheduler | waits for operations that rewrite a volume; holds the volumes' sizes on their pools | rows `error`, user messages |
//! | take | volume | takes all of them on the backend, or none | removed again |
//! | publish | volume | holds become allocation, rows `available` | retried, for ever |

mod accept;
mod publish;
mod reserve;
mod take;

pub use accept::{Request, accept};

use std::collections::BTreeMap;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, GroupSnapshotId, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of taking a group snapshot.
pub static CREATE_GROUP_SNAPSHOT: Flow<State, House> = Flow {
    name: "create-group-snapshot",
    version: 1,
    tasks: &[
        Task {
            name: "reserve",
            work: Work::Scheduler { execute: reserve::execute, revert: Some(reserve::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "take",
            work: Work::Volume { execute: take::execute, revert: Some(take::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "publish",
            work: Work::Volume { execute: publish::execute, revert: None },
            retry: Retry::FOREVER,
        },
    ],
};

/// What the flow remembers between its tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself, by which the holds are known.
    pub flow: FlowId,
    /// The group snapshot.
    pub group_snapshot: GroupSnapshotId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// The group's type demands that all are of one moment.
    pub same_moment: bool,
    /// The snapshots, at least one; all on one backend.
    pub members: Vec<Member>,
}

/// A snapshot of one of the volumes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The snapshot.
    pub snapshot: SnapshotId,
    /// Its volume.
    pub volume: VolumeId,
    /// The volume's name on the backend.
    pub volume_name: String,
    /// Where the volume lives.
    pub pool: PoolName,
    /// The type asks for full backing.
    pub thick: bool,
    /// Size of the volume.
    pub size: Gib,
    /// What the driver said of it.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
}

impl State {
    /// What is wanted of each pool, in order of their names: how much, and whether of full backing.
    fn by_pool(&self) -> BTreeMap<&PoolName, (Gib, bool)> {
        let mut pools = BTreeMap::new();
        for member in &self.members {
            let (size, thick) = pools.entry(&member.pool).or_insert((Gib(0), false));
            *size = *size + member.size;
            *thick |= member.thick;
        }
        pools
    }
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        self.members.first().map(|member| member.pool.backend().0)
    }
}

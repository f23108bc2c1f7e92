//! Create a group from a group snapshot, or as a copy of another group: a volume for each snapshot or volume of the
//! source, on the source's backend.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota, rows `creating` of the group and its volumes, this flow: one transaction | nothing is written |
//! | reserve | scheduler | holds the volumes' sizes on the pools of their sources | rows `error`, user messages |
//! | provision | volume | makes the volumes on the backend | destroyed again, all of them |
//! | publish | volume | holds become allocation; volumes get their places; rows `available` | retried, for ever |
//!
//! Until they are published the volumes live nowhere: the holds stand for them, one for each pool.

mod accept;
mod provision;
mod publish;
mod reserve;
mod sources;

pub use accept::{From, Request, accept};

use std::collections::BTreeMap;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, GroupId, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of creating a group from a source.
pub static CREATE_GROUP_FROM_SOURCE: Flow<State, House> = Flow {
    name: "create-group-from-source",
    version: 1,
    tasks: &[
        Task {
            name: "reserve",
            work: Work::Scheduler { execute: reserve::execute, revert: Some(reserve::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "provision",
            work: Work::Volume { execute: provision::execute, revert: Some(provision::revert) },
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
    /// The group.
    pub group: GroupId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Its volumes, at least one; all on one backend.
    pub members: Vec<Member>,
}

/// One of the volumes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The volume.
    pub volume: VolumeId,
    /// Its size, which is its source's.
    pub size: Gib,
    /// The pool of its source, which becomes its own.
    pub pool: PoolName,
    /// The zone of the source's volume.
    pub availability_zone: String,
    /// The type asks for full backing.
    pub thick: bool,
    /// The snapshot that it is made from; the source volume itself without one.
    pub snapshot: Option<SnapshotId>,
    /// The source volume, or the snapshot's.
    pub source: VolumeId,
    /// The source volume's name on the backend.
    pub source_name: String,
    /// What the driver said of it.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
}

/// What is wanted of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Share {
    size: Gib,
    volumes: u64,
    thick: bool,
}

impl State {
    /// What is wanted of each pool, in order of their names.
    fn by_pool(&self) -> BTreeMap<&PoolName, Share> {
        let mut pools: BTreeMap<&PoolName, Share> = BTreeMap::new();
        for member in &self.members {
            let share = pools.entry(&member.pool).or_default();
            share.size = share.size + member.size;
            share.volumes += 1;
            share.thick |= member.thick;
        }
        pools
    }
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        self.members.first().map(|member| member.pool.backend().0)
    }
}

//! Give a volume the content of an image in place of its own (`os-reimage`).
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | the image looked up and judged, status `downloading`, this flow | nothing is written |
//! | quiesce | scheduler | waits for older operations and for clones of the volume | as before, or `error`, message |
//! | fill | volume | the image beside the old content, verified, then at once in its place | the old content stays |
//! | publish | volume | bootable, metadata of the image, previous status | retried, for ever |

mod accept;
mod fill;
mod publish;
mod quiesce;

pub use accept::{Request, accept};

use ashlar_clients::glance::Image;
use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, PoolName, SnapshotId, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of reimaging a volume.
pub static REIMAGE_VOLUME: Flow<State, House> = Flow {
    name: "reimage-volume",
    version: 1,
    tasks: &[
        Task {
            name: quiesce::QUIESCE,
            work: Work::Scheduler { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "fill",
            work: Work::Volume { execute: fill::execute, revert: None },
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
    /// The flow itself.
    pub flow: FlowId,
    /// The volume.
    pub volume: VolumeId,
    /// Its owner.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
    /// Its name on the backend.
    pub name: String,
    /// Where it lives.
    pub pool: PoolName,
    /// Its size.
    pub size: Gib,
    /// The image, as Glance described it to the user.
    pub image: Box<Image>,
    /// The snapshot that the image stands for, when it is Nova's record of a server's volumes.
    pub snapshot: Option<Snapshot>,
}

/// A snapshot on the volume's own backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its identity.
    #[serde(default)]
    pub id: Option<SnapshotId>,
    /// Its name there.
    pub name: String,
    /// Name of its volume there.
    pub volume_name: String,
    /// Its size.
    pub size: Gib,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

//! Disconnect a host from a volume, or all hosts.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | this flow | nothing is written |
//! | detach | volume | waits for older operations; the driver lets the host go; the attachment's row is gone and the volume's statuses follow | attachment `error_detaching`, user message |
//! | withdraw | volume | after the last host, the backend offers the volume no more | left to the backend's look after its exports |

mod accept;
mod detach;
mod withdraw;

pub(super) use accept::{Asked, disconnected, store};

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{AttachmentId, Connector, FlowId, Gib, PoolName, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of disconnecting a host.
pub static DISCONNECT_VOLUME: Flow<State, House> = Flow {
    name: "disconnect-volume",
    version: 1,
    tasks: &[
        Task {
            name: "detach",
            work: Work::Volume { execute: detach::execute, revert: Some(detach::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "withdraw",
            work: Work::Volume { execute: withdraw::execute, revert: None },
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
    /// The attachment that ends; none when the older action disconnects a host without one.
    pub attachment: Option<AttachmentId>,
    /// The host, when the request names it; otherwise the attachment does.
    pub connector: Option<Connector>,
    /// The attachment itself is deleted, the end of which Cinder tells from its API; it is not the older action.
    #[serde(default)]
    pub is_deleted: bool,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

//! Connect a host to a volume.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | this flow, with the attachment's row where it is new | nothing is written |
//! | quiesce | volume | waits for older operations | attachment `error_attaching`, user message |
//! | export | volume | the backend offers the volume; the tables keep how | the same, and it is offered no more if it was not before |
//! | connect | volume | asks the driver what the host must know; attachment and volume `attaching` | the same |
//!
//! The password of an export stands in the tables of volumes, attachments and answers, and nowhere in a flow.

mod accept;
mod export;
mod quiesce;
mod reach;

pub(super) use accept::{Asked, connected, store};
pub(super) use reach::is_connected;

use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{AttachmentId, Connector, FlowId, Gib, PoolName, VolumeId};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of connecting a host.
pub static CONNECT_VOLUME: Flow<State, House> = Flow {
    name: "connect-volume",
    version: 1,
    tasks: &[
        Task {
            name: "quiesce",
            work: Work::Volume { execute: quiesce::execute, revert: Some(quiesce::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "export",
            work: Work::Volume { execute: export::execute, revert: Some(export::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "connect",
            work: Work::Volume { execute: reach::execute, revert: None },
            retry: Retry::USUAL,
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
    /// The attachment; none when the older action asks, which has none yet.
    pub attachment: Option<AttachmentId>,
    /// The host.
    pub connector: Connector,
    /// No other host may be connected.
    pub alone: bool,
    /// It was offered before this flow.
    pub offered_before: bool,
    /// A host was connected by this attachment before this flow.
    #[serde(default)]
    pub connected_before: bool,
    /// Why the client itself is at fault, if it is.
    pub refused: Option<Refused>,
}

/// A refusal that comes up only at the backend. The texts are for the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// The connector does not do.
    Invalid(String),
    /// Another was faster.
    Conflict(String),
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.pool.backend().0)
    }
}

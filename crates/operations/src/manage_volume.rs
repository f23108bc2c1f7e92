//! Manage a volume: take over what lies on a backend already, under our name and with its bytes.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (accept) | api | quota for one volume, row `managing` of no size, this flow: one transaction | nothing is written |
//! | measure | volume | finds what the reference names: nobody's, plain bytes, how large | row `error_managing` without place and quota, user message |
//! | reserve | scheduler | the filters judge the pool; quota for the size, a hold, the place | the same |
//! | take | volume | it gets the name `volume-<id>` | it gets its own name back |
//! | publish | volume | grown to whole GiB, hold becomes allocation, row `available` | retried, for ever |
//!
//! The bytes are on the backend before and after, so the pool is not asked whether it has room for them, only whether it
//! suits the type; what they take counts all the same.

mod accept;
mod measure;
mod publish;
mod reserve;
mod take;

pub use accept::{Request, accept};

use ashlar_drivers::Mark;
use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{FlowId, Gib, PoolName, RequestSpec, UserMessage};
use serde::{Deserialize, Serialize};

use crate::context::House;
use crate::create_volume::Made;

/// The tasks of managing a volume.
pub static MANAGE_VOLUME: Flow<State, House> = Flow {
    name: "manage-volume",
    version: 1,
    tasks: &[
        Task {
            name: "measure",
            work: Work::Volume { execute: measure::execute, revert: Some(measure::revert) },
            retry: Retry::USUAL,
        },
        Task {
            name: "reserve",
            work: Work::Scheduler { execute: reserve::execute, revert: None },
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
    /// The flow itself, by which the hold is known.
    pub flow: FlowId,
    /// The volume to be. Its size is nothing: what the pool is judged by.
    pub spec: RequestSpec,
    /// `host@backend` where it lies.
    pub backend: String,
    /// The pool that an administrator named.
    pub asked_pool: Option<String>,
    /// What names it there, as the client wrote it.
    pub reference: serde_json::Value,
    /// The pool where it was found.
    pub pool: Option<PoolName>,
    /// Its size, rounded up.
    pub size: Gib,
    /// By which what was measured is known again.
    #[serde(default)]
    pub mark: Option<Mark>,
    /// What the driver said of it.
    pub made: Made,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.backend.clone())
    }
}

/// What the user is told. Cinder has no words for managing, so these are of making a volume on a backend.
pub(crate) const fn told(detail: Detail) -> UserMessage {
    UserMessage { action: Action::CreateVolumeFromBackend, detail, subject: Subject::Volume }
}

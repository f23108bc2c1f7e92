//! List what could be managed: the API asks the backend's node and waits for its answer.
//!
//! | task | role | does | when it fails |
//! |---|---|---|---|
//! | (ask) | api | this flow | nothing is written |
//! | list | volume | asks the driver, looks up what is ours already, keeps the page that is asked for | 500 |
//!
//! The page is kept beside the flow until the API takes it (`ashlar_answers`); the list itself never leaves the node.
//! The API waits for a while and no longer, so the flow ends with the wait: those that ask a backend that hangs do not pile
//! up at it.

mod ask;
mod list;
mod page;

pub use ask::ask;
pub use page::{Key, Page};

use ashlar_drivers::Kind;
use ashlar_flow::{Flow, Retry, Task, Work};
use ashlar_types::{FlowId, Gib, Timestamp};
use serde::{Deserialize, Serialize};

use crate::context::House;

/// The tasks of listing.
pub static LIST_MANAGEABLE: Flow<State, House> = Flow {
    name: "list-manageable",
    version: 1,
    tasks: &[Task {
        name: "list",
        work: Work::Volume { execute: list::execute, revert: None },
        retry: Retry::USUAL,
    }],
};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// What could be volumes.
    Volumes,
    /// What could be snapshots.
    Snapshots,
}

impl Of {
    fn kind(self) -> Kind {
        match self {
            Self::Volumes => Kind::Volume,
            Self::Snapshots => Kind::Snapshot,
        }
    }
}

/// What the flow remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow itself, by which the answer is known.
    pub flow: FlowId,
    /// `host@backend` that is asked.
    pub backend: String,
    /// The pool that an administrator named.
    pub pool: Option<String>,
    /// What is listed.
    pub of: Of,
    /// Which part, in which order.
    pub page: Page,
    /// Until when somebody waits for the answer. Whoever asked before there was this has gone.
    #[serde(default)]
    pub until: Timestamp,
}

impl ashlar_flow::State for State {
    fn target(&self) -> Option<String> {
        Some(self.backend.clone())
    }
}

/// Something on the backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What names it there.
    pub reference: ashlar_drivers::Reference,
    /// Its size, rounded up.
    pub size: Gib,
    /// Why it cannot be managed; it can when there is nothing against it.
    pub reason_not_safe: Option<String>,
    /// The volume or snapshot that it is already.
    pub cinder_id: Option<String>,
    /// What else the backend says of it.
    pub extra_info: Option<String>,
    /// Of a snapshot: the volume that it is of, or was before it was let go, where that is known.
    pub source_reference: Option<ashlar_drivers::Reference>,
}

/// What the backend's node answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    Items(Vec<Item>),
    /// Nothing has the marker's name.
    NoMarker,
}

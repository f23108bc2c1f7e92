//! A flow as it is stored: everything that the next worker needs.

use ashlar_types::{FlowId, Timestamp, UserMessage};
use serde::{Deserialize, Serialize};

use crate::Role;
use crate::log::{Entry, Phase};

/// What a flow is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `volume`, `snapshot`.
    pub kind: String,
    /// Its identity.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// The request that asked.
    pub request_id: String,
}

/// A flow about to be stored.
#[derive(Debug, Clone)]
pub struct NewFlow {
    /// Identity.
    pub id: FlowId,
    /// Name in the registry.
    pub name: &'static str,
    /// Version of the table and state.
    pub version: u32,
    /// The state, as JSON.
    pub state: String,
    /// Role of the first task.
    pub role: Role,
    /// Backend of the first task, when its role is bound to one.
    pub target: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// The moment of acceptance.
    pub at: Timestamp,
    /// Its place among the flows about the same resource: the same moment, or a little after the newest of
    /// them when the clocks of two processes, or of one that was set back, would have it otherwise.
    pub turn: Timestamp,
}

/// Why a flow turned round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The task that failed.
    pub task: String,
    /// What the user is told; none means "unknown error".
    pub message: Option<UserMessage>,
    /// What the operator is told.
    pub cause: String,
}

/// A stored flow, claimed.
#[derive(Debug, Clone)]
pub struct Record {
    /// Identity.
    pub id: FlowId,
    /// Name in the registry.
    pub name: String,
    /// Version of the table and state.
    pub version: u32,
    /// The state, as JSON.
    pub state: String,
    /// What it has gone through.
    pub log: Vec<Entry>,
    /// Where it stands as a whole.
    pub phase: Phase,
    /// Which task is next, from 0.
    pub position: usize,
    /// Who executes it.
    pub role: Role,
    /// For which backend.
    pub target: Option<String>,
    /// Attempts at this task so far.
    pub attempts: u32,
    /// Not to be touched earlier.
    pub not_before: Timestamp,
    /// Fencing token of the claim: a record saved with an older one is refused.
    pub token: i64,
    /// Why it turned round.
    pub failure: Option<Failure>,
    /// What it is about.
    pub subject: Subject,
    /// When it was accepted, see [`NewFlow::turn`].
    pub created_at: Timestamp,
}

impl Record {
    /// The record of a flow that its maker claims in the same breath.
    #[must_use]
    pub fn born_claimed(new: &NewFlow) -> Self {
        Self {
            id: new.id,
            name: new.name.to_owned(),
            version: new.version,
            state: new.state.clone(),
            log: vec![new.first_entry()],
            phase: Phase::Executing,
            position: 0,
            role: new.role,
            target: new.target.clone(),
            attempts: 0,
            not_before: new.at,
            token: 1,
            failure: None,
            subject: new.subject.clone(),
            created_at: new.turn,
        }
    }
}

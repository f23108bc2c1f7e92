//! The task-flow engine: operations that survive the death of whoever works on them.
//!
//! A flow is a table of tasks, each with an `execute`, a `revert` and the role that runs it. Its row is
//! written in the transaction that accepts the request; from then on the row says who does what next.
//! A worker claims the row for a while (a lease, renewed), runs the task, and records the outcome in the
//! very transaction in which the task changed its resource. When the worker dies, the lease runs out and
//! another goes on from the last record; tasks are idempotent, so the one that was interrupted is simply
//! done again. The engine knows nothing of volumes: it sees names, roles and a state that it stores.
//!
//! Names are taskflow's: flow, task, execute, revert.

pub mod flow;
pub mod interrupt;
pub mod listen;
pub mod log;
pub mod outcome;
pub mod record;
pub mod run;
pub mod store;

mod drive;

pub use flow::{AnyFlow, Flow, State, Task, Work, World};
pub use interrupt::{Fate, Interrupt, Moment};
pub use listen::{Event, Listener};
pub use log::{Entry, Phase, What};
pub use outcome::{Done, Retry, TaskError, Then, Undone};
pub use record::{NewFlow, Record, Subject};
pub use run::{Contexts, Runner, Settings};
pub use store::{Claim, Store, StoreError};

/// A future that can move between threads, as the engine's function pointers return it.
pub type BoxFuture<'a, T> = futures::future::BoxFuture<'a, T>;

/// Who executes a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Any scheduler.
    Scheduler,
    /// The volume service of the backend that the flow's state names.
    Volume,
}

impl Role {
    /// Every role that runs tasks.
    pub const ALL: &'static [Self] = &[Self::Scheduler, Self::Volume];

    /// As it stands in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Volume => "volume",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("'{text}' is no role that runs tasks"))
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

//! Flows and tasks: the tables that operations are written as.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::drive::{self, Claimed};
use crate::log::{Entry, What};
use crate::outcome::{Done, Retry, TaskError, Undone};
use crate::record::{Failure, NewFlow, Subject};
use crate::run::Runner;
use crate::store::Store;
use crate::{BoxFuture, Role};

/// The world that flows run in: where they are stored and what each role may touch.
pub trait World: Sized + Send + Sync + 'static {
    /// Where flows are kept.
    type Store: Store;
    /// What a scheduler's task may touch.
    type Scheduler: Send + Sync + 'static;
    /// What a volume service's task may touch.
    type Volume: Send + Sync + 'static;
}

/// The transaction type of a world.
pub type TxOf<W> = <<W as World>::Store as Store>::Tx;

/// A flow's typed state, saved with it as JSON. A change of its shape is a new version of the flow.
pub trait State: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The backend (`host@backend`) whose volume service runs this flow's volume tasks.
    fn target(&self) -> Option<String>;
}

/// Executes a task: does it, and says what follows. Called again after a crash, so it is idempotent.
pub type Execute<C, S, Tx> =
    for<'a> fn(&'a C, &'a mut S) -> BoxFuture<'a, Result<Done<Tx>, TaskError>>;

/// Reverts a task that may have been done, half or not at all. Idempotent as well.
pub type Revert<C, S, Tx> =
    for<'a> fn(&'a C, &'a mut S, &'a Failure) -> BoxFuture<'a, Result<Undone<Tx>, TaskError>>;

/// What a task does, by the role that does it. `revert: None` says that there is nothing to revert.
pub enum Work<S: State, W: World> {
    /// In any scheduler.
    Scheduler {
        /// Does it.
        execute: Execute<W::Scheduler, S, TxOf<W>>,
        /// Undoes it.
        revert: Option<Revert<W::Scheduler, S, TxOf<W>>>,
    },
    /// In the volume service of the flow's backend.
    Volume {
        /// Does it.
        execute: Execute<W::Volume, S, TxOf<W>>,
        /// Undoes it.
        revert: Option<Revert<W::Volume, S, TxOf<W>>>,
    },
}

impl<S: State, W: World> Work<S, W> {
    /// The role that does it.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Scheduler { .. } => Role::Scheduler,
            Self::Volume { .. } => Role::Volume,
        }
    }

    /// Whether there is something to revert.
    #[must_use]
    pub fn reverts(&self) -> bool {
        match self {
            Self::Scheduler { revert, .. } => revert.is_some(),
            Self::Volume { revert, .. } => revert.is_some(),
        }
    }
}

/// One task of a flow.
pub struct Task<S: State, W: World> {
    /// Name, unique in its flow.
    pub name: &'static str,
    /// What it does and who does it.
    pub work: Work<S, W>,
    /// How patient it is.
    pub retry: Retry,
}

/// An operation: a table of tasks.
pub struct Flow<S: State, W: World> {
    /// Name, unique in the registry.
    pub name: &'static str,
    /// Goes up when the tasks or the state change their meaning.
    pub version: u32,
    /// What is done, in this order.
    pub tasks: &'static [Task<S, W>],
}

impl<S: State, W: World> Flow<S, W> {
    /// The row to store in the transaction that accepts the request.
    ///
    /// # Panics
    /// When the state cannot be written as JSON, which the types rule out.
    #[must_use]
    pub fn new_row(
        &self,
        id: ashlar_types::FlowId,
        state: &S,
        subject: Subject,
        at: ashlar_types::Timestamp,
    ) -> NewFlow {
        let role = self.tasks.first().map_or(Role::Scheduler, |task| task.work.role());
        NewFlow {
            id,
            name: self.name,
            version: self.version,
            state: serde_json::to_string(state).expect("a state is plain data"),
            role,
            target: if role == Role::Volume { state.target() } else { None },
            subject,
            at,
            turn: at,
        }
    }
}

impl NewFlow {
    /// The first line of its log.
    #[must_use]
    pub fn first_entry(&self) -> Entry {
        Entry {
            at: self.at,
            task: String::new(),
            what: What::Accepted,
            attempt: 1,
            took: 0,
            by: "api".to_owned(),
            cause: None,
        }
    }
}

/// A flow whose state's type is forgotten: what a registry lists.
pub trait AnyFlow<W: World>: Send + Sync {
    /// Name in the registry.
    fn name(&self) -> &'static str;

    /// Version of the table and state.
    fn version(&self) -> u32;

    /// The tasks' names and roles, and whether each has a revert.
    fn outline(&self) -> Vec<(&'static str, Role, bool)>;

    /// How often the task at this place is tried, from 0.
    fn retry(&self, position: usize) -> Option<Retry>;

    /// Works on a claimed flow until it ends, waits or belongs to another.
    fn drive<'a>(&'a self, runner: &'a Runner<W>, claimed: Claimed) -> BoxFuture<'a, ()>;
}

impl<S: State, W: World> AnyFlow<W> for Flow<S, W> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn outline(&self) -> Vec<(&'static str, Role, bool)> {
        self.tasks.iter().map(|task| (task.name, task.work.role(), task.work.reverts())).collect()
    }

    fn retry(&self, position: usize) -> Option<Retry> {
        self.tasks.get(position).map(|task| task.retry)
    }

    fn drive<'a>(&'a self, runner: &'a Runner<W>, claimed: Claimed) -> BoxFuture<'a, ()> {
        Box::pin(drive::drive(self, runner, claimed))
    }
}

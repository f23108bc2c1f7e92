//! Who goes ahead where the database serves one after the other: a request of somebody who asks for little does not queue
//! behind the hundreds of somebody who asks for much.
//!
//! Whoever lets requests in says it for the task that handles one ([`Precedence::scope`]); [`crate::Db::begin`] asks for it.
//! What nobody said anything of, flows for example, is served in turn.

use std::future::Future;

tokio::task_local! {
    static CURRENT: Precedence;
}

/// When a transaction that writes has its turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precedence {
    /// After those that came before.
    #[default]
    InTurn,
    /// After those that are ahead, too, and one of the others.
    Ahead,
}

impl Precedence {
    /// Runs `work` with this precedence.
    pub fn scope<T>(self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        CURRENT.scope(self, work)
    }

    /// That of this task.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(|current| *current).unwrap_or_default()
    }
}

/// `work`, which is to run as a task of its own and has the precedence of this one.
pub fn continued<T: Send>(work: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    Precedence::current().scope(work)
}

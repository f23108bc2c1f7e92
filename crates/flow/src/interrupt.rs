//! A place where tests put trouble: at each moment of each task a flow can be made to fail, to repeat
//! itself, or to be dropped as if its worker had died. Nothing is installed in production.

/// A moment in the life of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment<'a> {
    /// About to be executed.
    Execute(&'a str),
    /// Executed, its changes not yet committed.
    Executed(&'a str),
    /// Its record is committed.
    Recorded(&'a str),
    /// About to be reverted.
    Revert(&'a str),
    /// Reverted, its changes not yet committed.
    Reverted(&'a str),
}

/// What is to happen at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing unusual.
    Go,
    /// The task fails for good. Has no effect on a revert.
    Fail,
    /// The task is called once more, as after a crash.
    Again,
    /// The worker dies: the flow is dropped, the claim stays.
    Die,
}

/// Decides the fate of `flow` at a moment.
pub trait Interrupt: Send + Sync {
    /// What is to happen.
    fn at(&self, flow: &str, moment: Moment<'_>) -> Fate;
}

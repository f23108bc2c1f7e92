//! How a task ends: what follows, in which transaction, or what kind of trouble it met.

use std::time::Duration;

use ashlar_types::UserMessage;

use crate::log::LONGEST_CAUSE;

/// The private cause of a failure, for logs and `flow show`.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// What follows a task that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The next task.
    Next,
    /// The earlier task of this name, once more.
    BackTo(&'static str),
    /// This task again, after a while.
    Wait(Duration),
    /// The end: the tasks that remain have nothing to do.
    End,
}

/// An executed task: what follows, and the open transaction with its changes. The engine adds its
/// record to that transaction and commits both, so neither exists without the other.
#[derive(Debug)]
pub struct Done<Tx> {
    /// What follows.
    pub then: Then,
    /// The changes, not yet committed. `None` when the task changed nothing in the database.
    pub tx: Option<Tx>,
    /// Why, when something made it go back or wait.
    pub because: Option<String>,
    /// What is let go only when the changes are committed, or dropped.
    pub held: Option<Held>,
}

/// Something that the engine keeps for a task until its changes are committed: a turn at what they are about.
pub type Held = Box<dyn std::any::Any + Send>;

impl<Tx> Done<Tx> {
    /// On to the next task, with changes.
    pub fn next(tx: Tx) -> Self {
        Self { then: Then::Next, tx: Some(tx), because: None, held: None }
    }

    /// The same, and `held` is let go only when its changes are committed.
    #[must_use]
    pub fn holding(self, held: impl Send + 'static) -> Self {
        Self { held: Some(Box::new(held)), ..self }
    }

    /// On to the next task; nothing changed in the database.
    #[must_use]
    pub fn unrecorded() -> Self {
        Self { then: Then::Next, tx: None, because: None, held: None }
    }

    /// Done altogether, with changes: the tasks that remain have nothing to do.
    pub fn end(tx: Tx) -> Self {
        Self { then: Then::End, tx: Some(tx), because: None, held: None }
    }

    /// Not yet: this task again after `span`.
    #[must_use]
    pub fn wait(span: Duration, because: impl Into<String>) -> Self {
        Self { then: Then::Wait(span), tx: None, because: Some(because.into()), held: None }
    }

    /// Back to an earlier task, with changes.
    pub fn back_to(task: &'static str, tx: Tx, because: impl Into<String>) -> Self {
        Self { then: Then::BackTo(task), tx: Some(tx), because: Some(because.into()), held: None }
    }
}

/// A reverted task, with the open transaction in which it changed things, if it did.
#[derive(Debug)]
pub struct Undone<Tx> {
    /// The changes, not yet committed.
    pub tx: Option<Tx>,
}

impl<Tx> Undone<Tx> {
    /// Reverted, with changes.
    pub fn with(tx: Tx) -> Self {
        Self { tx: Some(tx) }
    }

    /// There was nothing to revert in the database.
    #[must_use]
    pub fn nothing() -> Self {
        Self { tx: None }
    }
}

/// Trouble, told apart where it happened.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// It may pass: try again.
    #[error("{0}")]
    Retry(Source),
    /// It will not pass, and the user can be told why.
    #[error("{1}")]
    Reject(UserMessage, Source),
    /// It will not pass and should not have happened: a fault of ours or of the backend.
    #[error("{0}")]
    Broken(Source),
}

impl TaskError {
    /// The chain of causes in one line, as much of it as is kept.
    #[must_use]
    pub fn chain(&self) -> String {
        let (Self::Retry(source) | Self::Reject(_, source) | Self::Broken(source)) = self;
        let mut text = source.to_string();
        let mut next = source.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text.truncate(text.floor_char_boundary(LONGEST_CAUSE));
        text
    }
}

/// How patient a task is.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Attempts before the flow turns round.
    pub attempts: u32,
    /// Pause before the second attempt; doubles from there.
    pub first: Duration,
    /// Longest pause.
    pub most: Duration,
}

impl Retry {
    /// Five attempts over some seconds.
    pub const USUAL: Self =
        Self { attempts: 5, first: Duration::from_millis(200), most: Duration::from_secs(10) };

    /// Never gives up, whatever the trouble: for tasks past the point of no return, and for reverts.
    pub const FOREVER: Self = Self {
        attempts: u32::MAX,
        first: Duration::from_millis(200),
        most: Duration::from_secs(30),
    };

    /// Whether the task is tried again after attempt `attempt` (from 1) met `error`.
    #[must_use]
    pub fn goes_on(&self, error: &TaskError, attempt: u32) -> bool {
        let forever = self.attempts == Self::FOREVER.attempts;
        forever || (matches!(error, TaskError::Retry(_)) && attempt < self.attempts)
    }

    /// The pause after attempt `attempt` (from 1); `spread` in 0..1 keeps rivals out of step.
    #[must_use]
    pub fn pause(&self, attempt: u32, spread: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        doubled.min(self.most).mul_f64(0.75 + spread.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let retry = Retry::USUAL;
        assert_eq!(retry.pause(1, 0.5), Duration::from_millis(200));
        assert_eq!(retry.pause(3, 0.5), Duration::from_millis(800));
        assert_eq!(retry.pause(90, 0.5), retry.most);
        assert!(retry.pause(1, 0.0) < retry.pause(1, 1.0));
    }
}

//! What came of a compare and swap. Losing the race is a value, not an error.

use ashlar_types::VolumeStatus;

/// Outcome of moving a row from one status to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved<S = VolumeStatus> {
    /// The row has the new status.
    Done,
    /// The row is in a status from which it may not move.
    Refused {
        /// The status that it has.
        now: S,
    },
    /// There is no such row (any more).
    Gone,
}

impl<S> Moved<S> {
    /// It happened.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// Outcome of beginning something that has conditions beside the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun<R> {
    /// The row has the new status.
    Done,
    /// A condition did not hold; the row is as it was.
    Refused(R),
    /// There is no such row (any more).
    Gone,
}

impl<R> Begun<R> {
    /// It happened.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

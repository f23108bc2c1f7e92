//! What a flow has gone through, and which steps may follow which.

use ashlar_types::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a flow stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Its tasks are being executed, downwards.
    Executing,
    /// It cannot be done; what was done is being reverted, upwards.
    Reverting,
    /// Every task is done. The end.
    Succeeded,
    /// Everything is as it was, and the resource says what went wrong. The end.
    Reverted,
}

impl Phase {
    /// As it stands in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executing => "executing",
            Self::Reverting => "reverting",
            Self::Succeeded => "succeeded",
            Self::Reverted => "reverted",
        }
    }

    /// Nothing more will happen.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Reverted)
    }
}

impl std::str::FromStr for Phase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Executing, Self::Reverting, Self::Succeeded, Self::Reverted]
            .into_iter()
            .find(|phase| phase.as_str() == text)
            .ok_or_else(|| format!("'{text}' is no phase of a flow"))
    }
}

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The flow was accepted; no task yet.
    Accepted,
    /// Executed; the next task follows.
    Done,
    /// Executed, and it was the last.
    Finished,
    /// Executed, and an earlier task is to be done again (a back-arrow).
    Back,
    /// It asked to be called again later.
    Wait,
    /// It failed in a way that may pass; it will be tried again.
    Retry,
    /// It failed for good; the flow turns round.
    Failed,
    /// Reverted; the task above follows.
    Undone,
    /// Reverted, and it was the first.
    Restored,
}

/// Every legal step: from which phase, by what, into which phase. Anything else is a broken invariant.
pub const TRANSITIONS: &[(Phase, What, Phase)] = &[
    // Downwards, task by task.
    (Phase::Executing, What::Done, Phase::Executing),
    // A back-arrow: for instance a full backend sends a create back to placement.
    (Phase::Executing, What::Back, Phase::Executing),
    // Not yet: neither forward nor back, and no attempt is counted.
    (Phase::Executing, What::Wait, Phase::Executing),
    // Trouble that may pass; the same task again after a pause.
    (Phase::Executing, What::Retry, Phase::Executing),
    // The last task is done.
    (Phase::Executing, What::Finished, Phase::Succeeded),
    // Trouble that will not pass, or has lasted too long: turn round at this very task, since it may
    // have been half done.
    (Phase::Executing, What::Failed, Phase::Reverting),
    // Upwards, task by task.
    (Phase::Reverting, What::Undone, Phase::Reverting),
    // A revert has no alternative: it is tried until it works.
    (Phase::Reverting, What::Retry, Phase::Reverting),
    // The first task is reverted.
    (Phase::Reverting, What::Restored, Phase::Reverted),
];

/// The phase after `what` happened in `phase`; `None` when that cannot happen.
#[must_use]
pub fn next(phase: Phase, what: What) -> Option<Phase> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == phase && *by == what).map(|(_, _, to)| *to)
}

/// One line of a flow's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was recorded.
    pub at: Timestamp,
    /// Which task; empty for the acceptance.
    pub task: String,
    /// What happened.
    pub what: What,
    /// Which attempt at this task it was, from 1.
    pub attempt: u32,
    /// How long the attempt took, in microseconds.
    pub took: u64,
    /// Who did it.
    pub by: String,
    /// Why, when something went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// Entries that are kept; of a longer history the middle is dropped.
pub const KEPT: usize = 200;

/// Bytes of a cause that are kept: a driver may answer with pages of text, and the log is written anew
/// with every record.
pub const LONGEST_CAUSE: usize = 2000;

/// Adds a line, keeping the beginning and the newest part of a long history.
pub fn append(log: &mut Vec<Entry>, mut entry: Entry) {
    if let Some(cause) = &mut entry.cause {
        cause.truncate(cause.floor_char_boundary(LONGEST_CAUSE));
    }
    if log.len() >= KEPT {
        log.remove(KEPT / 4);
    }
    log.push(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_follows_an_end() {
        for (from, _, _) in TRANSITIONS {
            assert!(!from.is_over(), "{from:?} is over and goes on");
        }
    }

    #[test]
    fn each_step_leads_to_one_phase_only() {
        for (from, what, to) in TRANSITIONS {
            assert_eq!(next(*from, *what), Some(*to));
        }
    }

    #[test]
    fn every_phase_leads_to_an_end() {
        assert_eq!(next(Phase::Executing, What::Failed), Some(Phase::Reverting));
        assert_eq!(next(Phase::Reverting, What::Restored), Some(Phase::Reverted));
        assert_eq!(next(Phase::Reverting, What::Failed), None, "a revert has no way back");
    }

    #[test]
    fn a_long_cause_is_cut_between_characters() {
        let entry = Entry {
            at: Timestamp::default(),
            task: "t".into(),
            what: What::Failed,
            attempt: 1,
            took: 0,
            by: String::new(),
            cause: Some(format!("x{}", "ß".repeat(LONGEST_CAUSE))),
        };
        let mut log = Vec::new();
        append(&mut log, entry);
        assert_eq!(log[0].cause.as_ref().map(String::len), Some(LONGEST_CAUSE - 1));
    }

    #[test]
    fn a_long_history_keeps_its_beginning_and_its_end() {
        let entry = |attempt| Entry {
            at: Timestamp::default(),
            task: "t".into(),
            what: What::Retry,
            attempt,
            took: 0,
            by: String::new(),
            cause: None,
        };
        let mut log = Vec::new();
        for attempt in 0..500 {
            append(&mut log, entry(attempt));
        }
        assert_eq!(log.len(), KEPT);
        assert_eq!(log[0].attempt, 0);
        assert_eq!(log[KEPT - 1].attempt, 499);
    }
}

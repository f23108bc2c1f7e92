//! Trouble at one moment or a few, each once.

use std::sync::{Mutex, PoisonError};

use ashlar_flow::{Fate, Interrupt, Moment};

/// A moment, by the task's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Execute(&'static str),
    Executed(&'static str),
    Recorded(&'static str),
    Revert(&'static str),
    Reverted(&'static str),
}

impl At {
    fn is(self, moment: Moment<'_>) -> bool {
        match (self, moment) {
            (Self::Execute(mine), Moment::Execute(task))
            | (Self::Executed(mine), Moment::Executed(task))
            | (Self::Recorded(mine), Moment::Recorded(task))
            | (Self::Revert(mine), Moment::Revert(task))
            | (Self::Reverted(mine), Moment::Reverted(task)) => mine == task,
            _ => false,
        }
    }
}

/// What is planned and has not happened yet.
#[derive(Default)]
pub(super) struct Trouble {
    planned: Mutex<(String, Vec<(At, Fate)>)>,
}

impl Trouble {
    /// From now on, in flows of this name, each of these once.
    pub(super) fn arm(&self, flow: &str, plan: Vec<(At, Fate)>) {
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = (flow.to_owned(), plan);
    }

    /// Waits a while until everything planned has happened: what is recorded is seen a moment before the last of it.
    pub(super) async fn spent(&self) {
        for _ in 0..500 {
            if self.planned.lock().unwrap_or_else(PoisonError::into_inner).1.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// No more of it; whether everything planned has happened.
    pub(super) fn disarm(&self) -> bool {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut planned.1).is_empty()
    }
}

impl Interrupt for Trouble {
    fn at(&self, flow: &str, moment: Moment<'_>) -> Fate {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        if planned.0 != flow {
            return Fate::Go;
        }
        match planned.1.iter().position(|(at, _)| at.is(moment)) {
            Some(index) => planned.1.remove(index).1,
            None => Fate::Go,
        }
    }
}

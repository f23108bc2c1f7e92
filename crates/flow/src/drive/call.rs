//! Calling a task's functions with the context of its role. A panic in one is a failure of the task.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

use super::Driving;
use crate::flow::{State, Task, TxOf, Work, World};
use crate::outcome::{Done, TaskError, Undone};
use crate::record::Failure;

impl<S: State, W: World> Driving<'_, S, W> {
    pub(super) async fn call(&mut self, task: &Task<S, W>) -> Result<Done<TxOf<W>>, TaskError> {
        let contexts = self.runner.contexts();
        let target = self.state.target();
        let call = match &task.work {
            Work::Scheduler { execute, .. } => match &contexts.scheduler {
                Some(context) => execute(context, &mut self.state),
                None => return Err(nobody(task.name)),
            },
            Work::Volume { execute, .. } => {
                match target.and_then(|target| contexts.volumes.get(&target)) {
                    Some(context) => execute(context, &mut self.state),
                    None => return Err(nobody(task.name)),
                }
            }
        };
        AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|_| Err(panicked(task.name)))
    }

    pub(super) async fn call_revert(
        &mut self,
        task: &Task<S, W>,
    ) -> Result<Undone<TxOf<W>>, TaskError> {
        let contexts = self.runner.contexts();
        let target = self.state.target();
        let unknown =
            Failure { task: String::new(), message: None, cause: "not recorded".to_owned() };
        let failure = self.record.failure.as_ref().unwrap_or(&unknown);
        let call = match &task.work {
            Work::Scheduler { revert, .. } => match (revert, &contexts.scheduler) {
                (Some(revert), Some(context)) => revert(context, &mut self.state, failure),
                (None, _) => return Ok(Undone::nothing()),
                (_, None) => return Err(nobody(task.name)),
            },
            Work::Volume { revert, .. } => {
                match (revert, target.and_then(|target| contexts.volumes.get(&target))) {
                    (Some(revert), Some(context)) => revert(context, &mut self.state, failure),
                    (None, _) => return Ok(Undone::nothing()),
                    (_, None) => return Err(nobody(task.name)),
                }
            }
        };
        AssertUnwindSafe(call).catch_unwind().await.unwrap_or_else(|_| Err(panicked(task.name)))
    }
}

fn nobody(task: &str) -> TaskError {
    TaskError::Retry(format!("this process does not play the role for '{task}'").into())
}

fn panicked(task: &str) -> TaskError {
    TaskError::Broken(format!("'{task}' panicked; the log has the place").into())
}

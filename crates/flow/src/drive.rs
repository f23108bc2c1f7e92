//! Working on one claimed flow: call the task, decide what follows, record it with the task's changes.

mod call;

use std::time::{Duration, Instant};

use crate::Role;
use crate::flow::{Flow, State, Task, TxOf, World};
use crate::interrupt::{Fate, Moment};
use crate::listen::Event;
use crate::log::{self, Entry, Phase, What};
use crate::outcome::{Done, Held, Retry, TaskError, Then, Undone};
use crate::record::{Failure, Record};
use crate::run::{Place, Runner};
use crate::store::{Store, StoreError};

/// A flow on which this runner holds the claim.
#[derive(Debug)]
pub struct Claimed {
    pub(crate) record: Record,
    pub(crate) place: Place,
}

/// How often a step whose record could not be stored is done again before the claim is left to run out.
const STORE_ATTEMPTS: u32 = 6;

pub(crate) async fn drive<S: State, W: World>(
    flow: &Flow<S, W>,
    runner: &Runner<W>,
    claimed: Claimed,
) {
    let Claimed { record, place } = claimed;
    if record.version != flow.version {
        tracing::error!(flow = %record.id, name = flow.name, version = record.version,
            request = record.subject.request_id, "this version of the operation is not known here");
        return;
    }
    let state = match serde_json::from_str(&record.state) {
        Ok(state) => state,
        Err(error) => {
            tracing::error!(flow = %record.id, name = flow.name,
                request = record.subject.request_id, %error, "its state cannot be read");
            return;
        }
    };
    let mut driving = Driving { flow, runner, record, state, place };
    let mut failures = 0;
    loop {
        let before = driving.record.clone();
        match driving.step().await {
            Ok(Next::Go) => failures = 0,
            Ok(Next::Leave) => return,
            Err(error) if failures < STORE_ATTEMPTS => {
                failures += 1;
                tracing::warn!(flow = %before.id, name = flow.name, request = before.subject.request_id,
                    %error, failures, "step is done again");
                tokio::time::sleep(Duration::from_millis(10 << failures)).await;
                match serde_json::from_str(&before.state) {
                    Ok(state) => driving.state = state,
                    Err(_) => return,
                }
                driving.record = before;
            }
            Err(error) => {
                tracing::error!(flow = %before.id, name = flow.name,
                    request = before.subject.request_id, %error, "left to whoever claims it next");
                return;
            }
        }
    }
}

/// What the driver does after a step.
enum Next {
    /// The next step.
    Go,
    /// The flow is over, waits, belongs to another, or its worker "died".
    Leave,
}

struct Driving<'a, S: State, W: World> {
    flow: &'a Flow<S, W>,
    runner: &'a Runner<W>,
    record: Record,
    state: S,
    /// Where it counts among the flows that are worked on at once.
    place: Place,
}

/// What is recorded of a step.
struct Outcome<Tx> {
    task: &'static str,
    what: What,
    attempt: u32,
    took: Duration,
    cause: Option<String>,
    tx: Option<Tx>,
    held: Option<Held>,
}

impl<Tx> Outcome<Tx> {
    /// One without changes.
    fn of(task: &'static str, what: What, attempt: u32, took: Duration) -> Self {
        Self { task, what, attempt, took, cause: None, tx: None, held: None }
    }
}

impl<S: State, W: World> Driving<'_, S, W> {
    async fn step(&mut self) -> Result<Next, StoreError> {
        match self.record.phase {
            Phase::Executing => self.execute().await,
            Phase::Reverting => self.revert().await,
            Phase::Succeeded | Phase::Reverted => Ok(Next::Leave),
        }
    }

    fn task(&self) -> &'static Task<S, W> {
        &self.flow.tasks[self.record.position.min(self.flow.tasks.len() - 1)]
    }

    async fn execute(&mut self) -> Result<Next, StoreError> {
        let task = self.task();
        let started = Instant::now();
        let result = match self.runner.fate(self.flow.name, Moment::Execute(task.name)) {
            Fate::Die => return Ok(Next::Leave),
            Fate::Fail => Err(TaskError::Broken("made to fail".into())),
            Fate::Go | Fate::Again => self.call(task).await,
        };
        let result = match self.runner.fate(self.flow.name, Moment::Executed(task.name)) {
            Fate::Die => return Ok(Next::Leave),
            Fate::Again if result.is_ok() => {
                // As after a crash: what was not committed is gone, and the state is read anew.
                drop(result);
                self.state = serde_json::from_str(&self.record.state)
                    .map_err(|error| StoreError(error.into()))?;
                self.call(task).await
            }
            Fate::Fail if result.is_ok() => {
                // Its transaction ends before the failure is recorded in another.
                drop(result);
                Err(TaskError::Broken("made to fail".into()))
            }
            Fate::Go | Fate::Again | Fate::Fail => result,
        };
        let outcome = self.judge(task, result, started.elapsed());
        self.settle(outcome).await
    }

    /// Turns a task's result into the flow's next position and what is to be recorded.
    fn judge(
        &mut self,
        task: &'static Task<S, W>,
        result: Result<Done<TxOf<W>>, TaskError>,
        took: Duration,
    ) -> Outcome<TxOf<W>> {
        let attempt = self.record.attempts + 1;
        let mut outcome = Outcome::of(task.name, What::Done, attempt, took);
        let now = self.runner.clock().now();
        match result {
            Ok(Done { then, tx, because, held }) => {
                outcome.tx = tx;
                outcome.held = held;
                outcome.cause = because;
                match then {
                    Then::End => outcome.what = What::Finished,
                    Then::Next if self.record.position + 1 == self.flow.tasks.len() => {
                        outcome.what = What::Finished;
                    }
                    Then::Next => self.move_to(self.record.position + 1),
                    Then::BackTo(name) => {
                        outcome.what = What::Back;
                        let earlier = self.flow.tasks.iter().position(|task| task.name == name);
                        self.move_to(earlier.expect("a back-arrow names a task of its own flow"));
                    }
                    Then::Wait(span) => {
                        outcome.what = What::Wait;
                        self.record.not_before = now.after(span);
                    }
                }
            }
            Err(ref error) if task.retry.goes_on(error, attempt) => {
                outcome.what = What::Retry;
                outcome.cause = result.err().map(|error| error.chain());
                self.record.attempts = attempt;
                self.record.not_before = now.after(task.retry.pause(attempt, rand::random()));
            }
            Err(error) => {
                outcome.what = What::Failed;
                let cause = error.chain();
                let message = match error {
                    TaskError::Reject(message, _) => Some(message),
                    TaskError::Retry(_) | TaskError::Broken(_) => None,
                };
                self.record.failure =
                    Some(Failure { task: task.name.to_owned(), message, cause: cause.clone() });
                outcome.cause = Some(cause);
                self.record.attempts = 0;
            }
        }
        outcome
    }

    fn move_to(&mut self, position: usize) {
        self.record.position = position;
        self.record.attempts = 0;
    }

    async fn revert(&mut self) -> Result<Next, StoreError> {
        let Some(position) = self.reverting() else {
            return self.restored(None).await;
        };
        self.record.position = position;
        let task = self.task();
        if !self.runner.serves(task.work.role(), self.target(task.work.role()).as_deref()) {
            return self.hand_over().await;
        }
        let started = Instant::now();
        if self.runner.fate(self.flow.name, Moment::Revert(task.name)) == Fate::Die {
            return Ok(Next::Leave);
        }
        let mut result = self.call_revert(task).await;
        match self.runner.fate(self.flow.name, Moment::Reverted(task.name)) {
            Fate::Die => return Ok(Next::Leave),
            Fate::Again if result.is_ok() => {
                drop(result);
                self.state = serde_json::from_str(&self.record.state)
                    .map_err(|error| StoreError(error.into()))?;
                result = self.call_revert(task).await;
            }
            Fate::Go | Fate::Again | Fate::Fail => {}
        }
        let attempt = self.record.attempts + 1;
        let took = started.elapsed();
        let mut outcome = Outcome::of(task.name, What::Undone, attempt, took);
        match result {
            Ok(Undone { tx }) => {
                outcome.tx = tx;
                self.record.attempts = 0;
                match self.above(position) {
                    Some(above) => self.record.position = above,
                    None => return self.restored(Some(outcome)).await,
                }
            }
            Err(error) => {
                outcome.what = What::Retry;
                outcome.cause = Some(error.chain());
                self.record.attempts = attempt;
                let pause = Retry::FOREVER.pause(attempt, rand::random());
                self.record.not_before = self.runner.clock().now().after(pause);
            }
        }
        self.settle(outcome).await
    }

    /// The nearest task at or above the position that has something to revert.
    fn reverting(&self) -> Option<usize> {
        let end = self.record.position.min(self.flow.tasks.len() - 1);
        self.flow.tasks[..=end].iter().rposition(|task| task.work.reverts())
    }

    /// The nearest task above `position` that has something to revert.
    fn above(&self, position: usize) -> Option<usize> {
        self.flow.tasks[..position].iter().rposition(|task| task.work.reverts())
    }

    async fn restored(&mut self, outcome: Option<Outcome<TxOf<W>>>) -> Result<Next, StoreError> {
        let outcome = match outcome {
            Some(outcome) => Outcome { what: What::Restored, ..outcome },
            None => Outcome::of(self.task().name, What::Restored, 1, Duration::ZERO),
        };
        self.settle(outcome).await
    }

    /// A revert that belongs to another process: only the address is saved.
    async fn hand_over(&mut self) -> Result<Next, StoreError> {
        self.save(None).await.map(|_| Next::Leave)
    }

    /// Records an outcome, tells the listeners, and says whether to go on here.
    async fn settle(&mut self, outcome: Outcome<TxOf<W>>) -> Result<Next, StoreError> {
        let Outcome { task, what, attempt, took, cause, tx, held } = outcome;
        let phase = log::next(self.record.phase, what)
            .expect("a step gives only what its phase allows, see log::TRANSITIONS");
        self.record.phase = phase;
        let entry = Entry {
            at: self.runner.clock().now(),
            task: task.to_owned(),
            what,
            attempt,
            took: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            by: self.runner.worker().to_owned(),
            cause: cause.clone(),
        };
        log::append(&mut self.record.log, entry);
        let mine = self.is_mine();
        let next = if tx.is_none() && what == What::Done && mine {
            // Nothing changed and nobody else is concerned: the line goes with the next record.
            Next::Go
        } else {
            self.save(tx).await?
        };
        drop(held);
        let event = Event { record: &self.record, task, what, took, cause: cause.as_deref() };
        self.runner.hear(&event);
        if self.runner.fate(self.flow.name, Moment::Recorded(task)) == Fate::Die {
            return Ok(Next::Leave);
        }
        Ok(next)
    }

    /// The next task is for this process, and now. When it is for another of its roles or backends, the
    /// flow moves to a place there, and without a free one waits its turn like all others.
    fn is_mine(&mut self) -> bool {
        let role = self.next_role();
        let target = self.target(role);
        if self.record.phase.is_over()
            || self.record.not_before > self.runner.clock().now()
            || !self.runner.serves(role, target.as_deref())
        {
            return false;
        }
        if !self.place.is_for(role, target.as_deref()) {
            let Some(place) = self.runner.place(role, target.as_deref()) else { return false };
            self.place = place;
        }
        true
    }

    fn next_role(&self) -> Role {
        let position = match self.record.phase {
            Phase::Reverting => self.reverting(),
            _ => Some(self.record.position),
        };
        let last = self.flow.tasks.len() - 1;
        self.flow.tasks[position.unwrap_or(self.record.position).min(last)].work.role()
    }

    fn target(&self, role: Role) -> Option<String> {
        match role {
            Role::Scheduler => None,
            Role::Volume => self.state.target(),
        }
    }

    async fn save(&mut self, tx: Option<TxOf<W>>) -> Result<Next, StoreError> {
        self.record.role = self.next_role();
        self.record.target = self.target(self.record.role);
        self.record.state =
            serde_json::to_string(&self.state).map_err(|error| StoreError(error.into()))?;
        let keep = self.is_mine();
        let store = self.runner.store();
        let mut tx = match tx {
            Some(tx) => tx,
            None => store.begin().await?,
        };
        if !store.save(&mut tx, &self.record, keep, self.runner.clock().now()).await? {
            tracing::warn!(flow = %self.record.id, name = self.flow.name,
                request = self.record.subject.request_id, "the claim was lost; another goes on with it");
            return Ok(Next::Leave);
        }
        store.commit(tx).await?;
        self.record.token += 1;
        if keep {
            return Ok(Next::Go);
        }
        if !self.record.phase.is_over() {
            self.runner.ring(self.record.role, self.record.target.as_deref());
        }
        Ok(Next::Leave)
    }
}

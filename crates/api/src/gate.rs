//! The gate: how many requests are worked on at once, how many wait, and whose turn is next.
//!
//! When more comes than can be done, working on all of it makes everything slow and nothing faster. So a bounded number
//! is worked on and a bounded number waits, each project in a queue of its own; projects take turns, whatever the
//! length of their queues. When the queues are full, the longest one loses its newest request.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// Requests that go ahead at once.
const MOST_AHEAD: usize = 4;

/// How much passes a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests that are worked on at once.
    pub working: usize,
    /// Requests of all projects that wait.
    pub waiting: usize,
    /// Requests of one project that are worked on at once.
    pub project: usize,
    /// Whoever has waited so long is refused.
    pub patience: Duration,
}

/// One gate; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: Limits,
    inside: Arc<Mutex<Inside>>,
}

/// The place of a request that is worked on; the next one has it when this is dropped.
#[derive(Debug)]
pub struct Pass {
    gate: Gate,
    project: String,
    ahead: bool,
}

/// Why a request does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Too many wait, of this project more than of others.
    Full,
    /// It has waited for too long.
    Late,
}

#[derive(Debug, Default)]
struct Inside {
    working: usize,
    /// Those of them that go ahead.
    ahead: usize,
    waiting: usize,
    projects: HashMap<String, Project>,
    /// Projects that have somebody waiting and may work on more, in the order of their turns.
    turns: VecDeque<String>,
}

#[derive(Debug, Default)]
struct Project {
    working: usize,
    /// Those who wait; they are told whether they go ahead.
    queue: VecDeque<oneshot::Sender<bool>>,
    /// It is among the turns.
    listed: bool,
}

impl Gate {
    /// An empty house behind a gate.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, inside: Arc::default() }
    }

    /// Waits for the turn of a request of this project.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn enter(&self, project: &str) -> Result<Pass, Refused> {
        match self.queue(project)? {
            Entry::In(pass) => Ok(pass),
            Entry::Queued(waiting) => waiting.turn().await,
        }
    }

    /// Goes in at once or into the queue.
    fn queue(&self, project: &str) -> Result<Entry, Refused> {
        let mut inside = self.lock();
        let own = inside.projects.entry(project.to_owned()).or_default();
        let (own_working, own_waiting) = (own.working, own.queue.len());
        let free = own_working < self.limits.project && own_waiting == 0;
        if free && inside.working < self.limits.working {
            let ahead = may_go_ahead(own_working, inside.waiting, inside.ahead);
            inside.begin(project, ahead);
            let project = project.to_owned();
            return Ok(Entry::In(Pass { gate: self.clone(), project, ahead }));
        }
        if inside.waiting >= self.limits.waiting && !inside.make_room(own_waiting) {
            inside.forget(project);
            return Err(Refused::Full);
        }
        let (sender, receiver) = oneshot::channel();
        inside.wait(project, sender, self.limits);
        let project = project.to_owned();
        Ok(Entry::Queued(Waiting { receiver, gate: self.clone(), project }))
    }

    /// How many are worked on, and how many wait.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let inside = self.lock();
        (inside.working, inside.waiting)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// Whether it is to be served before those who wait for each other: others wait at the gate, and its project has
    /// nothing else inside.
    #[must_use]
    pub const fn goes_ahead(&self) -> bool {
        self.ahead
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.lock();
        inside.end(&self.project, self.ahead, self.gate.limits);
        inside.go_on(self.gate.limits);
        inside.forget(&self.project);
    }
}

impl Inside {
    fn begin(&mut self, project: &str, ahead: bool) {
        self.working += 1;
        self.ahead += usize::from(ahead);
        if let Some(own) = self.projects.get_mut(project) {
            own.working += 1;
        }
    }

    fn end(&mut self, project: &str, ahead: bool, limits: Limits) {
        self.working -= 1;
        self.ahead -= usize::from(ahead);
        if let Some(own) = self.projects.get_mut(project) {
            own.working -= 1;
        }
        self.list(project, limits);
    }

    fn wait(&mut self, project: &str, sender: oneshot::Sender<bool>, limits: Limits) {
        self.waiting += 1;
        if let Some(own) = self.projects.get_mut(project) {
            own.queue.push_back(sender);
        }
        self.list(project, limits);
        // A place may be free that only this project's own limit kept from others.
        self.go_on(limits);
    }

    /// Puts the project among the turns when it has somebody who could go in.
    fn list(&mut self, project: &str, limits: Limits) {
        let Some(own) = self.projects.get_mut(project) else { return };
        if !own.listed && !own.queue.is_empty() && own.working < limits.project {
            own.listed = true;
            self.turns.push_back(project.to_owned());
        }
    }

    /// Lets in whoever's turn it is while there are places.
    fn go_on(&mut self, limits: Limits) {
        while self.working < limits.working {
            let Some(project) = self.turns.pop_front() else { return };
            let Some(own) = self.projects.get_mut(&project) else { continue };
            own.listed = false;
            let ahead = may_go_ahead(own.working, self.waiting.saturating_sub(1), self.ahead);
            let mut came = false;
            while let Some(sender) = own.queue.pop_front() {
                self.waiting -= 1;
                // Whoever has gone away meanwhile leaves the turn to the next.
                if sender.send(ahead).is_ok() {
                    came = true;
                    break;
                }
            }
            if came {
                self.begin(&project, ahead);
            }
            self.list(&project, limits);
            self.forget(&project);
        }
    }

    /// Turns away the newest of the longest queue, should that be longer than one of `own` and one more.
    fn make_room(&mut self, own: usize) -> bool {
        if self.sweep() {
            return true;
        }
        let longest = self.projects.values_mut().max_by_key(|project| project.queue.len());
        let Some(longest) = longest.filter(|project| project.queue.len() > own + 1) else {
            return false;
        };
        longest.queue.pop_back();
        self.waiting -= 1;
        true
    }

    /// Strikes out those who went away; whether there were any. Their projects are forgotten when their turns come.
    fn sweep(&mut self) -> bool {
        let before = self.waiting;
        for project in self.projects.values_mut() {
            project.queue.retain(|sender| !sender.is_closed());
        }
        self.waiting = self.projects.values().map(|project| project.queue.len()).sum();
        self.waiting < before
    }

    fn forget(&mut self, project: &str) {
        let idle = |own: &Project| own.working == 0 && own.queue.is_empty() && !own.listed;
        if self.projects.get(project).is_some_and(idle) {
            self.projects.remove(project);
        }
    }
}

/// Whether a request goes ahead whose project has so many inside, while so many others wait and so many are ahead. More at
/// once would keep the rest waiting for ever.
const fn may_go_ahead(own_working: usize, waiting: usize, ahead: usize) -> bool {
    own_working == 0 && waiting > 0 && ahead < MOST_AHEAD
}

/// What comes of going to the gate.
enum Entry {
    In(Pass),
    Queued(Waiting),
}

/// A request in a queue. Dropping it gives back the place that it may have got in that very moment.
struct Waiting {
    receiver: oneshot::Receiver<bool>,
    gate: Gate,
    project: String,
}

impl Waiting {
    async fn turn(mut self) -> Result<Pass, Refused> {
        match tokio::time::timeout(self.gate.limits.patience, &mut self.receiver).await {
            Ok(Ok(ahead)) => Ok(self.pass(ahead)),
            Ok(Err(_)) => Err(Refused::Full),
            Err(_) => Err(Refused::Late),
        }
    }

    fn pass(&mut self, ahead: bool) -> Pass {
        Pass { gate: self.gate.clone(), project: std::mem::take(&mut self.project), ahead }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.receiver.close();
        // After its turn came there is nothing left to receive.
        if let Ok(ahead) = self.receiver.try_recv() {
            drop(self.pass(ahead));
        }
    }
}

#[cfg(test)]
mod tests;

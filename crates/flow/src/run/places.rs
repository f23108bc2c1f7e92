//! How many flows are worked on at once: so many as a scheduler, and so many for each backend, so that a
//! backend that hangs takes up its own places only.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::Role;

/// Flows that are claimed in one go.
const BATCH: usize = 32;

/// All places of a runner.
pub(super) struct Places {
    scheduler: Option<Arc<Semaphore>>,
    volumes: HashMap<String, Arc<Semaphore>>,
    short: Arc<Short>,
}

/// Whether the runner found something taken when it looked for work, and how it hears that this is over.
struct Short {
    is: AtomicBool,
    bell: Arc<Notify>,
}

/// A place for one flow; free again when dropped.
pub struct Place {
    role: Role,
    target: Option<String>,
    permit: Option<OwnedSemaphorePermit>,
    short: Arc<Short>,
}

/// Work that may be looked for: one role, some of its backends, at most so many flows.
pub(super) struct Share {
    pub(super) role: Role,
    pub(super) targets: Vec<String>,
    pub(super) limit: usize,
}

impl Places {
    pub(super) fn new(
        each: usize,
        schedules: bool,
        backends: impl Iterator<Item = String>,
        bell: Arc<Notify>,
    ) -> Self {
        let places = || Arc::new(Semaphore::new(each));
        Self {
            scheduler: schedules.then(places),
            volumes: backends.map(|backend| (backend, places())).collect(),
            short: Arc::new(Short { is: AtomicBool::new(false), bell }),
        }
    }

    fn of(&self, role: Role, target: Option<&str>) -> Option<&Arc<Semaphore>> {
        match role {
            Role::Scheduler => self.scheduler.as_ref(),
            Role::Volume => self.volumes.get(target?),
        }
    }

    fn given(&self, role: Role, target: Option<&str>, permit: OwnedSemaphorePermit) -> Place {
        let target = target.filter(|_| role == Role::Volume).map(str::to_owned);
        Place { role, target, permit: Some(permit), short: Arc::clone(&self.short) }
    }

    /// A place, if there is one now.
    pub(super) fn take(&self, role: Role, target: Option<&str>) -> Option<Place> {
        let permit = Arc::clone(self.of(role, target)?).try_acquire_owned().ok()?;
        Some(self.given(role, target, permit))
    }

    /// A place, when there is one; none when the role or backend is not served here.
    pub(super) async fn wait(&self, role: Role, target: Option<&str>) -> Option<Place> {
        let permit = Arc::clone(self.of(role, target)?).acquire_owned().await.ok()?;
        Some(self.given(role, target, permit))
    }

    /// What there is room for. Backends with plenty of room are asked for together; the others alone, so
    /// that none gets more than it has room for.
    pub(super) fn free(&self) -> Vec<Share> {
        // Said before looking, so that a place that becomes free meanwhile is not overlooked.
        self.short.is.store(true, Ordering::SeqCst);
        let mut short = false;
        let mut shares = Vec::new();
        let mut roomy = Vec::new();
        if let Some(scheduler) = &self.scheduler {
            let free = scheduler.available_permits().min(BATCH);
            short |= free == 0;
            shares.push(Share { role: Role::Scheduler, targets: Vec::new(), limit: free });
        }
        for (target, places) in &self.volumes {
            let free = places.available_permits();
            short |= free == 0;
            if free >= BATCH {
                roomy.push(target.clone());
            } else {
                let targets = vec![target.clone()];
                shares.push(Share { role: Role::Volume, targets, limit: free });
            }
        }
        if !roomy.is_empty() {
            shares.push(Share { role: Role::Volume, targets: roomy, limit: BATCH });
        }
        if !short {
            self.short.is.store(false, Ordering::SeqCst);
        }
        shares.retain(|share| share.limit > 0);
        shares
    }
}

impl Place {
    /// It is a place for this role and backend.
    pub(crate) fn is_for(&self, role: Role, target: Option<&str>) -> bool {
        self.role == role && (role == Role::Scheduler || self.target.as_deref() == target)
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({} {})", self.role, self.target.as_deref().unwrap_or("-"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.permit.take());
        if self.short.is.swap(false, Ordering::SeqCst) {
            self.short.bell.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(each: usize) -> Places {
        let backends = ["h@a", "h@b"].map(str::to_owned).into_iter();
        Places::new(each, true, backends, Arc::new(Notify::new()))
    }

    #[test]
    fn a_backend_that_hangs_takes_up_its_own_places_only() {
        let places = places(2);
        let hung = [(); 2].map(|()| places.take(Role::Volume, Some("h@a")).expect("free"));
        assert!(places.take(Role::Volume, Some("h@a")).is_none());
        assert!(places.take(Role::Volume, Some("h@b")).is_some());
        assert!(places.take(Role::Scheduler, None).is_some());
        let targets: Vec<_> = places.free().into_iter().flat_map(|share| share.targets).collect();
        assert_eq!(targets, ["h@b"]);
        drop(hung);
        assert!(places.take(Role::Volume, Some("h@a")).is_some());
    }

    #[test]
    fn what_is_not_served_here_has_no_place() {
        let places = places(2);
        assert!(places.take(Role::Volume, Some("h@c")).is_none());
        assert!(places.take(Role::Volume, None).is_none());
    }

    #[tokio::test]
    async fn a_runner_that_found_all_taken_hears_when_a_place_is_free() {
        let places = places(1);
        let taken = places.take(Role::Scheduler, None).expect("free");
        assert_eq!(places.free().len(), 2, "the two backends");
        drop(taken);
        places.short.bell.notified().await;
    }

    #[test]
    fn backends_with_plenty_of_room_are_asked_for_together() {
        let shares = places(BATCH).free();
        let counts: Vec<_> = shares.iter().map(|share| (share.role, share.targets.len())).collect();
        assert_eq!(counts, [(Role::Scheduler, 0), (Role::Volume, 2)]);
    }
}

//! One filling for all who want the same content at the same time: the first does it, the others get copies.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::{DriverError, FailureKind, FillError};

/// How long an original that can be kept at no cost waits for one more who wants it.
const LINGER: Duration = Duration::from_secs(30);
/// Longest key.
const LONGEST: usize = 150;

/// What is being filled, by key. `T` is the original that copies are made of.
#[derive(Debug)]
pub(crate) struct Fillings<T>(Arc<Known<T>>);

type Known<T> = Mutex<HashMap<String, Arc<Filling<T>>>>;

impl<T> Default for Fillings<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

#[derive(Debug)]
struct Filling<T> {
    stage: watch::Sender<Stage<T>>,
    /// Somebody came since it was last looked at.
    wanted: AtomicBool,
}

#[derive(Debug)]
enum Stage<T> {
    Running,
    Filled(Arc<T>),
    Failed(FillError),
}

/// What whoever comes is to do.
pub(crate) enum Join<T: Send + Sync + 'static> {
    /// Fill, and say how it ended.
    Lead(Lead<T>),
    /// Wait and copy.
    Follow(Follower<T>),
}

/// Refuses what could be no part of a file's name, or is too long for one.
pub(crate) fn check_key(key: &str) -> Result<(), DriverError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !key.is_empty() && key.len() <= LONGEST && key.bytes().all(fits) {
        return Ok(());
    }
    Err(DriverError::new(FailureKind::Invalid, "the content has no proper key"))
}

impl<T: Send + Sync + 'static> Fillings<T> {
    /// Joins those who want the content of `key`, or is the first of them.
    pub(crate) fn join(&self, key: &str) -> Join<T> {
        match locked(&self.0).entry(key.to_owned()) {
            Entry::Occupied(known) => {
                known.get().wanted.store(true, Ordering::Relaxed);
                Join::Follow(Follower(known.get().stage.subscribe()))
            }
            Entry::Vacant(free) => {
                let stage = watch::Sender::new(Stage::Running);
                let filling = Arc::new(Filling { stage, wanted: AtomicBool::default() });
                free.insert(Arc::clone(&filling));
                Join::Lead(Lead {
                    known: Arc::clone(&self.0),
                    key: key.to_owned(),
                    filling,
                    ended: false,
                })
            }
        }
    }
}

/// Whoever fills. Dropped without a word, as in a panic, it has failed.
pub(crate) struct Lead<T: Send + Sync + 'static> {
    known: Arc<Known<T>>,
    key: String,
    filling: Arc<Filling<T>>,
    ended: bool,
}

impl<T: Send + Sync + 'static> Lead<T> {
    /// It is filled, and the original costs nothing to keep: those who come within a while get copies too.
    pub(crate) fn keep(mut self, original: T) {
        self.ended = true;
        self.filling.stage.send_replace(Stage::Filled(Arc::new(original)));
        let (known, key) = (Arc::clone(&self.known), std::mem::take(&mut self.key));
        let filling = Arc::clone(&self.filling);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LINGER).await;
                if !filling.wanted.swap(false, Ordering::Relaxed) {
                    locked(&known).remove(&key);
                    return;
                }
            }
        });
    }

    /// It is filled. Returns once those who have come have their copies; nobody else comes.
    pub(crate) async fn share(mut self, original: T) {
        self.ended = true;
        locked(&self.known).remove(&self.key);
        self.filling.stage.send_replace(Stage::Filled(Arc::new(original)));
        self.filling.stage.closed().await;
    }

    /// It failed, for all who have come.
    pub(crate) fn fail(mut self, error: FillError) {
        self.end(error);
    }

    fn end(&mut self, error: FillError) {
        self.ended = true;
        locked(&self.known).remove(&self.key);
        self.filling.stage.send_replace(Stage::Failed(error));
    }
}

impl<T: Send + Sync + 'static> Drop for Lead<T> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(interrupted().into());
        }
    }
}

/// Whoever waits for a copy; counts as coming until dropped.
pub(crate) struct Follower<T>(watch::Receiver<Stage<T>>);

impl<T> Follower<T> {
    /// The original, once it is filled.
    ///
    /// # Errors
    /// What whoever filled has said.
    pub(crate) async fn original(&mut self) -> Result<Arc<T>, FillError> {
        let ended = self.0.wait_for(|stage| !matches!(stage, Stage::Running)).await;
        match ended.as_deref() {
            Ok(Stage::Filled(original)) => Ok(Arc::clone(original)),
            Ok(Stage::Failed(error)) => Err(error.clone()),
            Ok(Stage::Running) | Err(_) => Err(interrupted().into()),
        }
    }
}

fn interrupted() -> DriverError {
    DriverError::new(FailureKind::Unavailable, "whoever filled it was interrupted")
}

fn locked<T>(of: &Known<T>) -> MutexGuard<'_, HashMap<String, Arc<Filling<T>>>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(fillings: &Fillings<u8>, key: &str) -> Lead<u8> {
        match fillings.join(key) {
            Join::Lead(lead) => lead,
            Join::Follow(_) => panic!("somebody fills {key} already"),
        }
    }

    fn follow(fillings: &Fillings<u8>, key: &str) -> Follower<u8> {
        match fillings.join(key) {
            Join::Lead(_) => panic!("nobody fills {key}"),
            Join::Follow(follower) => follower,
        }
    }

    #[tokio::test]
    async fn those_who_come_meanwhile_get_what_the_first_made() {
        let fillings = Fillings::default();
        let first = lead(&fillings, "a");
        let other = lead(&fillings, "b");
        let mut second = follow(&fillings, "a");
        let sharing = tokio::spawn(first.share(7));
        assert_eq!(*second.original().await.expect("filled"), 7);
        assert!(!sharing.is_finished(), "the second is still at it");
        drop(second);
        sharing.await.expect("shared");
        drop(lead(&fillings, "a"));
        drop(other);
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_original_serves_those_who_come_later_and_goes_when_nobody_does() {
        let fillings = Fillings::default();
        lead(&fillings, "a").keep(7);
        for _ in 0..3 {
            tokio::time::sleep(LINGER / 2).await;
            assert_eq!(*follow(&fillings, "a").original().await.expect("kept"), 7);
        }
        tokio::time::sleep(LINGER * 3).await;
        drop(lead(&fillings, "a"));
    }

    #[tokio::test]
    async fn a_failure_and_a_panic_reach_those_who_wait_and_the_next_begins_anew() {
        let fillings = Fillings::default();
        let first = lead(&fillings, "a");
        let mut second = follow(&fillings, "a");
        first.fail(DriverError::new(FailureKind::NoSpace, "full").into());
        let error = second.original().await.expect_err("failed");
        assert_eq!(error.to_string(), "full");
        let first = lead(&fillings, "a");
        let mut second = follow(&fillings, "a");
        drop(first);
        let error = second.original().await.expect_err("gone");
        assert!(error.to_string().contains("interrupted"), "{error}");
        drop(lead(&fillings, "a"));
    }

    #[test]
    fn a_key_could_be_part_of_a_files_name() {
        assert!(check_key("a-B_9").is_ok());
        for key in ["", "../x", "a/b", "a b", &"x".repeat(LONGEST + 1)] {
            assert!(check_key(key).is_err(), "{key}");
        }
    }
}

//! The newest rules, and following the files that they come from.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ashlar_oslo::policy::FileError;
use tokio_util::sync::CancellationToken;

use super::Policy;
use super::files::{self, Fingerprint, Settings};

/// How long the files are not looked at again. What changed counts once it has stood for as long, so that a file is not
/// read while it is being written.
const INTERVAL: Duration = Duration::from_secs(1);

/// The rules and where they come from; cloning is cheap.
#[derive(Clone)]
pub struct Enforcer(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// What the files looked like when they were read.
    seen: Fingerprint,
    current: RwLock<Arc<Policy>>,
}

impl Enforcer {
    /// The defaults, without any file.
    #[must_use]
    pub fn defaults() -> Self {
        Self::new(Settings::default(), Fingerprint::new(), files::without_files())
    }

    /// Reads the files. Warnings about them are logged.
    ///
    /// # Errors
    /// As [`read`](super::read).
    pub fn open(settings: Settings) -> Result<Self, FileError> {
        // Before the reading: what changes in between is read again.
        let seen = settings.fingerprint();
        let policy = files::read(&settings)?;
        warn(&policy);
        Ok(Self::new(settings, seen, policy))
    }

    fn new(settings: Settings, seen: Fingerprint, policy: Policy) -> Self {
        Self(Arc::new(Inner { settings, seen, current: RwLock::new(Arc::new(policy)) }))
    }

    /// The rules of this moment.
    #[must_use]
    pub fn current(&self) -> Arc<Policy> {
        // Nothing panics while it holds the lock, and a pointer is always whole.
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again whenever they change, until `stop`. Files that cannot be used are logged with file and line,
    /// and the rules stay as they are.
    pub async fn follow(self, stop: CancellationToken) {
        if self.0.settings.is_empty() {
            return;
        }
        let (mut read, mut last) = (self.0.seen.clone(), self.0.seen.clone());
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
            let this = self.clone();
            let (was, before) = (read.clone(), last);
            // A directory may be on a disk that is slow or gone.
            let looked = tokio::task::spawn_blocking(move || this.look(&was, &before)).await;
            match looked {
                Ok((now, true)) => (read, last) = (now.clone(), now),
                Ok((now, false)) => last = now,
                Err(error) => {
                    tracing::error!(%error, "looking at the policy files failed");
                    last = Fingerprint::new();
                }
            }
        }
    }

    /// One look: what the files look like, and whether they were read again.
    fn look(&self, read: &Fingerprint, before: &Fingerprint) -> (Fingerprint, bool) {
        let now = self.0.settings.fingerprint();
        if now == *read || now != *before {
            return (now, false);
        }
        match files::read(&self.0.settings) {
            Ok(policy) => {
                warn(&policy);
                for file in &self.current().files {
                    if !policy.files.contains(file) {
                        tracing::warn!(file = %file.display(), "a policy file is gone, and its rules with it");
                    }
                }
                tracing::info!(rules = policy.given.len(), "policy was read again");
                *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
            }
            Err(error) => {
                tracing::error!(%error, "policy cannot be used; the rules stay as they are");
            }
        }
        (now, true)
    }
}

fn warn(policy: &Policy) {
    for warning in policy.warnings() {
        tracing::warn!("{warning}");
    }
}

impl std::fmt::Debug for Enforcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Enforcer").field(&self.0.settings).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_it_has_stood_and_a_broken_one_never() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("policy.yaml");
        let write = |text: &str| std::fs::write(&file, text).expect("a file");
        let settings = Settings { file: vec![file.clone()], ..Settings::default() };
        let enforcer = Enforcer::open(settings.clone()).expect("no file is no mistake");
        let says = || enforcer.current().text("mine");
        let first = settings.fingerprint();
        assert!(!enforcer.look(&first, &first).1, "nothing has changed");
        write("mine: role:x\n");
        let (changed, read) = enforcer.look(&first, &first);
        assert!(!read && says().is_none(), "it may still be written");
        assert!(enforcer.look(&first, &changed).1);
        assert_eq!(says().as_deref(), Some("role:x"));
        write("mine: role:x and\n");
        let (broken, _) = enforcer.look(&changed, &changed);
        assert!(enforcer.look(&changed, &broken).1, "it is looked into once");
        assert_eq!(says().as_deref(), Some("role:x"));
        assert!(!enforcer.look(&broken, &broken).1);
    }

    #[test]
    fn files_that_cannot_be_looked_at_change_no_rules_and_let_nobody_start() {
        let place = tempfile::tempdir().expect("a directory");
        let (inner, file) = (place.path().join("etc"), place.path().join("etc/policy.yaml"));
        std::fs::create_dir(&inner).expect("a directory");
        std::fs::write(&file, "mine: role:x\n").expect("a file");
        let settings = Settings { file: vec![file], ..Settings::default() };
        let enforcer = Enforcer::open(settings.clone()).expect("it can be read");
        let says = || enforcer.current().text("mine");
        let first = settings.fingerprint();
        // A circle of links cannot be looked into by anybody, root included.
        let moved = place.path().join("moved");
        std::fs::rename(&inner, &moved).expect("moved");
        std::os::unix::fs::symlink(&inner, &inner).expect("a link");
        let (lost, read) = enforcer.look(&first, &settings.fingerprint());
        assert!(read, "it is looked into");
        assert_eq!(says().as_deref(), Some("role:x"));
        assert!(matches!(Enforcer::open(settings.clone()), Err(FileError::Unreadable { .. })));
        // One that is gone for good is no mistake.
        std::fs::remove_file(&inner).expect("removed");
        assert!(enforcer.look(&lost, &settings.fingerprint()).1);
        assert_eq!(says(), None);
    }
}

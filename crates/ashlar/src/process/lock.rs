//! Lock files: who may run beside whom. The kernel drops a lock when its holder dies, however it dies.

use std::fs::{File, OpenOptions};
use std::future::Future;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::commands::ensure_place_of;
use crate::config::{BackendSettings, Settings};

/// Between two looks at a lock that is about to be free.
const PAUSE: Duration = Duration::from_millis(20);

/// Who else may hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Nobody.
    Alone,
    /// Others who share it too.
    Together,
}

/// A held lock; given up when dropped. The file stays, since removing it would let a third one in.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// The lock on `path`, made with its directory when it is not there; `None` when somebody is in the way.
    pub(crate) fn acquire(path: &Path, share: Share) -> anyhow::Result<Option<Self>> {
        ensure_place_of(path)?;
        let cannot = || format!("cannot lock {}", path.display());
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true).mode(0o600);
        let file = options.open(path).with_context(cannot)?;
        let operation = match share {
            Share::Alone => FlockOperation::NonBlockingLockExclusive,
            Share::Together => FlockOperation::NonBlockingLockShared,
        };
        match flock(&file, operation) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(errno).with_context(cannot),
        }
    }
}

/// The lock of the state directory, for `serve`.
pub(crate) fn state(settings: &Settings) -> anyhow::Result<Lock> {
    let place = settings.state_path.display();
    Lock::acquire(&path_of(settings, "serve"), Share::Alone)?.with_context(|| {
        format!(
            "{place} is in use by another `ashlar serve`: stop that one first, or give --state-dir"
        )
    })
}

/// Joins those who play `role` on this machine. `first` runs only when nobody else does: it takes up what
/// an earlier life left, and must not take it from one that lives.
pub(crate) async fn join(
    settings: &Settings,
    role: &str,
    first: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Lock> {
    let path = path_of(settings, role);
    if let Some(alone) = Lock::acquire(&path, Share::Alone)? {
        first.await?;
        drop(alone);
    }
    loop {
        if let Some(lock) = Lock::acquire(&path, Share::Together)? {
            return Ok(lock);
        }
        // Somebody is the first for a moment.
        tokio::time::sleep(PAUSE).await;
    }
}

fn path_of(settings: &Settings, role: &str) -> PathBuf {
    settings.state_path.join(format!("{role}.lock"))
}

/// The lock of an embedded database: alone for `serve`, which counts on nobody else working there.
pub(crate) fn database(path: &Path, share: Share) -> anyhow::Result<Lock> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    Lock::acquire(&PathBuf::from(name), share)?.with_context(|| {
        format!(
            "the database {} is in use by another ashlar process: stop that one first",
            path.display()
        )
    })
}

/// The lock of a backend: two processes that serve it would each take the other's work for their own.
pub(crate) fn backend(settings: &Settings, backend: &BackendSettings) -> anyhow::Result<Lock> {
    let name = format!("backend-{}.lock", file_name(backend.name.as_str()));
    Lock::acquire(&settings.state_path.join(name), Share::Alone)?.with_context(|| {
        format!("backend {} is served by another ashlar process on this machine", backend.name)
    })
}

/// The text as part of a file's name: whatever could lead elsewhere is written as its code.
fn file_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'@' => {
                name.push(char::from(byte));
            }
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_held_alone_keeps_everyone_out_and_a_shared_one_only_loners() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("l");
        let take = |share| Lock::acquire(&path, share).expect("a file that can be locked");
        let alone = take(Share::Alone).expect("free");
        assert!(take(Share::Alone).is_none() && take(Share::Together).is_none());
        drop(alone);
        let one = take(Share::Together).expect("free again");
        let other = take(Share::Together).expect("shared");
        assert!(take(Share::Alone).is_none());
        drop((one, other));
        assert!(take(Share::Alone).is_some());
    }

    #[test]
    fn a_backends_name_leads_nowhere_else() {
        assert_eq!(file_name("node-1@lvm"), "node-1@lvm");
        assert_eq!(file_name("n@../x y"), "n@%2e%2e%2fx%20y");
    }
}

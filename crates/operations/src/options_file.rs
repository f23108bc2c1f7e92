//! The file of `scheduler_json_config_location`: options for filters and weighers that may change while we run.
//!
//! As in Cinder it is looked at when a request comes, but at most every five minutes, and read again when its
//! modification time has changed. Other than in Cinder, a file that cannot be read or makes no sense does not fail
//! the request and does not empty the options: it is logged, and what was read last stays in force.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ashlar_types::{Clock, Timestamp};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

/// How long the file is not looked at again. Cinder's figure.
pub const INTERVAL: Duration = Duration::from_secs(300);

/// How long reading it may take, as those who come meanwhile wait as well.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// The file, and what it said last.
#[derive(Debug)]
pub struct OptionsFile {
    path: Option<PathBuf>,
    interval: Duration,
    clock: Clock,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    looked: Option<Timestamp>,
    /// Of the file that was read last, good or bad.
    modified: Option<SystemTime>,
    value: Arc<Value>,
}

impl OptionsFile {
    /// The file at `path`, looked at no more often than every `interval`; none at all answers an empty object.
    #[must_use]
    pub fn new(path: Option<PathBuf>, interval: Duration, clock: Clock) -> Self {
        let value = Arc::new(Value::Object(Map::new()));
        Self {
            path,
            interval,
            clock,
            kept: Mutex::new(Kept { looked: None, modified: None, value }),
        }
    }

    /// What the file says, an object; empty until it was read for the first time.
    pub async fn value(&self) -> Arc<Value> {
        let mut kept = self.kept.lock().await;
        let Some(path) = &self.path else { return Arc::clone(&kept.value) };
        let now = self.clock.now();
        if kept.looked.is_some_and(|looked| now.since(looked) < self.interval) {
            return Arc::clone(&kept.value);
        }
        kept.looked = Some(now);
        let (place, known) = (path.clone(), kept.modified);
        // A file may lie on a disk that hangs.
        let looking = tokio::task::spawn_blocking(move || look(&place, known));
        let seen = match tokio::time::timeout(PATIENCE, looking).await {
            Ok(seen) => seen.unwrap_or_else(|error| Err(io::Error::other(error))),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        match seen {
            Ok(None) => {}
            Ok(Some(seen)) => {
                kept.modified = Some(seen.modified);
                match seen.value {
                    Ok(value) => {
                        tracing::info!(file = %path.display(), "read the scheduler's options");
                        kept.value = Arc::new(value);
                    }
                    Err(problem) => tracing::error!(
                        file = %path.display(), problem,
                        "the scheduler's options make no sense; what was read before stays in force"
                    ),
                }
            }
            Err(error) => tracing::error!(
                file = %path.display(), %error,
                "the scheduler's options cannot be read; what was read before stays in force"
            ),
        }
        Arc::clone(&kept.value)
    }
}

/// A file that was read.
struct Seen {
    modified: SystemTime,
    value: Result<Value, String>,
}

/// Reads the file unless it is the one that is `known`.
fn look(path: &Path, known: Option<SystemTime>) -> io::Result<Option<Seen>> {
    // Asked before it is opened: opening a named pipe waits for somebody to write to it.
    let facts = std::fs::metadata(path)?;
    if !facts.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let modified = facts.modified()?;
    if known == Some(modified) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Some(Seen { modified, value: parse(&bytes) }))
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {MAX_BYTES} bytes"));
    }
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A file whose modification time moves on with every write.
    struct Place {
        directory: tempfile::TempDir,
        writes: u64,
    }

    impl Place {
        fn new() -> Self {
            Self { directory: tempfile::tempdir().expect("a directory"), writes: 0 }
        }

        fn path(&self) -> PathBuf {
            self.directory.path().join("options.json")
        }

        fn write(&mut self, bytes: &[u8]) {
            std::fs::write(self.path(), bytes).expect("written");
            self.writes += 1;
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.writes);
            let file = File::options().append(true).open(self.path()).expect("opened");
            file.set_modified(time).expect("a new time");
        }
    }

    fn clock() -> Clock {
        Clock::manual(Timestamp::from_micros(0))
    }

    #[tokio::test]
    async fn no_file_is_an_empty_object() {
        let file = OptionsFile::new(None, INTERVAL, clock());
        assert_eq!(*file.value().await, json!({}));
    }

    #[tokio::test]
    async fn a_change_is_seen_when_the_interval_is_over() {
        let mut place = Place::new();
        place.write(br#"{"a": 1}"#);
        let clock = clock();
        let file = OptionsFile::new(Some(place.path()), INTERVAL, clock.clone());
        assert_eq!(*file.value().await, json!({ "a": 1 }));
        place.write(br#"{"a": 2}"#);
        clock.advance(INTERVAL - Duration::from_secs(1));
        assert_eq!(*file.value().await, json!({ "a": 1 }));
        clock.advance(Duration::from_secs(1));
        assert_eq!(*file.value().await, json!({ "a": 2 }));
    }

    #[tokio::test]
    async fn what_is_unchanged_is_not_read_again() {
        let mut place = Place::new();
        place.write(b"{}");
        let file = OptionsFile::new(Some(place.path()), Duration::ZERO, clock());
        let (first, second) = (file.value().await, file.value().await);
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[tokio::test]
    async fn what_makes_no_sense_leaves_the_last_good_options_in_force() {
        let mut place = Place::new();
        let file = OptionsFile::new(Some(place.path()), Duration::ZERO, clock());
        assert_eq!(*file.value().await, json!({}), "there is no file yet");
        place.write(br#"{"a": 1}"#);
        assert_eq!(*file.value().await, json!({ "a": 1 }));
        let huge = format!("{{\"a\": \"{}\"}}", "x".repeat(2 << 20));
        for wrong in [b"{".as_slice(), b"[1]", b"\xff", b"", huge.as_bytes()] {
            place.write(wrong);
            assert_eq!(*file.value().await, json!({ "a": 1 }));
        }
        std::fs::remove_file(place.path()).expect("removed");
        std::fs::create_dir(place.path()).expect("a directory in its place");
        assert_eq!(*file.value().await, json!({ "a": 1 }));
        std::fs::remove_dir(place.path()).expect("removed");
        place.write(br#"{"a": 2}"#);
        assert_eq!(*file.value().await, json!({ "a": 2 }));
    }
}

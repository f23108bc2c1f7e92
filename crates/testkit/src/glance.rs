//! A stand-in for Glance, over real sockets: images that a test puts there, and trouble on request. It knows as much of
//! the Image API as Ashlar asks, and is as strict as Glance where that matters: an image takes its bytes once.

mod answer;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ashlar_clients::glance::{Glance, Settings};
use ashlar_images::convert::Limits;
use ashlar_images::stream::Hasher;
use ashlar_operations::Images;
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use uuid::Uuid;

/// What goes wrong with a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Answers 503 instead.
    Unavailable,
    /// The connection breaks after so many bytes.
    BreaksAfter(usize),
    /// Nothing comes any more after so many bytes.
    StallsAfter(usize),
    /// The image is deleted once so many bytes have gone; they are the last.
    VanishesAfter(usize),
    /// Each 64 KiB take so long.
    Slow(Duration),
}

/// What goes wrong with a new record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordTrouble {
    /// It is made, and the answer cannot be read.
    Garbled,
    /// It is not made; the answer has this status.
    Refused(u16),
}

/// An image as it lies there.
#[derive(Debug, Clone)]
pub struct Held {
    /// What Glance says of it.
    pub says: Map<String, Value>,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The stand-in. It ends when dropped.
pub struct FakeGlance {
    /// Where it listens.
    pub address: SocketAddr,
    inside: Arc<Inside>,
    server: AbortHandle,
}

#[derive(Default)]
struct Inside {
    images: Mutex<BTreeMap<Uuid, Held>>,
    /// For downloads and uploads to come, one each, first in first out.
    troubles: Mutex<Vec<Trouble>>,
    /// For the next new record.
    record_trouble: Mutex<Option<RecordTrouble>>,
    downloads: AtomicUsize,
    uploads: AtomicUsize,
}

impl FakeGlance {
    /// Listens on a free port of this machine.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let inside = Arc::new(Inside::default());
        let shared = Arc::clone(&inside);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    let answering = service_fn(|request| answer::answer(&shared, request));
                    // A connection that we broke on purpose is no error.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), answering)
                        .await;
                });
            }
        });
        Self { address, inside, server: server.abort_handle() }
    }

    /// What the house needs to work with it; images that are being converted lie in `directory`.
    ///
    /// # Panics
    /// When no client can be made.
    #[must_use]
    pub fn images(&self, directory: &Path) -> Arc<Images> {
        let settings = Settings {
            servers: vec![format!("http://{}", self.address)],
            retries: 1,
            time_out: Duration::from_secs(3),
            ..Settings::default()
        };
        let glance = Glance::new(&settings, None).expect("a client");
        let limits = Limits {
            memory: 1 << 30,
            cpu: Duration::from_secs(60),
            wall: Duration::from_secs(60),
            output: u64::MAX,
        };
        Arc::new(Images::new(glance, directory.to_owned(), limits))
    }

    /// Puts an active image there, with the digest of its bytes.
    pub fn add(&self, name: &str, disk_format: &str, bytes: impl Into<Bytes>) -> String {
        let bytes = bytes.into();
        let says = json!({
            "name": name,
            "status": "active",
            "disk_format": disk_format,
            "container_format": "bare",
            "visibility": "public",
            "protected": false,
            "min_disk": 0,
            "min_ram": 0,
            "size": bytes.len(),
            "virtual_size": null,
            "checksum": digest("md5", &bytes),
            "os_hash_algo": "sha512",
            "os_hash_value": digest("sha512", &bytes),
            "owner": "somebody",
            "tags": [],
            "created_at": "2026-11-22T12:00:00Z",
            "updated_at": "2026-11-22T12:00:00Z",
        });
        let Value::Object(mut says) = says else { unreachable!("it is an object") };
        let id = Uuid::new_v4();
        says.insert("id".to_owned(), json!(id));
        self.inside.images().insert(id, Held { says, bytes });
        id.to_string()
    }

    /// Sets what Glance says of the image.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn say(&self, id: &str, name: &str, value: Value) {
        let id = id.parse().expect("an identity");
        let mut images = self.inside.images();
        let held = images.get_mut(&id).expect("the image is there");
        held.says.insert(name.to_owned(), value);
    }

    /// The image, if it is there.
    ///
    /// # Panics
    /// When `id` is no identity.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Held> {
        self.inside.images().get(&id.parse().expect("an identity")).cloned()
    }

    /// All images there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inside.images().len()
    }

    /// The image goes.
    ///
    /// # Panics
    /// When `id` is no identity.
    pub fn remove(&self, id: &str) {
        self.inside.images().remove(&id.parse().expect("an identity"));
    }

    /// The next transfers have these troubles, one each.
    pub fn plan(&self, troubles: &[Trouble]) {
        self.inside.troubles().extend(troubles);
    }

    /// The next new record has this trouble.
    pub fn plan_record(&self, trouble: RecordTrouble) {
        *self.inside.record_trouble() = Some(trouble);
    }

    /// No more trouble.
    pub fn forget(&self) {
        self.inside.troubles().clear();
    }

    /// Downloads that were begun.
    #[must_use]
    pub fn downloads(&self) -> usize {
        self.inside.downloads.load(Ordering::Relaxed)
    }

    /// Uploads that were begun.
    #[must_use]
    pub fn uploads(&self) -> usize {
        self.inside.uploads.load(Ordering::Relaxed)
    }
}

impl Drop for FakeGlance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Inside {
    fn images(&self) -> MutexGuard<'_, BTreeMap<Uuid, Held>> {
        self.images.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn troubles(&self) -> MutexGuard<'_, Vec<Trouble>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record_trouble(&self) -> MutexGuard<'_, Option<RecordTrouble>> {
        self.record_trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_trouble(&self) -> Option<Trouble> {
        let mut troubles = self.troubles();
        if troubles.is_empty() { None } else { Some(troubles.remove(0)) }
    }
}

/// The digest in hexadecimal.
fn digest(algorithm: &str, bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(algorithm).expect("a known algorithm");
    hasher.update(bytes);
    hasher.finish()
}

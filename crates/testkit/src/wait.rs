//! Waiting for what happens by itself, with a limit far beyond what it takes.

use std::time::Duration;

use serde_json::Value;

use crate::Client;

/// How long a test waits for something before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks.
const PAUSE: Duration = Duration::from_millis(10);

impl Client {
    /// Waits until the resource's status is no longer one that changes by itself; the resource, or
    /// `None` when it is gone.
    ///
    /// # Panics
    /// When it takes too long.
    pub async fn settled(&self, kind: &str, id: &str) -> Option<Value> {
        let path = format!("/{kind}/{id}");
        let single = &kind[..kind.len() - 1];
        for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
            let answer = self.get(&path).await;
            if answer.status == 404 {
                return None;
            }
            let resource = answer.expect(200).body[single].clone();
            let status = resource["status"].as_str().unwrap_or_default();
            if !is_transitional(status) {
                return Some(resource);
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{kind} {id} did not settle");
    }

    /// Waits until the resource has `status`; the resource.
    ///
    /// # Panics
    /// When it settles in another, is gone, or takes too long.
    pub async fn wait_for(&self, kind: &str, id: &str, status: &str) -> Value {
        let settled = self.settled(kind, id).await;
        let resource = settled.unwrap_or_else(|| panic!("{kind} {id} is gone"));
        assert_eq!(resource["status"], status, "{resource}");
        resource
    }

    /// Waits until the resource is gone.
    ///
    /// # Panics
    /// When it settles instead, or takes too long.
    pub async fn wait_gone(&self, kind: &str, id: &str) {
        if let Some(resource) = self.settled(kind, id).await {
            panic!("it is still there: {resource}");
        }
    }
}

/// A status that an operation under way has given and will change.
#[must_use]
pub fn is_transitional(status: &str) -> bool {
    matches!(
        status,
        "creating"
            | "deleting"
            | "extending"
            | "downloading"
            | "uploading"
            | "updating"
            | "reverting"
            | "restoring"
            | "retyping"
            | "managing"
            | "unmanaging"
            | "error_managing_deleting"
    )
}

//! Making things through the API, as a user does.

use serde_json::{Value, json};

use crate::Client;

impl Client {
    /// Asks for a volume with these fields; the answer's volume.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn create_volume(&self, volume: Value) -> Value {
        let answer = self.post("/volumes", &json!({ "volume": volume })).await.expect(202);
        answer.body["volume"].clone()
    }

    /// A blank volume of `size` GiB, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn volume(&self, size: u64) -> String {
        self.volume_of(json!({ "size": size })).await
    }

    /// A volume with these fields, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn volume_of(&self, volume: Value) -> String {
        let made = self.create_volume(volume).await;
        let id = id_of(&made);
        self.wait_for("volumes", &id, "available").await;
        id
    }

    /// A snapshot of the volume, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn snapshot(&self, volume_id: &str) -> String {
        let body = json!({ "snapshot": { "volume_id": volume_id } });
        let made = self.post("/snapshots", &body).await.expect(202);
        let id = id_of(&made.body["snapshot"]);
        self.wait_for("snapshots", &id, "available").await;
        id
    }

    /// Does `action` to the volume.
    pub async fn act(&self, volume_id: &str, action: &str, value: Value) -> crate::Answer {
        self.post(&format!("/volumes/{volume_id}/action"), &json!({ action: value })).await
    }
}

/// The `id` of a resource in an answer.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn id_of(resource: &Value) -> String {
    resource["id"].as_str().expect("a resource has an id").to_owned()
}

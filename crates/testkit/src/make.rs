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

    /// A group type of a name that no other has. Its name. Only an administrator may make one.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn group_type(&self, specs: Value) -> String {
        let name = format!("group type {}", uuid::Uuid::new_v4());
        let body = json!({ "group_type": { "name": name, "group_specs": specs } });
        let _ = self.post("/group_types", &body).await.expect(202);
        name
    }

    /// A group of this type for volumes of these types, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn group(&self, group_type: &str, volume_types: &[&str]) -> String {
        let wish = json!({ "group_type": group_type, "volume_types": volume_types });
        let made = self.post("/groups", &json!({ "group": wish })).await.expect(202);
        let id = id_of(&made.body["group"]);
        self.wait_for("groups", &id, "available").await;
        id
    }

    /// A volume of 1 GiB and of the default type in the group, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn volume_in(&self, group: &str) -> String {
        let wish = json!({ "size": 1, "volume_type": "__DEFAULT__", "group_id": group });
        self.volume_of(wish).await
    }

    /// A snapshot of the group, waited for. Its id.
    ///
    /// # Panics
    /// When it does not become available.
    pub async fn group_snapshot(&self, group: &str) -> String {
        let body = json!({ "group_snapshot": { "group_id": group } });
        let made = self.post("/group_snapshots", &body).await.expect(202);
        let id = id_of(&made.body["group_snapshot"]);
        self.wait_for("group_snapshots", &id, "available").await;
        id
    }

    /// Does `action` to the group.
    pub async fn act_on_group(&self, group: &str, action: &str, value: Value) -> crate::Answer {
        self.post(&format!("/groups/{group}/action"), &json!({ action: value })).await
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

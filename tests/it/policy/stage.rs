//! What a request finds: a volume and what hangs on it, in the statuses from which the operation starts.

use std::time::Duration;

use ashlar_api::Endpoint;
use ashlar_db::messages::{self, NewMessage};
use ashlar_db::{args, flows};
use ashlar_testkit::cloud::{self, HOST};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud};
use ashlar_types::message::{Action, Detail, Subject, UserMessage};
use ashlar_types::{AttachStatus, Clock, SnapshotStatus, VolumeStatus};
use serde_json::json;

use crate::state_matrix::deed::Kind;
use crate::state_matrix::stage::{self, KEY, Wanted};

/// A spec that everybody may see.
pub(super) const SPEC: &str = "replication_enabled";

/// What stands for the names in a path.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// The project that owns it.
    pub(super) project: String,
    pub(super) volume: String,
    pub(super) snapshot: String,
    pub(super) attachment: String,
    message: String,
    pub(super) volume_type: String,
    qos: String,
    pub(super) group_type: String,
    pub(super) group: String,
    pub(super) group_snapshot: String,
    transfer: String,
    /// The key of the transfer.
    pub(super) transfer_key: String,
    pub(super) cluster: String,
    operation: String,
}

impl Stage {
    /// Names without anything behind them.
    pub(super) fn nothing() -> Self {
        let id = "00000000-0000-4000-8000-000000000001".to_owned();
        Self {
            project: cloud::project(),
            volume: id.clone(),
            snapshot: id.clone(),
            attachment: id.clone(),
            message: id.clone(),
            volume_type: id.clone(),
            qos: id.clone(),
            group_type: id.clone(),
            group: id.clone(),
            group_snapshot: id.clone(),
            cluster: id.clone(),
            operation: id.clone(),
            transfer: id,
            transfer_key: "0123456789abcdef".to_owned(),
        }
    }

    /// Puts there what the endpoint works on.
    pub(super) async fn set(cloud: &Cloud, endpoint: &Endpoint) -> Self {
        let mut stage = Self { project: cloud::project(), ..Self::default() };
        let (op, path) = (endpoint.op, endpoint.path);
        if path.contains("{qos_id}") {
            stage.qos = new_qos_specs(cloud, &stage.project).await;
        }
        if path.contains("{target_project_id}") && op.starts_with("default_type.") {
            let admin = cloud.client(&stage.project, &["admin"]);
            let wish = json!({ "default_type": { "volume_type": "__DEFAULT__" } });
            let _ =
                admin.put(&format!("/default-types/{}", stage.project), &wish).await.expect(200);
        }
        let to_another = op == "volume.action.retype";
        if path.contains("{type_id}") || path.ends_with("associate") || to_another {
            stage.volume_type = new_type(cloud, &stage.project, op).await;
        }
        if path.contains("{group_id}") {
            stage.group = new_group(cloud, &stage.project).await;
        }
        let of_snapshots =
            ["group_snapshot.", "cgsnapshot."].iter().any(|kind| op.starts_with(kind));
        let of_groups = op.starts_with("cg.") || op.ends_with("create_from_src");
        if (of_snapshots || of_groups) && !op.ends_with("list") && !op.ends_with("detail") {
            stage.group = new_group(cloud, &stage.project).await;
            if of_snapshots || op.ends_with("create_from_src") {
                let admin = cloud.client(&stage.project, &["admin"]);
                let _ = admin.volume_in(&stage.group).await;
                if !op.ends_with("create") {
                    stage.group_snapshot = admin.group_snapshot(&stage.group).await;
                }
            }
        }
        if path.contains("{group_type_id}") || op == "group.create" {
            stage.group_type = new_group_type(cloud, &stage.project).await;
        }
        if path.contains("{message_id}") {
            stage.message = new_message(cloud, &stage.project).await;
        }
        let needs_volume = ["{volume_id}", "{snapshot_id}", "{attachment_id}"];
        let transfers = op.starts_with("transfer");
        let names_volume = transfers
            || ["snapshot.create", "attachment.create"].contains(&op)
            || op.starts_with("manageable-snapshot");
        if names_volume || needs_volume.iter().any(|name| path.contains(name)) {
            let default = stage::default_type(&cloud.db).await;
            let staged = stage::stage(cloud, &stage.project, default, wanted(endpoint)).await;
            stage.volume = staged.volume.to_string();
            stage.snapshot = staged.snapshot.map(|id| id.to_string()).unwrap_or_default();
            stage.attachment = staged.attachment.map(|id| id.to_string()).unwrap_or_default();
        }
        if op.starts_with("cluster.") {
            stage.cluster = new_cluster(cloud, &stage.project).await;
        }
        if path.contains("{operation_id}") {
            stage.operation = new_operation(cloud, &stage.project).await;
        }
        if path.contains("{transfer_id}") {
            (stage.transfer, stage.transfer_key) = new_transfer(cloud, &stage).await;
        }
        stage
    }

    /// What `{key}` names is a spec of a type.
    fn has_specs(&self) -> bool {
        !self.volume_type.is_empty() || !self.group_type.is_empty()
    }

    /// The path with what is there in place of its names.
    pub(super) fn filled(&self, path: &str) -> String {
        // The one field that a query names, not the path.
        let query = match path {
            _ if path.ends_with("associate") => "?vol_type_id={type_id}",
            _ if path.contains("manage") => "?host={host}",
            // What is no revision is refused, so that no stream begins.
            _ if path.ends_with("/events") => "?from=nowhere",
            _ => "",
        };
        let path = path.replace("/encryption/{key}", "/encryption/cipher") + query;
        [
            ("{qos_id}", self.qos.as_str()),
            ("{encryption_id}", KEY),
            ("{volume_id}", self.volume.as_str()),
            ("{snapshot_id}", &self.snapshot),
            ("{attachment_id}", &self.attachment),
            ("{message_id}", &self.message),
            ("{type_id}", &self.volume_type),
            ("{group_type_id}", &self.group_type),
            ("{group_id}", &self.group),
            ("{group_snapshot_id}", &self.group_snapshot),
            ("{id}", if path.contains("cgsnap") { &self.group_snapshot } else { &self.group }),
            ("{transfer_id}", &self.transfer),
            ("{cluster_name}", &self.cluster),
            ("{operation_id}", &self.operation),
            ("{version}", "latest"),
            ("{target_project_id}", &self.project),
            ("{key}", if self.has_specs() { SPEC } else { KEY }),
            ("{alias}", "os-hosts"),
            ("{class}", "default"),
            ("{host}", &format!("{HOST}@sim")),
        ]
        .iter()
        .fold(path, |path, (name, value)| path.replace(name, value))
    }

    /// The person's client, of the same connections as `base`.
    pub(super) fn client(&self, base: &Client, person: &str) -> Client {
        let (project, roles) = match person {
            "none" => (self.project.clone(), ""),
            "foreign" => (cloud::project(), "member,reader"),
            "member" => (self.project.clone(), "member,reader"),
            role => (self.project.clone(), role),
        };
        let mut client = base.with_token(&format!("tester:{project}:{roles}"));
        client.project = project;
        client
    }
}

/// The statuses from which the operation starts.
fn wanted(endpoint: &Endpoint) -> Wanted {
    let volume = match endpoint.op {
        "volume.action.detach"
        | "volume.action.begin_detaching"
        | "volume.action.terminate_connection"
        | "volume.action.force_detach" => VolumeStatus::InUse,
        "volume.action.unreserve" => VolumeStatus::Attaching,
        "volume.action.roll_detaching" => VolumeStatus::Detaching,
        "attachment.show" | "attachment.update" | "attachment.delete" => VolumeStatus::Reserved,
        "attachment.action.complete" => VolumeStatus::Attaching,
        _ => VolumeStatus::Available,
    };
    let snapshot = match endpoint.op {
        "snapshot.action.update_snapshot_status" => SnapshotStatus::Creating,
        _ => SnapshotStatus::Available,
    };
    let attachment = match endpoint.op {
        "attachment.action.complete" => AttachStatus::Attaching,
        _ => AttachStatus::Reserved,
    };
    Wanted {
        volume,
        kind: Kind::Plain,
        snapshot: (endpoint.path.contains("{snapshot_id}")
            || endpoint.op == "volume.action.revert")
            .then_some(snapshot),
        attachment: endpoint.path.contains("{attachment_id}").then_some(attachment),
    }
}

/// A type with one spec; a private one, which the project may use, for what is about access.
async fn new_type(cloud: &Cloud, project: &str, op: &str) -> String {
    let admin = cloud.client(project, &["admin"]);
    let is_public = !op.starts_with("type.access");
    let wish = json!({ "volume_type": {
        "name": format!("type of {project}"), "os-volume-type-access:is_public": is_public,
        "extra_specs": { SPEC: "<is> True" },
    } });
    let made = admin.post("/types", &wish).await.expect(200);
    let id = id_of(&made.body["volume_type"]);
    if ["type.encryption.show", "type.encryption.update", "type.encryption.delete"].contains(&op) {
        let wish = json!({ "provider": "luks", "control_location": "front-end" });
        let encryption = json!({ "encryption": wish });
        let _ = admin.post(&format!("/types/{id}/encryption"), &encryption).await.expect(200);
    }
    if op == "type.access.remove" {
        let grant = json!({ "addProjectAccess": { "project": project } });
        let _ = admin.post(&format!("/types/{id}/action"), &grant).await.expect(202);
    }
    id
}

async fn new_group_type(cloud: &Cloud, project: &str) -> String {
    let admin = cloud.client(project, &["admin"]);
    let name = format!("type of {project}");
    let wish = json!({ "group_type": { "name": name, "group_specs": { SPEC: "<is> True" } } });
    id_of(&admin.post("/group_types", &wish).await.expect(202).body["group_type"])
}

/// A group without volumes.
async fn new_group(cloud: &Cloud, project: &str) -> String {
    let admin = cloud.client(project, &["admin"]);
    let name = admin.group_type(json!({})).await;
    admin.group(&name, &["__DEFAULT__"]).await
}

/// An offer of the staged volume, and its key.
async fn new_transfer(cloud: &Cloud, stage: &Stage) -> (String, String) {
    let admin = cloud.client(&stage.project, &["admin"]);
    let wish = json!({ "transfer": { "volume_id": stage.volume } });
    let made = admin.post("/volume-transfers", &wish).await.expect(202);
    let key = made.body["transfer"]["auth_key"].as_str().expect("a key").to_owned();
    (id_of(&made.body["transfer"]), key)
}

/// A cluster without services, as Cinder writes it.
async fn new_cluster(cloud: &Cloud, name: &str) -> String {
    let mut tx = cloud.db.begin().await.expect("a transaction");
    let sql = "INSERT INTO clusters (deleted, name, \"binary\", disabled, race_preventer, frozen) \
               VALUES (FALSE, ?, 'cinder-volume', FALSE, 0, FALSE)";
    tx.execute(sql, args![name]).await.expect("a cluster");
    tx.commit().await.expect("it is stored");
    name.to_owned()
}

/// The operation that makes a volume.
async fn new_operation(cloud: &Cloud, project: &str) -> String {
    let admin = cloud.client(project, &["admin"]);
    let volume = id_of(&admin.create_volume(json!({ "size": 1 })).await);
    let filter = flows::Filter { resource_id: Some(volume), ..flows::Filter::default() };
    let mut tx = cloud.db.read().await.expect("the database answers");
    let found = flows::list(&mut tx, &filter).await.expect("operations can be listed");
    found.first().expect("the volume has one").record.id.to_string()
}

/// QoS specs with one key.
async fn new_qos_specs(cloud: &Cloud, project: &str) -> String {
    let admin = cloud.client(project, &["admin"]);
    let wish = json!({ "qos_specs": { "name": format!("specs of {project}"), KEY: "1" } });
    let made = admin.post("/qos-specs", &wish).await.expect(200);
    id_of(&made.body["qos_specs"])
}

async fn new_message(cloud: &Cloud, project: &str) -> String {
    let mut tx = cloud.db.begin().await.expect("a transaction");
    let what = UserMessage {
        subject: Subject::Volume,
        action: Action::ScheduleAllocateVolume,
        detail: Detail::NoValidBackend,
    };
    let (request_id, resource_uuid) = ("req-1", "00000000-0000-4000-8000-000000000001");
    let new = NewMessage { project_id: project, request_id, resource_uuid, what };
    let month = Duration::from_secs(30 * 24 * 3600);
    let stored = messages::insert(&mut tx, &new, Clock::System.now(), month).await;
    let id = stored.expect("a message");
    tx.commit().await.expect("it is stored");
    id.to_string()
}

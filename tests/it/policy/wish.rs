//! What each operation is asked to do.

use ashlar_clients::Tls;
use ashlar_clients::keystone::{Domain, Keystone, Login, Scope, User};
use ashlar_testkit::cloud::HOST;
use ashlar_types::Clock;
use serde_json::{Value, json};

use super::stage::{SPEC, Stage};
use crate::state_matrix::stage::KEY;

/// The body of the request, or what stands under the action's name.
pub(super) fn body(op: &str, stage: &Stage) -> Option<Value> {
    let key = json!({ KEY: "changed" });
    Some(match op {
        _ if op.starts_with("volume.action.") => return on_volume(op),
        _ if op.starts_with("type.") => return on_type(op, stage),
        _ if op.starts_with("service.") => return on_service(op),
        "volume.create" => json!({ "volume": { "size": 1 } }),
        "volume.update" => json!({ "volume": { "name": "renamed" } }),
        "snapshot.create" => json!({ "snapshot": { "volume_id": stage.volume } }),
        "snapshot.update" => json!({ "snapshot": { "name": "renamed" } }),
        "snapshot.action.reset_status" => json!({ "status": "error" }),
        "snapshot.action.update_snapshot_status" => json!({ "status": "available" }),
        "volume.metadata.create"
        | "volume.metadata.replace"
        | "snapshot.metadata.create"
        | "snapshot.metadata.replace" => json!({ "metadata": key }),
        "volume.metadata.set" | "snapshot.metadata.set" => json!({ "meta": key }),
        "quota.update" => json!({ "quota_set": { "volumes": 20 } }),
        "quota_class.update" => json!({ "quota_class_set": { "volumes": 20 } }),
        "attachment.create" => json!({ "attachment": {
            "volume_uuid": stage.volume, "instance_uuid": "11111111-2222-4333-8444-555555555555",
        } }),
        "attachment.update" => json!({ "attachment": { "connector": connector() } }),
        "placement.dry_run" => json!({ "volume": { "size": 1 } }),
        _ => return None,
    })
}

fn connector() -> Value {
    json!({ "host": "compute-1", "ip": "192.0.2.1", "initiator": "iqn.1993-08.org.debian:1" })
}

fn on_volume(op: &str) -> Option<Value> {
    Some(match op {
        "volume.action.extend" => json!({ "new_size": 2 }),
        "volume.action.reset_status" => json!({ "status": "error" }),
        "volume.action.readonly" => json!({ "readonly": true }),
        "volume.action.set_bootable" => json!({ "bootable": true }),
        "volume.action.set_image_metadata" => json!({ "metadata": { "os_type": "linux" } }),
        "volume.action.unset_image_metadata" => json!({ "key": "os_type" }),
        "volume.action.upload_image" => json!({ "image_name": "uploaded" }),
        "volume.action.attach" => json!({
            "instance_uuid": "11111111-2222-4333-8444-555555555555", "mountpoint": "/dev/vdb",
        }),
        "volume.action.detach" => json!({}),
        "volume.action.force_detach" => json!({ "connector": connector() }),
        "volume.action.initialize_connection" | "volume.action.terminate_connection" => {
            json!({ "connector": connector() })
        }
        _ => return None,
    })
}

fn on_type(op: &str, stage: &Stage) -> Option<Value> {
    Some(match op {
        "type.create" => json!({ "volume_type": { "name": format!("new of {}", stage.project) } }),
        "type.update" => json!({ "volume_type": { "description": "changed" } }),
        "type.extra_specs.create" => json!({ "extra_specs": { "more": "value" } }),
        "type.extra_specs.update" => json!({ SPEC: "<is> False" }),
        "type.access.add" | "type.access.remove" => json!({ "project": stage.project }),
        _ => return None,
    })
}

fn on_service(op: &str) -> Option<Value> {
    let host = format!("{HOST}@sim");
    Some(match op {
        "service.list" => return None,
        "service.freeze" | "service.thaw" => json!({ "host": host }),
        "service.disable_log_reason" => {
            json!({ "binary": "cinder-volume", "host": host, "disabled_reason": "tests" })
        }
        _ => json!({ "binary": "cinder-volume", "host": host }),
    })
}

/// An account at a Keystone that nobody asks: who has no token is refused without.
pub(super) fn account() -> Keystone {
    let domain = || Domain::Name("Default".to_owned());
    let login = Login {
        auth_url: "http://127.0.0.1:9".to_owned(),
        user: User::Name { name: "cinder".to_owned(), domain: domain() },
        password: "password".into(),
        scope: Scope::Project { name: "service".to_owned(), domain: domain() },
    };
    Keystone::new(login, &Tls::default(), Clock::System).expect("an account")
}

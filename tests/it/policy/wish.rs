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
        _ if op.starts_with("volume.action.") => return on_volume(op, stage),
        _ if op.starts_with("type.") => return on_type(op, stage),
        "group.action.create_from_src" => json!({ "group_snapshot_id": stage.group_snapshot }),
        "group_snapshot.create" => json!({ "group_snapshot": { "group_id": stage.group } }),
        "group_snapshot.action.reset_status" => json!({ "status": "error" }),
        "cgsnapshot.create" => json!({ "cgsnapshot": { "consistencygroup_id": stage.group } }),
        _ if op.starts_with("cg.") => return on_consistency_group(op, stage),
        _ if op.starts_with("group.") => return on_group(op, stage),
        _ if op.starts_with("group_type.") => return on_group_type(op, stage),
        "transfer.create" | "transfer-legacy.create" => {
            json!({ "transfer": { "volume_id": stage.volume } })
        }
        "transfer.accept" | "transfer-legacy.accept" => {
            json!({ "accept": { "auth_key": stage.transfer_key } })
        }
        _ if op.starts_with("service.") => return on_service(op),
        "cluster.enable" | "cluster.disable" => json!({ "name": stage.cluster }),
        "worker.cleanup" => json!({}),
        "qos.create" => json!({ "qos_specs": { "name": format!("new of {}", stage.project) } }),
        "qos.update" => json!({ "qos_specs": key }),
        "qos.delete_keys" => json!({ "keys": [KEY] }),
        "default_type.set" => json!({ "default_type": { "volume_type": "__DEFAULT__" } }),
        "host.update" => json!({ "status": "enable" }),
        "manageable-volume.create" | "manageable-volume-legacy.create" => {
            json!({ "volume": { "host": format!("{HOST}@sim"), "ref": { "source-name": "disk" } } })
        }
        "manageable-snapshot.create" | "manageable-snapshot-legacy.create" => {
            json!({ "snapshot": { "volume_id": stage.volume, "ref": { "source-name": "disk" } } })
        }
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

fn on_volume(op: &str, stage: &Stage) -> Option<Value> {
    Some(match op {
        "volume.action.extend" => json!({ "new_size": 2 }),
        "volume.action.reset_status" => json!({ "status": "error" }),
        "volume.action.extend_completion" => json!({}),
        "volume.action.retype" => json!({ "new_type": stage.volume_type }),
        "volume.action.revert" => json!({ "snapshot_id": stage.snapshot }),
        "volume.action.reimage" => {
            json!({ "image_id": "00000000-0000-4000-8000-000000000001" })
        }
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
        "type.encryption.create" | "type.encryption.update" => json!({ "encryption": {
            "provider": "luks", "control_location": "front-end", "key_size": 256,
        } }),
        "type.extra_specs.create" => json!({ "extra_specs": { "more": "value" } }),
        "type.extra_specs.update" => json!({ SPEC: "<is> False" }),
        "type.access.add" | "type.access.remove" => json!({ "project": stage.project }),
        _ => return None,
    })
}

fn on_group_type(op: &str, stage: &Stage) -> Option<Value> {
    Some(match op {
        "group_type.create" => {
            json!({ "group_type": { "name": format!("new of {}", stage.project) } })
        }
        "group_type.update" => json!({ "group_type": { "description": "changed" } }),
        "group_type.specs.create" => json!({ "group_specs": { "more": "value" } }),
        "group_type.specs.update" => json!({ SPEC: "<is> False" }),
        _ => return None,
    })
}

fn on_consistency_group(op: &str, stage: &Stage) -> Option<Value> {
    Some(match op {
        "cg.create" => json!({ "consistencygroup": { "volume_types": "__DEFAULT__" } }),
        "cg.create_from_src" => {
            json!({ "consistencygroup-from-src": { "cgsnapshot_id": stage.group_snapshot } })
        }
        "cg.update" => json!({ "consistencygroup": { "name": "renamed" } }),
        "cg.delete" => json!({}),
        _ => return None,
    })
}

fn on_group(op: &str, stage: &Stage) -> Option<Value> {
    Some(match op {
        "group.create" => json!({ "group": {
            "group_type": stage.group_type, "volume_types": ["__DEFAULT__"],
        } }),
        "group.update" => json!({ "group": { "name": "renamed" } }),
        "group.action.reset_status" => json!({ "status": "error" }),
        "group.action.delete"
        | "group.action.enable_replication"
        | "group.action.disable_replication"
        | "group.action.failover_replication"
        | "group.action.list_replication_targets" => json!({}),
        _ => return None,
    })
}

fn on_service(op: &str) -> Option<Value> {
    let host = format!("{HOST}@sim");
    Some(match op {
        "service.list" => return None,
        "service.freeze" | "service.thaw" | "service.failover_host" | "service.failover" => {
            json!({ "host": host })
        }
        "service.get_log" => json!({}),
        "service.set_log" => json!({ "level": "INFO" }),
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

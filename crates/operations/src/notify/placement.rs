//! `scheduler.create_volume`: what was asked for, as Cinder's scheduler has it.

use std::collections::BTreeMap;

use ashlar_db::{DbError, Tx, qos_specs, volumes};
use ashlar_flow::TaskError;
use ashlar_types::{RequestSpec, Timestamp, Volume, VolumeType};
use serde_json::{Map, Value, json};

use super::{By, Letters, events};
use crate::SchedulerContext;
use crate::classify::database;

/// `scheduler.create_volume` with priority ERROR: no pool would do for a new volume, or placing it failed altogether.
/// `reason` is for operators, who read notifications; the user is told by a message.
pub(crate) async fn placement_failed(
    tx: &mut Tx,
    cx: &SchedulerContext,
    spec: &RequestSpec,
    reason: &str,
    now: Timestamp,
) -> Result<(), TaskError> {
    let mut letters = Letters::new(&cx.settings, now);
    if !letters.are_wanted() {
        return Ok(());
    }
    let Some(volume) = volumes::get(tx, spec.volume_id).await.map_err(database)? else {
        return Ok(());
    };
    let qos_specs = qos_specs(tx, &spec.volume_type).await.map_err(database)?;
    let properties = volume_properties(spec, &volume, qos_specs);
    letters.plain(events::SCHEDULER_CREATE_VOLUME, || {
        json!({
            "request_spec": request_spec(spec, &volume, &properties),
            "volume_properties": properties,
            "volume_id": spec.volume_id,
            "state": "error",
            "method": "create_volume",
            "reason": reason,
        })
    });
    letters.post(tx, &By::spec(spec), now).await.map_err(database)
}

/// What the type's QoS specs say; Cinder has none rather than empty ones.
async fn qos_specs(
    tx: &mut Tx,
    volume_type: &VolumeType,
) -> Result<Option<BTreeMap<String, String>>, DbError> {
    let Some(id) = &volume_type.qos_specs_id else { return Ok(None) };
    let specs = qos_specs::specs(tx, id).await?;
    Ok((!specs.is_empty()).then_some(specs))
}

/// The request under the names that Cinder's `RequestSpec` has when it reaches the scheduler.
fn request_spec(spec: &RequestSpec, volume: &Volume, properties: &Value) -> Value {
    let mut told = json!({
        "volume_id": spec.volume_id,
        "volume": as_asked_for(volume, spec),
        "snapshot_id": spec.source.named("snapshot_id"),
        "source_volid": spec.source.named("source_volid"),
        "image_id": null,
        "backup_id": null,
        "consistencygroup_id": volume.consistencygroup_id,
        "cgsnapshot_id": null,
        "group_id": volume.group_id,
        "volume_properties": properties,
        "resource_properties": properties,
        "volume_type": volume_type(&spec.volume_type),
        "availability_zones": spec.availability_zones,
        "operation": "create_volume",
    });
    if let Some(pinned) = &spec.pinned {
        told["resource_backend"] = pinned.as_str().into();
    }
    told
}

/// The request under the names that Cinder's `VolumeProperties` has. Quota is not reserved here but taken at once, so
/// `reservations` is always empty.
fn volume_properties(
    spec: &RequestSpec,
    volume: &Volume,
    qos_specs: Option<BTreeMap<String, String>>,
) -> Value {
    let mut told = json!({
        "size": spec.size.0,
        "user_id": spec.user_id,
        "project_id": spec.project_id,
        "status": "creating",
        "attach_status": "detached",
        "encryption_key_id": volume.encryption_key_id,
        "display_name": volume.name,
        "display_description": volume.description,
        "multiattach": volume.multiattach,
        "volume_type_id": spec.volume_type.id,
        "snapshot_id": spec.source.named("snapshot_id"),
        "source_volid": spec.source.named("source_volid"),
        "consistencygroup_id": volume.consistencygroup_id,
        "cgsnapshot_id": null,
        "group_id": volume.group_id,
        "qos_specs": qos_specs,
        "reservations": [],
        "metadata": metadata(spec),
    });
    // Cinder names a zone when there is a single one that will do.
    if let [zone] = spec.availability_zones.as_slice() {
        told["availability_zone"] = zone.as_str().into();
    }
    told
}

/// The new volume as it was before it failed: no host, and still `creating`. What Cinder adds from other tables
/// (attachments, the type once more) is left out, and so is `provider_auth`.
fn as_asked_for(volume: &Volume, spec: &RequestSpec) -> Value {
    json!({
        "id": volume.id,
        "_name_id": volume.name_id,
        "name": volume.backend_name(),
        "name_id": volume.name_id.unwrap_or(volume.id),
        "user_id": volume.user_id,
        "project_id": volume.project_id,
        "use_quota": volume.use_quota,
        "snapshot_id": volume.snapshot_id,
        "source_volid": volume.source_volid,
        "cluster_name": volume.cluster_name,
        "host": null,
        "size": volume.size.0,
        "availability_zone": volume.availability_zone,
        "status": "creating",
        "attach_status": volume.attach_status.as_str(),
        "migration_status": volume.migration_status,
        "previous_status": volume.previous_status,
        "display_name": volume.name,
        "display_description": volume.description,
        "volume_type_id": volume.volume_type_id,
        "encryption_key_id": volume.encryption_key_id,
        "consistencygroup_id": volume.consistencygroup_id,
        "group_id": volume.group_id,
        "bootable": volume.bootable,
        "multiattach": volume.multiattach,
        "replication_status": volume.replication_status,
        "service_uuid": volume.service_uuid,
        "shared_targets": volume.shared_targets,
        "metadata": metadata(spec),
        "created_at": volume.created_at.to_string(),
    })
}

fn volume_type(volume_type: &VolumeType) -> Value {
    json!({
        "id": volume_type.id,
        "name": volume_type.name,
        "description": volume_type.description,
        "is_public": volume_type.is_public,
        "qos_specs_id": volume_type.qos_specs_id,
        "extra_specs": volume_type.extra_specs,
        "created_at": volume_type.created_at.map(|at| at.to_string()),
        "updated_at": volume_type.updated_at.map(|at| at.to_string()),
    })
}

fn metadata(spec: &RequestSpec) -> Map<String, Value> {
    spec.metadata.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()
}

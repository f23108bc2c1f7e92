//! Notifications: events for whoever meters or watches the cloud, in Cinder's types and payloads. They are written to the
//! outbox in the transaction that they tell of; a sender takes them from there.

use ashlar_db::Tx;
use ashlar_db::notifications::{self, Notification};
use ashlar_flow::TaskError;
use ashlar_types::{NotificationId, RequestSpec, Timestamp};
use serde_json::{Map, Value, json};

use crate::SchedulerContext;
use crate::classify::database;

/// `scheduler.create_volume` with priority ERROR: no pool would do for a new volume. `reason` is for operators, who read
/// notifications; the user is told by a message.
pub(crate) async fn placement_failed(
    tx: &mut Tx,
    cx: &SchedulerContext,
    spec: &RequestSpec,
    reason: &str,
    now: Timestamp,
) -> Result<(), TaskError> {
    if !cx.settings.notifications {
        return Ok(());
    }
    let properties = volume_properties(spec);
    let notification = Notification {
        id: NotificationId::random(),
        event_type: "scheduler.create_volume".to_owned(),
        priority: "ERROR".to_owned(),
        publisher_id: format!("scheduler.{}", cx.host),
        payload: json!({
            "request_spec": request_spec(spec, &properties),
            "volume_properties": properties,
            "volume_id": spec.volume_id,
            "state": "error",
            "method": "create_volume",
            "reason": reason,
        }),
        created_at: now,
    };
    notifications::insert(tx, &notification).await.map_err(database)
}

/// The request under the names that Cinder's request spec has.
fn request_spec(spec: &RequestSpec, properties: &Value) -> Value {
    json!({
        "volume_id": spec.volume_id,
        "snapshot_id": spec.source.named("snapshot_id"),
        "source_volid": spec.source.named("source_volid"),
        "image_id": null,
        "backup_id": null,
        "consistencygroup_id": null,
        "cgsnapshot_id": null,
        "group_id": null,
        "group_backend": null,
        "resource_backend": spec.pinned.as_ref().map(|pinned| pinned.as_str()),
        "volume_properties": properties,
        "resource_properties": properties,
        "volume_type": {
            "id": spec.volume_type.id,
            "name": spec.volume_type.name,
            "qos_specs_id": spec.volume_type.qos_specs_id,
            "extra_specs": spec.volume_type.extra_specs,
        },
        "availability_zones": spec.availability_zones,
        "operation": "create_volume",
    })
}

fn volume_properties(spec: &RequestSpec) -> Value {
    let metadata: Map<String, Value> =
        spec.metadata.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
    json!({
        "size": spec.size.0,
        "user_id": spec.user_id,
        "project_id": spec.project_id,
        "availability_zone": spec.availability_zones.first(),
        "status": "creating",
        "attach_status": "detached",
        "volume_type_id": spec.volume_type.id,
        "snapshot_id": spec.source.named("snapshot_id"),
        "source_volid": spec.source.named("source_volid"),
        "metadata": metadata,
    })
}

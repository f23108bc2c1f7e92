//! Groups: what each operation asks for, what it finds, and what became of the group.

use ashlar_db::{Db, DbError, args, group_types, groups, transact, volume_types, volumes};
use ashlar_testkit::Cloud;
use ashlar_testkit::cloud::HOST;
use ashlar_types::{
    AttachStatus, BackendName, Clock, Group, GroupId, GroupStatus, GroupType, GroupTypeId,
    Metadata, Volume, VolumeStatus, VolumeType, VolumeTypeId,
};
use serde_json::{Value, json};

use super::deed::{Deed, post, put};
use super::group_snapshots;
use super::matrix::Row;
use super::stage::{Staged, volume};

const GROUP: &str = "/groups/{group_id}";
const ACTION: &str = "/groups/{group_id}/action";

/// What a row finds beside the group's status.
struct Wanted<'r> {
    status: &'r str,
    /// Replication state, for rows about that.
    replication: Option<&'r str>,
    /// Status of the volume, and whether it is in the group.
    volume: (VolumeStatus, bool),
}

/// The request for an operation on a group.
pub(super) fn on_group(operation: &str) -> Option<Deed> {
    let delete = |volumes: bool| post(ACTION, json!({ "delete": { "delete-volumes": volumes } }));
    Some(match operation {
        "delete (empty)" | "delete (with volumes) false" => delete(false),
        "delete (with volumes) true" => delete(true),
        "PUT name" => put(GROUP, json!({ "group": { "name": "renamed" } })),
        "PUT add_volumes" => put(GROUP, json!({ "group": { "add_volumes": "{volume_id}" } })),
        "POST volume in group" => post(
            "/volumes",
            json!({ "volume": {
            "size": 1, "volume_type": "__DEFAULT__", "group_id": "{group_id}",
        } }),
        ),
        other => match (other.strip_prefix("delete-volumes with "), reset(other)) {
            (Some(_), _) => delete(true),
            (None, Some(body)) => post(ACTION, body),
            (None, None) => return None,
        },
    })
}

/// The request for `<action> from <replication state>`.
pub(super) fn on_replication(operation: &str) -> Option<Deed> {
    let (action, _) = operation.split_once(" from ")?;
    Some(post(ACTION, json!({ action: {} })))
}

/// `reset_status -> 'x'`.
fn reset(operation: &str) -> Option<Value> {
    let status = operation.strip_prefix("reset_status -> '")?.strip_suffix('\'')?;
    Some(json!({ "reset_status": { "status": status } }))
}

fn wanted<'r>(row: &Row) -> Wanted<'r>
where
    'static: 'r,
{
    let replication = row.operation.split_once(" from ").map(|(_, state)| state);
    let of_volume = row
        .operation
        .split_once(" with ")
        .and_then(|(_, rest)| rest.strip_suffix(" volume"))
        .and_then(|status| status.parse().ok());
    let inside = of_volume.is_some()
        || row.operation.contains("(with volumes)")
        || group_snapshots::needs_volume(row);
    Wanted {
        status: if row.resource == "group_snapshot" { "available" } else { row.before },
        replication: replication.filter(|_| row.resource == "group replication"),
        volume: (of_volume.unwrap_or(VolumeStatus::Available), inside),
    }
}

/// A group of a type of its own, and a volume of 1 GiB beside or in it. Nobody has attached it, whatever its status.
pub(super) async fn stage(
    cloud: &Cloud,
    project: &str,
    default_type: VolumeTypeId,
    row: &Row,
) -> Staged {
    let wanted = wanted(row);
    let replicated = wanted.replication.is_some();
    let group_type = group_type(replicated);
    let of_volumes = replicated.then(replicated_type);
    let (status, inside) = wanted.volume;
    let volume_type = of_volumes.as_ref().map_or(default_type, |made| made.id);
    let mut volume = volume(project, volume_type, status);
    volume.attach_status = AttachStatus::Detached;
    let group = group(&volume, &group_type, &wanted);
    volume.group_id = inside.then_some(group.id);
    let now = group.created_at;
    let stored: Result<(), DbError> = transact!(cloud.db, tx => async {
        group_types::insert(tx, &group_type, now).await?;
        if let Some(made) = &of_volumes {
            volume_types::insert(tx, made, now).await?;
        }
        groups::insert(tx, &group).await?;
        // The replication rows were measured without volumes.
        volumes::insert(tx, &volume, &Metadata::new()).await
    }.await);
    stored.expect("rows can be written");
    let group_snapshot = group_snapshots::stage(&cloud.db, &group, &volume, row).await;
    Staged {
        volume: volume.id,
        snapshot: None,
        attachment: None,
        transfer: None,
        group: Some(group.id),
        group_snapshot,
    }
}

fn group_type(replicated: bool) -> GroupType {
    let id = GroupTypeId::random();
    let spec = ("group_replication_enabled".to_owned(), Some("<is> True".to_owned()));
    GroupType {
        id,
        name: id.to_string(),
        description: None,
        is_public: true,
        group_specs: replicated.then_some(spec).into_iter().collect(),
        created_at: None,
        updated_at: None,
    }
}

fn replicated_type() -> VolumeType {
    let id = VolumeTypeId::random();
    VolumeType {
        id,
        name: id.to_string(),
        description: None,
        is_public: true,
        qos_specs_id: None,
        extra_specs: [("replication_enabled".to_owned(), Some("<is> True".to_owned()))].into(),
        created_at: None,
        updated_at: None,
    }
}

fn group(volume: &Volume, group_type: &GroupType, wanted: &Wanted<'_>) -> Group {
    let replication = wanted.replication.unwrap_or("disabled");
    Group {
        id: GroupId::random(),
        project_id: volume.project_id.clone(),
        user_id: volume.user_id.clone(),
        cluster_name: None,
        host: Some(BackendName::new(HOST, "sim").pool("pool")),
        availability_zone: Some("nova".to_owned()),
        name: Some("group".to_owned()),
        description: None,
        group_type_id: Some(group_type.id),
        status: wanted.status.parse::<GroupStatus>().expect("a group's status"),
        group_snapshot_id: None,
        source_group_id: None,
        replication_status: (replication != "None").then(|| replication.to_owned()),
        volume_types: volume.volume_type_id.into_iter().collect(),
        created_at: Clock::System.now(),
        updated_at: None,
    }
}

/// What stands in the group's row: its status, or its replication state for a row about that.
pub(super) async fn now(db: &Db, id: GroupId, row: &Row) -> String {
    let sql = "SELECT status, replication_status FROM \"groups\" WHERE id = ?";
    let mut tx = db.read().await.expect("the database answers");
    let found = tx.row(sql, args![id]).await.expect("the row can be read").expect("it is there");
    let column = usize::from(row.resource == "group replication");
    let text: Option<String> = found.get(column).expect("a text or nothing");
    text.unwrap_or_else(|| "None".to_owned())
}

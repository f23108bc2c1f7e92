//! Group snapshots, and groups made from a source: what each operation asks for, what it finds, and what became of it.

use ashlar_db::{Db, DbError, args, group_snapshots, snapshots, transact};
use ashlar_types::{Group, GroupSnapshot, GroupSnapshotId, Metadata, SnapshotStatus, Volume};
use serde_json::json;

use super::deed::{Deed, delete, post};
use super::matrix::Row;
use super::stage::of_volume;

const ONE: &str = "/group_snapshots/{group_snapshot_id}";
const ACTION: &str = "/group_snapshots/{group_snapshot_id}/action";

/// The request for an operation on a group that makes something of it.
pub(super) fn on_group(operation: &str) -> Option<Deed> {
    if operation == "create-from-src group" {
        let wish = json!({ "source_group_id": "{group_id}" });
        return Some(post("/groups/action", json!({ "create-from-src": wish })));
    }
    let taken = operation == "POST group_snapshot" || operation.starts_with("group_snapshot with ");
    let wish = json!({ "group_snapshot": { "group_id": "{group_id}" } });
    taken.then(|| post("/group_snapshots", wish))
}

/// The request for an operation on a group snapshot.
pub(super) fn on_group_snapshot(operation: &str) -> Option<Deed> {
    Some(match operation {
        "DELETE" => delete(ONE),
        "reset_status available" => {
            post(ACTION, json!({ "reset_status": { "status": "available" } }))
        }
        _ => return None,
    })
}

/// Whether the row was measured with a volume in the group, though its operation does not say so.
pub(super) fn needs_volume(row: &Row) -> bool {
    row.resource == "group_snapshot"
        || ["POST group_snapshot", "create-from-src group"].contains(&row.operation)
}

/// A group snapshot with one snapshot, for a row about one.
pub(super) async fn stage(
    db: &Db,
    group: &Group,
    volume: &Volume,
    row: &Row,
) -> Option<GroupSnapshotId> {
    if row.resource != "group_snapshot" {
        return None;
    }
    let made = GroupSnapshot {
        id: GroupSnapshotId::random(),
        group_id: group.id,
        project_id: group.project_id.clone(),
        user_id: group.user_id.clone(),
        name: None,
        description: None,
        status: row.before.parse().expect("a group snapshot's status"),
        group_type_id: group.group_type_id,
        created_at: group.created_at,
        updated_at: None,
    };
    let mut snapshot = of_volume(volume, SnapshotStatus::Available);
    snapshot.group_snapshot_id = Some(made.id.to_string());
    let stored: Result<(), DbError> = transact!(db, tx => async {
        group_snapshots::insert(tx, &made).await?;
        snapshots::insert(tx, &snapshot, &Metadata::new()).await
    }.await);
    stored.expect("rows can be written");
    Some(made.id)
}

/// What stands in the group snapshot's row as its status.
pub(super) async fn now(db: &Db, id: GroupSnapshotId) -> String {
    let sql = "SELECT status FROM group_snapshots WHERE id = ?";
    let mut tx = db.read().await.expect("the database answers");
    let row = tx.row(sql, args![id]).await.expect("the row can be read").expect("it is there");
    row.get(0).expect("a text")
}

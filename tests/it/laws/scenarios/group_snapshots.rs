//! Snapshots of groups, and groups made from a source. What is prepared is the group and, where there is one, its snapshot.

use ashlar_flow::BoxFuture;
use ashlar_testkit::Client;
use ashlar_testkit::make::id_of;
use serde_json::{Value, json};

use super::{End, Prepared, made};

async fn full_group(client: &Client) -> String {
    let group_type = client.group_type(json!({})).await;
    let group = client.group(&group_type, &["__DEFAULT__"]).await;
    for _ in 0..2 {
        let _ = client.volume_in(&group).await;
    }
    group
}

pub(super) fn a_full_group(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move { Prepared { volume: full_group(&client).await, snapshot: String::new() } })
}

pub(super) fn a_group_snapshot(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let volume = full_group(&client).await;
        let snapshot = client.group_snapshot(&volume).await;
        Prepared { volume, snapshot }
    })
}

/// How the members of a group or group snapshot stand, which is as it does itself.
async fn agree(client: &Client, kind: &str, key: &str, id: &str, end: End) {
    let wanted = if end == End::Done { "available" } else { "error" };
    all_say(client, kind, (key, id), wanted).await;
}

async fn all_say(client: &Client, kind: &str, (key, id): (&str, &str), wanted: &str) {
    let all = client.get(&format!("/{kind}/detail")).await.expect(200).body[kind].clone();
    let all = all.as_array().expect("a list");
    let members: Vec<&Value> = all.iter().filter(|it| it[key] == id).collect();
    assert_eq!(members.len(), 2, "{all:?}");
    assert!(members.iter().all(|it| it["status"] == wanted), "{members:?}");
}

pub(super) fn create(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let body = json!({ "group_snapshot": { "group_id": there.volume } });
        let answer = client.post("/group_snapshots", &body).await.expect(202);
        let id = id_of(&answer.body["group_snapshot"]);
        let end = made(&client, "group_snapshots", &id).await;
        agree(&client, "snapshots", "group_snapshot_id", &id, end).await;
        end
    })
}

pub(super) fn delete(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let id = there.snapshot;
        let _ = client.delete(&format!("/group_snapshots/{id}")).await.expect(202);
        match client.settled("group_snapshots", &id).await {
            None => End::Done,
            Some(left) => {
                assert_eq!(left["status"], "error", "{left}");
                let members = ("group_snapshot_id", id.as_str());
                all_say(&client, "snapshots", members, "error_deleting").await;
                End::Undone
            }
        }
    })
}

async fn copy(client: &Client, wish: Value) -> End {
    let answer = client.post("/groups/action", &json!({ "create-from-src": wish })).await;
    let id = id_of(&answer.expect(202).body["group"]);
    let end = made(client, "groups", &id).await;
    agree(client, "volumes", "group_id", &id, end).await;
    end
}

pub(super) fn create_from_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move { copy(&client, json!({ "group_snapshot_id": there.snapshot })).await })
}

pub(super) fn create_from_group(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move { copy(&client, json!({ "source_group_id": there.volume })).await })
}

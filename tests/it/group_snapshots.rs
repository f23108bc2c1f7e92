//! Snapshots of groups and groups made from them, on a whole cloud; and the consistency groups of old over both.

mod consistency;
mod sources;

use ashlar_db::testing;
use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

const DEFAULT: &str = "__DEFAULT__";

/// A group for volumes of the default type. Its id.
async fn group(client: &Client) -> String {
    let group_type = client.with_roles(&["admin"]).group_type(json!({})).await;
    client.group(&group_type, &[DEFAULT]).await
}

/// A group with two volumes of 1 GiB. Its id and theirs.
async fn full_group(client: &Client) -> (String, [String; 2]) {
    let group = group(client).await;
    let volumes = [client.volume_in(&group).await, client.volume_in(&group).await];
    (group, volumes)
}

/// What a list of identities in an answer names, in order.
fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|it| it["id"].as_str().expect("an id")).collect()
}

/// The snapshots that belong to the group snapshot.
async fn members(client: &Client, group_snapshot: &str) -> Vec<Value> {
    let all = client.get("/snapshots/detail").await.expect(200).body["snapshots"].clone();
    let all = all.as_array().expect("a list").clone();
    all.into_iter().filter(|it| it["group_snapshot_id"] == group_snapshot).collect()
}

async fn delete_group(client: &Client, group: &str) {
    let wish = json!({ "delete-volumes": true });
    let _ = client.act_on_group(group, "delete", wish).await.expect(202);
    client.wait_gone("groups", group).await;
}

async fn delete_snapshot(client: &Client, id: &str) {
    let _ = client.delete(&format!("/group_snapshots/{id}")).await.expect(202);
    client.wait_gone("group_snapshots", id).await;
}

#[tokio::test]
async fn a_group_snapshot_has_a_snapshot_of_each_volume_and_goes_with_them() {
    for place in testing::databases().await {
        let sim = cloud::sim();
        let cloud = Cloud::on(place, Plan::with_sim(&sim)).await;
        let client = cloud.member();
        let (group, volumes) = full_group(&client).await;
        for volume in &volumes {
            assert!(sim.write("pool", &format!("volume-{volume}"), b"before"));
        }
        let wish = json!({ "group_id": group, "name": "gs", "description": "d" });
        let made = client.post("/group_snapshots", &json!({ "group_snapshot": wish })).await;
        let made = made.expect(202).body["group_snapshot"].clone();
        let id = id_of(&made);
        assert_eq!(made["name"], "gs");
        assert!(made["group_type_id"].is_string(), "{made}");
        let shown = client.wait_for("group_snapshots", &id, "available").await;
        assert_eq!((&shown["group_id"], &shown["description"]), (&json!(group), &json!("d")));
        let snapshots = members(&client, &id).await;
        assert_eq!(snapshots.len(), 2);
        for snapshot in &snapshots {
            assert_eq!(
                (&snapshot["name"], &snapshot["status"]),
                (&json!("gs"), &json!("available"))
            );
            let name = format!("snapshot-{}", id_of(snapshot));
            assert_eq!(sim.read("pool", &name).as_deref(), Some(b"before".as_slice()));
            let path = format!("/snapshots/{}", id_of(snapshot));
            let refused = client.delete(&path).await.expect(400);
            assert!(refused.message().contains("group"), "{}", refused.body);
        }
        let delete = json!({ "delete": { "delete-volumes": true } });
        let refused = client.post(&format!("/groups/{group}/action"), &delete).await.expect(400);
        assert_eq!(refused.message(), "Invalid Group: Group has existing snapshots.");
        let path = format!("/group_snapshots/{id}");
        let _ = cloud.member().delete(&path).await.expect(404);
        let _ = client.with_roles(&["reader"]).delete(&path).await.expect(403);
        delete_snapshot(&client, &id).await;
        assert!(members(&client, &id).await.is_empty());
        delete_group(&client, &group).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn what_no_snapshot_can_be_taken_of_is_refused_and_takes_no_quota() {
    let limits = [("volumes", -1), ("gigabytes", 5), ("snapshots", 3), ("groups", -1)];
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&limits)).await;
    let client = cloud.admin();
    let take = async |group: &str| {
        let body = json!({ "group_snapshot": { "group_id": group } });
        let answer = client.post("/group_snapshots", &body).await;
        (answer.status, answer.message().to_owned())
    };
    let empty = group(&client).await;
    let none = "Invalid Group: Source group cannot be empty or in 'creating' or 'updating' state. No \
                group snapshot will be created.";
    assert_eq!(take(&empty).await, (400, none.to_owned()));
    let nobody = "00000000-0000-4000-8000-000000000001";
    assert_eq!(take(nobody).await, (404, format!("Group {nobody} could not be found.")));
    let (full, volumes) = full_group(&client).await;
    let reset = async |status: &str| {
        let wish = json!({ "status": status });
        let _ = client.act(&volumes[0], "os-reset_status", wish).await.expect(202);
    };
    reset("error").await;
    let (status, message) = take(&full).await;
    assert_eq!(status, 400);
    assert!(message.starts_with("Invalid volume: The snapshot cannot be created"), "{message}");
    reset("available").await;
    let first = client.group_snapshot(&full).await;
    // Two volumes and two snapshots have four of the five.
    let (status, message) = take(&full).await;
    assert_eq!(status, 413);
    assert!(message.starts_with("VolumeSizeExceedsAvailableQuota: "), "{message}");
    delete_snapshot(&client, &first).await;
    let usage = client.get(&format!("/os-quota-sets/{}?usage=true", client.project)).await;
    let usage = usage.expect(200).body["quota_set"].clone();
    assert_eq!(
        (&usage["snapshots"]["in_use"], &usage["gigabytes"]["in_use"]),
        (&json!(0), &json!(2))
    );
    cloud.check().await;
}

#[tokio::test]
async fn a_group_snapshot_that_the_backend_cannot_take_leaves_rows_in_error_and_nothing_there() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let client = cloud.admin();
    let (group, _) = full_group(&client).await;
    let call = Call::EnsureGroupSnapshot;
    sim.plan(PlannedFailure::after(call, When::Always, FailureKind::Broken));
    let body = json!({ "group_snapshot": { "group_id": group } });
    let made = client.post("/group_snapshots", &body).await.expect(202);
    let id = id_of(&made.body["group_snapshot"]);
    client.wait_for("group_snapshots", &id, "error").await;
    sim.clear_plan();
    let snapshots = members(&client, &id).await;
    assert!(snapshots.iter().all(|snapshot| snapshot["status"] == "error"), "{snapshots:?}");
    let told = client.get("/messages").await.expect(200).body["messages"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(2), "one for each snapshot: {told}");
    cloud.check().await;
    delete_snapshot(&client, &id).await;
    delete_group(&client, &group).await;
    cloud.check().await;
}

#[tokio::test]
async fn lists_have_pages_order_and_filters_from_3_29_on() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let (group, _) = full_group(&client).await;
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        let wish = json!({ "group_id": group, "name": name });
        let answer = client.post("/group_snapshots", &json!({ "group_snapshot": wish })).await;
        let id = id_of(&answer.expect(202).body["group_snapshot"]);
        client.wait_for("group_snapshots", &id, "available").await;
        made.push(id);
    }
    let page = client.get("/group_snapshots?sort=name:asc&limit=2").await.expect(200).body;
    assert_eq!(ids(&page["group_snapshots"]), [&made[0], &made[1]]);
    assert!(
        page["group_snapshot_links"][0]["href"]
            .as_str()
            .is_some_and(|link| { link.contains(&format!("marker={}", made[1])) })
    );
    let path = format!("/group_snapshots?sort=name:asc&marker={}", made[1]);
    let rest = client.get(&path).await.expect(200).body;
    assert_eq!(ids(&rest["group_snapshots"]), [&made[2]]);
    let named = client.get("/group_snapshots/detail?name=b").await.expect(200).body;
    assert_eq!(ids(&named["group_snapshots"]), [&made[1]]);
    assert_eq!(named["group_snapshots"][0]["project_id"], client.project.as_str());
    let like = client.get("/group_snapshots?name~=B").await.expect(200).body;
    assert!(ids(&like["group_snapshots"]).len() <= 1, "{like}");
    let early = client.at(28).get("/group_snapshots?limit=1&name=b").await.expect(200).body;
    assert_eq!(ids(&early["group_snapshots"]).len(), 3, "the query is not read");
    let _ = client.at(13).get("/group_snapshots").await.expect(404);
    let other = cloud.member().get("/group_snapshots").await.expect(200).body;
    assert_eq!(other, json!({ "group_snapshots": [] }));
    let all = cloud.admin().get("/group_snapshots?all_tenants=1").await.expect(200).body;
    assert_eq!(ids(&all["group_snapshots"]).len(), 3);
    cloud.check().await;
}

#[tokio::test]
async fn an_administrator_resets_the_status_and_nothing_else() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let (group, _) = full_group(&client).await;
    let id = client.group_snapshot(&group).await;
    let path = format!("/group_snapshots/{id}/action");
    let reset = async |status: &str| {
        client.post(&path, &json!({ "reset_status": { "status": status } })).await.status
    };
    assert_eq!(reset("Error").await, 202);
    client.wait_for("group_snapshots", &id, "error").await;
    let snapshots = members(&client, &id).await;
    assert!(snapshots.iter().all(|snapshot| snapshot["status"] == "available"));
    assert_eq!(reset("in-use").await, 400);
    let body = json!({ "reset_status": { "status": "available" } });
    let _ = client.with_roles(&["member", "reader"]).post(&path, &body).await.expect(403);
    let _ = client.at(18).post(&path, &body).await.expect(404);
    assert_eq!(reset("deleted").await, 202);
    let refused = client.delete(&format!("/group_snapshots/{id}")).await.expect(400);
    assert!(refused.message().starts_with("Invalid GroupSnapshot: "), "{}", refused.body);
    assert_eq!(reset("error").await, 202);
    delete_snapshot(&client, &id).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_group_snapshot_goes_after_a_revert_that_reads_from_it() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let client = cloud.admin();
    let (group, [volume, _]) = full_group(&client).await;
    let name = format!("volume-{volume}");
    assert!(sim.write("pool", &name, b"then"));
    let id = client.group_snapshot(&group).await;
    assert!(sim.write("pool", &name, b"now"));
    let snapshots = members(&client, &id).await;
    let snapshot = snapshots.iter().find(|it| it["volume_id"] == volume.as_str());
    let snapshot = id_of(snapshot.expect("there is one of each volume"));
    // Not before the removal was asked for.
    sim.plan(PlannedFailure::before(Call::EnsureReverted, When::First(3), FailureKind::Busy));
    let wish = json!({ "snapshot_id": snapshot });
    let _ = client.act(&volume, "revert", wish).await.expect(202);
    // While it says `restoring` the removal is refused.
    let reset = json!({ "os-reset_status": { "status": "available" } });
    let _ = client.post(&format!("/snapshots/{snapshot}/action"), &reset).await.expect(202);
    delete_snapshot(&client, &id).await;
    client.wait_for("volumes", &volume, "available").await;
    assert_eq!(sim.read("pool", &name).as_deref(), Some(b"then".as_slice()));
    delete_group(&client, &group).await;
    cloud.check().await;
}

//! Consistency groups and their snapshots: the API of old.

use ashlar_testkit::Cloud;
use ashlar_testkit::make::id_of;
use serde_json::{Value, json};

use super::{DEFAULT, full_group, ids};

#[tokio::test]
async fn a_consistency_group_lives_with_volumes_snapshots_and_copies() {
    let cloud = Cloud::start().await;
    let client = cloud.member().at(0);
    let wish = json!({ "name": " cg ", "description": "d", "volume_types": format!("{DEFAULT},") });
    let made = client.post("/consistencygroups", &json!({ "consistencygroup": wish })).await;
    let made = made.expect(202).body["consistencygroup"].clone();
    let id = id_of(&made);
    assert_eq!(made, json!({ "id": id, "name": "cg" }));
    let shown = client.wait_for("consistencygroups", &id, "available").await;
    let keys: Vec<&String> = shown.as_object().expect("an object").keys().collect();
    let fields =
        ["availability_zone", "created_at", "description", "id", "name", "status", "volume_types"];
    assert_eq!(keys, fields);
    let volume = json!({ "size": 1, "volume_type": DEFAULT, "consistencygroup_id": id });
    let volume = client.volume_of(volume).await;
    let shown = client.get(&format!("/volumes/{volume}")).await.expect(200).body["volume"].clone();
    assert_eq!(shown["consistencygroup_id"], id.as_str());
    let listed = client.get("/volumes/detail").await.expect(200).body["volumes"].clone();
    assert_eq!(listed[0]["consistencygroup_id"], id.as_str());

    // It is a group, but not one for the API of groups.
    let newest = client.at(71);
    let refused = newest.get(&format!("/groups/{id}")).await.expect(400);
    assert!(refused.message().contains("reserved for migrating CGs"), "{}", refused.body);
    assert_eq!(newest.get("/groups").await.expect(200).body, json!({ "groups": [] }));
    let listed = client.get("/consistencygroups").await.expect(200).body;
    assert_eq!(listed, json!({ "consistencygroups": [{ "id": id, "name": "cg" }] }));

    let wish = json!({ "cgsnapshot": { "consistencygroup_id": id, "name": "s" } });
    let made = client.post("/cgsnapshots", &wish).await.expect(202).body["cgsnapshot"].clone();
    let snapshot = id_of(&made);
    assert_eq!(made, json!({ "id": snapshot, "name": "s" }));
    let shown = client.wait_for("cgsnapshots", &snapshot, "available").await;
    assert_eq!(shown["consistencygroup_id"], id.as_str());
    let _ = newest.get(&format!("/group_snapshots/{snapshot}")).await.expect(400);
    let listed = newest.get("/group_snapshots").await.expect(200).body;
    assert_eq!(listed, json!({ "group_snapshots": [] }));
    let listed = client.get("/cgsnapshots/detail?limit=1").await.expect(200).body;
    assert_eq!(ids(&listed["cgsnapshots"]), [&snapshot]);

    let mut copies = Vec::new();
    for wish in [json!({ "cgsnapshot_id": snapshot, "name": "c" }), json!({ "source_cgid": id })] {
        let body = json!({ "consistencygroup-from-src": wish });
        let made = client.post("/consistencygroups/create_from_src", &body).await.expect(202);
        let copy = id_of(&made.body["consistencygroup"]);
        client.wait_for("consistencygroups", &copy, "available").await;
        copies.push(copy);
    }
    let _ = client.delete(&format!("/cgsnapshots/{snapshot}")).await.expect(202);
    client.wait_gone("cgsnapshots", &snapshot).await;
    copies.push(id);
    for group in copies {
        let path = format!("/consistencygroups/{group}/delete");
        let refused = client.post(&path, &json!({})).await.expect(400);
        assert!(refused.message().contains("still contains volumes"), "{}", refused.body);
        let force = json!({ "consistencygroup": { "force": true } });
        let _ = client.post(&path, &force).await.expect(202);
        client.wait_gone("consistencygroups", &group).await;
    }
    cloud.check().await;
}

#[tokio::test]
async fn a_consistency_group_is_changed_and_blank_texts_count_from_3_6_on() {
    let cloud = Cloud::start().await;
    let client = cloud.admin().at(0);
    let wish = json!({ "name": "cg", "volume_types": DEFAULT });
    let made = client.post("/consistencygroups", &json!({ "consistencygroup": wish })).await;
    let id = id_of(&made.expect(202).body["consistencygroup"]);
    client.wait_for("consistencygroups", &id, "available").await;
    let path = format!("/consistencygroups/{id}/update");
    let change = async |minor: u32, change: Value| {
        let answer = client.at(minor).put(&path, &json!({ "consistencygroup": change })).await;
        (answer.status, answer.message().to_owned())
    };
    assert_eq!(change(0, json!({ "name": "new", "more": 1 })).await.0, 202);
    assert_eq!(client.wait_for("consistencygroups", &id, "available").await["name"], "new");
    let (status, message) = change(5, json!({ "name": "" })).await;
    assert_eq!(status, 400);
    assert!(message.contains("can not be all empty"), "{message}");
    assert_eq!(change(6, json!({ "name": "" })).await.0, 202);
    let (status, message) = change(6, json!({})).await;
    assert_eq!(status, 400);
    assert!(message.starts_with("Must specify one or more"), "{message}");
    for (wish, part) in [
        (json!({}), "'volume_types' is a required property"),
        (json!({ "volume_types": "" }), "volume_types must be provided"),
    ] {
        let body = json!({ "consistencygroup": wish });
        let refused = client.post("/consistencygroups", &body).await.expect(400);
        assert!(refused.message().contains(part), "{}", refused.body);
    }
    for (wish, part) in [
        (json!({ "name": "n" }), "Either 'cgsnapshot_id' or 'source_cgid'"),
        (json!({ "cgsnapshot_id": id, "source_cgid": id }), "Cannot provide both"),
    ] {
        let body = json!({ "consistencygroup-from-src": wish });
        let refused = client.post("/consistencygroups/create_from_src", &body).await.expect(400);
        assert!(refused.message().contains(part), "{}", refused.body);
    }
    let _ = client.post(&format!("/consistencygroups/{id}/delete"), &json!({})).await.expect(202);
    client.wait_gone("consistencygroups", &id).await;
    cloud.check().await;
}

#[tokio::test]
async fn the_lists_of_old_show_every_group_and_group_snapshot_of_the_project() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let (group, _) = full_group(&client).await;
    let snapshot = client.group_snapshot(&group).await;
    let listed = client.get("/consistencygroups/detail").await.expect(200).body;
    assert_eq!(ids(&listed["consistencygroups"]), [&group]);
    let page = client.get("/consistencygroups?limit=1").await.expect(200).body;
    assert!(page["consistencygroup_links"].is_array(), "{page}");
    let listed = client.get("/cgsnapshots").await.expect(200).body;
    assert_eq!(ids(&listed["cgsnapshots"]), [&snapshot]);
    assert_eq!(
        client.get("/cgsnapshots?offset=1").await.expect(200).body["cgsnapshots"],
        json!([])
    );
    let filtered = client.get("/consistencygroups?status=error").await.expect(200).body;
    assert_eq!(filtered, json!({ "consistencygroups": [] }));
    let other = cloud.member();
    let _ = other.get(&format!("/cgsnapshots/{snapshot}")).await.expect(404);
    let _ = other.get(&format!("/consistencygroups/{group}")).await.expect(404);
    cloud.check().await;
}

//! Snapshots and growth that the volume's pool has no room for, or that its backend cannot do: the project is told, and
//! the volume is as it was.

use ashlar_db::args;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan};
use serde_json::{Map, Value, json};

/// A cloud with one thick pool of 10 GiB.
async fn cloud(pool: SimPool) -> Cloud {
    Cloud::planned(Plan::with_sim(&Sim::new(SimSettings::new("sim", vec![pool])))).await
}

/// The last message of the project: its event and what it is about.
async fn told(client: &Client) -> (Value, Value) {
    let listed = client.get("/messages").await.expect(200);
    let message = &listed.body["messages"][0];
    (message["event_id"].clone(), message["resource_uuid"].clone())
}

/// Asks for growth that is accepted and then refused: the volume keeps `status` and its size.
async fn grow_in_vain(client: &Client, id: &str, to: u64, status: &str) {
    let before = client.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
    let _ = client.act(id, "os-extend", json!({ "new_size": to })).await.expect(202);
    let after = client.wait_for("volumes", id, status).await;
    assert_eq!(after["size"], before["size"]);
    assert_eq!(told(client).await, ("VOLUME_VOLUME_007_003".into(), id.into()));
}

/// The volume is attached, as when another service has done that.
async fn attach(cloud: &Cloud, id: &str) {
    let mut tx = cloud.db.begin().await.expect("begins");
    for sql in [
        "INSERT INTO volume_attachment (id, volume_id, attach_status, deleted) VALUES \
         ('c7f7c6a5-5d2b-4f4e-9f0e-6a9f4c6a0a01', ?, 'attached', FALSE)",
        "UPDATE volumes SET status = 'in-use', attach_status = 'attached' WHERE id = ?",
    ] {
        assert_eq!(tx.execute(sql, args![id]).await.expect("it is there"), 1);
    }
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn a_snapshot_without_room_is_an_error_and_its_volume_is_not() {
    let cloud = cloud(SimPool::thick("pool", 10)).await;
    let admin = cloud.admin();
    let volume = admin.volume(6).await;
    let body = json!({ "snapshot": { "volume_id": volume } });
    let asked = admin.post("/snapshots", &body).await.expect(202);
    let snapshot = id_of(&asked.body["snapshot"]);
    admin.wait_for("snapshots", &snapshot, "error").await;
    assert_eq!(told(&admin).await, ("VOLUME_VOLUME_SNAPSHOT_009_003".into(), snapshot.into()));
    admin.wait_for("volumes", &volume, "available").await;
    cloud.check().await;
}

#[tokio::test]
async fn growth_without_room_leaves_the_volume_as_it_was() {
    let cloud = cloud(SimPool::thick("pool", 10)).await;
    let admin = cloud.admin();
    let volume = admin.volume(6).await;
    grow_in_vain(&admin, &volume, 11, "available").await;
    attach(&cloud, &volume).await;
    grow_in_vain(&admin, &volume, 11, "in-use").await;
    // Exactly what there is can be had.
    let _ = admin.act(&volume, "os-extend", json!({ "new_size": 10 })).await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "in-use").await["size"], 10);
    cloud.check().await;
}

#[tokio::test]
async fn an_attached_volume_does_not_grow_where_the_backend_cannot_do_that() {
    let capabilities = Map::from_iter([("online_extend_support".to_owned(), json!(false))]);
    let cloud = cloud(SimPool { capabilities, ..SimPool::thin("pool", 10) }).await;
    let admin = cloud.admin();
    let volume = admin.volume(1).await;
    attach(&cloud, &volume).await;
    grow_in_vain(&admin, &volume, 2, "in-use").await;
    let reset = json!({ "status": "available", "attach_status": "detached" });
    let _ = admin.act(&volume, "os-reset_status", reset).await.expect(202);
    let _ = admin.act(&volume, "os-extend", json!({ "new_size": 2 })).await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "available").await["size"], 2);
    cloud.check().await;
}

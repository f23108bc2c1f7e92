//! Snapshots that stayed with an earlier owner of their volume: what the next owner does leaves them alone.

use ashlar_db::{args, testing};
use ashlar_drivers::sim::Sim;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

use super::{accept, ask, offer, used};

/// Gives a volume of `giver`'s to `taker`, without its snapshot. Both.
async fn part(giver: &Client, taker: &Client, volume: Value) -> (String, String) {
    let volume = giver.volume_of(volume).await;
    let snapshot = giver.snapshot(&volume).await;
    let offer = offer(giver, &volume, json!({ "no_snapshots": true })).await;
    let _ = accept(taker, &offer).await.expect(202);
    (volume, snapshot)
}

/// Sets the status of a volume, behind the API's back.
async fn set_status(cloud: &Cloud, volume: &str, status: &str) {
    let mut tx = cloud.db.begin().await.expect("begins");
    let sql = "UPDATE volumes SET status = ? WHERE id = ?";
    tx.execute(sql, args![status, volume]).await.expect("written");
    tx.commit().await.expect("stored");
}

/// It was refused for a snapshot of which no more is told.
fn ensure_told(refused: Answer, snapshot: &str) {
    let message = refused.expect(400).message();
    assert!(message.contains("a snapshot of the volume belongs to another project"), "{message}");
    assert!(!message.contains(snapshot), "{message}");
}

#[tokio::test]
async fn the_next_owner_does_not_give_them_away() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (giver, taker, admin) = (cloud.member(), cloud.member(), cloud.admin());
        let (volume, snapshot) = part(&giver, &taker, json!({ "size": 2 })).await;
        let path = format!("/snapshots/{snapshot}");
        for status in ["error", "available"] {
            let reset = json!({ "os-reset_status": { "status": status } });
            let _ = admin.post(&format!("{path}/action"), &reset).await.expect(202);
            ensure_told(ask(&taker, &volume, json!({})).await, &snapshot);
        }
        let again = offer(&taker, &volume, json!({ "no_snapshots": true })).await;
        let _ = accept(&taker, &again).await.expect(202);
        let _ = giver.get(&path).await.expect(200);
        assert_eq!((used(&giver).await, used(&taker).await), ([0, 1, 2], [1, 0, 2]));
        cloud.check().await;
    }
}

#[tokio::test]
async fn one_that_an_administrator_takes_of_what_is_offered_stays_his() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (giver, taker, admin) = (cloud.member(), cloud.member(), cloud.admin());
        let volume = giver.volume(2).await;
        let offer = offer(&giver, &volume, json!({})).await;
        set_status(&cloud, &volume, "available").await;
        let snapshot = admin.snapshot(&volume).await;
        set_status(&cloud, &volume, "awaiting-transfer").await;
        ensure_told(accept(&taker, &offer).await, &snapshot);
        assert_eq!((used(&giver).await, used(&taker).await), ([1, 0, 2], [0, 0, 0]));
        let _ = admin.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
        admin.wait_gone("snapshots", &snapshot).await;
        let _ = accept(&taker, &offer).await.expect(202);
        cloud.check().await;
    }
}

fn name(volume: &str) -> String {
    format!("volume-{volume}")
}

fn write(sim: &Sim, volume: &str, bytes: &[u8]) {
    assert!(sim.write("pool", &name(volume), bytes), "the backend has it");
}

#[tokio::test]
async fn a_revert_goes_back_to_what_the_caller_may_see() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let (giver, taker, admin) = (cloud.member(), cloud.member(), cloud.admin());
    let (volume, foreign) = part(&giver, &taker, json!({ "size": 1 })).await;
    let revert = async |client: &Client, snapshot: &str| {
        client.act(&volume, "revert", json!({ "snapshot_id": snapshot })).await
    };
    write(&sim, &volume, b"the new owner's");
    let message = revert(&taker, &foreign).await.expect(400).message();
    assert_eq!(message, format!("Volume {volume} doesn't have any snapshots."));
    assert_eq!(sim.read("pool", &name(&volume)).as_deref(), Some(&b"the new owner's"[..]));

    let own = taker.snapshot(&volume).await;
    write(&sim, &volume, b"later");
    let newer = admin.snapshot(&volume).await;
    for snapshot in [&newer, &foreign] {
        let message = revert(&taker, snapshot).await.expect(400).message();
        assert!(message.contains("is None or not the latest one of volume"), "{message}");
    }
    let _ = revert(&taker, &own).await.expect(202);
    taker.wait_for("volumes", &volume, "available").await;
    assert_eq!(sim.read("pool", &name(&volume)).as_deref(), Some(&b"the new owner's"[..]));
    cloud.check().await;
}

async fn new_type(cloud: &Cloud, name: &str, specs: Value) -> String {
    let body = json!({ "volume_type": { "name": name, "extra_specs": specs } });
    id_of(&cloud.admin().post("/types", &body).await.expect(200).body["volume_type"])
}

/// What the project uses of a type: volumes, snapshots, gigabytes.
async fn used_of(client: &Client, volume_type: &str) -> [i64; 3] {
    let path = format!("/os-quota-sets/{}?usage=true", client.project);
    let set = client.with_roles(&["admin"]).get(&path).await.expect(200).body["quota_set"].clone();
    ["volumes", "snapshots", "gigabytes"]
        .map(|kind| set[format!("{kind}_{volume_type}")]["in_use"].as_i64().expect("a number"))
}

#[tokio::test]
async fn a_retype_counts_them_for_their_owner() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        new_type(&cloud, "silver", json!({})).await;
        new_type(&cloud, "gold", json!({})).await;
        new_type(&cloud, "elsewhere", json!({ "volume_backend_name": "elsewhere" })).await;
        let wish = json!({ "size": 2, "volume_type": "silver" });
        let (volume, snapshot) = part(&giver, &taker, wish).await;
        let own = taker.snapshot(&volume).await;
        let retype = async |to: &str, code: u16| {
            let answer = taker.act(&volume, "os-retype", json!({ "new_type": to })).await;
            let answer = answer.expect(code);
            let shown = taker.wait_for("volumes", &volume, "available").await;
            (answer.message(), shown["volume_type"].clone())
        };
        assert_eq!(retype("gold", 202).await.1, "gold");
        assert_eq!(used_of(&taker, "gold").await, [1, 1, 4]);
        assert_eq!(used_of(&giver, "gold").await, [0, 1, 2]);
        assert_eq!(
            (used_of(&taker, "silver").await, used_of(&giver, "silver").await),
            ([0; 3], [0; 3])
        );
        // One that fails gives back to each what is his.
        assert_eq!(retype("elsewhere", 202).await.1, "gold");
        assert_eq!(used_of(&giver, "elsewhere").await, [0; 3]);
        cloud.check().await;

        let limit = json!({ "quota_set": { "gigabytes_silver": 1 } });
        let path = format!("/os-quota-sets/{}", giver.project);
        let _ = cloud.admin().put(&path, &limit).await.expect(200);
        let (message, shown) = retype("silver", 400).await;
        assert!(message.contains("belongs to another project, whose quota"), "{message}");
        assert!(!message.contains(&snapshot) && !message.contains(&giver.project), "{message}");
        assert_eq!(shown, "gold");
        assert_eq!(used_of(&taker, "silver").await, [0; 3]);
        for (client, id) in [(&giver, snapshot), (&taker, own)] {
            let _ = client.delete(&format!("/snapshots/{id}")).await.expect(202);
            client.wait_gone("snapshots", &id).await;
        }
        assert_eq!(used_of(&giver, "gold").await, [0; 3]);
        cloud.check().await;
    }
}

//! Changing a volume's type where it lives: what changes with it, and every refusal.

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

use crate::volumes::NOBODY;

/// A type with these extra specs. Its id.
async fn new_type(cloud: &Cloud, name: &str, specs: Value) -> String {
    let body = json!({ "volume_type": { "name": name, "extra_specs": specs } });
    id_of(&cloud.admin().post("/types", &body).await.expect(200).body["volume_type"])
}

async fn retype(client: &Client, volume: &str, to: &str) -> Answer {
    client.act(volume, "os-retype", json!({ "new_type": to })).await
}

/// Usage of the project by resource: those of types only, and not nothing.
async fn usage(client: &Client, types: &[&str]) -> Vec<(String, i64)> {
    let path = format!("/os-quota-sets/{}?usage=true", client.project);
    let sets = client.with_roles(&["admin"]).get(&path).await.expect(200).body;
    let mut used = Vec::new();
    for name in types {
        for kind in ["volumes", "gigabytes", "snapshots"] {
            let amount = sets["quota_set"][format!("{kind}_{name}")]["in_use"].as_i64();
            if let Some(amount) = amount.filter(|amount| *amount != 0) {
                used.push((format!("{kind}_{name}"), amount));
            }
        }
    }
    used
}

async fn told(client: &Client) -> Vec<Value> {
    let listed = client.get("/messages").await.expect(200);
    let messages = listed.body["messages"].as_array().cloned().expect("a list");
    messages.iter().map(|message| message["event_id"].clone()).collect()
}

#[tokio::test]
async fn a_volume_and_its_snapshots_get_the_type_and_its_quota() {
    for place in testing::databases().await {
        let limits = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).limits(&limits)).await;
        let member = cloud.member();
        new_type(&cloud, "silver", json!({})).await;
        let gold = new_type(&cloud, "gold", json!({ "vendor_name": "Ashlar" })).await;
        let volume = member.volume_of(json!({ "size": 3, "volume_type": "silver" })).await;
        let snapshot = member.snapshot(&volume).await;
        let named =
            |name: &str| ["volumes", "gigabytes", "snapshots"].map(|kind| format!("{kind}_{name}"));
        let both = ["silver", "gold"];
        let before: Vec<_> = named("silver").into_iter().zip([1, 6, 1]).collect();
        assert_eq!(usage(&member, &both).await, before);

        let answer = retype(&member, &volume, "gold").await.expect(202);
        assert_eq!(answer.body, Value::Null);
        let shown = member.wait_for("volumes", &volume, "available").await;
        assert_eq!((&shown["volume_type"], &shown["multiattach"]), (&json!("gold"), &json!(false)));
        let after: Vec<_> = named("gold").into_iter().zip([1, 6, 1]).collect();
        assert_eq!(usage(&member, &both).await, after);

        let _ = retype(&member, &volume, &gold).await.expect(400);
        let _ = retype(&member, &volume, "silver").await.expect(202);
        member.wait_for("volumes", &volume, "available").await;
        assert_eq!(usage(&member, &both).await, before);
        let _ = member.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
        member.wait_gone("snapshots", &snapshot).await;
        assert_eq!(usage(&member, &both).await, before_without_snapshot(&before));
        cloud.check().await;
    }
}

fn before_without_snapshot(before: &[(String, i64)]) -> Vec<(String, i64)> {
    vec![before[0].clone(), (before[1].0.clone(), 3)]
}

#[tokio::test]
async fn a_pool_that_does_not_meet_the_type_keeps_the_volume_as_it_was() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    new_type(&cloud, "elsewhere", json!({ "volume_backend_name": "elsewhere" })).await;
    new_type(&cloud, "thick", json!({ "provisioning:type": "thick" })).await;
    new_type(&cloud, "replicated", json!({ "replication_enabled": "<is> True" })).await;
    let volume = member.volume(1).await;
    let was = member.get(&format!("/volumes/{volume}")).await.expect(200).body["volume"].clone();
    let mut count = 0;
    for policy in [None, Some("never"), Some("on-demand")] {
        for name in ["elsewhere", "thick", "replicated"] {
            let mut wish = json!({ "new_type": name });
            if let Some(policy) = policy {
                wish["migration_policy"] = policy.into();
            }
            let _ = member.act(&volume, "os-retype", wish).await.expect(202);
            let now = member.wait_for("volumes", &volume, "available").await;
            assert_eq!(now["volume_type"], was["volume_type"]);
            assert_eq!(usage(&member, &[name]).await, []);
            count += 1;
            let told = told(&member).await;
            assert_eq!(told, vec![json!("VOLUME_VOLUME_001_003"); count]);
        }
    }
    cloud.check().await;
}

#[tokio::test]
async fn a_type_for_another_zone_is_not_for_this_pool() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    new_type(&cloud, "far", json!({ "RESKEY:availability_zones": "far, further" })).await;
    new_type(&cloud, "near", json!({ "RESKEY:availability_zones": "far, nova" })).await;
    let volume = member.volume(1).await;
    let _ = retype(&member, &volume, "far").await.expect(202);
    let now = member.wait_for("volumes", &volume, "available").await;
    assert_ne!(now["volume_type"], "far");
    let _ = retype(&member, &volume, "near").await.expect(202);
    assert_eq!(member.wait_for("volumes", &volume, "available").await["volume_type"], "near");
    cloud.check().await;
}

#[tokio::test]
async fn a_pool_without_room_keeps_the_volumes_that_it_has() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let member = cloud.member();
    new_type(&cloud, "gold", json!({})).await;
    let volume = member.volume(1).await;
    sim.occupy("pool", ashlar_types::Gib(1_000_000));
    let _ = retype(&member, &volume, "gold").await.expect(202);
    assert_eq!(member.wait_for("volumes", &volume, "available").await["volume_type"], "gold");
    cloud.check().await;
}

#[tokio::test]
async fn the_new_types_quota_and_sizes_are_bounds() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    new_type(&cloud, "gold", json!({})).await;
    new_type(&cloud, "large", json!({ "provisioning:min_vol_size": "5" })).await;
    let admin = member.with_roles(&["admin"]);
    let limit = json!({ "quota_set": { "gigabytes_gold": 1 } });
    let _ = admin.put(&format!("/os-quota-sets/{}", member.project), &limit).await.expect(200);
    let volume = member.volume(2).await;
    let message = retype(&member, &volume, "gold").await.expect(413).message();
    assert!(message.contains("gigabytes_gold"), "{message}");
    let message = retype(&member, &volume, "large").await.expect(400).message();
    assert!(message.contains("less than the minimum required size of '5'"), "{message}");
    let now = member.wait_for("volumes", &volume, "available").await;
    assert_ne!(now["volume_type"], "gold");
    assert_eq!(usage(&member, &["gold", "large"]).await, []);
    cloud.check().await;
}

#[tokio::test]
async fn a_type_that_is_not_there_or_not_the_callers_is_not_found() {
    let cloud = Cloud::start().await;
    let (member, admin) = (cloud.member(), cloud.admin());
    let body =
        json!({ "volume_type": { "name": "secret", "os-volume-type-access:is_public": false } });
    let secret = id_of(&admin.post("/types", &body).await.expect(200).body["volume_type"]);
    let volume = member.volume(1).await;
    for name in ["nothing", NOBODY, "secret", &secret] {
        let _ = retype(&member, &volume, name).await.expect(404);
    }
    let _ = retype(&member, NOBODY, "secret").await.expect(404);
    let _ = retype(&cloud.member(), &volume, "secret").await.expect(404);
    let _ = retype(&member.with_roles(&["reader"]), &volume, "secret").await.expect(403);
    for wish in [
        json!({}),
        json!({ "new_type": null }),
        json!({ "new_type": "x", "migration_policy": null }),
        json!({ "new_type": "x", "migration_policy": "always" }),
        json!({ "new_type": "x", "more": 1 }),
    ] {
        let _ = member.act(&volume, "os-retype", wish).await.expect(400);
    }
    let _ = retype(&member.with_roles(&["admin"]), &volume, &secret).await.expect(202);
    assert_eq!(member.wait_for("volumes", &volume, "available").await["volume_type"], "secret");
    cloud.check().await;
}

#[tokio::test]
async fn sharing_changes_only_while_nobody_has_the_volume() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    new_type(&cloud, "shared", json!({ "multiattach": "<is> True" })).await;
    new_type(&cloud, "plain", json!({})).await;
    new_type(&cloud, "other", json!({})).await;
    let volume = admin.volume_of(json!({ "size": 1, "volume_type": "plain" })).await;
    let wish = json!({ "mountpoint": "/dev/vdb", "host_name": "compute-1" });
    let _ = admin.act(&volume, "os-attach", wish).await.expect(202);
    admin.wait_for("volumes", &volume, "in-use").await;
    let message = retype(&admin, &volume, "shared").await.expect(400).message();
    assert!(message.contains("retypes affecting multiattach"), "{message}");
    let _ = retype(&admin, &volume, "other").await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "in-use").await["volume_type"], "other");
    let _ = admin.act(&volume, "os-detach", json!({})).await.expect(202);
    admin.wait_for("volumes", &volume, "available").await;
    let _ = retype(&admin, &volume, "shared").await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "available").await["multiattach"], true);
    cloud.check().await;
}

#[tokio::test]
async fn what_servers_hosts_apply_does_not_change_under_a_server() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let types = [("front", Some("front-end")), ("back", Some("back-end")), ("none", None)];
    for (name, consumer) in types {
        let id = new_type(&cloud, name, json!({})).await;
        if let Some(consumer) = consumer {
            assign_qos(&cloud, &id, consumer).await;
        }
    }
    let volume = admin.volume_of(json!({ "size": 1, "volume_type": "none" })).await;
    let wish = json!({ "mountpoint": "/dev/vdb", "host_name": "compute-1" });
    let _ = admin.act(&volume, "os-attach", wish).await.expect(202);
    admin.wait_for("volumes", &volume, "in-use").await;
    let _ = retype(&admin, &volume, "front").await.expect(400);
    let _ = retype(&admin, &volume, "back").await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "in-use").await["volume_type"], "back");
    let _ = admin.act(&volume, "os-detach", json!({})).await.expect(202);
    admin.wait_for("volumes", &volume, "available").await;
    let _ = retype(&admin, &volume, "front").await.expect(202);
    assert_eq!(admin.wait_for("volumes", &volume, "available").await["volume_type"], "front");
    cloud.check().await;
}

/// QoS specs for the type, written as Cinder's tables have them.
async fn assign_qos(cloud: &Cloud, volume_type: &str, consumer: &str) {
    use ashlar_db::args;
    let mut tx = cloud.db.begin().await.expect("a transaction");
    let specs = format!("specs-{consumer}");
    tx.execute(
        "INSERT INTO quality_of_service_specs (id, \"key\", value, deleted) VALUES (?, \
         'QoS_Specs_Name', ?, FALSE)",
        args![&specs, consumer],
    )
    .await
    .expect("written");
    tx.execute(
        "INSERT INTO quality_of_service_specs (id, specs_id, \"key\", value, deleted) VALUES (?, ?, \
         'consumer', ?, FALSE)",
        args![format!("row-{consumer}"), &specs, consumer],
    )
    .await
    .expect("written");
    tx.execute("UPDATE volume_types SET qos_specs_id = ? WHERE id = ?", args![&specs, volume_type])
        .await
        .expect("written");
    tx.commit().await.expect("it is stored");
}

#[tokio::test]
async fn an_encrypted_type_needs_other_bytes() {
    use ashlar_db::args;
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let locked = new_type(&cloud, "locked", json!({})).await;
    let shared = new_type(&cloud, "both", json!({ "multiattach": "<is> True" })).await;
    let mut tx = cloud.db.begin().await.expect("a transaction");
    for id in [&locked, &shared] {
        tx.execute(
            "INSERT INTO encryption (encryption_id, volume_type_id, provider, control_location, \
             deleted) VALUES (?, ?, 'luks', 'front-end', FALSE)",
            args![format!("e-{}", &id[..8]), id],
        )
        .await
        .expect("written");
    }
    tx.commit().await.expect("it is stored");
    let volume = member.volume(1).await;
    let message = retype(&member, &volume, "both").await.expect(400).message();
    assert!(message.contains("both encryption and multi-attach"), "{message}");
    let _ = retype(&member, &volume, "locked").await.expect(202);
    let now = member.wait_for("volumes", &volume, "available").await;
    assert_ne!(now["volume_type"], "locked");
    assert_eq!(told(&member).await, [json!("VOLUME_VOLUME_001_003")]);
    cloud.check().await;
}

#[tokio::test]
async fn snapshots_that_go_while_the_type_changes_are_counted_once() {
    let limits = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).limits(&limits)).await;
        let member = cloud.member();
        new_type(&cloud, "silver", json!({})).await;
        new_type(&cloud, "gold", json!({})).await;
        let volume = member.volume_of(json!({ "size": 1, "volume_type": "silver" })).await;
        for to in ["gold", "silver", "gold"] {
            let mut snapshots = Vec::new();
            for _ in 0..4 {
                snapshots.push(member.snapshot(&volume).await);
            }
            let going = snapshots.iter().map(async |snapshot| {
                let _ = member.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
            });
            let changing = async {
                let _ = retype(&member, &volume, to).await.expect(202);
            };
            tokio::join!(futures::future::join_all(going), changing);
            for snapshot in &snapshots {
                member.wait_gone("snapshots", snapshot).await;
            }
            let now = member.wait_for("volumes", &volume, "available").await;
            assert_eq!(now["volume_type"], to);
            // Quota is counted anew and compared.
            cloud.check().await;
        }
    }
}

#[tokio::test]
async fn a_type_that_is_deleted_meanwhile_leaves_the_volume_as_it_was() {
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).idle()).await;
    let admin = cloud.admin();
    let gone = new_type(&cloud, "gone", json!({})).await;
    let default = crate::state_matrix::stage::default_type(&cloud.db).await;
    let wanted = crate::state_matrix::stage::Wanted {
        volume: ashlar_types::VolumeStatus::Available,
        kind: crate::state_matrix::deed::Kind::Plain,
        snapshot: None,
        attachment: None,
    };
    let staged = crate::state_matrix::stage::stage(&cloud, &admin.project, default, wanted).await;
    let volume = staged.volume.to_string();
    let _ = retype(&admin, &volume, "gone").await.expect(202);
    let _ = retype(&admin, &volume, "gone").await.expect(400);
    let _ = admin.delete(&format!("/types/{gone}")).await.expect(202);
    let shown = admin.get(&format!("/volumes/{volume}")).await.expect(200);
    assert_eq!(shown.body["volume"]["status"], "retyping");
}

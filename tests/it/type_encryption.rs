//! How volumes of a type are encrypted, through the API; and that no volume comes to be of such a type yet.

use ashlar_db::{DbError, args, testing, transact};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

async fn new_type(admin: &Client, name: &str) -> String {
    let made = admin.post("/types", &json!({ "volume_type": { "name": name } })).await.expect(200);
    id_of(&made.body["volume_type"])
}

fn luks() -> Value {
    json!({ "encryption": {
        "provider": "luks", "control_location": "front-end", "cipher": "aes-xts-plain64",
        "key_size": "256",
    } })
}

#[tokio::test]
async fn encryption_is_made_shown_changed_and_removed() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let gold = new_type(&admin, "gold").await;
        let url = format!("/types/{gold}/encryption");
        assert_eq!(admin.get(&url).await.expect(200).body, json!({}));
        let missing = format!("Volume type encryption for type {gold} does not exist.");
        assert_eq!(admin.get(&format!("{url}/cipher")).await.expect(404).message(), missing);
        assert_eq!(admin.put(&format!("{url}/x"), &luks()).await.expect(404).message(), missing);
        assert_eq!(admin.delete(&format!("{url}/x")).await.expect(404).message(), missing);

        let made = admin.post(&url, &luks()).await.expect(200);
        let made = &made.body["encryption"];
        let id = made["encryption_id"].as_str().expect("an id").to_owned();
        assert_eq!((&made["key_size"], &made["volume_type_id"]), (&json!(256), &json!(gold)));
        let message = admin.post(&url, &luks()).await.expect(400).message();
        assert_eq!(message, format!("Volume type encryption for type {gold} already exists."));

        let shown = admin.get(&url).await.expect(200).body;
        assert_eq!((&shown["encryption_id"], &shown["deleted"]), (&json!(id), &json!(false)));
        assert!(shown["created_at"].is_string() && shown["updated_at"].is_null());
        let one = admin.get(&format!("{url}/cipher")).await.expect(200);
        assert_eq!(one.body, json!({ "cipher": "aes-xts-plain64" }));

        let change = json!({ "encryption": { "cipher": null, "key_size": 512 } });
        let changed = admin.put(&format!("{url}/{id}"), &change).await.expect(200);
        assert_eq!(changed.body, change);
        let shown = admin.get(&url).await.expect(200).body;
        assert_eq!((&shown["cipher"], &shown["key_size"]), (&Value::Null, &json!(512)));
        assert_eq!(shown["provider"], "luks");
        let _ = admin.delete(&format!("{url}/{id}")).await.expect(202);
        assert_eq!(admin.get(&url).await.expect(200).body, json!({}));
    }
}

#[tokio::test]
async fn a_volume_of_an_encrypted_type_is_refused_until_there_is_a_key_manager() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let gold = new_type(&admin, "gold").await;
        let url = format!("/types/{gold}/encryption");
        let made = admin.post(&url, &luks()).await.expect(200);
        let id = made.body["encryption"]["encryption_id"].as_str().expect("an id").to_owned();
        let wish = json!({ "volume": { "size": 1, "volume_type": "gold" } });
        let refused = admin.post("/volumes", &wish).await.expect(400);
        assert_eq!(
            refused.message(),
            "Invalid volume type: volumes of type gold are encrypted, and this service has no key \
             manager yet to make their keys."
        );
        let _ = admin.delete(&format!("{url}/{id}")).await.expect(202);
        let volume = admin.volume_of(json!({ "size": 1, "volume_type": "gold" })).await;
        let refused = admin.post(&url, &luks()).await.expect(400);
        assert_eq!(refused.message(), "Cannot create encryption specs. Volume type in use.");
        let refused = admin.put(&format!("{url}/x"), &luks()).await.expect(400);
        assert_eq!(refused.message(), "Cannot update encryption specs. Volume type in use.");
        let refused = admin.delete(&format!("{url}/x")).await.expect(400);
        assert_eq!(refused.message(), "Cannot delete encryption specs. Volume type in use.");
        let _ = admin.delete(&format!("/volumes/{volume}")).await.expect(202);
        admin.wait_gone("volumes", &volume).await;
        cloud.check().await;
    }
}

/// As in a database that was Cinder's: a volume and its snapshot have a key.
#[tokio::test]
async fn what_has_a_key_is_not_copied() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let volume = admin.volume_of(json!({ "size": 1 })).await;
    let snapshot = admin.snapshot(&volume).await;
    for (source, table) in [("source_volid", "volumes"), ("snapshot_id", "snapshots")] {
        let id = if table == "volumes" { &volume } else { &snapshot };
        let set_key = async |key: Option<&str>| {
            let sql = format!("UPDATE {table} SET encryption_key_id = ? WHERE id = ?");
            let set: Result<u64, DbError> =
                transact!(cloud.db, tx => tx.execute(&sql, args![key, id]).await);
            assert_eq!(set.expect("set"), 1);
        };
        set_key(Some("00000000-0000-4000-8000-000000000002")).await;
        let wish = json!({ "volume": { "size": 1, source: id } });
        let refused = admin.post("/volumes", &wish).await.expect(400);
        assert!(refused.message().contains("is encrypted, and"), "{}", refused.body);
        set_key(None).await;
        let made = admin.post("/volumes", &wish).await.expect(202);
        let _ = admin.wait_for("volumes", &id_of(&made.body["volume"]), "available").await;
    }
    cloud.check().await;
}

/// Whoever makes the type an encrypted one and whoever makes a volume of it come one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_is_encrypted_or_has_a_volume_and_never_both() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        for round in 0..10 {
            let name = format!("type {round}");
            let url = format!("/types/{}/encryption", new_type(&admin, &name).await);
            let wish = json!({ "volume": { "size": 1, "volume_type": name } });
            let encryption = luks();
            let (volume, encrypted) =
                tokio::join!(admin.post("/volumes", &wish), admin.post(&url, &encryption));
            let came = (volume.status, encrypted.status);
            assert!(came == (202, 400) || came == (400, 200), "{came:?}");
            if volume.status == 202 {
                admin.wait_for("volumes", &id_of(&volume.body["volume"]), "available").await;
            }
        }
        cloud.check().await;
    }
}

/// Cinder writes keys of the body into the row whatever they are: here the encryption would be another type's.
#[tokio::test]
async fn defect_a_body_does_not_choose_whose_row_it_is() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let (gold, silver) = (new_type(&admin, "gold").await, new_type(&admin, "silver").await);
    let mut wish = luks();
    wish["encryption"]["volume_type_id"] = silver.as_str().into();
    wish["encryption"]["deleted"] = true.into();
    let made = admin.post(&format!("/types/{gold}/encryption"), &wish).await.expect(200);
    assert_eq!(made.body["encryption"]["volume_type_id"], gold.as_str());
    let of = async |id: &str| admin.get(&format!("/types/{id}/encryption")).await.expect(200).body;
    assert_eq!(of(&silver).await, json!({}));
    assert_eq!(of(&gold).await["deleted"], false);
}

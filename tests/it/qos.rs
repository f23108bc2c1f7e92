//! QoS specs through the API, and what a host learns of them when it connects.

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

async fn specs(admin: &Client, specs: Value) -> String {
    let made = admin.post("/qos-specs", &json!({ "qos_specs": specs })).await.expect(200);
    id_of(&made.body["qos_specs"])
}

async fn new_type(admin: &Client, name: &str) -> String {
    let made = admin.post("/types", &json!({ "volume_type": { "name": name } })).await.expect(200);
    id_of(&made.body["volume_type"])
}

async fn bind(admin: &Client, qos: &str, of: &str) {
    let path = format!("/qos-specs/{qos}/associate?vol_type_id={of}");
    let _ = admin.get(&path).await.expect(202);
}

#[tokio::test]
async fn types_get_specs_and_lose_them_and_specs_in_use_stay() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let fast = specs(&admin, json!({ "name": "fast", "total_iops_sec": "100" })).await;
        let slow = specs(&admin, json!({ "name": "slow" })).await;
        let (gold, silver) = (new_type(&admin, "gold").await, new_type(&admin, "silver").await);
        for of in [&gold, &silver, &gold] {
            bind(&admin, &fast, of).await;
        }
        let listed = admin.get(&format!("/qos-specs/{fast}/associations")).await.expect(200);
        let association =
            |name, id: &str| json!({ "association_type": "volume_type", "name": name, "id": id });
        assert_eq!(
            listed.body,
            json!({ "qos_associations": [association("gold", &gold), association("silver", &silver)] })
        );
        let shown = admin.get(&format!("/types/{gold}")).await.expect(200);
        assert_eq!(shown.body["volume_type"]["qos_specs_id"], fast.as_str());

        let other = format!("/qos-specs/{slow}/associate?vol_type_id={gold}");
        assert_eq!(
            admin.get(&other).await.expect(400).message(),
            format!(
                "Invalid volume type: Type {gold} is already associated with another qos specs: {fast}"
            )
        );
        let none = "00000000-0000-4000-8000-000000000001";
        for deed in ["associate", "disassociate"] {
            let path = format!("/qos-specs/{fast}/{deed}?vol_type_id={none}");
            let message = admin.get(&path).await.expect(404).message();
            assert_eq!(message, format!("Volume type {none} could not be found."));
        }
        let url = format!("/qos-specs/{fast}");
        assert_eq!(admin.delete(&url).await.expect(400).message(), "Qos specs still in use.");
        let path = format!("{url}/disassociate?vol_type_id={gold}");
        let _ = admin.get(&path).await.expect(202);
        let _ = admin.delete(&url).await.expect(400);
        let _ = admin.delete(&format!("{url}?force=True")).await.expect(202);
        let shown = admin.get(&format!("/types/{silver}")).await.expect(200);
        assert_eq!(shown.body["volume_type"]["qos_specs_id"], Value::Null);
        let _ = admin.get(&url).await.expect(404);
        bind(&admin, &slow, &gold).await;
        let _ = admin.get(&format!("/qos-specs/{slow}/disassociate_all")).await.expect(202);
        let _ = admin.delete(&format!("/qos-specs/{slow}")).await.expect(202);
        cloud.check().await;
    }
}

/// Connects the volume; what the host is told of QoS.
async fn told(member: &Client, volume: &str) -> Value {
    let connector = json!({ "host": "compute-1", "ip": "192.0.2.1", "initiator": "iqn.a:b" });
    let wish = json!({ "attachment": { "volume_uuid": volume, "connector": connector } });
    let made = member.post("/attachments", &wish).await.expect(200);
    made.body["attachment"]["connection_info"]["qos_specs"].clone()
}

#[tokio::test]
async fn a_host_is_told_what_it_is_to_apply_and_nothing_that_is_for_the_storage() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    for (consumer, expected) in [
        ("front-end", json!({ "total_iops_sec": "100", "read_bytes_sec": "20" })),
        ("both", json!({ "total_iops_sec": "100", "read_bytes_sec": "20" })),
        ("back-end", Value::Null),
    ] {
        let wish = json!({
            "name": consumer, "consumer": consumer, "total_iops_sec": "100",
            "read_bytes_sec_per_gb": "10",
        });
        let qos = specs(&admin, wish).await;
        bind(&admin, &qos, &new_type(&admin, consumer).await).await;
        let volume = member.volume_of(json!({ "size": 2, "volume_type": consumer })).await;
        assert_eq!(told(&member, &volume).await, expected, "{consumer}");
    }
    let plain = member.volume(1).await;
    assert_eq!(told(&member, &plain).await, Value::Null);
    cloud.check().await;
}

/// Cinder lists a key of that name as specs of their own.
#[tokio::test]
async fn defect_no_key_takes_the_place_of_a_name() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let id = specs(&admin, json!({ "name": "fast" })).await;
    let wish = json!({ "qos_specs": { "QoS_Specs_Name": "another" } });
    let refused = admin.put(&format!("/qos-specs/{id}"), &wish).await.expect(400);
    assert!(refused.message().contains("is reserved"), "{}", refused.message());
    let listed = admin.get("/qos-specs").await.expect(200);
    assert_eq!(listed.body["qos_specs"].as_array().map(Vec::len), Some(1));
}

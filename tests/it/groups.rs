//! Groups of volumes on a whole cloud: placed, filled, changed, deleted; and who is in the way of whom.

mod full;
mod members;

use std::sync::Arc;

use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

const DEFAULT: &str = "__DEFAULT__";

async fn house() -> (Cloud, Client) {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    (cloud, client)
}

/// A group for volumes of the default type. Its id.
async fn group(client: &Client) -> String {
    let group_type = client.group_type(json!({})).await;
    client.group(&group_type, &[DEFAULT]).await
}

async fn delete(client: &Client, group: &str, volumes: bool) -> ashlar_testkit::Answer {
    client.act_on_group(group, "delete", json!({ "delete-volumes": volumes })).await
}

async fn change(client: &Client, group: &str, change: Value) -> ashlar_testkit::Answer {
    client.put(&format!("/groups/{group}"), &json!({ "group": change })).await
}

/// Its volumes, in order.
async fn volumes_of(client: &Client, group: &str) -> Vec<String> {
    let shown = client.get(&format!("/groups/{group}?list_volume=true")).await.expect(200);
    let volumes = shown.body["group"]["volumes"].as_array().expect("a list").clone();
    volumes.iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_group_is_placed_and_shown() {
    let (cloud, client) = house().await;
    let group_type = client.group_type(json!({ "key": "value" })).await;
    let wish = json!({
        "group_type": group_type, "volume_types": [DEFAULT], "name": " g ", "description": "d",
        "availability_zone": "nova",
    });
    let made = client.post("/groups", &json!({ "group": wish })).await.expect(202);
    let id = id_of(&made.body["group"]);
    assert_eq!(made.body, json!({ "group": { "id": id, "name": "g" } }));
    let group = client.wait_for("groups", &id, "available").await;
    assert_eq!(group["description"], "d");
    assert_eq!(group["availability_zone"], "nova");
    assert_eq!(group["replication_status"], "disabled");
    assert_eq!(group["project_id"], client.project.as_str());
    assert_eq!(group["volume_types"].as_array().map(Vec::len), Some(1));
    let listed = client.get("/groups").await.expect(200);
    assert_eq!(listed.body, json!({ "groups": [{ "id": id, "name": "g" }] }));
    assert_eq!(delete(&client, &id, false).await.status, 202);
    client.wait_gone("groups", &id).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_group_goes_to_a_backend_that_will_do_for_all_its_types_and_so_do_its_volumes() {
    let backend = |name: &str| {
        let sim = Sim::new(SimSettings::new(name, vec![SimPool::thin("pool", 1000)]));
        (name.to_owned(), Arc::new(sim) as Arc<dyn Driver>)
    };
    let plan = Plan::with_backends(vec![backend("one"), backend("two")]);
    let cloud = Cloud::planned(plan).await;
    let client = cloud.admin();
    for backend in ["one", "two"] {
        let specs = json!({ "volume_backend_name": backend });
        let wish = json!({ "volume_type": { "name": backend, "extra_specs": specs } });
        let _ = client.post("/types", &wish).await.expect(200);
    }
    let group_type = client.group_type(json!({})).await;
    let group = client.group(&group_type, &["two", DEFAULT]).await;
    let wish = json!({ "size": 1, "volume_type": DEFAULT, "group_id": group });
    for _ in 0..3 {
        let id = client.volume_of(wish.clone()).await;
        let shown = client.get(&format!("/volumes/{id}")).await.expect(200);
        let host = shown.body["volume"]["os-vol-host-attr:host"].as_str().expect("a host");
        assert!(host.contains("@two#"), "{host}");
        assert_eq!(shown.body["volume"]["group_id"], group);
    }
    let wish = json!({ "group_type": group_type, "volume_types": ["one", "two"] });
    let made = client.post("/groups", &json!({ "group": wish })).await.expect(202);
    let nowhere = id_of(&made.body["group"]);
    client.wait_for("groups", &nowhere, "error").await;
    assert_eq!(delete(&client, &nowhere, false).await.status, 202, "a group without a place goes");
    assert_eq!(client.get(&format!("/groups/{nowhere}")).await.status, 404);
    assert_eq!(delete(&client, &group, true).await.status, 202);
    client.wait_gone("groups", &group).await;
    cloud.check().await;
}

#[tokio::test]
async fn what_a_group_is_made_of_must_be_there() {
    let (cloud, client) = house().await;
    let group_type = client.group_type(json!({})).await;
    let refused = async |wish: Value| {
        let answer = client.post("/groups", &json!({ "group": wish })).await;
        (answer.status, answer.message())
    };
    let nobody = "00000000-0000-4000-8000-000000000001";
    assert_eq!(
        refused(json!({ "group_type": "none", "volume_types": [DEFAULT] })).await,
        (404, "Group type with name none could not be found.".to_owned())
    );
    assert_eq!(
        refused(json!({ "group_type": nobody, "volume_types": [DEFAULT] })).await,
        (404, format!("Group type {nobody} could not be found."))
    );
    assert_eq!(
        refused(json!({ "group_type": group_type, "volume_types": ["none"] })).await,
        (404, "Volume type with name none could not be found.".to_owned())
    );
    let zone = json!({
        "group_type": group_type, "volume_types": [DEFAULT], "availability_zone": "mars",
    });
    let message = "Invalid input received: Availability zone 'mars' is invalid.";
    assert_eq!(refused(zone).await, (400, message.to_owned()));
    let old = json!({ "group_type": "default_cgsnapshot_type", "volume_types": [DEFAULT] });
    let (status, message) = refused(old).await;
    assert!(status == 400 && message.contains("is reserved for migrating CGs"), "{message}");
    cloud.check().await;
}

#[tokio::test]
async fn groups_count_against_their_quota_until_they_are_gone() {
    let plan = Plan::with_sim(&cloud::sim()).limits(&[("groups", 2)]);
    let cloud = Cloud::planned(plan).await;
    let client = cloud.admin();
    let first = group(&client).await;
    let _second = group(&client).await;
    let group_type = client.group_type(json!({})).await;
    let wish = json!({ "group": { "group_type": group_type, "volume_types": [DEFAULT] } });
    let over = client.post("/groups", &wish).await;
    assert_eq!(over.status, 413);
    assert_eq!(over.message(), "GroupLimitExceeded: Maximum number of groups allowed (2) exceeded");
    assert_eq!(delete(&client, &first, false).await.status, 202);
    client.wait_gone("groups", &first).await;
    client.group(&group_type, &[DEFAULT]).await;
    cloud.check().await;
}

#[tokio::test]
async fn another_projects_group_is_not_there() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let other = cloud.member();
    assert_eq!(other.get(&format!("/groups/{group}")).await.status, 404);
    assert_eq!(delete(&other, &group, true).await.status, 404);
    assert_eq!(change(&other, &group, json!({ "name": "x" })).await.status, 404);
    let wish = json!({ "size": 1, "volume_type": DEFAULT, "group_id": group });
    let answer = other.post("/volumes", &json!({ "volume": wish })).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(other.get("/groups").await.expect(200).body, json!({ "groups": [] }));
    cloud.check().await;
}

//! Quota sets over a real database.

use ashlar_db::quotas::{self, Limits};
use ashlar_db::{DbError, Tx, transact, volume_types};
use ashlar_types::quota::Delta;
use ashlar_types::{VolumeType, VolumeTypeId};
use serde_json::{Value, json};

use crate::testing::House;

const ADMIN: (&str, u16) = ("root:abc", 0);
const READER: (&str, u16) = ("me:def:reader", 0);

async fn furnish(tx: &mut Tx, house: &House) -> Result<(), DbError> {
    let now = house.app.clock.now();
    let secret = VolumeType {
        id: VolumeTypeId::random(),
        name: "secret".to_owned(),
        description: None,
        is_public: false,
        qos_specs_id: None,
        extra_specs: [].into(),
        created_at: Some(now),
        updated_at: None,
    };
    volume_types::insert(tx, &secret, now).await?;
    let deltas = [Delta::new("volumes", 2), Delta::new("gigabytes", 7)];
    let taken = quotas::take(tx, "def", &deltas, &Limits::default(), now).await?;
    taken.expect("unlimited");
    Ok(())
}

/// With a private type, and usage in project `def`.
async fn house() -> House {
    let house = House::furnished().await;
    let db = &house.app.db;
    let done: Result<(), DbError> = transact!(db, tx => furnish(tx, &house).await);
    done.expect("written");
    house
}

fn set(body: &Value) -> &serde_json::Map<String, Value> {
    body["quota_set"].as_object().expect("a set")
}

#[tokio::test]
async fn a_set_has_every_resource_and_those_of_the_types_that_the_caller_sees() {
    let house = house().await;
    let own = house.get(READER, "/v3/os-quota-sets/def").await.body;
    let mut names: Vec<&str> = set(&own).keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "backup_gigabytes",
            "backups",
            "gigabytes",
            "gigabytes___DEFAULT__",
            "groups",
            "id",
            "per_volume_gigabytes",
            "snapshots",
            "snapshots___DEFAULT__",
            "volumes",
            "volumes___DEFAULT__",
        ]
    );
    assert_eq!(
        (&own["quota_set"]["id"], &own["quota_set"]["volumes"]),
        (&json!("def"), &json!(-1))
    );
    let all = house.get(ADMIN, "/v3/os-quota-sets/def").await.body;
    assert_eq!(set(&all).len(), 14);
    assert!(set(&all).contains_key("snapshots_secret"));
}

#[tokio::test]
async fn usage_is_shown_on_demand() {
    let house = house().await;
    let body = house.get(READER, "/v3/def/os-quota-sets/def?usage=True").await.body;
    assert_eq!(body["quota_set"]["gigabytes"], json!({ "limit": -1, "in_use": 7, "reserved": 0 }));
    assert_eq!(body["quota_set"]["id"], "def");
    let wrong = house.get(READER, "/v3/os-quota-sets/def?usage=maybe").await;
    assert_eq!(wrong.fault(), (400, "Value 'maybe' for 'usage' is not a boolean."));
}

#[tokio::test]
async fn the_sets_of_others_are_for_administrators() {
    let house = house().await;
    for path in ["/v3/os-quota-sets/abc", "/v3/os-quota-sets/abc/defaults"] {
        let got = house.get(READER, path).await;
        let message = "Policy doesn't allow volume_extension:quotas:show to be performed.";
        assert_eq!(got.fault(), (403, message));
        assert_eq!(house.get(ADMIN, path).await.status, 200);
        assert_eq!(house.get(("me:abc:", 0), path).await.status, 403);
    }
    let wish = json!({ "quota_set": { "volumes": 1 } });
    let own = "/v3/os-quota-sets/def";
    assert_eq!(house.ask(READER, "PUT", own, &wish).await.status, 403);
    assert_eq!(house.ask(READER, "DELETE", own, &Value::Null).await.status, 403);
}

#[tokio::test]
async fn limits_are_written_together_and_taken_away_together() {
    let house = house().await;
    let path = "/v3/os-quota-sets/def";
    let put =
        async |inner: Value| house.ask(ADMIN, "PUT", path, &json!({ "quota_set": inner })).await;
    let got = put(json!({ "volumes": 5, "volumes_secret": 1, "tenant_id": "def" })).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        (&got.body["quota_set"]["volumes"], got.body["quota_set"].get("id")),
        (&json!(5), None)
    );
    assert_eq!(got.body["quota_set"]["volumes_secret"], 1);
    // One bad value and nothing is written.
    let low = put(json!({ "snapshots": 1, "volumes": 1 })).await;
    assert!(low.fault().1.starts_with("Quota volumes limit must be equal or greater"));
    assert_eq!(put(json!({ "snapshots": 1, "colour": 1 })).await.status, 400);
    assert_eq!(put(json!({})).await.status, 400);
    assert_eq!(set(&house.get(READER, path).await.body)["snapshots"], -1);
    assert_eq!(set(&house.get(READER, path).await.body)["volumes"], 5);
    for _ in 0..2 {
        assert_eq!(house.ask(ADMIN, "DELETE", path, &Value::Null).await.status, 200);
        assert_eq!(set(&house.get(READER, path).await.body)["volumes"], -1);
    }
    let long = format!("/v3/os-quota-sets/{}", "a".repeat(256));
    let wish = json!({ "quota_set": { "volumes": 1 } });
    assert_eq!(house.ask(ADMIN, "PUT", &long, &wish).await.status, 400);
}

#[tokio::test]
async fn defaults_do_not_know_the_projects_own_limits() {
    let house = house().await;
    let wish = json!({ "quota_set": { "volumes": 5 } });
    assert_eq!(house.ask(ADMIN, "PUT", "/v3/os-quota-sets/def", &wish).await.status, 200);
    let defaults = house.get(READER, "/v3/os-quota-sets/def/defaults").await.body;
    assert_eq!((&set(&defaults)["volumes"], &set(&defaults)["id"]), (&json!(-1), &json!("def")));
}

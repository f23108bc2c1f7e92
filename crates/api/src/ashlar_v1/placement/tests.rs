//! Both endpoints over a real database, as administrator and as somebody else.

use std::time::Duration;

use ashlar_db::decisions::{self, Entry};
use ashlar_db::{DbError, transact};
use ashlar_types::{BackendName, Capacity, DecisionId, FlowId, PoolName, PoolStats, VolumeId};
use serde_json::{Map, Value, json};

use crate::testing::House;
use crate::v3::volumes::tests::{limit, put};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member,reader", 71);

/// A house with a backend of two pools, of 100 and of 40 GiB.
async fn house() -> House {
    let house = House::furnished().await;
    let stats = [("large", 100.0), ("small", 40.0)].map(|(name, size)| PoolStats {
        pool_name: name.to_owned(),
        total: Capacity::Gib(size),
        free: Capacity::Gib(size),
        reserved_percentage: 0,
        max_over_subscription_ratio: Some(1.0),
        thin: false,
        thick: true,
        capabilities: Map::new(),
    });
    crate::testing::up(&house, &BackendName::new("h", "b"), &stats).await;
    house
}

async fn rows_of(house: &House, table: &str) -> i64 {
    let mut tx = house.app.db.read().await.expect("a database");
    let row = tx.row(&format!("SELECT COUNT(*) FROM {table}"), &[]).await;
    row.expect("read").expect("a row").take(0).expect("a number")
}

fn volume(size: u64) -> Value {
    json!({ "volume": { "size": size } })
}

#[tokio::test]
async fn a_dry_run_names_the_pool_and_writes_nothing() {
    let house = house().await;
    // What a project may have is another question.
    limit(&house, "gigabytes", 1).await;
    let got = house.ask(ADMIN, "POST", "/ashlar/v1/placement", &volume(30)).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let told = &got.body["placement"];
    assert_eq!(told["chosen"], "h@b#large");
    assert_eq!(told["request"]["size"], 30);
    assert_eq!(told["request"]["availability_zones"], json!(["nova"]));
    assert_eq!(told["verdict"]["ranked"][0]["score"], 1.0);
    assert_eq!(told["verdict"]["ranked"][1]["weights"][0]["weigher"], "CapacityWeigher");
    assert_eq!(told["nearest_misses"], json!([]));
    assert!(told["pools"]["versions"]["h@b#small"].is_i64(), "{told}");
    for table in ["volumes", "ashlar_flows", "ashlar_holds", "ashlar_decisions", "quota_usages"] {
        assert_eq!(rows_of(&house, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_dry_run_that_fits_nowhere_says_why_and_what_would_fit() {
    let house = house().await;
    let got = house.ask(ADMIN, "POST", "/ashlar/v1/placement", &volume(101)).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let told = &got.body["placement"];
    assert_eq!(told["chosen"], Value::Null);
    let first = &told["verdict"]["rejected"][0];
    assert_eq!((&first["pool"], &first["filter"]), (&json!("h@b#large"), &json!("CapacityFilter")));
    assert_eq!(
        (&first["reason"]["kind"], &first["reason"]["needed"]),
        (&json!("space"), &json!(101))
    );
    assert_eq!(first["text"], "needs 101 GiB, 100 GiB free");
    let misses = json!([
        { "size": 100, "volume_type": null, "availability_zone": null, "text": "size ≤ 100 GiB" }
    ]);
    assert_eq!(told["nearest_misses"], misses);
}

#[tokio::test]
async fn a_dry_run_refuses_what_creating_refuses_in_the_same_words() {
    let house = house().await;
    let bodies = [
        json!({ "volume": { "size": 0 } }),
        json!({ "volume": { "size": 1, "colour": "red" } }),
        json!({ "volume": { "size": 1, "availability_zone": "nowhere" } }),
        json!({ "volume": { "size": 1, "volume_type": "none" } }),
        json!({ "volume": { "source_volid": VolumeId::random() } }),
        json!({ "volume": {} }),
        json!({}),
    ];
    for body in bodies {
        for minor in [0, 71] {
            let who = (ADMIN.0, minor);
            let dry = house.ask(who, "POST", "/ashlar/v1/placement", &body).await;
            let create = house.ask(who, "POST", "/v3/abc/volumes", &body).await;
            if create.status == 202 {
                assert_eq!(dry.status, 200, "{body} at 3.{minor}");
            } else {
                assert_eq!(dry.fault(), create.fault(), "{body} at 3.{minor}");
            }
        }
    }
}

#[tokio::test]
async fn decisions_are_told_the_newest_last_with_those_of_the_first_versions() {
    let house = house().await;
    let id = put(&house, "abc", "placed", 1).await;
    let verdict = json!({
        "ranked": [{ "pool": "h@b#large", "score": 1.0, "weights": [] }],
        "rejected": [{ "pool": "h@b#small", "filter": "CapacityFilter", "reason": { "kind": "tried" } }],
    });
    for (attempt, told) in [(1, json!({ "what": "is this" })), (2, verdict)] {
        let entry = Entry {
            id: DecisionId::fresh(),
            flow_id: FlowId::fresh(),
            volume_id: id,
            attempt,
            chosen: Some(PoolName("h@b#large".to_owned())),
            slot: 0,
        };
        house.app.clock.advance(Duration::from_secs(1));
        let (db, now) = (&house.app.db, house.app.clock.now());
        let put: Result<(), DbError> =
            transact!(db, tx => decisions::insert(tx, &entry, &told, now).await);
        put.expect("inserted");
    }
    let got = house.get(ADMIN, &format!("/ashlar/v1/volumes/{id}/placement")).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let told = got.body["decisions"].as_array().expect("a list");
    assert_eq!(told.len(), 2);
    assert!(told[0]["unreadable"].as_str().is_some_and(|why| why.contains("ranked")), "{told:?}");
    assert_eq!((&told[1]["attempt"], &told[1]["chosen"]), (&json!(2), &json!("h@b#large")));
    assert_eq!(told[1]["verdict"]["rejected"][0]["text"], "was tried before for this request");
}

#[tokio::test]
async fn a_volume_that_was_never_placed_has_no_decisions_and_an_unknown_one_is_not_found() {
    let house = house().await;
    let id = put(&house, "def", "foreign", 1).await;
    let got = house.get(ADMIN, &format!("/ashlar/v1/volumes/{id}/placement")).await;
    assert_eq!((got.status, got.body), (200, json!({ "decisions": [] })));
    for unknown in [VolumeId::random().to_string(), "x".to_owned()] {
        let got = house.get(ADMIN, &format!("/ashlar/v1/volumes/{unknown}/placement")).await;
        assert_eq!(got.fault(), (404, &*format!("Volume {unknown} could not be found.")));
    }
}

#[tokio::test]
async fn nobody_but_an_administrator_is_told() {
    let house = house().await;
    let id = put(&house, "abc", "mine", 1).await;
    let got = house.get(MEMBER, &format!("/ashlar/v1/volumes/{id}/placement")).await;
    let refused = "Policy doesn't allow ashlar:placement:explain to be performed.";
    assert_eq!(got.fault(), (403, refused));
    let got = house.ask(MEMBER, "POST", "/ashlar/v1/placement", &volume(1)).await;
    assert_eq!(
        got.fault(),
        (403, "Policy doesn't allow ashlar:placement:dry_run to be performed.")
    );
}

#[tokio::test]
async fn the_paths_are_not_below_v3_and_take_no_other_method() {
    let house = house().await;
    let id = put(&house, "abc", "mine", 1).await;
    for path in [
        format!("/v3/volumes/{id}/placement"),
        format!("/v3/ashlar/v1/volumes/{id}/placement"),
        format!("/ashlar/v1/abc/volumes/{id}/placement"),
        "/ashlar/v1".to_owned(),
    ] {
        assert_eq!(house.get(ADMIN, &path).await.status, 404, "{path}");
    }
    assert_eq!(house.get(ADMIN, "/ashlar/v1/placement").await.status, 405);
}

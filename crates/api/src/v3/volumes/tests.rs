//! Volumes over a real database: list, show, update, summary.

use ashlar_db::{DbError, quotas, transact, volumes};
use ashlar_types::{AttachStatus, Gib, Metadata, Volume, VolumeId, VolumeStatus, VolumeTypeId};
use serde_json::{Value, json};

use crate::testing::House;

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);

/// The type that every database has.
async fn default_type(house: &House) -> VolumeTypeId {
    let mut tx = house.app.db.read().await.expect("a database");
    let row = tx.row("SELECT id FROM volume_types WHERE name = '__DEFAULT__'", &[]).await;
    row.expect("read").expect("a row").take(0).expect("an id")
}

/// Puts a volume into the database, as creating one would.
pub(crate) async fn put(house: &House, project: &str, name: &str, size: u64) -> VolumeId {
    let volume = Volume {
        id: VolumeId::random(),
        name_id: None,
        project_id: project.to_owned(),
        user_id: "me".to_owned(),
        host: None,
        cluster_name: None,
        size: Gib(size),
        availability_zone: Some("nova".to_owned()),
        status: VolumeStatus::Available,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(default_type(house).await),
        name: Some(name.to_owned()),
        description: None,
        bootable: false,
        multiattach: false,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: house.app.clock.now(),
        updated_at: None,
    };
    house.app.clock.advance(std::time::Duration::from_secs(1));
    let metadata = Metadata::from([("size".to_owned(), size.to_string())]);
    let db = &house.app.db;
    let put: Result<(), DbError> =
        transact!(db, tx => volumes::insert(tx, &volume, &metadata).await);
    put.expect("inserted");
    volume.id
}

/// Limits what project `abc` may have of `resource`.
pub(crate) async fn limit(house: &House, resource: &str, limit: i64) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let set: Result<(), DbError> =
        transact!(db, tx => quotas::set_project_limit(tx, "abc", resource, limit, now).await);
    set.expect("set");
}

async fn house_with_three() -> (House, [VolumeId; 3]) {
    let house = House::furnished().await;
    let first = put(&house, "abc", "first", 1).await;
    let second = put(&house, "abc", "second", 2).await;
    let foreign = put(&house, "def", "foreign", 4).await;
    (house, [first, second, foreign])
}

fn names(body: &Value) -> Vec<&str> {
    let volumes = body["volumes"].as_array().expect("a list");
    volumes.iter().map(|volume| volume["name"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_list_has_the_callers_project_newest_first() {
    let (house, _) = house_with_three().await;
    for path in ["/v3/volumes", "/v3/volumes/detail", "/v3/abc/volumes"] {
        assert_eq!(names(&house.get(MEMBER, path).await.body), ["second", "first"], "{path}");
    }
    let all = house.get(ADMIN, "/v3/volumes?all_tenants=1").await;
    assert_eq!(names(&all.body), ["foreign", "second", "first"]);
    let member = house.get(MEMBER, "/v3/volumes?all_tenants=1").await;
    assert_eq!(names(&member.body), ["second", "first"]);
    let nobody = house.get(("me:abc:", 71), "/v3/volumes").await;
    assert_eq!(nobody.fault(), (403, "Policy doesn't allow volume:get_all to be performed."));
}

#[tokio::test]
async fn pages_follow_each_other_by_their_links() {
    let (house, [first, second, _]) = house_with_three().await;
    let page = house.get(MEMBER, "/v3/abc/volumes?limit=1&name=").await;
    assert_eq!(names(&page.body), Vec::<&str>::new());
    let page = house.get(MEMBER, "/v3/abc/volumes/detail?limit=1&sort=created_at").await.body;
    assert_eq!(names(&page), ["second"]);
    assert_eq!(
        page["volumes_links"],
        json!([{
            "rel": "next",
            "href": format!(
                "http://c:8776/v3/abc/volumes/detail?limit=1&sort=created_at&marker={second}"
            ),
        }])
    );
    let href = page["volumes_links"][0]["href"].as_str().expect("a link");
    let next = house.get(MEMBER, href.strip_prefix("http://c:8776").expect("ours")).await.body;
    assert_eq!(names(&next), ["first"]);
    let last = house.get(MEMBER, &format!("/v3/volumes?limit=1&marker={first}")).await.body;
    assert_eq!(last, json!({ "volumes": [] }));
    let lost = house.get(MEMBER, "/v3/volumes?marker=lost").await;
    assert_eq!(lost.fault(), (404, "Volume lost could not be found."));
}

#[tokio::test]
async fn filters_sort_and_count_work_together() {
    let (house, _) = house_with_three().await;
    let filtered = house.get(MEMBER, "/v3/volumes?name=first&with_count=true").await.body;
    assert_eq!((names(&filtered), &filtered["count"]), (vec!["first"], &json!(1)));
    let by_metadata = house.get(MEMBER, "/v3/volumes?metadata=%7B%27size%27%3A+%272%27%7D").await;
    assert_eq!(names(&by_metadata.body), ["second"]);
    let sorted = house.get(ADMIN, "/v3/volumes?all_tenants=1&sort=name:asc").await.body;
    assert_eq!(names(&sorted), ["first", "foreign", "second"]);
    assert_eq!(names(&house.get(ADMIN, "/v3/volumes?colour=red").await.body).len(), 0);
    let refused = house.get(MEMBER, "/v3/volumes?colour=red").await;
    assert_eq!(refused.fault().1, "Invalid filters colour are found in query options.");
    let part = house.get(ADMIN, "/v3/volumes?name~=ir").await.body;
    assert_eq!(names(&part), ["first"]);
}

#[tokio::test]
async fn a_list_of_one_project_is_of_the_callers_whatever_a_filter_says() {
    let (house, _) = house_with_three().await;
    let own = house.get(ADMIN, "/v3/volumes?project_id=def").await.body;
    assert_eq!(names(&own), ["second", "first"]);
    let other = house.get(ADMIN, "/v3/volumes?project_id=def&all_tenants=1").await.body;
    assert_eq!(names(&other), ["foreign"]);
    let snapshots = house.get(ADMIN, "/v3/snapshots?project_id=def").await;
    assert_eq!(snapshots.status, 200);
}

#[tokio::test]
async fn a_filter_too_large_for_a_database_is_refused() {
    let (house, _) = house_with_three().await;
    let many = |count: usize, item: fn(usize) -> String, between: &str| {
        (0..count).map(item).collect::<Vec<_>>().join(between)
    };
    let metadata = |count| format!("metadata={{{}}}", many(count, |n| format!("'{n}':''"), ","));
    let values = |count| format!("status=[{}]", many(count, |n| format!("'{n}'"), ","));
    let times = |count| format!("created_at={}", many(count, |_| "gt:2026-01-01".to_owned(), ","));
    for (resource, query, status) in [
        ("volumes", metadata(100), 200),
        ("volumes", metadata(101), 400),
        ("volumes/detail", metadata(3000), 400),
        ("volumes/summary", metadata(3000), 400),
        ("snapshots", metadata(3000), 400),
        ("types", metadata(3000).replace("metadata", "extra_specs"), 400),
        ("volumes", values(1000), 200),
        ("volumes", values(1001), 400),
        ("volumes", times(100), 200),
        ("volumes", times(101), 400),
    ] {
        let query = percent_encoding::utf8_percent_encode(&query, percent_encoding::CONTROLS);
        let query = query.to_string().replace('{', "%7B").replace('}', "%7D");
        let got = house.get(ADMIN, &format!("/v3/{resource}?{query}")).await;
        let shown: String = query.chars().take(30).collect();
        assert_eq!(got.status, status, "{resource}?{shown}");
    }
}

#[tokio::test]
async fn a_volume_is_shown_to_its_project_and_hidden_from_others() {
    let (house, [first, _, foreign]) = house_with_three().await;
    let got = house.get(MEMBER, &format!("/v3/volumes/{first}")).await;
    assert_eq!((got.status, &got.body["volume"]["name"]), (200, &json!("first")));
    assert!(got.body["volume"].get("os-vol-host-attr:host").is_none());
    assert_eq!(got.body["volume"]["os-vol-tenant-attr:tenant_id"], "abc");
    for (who, id) in [(MEMBER, foreign.to_string()), (("me:abc:", 71), first.to_string())] {
        let got = house.get(who, &format!("/v3/volumes/{id}")).await;
        assert_eq!(got.fault(), (404, format!("Volume {id} could not be found.").as_str()));
    }
    assert_eq!(house.get(ADMIN, &format!("/v3/volumes/{foreign}")).await.status, 200);
    assert_eq!(
        house.get(MEMBER, "/v3/volumes/no-uuid").await.fault(),
        (404, "Volume no-uuid could not be found.")
    );
}

#[tokio::test]
async fn an_update_changes_texts_and_replaces_metadata() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/volumes/{first}");
    let wish = json!({ "volume": {
        "name": "  new ", "display_name": "old", "description": "words", "metadata": {"a": "b"},
    } });
    let got = house.ask(MEMBER, "PUT", &path, &wish).await;
    assert_eq!(got.status, 200);
    let volume = &got.body["volume"];
    assert_eq!((&volume["name"], &volume["description"]), (&json!("new"), &json!("words")));
    assert_eq!(volume["metadata"], json!({ "a": "b" }));
    assert!(volume["updated_at"].is_string());
    assert!(volume.get("os-vol-tenant-attr:tenant_id").is_none());
    let cleared = house.ask(MEMBER, "PUT", &path, &json!({"volume": {"name": null}})).await.body;
    assert_eq!(cleared["volume"]["name"], Value::Null);
    assert_eq!(cleared["volume"]["description"], "words");
}

#[tokio::test]
async fn an_update_is_refused_by_right_place_and_state() {
    let (house, [first, _, foreign]) = house_with_three().await;
    let wish = json!({ "volume": { "name": "x" } });
    let put = async |who, id: VolumeId| {
        house.ask(who, "PUT", &format!("/v3/volumes/{id}"), &wish).await.status
    };
    assert_eq!(put(("me:abc:reader", 71), first).await, 403);
    assert_eq!(put(("me:abc:", 71), first).await, 404);
    assert_eq!(put(MEMBER, foreign).await, 404);
    let db = &house.app.db;
    let now = house.app.clock.now();
    let moved: Result<bool, DbError> = transact!(
        db, tx => volumes::set_status(tx, first, VolumeStatus::Maintenance, now).await
    );
    assert!(moved.expect("set"));
    assert_eq!(put(MEMBER, first).await, 400);
}

#[tokio::test]
async fn a_summary_counts_and_from_3_36_collects_metadata() {
    let (house, _) = house_with_three().await;
    let path = "/v3/volumes/summary";
    assert_eq!(house.get(("me:abc:member", 11), path).await.status, 404);
    let old = house.get(("me:abc:member", 12), path).await.body;
    assert_eq!(old, json!({ "volume-summary": { "total_count": 2, "total_size": 3 } }));
    let new = house.get(ADMIN, "/v3/volumes/summary?all_tenants=true").await.body;
    assert_eq!(
        new["volume-summary"],
        json!({ "total_count": 3, "total_size": 7, "metadata": { "size": ["1", "2", "4"] } })
    );
}

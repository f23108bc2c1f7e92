//! `simple`: the backend with the fewest gigabytes, in the zone asked for, up to `max_gigabytes`.

use std::collections::BTreeMap;

use ashlar_drivers::sim::SimPool;
use ashlar_placement::Strategy;
use ashlar_testkit::Cloud;
use ashlar_testkit::make::id_of;
use ashlar_testkit::wait::PATIENCE;
use ashlar_types::Timestamp;
use serde_json::json;

use super::{alike, backend, disable, placed, plan, refused, report_ghost, spread, strategy};

fn simple(max_gigabytes: u64) -> Strategy {
    Strategy::Simple { max_gigabytes }
}

#[tokio::test]
async fn the_backend_with_the_fewest_gigabytes_is_next() {
    let cloud = Cloud::planned(plan(alike(&["a", "b", "c"]), &strategy(simple(10_000)))).await;
    let admin = cloud.admin();
    let mut gigabytes: BTreeMap<String, u64> =
        ["a", "b", "c"].map(|name| (format!("{name}#pool"), 0)).into();
    for size in [7, 4, 1, 2, 2, 1, 9, 3, 3, 5, 1, 1] {
        let (_, place) = placed(&admin, json!({ "size": size }), json!({})).await;
        assert_eq!(Some(&gigabytes[&place]), gigabytes.values().min(), "{place} of {gigabytes:?}");
        *gigabytes.get_mut(&place).expect("one of them") += size;
    }
    cloud.check().await;
}

#[tokio::test]
async fn snapshots_and_growth_count_like_volumes() {
    let cloud = Cloud::planned(plan(alike(&["a", "b"]), &strategy(simple(10_000)))).await;
    let admin = cloud.admin();
    let (first, place) = placed(&admin, json!({ "size": 2 }), json!({})).await;
    let (second, other) = placed(&admin, json!({ "size": 3 }), json!({})).await;
    assert_ne!(place, other);
    admin.snapshot(&first).await;
    see_pools_anew().await;
    // 4 here, 3 there.
    assert_eq!(placed(&admin, json!({ "size": 3 }), json!({})).await.1, other);
    assert_eq!(placed(&admin, json!({ "size": 1 }), json!({})).await.1, place);
    let _ = admin.act(&second, "os-extend", json!({ "new_size": 4 })).await.expect(202);
    admin.wait_for("volumes", &second, "available").await;
    see_pools_anew().await;
    // 5 here, 7 there.
    assert_eq!(placed(&admin, json!({ "size": 1 }), json!({})).await.1, place);
    cloud.check().await;
}

/// What goes past the placer is seen when its picture of the pools, which lasts for a second, is taken anew.
async fn see_pools_anew() {
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
}

#[tokio::test]
async fn a_backend_s_pools_are_taken_together() {
    let split = vec![SimPool::thin("one", 1000), SimPool::thin("two", 1000)];
    let backends =
        vec![backend("split", split), backend("whole", vec![SimPool::thin("pool", 1000)])];
    let cloud = Cloud::planned(plan(backends, &strategy(simple(10_000)))).await;
    let admin = cloud.admin();
    let found = spread(&admin, 12).await;
    let wanted = [("split#one", 3), ("split#two", 3), ("whole#pool", 6)];
    assert_eq!(found, wanted.map(|(place, volumes)| (place.to_owned(), volumes)).into());
    cloud.check().await;
}

#[tokio::test]
async fn only_the_zone_asked_for_will_do() {
    let cloud = Cloud::planned(plan(alike(&["here"]), &strategy(simple(10_000)))).await;
    let admin = cloud.admin();
    report_ghost(&cloud, "ghost", "other", cloud.operations.clock.now()).await;
    // The other zone's backend has nothing at all.
    for _ in 0..3 {
        let wish = json!({ "size": 5, "availability_zone": "nova" });
        assert_eq!(placed(&admin, wish, json!({})).await.1, "here#pool");
    }
    let wish = json!({ "size": 1, "availability_zone": "other" });
    let id = id_of(&admin.create_volume(wish).await);
    let pause = std::time::Duration::from_millis(10);
    let mut left = PATIENCE.as_millis() / pause.as_millis();
    // Nobody makes it there.
    loop {
        let shown = admin.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
        if shown["os-vol-host-attr:host"] == "elsewhere@ghost#pool" {
            assert_eq!(shown["availability_zone"], "other");
            return;
        }
        left = left.checked_sub(1).unwrap_or_else(|| panic!("it is not placed: {shown}"));
        tokio::time::sleep(pause).await;
    }
}

#[tokio::test]
async fn a_backend_that_is_down_or_switched_off_is_not_taken() {
    let cloud = Cloud::planned(plan(alike(&["good", "off"]), &strategy(simple(10_000)))).await;
    let admin = cloud.admin();
    report_ghost(&cloud, "down", "nova", Timestamp::default()).await;
    disable(&admin, "off").await;
    assert_eq!(spread(&admin, 10).await, [("good#pool".to_owned(), 10)].into());
    disable(&admin, "good").await;
    refused(&admin, json!({ "size": 1 }), json!({})).await;
}

#[tokio::test]
async fn no_backend_gets_more_than_max_gigabytes() {
    let cloud = Cloud::planned(plan(alike(&["only"]), &strategy(simple(10)))).await;
    let admin = cloud.admin();
    let (id, _) = placed(&admin, json!({ "size": 6 }), json!({})).await;
    refused(&admin, json!({ "size": 5 }), json!({})).await;
    placed(&admin, json!({ "size": 4 }), json!({})).await;
    refused(&admin, json!({ "size": 1 }), json!({})).await;
    // What is removed can be given out again.
    drop(admin.delete(&format!("/volumes/{id}")).await.expect(202));
    admin.wait_gone("volumes", &id).await;
    refused(&admin, json!({ "size": 7 }), json!({})).await;
    placed(&admin, json!({ "size": 6 }), json!({})).await;
    cloud.check().await;
}

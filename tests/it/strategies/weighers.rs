//! `filter` with each weigher.

use std::collections::BTreeMap;

use ashlar_db::pools;
use ashlar_drivers::sim::SimPool;
use ashlar_placement::{Handler, RulesSettings};
use ashlar_testkit::{Client, Cloud};
use futures::future::join_all;
use serde_json::json;

use super::{alike, backend, placed, plan, spread, telling};

fn weigher(name: &str) -> RulesSettings<'static> {
    RulesSettings { weighers: vec![name.to_owned()], ..RulesSettings::default() }
}

/// Puts volumes of these sizes one after the other; before each, `best` says which figures of the pools will do, by
/// what each place has.
async fn follow(client: &Client, places: &[&str], best: impl Fn(&BTreeMap<String, u64>) -> u64) {
    let mut taken: BTreeMap<String, u64> =
        places.iter().map(|place| ((*place).to_owned(), 0)).collect();
    for size in [7, 4, 1, 2, 2, 1, 9, 3, 3, 5] {
        let (_, place) = placed(client, json!({ "size": size }), json!({})).await;
        assert_eq!(taken[&place], best(&taken), "{size} GiB went to {place} of {taken:?}");
        *taken.get_mut(&place).expect("one of them") += size;
    }
}

#[tokio::test]
async fn allocated_capacity_prefers_the_pool_with_the_least() {
    let rules = weigher("AllocatedCapacityWeigher");
    let cloud = Cloud::planned(plan(alike(&["a", "b", "c"]), &rules)).await;
    let fewest = |taken: &BTreeMap<String, u64>| taken.values().copied().min().expect("three");
    follow(&cloud.admin(), &["a#pool", "b#pool", "c#pool"], fewest).await;
    cloud.check().await;
}

#[tokio::test]
async fn capacity_prefers_the_pool_with_the_most_room_or_with_a_negative_factor_the_fullest() {
    let three = || ["a", "b", "c"].map(|name| backend(name, vec![SimPool::thick("pool", 1000)]));
    let places = ["a#pool", "b#pool", "c#pool"];
    let cloud = Cloud::planned(plan(three().into(), &weigher("CapacityWeigher"))).await;
    let fewest = |taken: &BTreeMap<String, u64>| taken.values().copied().min().expect("three");
    follow(&cloud.admin(), &places, fewest).await;
    cloud.check().await;

    let multipliers = vec![("capacity_weight_multiplier", -1.0)];
    let stacking = RulesSettings { multipliers, ..weigher("CapacityWeigher") };
    let cloud = Cloud::planned(plan(three().into(), &stacking)).await;
    let most = |taken: &BTreeMap<String, u64>| taken.values().copied().max().expect("three");
    follow(&cloud.admin(), &places, most).await;
    cloud.check().await;
}

/// Whatever the sizes, and though all are asked for at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volume_number_spreads_a_burst_evenly() {
    let names = ["a", "b", "c", "d"];
    let cloud = Cloud::planned(plan(alike(&names), &weigher("VolumeNumberWeigher"))).await;
    let admin = cloud.admin();
    join_all((0..40).map(|number| {
        let admin = admin.clone();
        async move { placed(&admin, json!({ "size": 1 + number % 7 }), json!({})).await }
    }))
    .await;
    let mut tx = cloud.db.read().await.expect("the database answers");
    let pools = pools::list_all(&mut tx).await.expect("pools can be listed");
    assert_eq!(pools.iter().map(|pool| pool.volumes).collect::<Vec<_>>(), [10; 4]);
    drop(tx);
    cloud.check().await;
}

/// Of 90 volumes each of three pools gets 30, more or less; fewer than 5 is less likely than one in a hundred million.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chance_gives_every_pool_its_share() {
    let mut backends = alike(&["a", "b"]);
    backends.push(backend("large", vec![SimPool::thin("pool", 100_000)]));
    let cloud = Cloud::planned(plan(backends, &weigher("ChanceWeigher"))).await;
    let found = spread(&cloud.admin(), 90).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.values().all(|volumes| *volumes >= 5), "{found:?}");
    cloud.check().await;
}

/// A quarter goes to the pool with a quarter of the room, more or less: fewer than 2 or more than 50 of 100 is less
/// likely than one in a hundred million.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drawn_in_proportion_the_larger_pool_gets_more() {
    let rules = RulesSettings { handler: Handler::Stochastic, ..weigher("CapacityWeigher") };
    let small = backend("small", vec![SimPool::thick("pool", 10_000)]);
    let large = backend("large", vec![SimPool::thick("pool", 30_000)]);
    let cloud = Cloud::planned(plan(vec![small, large], &rules)).await;
    let found = spread(&cloud.admin(), 100).await;
    let small = found.get("small#pool").copied().unwrap_or_default();
    assert!((2..=50).contains(&small), "{found:?}");
    cloud.check().await;
}

#[tokio::test]
async fn goodness_goes_by_what_the_backend_says_of_itself() {
    let backends = vec![
        telling("picky", 100, "goodness_function", "(volume.size < 5) ? 100 : 10"),
        telling("steady", 100, "goodness_function", "50"),
        backend("silent", vec![SimPool::thin("pool", 10_000)]),
    ];
    let cloud = Cloud::planned(plan(backends, &weigher("GoodnessWeigher"))).await;
    let admin = cloud.admin();
    for (size, place) in [(4, "picky#pool"), (5, "steady#pool"), (1, "picky#pool")] {
        assert_eq!(placed(&admin, json!({ "size": size }), json!({})).await.1, place, "{size} GiB");
    }
    cloud.check().await;
}

//! `chance`: any backend that is there and was not tried.

use std::sync::Arc;

use ashlar_drivers::Driver;
use ashlar_drivers::error::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, SimPool, SimSettings, When};
use ashlar_placement::{RulesSettings, Strategy};
use ashlar_testkit::Cloud;
use ashlar_types::Timestamp;
use serde_json::json;

use super::{alike, backend, disable, placed, plan, refused, report_ghost, spread, strategy};

/// A backend that fails to make anything in a way that another need not.
fn broken(name: &str) -> Sim {
    let sim = Sim::new(SimSettings::new(name, vec![SimPool::thin("pool", 1000)]));
    sim.plan(PlannedFailure::before(Call::EnsureVolume, When::Always, FailureKind::Broken));
    sim
}

fn named(name: &str, sim: &Sim) -> (String, Arc<dyn Driver>) {
    (name.to_owned(), Arc::new(sim.clone()))
}

/// Of 90 volumes each of three backends gets 30, more or less; fewer than 5 or more than 60 is less likely than one in
/// a hundred million.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_backend_gets_its_share_however_many_pools_it_has() {
    let pool = |number| SimPool::thin(format!("pool-{number}"), 1000);
    let mut backends = alike(&["one", "two"]);
    backends.push(backend("many", (1..=8).map(pool).collect()));
    let cloud = Cloud::planned(plan(backends, &strategy(Strategy::Chance))).await;
    let found = spread(&cloud.admin(), 90).await;
    for name in ["one#", "two#", "many#"] {
        let places = found.iter().filter(|(place, _)| place.starts_with(name));
        let share: usize = places.map(|(_, volumes)| volumes).sum();
        assert!((5..60).contains(&share), "{name} has {share} of 90: {found:?}");
    }
    assert!(found.len() > 4, "pools are drawn as well: {found:?}");
    cloud.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_down_or_switched_off_is_never_drawn() {
    let plan = plan(alike(&["good", "off"]), &strategy(Strategy::Chance));
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    report_ghost(&cloud, "down", "nova", Timestamp::default()).await;
    disable(&admin, "off").await;
    assert_eq!(spread(&admin, 40).await, [("good#pool".to_owned(), 40)].into());
    cloud.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_was_tried_is_not_drawn_again() {
    let (bad, worse) = (broken("bad"), broken("worse"));
    let mut backends = alike(&["good"]);
    backends.extend([named("bad", &bad), named("worse", &worse)]);
    let cloud = Cloud::planned(plan(backends, &strategy(Strategy::Chance))).await;
    let admin = cloud.admin();
    assert_eq!(spread(&admin, 40).await, [("good#pool".to_owned(), 40)].into());
    for sim in [&bad, &worse] {
        let asked = sim.count(Call::EnsureVolume);
        assert!((1..=40).contains(&asked), "{asked} times for 40 volumes");
    }

    disable(&admin, "good").await;
    let before = [bad.count(Call::EnsureVolume), worse.count(Call::EnsureVolume)];
    refused(&admin, json!({ "size": 1 }), json!({})).await;
    let after = [bad.count(Call::EnsureVolume), worse.count(Call::EnsureVolume)];
    assert_eq!(after, before.map(|count| count + 1), "each is asked once for one volume");
    cloud.check().await;
}

/// The same of the filter that does it under the scheduler `filter`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ignore_attempted_hosts_keeps_off_what_was_tried() {
    let bad = broken("bad");
    let filters = vec!["CapacityFilter".to_owned(), "IgnoreAttemptedHostsFilter".to_owned()];
    let rules = RulesSettings { filters, ..RulesSettings::default() };
    let mut backends = vec![backend("small", vec![SimPool::thin("pool", 10)])];
    backends.push(named("bad", &bad));
    let cloud = Cloud::planned(plan(backends, &rules)).await;
    let admin = cloud.admin();
    let (_, place) = placed(&admin, json!({ "size": 1 }), json!({})).await;
    assert_eq!(place, "small#pool");
    disable(&admin, "small").await;
    let before = bad.count(Call::EnsureVolume);
    refused(&admin, json!({ "size": 1 }), json!({})).await;
    assert_eq!(bad.count(Call::EnsureVolume), before + 1);
    cloud.check().await;
}

//! Two schedulers on one database, and more requests at once than there is room for: every strategy admits exactly what
//! there is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ashlar_bus::Bus;
use ashlar_db::testing::{self, TestDb};
use ashlar_db::{Db, flows, pools};
use ashlar_drivers::sim::SimPool;
use ashlar_flow::{Role, Runner};
use ashlar_operations::context::House;
use ashlar_operations::facts::Sources;
use ashlar_operations::worker::Worker;
use ashlar_placement::{Rules, RulesSettings, Strategy};
use ashlar_scheduler::{Outlets, Scheduler};
use ashlar_testkit::Cloud;
use ashlar_testkit::wait::PATIENCE;
use futures::future::join_all;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{backend, plan, strategy};

/// Volumes of 1 GiB that are asked for at once, while nobody works.
const REQUESTS: usize = 32;
/// What each of two backends may give out.
const ROOM: u64 = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chance_admits_exactly_what_the_pools_have() {
    let thick = vec![SimPool::thick("one", 4), SimPool::thick("two", 3)];
    for place in testing::databases().await {
        rush(place, &thick, &strategy(Strategy::Chance)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simple_admits_exactly_max_gigabytes() {
    let thin = vec![SimPool::thin("one", 1000), SimPool::thin("two", 1000)];
    for place in testing::databases().await {
        let simple = Strategy::Simple { max_gigabytes: ROOM };
        rush(place, &thin, &strategy(simple)).await;
    }
}

/// Space is not among the filters, and whatever the weigher says of it is wrong for whoever comes next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filter_admits_exactly_what_the_pools_have_whatever_it_is_told_to_ask() {
    let thick = vec![SimPool::thick("one", 4), SimPool::thick("two", 3)];
    for place in testing::databases().await {
        let rules = RulesSettings {
            filters: Vec::new(),
            weighers: vec!["ChanceWeigher".to_owned()],
            ..RulesSettings::default()
        };
        rush(place, &thick, &rules).await;
    }
}

async fn rush(place: TestDb, of_each: &[SimPool], rules: &RulesSettings<'_>) {
    let backends = ["a", "b"].map(|name| backend(name, of_each.to_vec()));
    let cloud = Cloud::on(place, plan(backends.into(), rules).idle()).await;
    let admin = cloud.admin();
    join_all((0..REQUESTS).map(|_| admin.create_volume(json!({ "size": 1 })))).await;

    let stop = CancellationToken::new();
    for host in ["left", "right"] {
        let scheduler = scheduler(&cloud, host, rules);
        let ends = stop.clone();
        tokio::spawn(async move { scheduler.run(ends).await });
    }
    until_placed(&cloud.db).await;
    assert_eq!(by_backend(&cloud.db).await, [("a", ROOM), ("b", ROOM)].map(own).into());
    assert_eq!(who_placed(&cloud.db).await.len(), 2, "both schedulers have placed");

    let (runner, ends) = (cloud.runner.clone(), stop.clone());
    tokio::spawn(async move { runner.run(ends).await });
    cloud.check().await;
    stop.cancel();
    let count = async |status: &str| {
        let listed = admin.get(&format!("/volumes?status={status}")).await.expect(200);
        listed.body["volumes"].as_array().map(Vec::len)
    };
    let fits = usize::try_from(2 * ROOM).expect("a few");
    assert_eq!(count("available").await, Some(fits));
    assert_eq!(count("error").await, Some(REQUESTS - fits));
    assert_eq!(by_backend(&cloud.db).await, [("a", ROOM), ("b", ROOM)].map(own).into());
}

fn own((name, gib): (&str, u64)) -> (String, u64) {
    (name.to_owned(), gib)
}

/// A scheduler with a placer of its own, which takes half of the requests.
fn scheduler(cloud: &Cloud, host: &str, rules: &RulesSettings<'_>) -> Runner<House> {
    let clock = cloud.operations.clock.clone();
    let scheduler = Scheduler {
        db: cloud.db.clone(),
        clock: clock.clone(),
        settings: Arc::clone(&cloud.settings),
        host: host.to_owned(),
        rules: Rules::from_settings(rules).expect("good rules"),
        sources: Sources::none(clock.clone()),
        report_interval: Duration::from_secs(10),
        outlets: Outlets::default(),
    };
    Worker {
        db: cloud.db.clone(),
        bus: Bus::local(),
        clock,
        service: format!("scheduler@{host}"),
        scheduler: Some(scheduler.context()),
        volumes: [].into(),
        settings: ashlar_flow::Settings {
            lease: Duration::from_secs(60),
            poll: Duration::from_millis(5),
            concurrency: REQUESTS / 4,
        },
        interrupt: None,
    }
    .runner()
}

/// Waits until no flow is a scheduler's any more.
async fn until_placed(db: &Db) {
    let pause = Duration::from_millis(20);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        let mut tx = db.read().await.expect("the database answers");
        let filter = flows::Filter { unfinished: true, ..flows::Filter::default() };
        let left = flows::list(&mut tx, &filter).await.expect("flows can be listed");
        if left.iter().all(|flow| flow.record.role == Role::Volume) {
            return;
        }
        drop(tx);
        tokio::time::sleep(pause).await;
    }
    panic!("not all are decided");
}

/// What is held or allocated on each backend.
async fn by_backend(db: &Db) -> BTreeMap<String, u64> {
    let mut tx = db.read().await.expect("the database answers");
    let mut found = BTreeMap::new();
    for pool in pools::list_all(&mut tx).await.expect("pools can be listed") {
        let backend = pool.name.backend().0;
        let name = backend.split_once('@').map_or("", |(_, name)| name).to_owned();
        *found.entry(name).or_default() += pool.held + pool.allocated;
    }
    found
}

/// The workers that did the first task of some flow.
async fn who_placed(db: &Db) -> Vec<String> {
    let mut tx = db.read().await.expect("the database answers");
    let all = flows::list(&mut tx, &flows::Filter::default()).await.expect("flows can be listed");
    let entries = all.into_iter().flat_map(|flow| flow.record.log);
    let mut workers: Vec<String> =
        entries.filter(|entry| entry.task == "place").map(|entry| entry.by).collect();
    workers.sort_unstable();
    workers.dedup();
    workers
}

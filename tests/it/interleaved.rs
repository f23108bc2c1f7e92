//! Operations that meet: what one does in the middle of another, and a client or worker that goes away.
//! Afterwards nothing is stuck, leaked or counted twice.

mod stopped;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ashlar_db::testing;
use ashlar_flow::{Fate, Interrupt, Moment};
use ashlar_operations::{create_volume, submit};
use ashlar_testkit::{Cloud, Plan, cloud};
use ashlar_types::{Caller, Gib};
use futures::FutureExt as _;
use serde_json::json;

/// Longer than any test waits: whatever waits for a claim to run out is stuck.
const FOREVER: Duration = Duration::from_secs(3600);

fn request() -> create_volume::Request {
    create_volume::Request { size: Some(Gib(1)), ..create_volume::Request::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_at_any_moment_leaves_nothing_waiting() {
    for place in testing::databases().await {
        let mut plan = Plan::with_sim(&cloud::sim()).limits(&[("volumes", -1), ("gigabytes", -1)]);
        plan.lease = FOREVER;
        let cloud = Cloud::on(place, plan).await;
        let caller = Caller { project_id: cloud::project(), ..Caller::internal() };
        for polls in 1..40 {
            let mut asking = Box::pin(create_volume::accept(&cloud.operations, &caller, request()));
            for _ in 0..polls {
                if asking.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        }
        // Nobody waits for them any more, so nobody is told of their end.
        while submit::under_way() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        cloud.check().await;
    }
}

/// Panics once, where no task is to blame.
#[derive(Default)]
struct Panics(AtomicBool);

impl Interrupt for Panics {
    fn at(&self, _flow: &str, moment: Moment<'_>) -> Fate {
        let here = matches!(moment, Moment::Recorded(_));
        assert!(!here || self.0.swap(true, Ordering::SeqCst), "a bug in the engine");
        Fate::Go
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_panics_does_not_keep_its_claim() {
    let panics = Arc::new(Panics::default());
    let mut plan = Plan::with_sim(&cloud::sim()).interrupt(panics.clone());
    plan.lease = Duration::from_millis(300);
    let cloud = Cloud::planned(plan).await;
    let member = cloud.member();
    member.volume(1).await;
    assert!(panics.0.load(Ordering::SeqCst), "it never panicked");
    cloud.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_forced_away_while_their_volume_goes_are_given_back_once() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        for _ in 0..10 {
            let volume = admin.volume(1).await;
            let snapshots = [admin.snapshot(&volume).await, admin.snapshot(&volume).await];
            let cascade = format!("/volumes/{volume}?cascade=true");
            let force = async |snapshot: &str| {
                let path = format!("/snapshots/{snapshot}/action");
                admin.post(&path, &json!({ "os-force_delete": {} })).await
            };
            let (one, two) = (force(&snapshots[0]), force(&snapshots[1]));
            futures::future::join3(admin.delete(&cascade), one, two).await;
            cloud.check().await;
        }
    }
}

#[tokio::test]
async fn a_snapshot_counts_for_whoever_takes_it_and_is_given_back_to_them() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (owner, admin) = (cloud.member(), cloud.admin());
        let volume = owner.volume(2).await;
        let snapshot = admin.snapshot(&volume).await;
        let shown = admin.get(&format!("/snapshots/{snapshot}")).await.expect(200).body;
        let project = &shown["snapshot"]["os-extended-snapshot-attributes:project_id"];
        assert_eq!(project, &json!(admin.project));
        let _ = owner.get(&format!("/snapshots/{snapshot}")).await.expect(404);
        let used = async |project: &str| {
            let path = format!("/os-quota-sets/{project}?usage=true");
            let set = admin.get(&path).await.expect(200).body["quota_set"].clone();
            let of = |name: &str| (name.to_owned(), set[name]["in_use"].as_i64().unwrap_or(-1));
            BTreeMap::from(["volumes", "snapshots", "gigabytes"].map(of))
        };
        let amounts = |volumes, snapshots, gigabytes| {
            let all = [("volumes", volumes), ("snapshots", snapshots), ("gigabytes", gigabytes)];
            BTreeMap::from(all.map(|(name, amount): (&str, i64)| (name.to_owned(), amount)))
        };
        assert_eq!(used(&owner.project).await, amounts(1, 0, 2));
        assert_eq!(used(&admin.project).await, amounts(0, 1, 2));
        cloud.check().await;
        let cascade = format!("/volumes/{volume}?cascade=true");
        let _ = owner.delete(&cascade).await.expect(400);
        let _ = admin.delete(&cascade).await.expect(202);
        admin.wait_gone("volumes", &volume).await;
        assert_eq!(used(&owner.project).await, amounts(0, 0, 0));
        assert_eq!(used(&admin.project).await, amounts(0, 0, 0));
        cloud.check().await;
    }
}

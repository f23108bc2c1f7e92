//! The simulated backend: the contract, room in thick pools, planned failures, restarts.

use super::*;
use crate::contract::Bench;
use crate::error::FailureKind;

crate::driver_contract!(thin_bench);

mod thick {
    use super::*;

    crate::driver_contract!(thick_bench);
}

async fn thin_bench() -> Bench {
    bench(SimPool::thin("p1", 100))
}

async fn thick_bench() -> Bench {
    bench(SimPool::thick("p1", 100))
}

fn bench(pool: SimPool) -> Bench {
    let sim = Sim::new(SimSettings::new("simulated", vec![SimPool::thick("p0", 1), pool]));
    let (writes, reads) = (sim.clone(), sim.clone());
    Bench {
        driver: Arc::new(sim),
        pool: "p1".to_owned(),
        write: Box::new(move |name, bytes| assert!(writes.write("p1", name, bytes), "{name}")),
        read: Box::new(move |name, length| {
            let mut bytes = reads.read("p1", name).expect("it is there");
            bytes.resize(length, 0);
            bytes
        }),
        keep: Box::new(()),
    }
}

fn sim(pool: SimPool) -> Sim {
    Sim::new(SimSettings::new("simulated", vec![pool]))
}

fn volume(name: &str, gib: u64) -> VolumeRef<'_> {
    VolumeRef { name, pool: "p", size: Gib(gib) }
}

#[tokio::test]
async fn a_full_thick_pool_takes_no_more_until_something_is_destroyed() {
    let sim = sim(SimPool::thick("p", 10));
    sim.ensure_volume(volume("volume-1", 6)).await.expect("there is room");
    let error = sim.ensure_volume(volume("volume-2", 5)).await.expect_err("4 GiB are left");
    assert_eq!(error.kind, FailureKind::NoSpace);
    let error = sim.ensure_size(volume("volume-1", 6), Gib(11)).await.expect_err("too large");
    assert_eq!(error.kind, FailureKind::NoSpace);
    sim.ensure_volume(volume("volume-1", 6)).await.expect("it is there: no room is needed");
    sim.ensure_size(volume("volume-1", 6), Gib(10)).await.expect("fits exactly");
    assert_eq!(sim.stats().await.expect("stats")[0].free, Capacity::Gib(0.0));
    sim.destroy_volume(volume("volume-1", 10)).await.expect("destroyed");
    assert_eq!(sim.stats().await.expect("stats")[0].free, Capacity::Gib(10.0));
    sim.ensure_volume(volume("volume-2", 10)).await.expect("room again");
}

#[tokio::test]
async fn what_others_have_is_not_free() {
    let sim = sim(SimPool::thick("p", 10));
    sim.ensure_volume(volume("volume-1", 2)).await.expect("there is room");
    sim.occupy("p", Gib(5));
    assert_eq!(sim.stats().await.expect("stats")[0].free, Capacity::Gib(3.0));
    let error = sim.ensure_volume(volume("volume-2", 4)).await.expect_err("3 GiB are left");
    assert_eq!(error.kind, FailureKind::NoSpace);
    sim.occupy("p", Gib(4));
    sim.ensure_volume(volume("volume-2", 4)).await.expect("others have made room");
    sim.destroy_volume(volume("volume-1", 2)).await.expect("destroyed");
    assert_eq!(sim.stats().await.expect("stats")[0].free, Capacity::Gib(2.0));
}

#[tokio::test]
async fn a_thin_pool_is_never_full() {
    let sim = sim(SimPool::thin("p", 10));
    sim.ensure_volume(volume("volume-1", 500)).await.expect("thin");
    assert_eq!(sim.stats().await.expect("stats")[0].free, Capacity::Gib(10.0));
}

#[tokio::test]
async fn a_planned_failure_strikes_its_occurrence_of_its_call_only() {
    let sim = sim(SimPool::thin("p", 10));
    sim.plan(PlannedFailure::before(Call::EnsureVolume, When::Nth(2), FailureKind::Busy));
    sim.ensure_volume(volume("volume-1", 1)).await.expect("the first");
    sim.list().await.expect("another call");
    let error = sim.ensure_volume(volume("volume-2", 1)).await.expect_err("the second");
    assert_eq!(error.kind, FailureKind::Busy);
    assert_eq!(sim.read("p", "volume-2"), None, "nothing was made");
    sim.ensure_volume(volume("volume-2", 1)).await.expect("the third");
    assert_eq!(sim.count(Call::EnsureVolume), 3);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done() {
    let sim = sim(SimPool::thin("p", 10));
    sim.plan(PlannedFailure::after(Call::EnsureVolume, When::First(1), FailureKind::Unavailable));
    sim.ensure_volume(volume("volume-1", 1)).await.expect_err("the answer is lost");
    assert!(sim.read("p", "volume-1").is_some());
    sim.ensure_volume(volume("volume-1", 1)).await.expect("repeated");
}

#[tokio::test]
async fn chances_are_kept_and_the_same_for_the_same_seed() {
    let strikes = async |seed| {
        let plan = PlannedFailure::before(Call::List, When::Chance(0.25), FailureKind::Broken);
        let settings = SimSettings {
            seed,
            failures: vec![plan],
            ..SimSettings::new("simulated", vec![SimPool::thin("p", 1)])
        };
        let sim = Sim::new(settings);
        let mut struck = Vec::new();
        for _ in 0..1000 {
            struck.push(sim.list().await.is_err());
        }
        struck
    };
    let first = strikes(1).await;
    let many = first.iter().filter(|struck| **struck).count();
    assert!((200..300).contains(&many), "{many} of 1000 at one in four");
    assert_eq!(first, strikes(1).await);
    assert_ne!(first, strikes(2).await);
}

#[tokio::test]
async fn a_second_handle_sees_what_the_first_one_made() {
    let sim = sim(SimPool::thin("p", 10));
    let again = sim.clone();
    sim.ensure_volume(volume("volume-1", 1)).await.expect("made");
    drop(sim);
    assert_eq!(again.list().await.expect("listed").len(), 1);
}

#[tokio::test]
async fn an_unknown_pool_is_refused() {
    let sim = sim(SimPool::thin("p", 10));
    let elsewhere = VolumeRef { pool: "q", ..volume("volume-1", 1) };
    let error = sim.ensure_volume(elsewhere).await.expect_err("no such pool");
    assert_eq!(error.kind, FailureKind::Invalid);
    sim.destroy_volume(elsewhere).await.expect("nothing there to destroy");
}

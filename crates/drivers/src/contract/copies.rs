//! Laws of snapshots and clones: content, independence, sizes, sources.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use futures::future::join_all;

use super::{A, B, Bench, S};
use crate::error::FailureKind;

const OLD: &[u8] = b"the old content";
const NEW: &[u8] = b"the new content";

/// A volume of 1 GiB with the old content.
async fn written(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    (bench.write)(A, OLD);
}

pub async fn a_snapshot_keeps_what_its_volume_was(bench: &Bench) {
    written(bench).await;
    bench.driver.ensure_snapshot(bench.snapshot(S, A, 1)).await.expect("taken");
    (bench.write)(A, NEW);
    bench.holds(S, OLD);
    bench.holds(A, NEW);
    bench.has(&[(S, 1), (A, 1)]).await;
}

pub async fn a_snapshot_taken_twice_is_of_the_first_moment(bench: &Bench) {
    written(bench).await;
    let snapshot = bench.snapshot(S, A, 1);
    let first = bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    (bench.write)(A, NEW);
    let second = bench.driver.ensure_snapshot(snapshot).await.expect("there already");
    assert_eq!(first, second, "the tables are told the same each time");
    bench.holds(S, OLD);
}

pub async fn a_volume_from_a_snapshot_is_independent_of_it(bench: &Bench) {
    written(bench).await;
    let (snapshot, volume) = (bench.snapshot(S, A, 1), bench.volume(B, 1));
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    for _ in 0..2 {
        bench.driver.ensure_volume_from_snapshot(volume, snapshot).await.expect("made");
        bench.holds(B, OLD);
    }
    (bench.write)(B, NEW);
    bench.holds(S, OLD);
    bench.holds(A, OLD);
    bench.driver.ensure_volume_from_snapshot(volume, snapshot).await.expect("there already");
    bench.holds(B, NEW);
    bench.driver.destroy_volume(volume).await.expect("destroyed");
    bench.holds(S, OLD);
    bench.has(&[(S, 1), (A, 1)]).await;
}

pub async fn a_volume_from_a_snapshot_may_be_larger(bench: &Bench) {
    written(bench).await;
    let snapshot = bench.snapshot(S, A, 1);
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    bench.driver.ensure_volume_from_snapshot(bench.volume(B, 3), snapshot).await.expect("made");
    bench.holds(B, OLD);
    bench.has(&[(S, 1), (A, 1), (B, 3)]).await;
}

pub async fn a_clone_and_its_source_are_independent(bench: &Bench) {
    written(bench).await;
    let (source, volume) = (bench.volume(A, 1), bench.volume(B, 1));
    bench.driver.ensure_clone(volume, source).await.expect("cloned");
    (bench.write)(A, NEW);
    bench.holds(B, OLD);
    bench.driver.ensure_clone(volume, source).await.expect("there already");
    bench.holds(B, OLD);
    bench.driver.destroy_volume(source).await.expect("destroyed");
    bench.holds(B, OLD);
    bench.has(&[(B, 1)]).await;
}

pub async fn a_clone_may_be_larger(bench: &Bench) {
    written(bench).await;
    bench.driver.ensure_clone(bench.volume(B, 2), bench.volume(A, 1)).await.expect("cloned");
    bench.holds(B, OLD);
    bench.has(&[(A, 1), (B, 2)]).await;
}

pub async fn a_copy_smaller_than_its_source_is_refused(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 2)).await.expect("made");
    let (snapshot, small) = (bench.snapshot(S, A, 2), bench.volume(B, 1));
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    let cloned = bench.driver.ensure_clone(small, bench.volume(A, 2)).await;
    let made = bench.driver.ensure_volume_from_snapshot(small, snapshot).await;
    for answer in [cloned, made] {
        assert_eq!(answer.expect_err("too small").kind, FailureKind::Invalid);
    }
    bench.has(&[(S, 2), (A, 2)]).await;
}

pub async fn a_missing_source_is_named_as_such(bench: &Bench) {
    let (source, volume) = (bench.volume(A, 1), bench.volume(B, 1));
    let snapshot = bench.snapshot(S, A, 1);
    for answer in [
        bench.driver.ensure_clone(volume, source).await,
        bench.driver.ensure_snapshot(snapshot).await,
        bench.driver.ensure_volume_from_snapshot(volume, snapshot).await,
    ] {
        let error = answer.expect_err("there is no source");
        assert_eq!(error.kind, FailureKind::NotFound);
        assert!(!error.is_retryable() && !error.is_worth_another_pool());
    }
    bench.has(&[]).await;
}

pub async fn a_finished_copy_does_not_need_its_source_again(bench: &Bench) {
    written(bench).await;
    let (source, volume) = (bench.volume(A, 1), bench.volume(B, 1));
    let snapshot = bench.snapshot(S, A, 1);
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    bench.driver.ensure_clone(volume, source).await.expect("cloned");
    bench.driver.destroy_volume(source).await.expect("destroyed");
    bench.driver.ensure_clone(volume, source).await.expect("there already");
    bench.driver.ensure_snapshot(snapshot).await.expect("there already");
    bench.has(&[(S, 1), (B, 1)]).await;
}

pub async fn equal_copies_at_once_make_one(bench: &Bench) {
    written(bench).await;
    let calls = (0..8).map(|_| bench.driver.ensure_snapshot(bench.snapshot(S, A, 1)));
    for answer in join_all(calls).await {
        answer.expect("each of them finds or takes it");
    }
    let calls = (0..8).map(|_| bench.driver.ensure_clone(bench.volume(B, 1), bench.volume(A, 1)));
    for answer in join_all(calls).await {
        answer.expect("each of them finds or makes it");
    }
    bench.holds(B, OLD);
    bench.has(&[(S, 1), (A, 1), (B, 1)]).await;
}

pub async fn a_destroyed_snapshot_is_gone_and_destroying_it_again_is_fine(bench: &Bench) {
    written(bench).await;
    let snapshot = bench.snapshot(S, A, 1);
    bench.driver.destroy_snapshot(snapshot).await.expect("nothing to destroy is fine");
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    bench.driver.destroy_snapshot(snapshot).await.expect("destroyed");
    bench.driver.destroy_snapshot(snapshot).await.expect("destroyed already");
    bench.holds(A, OLD);
    bench.has(&[(A, 1)]).await;
}

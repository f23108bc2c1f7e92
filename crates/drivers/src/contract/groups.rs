//! Laws of snapshots that are taken together.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use futures::future::join_all;

use super::{A, B, Bench, S};
use crate::driver::Moment;
use crate::error::FailureKind;

const OLD: &[u8] = b"the old content";
const NEW: &[u8] = b"the new content";
const T: &str = "snapshot-06000000-0000-4000-8000-000000000006";

/// Two volumes of 1 GiB with the old content.
async fn two_written(bench: &Bench) {
    for name in [A, B] {
        bench.driver.ensure_volume(bench.volume(name, 1)).await.expect("made");
        (bench.write)(name, OLD);
    }
}

pub async fn the_snapshots_of_a_group_keep_what_their_volumes_were(bench: &Bench) {
    two_written(bench).await;
    let both = [bench.snapshot(T, B, 1), bench.snapshot(S, A, 1)];
    let made = bench.driver.ensure_group_snapshot(&both, Moment::Near).await.expect("taken");
    assert_eq!(made.len(), 2);
    for (snapshot, volume) in [(S, A), (T, B)] {
        (bench.write)(volume, NEW);
        bench.holds(snapshot, OLD);
        bench.holds(volume, NEW);
    }
    bench.has(&[(S, 1), (T, 1), (A, 1), (B, 1)]).await;
    // Each is a snapshot like any other.
    let again = bench.driver.ensure_snapshot(both[0]).await.expect("there already");
    assert_eq!(again, made[0], "the answers are in the order of the question");
    bench.driver.destroy_snapshot(both[1]).await.expect("destroyed");
    bench.has(&[(T, 1), (A, 1), (B, 1)]).await;
}

pub async fn the_snapshots_of_a_group_taken_twice_are_of_the_first_moment(bench: &Bench) {
    two_written(bench).await;
    let both = [bench.snapshot(S, A, 1), bench.snapshot(T, B, 1)];
    let first = bench.driver.ensure_group_snapshot(&both, Moment::Near).await.expect("taken");
    (bench.write)(A, NEW);
    bench.driver.destroy_volume(bench.volume(B, 1)).await.expect("destroyed");
    let second = bench.driver.ensure_group_snapshot(&both, Moment::Same).await.expect("there");
    assert_eq!(first, second, "the tables are told the same each time");
    bench.holds(S, OLD);
    bench.holds(T, OLD);
}

pub async fn a_group_of_which_a_volume_is_missing_gets_no_snapshot(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    let both = [bench.snapshot(S, A, 1), bench.snapshot(T, B, 1)];
    let answer = bench.driver.ensure_group_snapshot(&both, Moment::Near).await;
    assert_eq!(answer.expect_err("there is no volume B").kind, FailureKind::NotFound);
    bench.has(&[(A, 1)]).await;
}

pub async fn a_group_snapshot_that_was_half_taken_is_taken_anew(bench: &Bench) {
    two_written(bench).await;
    bench.driver.ensure_snapshot(bench.snapshot(S, A, 1)).await.expect("taken");
    (bench.write)(A, NEW);
    (bench.write)(B, NEW);
    let both = [bench.snapshot(S, A, 1), bench.snapshot(T, B, 1)];
    bench.driver.ensure_group_snapshot(&both, Moment::Near).await.expect("taken");
    bench.holds(S, NEW);
    bench.holds(T, NEW);
    bench.has(&[(S, 1), (T, 1), (A, 1), (B, 1)]).await;
}

pub async fn a_group_of_nothing_has_no_snapshots(bench: &Bench) {
    let made = bench.driver.ensure_group_snapshot(&[], Moment::Same).await.expect("nothing to do");
    assert!(made.is_empty());
    bench.has(&[]).await;
}

pub async fn a_snapshot_named_twice_in_a_group_is_refused(bench: &Bench) {
    two_written(bench).await;
    let twice = [bench.snapshot(S, A, 1), bench.snapshot(S, B, 1)];
    let answer = bench.driver.ensure_group_snapshot(&twice, Moment::Near).await;
    assert_eq!(answer.expect_err("one name").kind, FailureKind::Invalid);
    bench.has(&[(A, 1), (B, 1)]).await;
}

pub async fn equal_group_snapshots_at_once_make_one(bench: &Bench) {
    two_written(bench).await;
    let both = [bench.snapshot(S, A, 1), bench.snapshot(T, B, 1)];
    let calls = (0..8).map(|_| bench.driver.ensure_group_snapshot(&both, Moment::Near));
    for answer in join_all(calls).await {
        answer.expect("each of them finds or takes them");
    }
    bench.holds(S, OLD);
    bench.holds(T, OLD);
    bench.has(&[(S, 1), (T, 1), (A, 1), (B, 1)]).await;
}

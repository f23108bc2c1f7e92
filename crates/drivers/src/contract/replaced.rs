//! Laws of volumes that get another content in place of theirs: a snapshot's, or one from outside.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use futures::future::join_all;

use super::filled::Writer;
use super::{A, B, Bench, S};
use crate::error::{FailureKind, FillError};

const OLD: &[u8] = b"the old content";
const NEW: &[u8] = b"the new content, which is longer";

/// A volume whose content is new, and a snapshot of what it was.
async fn changed(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    (bench.write)(A, OLD);
    bench.driver.ensure_snapshot(bench.snapshot(S, A, 1)).await.expect("taken");
    (bench.write)(A, NEW);
}

/// The bytes, and zeros after them.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(4096, 0);
    padded
}

pub async fn a_reverted_volume_is_what_its_snapshot_was_as_often_as_it_is_reverted(bench: &Bench) {
    changed(bench).await;
    let (volume, snapshot) = (bench.volume(A, 1), bench.snapshot(S, A, 1));
    for _ in 0..2 {
        bench.driver.ensure_reverted(volume, snapshot).await.expect("reverted");
        bench.holds(A, &padded(OLD));
        (bench.write)(A, NEW);
    }
    let calls = (0..4).map(|_| bench.driver.ensure_reverted(volume, snapshot));
    for answer in join_all(calls).await {
        answer.expect("each of them reverts it");
    }
    bench.holds(A, &padded(OLD));
    bench.has(&[(S, 1), (A, 1)]).await;
}

pub async fn a_reverted_volume_is_independent_of_the_snapshot(bench: &Bench) {
    changed(bench).await;
    let snapshot = bench.snapshot(S, A, 1);
    bench.driver.ensure_reverted(bench.volume(A, 1), snapshot).await.expect("reverted");
    (bench.write)(A, NEW);
    bench.holds(S, OLD);
    bench.driver.destroy_snapshot(snapshot).await.expect("destroyed");
    bench.holds(A, NEW);
    bench.has(&[(A, 1)]).await;
}

pub async fn a_volume_may_be_larger_than_the_snapshot_that_it_is_reverted_to(bench: &Bench) {
    changed(bench).await;
    let larger = bench.volume(A, 2);
    bench.driver.ensure_size(bench.volume(A, 1), larger.size).await.expect("extended");
    bench.driver.ensure_reverted(larger, bench.snapshot(S, A, 1)).await.expect("reverted");
    bench.holds(A, OLD);
    bench.has(&[(S, 1), (A, 2)]).await;
    let small = bench.driver.ensure_reverted(bench.volume(A, 1), bench.snapshot(S, A, 2)).await;
    assert_eq!(small.expect_err("too small").kind, FailureKind::Invalid);
}

pub async fn a_volume_is_reverted_only_when_both_are_there(bench: &Bench) {
    let (volume, snapshot) = (bench.volume(A, 1), bench.snapshot(S, A, 1));
    bench.driver.ensure_volume(volume).await.expect("made");
    (bench.write)(A, OLD);
    let error = bench.driver.ensure_reverted(volume, snapshot).await.expect_err("no snapshot");
    assert_eq!(error.kind, FailureKind::NotFound);
    bench.holds(A, OLD);
    bench.driver.ensure_snapshot(snapshot).await.expect("taken");
    bench.driver.destroy_volume(volume).await.expect("destroyed");
    let error = bench.driver.ensure_reverted(volume, snapshot).await.expect_err("no volume");
    assert_eq!(error.kind, FailureKind::NotFound);
    bench.has(&[(S, 1)]).await;
}

pub async fn a_refilled_volume_has_the_new_content_and_nothing_of_the_old(bench: &Bench) {
    changed(bench).await;
    (bench.write)(A, &[7; 4096]);
    let writer = Writer::new(NEW);
    for _ in 0..2 {
        let done = bench.driver.ensure_refilled(bench.volume(A, 1), writer.content("k"));
        done.await.expect("refilled");
        bench.holds(A, &padded(NEW));
        (bench.write)(A, OLD);
    }
    bench.holds(S, OLD);
    bench.has(&[(S, 1), (A, 1)]).await;
}

pub async fn content_that_fails_leaves_the_volume_as_it_was(bench: &Bench) {
    changed(bench).await;
    let done = bench.driver.ensure_refilled(bench.volume(A, 1), Writer::failing().content("k"));
    let error = done.await.expect_err("the content failed");
    assert!(matches!(error, FillError::Content(_)), "{error}");
    bench.holds(A, &padded(NEW));
    bench.has(&[(S, 1), (A, 1)]).await;
}

pub async fn new_and_refilled_volumes_share_one_filling(bench: &Bench) {
    changed(bench).await;
    let writer = Writer::new(NEW);
    let (made, refilled) = tokio::join!(
        bench.driver.ensure_filled_volume(bench.volume(B, 1), writer.content("k")),
        bench.driver.ensure_refilled(bench.volume(A, 1), writer.content("k")),
    );
    made.expect("made");
    refilled.expect("refilled");
    assert_eq!(writer.times(), 1);
    bench.holds(A, &padded(NEW));
    bench.holds(B, &padded(NEW));
    bench.has(&[(S, 1), (A, 1), (B, 1)]).await;
}

pub async fn a_volume_that_is_not_there_is_not_refilled(bench: &Bench) {
    let writer = Writer::new(NEW);
    let done = bench.driver.ensure_refilled(bench.volume(A, 1), writer.content("k")).await;
    match done.expect_err("there is none") {
        FillError::Driver(error) => assert_eq!(error.kind, FailureKind::NotFound),
        FillError::Content(error) => panic!("{error}"),
    }
    assert_eq!(writer.times(), 0);
    bench.has(&[]).await;
}

pub async fn a_replaced_volume_is_exported_no_more_and_then_anew(bench: &Bench) {
    changed(bench).await;
    let volume = bench.volume(A, 1);
    let export = bench.driver.ensure_export(volume, None).await.expect("exported");
    bench.driver.ensure_reverted(volume, bench.snapshot(S, A, 1)).await.expect("reverted");
    let again = bench.driver.ensure_export(volume, export.as_ref()).await.expect("exported anew");
    assert_eq!(again, export, "in the way that was kept");
    let writer = Writer::new(NEW);
    bench.driver.ensure_refilled(volume, writer.content("k")).await.expect("refilled");
    bench.driver.ensure_export(volume, export.as_ref()).await.expect("exported anew");
    bench.driver.destroy_export(volume).await.expect("ended");
    bench.holds(A, NEW);
}

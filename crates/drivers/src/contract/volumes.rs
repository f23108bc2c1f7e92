//! Laws of volumes by themselves: making, extending, destroying.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use ashlar_types::Gib;
use futures::future::join_all;

use super::{A, B, Bench};
use crate::driver::VolumeRef;
use crate::error::FailureKind;

pub async fn a_volume_made_twice_is_there_once_and_keeps_its_content(bench: &Bench) {
    let volume = bench.volume(A, 1);
    let first = bench.driver.ensure_volume(volume).await.expect("made");
    (bench.write)(A, b"written");
    let second = bench.driver.ensure_volume(volume).await.expect("made again");
    assert_eq!(first, second, "the tables are told the same each time");
    bench.has(&[(A, 1)]).await;
    bench.holds(A, b"written");
}

pub async fn a_blank_volume_reads_as_zeros(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    bench.holds(A, &[0; 4096]);
}

pub async fn equal_calls_at_once_make_one_volume(bench: &Bench) {
    let calls = (0..16).map(|_| bench.driver.ensure_volume(bench.volume(A, 1)));
    for answer in join_all(calls).await {
        answer.expect("each of them finds or makes it");
    }
    bench.has(&[(A, 1)]).await;
    let calls = (0..16).map(|_| bench.driver.ensure_size(bench.volume(A, 1), Gib(3)));
    for answer in join_all(calls).await {
        answer.expect("each of them finds it large enough or makes it so");
    }
    bench.has(&[(A, 3)]).await;
    let calls = (0..16).map(|_| bench.driver.destroy_volume(bench.volume(A, 3)));
    for answer in join_all(calls).await {
        answer.expect("each of them finds it gone or removes it");
    }
    bench.has(&[]).await;
}

pub async fn different_volumes_can_be_made_at_once(bench: &Bench) {
    let names: Vec<_> =
        (0..40).map(|n| format!("volume-00000000-0000-4000-8000-{n:012}")).collect();
    let calls = names.iter().map(|name| bench.driver.ensure_volume(bench.volume(name, 1)));
    for answer in join_all(calls).await {
        answer.expect("made");
    }
    let expected: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
    bench.has(&expected).await;
}

pub async fn a_destroyed_volume_is_gone_and_destroying_it_again_is_fine(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.destroy_volume(volume).await.expect("nothing to destroy is fine");
    bench.driver.ensure_volume(volume).await.expect("made");
    bench.driver.ensure_volume(bench.volume(B, 1)).await.expect("made");
    bench.driver.destroy_volume(volume).await.expect("destroyed");
    bench.driver.destroy_volume(volume).await.expect("destroyed already");
    bench.has(&[(B, 1)]).await;
}

pub async fn a_volume_made_again_after_its_end_is_blank(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    (bench.write)(A, b"secret");
    bench.driver.destroy_volume(volume).await.expect("destroyed");
    bench.driver.ensure_volume(volume).await.expect("made anew");
    bench.holds(A, &[0; 16]);
}

pub async fn an_extended_volume_is_larger_keeps_its_content_and_never_shrinks(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    (bench.write)(A, b"written");
    for size in [3, 3, 2] {
        bench.driver.ensure_size(volume, Gib(size)).await.expect("at least that large");
        bench.has(&[(A, 3)]).await;
        bench.holds(A, b"written");
    }
}

pub async fn extending_what_is_not_there_says_so(bench: &Bench) {
    let error = bench.driver.ensure_size(bench.volume(A, 1), Gib(2)).await.expect_err("absent");
    assert_eq!(error.kind, FailureKind::NotFound);
    bench.has(&[]).await;
}

pub async fn a_name_that_could_be_a_path_is_refused(bench: &Bench) {
    let long = format!("volume-{}", "a".repeat(300));
    let names = [
        "",
        ".",
        "..",
        "/",
        "volume-",
        "volume-../x",
        "../volume-1",
        "volume-1/2",
        "volume-1.part",
        "volume-1\0",
        "volume-é",
        "snapshot-1",
        "/etc/passwd",
        &long,
    ];
    for name in names {
        let volume: VolumeRef<'_> = bench.volume(name, 1);
        let driver = &bench.driver;
        let snapshot = bench.snapshot("snapshot-1", name, 1);
        let odd = bench.snapshot(if name == "snapshot-1" { "volume-1" } else { name }, A, 1);
        for (call, kind) in [
            ("ensure_volume", driver.ensure_volume(volume).await.map(drop)),
            ("ensure_clone", driver.ensure_clone(volume, bench.volume(A, 1)).await.map(drop)),
            ("clone source", driver.ensure_clone(bench.volume(A, 1), volume).await.map(drop)),
            ("ensure_size", driver.ensure_size(volume, Gib(2)).await),
            ("destroy_volume", driver.destroy_volume(volume).await),
            ("snapshot source", driver.ensure_snapshot(snapshot).await.map(drop)),
            ("ensure_snapshot", driver.ensure_snapshot(odd).await.map(drop)),
            ("destroy_snapshot", driver.destroy_snapshot(odd).await),
        ]
        .map(|(call, answer)| (call, answer.map_err(|error| error.kind)))
        {
            assert_eq!(kind, Err(FailureKind::Invalid), "{call} with the name {name:?}");
        }
    }
    bench.has(&[]).await;
}

pub async fn a_size_of_nothing_is_refused(bench: &Bench) {
    for size in [0, Gib::MAX.0 + 1] {
        let volume = bench.volume(A, size);
        let error = bench.driver.ensure_volume(volume).await.expect_err("no such size");
        assert_eq!(error.kind, FailureKind::Invalid);
    }
    bench.has(&[]).await;
}

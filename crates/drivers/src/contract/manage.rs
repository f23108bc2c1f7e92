//! Laws of things that are taken over and let go.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use std::os::unix::fs::FileExt as _;

use super::{A, B, Bench, S};
use crate::driver::Kind;
use crate::error::FailureKind;
use crate::manage::{Reference, Thing};

fn reference(name: &str) -> Reference {
    Reference::named(name).expect("a plain name")
}

impl Bench {
    /// Something of others with these first bytes.
    async fn foreign(&self, name: &str, gib: u64, bytes: &[u8]) -> Reference {
        self.driver.ensure_volume(self.volume(B, gib)).await.expect("made");
        (self.write)(B, bytes);
        let reference = reference(name);
        let thing = Thing::Volume(self.volume(B, gib));
        self.driver.ensure_released(thing, Some(&reference)).await.expect("let go");
        reference
    }

    /// What could be taken over, by name, with sizes.
    async fn manageable(&self, kind: Kind) -> Vec<(String, u64)> {
        let listed = self.driver.list_manageable(kind).await.expect("listed");
        let mut shown: Vec<_> = listed
            .into_iter()
            .filter(|it| it.pool == self.pool && it.unfit.is_none())
            .map(|it| (it.reference.source_name().to_owned(), it.size.0))
            .collect();
        shown.sort();
        shown
    }
}

fn owned(things: &[(&str, u64)]) -> Vec<(String, u64)> {
    things.iter().map(|(name, gib)| ((*name).to_owned(), *gib)).collect()
}

pub async fn what_lies_there_is_listed_measured_and_taken_over_with_its_content(bench: &Bench) {
    let disk = bench.foreign("disk", 2, b"theirs").await;
    bench.has(&[]).await;
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[("disk", 2)]));
    let pools = [None, Some(bench.pool.as_str())];
    for pool in pools {
        let measured = bench.driver.measure(&disk, pool).await.expect("measured");
        assert_eq!((measured.pool.as_str(), measured.size.0), (bench.pool.as_str(), 2));
        let mut head = [0; 6];
        measured.reading.file.read_exact_at(&mut head, 0).expect("it can be read");
        assert_eq!(&head, b"theirs");
    }
    let thing = Thing::Volume(bench.volume(A, 2));
    let first = bench.driver.ensure_managed(thing, &disk).await.expect("taken over");
    let second = bench.driver.ensure_managed(thing, &disk).await.expect("it is already");
    assert_eq!(first, second, "the tables are told the same each time");
    bench.has(&[(A, 2)]).await;
    bench.holds(A, b"theirs");
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[(A, 2)]));
}

pub async fn what_is_let_go_keeps_content_and_name_and_can_be_taken_over_again(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(B, 1)).await.expect("made");
    (bench.write)(B, b"written");
    let thing = Thing::Volume(bench.volume(B, 1));
    for _ in 0..2 {
        bench.driver.ensure_released(thing, None).await.expect("let go");
    }
    bench.holds(B, b"written");
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[(B, 1)]));
    let other = Thing::Volume(bench.volume(A, 1));
    bench.driver.ensure_managed(other, &reference(B)).await.expect("taken over");
    bench.has(&[(A, 1)]).await;
    bench.holds(A, b"written");
}

pub async fn what_was_taken_over_gets_its_name_back(bench: &Bench) {
    let disk = bench.foreign("disk", 1, b"theirs").await;
    let thing = Thing::Volume(bench.volume(A, 1));
    bench.driver.ensure_released(thing, Some(&disk)).await.expect("it never was taken over");
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[("disk", 1)]));
    bench.driver.ensure_managed(thing, &disk).await.expect("taken over");
    for _ in 0..2 {
        bench.driver.ensure_released(thing, Some(&disk)).await.expect("given back");
        bench.has(&[]).await;
        assert_eq!(bench.manageable(Kind::Volume).await, owned(&[("disk", 1)]));
    }
    bench.driver.ensure_managed(thing, &disk).await.expect("taken over again");
    bench.holds(A, b"theirs");
}

pub async fn one_thing_is_taken_over_once(bench: &Bench) {
    let disk = bench.foreign("disk", 1, b"theirs").await;
    let (one, two) = (Thing::Volume(bench.volume(A, 1)), Thing::Volume(bench.volume(B, 1)));
    let (first, second) = tokio::join!(
        bench.driver.ensure_managed(one, &disk),
        bench.driver.ensure_managed(two, &disk),
    );
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1);
    let error = first.err().or(second.err()).expect("one of them came too late");
    assert_eq!(error.kind, FailureKind::NotFound, "{error}");
    assert_eq!(bench.listed().await.len(), 1);
}

pub async fn a_snapshot_is_taken_over_and_let_go_like_a_volume(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    let disk = bench.foreign("disk", 1, b"theirs").await;
    let thing = Thing::Snapshot(bench.snapshot(S, A, 1));
    bench.driver.ensure_managed(thing, &disk).await.expect("taken over");
    bench.holds(S, b"theirs");
    let listed = bench.driver.list().await.expect("listed");
    assert!(listed.iter().any(|it| it.name == S && it.kind == Kind::Snapshot));
    assert_eq!(bench.manageable(Kind::Snapshot).await, owned(&[(S, 1)]));
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[(A, 1)]));
    bench.driver.ensure_released(thing, None).await.expect("let go");
    bench.holds(S, b"theirs");
    bench.driver.ensure_released(thing, Some(&disk)).await.expect("given back");
    assert_eq!(bench.manageable(Kind::Snapshot).await, []);
    bench.driver.destroy_snapshot(bench.snapshot(S, A, 1)).await.expect("nothing to destroy");
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[("disk", 1), (A, 1)]));
}

pub async fn what_is_not_there_cannot_be_taken_over(bench: &Bench) {
    let nothing = reference("nothing");
    let error = bench.driver.measure(&nothing, None).await.expect_err("absent");
    assert_eq!(error.kind, FailureKind::NotFound);
    let thing = Thing::Volume(bench.volume(A, 1));
    let error = bench.driver.ensure_managed(thing, &nothing).await.expect_err("absent");
    assert_eq!(error.kind, FailureKind::NotFound);
    let disk = bench.foreign("disk", 1, b"theirs").await;
    let error = bench.driver.measure(&disk, Some("elsewhere")).await.expect_err("another pool");
    assert_eq!(error.kind, FailureKind::NotFound);
    bench.has(&[]).await;
}

pub async fn nothing_is_taken_over_under_a_name_that_could_be_a_path(bench: &Bench) {
    let disk = bench.foreign("disk", 1, b"theirs").await;
    for name in ["volume-../x", "snapshot-1", "volume-1.part", "../volume-1"] {
        let thing = Thing::Volume(bench.volume(name, 1));
        let error = bench.driver.ensure_managed(thing, &disk).await.expect_err("refused");
        assert_eq!(error.kind, FailureKind::Invalid, "{name}");
        let error = bench.driver.ensure_released(thing, Some(&disk)).await.expect_err("refused");
        assert_eq!(error.kind, FailureKind::Invalid, "{name}");
    }
    // As it may come out of a flow's state, which is not read as carefully.
    for name in ["../x", "/etc/passwd", "a/b", "", "..", "volume-1.part"] {
        let text = serde_json::json!({ "source-name": name });
        let odd: Reference = serde_json::from_value(text).expect("it is plain data");
        let error = bench.driver.measure(&odd, None).await.expect_err("refused");
        assert_eq!(error.kind, FailureKind::Invalid, "{name}");
        let thing = Thing::Volume(bench.volume(A, 1));
        let error = bench.driver.ensure_managed(thing, &odd).await.expect_err("refused");
        assert_eq!(error.kind, FailureKind::Invalid, "{name}");
    }
    assert_eq!(bench.manageable(Kind::Volume).await, owned(&[("disk", 1)]));
}

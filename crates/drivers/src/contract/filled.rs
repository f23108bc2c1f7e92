//! Laws of volumes that are filled from outside, and of reading a volume.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use std::error::Error;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};

use super::{A, B, Bench};
use crate::driver::{Content, Fill, Target};
use crate::error::{FailureKind, FillError};

const TEXT: &[u8] = b"what the image says";

/// Writes some bytes, or fails; counts how often.
pub(super) struct Writer {
    bytes: &'static [u8],
    fails: bool,
    times: AtomicUsize,
}

impl Writer {
    pub(super) fn new(bytes: &'static [u8]) -> Arc<Self> {
        Arc::new(Self { bytes, fails: false, times: AtomicUsize::new(0) })
    }

    pub(super) fn failing() -> Arc<Self> {
        Arc::new(Self { bytes: TEXT, fails: true, times: AtomicUsize::new(0) })
    }

    pub(super) fn content(self: &Arc<Self>, key: &str) -> Content {
        Content { key: key.to_owned(), fill: Arc::clone(self) as Arc<dyn Fill> }
    }

    pub(super) fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }
}

impl Fill for Writer {
    fn fill(&self, target: Target) -> BoxFuture<'_, Result<(), Box<dyn Error + Send + Sync>>> {
        Box::pin(async move {
            self.times.fetch_add(1, Ordering::SeqCst);
            // The others come while this one is at it.
            tokio::time::sleep(Duration::from_millis(200)).await;
            target.file.write_all_at(self.bytes, 0)?;
            if self.fails { Err("the image is torn".into()) } else { Ok(()) }
        })
    }
}

pub async fn a_filled_volume_has_the_content_and_zeros_and_is_filled_once(bench: &Bench) {
    let writer = Writer::new(TEXT);
    for _ in 0..2 {
        let made = bench.driver.ensure_filled_volume(bench.volume(A, 1), writer.content("k"));
        made.await.expect("made");
    }
    let mut expected = TEXT.to_vec();
    expected.resize(4096, 0);
    bench.holds(A, &expected);
    assert_eq!(writer.times(), 1);
    bench.has(&[(A, 1)]).await;
}

pub async fn those_who_want_the_same_content_at_once_share_one_filling(bench: &Bench) {
    let writer = Writer::new(TEXT);
    let names: Vec<String> = (0..12).map(|n| format!("volume-{n}")).collect();
    let made = names
        .iter()
        .map(|name| bench.driver.ensure_filled_volume(bench.volume(name, 1), writer.content("k")));
    for made in join_all(made).await {
        made.expect("made");
    }
    assert_eq!(writer.times(), 1);
    for name in &names {
        bench.holds(name, TEXT);
    }
    (bench.write)(&names[0], b"something else entirely");
    bench.holds(&names[1], TEXT);
}

pub async fn other_content_and_other_sizes_are_filled_apart(bench: &Bench) {
    let (one, other) = (Writer::new(TEXT), Writer::new(b"another image"));
    let (a, b) = tokio::join!(
        bench.driver.ensure_filled_volume(bench.volume(A, 1), one.content("one")),
        bench.driver.ensure_filled_volume(bench.volume(B, 1), other.content("other")),
    );
    a.expect("made");
    b.expect("made");
    bench.holds(A, TEXT);
    bench.holds(B, b"another image");
    let larger = bench.volume("volume-3", 3);
    bench.driver.ensure_filled_volume(larger, one.content("one")).await.expect("made");
    bench.holds("volume-3", TEXT);
    bench.has(&[(A, 1), (B, 1), ("volume-3", 3)]).await;
}

pub async fn content_that_fails_leaves_nothing_and_all_who_wait_hear_why(bench: &Bench) {
    let failing = Writer::failing();
    let (a, b) = tokio::join!(
        bench.driver.ensure_filled_volume(bench.volume(A, 1), failing.content("k")),
        bench.driver.ensure_filled_volume(bench.volume(B, 1), failing.content("k")),
    );
    for made in [a, b] {
        let error = made.expect_err("the content failed");
        assert!(matches!(error, FillError::Content(_)), "{error}");
        assert_eq!(error.to_string(), "the image is torn");
    }
    bench.has(&[]).await;
    let writer = Writer::new(TEXT);
    let again = bench.driver.ensure_filled_volume(bench.volume(A, 1), writer.content("k"));
    again.await.expect("the next begins anew");
    bench.holds(A, TEXT);
}

pub async fn a_key_that_could_be_a_path_is_refused(bench: &Bench) {
    let writer = Writer::new(TEXT);
    let made = bench.driver.ensure_filled_volume(bench.volume(A, 1), writer.content("../k")).await;
    match made.expect_err("refused") {
        FillError::Driver(error) => assert_eq!(error.kind, FailureKind::Invalid),
        FillError::Content(error) => panic!("{error}"),
    }
    assert_eq!(writer.times(), 0);
    bench.has(&[]).await;
}

pub async fn an_open_volume_reads_as_what_it_holds(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    (bench.write)(A, TEXT);
    let mut open = bench.driver.open_volume(bench.volume(A, 1)).await.expect("open");
    assert_eq!(open.length, 1 << 30);
    let mut head = vec![1; 4096];
    open.file.read_exact(&mut head).expect("long enough");
    assert!(head.starts_with(TEXT) && head[TEXT.len()..].iter().all(|byte| *byte == 0));
    let error = bench.driver.open_volume(bench.volume(B, 1)).await.expect_err("not there");
    assert_eq!(error.kind, FailureKind::NotFound);
}

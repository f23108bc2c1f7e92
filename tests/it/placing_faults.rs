//! A batch of placements that panics: whoever waited for it asks again, and nobody waits for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ashlar_testkit::make::id_of;
use ashlar_testkit::{Cloud, Plan, cloud};
use futures::future::join_all;
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};
use serde_json::json;

/// A recorder of metrics that panics when it is told how large a batch of placements is, so many times.
struct Faulty {
    left: Arc<Left>,
}

struct Left(AtomicU32);

impl HistogramFn for Left {
    fn record(&self, _: f64) {
        let taken =
            self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(taken.is_err(), "this batch was to panic");
    }
}

impl metrics::Recorder for Faulty {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if key.name() == ashlar_types::metric::PLACEMENT_BATCH_SIZE {
            return Histogram::from_arc(Arc::clone(&self.left));
        }
        Histogram::noop()
    }
}

// On one thread, so that the recorder of this thread is everybody's.
#[tokio::test]
async fn whoever_waits_for_a_batch_that_panics_is_placed_by_another() {
    let left = Arc::new(Left(AtomicU32::new(0)));
    let faulty = Faulty { left: Arc::clone(&left) };
    let _recording = metrics::set_default_local_recorder(&faulty);
    let plan = Plan::with_sim(&cloud::sim()).limits(&[("volumes", -1)]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    left.0.store(3, Ordering::SeqCst);
    let made = join_all((0..40).map(|_| admin.create_volume(json!({ "size": 1 })))).await;
    for volume in &made {
        admin.wait_for("volumes", &id_of(volume), "available").await;
    }
    assert_eq!(left.0.load(Ordering::SeqCst), 0, "no batch panicked");
    // And who comes later finds the queue tended.
    admin.volume(1).await;
    cloud.check().await;
}

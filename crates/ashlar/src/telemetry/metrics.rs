//! The metrics: what each means, and the recorder that renders them for `/metrics`.

use std::time::Duration;

use ashlar_types::metric;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the histograms in seconds: a GET takes less than the first, a slow backend more than the last.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

/// Upper bounds of the histogram of batches of placements; none is larger than the last.
const PLACED_TOGETHER: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How often samples are folded into their buckets; without it they pile up between two readings of `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

/// Installs the recorder of this process and gives the handle that renders it. Needs a running tokio runtime.
///
/// # Errors
/// A recorder was installed before.
pub(crate) fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = builder()?.install_recorder()?;
    describe();
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut turns = tokio::time::interval(UPKEEP);
        loop {
            turns.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

fn builder() -> anyhow::Result<PrometheusBuilder> {
    let batches = Matcher::Full(metric::PLACEMENT_BATCH_SIZE.to_owned());
    let builder = PrometheusBuilder::new().set_buckets(&SECONDS)?;
    Ok(builder.set_buckets_for_metric(batches, &PLACED_TOGETHER)?)
}

fn describe() {
    describe_counter!(metric::REQUESTS, "Requests answered, by operation and status");
    describe_histogram!(metric::REQUEST_SECONDS, Unit::Seconds, "Time to answer a request");
    describe_counter!(metric::TURNED_AWAY, "Requests turned away because of too many others");
    describe_counter!(metric::ABANDONED, "Requests whose client hung up before an answer");
    describe_gauge!(metric::FLOWS, "Flows that are not finished, by kind and phase");
    describe_gauge!(
        metric::OLDEST_FLOW_SECONDS,
        Unit::Seconds,
        "Age of the oldest unfinished flow"
    );
    describe_counter!(metric::FLOWS_ENDED, "Flows that ended, by kind and outcome");
    describe_counter!(metric::TASK_FAILURES, "Failures of tasks, by flow and task");
    describe_histogram!(metric::TASK_SECONDS, Unit::Seconds, "Time that a task took");
    describe_histogram!(
        metric::PLACEMENT_BATCH_SIZE,
        Unit::Count,
        "Volumes that were placed in one transaction"
    );
    describe_gauge!(metric::POOL_TOTAL_GIB, "Size of a pool in GiB");
    describe_gauge!(metric::POOL_FREE_GIB, "Free capacity of a pool in GiB, as it last reported");
    describe_gauge!(
        metric::POOL_ALLOCATED_GIB,
        "Sum of the sizes of a pool's volumes and snapshots in GiB"
    );
    describe_gauge!(metric::POOL_HELD_GIB, "Capacity promised to operations under way in GiB");
    describe_gauge!(metric::NOTIFICATIONS_WAITING, "Notifications that wait to be sent");
    describe_gauge!(
        metric::OLDEST_NOTIFICATION_SECONDS,
        Unit::Seconds,
        "Age of the oldest notification that waits to be sent"
    );
    describe_counter!(metric::IMAGE_BYTES, Unit::Bytes, "Bytes of images, by direction");
    describe_counter!(
        metric::IMAGE_CONVERSIONS,
        "Images that were converted, by direction and outcome"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_counted_by_number_and_the_rest_by_seconds() {
        let recorder = builder().expect("good bounds").build_recorder();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!(metric::PLACEMENT_BATCH_SIZE).record(100.0);
            metrics::histogram!(metric::REQUEST_SECONDS).record(0.002);
        });
        let text = recorder.handle().render();
        for line in [
            "ashlar_placement_batch_size_bucket{le=\"64\"} 0",
            "ashlar_placement_batch_size_bucket{le=\"128\"} 1",
            "ashlar_request_seconds_bucket{le=\"0.001\"} 0",
            "ashlar_request_seconds_bucket{le=\"0.0025\"} 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}

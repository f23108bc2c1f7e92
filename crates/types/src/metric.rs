//! Names of the metrics at `/metrics`, so that whoever counts and whoever describes mean the same.

/// Counter: requests answered, by `op` (the operation's name in the API's tables) and `status`.
pub const REQUESTS: &str = "ashlar_requests_total";
/// Histogram in seconds: time to answer a request, by `op`.
pub const REQUEST_SECONDS: &str = "ashlar_request_seconds";
/// Counter: requests turned away because of too many others, by `reason` (`full`, `late`).
pub const TURNED_AWAY: &str = "ashlar_requests_turned_away_total";
/// Counter: requests whose client hung up before they were answered.
pub const ABANDONED: &str = "ashlar_requests_abandoned_total";
/// Gauge: flows that are not finished, by `flow` and `phase`.
pub const FLOWS: &str = "ashlar_flows";
/// Gauge: age in seconds of the oldest flow that is not finished; 0 when there is none.
pub const OLDEST_FLOW_SECONDS: &str = "ashlar_oldest_flow_seconds";
/// Counter: flows that ended, by `flow` and `outcome`.
pub const FLOWS_ENDED: &str = "ashlar_flows_ended_total";
/// Counter: failures of tasks, by `flow` and `task`.
pub const TASK_FAILURES: &str = "ashlar_task_failures_total";
/// Histogram in seconds: time that a task took, by `flow` and `task`.
pub const TASK_SECONDS: &str = "ashlar_task_seconds";
/// Histogram of numbers: requests that one transaction of a scheduler placed.
pub const PLACEMENT_BATCH_SIZE: &str = "ashlar_placement_batch_size";
/// Gauge: size of a pool in GiB, by `pool`.
pub const POOL_TOTAL_GIB: &str = "ashlar_pool_total_gib";
/// Gauge: free capacity of a pool in GiB as it last reported, by `pool`.
pub const POOL_FREE_GIB: &str = "ashlar_pool_free_gib";
/// Gauge: sizes of a pool's volumes and snapshots in GiB, by `pool`.
pub const POOL_ALLOCATED_GIB: &str = "ashlar_pool_allocated_gib";
/// Gauge: capacity of a pool that is promised to operations under way, in GiB, by `pool`.
pub const POOL_HELD_GIB: &str = "ashlar_pool_held_gib";
/// Counter: bytes of images that came from Glance or went there, by `direction` (`download`, `upload`).
pub const IMAGE_BYTES: &str = "ashlar_image_bytes_total";
/// Counter: images that were converted, by `direction` (`download`, `upload`) and `outcome` (`done`, `failed`).
pub const IMAGE_CONVERSIONS: &str = "ashlar_image_conversions_total";
/// Gauge: notifications that wait to be sent; a million stands for a million and more.
pub const NOTIFICATIONS_WAITING: &str = "ashlar_notifications_waiting";
/// Gauge: age in seconds of the oldest notification that waits to be sent; 0 when there is none.
pub const OLDEST_NOTIFICATION_SECONDS: &str = "ashlar_oldest_notification_seconds";

//! What is seen of a running process: its log and its metrics.

pub(crate) mod levels;
pub(crate) mod log;
pub(crate) mod metrics;

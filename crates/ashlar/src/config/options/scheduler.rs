//! `[DEFAULT]`: how a pool is chosen.

use super::options;
use crate::config::option::{Kind, Opt};
use crate::config::settings::Ratio;

const SECTION: &str = "DEFAULT";

/// Cinder's name of the only scheduler that it has, and ours.
pub(crate) const FILTER_SCHEDULER: &str = "cinder.scheduler.filter_scheduler.FilterScheduler";

/// The words with which both ratio options describe themselves.
pub(crate) const RATIO: Kind = Kind::Own("'auto' or a number from 1.0");

options! {
    SCHEDULER_DRIVER: String = Opt::new(SECTION, "scheduler_driver", Kind::Choice(&[FILTER_SCHEDULER]),
        "The strategy: filter, weigh, take the best.")
        .default(FILTER_SCHEDULER);
    SCHEDULER_DEFAULT_FILTERS: Vec<String> = Opt::new(SECTION, "scheduler_default_filters", Kind::List,
        "Filters that a pool must pass.")
        .default("AvailabilityZoneFilter,CapacityFilter,CapabilitiesFilter");
    SCHEDULER_DEFAULT_WEIGHERS: Vec<String> =
        Opt::new(SECTION, "scheduler_default_weighers", Kind::List,
        "Weighers that rank the pools that passed.")
        .default("CapacityWeigher");
    SCHEDULER_MAX_ATTEMPTS: u32 =
        Opt::new(SECTION, "scheduler_max_attempts", Kind::Integer(1, u32::MAX as i64),
        "Pools tried for one volume before giving up.")
        .default("3");
    CAPACITY_WEIGHT_MULTIPLIER: f64 =
        Opt::new(SECTION, "capacity_weight_multiplier", Kind::Float,
        "Weight of free capacity. A negative number fills one pool before the next.")
        .default("1.0");
    MAX_OVER_SUBSCRIPTION_RATIO: Ratio = Opt::new(SECTION, "max_over_subscription_ratio", RATIO,
        "How many times a thin pool's capacity may be sold, for pools that do not say. Backends read theirs from \
         their own section.")
        .default("20.0");
}

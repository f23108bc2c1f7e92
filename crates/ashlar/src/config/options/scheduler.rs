//! `[DEFAULT]`: how a pool is chosen.

use super::options;
use crate::config::option::{Kind, Opt};
use crate::config::settings::{Ratio, Scheduler, WeightHandler};

const SECTION: &str = "DEFAULT";

/// The words with which both ratio options describe themselves.
pub(crate) const RATIO: Kind = Kind::Own("'auto' or a number from 1.0");

options! {
    SCHEDULER_DRIVER: Scheduler = Opt::new(SECTION, "scheduler_driver",
        Kind::Own("one of: filter, chance, simple, or the class that Cinder has or had for it: \
                   cinder.scheduler.filter_scheduler.FilterScheduler, cinder.scheduler.chance.ChanceScheduler, \
                   cinder.scheduler.simple.SimpleScheduler, the class's name alone too"),
        "The strategy. filter: filter, weigh, take the best. chance: any that is up and was not tried. simple: the \
         backend with the fewest gigabytes, up to max_gigabytes; an administrator may write zone:host for a zone. \
         Cinder dropped the last two after Havana.")
        .default("cinder.scheduler.filter_scheduler.FilterScheduler");
    MAX_GIGABYTES: u64 = Opt::new(SECTION, "max_gigabytes", Kind::Integer(0, i64::MAX),
        "Scheduler simple: most GiB of volumes on one backend. Havana's option.")
        .default("10000");
    SCHEDULER_DEFAULT_FILTERS: Vec<String> = Opt::new(SECTION, "scheduler_default_filters", Kind::List,
        "Scheduler filter: filters that a pool must pass, by the names of their classes.")
        .default("AvailabilityZoneFilter,CapacityFilter,CapabilitiesFilter");
    SCHEDULER_DEFAULT_WEIGHERS: Vec<String> =
        Opt::new(SECTION, "scheduler_default_weighers", Kind::List,
        "Scheduler filter: weighers that rank the pools that passed, by the names of their classes.")
        .default("CapacityWeigher");
    SCHEDULER_WEIGHT_HANDLER: WeightHandler = Opt::new(SECTION, "scheduler_weight_handler",
        Kind::Own("one of: cinder.scheduler.weights.OrderedHostWeightHandler, \
                   cinder.scheduler.weights.stochastic.StochasticHostWeightHandler, the class's name alone too"),
        "Scheduler filter: take the pool with the highest weight, or draw lots in which a pool's chance is its share \
         of all weights.")
        .default("cinder.scheduler.weights.OrderedHostWeightHandler");
    SCHEDULER_JSON_CONFIG_LOCATION: String =
        Opt::new(SECTION, "scheduler_json_config_location", Kind::Path,
        "JSON file with an object of options for filters; looked at when a volume is placed, at most every five \
         minutes. A file that cannot be read leaves the last good options in force; Cinder fails the request, or \
         goes on without options. No filter that is built in reads them, here as in Cinder.");
    SCHEDULER_MAX_ATTEMPTS: u32 =
        Opt::new(SECTION, "scheduler_max_attempts", Kind::Integer(1, u32::MAX as i64),
        "Pools tried for one volume before giving up.")
        .default("3");
    CAPACITY_WEIGHT_MULTIPLIER: f64 =
        Opt::new(SECTION, "capacity_weight_multiplier", Kind::Float,
        "Weight of free capacity. A negative number fills one pool before the next.")
        .default("1.0");
    ALLOCATED_CAPACITY_WEIGHT_MULTIPLIER: f64 =
        Opt::new(SECTION, "allocated_capacity_weight_multiplier", Kind::Float,
        "Weight of allocated capacity, for AllocatedCapacityWeigher. A positive number fills one pool before the next.")
        .default("-1.0");
    VOLUME_NUMBER_MULTIPLIER: f64 =
        Opt::new(SECTION, "volume_number_multiplier", Kind::Float,
        "Weight of the number of volumes, for VolumeNumberWeigher. A positive number fills one pool before the next.")
        .default("-1.0");
    MAX_OVER_SUBSCRIPTION_RATIO: Ratio = Opt::new(SECTION, "max_over_subscription_ratio", RATIO,
        "How many times a thin pool's capacity may be sold, for pools that do not say. Backends read theirs from \
         their own section.")
        .default("20.0");
}

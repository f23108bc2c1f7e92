//! Pools, requests and rules by chance, odd ones among them, for the property tests of this crate.

use ashlar_types::request_spec::Pinned;
use ashlar_types::{Availability, BackendName, Pool, PoolName, RequestSpec, VolumeTypeId};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Handler, Rules, RulesSettings, Strategy as Driver, samples};

/// Mostly a number of GiB with quarters; sometimes a word, null, or something that is no capacity.
fn any_capacity() -> impl Strategy<Value = Value> {
    prop_oneof![
        12 => (0..4_000_u32).prop_map(|quarters| json!(f64::from(quarters) / 4.0)),
        1 => prop_oneof![Just(json!("infinite")), Just(json!("unknown")), Just(json!(null))],
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => prop_oneof![Just(json!("12.5")), Just(json!("many")), Just(json!([])), Just(json!(-4))],
    ]
}

fn any_ratio() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(json!("auto")),
        6 => (0.5..30.0).prop_map(|ratio| json!(ratio)),
        1 => any::<f64>().prop_map(|ratio| json!(ratio)),
        1 => prop_oneof![Just(json!(null)), Just(json!("2.5")), Just(json!("two"))],
    ]
}

fn any_function() -> impl Strategy<Value = Value> {
    prop_oneof![
        9 => Just(json!(null)),
        1 => Just(json!("volume.size < 100")),
        1 => Just(json!("capabilities.free_capacity_gb > 100")),
        1 => Just(json!("volume.size <")),
        1 => Just(json!("stats.allocated_capacity_gb / volume.no_such_thing > 1")),
    ]
}

fn any_availability() -> impl Strategy<Value = Availability> {
    prop_oneof![19 => Just(Availability::Up), 1 => Just(Availability::Disabled)]
}

prop_compose! {
    /// A pool without a name.
    pub(crate) fn any_pool()(
        total in any_capacity(),
        free in any_capacity(),
        provisioned in proptest::option::of(any_capacity()),
        ratio in any_ratio(),
        reserved in prop_oneof![9 => (0..110_u32).prop_map(Value::from), 1 => Just(json!("x"))],
        (thin, ssd) in any::<(bool, bool)>(),
        figures in (0..1_000_u64, 0..200_u64, 0..200_u64, 0..20_u64),
        filter_function in any_function(),
        zone in 0..3_u8,
        availability in any_availability(),
    ) -> Pool {
        let mut pool = samples::pool("", 0.0, 0.0);
        samples::report(&mut pool, "total_capacity_gb", total);
        samples::report(&mut pool, "free_capacity_gb", free);
        if let Some(provisioned) = provisioned {
            samples::report(&mut pool, "provisioned_capacity_gb", provisioned);
        }
        samples::report(&mut pool, "max_over_subscription_ratio", ratio);
        samples::report(&mut pool, "reserved_percentage", reserved);
        samples::report(&mut pool, "thin_provisioning_support", thin.into());
        samples::report(&mut pool, "ssd", ssd.into());
        samples::report(&mut pool, "filter_function", filter_function);
        samples::report(&mut pool, "goodness_function", "volume.size".into());
        (pool.allocated, pool.held, pool.unreported, pool.volumes) = figures;
        pool.availability_zone = format!("zone-{zone}");
        pool.availability = availability;
        pool
    }
}

/// Up to eleven pools of three backends.
pub(crate) fn any_pools() -> impl Strategy<Value = Vec<Pool>> {
    proptest::collection::vec(any_pool(), 0..12).prop_map(|mut pools| {
        for (number, pool) in pools.iter_mut().enumerate() {
            pool.name = PoolName(format!("h@b{}#p{number}", number % 3));
        }
        pools
    })
}

prop_compose! {
    /// A request of one of four types.
    pub(crate) fn any_spec()(
        size in 1..400_u64,
        zones in proptest::collection::vec(0..3_u8, 0..3),
        kind in 0..4_u8,
        special in 0..12_u8,
    ) -> RequestSpec {
        let mut spec = samples::spec(size);
        spec.availability_zones = zones.iter().map(|zone| format!("zone-{zone}")).collect();
        let volume_type = &mut spec.volume_type;
        volume_type.id = VolumeTypeId(uuid_of(kind));
        volume_type.name = format!("type-{kind}");
        if kind & 1 > 0 {
            volume_type.extra_specs.insert("provisioning:type".to_owned(), Some("thick".to_owned()));
        }
        if kind & 2 > 0 {
            volume_type.extra_specs.insert("ssd".to_owned(), Some("<is> True".to_owned()));
        }
        match special {
            0 => spec.pinned = Some(Pinned::Backend(BackendName::new("h", "b1"))),
            1 => spec.pinned = Some(Pinned::Pool(PoolName("h@b2#p2".to_owned()))),
            2 => spec.forced = Some("h@b0".to_owned()),
            _ => {}
        }
        spec
    }
}

fn uuid_of(kind: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(u128::from(kind))
}

/// All filters, some weighers, any handler; or another scheduler.
pub(crate) fn any_rules() -> impl Strategy<Value = Rules> {
    let multiplier = prop_oneof![Just(1.0), Just(-1.0), Just(0.0), Just(f64::MAX), -5.0..5.0];
    let driver = prop_oneof![
        6 => Just(Driver::Filter),
        1 => Just(Driver::Chance),
        1 => Just(Driver::Simple { max_gigabytes: 700 }),
    ];
    let handler = prop_oneof![3 => Just(Handler::Ordered), 1 => Just(Handler::Stochastic)];
    let weighers = proptest::sample::subsequence(crate::weighers::ALL, 0..4);
    (multiplier, driver, handler, weighers, any::<bool>()).prop_map(
        |(multiplier, strategy, handler, weighers, capacity)| {
            let filters = crate::filters::ALL.iter().map(|filter| filter.name.to_owned());
            let filters = filters.filter(|name| capacity || name != "CapacityFilter").collect();
            let weighers = weighers.iter().map(|weigher| weigher.name.to_owned()).collect();
            let multipliers = vec![("capacity_weight_multiplier", multiplier)];
            let settings = RulesSettings {
                strategy,
                filters,
                weighers,
                handler,
                multipliers,
                ..RulesSettings::default()
            };
            Rules::from_settings(&settings).expect("names of this crate")
        },
    )
}

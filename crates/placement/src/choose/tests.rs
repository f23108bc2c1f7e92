//! The whole decision: properties over random pools, against brute force, and a few stories.

use std::collections::BTreeSet;

use ashlar_types::request_spec::Pinned;
use ashlar_types::{BackendName, Capacity, Gib};
use proptest::prelude::*;

use super::*;
use crate::samples;
use crate::{Provisioning, Reason};

fn any_capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![
        8 => (0..5_000_u32).prop_map(|quarters| Capacity::Gib(f64::from(quarters) / 4.0)),
        1 => Just(Capacity::Infinite),
        1 => Just(Capacity::Unknown),
        1 => any::<f64>().prop_map(Capacity::Gib),
    ]
}

fn any_ratio() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        2 => Just(None),
        6 => (1.0..30.0).prop_map(Some),
        1 => any::<f64>().prop_map(Some),
    ]
}

prop_compose! {
    fn any_pool()(
        total in any_capacity(),
        free in any_capacity(),
        ratio in any_ratio(),
        reserved in 0..110_u32,
        (thin, thick, ssd) in any::<(bool, bool, bool)>(),
        allocated in prop_oneof![0..3_000_u64, any::<u64>()],
        held in 0..500_u64,
        zone in 0..3_u8,
    ) -> Pool {
        let mut pool = samples::pool("", 0.0, 0.0);
        pool.stats.total = total;
        pool.stats.free = free;
        pool.stats.max_over_subscription_ratio = ratio;
        pool.stats.reserved_percentage = reserved;
        pool.stats.thin = thin;
        pool.stats.thick = thick;
        samples::report(&mut pool, "ssd", ssd.into());
        pool.allocated = allocated;
        pool.held = held;
        pool.availability_zone = format!("zone-{zone}");
        pool
    }
}

fn any_pools() -> impl Strategy<Value = Vec<Pool>> {
    proptest::collection::vec(any_pool(), 0..12).prop_map(|mut pools| {
        for (number, pool) in pools.iter_mut().enumerate() {
            pool.name = PoolName(format!("h@b{}#p{number}", number % 3));
        }
        pools
    })
}

prop_compose! {
    fn any_spec()(
        size in 1..600_u64,
        zones in proptest::collection::vec(0..3_u8, 0..3),
        (thick, ssd) in any::<(bool, bool)>(),
        pin in 0..6_u8,
    ) -> RequestSpec {
        let mut spec = samples::spec(size);
        spec.availability_zones = zones.iter().map(|zone| format!("zone-{zone}")).collect();
        let specs = &mut spec.volume_type.extra_specs;
        if thick {
            specs.insert("provisioning:type".to_owned(), Some("thick".to_owned()));
        }
        if ssd {
            specs.insert("ssd".to_owned(), Some("<is> True".to_owned()));
        }
        spec.pinned = match pin {
            0 => Some(Pinned::Backend(BackendName::new("h", "b1"))),
            1 => Some(Pinned::Pool(PoolName("h@b2#p2".to_owned()))),
            _ => None,
        };
        spec
    }
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let multiplier = prop_oneof![Just(1.0), Just(-1.0), Just(0.0), Just(f64::MAX), -5.0..5.0];
    (multiplier, 1..3_usize).prop_map(|(multiplier, weighers)| {
        let filters = [
            "IgnoreAttemptedHostsFilter",
            "AvailabilityZoneFilter",
            "CapacityFilter",
            "CapabilitiesFilter",
        ];
        let weighers = vec!["CapacityWeigher"; weighers];
        let set = [("capacity_weight_multiplier", multiplier)];
        Rules::from_names(&filters[..], weighers.as_slice(), &set, Some(20.0), 3)
            .unwrap_or_else(|error| panic!("rules of the test: {error}"))
    })
}

fn tried() -> Vec<PoolName> {
    vec![PoolName("h@b0#p0".to_owned())]
}

/// Every rule of the request, said again in the plainest way.
fn passes(spec: &RequestSpec, pool: &Pool, rules: &Rules) -> bool {
    let zones = &spec.availability_zones;
    let wants_ssd = spec.volume_type.spec("ssd").is_some();
    (zones.is_empty() || zones.contains(&pool.availability_zone))
        && rules.admit(pool, spec.size, Provisioning::of(&spec.volume_type)).is_ok()
        && (!wants_ssd || pool.stats.capabilities["ssd"] == true)
        && pool.name.as_str() != "h@b0#p0"
        && match &spec.pinned {
            None => true,
            Some(Pinned::Backend(backend)) => pool.name.backend() == *backend,
            Some(Pinned::Pool(name)) => pool.name == *name,
        }
}

proptest! {
    #[test]
    fn every_pool_is_in_the_verdict_once_and_ranked_just_when_it_passes(
        spec in any_spec(), pools in any_pools(), rules in any_rules(),
    ) {
        let verdict = choose(&spec, &pools, &tried(), &rules, 0);
        prop_assert_eq!(verdict.ranked.len() + verdict.rejected.len(), pools.len());
        let ranked: BTreeSet<_> = verdict.ranked.iter().map(|ranked| &ranked.pool).collect();
        let rejected: BTreeSet<_> = verdict.rejected.iter().map(|rejected| &rejected.pool).collect();
        prop_assert_eq!(ranked.len() + rejected.len(), pools.len());
        for pool in &pools {
            let expected = passes(&spec, pool, &rules);
            prop_assert_eq!(ranked.contains(&pool.name), expected, "{:?}", pool);
            prop_assert_eq!(rejected.contains(&pool.name), !expected);
        }
    }

    #[test]
    fn the_order_of_the_pools_does_not_matter(
        spec in any_spec(),
        (pools, shuffled) in any_pools().prop_flat_map(|pools| (Just(pools.clone()), Just(pools).prop_shuffle())),
        rules in any_rules(),
    ) {
        let verdict = choose(&spec, &pools, &tried(), &rules, 0);
        prop_assert_eq!(verdict, choose(&spec, &shuffled, &tried(), &rules, 0));
    }

    #[test]
    fn a_pool_that_a_filter_refuses_changes_nothing_for_the_others(
        spec in any_spec(), pools in any_pools(), mut more in any_pool(), rules in any_rules(),
    ) {
        more.name = PoolName("h@b1#more".to_owned());
        more.availability_zone = "nowhere".to_owned();
        let mut spec = spec;
        spec.availability_zones.push("zone-0".to_owned());
        let before = choose(&spec, &pools, &tried(), &rules, 0);
        let with_more: Vec<Pool> = pools.into_iter().chain([more]).collect();
        let after = choose(&spec, &with_more, &tried(), &rules, 0);
        prop_assert_eq!(before.ranked, after.ranked);
        prop_assert_eq!(before.rejected.len() + 1, after.rejected.len());
    }

    #[test]
    fn scores_are_finite_and_fall_and_are_the_sum_of_the_weights(
        spec in any_spec(), pools in any_pools(), rules in any_rules(),
    ) {
        let verdict = choose(&spec, &pools, &tried(), &rules, 0);
        for ranked in &verdict.ranked {
            prop_assert!(ranked.score.is_finite());
            let sum: f64 = ranked.weights.iter().map(|weight| weight.weighted).sum();
            prop_assert_eq!(ranked.score, sum.clamp(f64::MIN, f64::MAX));
            for weight in &ranked.weights {
                prop_assert!(weight.raw.is_finite() && weight.weighted.is_finite());
                prop_assert!((0.0..=1.0).contains(&weight.normalised), "{:?}", weight);
            }
        }
        for pair in verdict.ranked.windows(2) {
            let falls = pair[0].score > pair[1].score;
            prop_assert!(falls || (pair[0].score == pair[1].score && pair[0].pool < pair[1].pool));
        }
        let json = serde_json::to_value(&verdict).expect("json");
        prop_assert!(serde_json::from_value::<Verdict>(json).expect("a verdict") == verdict);
    }

    #[test]
    fn the_best_pool_is_the_one_with_most_room_by_whole_number_arithmetic(
        size in 1..600_u64,
        rooms in proptest::collection::vec(
            (1..1_000_u64, 4..40_u64, 0..4_u64, 0..2_000_u64, 0..300_u64), 1..8),
    ) {
        let mut best: Option<(i128, PoolName)> = None;
        let mut pools = Vec::new();
        for (number, (total, ratio, reserved, allocated, held)) in rooms.into_iter().enumerate() {
            let mut pool = samples::thin(&format!("h@b#{number}"), total as f64, Some(ratio as f64 / 4.0));
            pool.stats.reserved_percentage = u32::try_from(reserved * 25).expect("small");
            pool.allocated = allocated;
            pool.held = held;
            // In quarters of a GiB, so that nothing is ever rounded but the reserve.
            let available = (total - total * reserved / 4) * ratio;
            let room = i128::from(available) - 4 * i128::from(allocated + held);
            let better = best.as_ref().is_none_or(|(most, _)| room > *most);
            if room >= 4 * i128::from(size) && better {
                best = Some((room, pool.name.clone()));
            }
            pools.push(pool);
        }
        let verdict = choose(&samples::spec(size), &pools, &[], &Rules::default(), 7);
        prop_assert_eq!(verdict.chosen(), best.as_ref().map(|(_, name)| name));
    }
}

#[test]
fn the_pin_refuses_all_pools_but_those_of_the_source_and_checks_them_too() {
    let pools = [
        samples::pool("h@a#p", 900.0, 900.0),
        samples::pool("h@b#p", 100.0, 100.0),
        samples::pool("h@b#q", 5.0, 5.0),
    ];
    let mut spec = samples::spec(10);
    spec.pinned = Some(Pinned::Backend(BackendName::new("h", "b")));
    let verdict = choose(&spec, &pools, &[], &Rules::default(), 0);
    assert_eq!(verdict.chosen().map(PoolName::as_str), Some("h@b#p"));
    assert_eq!(verdict.rejected[0].filter, PIN);
    assert_eq!(verdict.rejected[0].reason, Reason::Pinned { to: "h@b".to_owned() });
    assert_eq!(verdict.rejected[1].filter, "CapacityFilter");
}

#[test]
fn a_negative_multiplier_stacks_and_unknown_pools_come_last_either_way() {
    let mut unknown = samples::pool("h@b#unknown", 1.0, 1.0);
    unknown.stats.free = Capacity::Unknown;
    let pools =
        [samples::pool("h@b#big", 900.0, 900.0), samples::pool("h@b#small", 100.0, 100.0), unknown];
    let order = |multiplier: f64| {
        let set = [("capacity_weight_multiplier", multiplier)];
        let rules = Rules::from_names(&["CapacityFilter"], &["CapacityWeigher"], &set, None, 3);
        let rules = rules.expect("known names");
        let verdict = choose(&samples::spec(10), &pools, &[], &rules, 0);
        let names =
            verdict.ranked.iter().filter_map(|ranked| ranked.pool.pool().map(str::to_owned));
        names.collect::<Vec<_>>()
    };
    assert_eq!(order(1.0), ["big", "small", "unknown"]);
    assert_eq!(order(-1.0), ["small", "big", "unknown"]);
}

#[test]
fn equal_pools_are_taken_by_name() {
    let pools = ["h@b#2", "h@b#10", "h@a#3"].map(|name| samples::pool(name, 100.0, 100.0));
    let verdict = choose(&samples::spec(10), &pools, &[], &Rules::default(), 0);
    let names: Vec<_> = verdict.ranked.iter().map(|ranked| ranked.pool.as_str()).collect();
    assert_eq!(names, ["h@a#3", "h@b#10", "h@b#2"]);
}

#[test]
fn holds_are_seen_by_the_next_request_at_once() {
    let mut pools = [samples::pool("h@b#p", 100.0, 100.0)];
    let spec = samples::spec(60);
    assert!(choose(&spec, &pools, &[], &Rules::default(), 0).chosen().is_some());
    pools[0].held = 60;
    let verdict = choose(&spec, &pools, &[], &Rules::default(), 0);
    assert_eq!(verdict.chosen(), None);
    assert_eq!(
        verdict.rejected[0].reason.to_string(),
        "needs 60 GiB, 40 GiB free, 60 GiB held by operations under way"
    );
    assert!(Rules::default().admit(&pools[0], Gib(40), Provisioning::Thin).is_ok());
}

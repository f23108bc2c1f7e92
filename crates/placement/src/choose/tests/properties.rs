//! What holds of every decision, over random pools with odd reports, random requests and random rules; and brute force
//! where the rules are few enough to be said again in the plainest way.

use std::collections::BTreeSet;

use ashlar_types::request_spec::Pinned;
use ashlar_types::{BackendName, Timestamp};
use proptest::prelude::{
    Just, ProptestConfig, Strategy as Values, any, prop_assert, prop_assert_eq, prop_compose,
    prop_oneof, proptest,
};
use proptest::sample::select;
use serde_json::Value;

use super::*;
use crate::demands::Demands;
use crate::figures::Figures;
use crate::rules::Handler;
use crate::{Mark, Picture, filters, weighers};

const IDS: [&str; 3] = [
    "6f70656e-7374-4163-8b21-c0ffee000001",
    "6f70656e-7374-4163-8b21-c0ffee000002",
    "6f70656e-7374-4163-8b21-c0ffee000003",
];

/// Whatever may stand where a number should.
fn odd() -> impl Values<Value = Value> {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!([]),
        json!([1]),
        json!({}),
        json!({"a": 1}),
        json!(""),
        json!("12.5"),
        json!(" 1_000 "),
        json!("nan"),
        json!("-inf"),
        json!("infinite"),
        json!("unknown"),
        json!("auto"),
        json!("False"),
        json!(0),
        json!(-1),
        json!(-0.0),
        json!(1e308),
        json!(-1e308),
        json!(5e-324),
        json!(u64::MAX),
        json!(i64::MIN),
    ];
    prop_oneof![4 => select(values.to_vec()), 1 => any::<f64>().prop_map(Value::from)]
}

/// One of `usual`, mostly.
fn mostly(usual: impl Values<Value = Value> + 'static) -> impl Values<Value = Value> {
    prop_oneof![12 => usual, 1 => odd()]
}

fn quarters() -> impl Values<Value = Value> {
    (0..5_000_u32).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0))
}

fn function() -> impl Values<Value = Option<Value>> {
    let functions = [
        "1 < 2",
        "1 > 2",
        "stats.free_capacity_gb > 100",
        "volume.size < 100",
        "capabilities.storage_protocol == 'fc'",
        "extra.ssd == 'yes'",
        "stats.free_capacity_gb / 10",
        "50",
        "volume.size",
        "'text'",
        "nonsense(",
        "1 / 0",
        "",
    ];
    let functions = functions.map(|function| Some(Value::from(function))).to_vec();
    prop_oneof![6 => Just(None), 4 => select(functions), 1 => odd().prop_map(Some)]
}

prop_compose! {
    fn any_pool()(
        total in mostly(quarters()),
        free in mostly(quarters()),
        provisioned in prop_oneof![2 => Just(None), 1 => mostly(quarters()).prop_map(Some)],
        ratio in mostly(prop_oneof![Just(json!("auto")), (1.0..30.0).prop_map(Value::from)]),
        reserved in mostly((0..110_u32).prop_map(Value::from)),
        thin in mostly(any::<bool>().prop_map(Value::from)),
        protocol in mostly(select(vec![json!("fc"), json!("iSCSI"), json!("ceph")])),
        ssd in mostly(any::<bool>().prop_map(Value::from)),
        (filter, goodness) in (function(), function()),
        allocated in prop_oneof![6 => 0..3_000_u64, 1 => any::<u64>()],
        (held, unreported) in (0..500_u64, 0..500_u64),
        (volumes, making) in (0..50_u64, 0..5_u64),
        zone in 0..3_u8,
        availability in prop_oneof![9 => Just(Availability::Up), 1 => Just(Availability::Down)],
    ) -> Pool {
        let mut pool = samples::pool("", 0.0, 0.0);
        for (key, value) in [
            ("total_capacity_gb", Some(total)),
            ("free_capacity_gb", Some(free)),
            ("provisioned_capacity_gb", provisioned),
            ("max_over_subscription_ratio", Some(ratio)),
            ("reserved_percentage", Some(reserved)),
            ("thin_provisioning_support", Some(thin)),
            ("storage_protocol", Some(protocol)),
            ("ssd", Some(ssd)),
            ("filter_function", filter),
            ("goodness_function", goodness),
        ] {
            if let Some(value) = value {
                samples::report(&mut pool, key, value);
            }
        }
        (pool.allocated, pool.held, pool.unreported) = (allocated, held, unreported);
        (pool.volumes, pool.making, pool.availability) = (volumes, making, availability);
        pool.availability_zone = format!("zone-{zone}");
        pool
    }
}

fn any_pools() -> impl Values<Value = Vec<Pool>> {
    proptest::collection::vec(any_pool(), 0..12).prop_map(|mut pools| {
        for (number, pool) in pools.iter_mut().enumerate() {
            pool.name = PoolName(format!("h@b{}#p{number}", number % 3));
        }
        pools
    })
}

fn any_hints() -> impl Values<Value = Vec<(&'static str, Value)>> {
    let hints = [
        ("query", json!("[\">=\", \"$free_capacity_gb\", 100]")),
        ("query", json!("[\"<\", \"$storage_protocol\", 5]")),
        ("query", json!("[\"=\", \"$capabilities.ssd\", true]")),
        ("query", json!("nonsense")),
        ("same_host", json!([IDS[0], IDS[1]])),
        ("same_host", json!("nonsense")),
        ("different_host", json!(IDS[1])),
        ("different_host", json!([])),
        ("local_to_instance", json!(IDS[2])),
        ("local_to_instance", json!(5)),
    ];
    prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(select(hints.to_vec()), 1..3)]
}

prop_compose! {
    fn any_spec()(
        size in prop_oneof![20 => 1..600_u64, 1 => Just(0), 1 => Just(u64::MAX)],
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

/// A request with all that placement knows of it.
#[derive(Debug, Clone)]
struct Asked {
    spec: RequestSpec,
    tried: Vec<PoolName>,
    facts: Facts,
    seed: u64,
    /// How much a volume grows, when it is there already and whether it is attached.
    grows: Option<(u64, bool)>,
}

impl Asked {
    fn request(&self, picture: &Picture) -> Request<'_> {
        let request = Request::new(&self.spec, &self.tried, &self.facts, picture, self.seed);
        match self.grows {
            Some((by, attached)) => request.to_extend(by, attached),
            None => request,
        }
    }

    fn choice(&self, picture: &Picture, rules: &Rules) -> Choice {
        choose(&self.request(picture), picture, rules)
    }

    fn verdict(&self, pools: &[Pool], rules: &Rules) -> Verdict {
        let picture = samples::picture(pools, rules);
        self.choice(&picture, rules).verdict(&self.request(&picture), &picture, rules)
    }

    fn chosen(&self, pools: &[Pool], rules: &Rules) -> Option<PoolName> {
        let picture = samples::picture(pools, rules);
        let best = self.choice(&picture, rules).best(rules)?;
        Some(picture.candidates()[best].pool.name.clone())
    }
}

prop_compose! {
    fn any_asked()(
        mut spec in any_spec(),
        hints in any_hints(),
        forced in prop_oneof![9 => Just(None), 1 => select(vec!["h", "h@b1", "h@b2#p2"]).prop_map(Some)],
        tried in proptest::collection::vec(select(vec!["h@b0#p0", "h@b1", "h@b2#p2"]), 0..3),
        located in proptest::collection::vec((select(IDS.to_vec()), 0..6_usize), 0..3),
        instance in select(vec![None, Some(Ok("h".to_owned())), Some(Err("no answer".to_owned()))]),
        grows in prop_oneof![4 => Just(None), 1 => (0..300_u64, any::<bool>()).prop_map(Some)],
        seed in any::<u64>(),
    ) -> Asked {
        spec.hints = hints.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        spec.forced = forced.map(str::to_owned);
        let located = located.into_iter();
        let located =
            located.map(|(id, at)| (id.to_owned(), PoolName(format!("h@b{}#p{at}", at % 3))));
        let facts = Facts { located: located.collect(), instance, ..Facts::default() };
        let tried = tried.into_iter().map(|name| PoolName(name.to_owned())).collect();
        Asked { spec, tried, facts, seed, grows }
    }
}

/// Any of the filters and weighers there are, in any order, by any handler and any strategy.
fn any_rules() -> impl Values<Value = Rules> {
    let names = |all: Vec<&'static str>| {
        let most = all.len();
        (Just(all).prop_shuffle(), 0..=most).prop_map(|(mut names, count)| {
            names.truncate(count);
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
    };
    let multiplier = || prop_oneof![Just(1.0), Just(-1.0), Just(0.0), Just(f64::MAX), -5.0..5.0];
    let strategy = prop_oneof![
        8 => Just(Strategy::Filter),
        1 => Just(Strategy::Chance),
        1 => (0..5_000_u64).prop_map(|max_gigabytes| Strategy::Simple { max_gigabytes }),
    ];
    (
        names(filters::ALL.iter().map(|filter| filter.name).collect()),
        names(weighers::ALL.iter().map(|weigher| weigher.name).collect()),
        (multiplier(), multiplier()),
        select(vec![Handler::Ordered, Handler::Ordered, Handler::Stochastic]),
        strategy,
        (any::<bool>(), select(vec![None, Some(20.0), Some(1.0)])),
    )
        .prop_map(|(filters, weighers, (one, two), handler, strategy, (admission, ratio))| {
            let settings = RulesSettings {
                strategy,
                filters,
                weighers,
                handler,
                multipliers: vec![
                    ("capacity_weight_multiplier", one),
                    ("volume_number_multiplier", two),
                ],
                max_over_subscription_ratio: ratio,
                max_attempts: 3,
            };
            let rules = Rules::from_settings(&settings).expect("rules of the test");
            if admission { rules } else { rules.without_admission() }
        })
}

/// Few rules, which [`passes`] says again.
fn plain_rules() -> impl Values<Value = (Rules, f64)> {
    prop_oneof![Just(1.0), Just(-1.0), Just(0.0), Just(f64::MAX), -5.0..5.0].prop_map(
        |multiplier| {
            let filters = [
                "IgnoreAttemptedHostsFilter",
                "AvailabilityZoneFilter",
                "CapacityFilter",
                "CapabilitiesFilter",
            ];
            let settings = RulesSettings {
                multipliers: vec![("capacity_weight_multiplier", multiplier)],
                ..samples::settings(&filters, &["CapacityWeigher", "CapacityWeigher"])
            };
            (Rules::from_settings(&settings).expect("rules of the test"), multiplier)
        },
    )
}

/// Every rule of the request but the pin, said again in the plainest way.
fn passes(spec: &RequestSpec, pool: &Pool, rules: &Rules) -> bool {
    let zones = &spec.availability_zones;
    let wants_ssd = spec.volume_type.spec("ssd").is_some();
    let ssd = match pool.stats.get("ssd") {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::Array(list)) => list == &[json!(1)],
        _ => false,
    };
    pool.availability == Availability::Up
        && (zones.is_empty() || zones.contains(&pool.availability_zone))
        && rules.admit(pool, spec.size, Provisioning::of(&spec.volume_type)).is_ok()
        && (!wants_ssd || ssd)
        && pool.name.as_str() != "h@b0#p0"
}

fn is_pinned_there(spec: &RequestSpec, pool: &Pool) -> bool {
    match &spec.pinned {
        None => true,
        Some(Pinned::Backend(backend)) => pool.name.backend() == *backend,
        Some(Pinned::Pool(name)) => pool.name == *name,
    }
}

fn is_limitless(pool: &Pool) -> bool {
    let keys = ["total_capacity_gb", "free_capacity_gb"];
    keys.iter().any(|key| matches!(pool.stats.text(key), Some("infinite" | "unknown")))
}

fn room(spec: &RequestSpec, pool: &Pool) -> f64 {
    let figures = Figures::new(pool, Some(20.0)).expect("it was admitted");
    figures.room(Provisioning::of(&spec.volume_type)).expect("it was admitted").free
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig::with_cases(cases)
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn every_pool_is_in_the_verdict_once_and_ranked_just_when_it_passes(
        mut spec in any_spec(), mut pools in any_pools(), (rules, multiplier) in plain_rules(),
    ) {
        // Pools of which nothing can be counted off are refused only where they would be chosen: another test.
        let countable = |figures: Figures| figures.uncountable.is_none();
        pools.retain(|pool| Figures::new(pool, Some(20.0)).is_ok_and(countable));
        // Nothing needed fits anywhere, also where room cannot be told: that is another test.
        spec.size = Gib(spec.size.0.max(1));
        let tried = [PoolName("h@b0#p0".to_owned())];
        let verdict = samples::decide(&spec, &pools, &tried, &rules, 0);
        prop_assert_eq!(verdict.ranked.len() + verdict.rejected.len(), pools.len());
        let ranked: BTreeSet<_> = verdict.ranked.iter().map(|ranked| &ranked.pool).collect();
        let rejected: BTreeSet<_> = verdict.rejected.iter().map(|rejected| &rejected.pool).collect();
        prop_assert_eq!(ranked.len() + rejected.len(), pools.len());
        let weighed: Vec<_> = pools.iter().filter(|pool| passes(&spec, pool, &rules)).collect();
        let boundless = |pool: &Pool| match is_limitless(pool) {
            true => multiplier <= 0.0,
            // A ratio may be so large that the room is.
            false => room(&spec, pool) == f64::INFINITY,
        };
        let nothing_to_weigh = weighed.iter().all(|pool| boundless(pool));
        for pool in &pools {
            let expected = !nothing_to_weigh
                && passes(&spec, pool, &rules)
                && is_pinned_there(&spec, pool);
            prop_assert_eq!(ranked.contains(&pool.name), expected, "{:?}", pool);
            prop_assert_eq!(rejected.contains(&pool.name), !expected);
        }
    }

    #[test]
    fn a_verdict_has_every_pool_once_whatever_the_rules(
        asked in any_asked(), pools in any_pools(), rules in any_rules(),
    ) {
        let verdict = asked.verdict(&pools, &rules);
        let ranked = verdict.ranked.iter().map(|ranked| &ranked.pool);
        let mut told: Vec<_> = ranked.chain(verdict.rejected.iter().map(|it| &it.pool)).collect();
        told.sort();
        let mut names: Vec<_> = pools.iter().map(|pool| &pool.name).collect();
        names.sort();
        prop_assert_eq!(told, names);
        for pair in verdict.rejected.windows(2) {
            prop_assert!(pair[0].pool < pair[1].pool);
        }
        for rejected in &verdict.rejected {
            prop_assert!(!rejected.filter.is_empty());
            prop_assert!(!rejected.reason.to_string().is_empty());
        }
        let json = serde_json::to_string(&verdict).expect("json");
        prop_assert_eq!(serde_json::from_str::<Verdict>(&json).expect("a verdict"), verdict);
    }

    #[test]
    fn the_order_of_the_pools_does_not_matter(
        asked in any_asked(),
        (pools, shuffled) in any_pools()
            .prop_flat_map(|pools| (Just(pools.clone()), Just(pools).prop_shuffle())),
        rules in any_rules(),
    ) {
        prop_assert_eq!(asked.verdict(&pools, &rules), asked.verdict(&shuffled, &rules));
    }

    /// Whichever of any two pools is the better one does not hang on the others, and no three of them go in a circle.
    #[test]
    fn a_ranking_is_a_total_order_and_its_first_is_the_best(
        asked in any_asked(), pools in any_pools(), rules in any_rules(), subset in any::<u16>(),
    ) {
        let picture = samples::picture(&pools, &rules);
        let choice = asked.choice(&picture, &rules);
        let ranking = choice.ranking(&rules);
        prop_assert_eq!(choice.best(&rules), ranking.first().copied());
        prop_assert_eq!(choice.fitting(), ranking.len());
        let fits = |index: &usize| matches!(choice.mark(*index), Some(Mark::Fits(_)));
        prop_assert_eq!(ranking.iter().collect::<BTreeSet<_>>().len(), ranking.len());
        prop_assert_eq!((0..pools.len()).filter(fits).count(), ranking.len());
        for (at, &better) in ranking.iter().enumerate() {
            prop_assert!(fits(&better));
            prop_assert_eq!(choice.best_of(&rules, |index| index == better), Some(better));
            for &worse in &ranking[at + 1..] {
                let best = choice.best_of(&rules, |index| index == better || index == worse);
                prop_assert_eq!(best, Some(better));
            }
        }
        let allowed = |index: usize| subset >> index & 1 == 1;
        let first = ranking.iter().copied().find(|&index| allowed(index));
        prop_assert_eq!(choice.best_of(&rules, allowed), first);
    }

    #[test]
    fn a_pool_that_is_refused_changes_nothing_for_the_others(
        asked in any_asked(),
        pools in any_pools(),
        mut more in any_pool(),
        name in select(vec!["a@b#p", "h@b1#more", "h@b1x#p", "z@b#p"]),
        rules in any_rules(),
    ) {
        more.name = PoolName(name.to_owned());
        more.availability = Availability::Down;
        // What lives in it counts for its backend all the same, by the `simple` scheduler's rule.
        (more.allocated, more.held) = (0, 0);
        let with_more: Vec<Pool> = pools.iter().cloned().chain([more]).collect();
        let (before, after) = (asked.verdict(&pools, &rules), asked.verdict(&with_more, &rules));
        prop_assert_eq!(&before.ranked, &after.ranked);
        prop_assert_eq!(before.rejected.len() + 1, after.rejected.len());
        prop_assert_eq!(asked.chosen(&pools, &rules), asked.chosen(&with_more, &rules));
    }

    #[test]
    fn a_pool_that_a_filter_refuses_changes_nothing_for_the_others(
        mut asked in any_asked(),
        pools in any_pools(),
        mut more in any_pool(),
        handler in select(vec![Handler::Ordered, Handler::Stochastic]),
    ) {
        let names = ["CapacityFilter", "AvailabilityZoneFilter", "DriverFilter"];
        let weighers = ["CapacityWeigher", "GoodnessWeigher"];
        let settings = RulesSettings { handler, ..samples::settings(&names, &weighers) };
        let rules = Rules::from_settings(&settings).expect("rules of the test");
        more.name = PoolName("h@b1#more".to_owned());
        more.availability_zone = "nowhere".to_owned();
        asked.spec.forced = None;
        asked.spec.availability_zones.push("zone-0".to_owned());
        let with_more: Vec<Pool> = pools.iter().cloned().chain([more]).collect();
        let (before, after) = (asked.verdict(&pools, &rules), asked.verdict(&with_more, &rules));
        prop_assert_eq!(before.ranked, after.ranked);
        prop_assert_eq!(before.rejected.len() + 1, after.rejected.len());
    }

    #[test]
    fn scores_are_finite_and_fall_and_are_the_sum_of_the_weights(
        asked in any_asked(), pools in any_pools(), rules in any_rules(),
    ) {
        let verdict = asked.verdict(&pools, &rules);
        for ranked in &verdict.ranked {
            prop_assert!(ranked.score.is_finite());
            let sum = ranked.weights.iter().fold(0.0_f64, |sum, weight| {
                (sum + weight.weighted).clamp(f64::MIN, f64::MAX)
            });
            if rules.handler() != Handler::OneAfterAnother {
                prop_assert_eq!(ranked.score, sum);
            }
            for weight in &ranked.weights {
                prop_assert!(weight.raw.is_finite() && weight.weighted.is_finite(), "{:?}", weight);
                let between = (0.0..=1.0).contains(&weight.normalised);
                prop_assert!(between || rules.handler() != Handler::Ordered, "{:?}", weight);
            }
        }
        for pair in verdict.ranked.windows(2) {
            let falls = pair[0].score > pair[1].score;
            let equal = pair[0].score == pair[1].score && pair[0].pool < pair[1].pool;
            prop_assert!(falls || equal || rules.handler() != Handler::Ordered);
        }
    }

    #[test]
    fn noting_a_choice_is_as_good_as_a_picture_of_the_changed_pools(
        asked in any_asked(),
        pools in any_pools(),
        rules in any_rules(),
        notes in proptest::collection::vec((0..12_usize, 0..300_u64, 0..3_u64), 1..4),
    ) {
        let mut noted = samples::picture(&pools, &rules);
        // The demands are known before, as in a batch.
        let _ = asked.choice(&noted, &rules);
        let mut changed: Vec<Pool> =
            noted.candidates().iter().map(|candidate| candidate.pool.clone()).collect();
        for (index, size, volumes) in notes {
            noted.note(index, Gib(size), volumes);
            if let Some(pool) = changed.get_mut(index) {
                samples::hold(pool, size);
                pool.making += volumes;
            }
        }
        let anew = samples::picture(&changed, &rules);
        let mut updated = samples::picture(&pools, &rules);
        updated.update(changed.clone());
        for picture in [&noted, &updated] {
            prop_assert_eq!(seen(picture), seen(&anew));
            prop_assert_eq!(asked.choice(picture, &rules), asked.choice(&anew, &rules));
        }
    }

    #[test]
    fn what_is_admitted_is_what_the_capacity_filter_passes(
        spec in any_spec(), pool in any_pool(), ratio in select(vec![None, Some(20.0)]),
    ) {
        // A volume of nothing is never asked for, and to grow by nothing needs nothing that can be counted.
        proptest::prop_assume!(spec.size > Gib(0));
        let mut pool = pool;
        pool.name = PoolName("h@b#p".to_owned());
        pool.availability = Availability::Up;
        let settings = RulesSettings {
            max_over_subscription_ratio: ratio,
            ..samples::settings(&["CapacityFilter"], &[])
        };
        let rules = Rules::from_settings(&settings).expect("rules of the test");
        let provisioning = Provisioning::of(&spec.volume_type);
        let admitted = rules.admit(&pool, spec.size, provisioning);
        let spec = RequestSpec { pinned: None, ..spec };
        let verdict = samples::decide(&spec, &[pool], &[], &rules, 0);
        let refused = verdict.rejected.first().map(|rejected| rejected.reason.clone());
        prop_assert_eq!(refused, admitted.err());
    }

    #[test]
    fn demands_that_are_remembered_are_those_that_would_be_compiled(
        pools in any_pools(),
        types in proptest::collection::vec(
            proptest::collection::btree_map(
                select(vec!["ssd", "thin_provisioning_support", "reserved_percentage", "a:b", "none"]),
                select(vec![None, Some("<is> True"), Some(">= 5"), Some("s< b"), Some("fc")]),
                0..4,
            ),
            1..5,
        ),
    ) {
        let picture = samples::picture(&pools, &Rules::default());
        let owned = |value: &Option<&str>| value.map(str::to_owned);
        let types: Vec<ashlar_types::volume_type::ExtraSpecs> = types
            .iter()
            .map(|specs| specs.iter().map(|(key, it)| ((*key).to_owned(), owned(it))).collect())
            .collect();
        for specs in types.iter().chain(&types) {
            let (known, fresh) = (picture.demands(specs), Demands::new(specs, picture.candidates()));
            prop_assert_eq!(known.requirements(), fresh.requirements());
            for index in 0..pools.len() {
                prop_assert_eq!(known.check(index), fresh.check(index));
            }
        }
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
            let name = format!("h@b#{number}");
            let mut pool = samples::thin(&name, total as f64, Some(ratio as f64 / 4.0));
            samples::report(&mut pool, "reserved_percentage", (reserved * 25).into());
            pool.allocated = allocated;
            samples::hold(&mut pool, held);
            // In quarters of a GiB, so that nothing is ever rounded but the reserve.
            let available = (total - total * reserved / 4) * ratio;
            let room = i128::from(available) - 4 * i128::from(allocated + held);
            let better = best.as_ref().is_none_or(|(most, _)| room > *most);
            if room >= 4 * i128::from(size) && better {
                best = Some((room, pool.name.clone()));
            }
            pools.push(pool);
        }
        let verdict = samples::decide(&samples::spec(size), &pools, &[], &Rules::default(), 7);
        prop_assert_eq!(verdict.chosen(), best.as_ref().map(|(_, name)| name));
    }

    /// Thick pools, also with reported provisioned figures and what no report knows of, in hundredths of a GiB.
    #[test]
    fn a_thick_pool_fits_by_whole_number_arithmetic(
        size in 1..300_u64,
        (total, free, reserved) in (1..1_000_u64, 0..100_000_u64, 0..120_u64),
        provisioned in proptest::option::of(0..1_000_u64),
        (allocated, held, unreported) in (0..500_u64, 0..300_u64, 0..300_u64),
    ) {
        let mut pool = samples::pool("h@b#p", total as f64, free as f64 / 100.0);
        samples::report(&mut pool, "reserved_percentage", reserved.into());
        if let Some(provisioned) = provisioned {
            samples::report(&mut pool, "provisioned_capacity_gb", provisioned.into());
        }
        (pool.allocated, pool.held, pool.unreported) = (allocated, held, unreported);
        let whole = i128::from;
        let taken = provisioned.map_or(allocated + held, |provisioned| provisioned + unreported);
        let unsold = 100 * (whole(total) - whole(total * reserved / 100) - whole(taken));
        let room = unsold.min(whole(free) - 100 * whole(unreported));
        let admitted = Rules::default().admit(&pool, Gib(size), Provisioning::Thin);
        prop_assert_eq!(admitted.is_ok(), room >= 100 * whole(size), "{:?}", admitted);
    }
}

/// All that a picture holds. Its numbers may be "not a number", which is never equal to itself.
fn seen(picture: &Picture) -> Vec<String> {
    let backends = |backend: usize| picture.gigabytes_of(backend);
    let candidates = picture.candidates().iter();
    candidates
        .map(|it| format!("{:?} {:?} {}", it.pool, it.figures, backends(it.backend)))
        .collect()
}

#[test]
fn a_picture_that_knows_too_many_types_forgets_them_and_goes_on() {
    let picture = Picture::new(vec![samples::pool("h@b#p", 1.0, 1.0)], None, Timestamp::default());
    for number in 0..2_100 {
        let value = if number % 2 == 0 { "p" } else { "q" };
        let specs = [("pool_name", value.to_owned()), ("provisioning:x", number.to_string())];
        let specs = specs.into_iter().map(|(key, value)| (key.to_owned(), Some(value))).collect();
        assert_eq!(picture.demands(&specs).check(0).is_ok(), number % 2 == 0, "{number}");
    }
}

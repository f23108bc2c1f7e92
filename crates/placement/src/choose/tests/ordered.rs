//! In which order those pools come that will do.

use super::*;
use crate::rules::Handler;

#[test]
fn a_negative_multiplier_stacks_and_unknown_pools_come_last_either_way() {
    let mut unknown = samples::pool("h@b#unknown", 1.0, 1.0);
    samples::report(&mut unknown, "free_capacity_gb", "unknown".into());
    let pools =
        [samples::pool("h@b#big", 900.0, 900.0), samples::pool("h@b#small", 100.0, 100.0), unknown];
    let order = |multiplier: f64| {
        let settings = RulesSettings {
            multipliers: vec![("capacity_weight_multiplier", multiplier)],
            ..samples::settings(&["CapacityFilter"], &["CapacityWeigher"])
        };
        let rules = Rules::from_settings(&settings).expect("known names");
        let verdict = samples::decide(&samples::spec(10), &pools, &[], &rules, 0);
        let names = verdict.ranked.iter().filter_map(|ranked| ranked.pool.pool());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(order(1.0), ["big", "small", "unknown"]);
    assert_eq!(order(-1.0), ["small", "big", "unknown"]);
}

#[test]
fn equal_pools_are_taken_by_name() {
    let pools = ["h@b#2", "h@b#10", "h@a#3"].map(|name| samples::pool(name, 100.0, 100.0));
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &Rules::default(), 0);
    assert_eq!(ranked(&verdict), ["h@a#3", "h@b#10", "h@b#2"]);
}

#[test]
fn without_weighers_all_are_equal() {
    let pools = ["h@b#2", "h@a#3"].map(|name| samples::pool(name, 100.0, 100.0));
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &rules(&[], &[]), 0);
    assert_eq!(ranked(&verdict), ["h@a#3", "h@b#2"]);
    assert!(verdict.ranked.iter().all(|ranked| ranked.score == 0.0 && ranked.weights.is_empty()));
}

#[test]
fn capacity_is_weighed_thin_or_thick_as_the_type_is() {
    let mut thin = samples::thin("h@b#thin", 100.0, Some(5.0));
    samples::report(&mut thin, "free_capacity_gb", 20.into());
    let pools = [samples::pool("h@b#thick", 100.0, 100.0), thin];
    let mut spec = samples::spec(10);
    let raws = |spec: &RequestSpec| {
        let verdict = samples::decide(spec, &pools, &[], &Rules::default(), 0);
        let rows = verdict.ranked.iter();
        rows.map(|ranked| (ranked.pool.to_string(), ranked.weights[0].raw)).collect::<Vec<_>>()
    };
    let (thick, thin) = ("h@b#thick".to_owned(), "h@b#thin".to_owned());
    assert_eq!(raws(&spec), [(thin.clone(), 500.0), (thick.clone(), 100.0)]);
    let specs = &mut spec.volume_type.extra_specs;
    specs.insert("provisioning:type".to_owned(), Some("thick".to_owned()));
    assert_eq!(raws(&spec), [(thick, 100.0), (thin, 20.0)]);
}

#[test]
fn allocated_capacity_counts_what_lives_there_and_what_is_held() {
    let mut pools = ["h@b#a", "h@b#b", "h@b#c"].map(|name| samples::thin(name, 1000.0, Some(20.0)));
    pools[0].allocated = 50;
    samples::hold(&mut pools[1], 40);
    (pools[2].allocated, pools[2].held) = (20, 30);
    let rules = rules(&[], &["AllocatedCapacityWeigher"]);
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
    assert_eq!(ranked(&verdict), ["h@b#b", "h@b#a", "h@b#c"]);
    let scores: Vec<_> = verdict.ranked.iter().map(|ranked| ranked.score).collect();
    assert_eq!(scores, [0.0, -1.0, -1.0]);
}

#[test]
fn volume_number_counts_volumes_there_and_those_being_made() {
    let mut pools = ["h@b#a", "h@b#b", "h@b#c"].map(|name| samples::pool(name, 100.0, 100.0));
    (pools[0].volumes, pools[0].allocated) = (3, 3);
    (pools[1].volumes, pools[1].making, pools[1].allocated) = (1, 1, 90);
    pools[2].making = 5;
    let rules = rules(&[], &["VolumeNumberWeigher"]);
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
    assert_eq!(ranked(&verdict), ["h@b#b", "h@b#a", "h@b#c"], "whatever their sizes");
}

#[test]
fn chance_gives_each_pool_a_lot_by_its_name_alone() {
    let pools = ["h@b#a", "h@b#b", "h@b#c"].map(|name| samples::pool(name, 100.0, 100.0));
    let rules = rules(&[], &["ChanceWeigher"]);
    let mut firsts = [0_u32; 3];
    for seed in 0..3000 {
        let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, seed);
        let first = verdict.chosen().expect("all fit").clone();
        firsts[pools.iter().position(|pool| pool.name == first).expect("one of them")] += 1;
        for ranked in &verdict.ranked {
            assert_eq!(ranked.weights[0].raw, lot(seed, ranked.pool.as_str()));
        }
    }
    assert!(firsts.iter().all(|count| (850..1150).contains(count)), "{firsts:?}");
}

#[test]
fn several_weighers_are_summed_each_with_its_multiplier() {
    let mut pools = [("h@b#a", 100.0, 9), ("h@b#b", 200.0, 5), ("h@b#c", 300.0, 0)].map(
        |(name, size, volumes)| {
            let mut pool = samples::pool(name, size, size);
            pool.volumes = volumes;
            pool
        },
    );
    pools[2].volumes = 10;
    let settings = RulesSettings {
        multipliers: vec![("capacity_weight_multiplier", 2.0), ("volume_number_multiplier", -3.0)],
        ..samples::settings(&["CapacityFilter"], &["CapacityWeigher", "VolumeNumberWeigher"])
    };
    let rules = Rules::from_settings(&settings).expect("known names");
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
    assert_eq!(ranked(&verdict), ["h@b#b", "h@b#c", "h@b#a"]);
    let scores: Vec<_> = verdict.ranked.iter().map(|ranked| ranked.score).collect();
    assert_eq!(scores, [1.0, -1.0, -2.4000000000000004]);
}

fn stochastic(pools: &[Pool], spec: &RequestSpec, seed: u64, multiplier: f64) -> Verdict {
    let settings = RulesSettings {
        handler: Handler::Stochastic,
        multipliers: vec![("capacity_weight_multiplier", multiplier)],
        ..RulesSettings::default()
    };
    let rules = Rules::from_settings(&settings).expect("rules");
    samples::decide(spec, pools, &[], &rules, seed)
}

#[test]
fn the_stochastic_handler_draws_in_proportion_and_turns_the_list_to_the_winner() {
    let pools = [("h@b#a", 100.0), ("h@b#b", 200.0), ("h@b#c", 700.0)]
        .map(|(name, size)| samples::pool(name, size, size));
    let mut firsts = [0_u32; 3];
    for seed in 0..5000 {
        let verdict = stochastic(&pools, &samples::spec(1), seed, 1.0);
        let order = ranked(&verdict);
        let at = ["h@b#a", "h@b#b", "h@b#c"].iter().position(|name| *name == order[0]);
        firsts[at.expect("one of them")] += 1;
        let turned =
            [["h@b#a", "h@b#b", "h@b#c"], ["h@b#b", "h@b#c", "h@b#a"], ["h@b#c", "h@b#a", "h@b#b"]];
        assert!(turned.contains(&[order[0], order[1], order[2]]), "{order:?}");
        for ranked in &verdict.ranked {
            let weight = &ranked.weights[0];
            assert_eq!(weight.raw, weight.normalised, "nothing is put between 0 and 1");
        }
    }
    let [a, b, c] = firsts;
    assert!((400..600).contains(&a) && (880..1120).contains(&b) && (3350..3650).contains(&c));
}

#[test]
fn the_stochastic_handler_takes_the_first_when_there_is_nothing_to_draw_by() {
    let pools = ["h@b#a", "h@b#b"].map(|name| samples::pool(name, 100.0, 100.0));
    for seed in 0..50 {
        for multiplier in [0.0, -1.0] {
            let verdict = stochastic(&pools, &samples::spec(1), seed, multiplier);
            assert_eq!(ranked(&verdict), ["h@b#a", "h@b#b"], "{seed}, times {multiplier}");
        }
    }
    assert!(stochastic(&[], &samples::spec(1), 0, 1.0).ranked.is_empty());
}

#[test]
fn a_pool_in_which_nothing_is_free_is_never_drawn() {
    let mut pools = [("h@b#a", 100.0), ("h@b#b", 100.0)].map(|it| samples::pool(it.0, it.1, it.1));
    pools[0].allocated = 100;
    for seed in 0..200 {
        let verdict = stochastic(&pools, &samples::spec(0), seed, 1.0);
        assert_eq!(ranked(&verdict), ["h@b#b", "h@b#a"]);
    }
}

//! The schedulers `chance` and `simple`, by the rules of Cinder's Havana release, which had them last; only that no pool
//! is chosen that would not be admitted for want of room.

use std::collections::BTreeMap;

use super::*;

fn of(strategy: Strategy) -> Rules {
    let settings = RulesSettings { strategy, ..RulesSettings::default() };
    Rules::from_settings(&settings).expect("rules")
}

fn simple(max_gigabytes: u64) -> Rules {
    of(Strategy::Simple { max_gigabytes })
}

fn roomy(name: &str, allocated: u64) -> Pool {
    let mut pool = samples::thin(name, 1_000_000.0, Some(20.0));
    pool.allocated = allocated;
    pool
}

/// How often each pool is the best, over the seeds from 0 on.
fn firsts(pools: &[Pool], rules: &Rules, tried: &[PoolName], seeds: u64) -> BTreeMap<String, u32> {
    let mut firsts = BTreeMap::new();
    for seed in 0..seeds {
        let verdict = samples::decide(&samples::spec(10), pools, tried, rules, seed);
        if let Some(first) = verdict.chosen() {
            *firsts.entry(first.to_string()).or_default() += 1;
        }
    }
    firsts
}

/// Rule: "random among up hosts".
#[test]
fn chance_takes_every_backend_equally_often_however_many_pools_it_has() {
    let pools = ["h@a#1", "h@b#1", "h@b#2", "h@b#3", "g@c#1", "g@c#2"].map(|name| roomy(name, 0));
    let firsts = firsts(&pools, &of(Strategy::Chance), &[], 4200);
    let mut backends: BTreeMap<&str, u32> = BTreeMap::new();
    for (pool, count) in &firsts {
        *backends.entry(pool.split('#').next().expect("a part")).or_default() += count;
    }
    assert!(backends.values().all(|count| (1250..1550).contains(count)), "{backends:?}");
    let of_b = firsts.iter().filter(|(pool, _)| pool.starts_with("h@b#"));
    assert!(of_b.clone().count() == 3 && of_b.clone().all(|(_, count)| (380..560).contains(count)));
    let of_c = firsts.iter().filter(|(pool, _)| pool.starts_with("g@c#"));
    assert!(of_c.clone().count() == 2 && of_c.clone().all(|(_, count)| (580..820).contains(count)));
}

/// Rule: "among up hosts minus `ignore_hosts`".
#[test]
fn chance_takes_only_what_is_up_and_was_not_tried() {
    let mut pools = ["h@a#1", "h@b#1", "h@c#1", "h@c#2", "h@d#1", "h@e#1"].map(|it| roomy(it, 0));
    pools[0].availability = Availability::Down;
    pools[1].availability = Availability::Disabled;
    let tried = ["h@c#1", "h@d"].map(|name| PoolName(name.to_owned()));
    let firsts = firsts(&pools, &of(Strategy::Chance), &tried, 600);
    assert_eq!(firsts.keys().collect::<Vec<_>>(), ["h@c#2", "h@e#1"]);
    assert!(firsts.values().all(|count| (220..380).contains(count)), "{firsts:?}");
    let verdict = samples::decide(&samples::spec(10), &pools, &tried, &of(Strategy::Chance), 0);
    assert_eq!(
        rejected(&verdict),
        [
            ("h@a#1", SERVICE),
            ("h@b#1", SERVICE),
            ("h@c#1", "IgnoreAttemptedHostsFilter"),
            ("h@d#1", "IgnoreAttemptedHostsFilter"),
        ]
    );
    assert_eq!(verdict.rejected[2].reason, Reason::Tried);
}

/// Rule: "none → could not find another host".
#[test]
fn chance_takes_nothing_when_none_is_left() {
    let pools = [roomy("h@a#1", 0)];
    let tried = [pools[0].name.clone()];
    assert!(firsts(&pools, &of(Strategy::Chance), &tried, 20).is_empty());
    assert!(firsts(&[], &of(Strategy::Chance), &[], 20).is_empty());
}

#[test]
fn chance_asks_for_no_zone_and_no_demand_but_for_room() {
    let mut pools = [roomy("h@a#1", 0), samples::pool("h@b#1", 5.0, 5.0)];
    pools[0].availability_zone = "west".to_owned();
    let mut spec = samples::spec(10);
    spec.availability_zones = vec!["east".to_owned()];
    spec.volume_type.extra_specs.insert("ssd".to_owned(), Some("<is> True".to_owned()));
    let verdict = samples::decide(&spec, &pools, &[], &of(Strategy::Chance), 0);
    assert_eq!(ranked(&verdict), ["h@a#1"]);
    assert_eq!(rejected(&verdict), [("h@b#1", ADMISSION)]);
}

/// Rule: "sorted by the sum of their volumes' gigabytes, least first".
#[test]
fn simple_takes_the_backend_with_the_fewest_gigabytes_and_in_it_the_pool_with_the_fewest() {
    let pools = [
        roomy("h@a#1", 30),
        roomy("h@b#1", 10),
        roomy("h@b#2", 15),
        roomy("h@c#1", 0),
        roomy("h@c#2", 26),
    ];
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &simple(10_000), 0);
    assert_eq!(ranked(&verdict), ["h@b#1", "h@b#2", "h@c#1", "h@c#2", "h@a#1"]);
    let figures = &verdict.ranked[0].weights;
    assert_eq!((figures[0].raw, figures[1].raw), (25.0, 10.0));
}

#[test]
fn simple_counts_what_is_held_and_goes_on_by_name() {
    let mut pools = [roomy("h@a#1", 0), roomy("h@b#1", 0), roomy("h@c#1", 0)];
    samples::hold(&mut pools[0], 1);
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &simple(10_000), 0);
    assert_eq!(ranked(&verdict), ["h@b#1", "h@c#1", "h@a#1"]);
    let rules = simple(10_000);
    let mut picture = samples::picture(&pools, &rules);
    let (spec, facts) = (samples::spec(10), Facts::default());
    let mut taken = Vec::new();
    for _ in 0..6 {
        let request = Request::new(&spec, &[], &facts, &picture, 0);
        let best = choose(&request, &picture, &rules).best(&rules).expect("room");
        taken.push(best);
        picture.note(best, spec.size, 1);
    }
    assert_eq!(taken, [1, 2, 0, 1, 2, 0], "each in its turn");
}

/// Rule: "if a zone is given only that zone".
#[test]
fn simple_stays_in_the_zone() {
    let mut pools = [roomy("h@a#1", 0), roomy("h@b#1", 50)];
    pools[1].availability_zone = "west".to_owned();
    let mut spec = samples::spec(10);
    spec.availability_zones = vec!["west".to_owned()];
    let verdict = samples::decide(&spec, &pools, &[], &simple(10_000), 0);
    assert_eq!(ranked(&verdict), ["h@b#1"]);
    assert_eq!(rejected(&verdict), [("h@a#1", "AvailabilityZoneFilter")]);
}

/// Rule: "walking the list: used + requested > `max_gigabytes` → no valid host at once (even when that host is down)". The
/// list is sorted, so where it ends all others are fuller still.
#[test]
fn simple_refuses_at_once_what_would_pass_max_gigabytes() {
    let mut pools = [roomy("h@a#1", 60), roomy("h@a#2", 31), roomy("h@b#1", 90)];
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &simple(100), 0);
    assert_eq!(ranked(&verdict), ["h@b#1"], "exactly the limit will do");
    assert_eq!(rejected(&verdict), [("h@a#1", "max_gigabytes"), ("h@a#2", "max_gigabytes")]);
    assert_eq!(
        verdict.rejected[1].reason,
        Reason::MaxGigabytes { needed: 10, used: 91, limit: 100 }
    );
    pools[2].availability = Availability::Down;
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &simple(100), 0);
    assert_eq!(verdict.chosen(), None);
}

#[test]
fn simple_never_takes_a_pool_that_is_down_or_has_no_room() {
    let mut down = roomy("h@a#1", 0);
    down.availability = Availability::Down;
    let pools = [down, samples::pool("h@b#1", 5.0, 5.0), roomy("h@c#1", 500)];
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &simple(10_000), 0);
    assert_eq!(ranked(&verdict), ["h@c#1"]);
    assert_eq!(rejected(&verdict), [("h@a#1", SERVICE), ("h@b#1", ADMISSION)]);
}

/// Rule: "zone:host forces that host; the zone part is not checked; down → will not schedule". Cinder did not look at
/// capacity then; here nothing is admitted without room.
#[test]
fn a_host_that_was_named_to_simple_needs_neither_zone_nor_limit_but_room_and_a_service() {
    let mut pools =
        [roomy("one@a#1", 0), roomy("two@a#1", 500), samples::pool("two@b#1", 5.0, 5.0)];
    let mut spec = samples::spec(10);
    spec.availability_zones = vec!["west".to_owned()];
    spec.forced = Some("two".to_owned());
    let verdict = samples::decide(&spec, &pools, &[], &simple(100), 0);
    assert_eq!(ranked(&verdict), ["two@a#1"]);
    assert_eq!(rejected(&verdict), [("one@a#1", FORCED), ("two@b#1", ADMISSION)]);
    pools[1].availability = Availability::Down;
    let verdict = samples::decide(&spec, &pools, &[], &simple(100), 0);
    assert_eq!(verdict.chosen(), None);
}

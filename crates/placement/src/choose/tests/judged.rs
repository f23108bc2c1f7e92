//! Who refuses a pool, and why.

use ashlar_types::BackendName;
use ashlar_types::request_spec::Pinned;

use super::*;

#[test]
fn the_pin_refuses_all_pools_but_those_of_the_source_and_checks_them_too() {
    let pools = [
        samples::pool("h@a#p", 900.0, 900.0),
        samples::pool("h@b#p", 100.0, 100.0),
        samples::pool("h@b#q", 5.0, 5.0),
    ];
    let mut spec = samples::spec(10);
    spec.pinned = Some(Pinned::Backend(BackendName::new("h", "b")));
    let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
    assert_eq!(ranked(&verdict), ["h@b#p"]);
    assert_eq!(rejected(&verdict), [("h@a#p", PIN), ("h@b#q", "CapacityFilter")]);
    assert_eq!(verdict.rejected[0].reason, Reason::Pinned { to: "h@b".to_owned() });
    spec.pinned = Some(Pinned::Pool(PoolName("h@b#q".to_owned())));
    let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
    assert!(verdict.ranked.is_empty(), "no room where it has to live");
}

#[test]
fn pools_that_the_pin_rules_out_still_set_the_scale() {
    let pools = [("h@a#p", 900.0), ("h@b#p", 100.0), ("h@b#q", 500.0)]
        .map(|(name, size)| samples::pool(name, size, size));
    let mut spec = samples::spec(10);
    spec.pinned = Some(Pinned::Backend(BackendName::new("h", "b")));
    let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
    let scores: Vec<_> = verdict.ranked.iter().map(|ranked| ranked.score).collect();
    assert_eq!((ranked(&verdict), scores), (vec!["h@b#q", "h@b#p"], vec![0.5, 0.0]));
}

#[test]
fn a_pool_whose_service_takes_no_work_is_refused_before_anything_else() {
    for availability in
        [Availability::Down, Availability::Disabled, Availability::Frozen, Availability::Unreported]
    {
        let mut pool = samples::thin("h@b#p", 100.0, Some(2.0));
        samples::report(&mut pool, "max_over_subscription_ratio", "two".into());
        pool.availability = availability;
        let mut spec = samples::spec(1000);
        spec.forced = Some("elsewhere".to_owned());
        let verdict = samples::decide(&spec, &[pool], &[], &Rules::default(), 0);
        assert_eq!(rejected(&verdict), [("h@b#p", SERVICE)]);
        assert_eq!(verdict.rejected[0].reason, Reason::Service { availability });
    }
}

#[test]
fn a_report_that_cannot_be_taken_in_is_refused_whatever_is_configured() {
    let mut pool = samples::thin("h@b#p", 100.0, Some(2.0));
    samples::report(&mut pool, "max_over_subscription_ratio", "two".into());
    let rules = rules(&[], &[]).without_admission();
    let verdict = samples::decide(&samples::spec(0), &[pool], &[], &rules, 0);
    assert_eq!(rejected(&verdict), [("h@b#p", REPORT)]);
    assert_eq!(
        verdict.rejected[0].reason,
        Reason::CannotBeJudged { trouble: Trouble::Ratio, key: None }
    );
}

#[test]
fn one_pool_that_cannot_be_judged_does_not_keep_the_others_from_it() {
    let mut odd = samples::pool("h@b#odd", 100.0, 100.0);
    samples::report(&mut odd, "free_capacity_gb", "100".into());
    let pools = [odd, samples::pool("h@b#plain", 100.0, 100.0)];
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &Rules::default(), 0);
    assert_eq!(ranked(&verdict), ["h@b#plain"]);
    let reason = &verdict.rejected[0].reason;
    assert_eq!(reason.to_string(), "cannot be judged: its free capacity is no number");
}

#[test]
fn filters_are_asked_in_the_order_of_the_configuration_and_the_first_that_refuses_is_told() {
    let mut pool = samples::pool("h@b#p", 10.0, 10.0);
    samples::report(&mut pool, "filter_function", "1 > 2".into());
    let mut spec = samples::spec(11);
    spec.availability_zones = vec!["west".to_owned()];
    spec.volume_type.extra_specs.insert("ssd".to_owned(), Some("<is> True".to_owned()));
    spec.hints.insert("query".to_owned(), "[\"=\", 1, 2]".into());
    spec.hints.insert("same_host".to_owned(), "no volume".into());
    spec.hints.insert("different_host".to_owned(), "no volume".into());
    spec.hints.insert("local_to_instance".to_owned(), "no instance".into());
    let tried = [pool.name.clone()];
    for first in crate::filters::ALL {
        let mut names: Vec<_> = crate::filters::ALL.iter().map(|filter| filter.name).collect();
        names.retain(|name| *name != first.name);
        names.insert(0, first.name);
        let rules = rules(&names, &["CapacityWeigher"]);
        let verdict = samples::decide(&spec, std::slice::from_ref(&pool), &tried, &rules, 0);
        assert_eq!(rejected(&verdict), [("h@b#p", first.name)]);
    }
}

#[test]
fn capacity_is_judged_beside_the_filters_when_its_filter_is_not_configured() {
    let pools = [samples::pool("h@b#p", 10.0, 10.0), samples::pool("h@b#q", 20.0, 20.0)];
    let spec = samples::spec(15);
    let rules = rules(&["AvailabilityZoneFilter"], &["ChanceWeigher"]);
    for seed in 0..20 {
        let verdict = samples::decide(&spec, &pools, &[], &rules, seed);
        assert_eq!(ranked(&verdict), ["h@b#q"]);
        assert_eq!(rejected(&verdict), [("h@b#p", ADMISSION)]);
        assert!(matches!(verdict.rejected[0].reason, Reason::Space { needed: 15, .. }));
    }
    let rules = rules.without_admission();
    let verdict = samples::decide(&spec, &pools, &[], &rules, 0);
    assert_eq!(verdict.ranked.len(), 2, "as Cinder has it");
}

#[test]
fn holds_are_seen_by_the_next_request_at_once() {
    let mut pools = [samples::pool("h@b#p", 100.0, 100.0)];
    let spec = samples::spec(60);
    assert!(samples::decide(&spec, &pools, &[], &Rules::default(), 0).chosen().is_some());
    samples::hold(&mut pools[0], 60);
    let verdict = samples::decide(&spec, &pools, &[], &Rules::default(), 0);
    assert_eq!(verdict.chosen(), None);
    assert_eq!(
        verdict.rejected[0].reason.to_string(),
        "needs 60 GiB, 40 GiB free, 60 GiB held by operations under way"
    );
    assert!(Rules::default().admit(&pools[0], Gib(40), Provisioning::Thin).is_ok());
}

#[test]
fn only_the_difference_is_needed_where_a_volume_grows() {
    let pools = [samples::pool("h@b#p", 100.0, 10.0)];
    let rules = Rules::default();
    let picture = samples::picture(&pools, &rules);
    let (spec, facts) = (samples::spec(50), Facts::default());
    let request = || Request::new(&spec, &[], &facts, &picture, 0);
    assert_eq!(choose(&request(), &picture, &rules).best(&rules), None);
    let growing = request().to_extend(10, false);
    assert_eq!(growing.operation, Operation::Extend { attached: false });
    assert_eq!(choose(&growing, &picture, &rules).best(&rules), Some(0));
    assert_eq!(choose(&request().to_extend(11, false), &picture, &rules).best(&rules), None);
}

#[test]
fn an_attached_volume_does_not_grow_where_that_is_said_to_be_impossible() {
    let rules = Rules::default();
    for (reported, attached, expected) in [
        (json!(false), true, Some(Reason::OnlineExtend)),
        (json!(false), false, None),
        (json!(true), true, None),
        // Cinder asks for the very value False.
        (json!(0), true, None),
        (json!("False"), true, None),
        (json!(null), true, None),
    ] {
        let mut pool = samples::pool("h@b#p", 100.0, 100.0);
        samples::report(&mut pool, "online_extend_support", reported.clone());
        let picture = samples::picture(&[pool], &rules);
        let (spec, facts) = (samples::spec(50), Facts::default());
        let request = Request::new(&spec, &[], &facts, &picture, 0).to_extend(10, attached);
        let verdict = choose(&request, &picture, &rules).verdict(&request, &picture, &rules);
        let reason = verdict.rejected.first().map(|rejected| rejected.reason.clone());
        assert_eq!(reason, expected, "{reported}, attached: {attached}");
    }
}

#[test]
fn a_type_s_demands_are_told_by_their_keys() {
    let mut pool = samples::pool("h@b#p", 100.0, 100.0);
    samples::report(&mut pool, "cap", 5.into());
    let reason = |key: &str, wanted: Option<&str>| {
        let mut spec = samples::spec(1);
        spec.volume_type.extra_specs.insert("a:scope".to_owned(), None);
        spec.volume_type.extra_specs.insert(key.to_owned(), wanted.map(str::to_owned));
        let pools = std::slice::from_ref(&pool);
        let verdict = samples::decide(&spec, pools, &[], &Rules::default(), 0);
        verdict.rejected.first().map(|rejected| rejected.reason.to_string())
    };
    assert_eq!(reason("cap", Some("== 5")), None);
    let told = |text: &str| Some(text.to_owned());
    assert_eq!(reason("cap", Some("6")), told("reports 5 as 'cap', wanted is '6'"));
    assert_eq!(reason("cap", None), told("reports 5 as 'cap', wanted is null"));
    assert_eq!(reason("cop", Some("6")), told("does not report 'cop'"));
    assert_eq!(
        reason("capabilities:cap", Some("<in> 5")),
        told(
            "cannot be judged: what it reports cannot be compared with the extra spec 'capabilities:cap'"
        )
    );
}

#[test]
fn a_named_host_is_asked_for_capacity_and_for_nothing_else() {
    let mut pools = [
        samples::pool("one@a#p", 900.0, 900.0),
        samples::pool("two@a#p", 100.0, 100.0),
        samples::pool("two@b#p", 50.0, 50.0),
        samples::pool("two@b#q", 5.0, 5.0),
    ];
    for pool in &mut pools {
        samples::report(pool, "filter_function", "1 > 2".into());
    }
    let mut spec = samples::spec(10);
    spec.availability_zones = vec!["west".to_owned()];
    let rules =
        rules(&["AvailabilityZoneFilter", "CapacityFilter", "DriverFilter"], &["CapacityWeigher"]);
    let decide = |to: &str| {
        let spec = RequestSpec { forced: Some(to.to_owned()), ..spec.clone() };
        samples::decide(&spec, &pools, &[], &rules, 0)
    };
    let verdict = decide("two");
    assert_eq!(ranked(&verdict), ["two@a#p", "two@b#p"]);
    assert_eq!(rejected(&verdict), [("one@a#p", FORCED), ("two@b#q", ADMISSION)]);
    assert_eq!(verdict.rejected[0].reason.to_string(), "is not on the host that was named: two");
    assert_eq!(ranked(&decide("two@b")), ["two@b#p"]);
    assert_eq!(ranked(&decide("two@b#q")), [] as [&str; 0]);
    assert_eq!(ranked(&decide("tw")), [] as [&str; 0]);
}

#[test]
fn what_a_weigher_can_make_nothing_of_is_left_out_and_the_others_are_weighed_without_it() {
    let mut odd = samples::pool("h@b#odd", 100.0, 100.0);
    samples::report(&mut odd, "provisioned_capacity_gb", "5".into());
    let pools = [odd, samples::pool("h@b#less", 50.0, 50.0), samples::pool("h@b#more", 80.0, 80.0)];
    let rules = rules(&[], &["VolumeNumberWeigher", "CapacityWeigher"]).without_admission();
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
    assert_eq!(ranked(&verdict), ["h@b#more", "h@b#less"]);
    assert_eq!(rejected(&verdict), [("h@b#odd", "CapacityWeigher")]);
    let trouble = Reason::CannotBeJudged { trouble: Trouble::Provisioned, key: None };
    assert_eq!(verdict.rejected[0].reason, trouble);
}

#[test]
fn a_room_that_is_no_number_is_a_trouble_of_the_ratio_not_of_the_goodness() {
    let mut pool = samples::thin("h@b#p", 100.0, None);
    samples::report(&mut pool, "max_over_subscription_ratio", "nan".into());
    let rules = rules(&[], &["CapacityWeigher"]).without_admission();
    let verdict = samples::decide(&samples::spec(1), &[pool], &[], &rules, 0);
    let trouble = Reason::CannotBeJudged { trouble: Trouble::Ratio, key: None };
    assert_eq!(verdict.rejected[0].reason, trouble);
}

#[test]
fn where_all_are_boundless_and_the_fullest_is_wanted_none_can_be_weighed() {
    let pools = ["h@b#p", "h@b#q"].map(|name| {
        let mut pool = samples::pool(name, 10.0, 10.0);
        samples::report(&mut pool, "free_capacity_gb", "infinite".into());
        pool
    });
    for (multiplier, fit) in [(1.0, 2), (0.0, 0), (-1.0, 0)] {
        let rules = Rules::from_settings(&RulesSettings {
            multipliers: vec![("capacity_weight_multiplier", multiplier)],
            ..RulesSettings::default()
        })
        .expect("rules");
        let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
        assert_eq!(verdict.ranked.len(), fit, "{multiplier}");
        for rejected in &verdict.rejected {
            assert_eq!(rejected.filter, "CapacityWeigher");
            let trouble = Reason::CannotBeJudged { trouble: Trouble::NothingToWeigh, key: None };
            assert_eq!(rejected.reason, trouble);
        }
    }
}

#[test]
fn a_request_with_a_size_of_nothing_goes_wherever_nothing_else_is_wrong() {
    let pools = [samples::pool("h@b#p", 0.0, 0.0)];
    let verdict = samples::decide(&samples::spec(0), &pools, &[], &Rules::default(), 0);
    assert_eq!(ranked(&verdict), ["h@b#p"]);
}

#[test]
fn a_pool_off_which_nothing_can_be_counted_is_passed_over_where_it_would_be_chosen() {
    let odd = |name: &str| {
        let mut odd = samples::thin(name, 1000.0, Some(2.0));
        samples::report(&mut odd, "free_capacity_gb", "1000".into());
        odd
    };
    let plain = samples::pool("h@b#plain", 100.0, 100.0);
    let mut pools: Vec<Pool> = (0..20).map(|number| odd(&format!("h@b#{number:02}"))).collect();
    pools.push(plain);
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &Rules::default(), 0);
    assert_eq!(verdict.chosen().map(PoolName::as_str), Some("h@b#plain"));
    let reason = Reason::CannotBeJudged { trouble: Trouble::Free, key: None };
    assert_eq!(verdict.rejected.len(), 20);
    assert!(verdict.rejected.iter().all(|rejected| rejected.reason == reason));
    // Where it would not be chosen it does no harm.
    let pools = [samples::pool("h@b#large", 5000.0, 5000.0), odd("h@b#odd")];
    let verdict = samples::decide(&samples::spec(10), &pools, &[], &Rules::default(), 0);
    assert_eq!(verdict.ranked.len(), 2, "{verdict:?}");
}

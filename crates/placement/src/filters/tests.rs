//! The filters that go by hints and by earlier attempts.

use ashlar_types::{Pool, PoolName};
use serde_json::{Value, json};

use crate::samples::{self, ranked, rejected, rules};
use crate::{Facts, Reason, Trouble, Verdict};

const ONE: &str = "6f70656e-7374-4163-8b21-c0ffee000001";
const TWO: &str = "6f70656e-7374-4163-8b21-c0ffee000002";
const UNKNOWN: &str = "6f70656e-7374-4163-8b21-c0ffee000003";

fn pools() -> [Pool; 3] {
    ["h@a#1", "h@b#1", "h@b#2"].map(|name| samples::pool(name, 100.0, 100.0))
}

fn facts() -> Facts {
    let located = [(ONE, "h@a#1"), (TWO, "h@b#1")];
    let located = located.map(|(id, pool)| (id.to_owned(), PoolName(pool.to_owned())));
    Facts { located: located.into(), ..Facts::default() }
}

fn hinted(filter: &str, hint: &str, value: Value, facts: &Facts) -> Verdict {
    let mut spec = samples::spec(1);
    spec.hints.insert(hint.to_owned(), value);
    samples::decide_knowing(facts, &spec, &pools(), (&[], 0), &rules(&[filter], &[]))
}

#[test]
fn the_same_backend_is_the_very_pool_of_any_volume_named() {
    let fit = |value: Value| {
        let verdict = hinted("SameBackendFilter", "same_host", value, &facts());
        assert!(verdict.rejected.iter().all(|rejected| rejected.reason == Reason::NotSame));
        ranked(&verdict).join(" ")
    };
    assert_eq!(fit(json!(ONE)), "h@a#1");
    assert_eq!(fit(json!([TWO])), "h@b#1", "another pool of the backend is another place");
    assert_eq!(fit(json!([UNKNOWN, TWO, ONE])), "h@a#1 h@b#1");
    assert_eq!(fit(json!(UNKNOWN)), "");
    assert_eq!(fit(json!([])), "h@a#1 h@b#1 h@b#2");
}

#[test]
fn a_different_backend_is_any_pool_without_the_volumes_named() {
    let fit = |value: Value| {
        let verdict = hinted("DifferentBackendFilter", "different_host", value, &facts());
        assert!(verdict.rejected.iter().all(|rejected| rejected.reason == Reason::NotDifferent));
        ranked(&verdict).join(" ")
    };
    assert_eq!(fit(json!(ONE)), "h@b#1 h@b#2");
    assert_eq!(fit(json!([ONE, TWO, UNKNOWN])), "h@b#2");
    assert_eq!(fit(json!(UNKNOWN)), "h@a#1 h@b#1 h@b#2");
    assert_eq!(fit(json!([])), "h@a#1 h@b#1 h@b#2");
}

#[test]
fn a_hint_that_names_no_volume_passes_no_pool() {
    for (filter, hint) in
        [("SameBackendFilter", "same_host"), ("DifferentBackendFilter", "different_host")]
    {
        for value in [json!("x"), json!([ONE, "x"]), json!(null), json!(5), json!({}), json!([5])] {
            let verdict = hinted(filter, hint, value.clone(), &facts());
            assert_eq!(verdict.rejected.len(), 3, "{value}");
            for rejected in verdict.rejected {
                assert_eq!(
                    (&*rejected.filter, rejected.reason),
                    (filter, Reason::BadHint),
                    "{value}"
                );
            }
        }
        let verdict = hinted(filter, "another", json!("x"), &facts());
        assert_eq!(verdict.ranked.len(), 3, "no hint, no demand");
    }
}

#[test]
fn an_instance_draws_the_volume_to_its_host() {
    let on = |host: &str| Facts { instance: Some(Ok(host.to_owned())), ..Facts::default() };
    let ask = |value: Value, facts: &Facts| {
        hinted("InstanceLocalityFilter", "local_to_instance", value, facts)
    };
    assert_eq!(ask(json!(ONE), &on("h")).ranked.len(), 3, "the host, whatever backend and pool");
    let verdict = ask(json!(ONE), &on("g"));
    assert_eq!(verdict.rejected[0].reason, Reason::InstanceElsewhere { host: "g".to_owned() });
    assert_eq!(ask(json!(ONE), &on("h@a")).ranked.len(), 0);
    for nothing in [json!(null), json!(""), json!([]), json!(false), json!(0)] {
        assert_eq!(ask(nothing.clone(), &Facts::default()).ranked.len(), 3, "{nothing}");
    }
    let reasons = |value: Value, facts: &Facts| {
        let verdict = ask(value, facts);
        assert_eq!(verdict.rejected.len(), 3);
        verdict.rejected[0].reason.clone()
    };
    let trouble = |trouble| Reason::CannotBeJudged { trouble, key: None };
    for bad in [json!("x"), json!(5), json!([ONE]), json!({"id": ONE}), json!(true)] {
        assert_eq!(reasons(bad.clone(), &on("h")), trouble(Trouble::InstanceHint), "{bad}");
    }
    let failed = Facts { instance: Some(Err("no answer".to_owned())), ..Facts::default() };
    assert_eq!(reasons(json!(ONE), &failed), trouble(Trouble::Instance));
    assert_eq!(reasons(json!(ONE), &Facts::default()), trouble(Trouble::Instance));
}

#[test]
fn what_was_tried_is_passed_over_pool_by_pool_or_backend_by_backend() {
    let fit = |tried: &[&str]| {
        let tried: Vec<_> = tried.iter().map(|&name| PoolName(name.to_owned())).collect();
        let rules = rules(&["IgnoreAttemptedHostsFilter"], &[]);
        let verdict = samples::decide(&samples::spec(1), &pools(), &tried, &rules, 0);
        assert!(verdict.rejected.iter().all(|rejected| rejected.reason == Reason::Tried));
        ranked(&verdict).join(" ")
    };
    assert_eq!(fit(&[]), "h@a#1 h@b#1 h@b#2");
    assert_eq!(fit(&["h@b#2"]), "h@a#1 h@b#1");
    assert_eq!(fit(&["h@b"]), "h@a#1");
    assert_eq!(fit(&["h", "h@b#", "h@b#11", "elsewhere"]), "h@a#1 h@b#1 h@b#2");
    assert_eq!(fit(&["h@a#1", "h@b#1", "h@b#2"]), "");
}

#[test]
fn what_was_tried_counts_only_where_its_filter_is_configured() {
    let tried = [PoolName("h@a#1".to_owned())];
    let verdict = samples::decide(&samples::spec(1), &pools(), &tried, &rules(&[], &[]), 0);
    assert_eq!(verdict.ranked.len(), 3);
}

#[test]
fn a_zone_is_one_of_those_asked_for() {
    let mut pools = pools();
    pools[0].availability_zone = "west".to_owned();
    pools[1].availability_zone = "east".to_owned();
    let fit = |zones: &[&str]| {
        let mut spec = samples::spec(1);
        spec.availability_zones = zones.iter().map(|&zone| zone.to_owned()).collect();
        let verdict =
            samples::decide(&spec, &pools, &[], &rules(&["AvailabilityZoneFilter"], &[]), 0);
        ranked(&verdict).join(" ")
    };
    assert_eq!(fit(&[]), "h@a#1 h@b#1 h@b#2");
    assert_eq!(fit(&["east"]), "h@b#1");
    assert_eq!(fit(&["nova", "west"]), "h@a#1 h@b#2");
    assert_eq!(fit(&["West"]), "");
}

fn queried(query: Value, change: impl Fn(&mut Pool)) -> Verdict {
    let mut pools = pools();
    pools.iter_mut().for_each(change);
    let mut spec = samples::spec(1);
    let query = if query.is_array() { query.to_string().into() } else { query };
    spec.hints.insert("query".to_owned(), query);
    let rules = rules(&["JsonFilter"], &[]).without_admission();
    samples::decide(&spec, &pools, &[], &rules, 0)
}

#[test]
fn a_query_sees_the_attributes_that_cinder_keeps_of_a_pool() {
    let change = |pool: &mut Pool| {
        (pool.allocated, pool.held, pool.unreported) = (20, 10, 5);
        samples::report(pool, "vendor_name", "Acme".into());
        samples::report(pool, "qos", json!({"iops": 500}));
        samples::report(pool, "multiattach", true.into());
    };
    for query in [json!(["=", "$host", "h@b#1"]), json!(["=", "$backend_id", "h@b#1"])] {
        assert_eq!(ranked(&queried(query, change)), ["h@b#1"]);
    }
    for query in [
        json!(["in", "$pool_name", "1", "2"]),
        json!(["=", "$total_capacity_gb", 100]),
        json!(["=", "$free_capacity_gb", 95]),
        json!(["=", "$allocated_capacity_gb", 30]),
        json!(["=", "$provisioned_capacity_gb", 30]),
        json!(["=", "$reserved_percentage", 0]),
        json!(["=", "$max_over_subscription_ratio", 1.0]),
        json!(["=", "$thin_provisioning_support", false]),
        json!(["=", "$thick_provisioning_support", true]),
        json!(["=", "$multiattach", true]),
        json!(["=", "$QoS_support", false]),
        json!(["=", "$goodness_function", 0]),
        json!(["=", "$vendor_name", "Acme"]),
        json!(["=", "$capabilities.vendor_name", "Acme"]),
        json!(["=", "$capabilities.free_capacity_gb", 100]),
        json!([">", "$capabilities.qos.iops", 400]),
        json!(["=", "$service.availability_zone", "nova"]),
        json!(["or", ["=", "$volume_backend_name", "x"], ["=", 1, 1]]),
        json!([]),
        json!(null),
        json!(""),
    ] {
        let verdict = queried(query.clone(), change);
        assert_eq!(verdict.ranked.len(), 3, "{query}: {:?}", verdict.rejected);
    }
    for query in [
        json!(["=", "$nothing", "$nothing"]),
        json!(["=", "$volume_backend_name", "x"]),
        json!(["=", "$capabilities.nothing", 1]),
        json!([">", "$free_capacity_gb", 95]),
    ] {
        let verdict = queried(query.clone(), change);
        assert_eq!(verdict.rejected.len(), 3, "{query}");
        assert!(verdict.rejected.iter().all(|rejected| rejected.reason == Reason::Query));
    }
}

#[test]
fn a_query_sees_odd_figures_as_they_are() {
    // One that is no number is refused later: what is taken cannot be counted off it.
    let holds =
        |verdict: &Verdict| verdict.rejected.iter().all(|rejected| rejected.filter != "JsonFilter");
    let free = |value: Value| {
        move |pool: &mut Pool| {
            samples::report(pool, "free_capacity_gb", value.clone());
            pool.unreported = 5;
        }
    };
    for (value, query) in [
        (json!("unknown"), json!(["=", "$free_capacity_gb", "unknown"])),
        (json!(10.5), json!(["=", "$free_capacity_gb", 5.5])),
        (json!(null), json!(["not", ["=", "$free_capacity_gb", 1]])),
        (json!([1, 2]), json!(["=", ["in", "$free_capacity_gb", 1], false])),
    ] {
        assert!(holds(&queried(query.clone(), free(value.clone()))), "{query} of {value}");
    }
    let provisioned = |value: Value| {
        move |pool: &mut Pool| {
            samples::report(pool, "provisioned_capacity_gb", value.clone());
            (pool.allocated, pool.unreported) = (50, 5);
        }
    };
    for (value, query) in [
        (json!(70), json!(["=", "$provisioned_capacity_gb", 75])),
        (json!(70.5), json!(["=", "$provisioned_capacity_gb", 75.5])),
        (json!("many"), json!(["=", "$provisioned_capacity_gb", "many"])),
    ] {
        assert!(holds(&queried(query.clone(), provisioned(value.clone()))), "{query} of {value}");
    }
}

/// Cinder's scheduler replaces a protocol by all its spellings when a report comes in.
#[test]
fn a_query_sees_a_protocol_with_several_spellings_as_the_list_of_them() {
    let fc = |pool: &mut Pool| samples::report(pool, "storage_protocol", "fc".into());
    let ceph = |pool: &mut Pool| samples::report(pool, "storage_protocol", "ceph".into());
    for attribute in ["$storage_protocol", "$capabilities.storage_protocol"] {
        let single = json!(["=", attribute, "fc"]);
        assert_eq!(queried(single, fc).ranked.len(), 0, "{attribute}");
        let query = json!(["=", attribute, "ceph"]);
        assert_eq!(queried(query, ceph).ranked.len(), 3, "{attribute}");
    }
}

#[test]
fn a_query_that_cannot_be_applied_is_a_trouble_of_every_pool() {
    for query in [
        json!("no JSON"),
        json!(["no operator", 1, 2]),
        json!(5),
        json!(["<", "$host", 5]),
        json!(["=", "$host.name", 5]),
    ] {
        let verdict = queried(query.clone(), |_| ());
        let told = [("h@a#1", "JsonFilter"), ("h@b#1", "JsonFilter"), ("h@b#2", "JsonFilter")];
        assert_eq!(rejected(&verdict), told, "{query}");
        let trouble = Reason::CannotBeJudged { trouble: Trouble::Query, key: None };
        assert!(verdict.rejected.iter().all(|rejected| rejected.reason == trouble), "{query}");
    }
}

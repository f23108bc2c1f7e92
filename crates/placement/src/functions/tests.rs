//! What `DriverFilter` and `GoodnessWeigher` make of the functions that backends report.

use ashlar_types::{Pool, RequestSpec, SnapshotId, Source};
use serde_json::{Value as Json, json};

use crate::samples::{self, rules};
use crate::{Facts, Reason, Trouble, Verdict};

fn pool() -> Pool {
    let mut pool = samples::pool("node@fast#ssd", 1000.0, 600.0);
    (pool.allocated, pool.held, pool.unreported) = (300, 40, 20);
    pool
}

fn spec() -> RequestSpec {
    let mut spec = samples::spec(10);
    let specs = &mut spec.volume_type.extra_specs;
    specs.insert("tier".to_owned(), Some("gold".to_owned()));
    specs.insert("iops".to_owned(), Some("500".to_owned()));
    specs.insert("nothing".to_owned(), None);
    spec
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.qos_specs.insert("maxIOPS".to_owned(), "2000".to_owned());
    facts
}

fn judge(key: &str, function: Json, protocol: Option<&str>) -> Verdict {
    let mut pool = pool();
    samples::report(&mut pool, key, function);
    if let Some(protocol) = protocol {
        samples::report(&mut pool, "storage_protocol", protocol.into());
    }
    let rules = rules(&["DriverFilter"], &["GoodnessWeigher"]);
    samples::decide_knowing(&facts(), &spec(), &[pool], (&[], 0), &rules)
}

/// Why the pool with this `filter_function` is refused, if it is.
fn refused(function: impl Into<Json>, protocol: Option<&str>) -> Option<Reason> {
    let verdict = judge("filter_function", function.into(), protocol);
    assert!(verdict.rejected.iter().all(|rejected| rejected.filter == "DriverFilter"));
    verdict.rejected.into_iter().next().map(|rejected| rejected.reason)
}

fn goodness(function: impl Into<Json>, protocol: Option<&str>) -> Result<f64, Reason> {
    let verdict = judge("goodness_function", function.into(), protocol);
    match verdict.rejected.into_iter().next() {
        Some(rejected) => {
            assert_eq!(rejected.filter, "GoodnessWeigher");
            Err(rejected.reason)
        }
        None => Ok(verdict.ranked[0].weights[0].raw),
    }
}

#[test]
fn a_pool_passes_when_its_function_holds_or_when_it_has_none() {
    for function in
        [json!(null), json!("1 < 2"), json!("5"), json!("'a text'"), json!("volume.size")]
    {
        assert_eq!(refused(function.clone(), None), None, "{function}");
    }
    for function in ["1 > 2", "0", "not 1", "0.0", "''"] {
        let reason = Reason::Function { function: function.to_owned() };
        assert_eq!(refused(function, None), Some(reason));
    }
}

#[test]
fn a_function_that_is_no_text_is_read_as_python_prints_it() {
    assert_eq!(refused(5, None), None);
    assert_eq!(refused(0, None), Some(Reason::Function { function: "0".to_owned() }));
    assert_eq!(refused(true, None), None);
    assert_eq!(refused(false, None), None, "the word False is a text, and not an empty one");
}

#[test]
fn a_function_that_cannot_be_evaluated_refuses_the_pool_and_says_why() {
    for (function, cause) in [
        ("stats.nothing > 1", "there is no variable stats.nothing"),
        ("nowhere.size > 1", "there is no variable nowhere.size"),
        ("1 / 0", "zero"),
        ("1 <", "expected"),
        ("", "expected"),
        ("stats.updated > 1", "stats.updated"),
        ("stats.cluster_name == 'x'", "stats.cluster_name"),
        ("extra.nothing == 'x'", "extra.nothing"),
        ("stats.storage_protocol == 'x'", "stats.storage_protocol"),
    ] {
        let Some(Reason::FunctionFailed { function: told, cause: found }) = refused(function, None)
        else {
            panic!("{function} does not fail")
        };
        assert_eq!(told, function);
        assert!(found.contains(cause), "{function}: {found}");
    }
}

#[test]
fn functions_see_the_pool_with_what_was_taken_since_its_report() {
    for function in [
        "stats.total_capacity_gb == 1000",
        "stats.free_capacity_gb == 580",
        "stats.allocated_capacity_gb == 340",
        "stats.reserved_percentage == 0",
        "stats.QoS_support == 0",
        "stats.host == 'node@fast#ssd'",
        "stats.backend_id == 'node@fast#ssd'",
        "capabilities.free_capacity_gb == 600",
        "capabilities.pool_name == 'ssd'",
        "capabilities.thin_provisioning_support == 0",
        "volume.size == 10",
        "volume.project_id == 'project'",
        "volume.user_id == 'user'",
        "volume.status == 'creating'",
        "volume.attach_status == 'detached'",
        "extra.tier == 'gold'",
        "extra.iops + 1 == 501",
        "qos.maxIOPS == 2000",
    ] {
        assert_eq!(refused(function, None), None, "{function}");
    }
}

#[test]
fn what_is_not_reported_has_cinder_s_defaults() {
    let mut pool = pool();
    pool.stats = std::sync::Arc::default();
    let rules = rules(&["DriverFilter"], &[]).without_admission();
    let mut passes = |function: &str| {
        samples::report(&mut pool, "filter_function", function.into());
        samples::decide(&spec(), std::slice::from_ref(&pool), &[], &rules, 0).chosen().is_some()
    };
    for function in [
        "stats.total_capacity_gb == 0",
        "stats.free_capacity_gb == -20",
        "stats.reserved_percentage == 0",
        "stats.QoS_support == 0",
    ] {
        assert!(passes(function), "{function}");
    }
    assert!(!passes("capabilities.total_capacity_gb == 0"), "not in the report");
    assert!(!passes("stats.vendor_name == 'x'") && !passes("stats.vendor_name != 'x'"), "null");
}

#[test]
fn odd_figures_are_seen_as_they_are() {
    for (value, function) in [
        (json!("infinite"), "stats.free_capacity_gb == 'infinite'"),
        (json!("12.5"), "stats.free_capacity_gb == 12.5"),
        (json!(600.9), "stats.free_capacity_gb == 580"),
        (json!(true), "stats.free_capacity_gb == 1"),
    ] {
        let mut pool = pool();
        samples::report(&mut pool, "free_capacity_gb", value.clone());
        samples::report(&mut pool, "filter_function", function.into());
        let rules = rules(&["DriverFilter"], &[]).without_admission();
        let verdict = samples::decide(&spec(), &[pool], &[], &rules, 0);
        // One that is no number is refused later: what is taken cannot be counted off it.
        let refused = verdict.rejected.iter().any(|rejected| rejected.filter == "DriverFilter");
        assert!(!refused, "{value}: {verdict:?}");
    }
}

#[test]
fn a_source_is_known_by_its_identity() {
    let id = SnapshotId::random();
    let mut pool = pool();
    samples::report(&mut pool, "filter_function", format!("volume.snapshot_id == '{id}'").into());
    let mut spec = spec();
    let rules = rules(&["DriverFilter"], &[]);
    let pools = [pool];
    let passes =
        |spec: &RequestSpec| samples::decide(spec, &pools, &[], &rules, 0).chosen().is_some();
    assert!(!passes(&spec), "null, which no expression can compute with");
    spec.source = Source::Snapshot(id);
    assert!(passes(&spec));
}

#[test]
fn a_protocol_with_several_spellings_passes_with_any_of_them() {
    for (reported, function, passes) in [
        ("FC", "capabilities.storage_protocol == 'fibre_channel'", true),
        ("fc", "stats.storage_protocol == 'FC'", true),
        ("FC", "stats.storage_protocol != 'FC'", true),
        ("FC", "capabilities.storage_protocol == 'iSCSI'", false),
        ("iscsi", "capabilities.storage_protocol == 'iSCSI'", true),
        ("NVMe-oF", "stats.storage_protocol == 'nvmeof'", true),
        ("ceph", "capabilities.storage_protocol == 'ceph'", true),
        ("ceph", "capabilities.storage_protocol == 'Ceph'", false),
        ("FC", "'storage_protocol' == 'x'", false),
    ] {
        let reason = refused(function, Some(reported));
        assert_eq!(reason.is_none(), passes, "{reported}: {function}");
        assert!(!matches!(reason, Some(Reason::FunctionFailed { .. })), "{reported}: {function}");
    }
}

#[test]
fn a_list_of_protocols_passes_with_any_of_them() {
    let mut pool = pool();
    samples::report(&mut pool, "storage_protocol", json!(["iSCSI", "NVMe-TCP", 5]));
    for (function, passes) in [
        ("capabilities.storage_protocol == 'NVMe-TCP'", true),
        ("stats.storage_protocol == 'iSCSI'", true),
        ("stats.storage_protocol == 5", true),
        ("stats.storage_protocol == 'iscsi'", false),
    ] {
        samples::report(&mut pool, "filter_function", function.into());
        let pools = std::slice::from_ref(&pool);
        let verdict = samples::decide(&spec(), pools, &[], &rules(&["DriverFilter"], &[]), 0);
        assert_eq!(verdict.chosen().is_some(), passes, "{function}");
    }
}

#[test]
fn of_a_long_function_as_much_is_told_as_fits_into_a_reason() {
    let function = format!("1 > 2 {}", "+ 1 ".repeat(200));
    let Some(Reason::Function { function: told }) = refused(function.as_str(), None) else {
        panic!("it does not hold")
    };
    assert_eq!(told.chars().count(), 201);
}

#[test]
fn goodness_is_a_number_from_0_to_100() {
    for (function, expected) in [
        (json!("50"), 50.0),
        (json!(70), 70.0),
        (json!("0.5"), 0.5),
        (json!("100"), 100.0),
        (json!("100 / 3"), 100.0 / 3.0),
        (json!("volume.size * 2"), 20.0),
        (json!("stats.allocated_capacity_gb / 10"), 34.0),
        (json!("1 < 2"), 100.0),
        (json!("1 > 2"), 0.0),
        (json!("101"), 0.0),
        (json!("100.01"), 0.0),
        (json!("-1"), 0.0),
        (json!("1 / 0"), 0.0),
        (json!("stats.nothing"), 0.0),
        (json!("1 +"), 0.0),
        (json!(""), 0.0),
        (json!(null), 0.0),
        (json!("inf"), 0.0),
    ] {
        assert_eq!(goodness(function.clone(), None), Ok(expected), "{function}");
    }
}

#[test]
fn goodness_without_a_function_is_none() {
    let rules = rules(&[], &["GoodnessWeigher"]);
    let verdict = samples::decide(&spec(), &[pool()], &[], &rules, 0);
    assert_eq!(verdict.ranked[0].weights[0].raw, 0.0);
}

#[test]
fn goodness_that_is_no_number_cannot_be_judged() {
    let trouble = Err(Reason::CannotBeJudged { trouble: Trouble::Goodness, key: None });
    for function in [json!("'50'"), json!("high"), json!("1, 2"), json!(true), json!("stats.host")]
    {
        assert_eq!(goodness(function.clone(), None), trouble, "{function}");
    }
}

#[test]
fn goodness_is_the_highest_over_the_spellings_of_the_protocol() {
    let function = "(capabilities.storage_protocol == 'fc') ? 80 : 20";
    for (protocol, expected) in [("FC", 80.0), ("fc", 80.0), ("iSCSI", 20.0), ("ceph", 20.0)] {
        assert_eq!(goodness(function, Some(protocol)), Ok(expected), "{protocol}");
    }
    let function = "(stats.storage_protocol == 'iscsi') ? 200 : 20";
    assert_eq!(goodness(function, Some("iSCSI")), Ok(20.0), "what is out of range is 0");
}

#[test]
fn goodness_does_not_know_who_the_pool_is_in_a_cluster() {
    assert_eq!(goodness("(stats.backend_id == 'node@fast#ssd') ? 50 : 50", None), Ok(0.0));
    assert_eq!(goodness("(stats.host == 'node@fast#ssd') ? 50 : 1", None), Ok(50.0));
}

#[test]
fn the_better_a_backend_says_it_is_the_sooner_it_is_taken() {
    let pools = [("h@b#a", "30"), ("h@b#b", "90"), ("h@b#c", "60")].map(|(name, function)| {
        let mut pool = samples::pool(name, 100.0, 100.0);
        samples::report(&mut pool, "goodness_function", function.into());
        pool
    });
    let rules = rules(&["CapacityFilter"], &["GoodnessWeigher"]);
    let verdict = samples::decide(&samples::spec(1), &pools, &[], &rules, 0);
    assert_eq!(samples::ranked(&verdict), ["h@b#b", "h@b#c", "h@b#a"]);
    let scores: Vec<_> = verdict.ranked.iter().map(|ranked| ranked.score).collect();
    assert_eq!(scores, [1.0, 0.5, 0.0]);
}

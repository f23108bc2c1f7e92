//! `filter` with the filters that are not asked unless a configuration names them.

use ashlar_drivers::sim::SimPool;
use ashlar_placement::RulesSettings;
use ashlar_testkit::Cloud;
use serde_json::json;

use super::{HINTS, alike, backend, placed, plan, refused, telling};

fn filters(names: &[&str]) -> RulesSettings<'static> {
    let filters = names.iter().map(|name| (*name).to_owned()).collect();
    RulesSettings { filters, ..RulesSettings::default() }
}

#[tokio::test]
async fn a_volume_is_put_beside_others_or_apart_from_them() {
    let rules = filters(&["CapacityFilter", "SameBackendFilter", "DifferentBackendFilter"]);
    let cloud = Cloud::planned(plan(alike(&["a", "b", "c"]), &rules)).await;
    let member = cloud.member();
    // An administrator of the same project sees where volumes are.
    let seen = cloud.client(&member.project, &[]);
    let one = || json!({ "size": 1 });
    let (first, place) = placed(&seen, one(), json!({})).await;
    for _ in 0..4 {
        let (_, beside) = placed(&seen, one(), json!({ "same_host": [first] })).await;
        assert_eq!(beside, place);
        // A single one need not be a list.
        let (_, apart) = placed(&seen, one(), json!({ "different_host": first })).await;
        assert_ne!(apart, place);
    }
    let (second, other) = placed(&seen, one(), json!({ "different_host": [first] })).await;
    let (third, last) = placed(&seen, one(), json!({ "different_host": [first, second] })).await;
    assert!(last != place && last != other, "{place}, {other}, {last}");
    refused(&seen, one(), json!({ "different_host": [first, second, third] })).await;
    let hints = json!({ "same_host": [first, second], "different_host": [first] });
    assert_eq!(placed(&seen, one(), hints).await.1, other);
    for hint in ["same_host", "different_host"] {
        let body = json!({ "volume": one(), HINTS: { hint: ["here"] } });
        let _ = seen.post("/volumes", &body).await.expect(400);
    }
    cloud.check().await;
}

/// Nobody learns by a hint where another project's volumes are.
#[tokio::test]
async fn another_project_s_volume_is_as_if_it_were_not_there() {
    let rules = filters(&["CapacityFilter", "SameBackendFilter", "DifferentBackendFilter"]);
    let small = backend("small", vec![SimPool::thin("pool", 10)]);
    let large = backend("large", vec![SimPool::thin("pool", 10_000)]);
    let cloud = Cloud::planned(plan(vec![small, large], &rules)).await;
    let (ours, theirs) = (cloud.admin(), cloud.admin());
    let one = || json!({ "size": 1 });
    let (foreign, place) = placed(&theirs, one(), json!({})).await;
    assert_eq!(place, "large#pool");
    assert_eq!(
        placed(&theirs, one(), json!({ "different_host": [foreign] })).await.1,
        "small#pool"
    );
    assert_eq!(placed(&ours, one(), json!({ "different_host": [foreign] })).await.1, "large#pool");
    // As with an identity that nobody has: there is no backend where it lives.
    refused(&ours, one(), json!({ "same_host": [foreign] })).await;
    let nobody = "6f70656e-7374-4163-8b21-c0ffee000001";
    refused(&ours, one(), json!({ "same_host": [nobody] })).await;
    let (own, _) = placed(&ours, one(), json!({})).await;
    assert_eq!(placed(&ours, one(), json!({ "same_host": [foreign, own] })).await.1, "large#pool");
    cloud.check().await;
}

#[tokio::test]
async fn a_query_is_asked_of_every_pool() {
    let small = backend("small", vec![SimPool::thin("pool", 10)]);
    let large = backend("large", vec![SimPool::thin("pool", 10_000)]);
    let rules = filters(&["CapacityFilter", "JsonFilter"]);
    let cloud = Cloud::planned(plan(vec![small, large], &rules)).await;
    let admin = cloud.admin();
    let one = || json!({ "size": 1 });
    let query = |query: &str| json!({ "query": query });
    assert_eq!(placed(&admin, one(), json!({})).await.1, "large#pool");
    for (asked, place) in [
        (r#"["<", "$total_capacity_gb", 100]"#, "small#pool"),
        (r#"["=", "$capabilities.volume_backend_name", "small"]"#, "small#pool"),
        (
            r#"["and", [">=", "$free_capacity_gb", 5000], ["=", "$vendor_name", "Ashlar"]]"#,
            "large#pool",
        ),
        (r#"["not", ["=", "$capabilities.volume_backend_name", "large"]]"#, "small#pool"),
    ] {
        assert_eq!(placed(&admin, one(), query(asked)).await.1, place, "{asked}");
    }
    for asked in [r#"["=", "$vendor_name", "Nobody"]"#, "[", r#"["like", "$vendor_name", "A"]"#] {
        refused(&admin, one(), query(asked)).await;
    }
    cloud.check().await;
}

#[tokio::test]
async fn a_backend_s_own_function_is_asked() {
    // Of "a and b and c" only the first two count, in Cinder as well.
    let fussy = "(volume.size < 5 and stats.total_capacity_gb > 100) and extra.tier == 'gold'";
    let backends = vec![
        telling("fussy", 10_000, "filter_function", fussy),
        telling("faulty", 5_000, "filter_function", "volume.size / 0"),
        backend("plain", vec![SimPool::thin("pool", 100)]),
    ];
    let cloud = Cloud::planned(plan(backends, &filters(&["CapacityFilter", "DriverFilter"]))).await;
    let admin = cloud.admin();
    for (name, tier) in [("gold", "gold"), ("lead", "lead")] {
        let body = json!({ "volume_type": { "name": name, "extra_specs": { "tier": tier } } });
        let _ = admin.post("/types", &body).await.expect(200);
    }
    for (size, name, place) in
        [(4, "gold", "fussy#pool"), (5, "gold", "plain#pool"), (4, "lead", "plain#pool")]
    {
        let wish = json!({ "size": size, "volume_type": name });
        assert_eq!(placed(&admin, wish, json!({})).await.1, place, "{size} {name}");
    }
    cloud.check().await;
}

#[tokio::test]
async fn what_a_type_demands_of_a_backend_is_looked_for() {
    let backends =
        vec![telling("fast", 100, "tier", "ssd"), telling("slow", 10_000, "tier", "disk")];
    let rules = filters(&["cinder.scheduler.filters.capabilities_filter.CapabilitiesFilter"]);
    let cloud = Cloud::planned(plan(backends, &rules)).await;
    let admin = cloud.admin();
    let types =
        [("a", "<in> ss", Some("fast#pool")), ("b", "<or> tape <or> disk", Some("slow#pool"))];
    for (name, tier, place) in types.into_iter().chain([("c", "tape", None)]) {
        let specs = json!({ "capabilities:tier": tier });
        let body = json!({ "volume_type": { "name": name, "extra_specs": specs } });
        let _ = admin.post("/types", &body).await.expect(200);
        let wish = json!({ "size": 1, "volume_type": name });
        match place {
            Some(place) => assert_eq!(placed(&admin, wish, json!({})).await.1, place, "{tier}"),
            None => refused(&admin, wish, json!({})).await,
        }
    }
    cloud.check().await;
}

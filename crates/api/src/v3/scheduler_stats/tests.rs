//! What is shown of a pool, and which pools a filter admits.

use std::sync::Arc;

use ashlar_types::{Availability, Capacity, Pool, PoolName, PoolStats, Report, Timestamp};
use serde_json::{Value, json};

use super::filter::PoolFilter;
use super::view::capabilities;

fn pool(reported: Value) -> Pool {
    let Value::Object(capabilities) = reported else { panic!("capabilities are an object") };
    Pool {
        name: PoolName("h@b#p".to_owned()),
        availability_zone: "nova".to_owned(),
        availability: Availability::Up,
        stats: Arc::new(Report::from(PoolStats {
            pool_name: "p".to_owned(),
            total: Capacity::Gib(1000.0),
            free: Capacity::Unknown,
            reserved_percentage: 5,
            max_over_subscription_ratio: None,
            thin: true,
            thick: false,
            capabilities,
        })),
        asked_at: Timestamp::from_micros(1),
        allocated: 30,
        held: 4,
        unreported: 4,
        volumes: 3,
        making: 1,
        version: 1,
    }
}

#[test]
fn a_pool_shows_its_report_and_what_our_rows_say_is_taken() {
    let reported = json!({ "vendor_name": "Ashlar", "allocated_capacity_gb": 7 });
    let at = Timestamp::parse("2026-11-22T10:11:12.000345").expect("a moment");
    assert_eq!(
        Value::Object(capabilities(&pool(reported), Some(at))),
        json!({
            "pool_name": "p",
            "vendor_name": "Ashlar",
            "backend_state": "up",
            "total_capacity_gb": 1000.0,
            "free_capacity_gb": "unknown",
            "allocated_capacity_gb": 30,
            "provisioned_capacity_gb": 34,
            "reserved_percentage": 5,
            "max_over_subscription_ratio": "auto",
            "thin_provisioning_support": true,
            "thick_provisioning_support": false,
            "total_volumes": 3,
            "timestamp": "2026-11-22T10:11:12.000345",
        })
    );
}

#[test]
fn what_a_driver_measures_goes_before_what_we_count() {
    let shown =
        capabilities(&pool(json!({ "provisioned_capacity_gb": 99, "total_volumes": 12 })), None);
    assert_eq!(shown["provisioned_capacity_gb"], 99);
    assert_eq!(shown["total_volumes"], 12);
    assert!(!shown.contains_key("timestamp"));
}

#[test]
fn a_filter_compares_booleans_by_their_words_and_the_rest_as_text() {
    let pool = pool(json!({ "multiattach": false, "storage_protocol": "file", "tier": 2 }));
    for (key, wanted, admitted) in [
        ("multiattach", "False", true),
        ("multiattach", "no such word", true),
        ("multiattach", "yes", false),
        ("storage_protocol", "file", true),
        ("storage_protocol", "iSCSI", false),
        ("tier", "2", true),
        ("total_capacity_gb", "1000.0", true),
        ("colour", "red", false),
    ] {
        let filter = PoolFilter::by_capability(key, wanted);
        assert_eq!(filter.admits(&pool), admitted, "{key}={wanted}");
    }
}

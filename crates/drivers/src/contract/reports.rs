//! Laws of what a driver says about itself: set-up, stats, lists.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use std::collections::HashSet;

use ashlar_types::{Capacity, PoolStats, Report};

use super::{A, Bench};

pub async fn check_setup_may_be_repeated_and_leaves_volumes_alone(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    (bench.write)(A, b"written");
    bench.driver.check_setup().await.expect("set up again");
    bench.holds(A, b"written");
    bench.has(&[(A, 1)]).await;
}

pub async fn stats_are_complete_and_make_sense(bench: &Bench) {
    let empty = bench.driver.stats().await.expect("measured");
    bench.driver.ensure_volume(bench.volume(A, 1)).await.expect("made");
    let pools = bench.driver.stats().await.expect("measured again");
    assert!(pools.iter().any(|pool| pool.pool_name == bench.pool), "the pool in use is reported");
    let names: HashSet<_> = pools.iter().map(|pool| &pool.pool_name).collect();
    assert_eq!(names.len(), pools.len(), "no pool is reported twice");
    for pool in &pools {
        makes_sense(pool);
    }
    for (before, after) in empty.iter().zip(&pools) {
        assert_eq!(before.total, after.total, "a volume does not change a pool's size");
        if after.pool_name == bench.pool
            && !after.thin
            && let (Some(before), Some(after)) = (before.free.gib(), after.free.gib())
        {
            assert!(before - after >= 1.0, "a thick volume takes its size");
        }
    }
}

fn makes_sense(pool: &PoolStats) {
    assert!(!pool.pool_name.is_empty() && !pool.pool_name.contains(['#', '@']));
    if let (Capacity::Gib(total), Capacity::Gib(free)) = (pool.total, pool.free) {
        assert!(total.is_finite() && (0.0..=total).contains(&free), "{free} of {total} is free");
    }
    assert!(pool.reserved_percentage <= 100);
    assert!(pool.max_over_subscription_ratio.is_none_or(|ratio| ratio >= 1.0));
    assert!(pool.thin || pool.thick, "a pool makes volumes of one kind at least");
    for key in ["volume_backend_name", "vendor_name", "driver_version", "storage_protocol"] {
        let value = pool.capabilities.get(key).and_then(|value| value.as_str());
        assert!(value.is_some_and(|text| !text.is_empty()), "{key} is reported");
    }
    let report = Report::from(pool.clone());
    let text = serde_json::to_string(&report).expect("reports can be sent");
    let back: Report = serde_json::from_str(&text).expect("and received");
    assert_eq!(back, report);
}

pub async fn an_empty_backend_lists_nothing(bench: &Bench) {
    bench.has(&[]).await;
}

//! What the `file` backend reports of its pool.

use ashlar_types::{Capacity, PoolStats};
use rustix::fs::StatVfs;
use serde_json::{Map, Value, json};

use super::settings::FileSettings;

/// The pool, with the file system's sizes. `free` is what is left for this process's user.
pub(super) fn pool(settings: &FileSettings, capacity: &StatVfs) -> PoolStats {
    let mut capabilities = own(settings);
    capabilities.extend(settings.capabilities.clone());
    PoolStats {
        pool_name: settings.pool_name.clone(),
        total: gib(capacity.f_blocks, capacity.f_frsize),
        free: gib(capacity.f_bavail, capacity.f_frsize),
        reserved_percentage: settings.reserved_percentage,
        max_over_subscription_ratio: settings.max_over_subscription_ratio,
        thin: true,
        thick: false,
        capabilities,
    }
}

fn own(settings: &FileSettings) -> Map<String, Value> {
    let Value::Object(own) = json!({
        "volume_backend_name": settings.backend_name,
        "vendor_name": "Ashlar",
        "driver_version": env!("CARGO_PKG_VERSION"),
        "storage_protocol": settings.export.protocol(),
        "QoS_support": false,
        "multiattach": true,
        "online_extend_support": settings.export.grows_in_use(),
        "sparse_copy_volume": true,
        "replication_enabled": false,
        "clone_across_pools": false,
    }) else {
        return Map::new();
    };
    own
}

/// Blocks as GiB, to two decimals and never more than there is.
fn gib(blocks: u64, block_size: u64) -> Capacity {
    let hundredths = (u128::from(blocks) * u128::from(block_size) * 100) >> 30;
    Capacity::Gib(hundredths as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_rounded_down_to_two_decimals() {
        assert_eq!(gib(1 << 18, 4096), Capacity::Gib(1.0));
        assert_eq!(gib((1 << 18) - 1, 4096), Capacity::Gib(0.99));
        assert_eq!(gib(0, 4096), Capacity::Gib(0.0));
    }
}

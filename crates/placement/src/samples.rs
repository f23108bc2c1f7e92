//! Plain pools and requests for the tests of this crate.

use ashlar_types::{
    Capacity, Gib, Pool, PoolName, PoolStats, RequestSpec, Source, VolumeId, VolumeType,
    VolumeTypeId,
};
use serde_json::{Map, Value};

/// A thick pool in zone `nova` with nothing in it.
pub(crate) fn pool(name: &str, total: f64, free: f64) -> Pool {
    let name = PoolName(name.to_owned());
    Pool {
        availability_zone: "nova".to_owned(),
        stats: PoolStats {
            pool_name: name.pool().unwrap_or_default().to_owned(),
            total: Capacity::Gib(total),
            free: Capacity::Gib(free),
            reserved_percentage: 0,
            max_over_subscription_ratio: Some(1.0),
            thin: false,
            thick: true,
            capabilities: Map::new(),
        },
        name,
        allocated: 0,
        held: 0,
        volumes: 0,
        version: 1,
    }
}

/// The same, thin.
pub(crate) fn thin(name: &str, total: f64, ratio: Option<f64>) -> Pool {
    let mut pool = pool(name, total, total);
    pool.stats.thin = true;
    pool.stats.max_over_subscription_ratio = ratio;
    pool
}

/// Makes `pool` report `value` under `key`.
pub(crate) fn report(pool: &mut Pool, key: &str, value: Value) {
    pool.stats.capabilities.insert(key.to_owned(), value);
}

/// A blank volume of `size` GiB, of a type without demands.
pub(crate) fn spec(size: u64) -> RequestSpec {
    RequestSpec {
        volume_id: VolumeId::random(),
        project_id: "project".to_owned(),
        user_id: "user".to_owned(),
        request_id: "req-1".to_owned(),
        size: Gib(size),
        source: Source::Blank,
        availability_zones: Vec::new(),
        volume_type: VolumeType {
            id: VolumeTypeId::random(),
            name: "plain".to_owned(),
            description: None,
            is_public: true,
            qos_specs_id: None,
            extra_specs: std::collections::BTreeMap::new(),
            created_at: None,
            updated_at: None,
        },
        pinned: None,
        metadata: std::collections::BTreeMap::new(),
        hints: Map::new(),
    }
}

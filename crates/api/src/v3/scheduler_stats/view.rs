//! Pools as JSON, with Cinder's names for what they report.

use ashlar_types::{Pool, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One pool.
#[derive(Debug, Serialize)]
pub struct PoolView {
    /// `host@backend#pool`.
    pub name: String,
    /// Everything it reports, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Map<String, Value>>,
}

/// What the driver said, and above it the figures that have fields of their own. What is allocated comes
/// from our own rows; what is provisioned adds what was promised since the report, unless the driver
/// measures it.
#[must_use]
pub fn capabilities(pool: &Pool, reported_at: Option<Timestamp>) -> Map<String, Value> {
    let stats = &pool.stats;
    let mut all = Map::new();
    all.insert("backend_state".to_owned(), "up".into());
    all.insert("total_volumes".to_owned(), pool.volumes.into());
    let provisioned = pool.allocated.saturating_add(pool.held);
    all.insert("provisioned_capacity_gb".to_owned(), provisioned.into());
    all.extend(stats.capabilities.clone());
    for (key, value) in [
        ("pool_name", json!(stats.pool_name)),
        ("total_capacity_gb", stats.total.into()),
        ("free_capacity_gb", stats.free.into()),
        ("allocated_capacity_gb", pool.allocated.into()),
        ("reserved_percentage", stats.reserved_percentage.into()),
        ("max_over_subscription_ratio", ratio(stats.max_over_subscription_ratio)),
        ("thin_provisioning_support", stats.thin.into()),
        ("thick_provisioning_support", stats.thick.into()),
    ] {
        all.insert(key.to_owned(), value);
    }
    if let Some(at) = reported_at {
        all.insert("timestamp".to_owned(), at.to_string().into());
    }
    all
}

fn ratio(ratio: Option<f64>) -> Value {
    ratio.map_or_else(|| "auto".into(), Value::from)
}

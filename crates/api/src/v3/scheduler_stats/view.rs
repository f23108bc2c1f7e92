//! Pools as JSON, with Cinder's names for what they report.

use ashlar_types::{Pool, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

/// One pool.
#[derive(Debug, Serialize)]
pub struct PoolView {
    /// `host@backend#pool`.
    pub name: String,
    /// Everything it reports, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Map<String, Value>>,
}

/// What the backend reported. What is allocated comes from our own rows; what is provisioned adds what was promised
/// since the report, unless the driver measures it.
#[must_use]
pub fn capabilities(pool: &Pool, reported_at: Option<Timestamp>) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("backend_state".to_owned(), "up".into());
    all.insert("total_volumes".to_owned(), pool.volumes.into());
    let provisioned = pool.allocated.saturating_add(pool.held);
    all.insert("provisioned_capacity_gb".to_owned(), provisioned.into());
    all.extend(pool.stats.0.clone());
    all.insert("allocated_capacity_gb".to_owned(), pool.allocated.into());
    if let Some(at) = reported_at {
        all.insert("timestamp".to_owned(), at.to_string().into());
    }
    all
}

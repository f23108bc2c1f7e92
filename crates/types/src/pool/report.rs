//! The last report of a pool, as it came: Cinder's keys, and values of whatever kind the backend gave.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Capacity, PoolStats};

/// A pool's report under Cinder's keys (`total_capacity_gb`, `storage_protocol`, …). Nothing is promised of the
/// values: who reads a figure decides what an odd one means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct Report(pub Map<String, Value>);

impl Report {
    /// The value under `key`, if the report has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The text under `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The capacity under `key`, unknown when it is none.
    #[must_use]
    pub fn capacity(&self, key: &str) -> Capacity {
        self.get(key).map_or(Capacity::Unknown, |value| Capacity::from(value.clone()))
    }

    /// Whether `true` stands under `key`.
    #[must_use]
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Writes `value` under `key`.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }
}

impl From<PoolStats> for Report {
    fn from(stats: PoolStats) -> Self {
        let mut report = Self::default();
        report.set("pool_name", stats.pool_name);
        report.set("total_capacity_gb", stats.total);
        report.set("free_capacity_gb", stats.free);
        report.set("reserved_percentage", stats.reserved_percentage);
        let ratio = stats.max_over_subscription_ratio.map_or_else(|| "auto".into(), Value::from);
        report.set("max_over_subscription_ratio", ratio);
        report.set("thin_provisioning_support", stats.thin);
        report.set("thick_provisioning_support", stats.thick);
        report.0.extend(stats.capabilities);
        report
    }
}

/// Names that the figures had in reports stored by earlier versions of this program, and the present ones.
const EARLIER: &[(&str, &str)] = &[
    ("total", "total_capacity_gb"),
    ("free", "free_capacity_gb"),
    ("thin", "thin_provisioning_support"),
    ("thick", "thick_provisioning_support"),
];

impl From<Map<String, Value>> for Report {
    /// A report as stored, also one of the first versions, which kept what is no figure under `capabilities`.
    fn from(mut map: Map<String, Value>) -> Self {
        if map.contains_key("total_capacity_gb") || !map.contains_key("thin") {
            return Self(map);
        }
        for (earlier, present) in EARLIER {
            if let Some(value) = map.remove(*earlier) {
                map.insert((*present).to_owned(), value);
            }
        }
        if map.get("max_over_subscription_ratio") == Some(&Value::Null) {
            map.insert("max_over_subscription_ratio".to_owned(), "auto".into());
        }
        if let Some(Value::Object(capabilities)) = map.remove("capabilities") {
            map.extend(capabilities);
        }
        Self(map)
    }
}

impl From<Report> for Map<String, Value> {
    fn from(report: Report) -> Self {
        report.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_of_the_first_versions_reads_like_one_of_today() {
        let stored = json!({
            "pool_name": "p", "total": 10.0, "free": "unknown", "reserved_percentage": 5,
            "max_over_subscription_ratio": null, "thin": true, "thick": false,
            "capabilities": {"vendor_name": "v"},
        });
        let report: Report = serde_json::from_value(stored).expect("a report");
        assert_eq!(report.capacity("total_capacity_gb"), Capacity::Gib(10.0));
        assert_eq!(report.capacity("free_capacity_gb"), Capacity::Unknown);
        assert!(report.is_true("thin_provisioning_support"));
        assert_eq!(report.text("max_over_subscription_ratio"), Some("auto"));
        assert_eq!(report.text("vendor_name"), Some("v"));
        assert_eq!(report.get("capabilities"), None);
    }

    #[test]
    fn what_a_driver_says_beyond_the_figures_is_kept_beside_them() {
        let stats = PoolStats {
            pool_name: "p".to_owned(),
            total: Capacity::Gib(10.0),
            free: Capacity::Infinite,
            reserved_percentage: 0,
            max_over_subscription_ratio: None,
            thin: true,
            thick: false,
            capabilities: [("provisioned_capacity_gb".to_owned(), json!(3))].into_iter().collect(),
        };
        let report = Report::from(stats);
        assert_eq!(report.get("provisioned_capacity_gb"), Some(&json!(3)));
        assert_eq!(report.get("free_capacity_gb"), Some(&json!("infinite")));
        let text = serde_json::to_string(&report).expect("json");
        assert_eq!(serde_json::from_str::<Report>(&text).expect("a report"), report);
    }
}

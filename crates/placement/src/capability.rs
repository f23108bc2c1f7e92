//! What a pool says of itself, by key, as the extra specs of volume types ask for it.

use ashlar_types::{Capacity, Pool};
use serde_json::{Map, Value};

/// One value that a pool reports.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; whether it is written as a whole number (`1`, not `1.0`).
    Number {
        /// Its value.
        value: f64,
        /// Written without a fraction.
        whole: bool,
    },
    /// A text.
    Text(&'a str),
    /// Texts that mean the same, of which any may match.
    Spellings(&'static [&'static str]),
    /// Several values, of which any may match.
    List(&'a [Value]),
    /// Named values.
    Object(&'a Map<String, Value>),
}

/// Storage protocols with several spellings; a backend that reports one is taken to report all of its family.
static PROTOCOLS: &[&[&str]] = &[
    &["iSCSI", "iscsi"],
    &["FC", "fibre_channel", "fc"],
    &["NFS", "nfs"],
    &["NVMe-oF", "NVMeOF", "nvmeof"],
];

impl<'a> Fact<'a> {
    /// What `pool` reports under the keys of `path`, each inside the one before. `None` when it reports nothing there.
    #[must_use]
    pub fn of(pool: &'a Pool, path: &[&str]) -> Option<Self> {
        let capabilities = &pool.stats.capabilities;
        let Some((first, rest)) = path.split_first() else {
            return Some(Self::Object(capabilities));
        };
        let Some(mut value) = capabilities.get(*first) else {
            return if rest.is_empty() { Self::measured(pool, first) } else { None };
        };
        for key in rest {
            value = value.as_object()?.get(*key)?;
        }
        let fact = Self::from(value);
        if let (["storage_protocol"], Self::Text(protocol)) = (path, fact) {
            let family = PROTOCOLS.iter().find(|family| family.contains(&protocol));
            return Some(family.map_or(fact, |family| Self::Spellings(family)));
        }
        Some(fact)
    }

    /// The standard figures, which have fields of their own, under the names that drivers report them by.
    fn measured(pool: &'a Pool, key: &str) -> Option<Self> {
        let stats = &pool.stats;
        Some(match key {
            "pool_name" => Self::Text(&stats.pool_name),
            "total_capacity_gb" => stats.total.into(),
            "free_capacity_gb" => stats.free.into(),
            "allocated_capacity_gb" | "provisioned_capacity_gb" => Self::whole(pool.allocated),
            "reserved_percentage" => Self::whole(u64::from(stats.reserved_percentage)),
            "max_over_subscription_ratio" => match stats.max_over_subscription_ratio {
                Some(value) => Self::Number { value, whole: false },
                None => Self::Text("auto"),
            },
            "thin_provisioning_support" => Self::Bool(stats.thin),
            "thick_provisioning_support" => Self::Bool(stats.thick),
            _ => return None,
        })
    }

    #[allow(clippy::cast_precision_loss)]
    fn whole(number: u64) -> Self {
        Self::Number { value: number as f64, whole: true }
    }
}

impl From<Capacity> for Fact<'_> {
    fn from(capacity: Capacity) -> Self {
        match capacity {
            Capacity::Gib(value) => Self::Number { value, whole: false },
            Capacity::Infinite => Self::Text("infinite"),
            Capacity::Unknown => Self::Text("unknown"),
        }
    }
}

impl<'a> From<&'a Value> for Fact<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => {
                Self::Number { value: number.as_f64().unwrap_or(f64::NAN), whole: !number.is_f64() }
            }
            Value::String(text) => Self::Text(text),
            Value::Array(list) => Self::List(list),
            Value::Object(map) => Self::Object(map),
        }
    }
}

/// Longest text of a fact in a reason, in characters.
const SHORT: usize = 200;

impl Fact<'_> {
    /// The fact as JSON, cut off when it is long.
    #[must_use]
    pub fn to_short_text(self) -> String {
        let json = match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Number { value, .. } => return value.to_string(),
            Self::Text(text) => text.into(),
            Self::Spellings(texts) => texts.into(),
            Self::List(list) => list.into(),
            Self::Object(map) => map.clone().into(),
        };
        let mut text = json.to_string();
        if let Some((end, _)) = text.char_indices().nth(SHORT) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_path_leads_into_nested_values_and_to_the_standard_figures() {
        let mut pool = samples::pool("h@b#p", 10.0, 4.0);
        samples::report(&mut pool, "disk", serde_json::json!({"kind": {"speed": 3}}));
        samples::report(&mut pool, "list", serde_json::json!([{"speed": 3}]));
        let three = Fact::Number { value: 3.0, whole: true };
        assert_eq!(Fact::of(&pool, &["disk", "kind", "speed"]), Some(three));
        assert_eq!(Fact::of(&pool, &["disk", "kind", "speed", "x"]), None);
        assert_eq!(Fact::of(&pool, &["list", "speed"]), None);
        assert_eq!(Fact::of(&pool, &["nothing"]), None);
        assert_eq!(Fact::of(&pool, &["pool_name"]), Some(Fact::Text("p")));
        assert_eq!(Fact::of(&pool, &["pool_name", "x"]), None);
        assert_eq!(Fact::of(&pool, &["thin_provisioning_support"]), Some(Fact::Bool(false)));
        let free = Fact::Number { value: 4.0, whole: false };
        assert_eq!(Fact::of(&pool, &["free_capacity_gb"]), Some(free));
    }

    #[test]
    fn a_long_fact_is_cut_off() {
        let text = Fact::Text(&"ä".repeat(10_000)).to_short_text();
        assert_eq!(text.chars().count(), SHORT + 1);
    }
}

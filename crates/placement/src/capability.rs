//! What a pool's report says, by key, as the extra specs of volume types ask for it.

use ashlar_types::Report;
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
    /// What `report` has under the keys of `path`, each inside the one before. `None` when there is nothing.
    #[must_use]
    pub fn of(report: &'a Report, path: &[String]) -> Option<Self> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Self::Object(&report.0));
        };
        let mut value = report.get(first)?;
        for key in rest {
            value = value.as_object()?.get(key)?;
        }
        let fact = Self::from(value);
        if let Self::Text(protocol) = fact
            && rest.is_empty()
            && first == "storage_protocol"
            && let family @ [_, ..] = spellings(protocol)
        {
            return Some(Self::Spellings(family));
        }
        Some(fact)
    }
}

/// All spellings of a storage protocol that has several; nothing for the others.
pub(crate) fn spellings(protocol: &str) -> &'static [&'static str] {
    PROTOCOLS.iter().find(|family| family.contains(&protocol)).copied().unwrap_or_default()
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

    fn fact<'a>(report: &'a Report, path: &[&str]) -> Option<Fact<'a>> {
        let path: Vec<String> = path.iter().map(|&key| key.to_owned()).collect();
        Fact::of(report, &path)
    }

    #[test]
    fn a_path_leads_into_nested_values() {
        let mut pool = samples::pool("h@b#p", 10.0, 4.0);
        samples::report(&mut pool, "disk", serde_json::json!({"kind": {"speed": 3}}));
        samples::report(&mut pool, "list", serde_json::json!([{"speed": 3}]));
        let report = &pool.stats;
        let three = Fact::Number { value: 3.0, whole: true };
        assert_eq!(fact(report, &["disk", "kind", "speed"]), Some(three));
        assert_eq!(fact(report, &["disk", "kind", "speed", "x"]), None);
        assert_eq!(fact(report, &["list", "speed"]), None);
        assert_eq!(fact(report, &["nothing"]), None);
        assert_eq!(fact(report, &["pool_name"]), Some(Fact::Text("p")));
        assert_eq!(fact(report, &["pool_name", "x"]), None);
        assert_eq!(fact(report, &["thin_provisioning_support"]), Some(Fact::Bool(false)));
    }

    #[test]
    fn a_protocol_with_several_spellings_stands_for_all_of_them() {
        let mut pool = samples::pool("h@b#p", 10.0, 4.0);
        samples::report(&mut pool, "storage_protocol", "fc".into());
        let Some(Fact::Spellings(family)) = fact(&pool.stats, &["storage_protocol"]) else {
            panic!("a family")
        };
        assert!(family.contains(&"FC"));
        assert!(spellings("ceph").is_empty());
    }

    #[test]
    fn a_long_fact_is_cut_off() {
        let text = Fact::Text(&"ä".repeat(10_000)).to_short_text();
        assert_eq!(text.chars().count(), SHORT + 1);
    }
}

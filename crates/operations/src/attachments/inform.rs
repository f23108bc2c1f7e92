//! What the house adds to a driver's connection information, under Cinder's names.

use std::collections::BTreeMap;

use ashlar_types::{ConnectionInfo, Connector, Gib, VolumeType};
use serde_json::{Map, Value};

/// What is known of volume and host besides what the driver says.
pub(super) struct Known<'a> {
    pub(super) size: Gib,
    pub(super) encrypted: bool,
    pub(super) volume_type: Option<&'a VolumeType>,
    /// QoS specs that the host is to apply.
    pub(super) qos: Option<BTreeMap<String, String>>,
    /// `rw` or `ro`.
    pub(super) mode: &'a str,
    pub(super) connector: &'a Connector,
}

/// Adds it. What the driver has set stays, except that a volume is cacheable only if its type says so too.
pub(super) fn complete(info: &mut ConnectionInfo, known: &Known<'_>) {
    let data = &mut info.data;
    let qos = known.qos.clone().map(|specs| per_gib(specs, known.size));
    data.insert("qos_specs".to_owned(), qos.map_or(Value::Null, object));
    data.insert("access_mode".to_owned(), known.mode.into());
    if data.get("encrypted").is_none_or(Value::is_null) {
        data.insert("encrypted".to_owned(), known.encrypted.into());
    }
    if let Some(volume_type) = known.volume_type {
        let by_driver = data.get("cacheable").is_none_or(|set| set.as_bool() == Some(true));
        let cacheable = by_driver && volume_type.spec("cacheable") == Some("<is> True");
        data.insert("cacheable".to_owned(), cacheable.into());
    }
    let enforced = known.connector.0.get("enforce_multipath").cloned();
    data.insert("enforce_multipath".to_owned(), enforced.unwrap_or(Value::Bool(false)));
}

fn object(specs: BTreeMap<String, String>) -> Value {
    Value::Object(specs.into_iter().map(|(key, value)| (key, value.into())).collect::<Map<_, _>>())
}

/// The limits that may be given per GiB.
const SCALED: [&str; 6] = [
    "read_iops_sec",
    "read_bytes_sec",
    "write_iops_sec",
    "write_bytes_sec",
    "total_iops_sec",
    "total_bytes_sec",
];

/// Limits per GiB become limits of this volume, within their own bounds. What is no number stays as it was written.
fn per_gib(mut specs: BTreeMap<String, String>, size: Gib) -> BTreeMap<String, String> {
    for name in SCALED {
        let number = |key: &str| specs.get(key).and_then(|text| text.trim().parse::<i64>().ok());
        let Some(each) = number(&format!("{name}_per_gb")) else { continue };
        let least = number(&format!("{name}_per_gb_min")).unwrap_or(0);
        let scaled = each.saturating_mul(size.signed()).max(least);
        let limit = number(&format!("{name}_max")).map_or(scaled, |most| scaled.min(most));
        for suffix in ["per_gb", "per_gb_min", "max"] {
            specs.remove(&format!("{name}_{suffix}"));
        }
        specs.insert(name.to_owned(), limit.to_string());
    }
    specs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn completed(data: Value, qos: Option<&[(&str, &str)]>) -> Map<String, Value> {
        let data = data.as_object().cloned().expect("an object");
        let mut info = ConnectionInfo { driver_volume_type: "local".to_owned(), data };
        let qos = qos.map(|all| {
            all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        });
        let connector = Connector::default();
        let known = Known {
            size: Gib(10),
            encrypted: false,
            volume_type: None,
            qos,
            mode: "ro",
            connector: &connector,
        };
        complete(&mut info, &known);
        info.data
    }

    #[test]
    fn a_host_is_told_what_os_brick_and_nova_look_for() {
        let told = completed(json!({ "device_path": "/dev/x" }), None);
        let wanted = json!({
            "device_path": "/dev/x", "qos_specs": null, "access_mode": "ro", "encrypted": false,
            "enforce_multipath": false,
        });
        assert_eq!(Value::Object(told), wanted);
        assert_eq!(completed(json!({ "encrypted": true }), None)["encrypted"], true);
    }

    #[test]
    fn limits_per_gib_grow_with_the_volume_within_their_bounds() {
        let limit = |specs: &[(&str, &str)]| completed(json!({}), Some(specs))["qos_specs"].clone();
        assert_eq!(limit(&[("total_iops_sec_per_gb", "30")]), json!({ "total_iops_sec": "300" }));
        let bounded = [("total_iops_sec_per_gb", "30"), ("total_iops_sec_max", "200")];
        assert_eq!(limit(&bounded), json!({ "total_iops_sec": "200" }));
        let raised = [("read_iops_sec_per_gb", "1"), ("read_iops_sec_per_gb_min", "50")];
        assert_eq!(limit(&raised), json!({ "read_iops_sec": "50" }));
        assert_eq!(
            limit(&[("total_iops_sec_per_gb", "x")]),
            json!({ "total_iops_sec_per_gb": "x" })
        );
    }
}

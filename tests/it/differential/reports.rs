//! Draws pools: what they report, from the ordinary to the absurd, and what was placed on them since.

use serde_json::{Map, Value, json};

use super::dice::Dice;

const HOSTS: [&str; 4] = ["h1", "h2", "höst", "節点"];
const BACKENDS: [&str; 3] = ["b", "ceph-1", "lvm"];
const POOLS: [&str; 3] = ["Größe", "p", "pool0"];
pub(super) const ZONES: [&str; 3] = ["az1", "nova", "zöne"];

/// Every storage protocol whose spellings stand for each other, and others.
pub(super) const PROTOCOLS: [&str; 14] = [
    "iSCSI",
    "iscsi",
    "FC",
    "fc",
    "fibre_channel",
    "NFS",
    "nfs",
    "NVMe-oF",
    "NVMeOF",
    "nvmeof",
    "NVMe-TCP",
    "ceph",
    "file",
    "ISCSI",
];

const FILTER_FUNCTIONS: &[&str] = &[
    "volume.size < 100",
    "(volume.size < 500) and (capabilities.total_volumes < 40)",
    "volume.size <= stats.free_capacity_gb",
    "stats.allocated_capacity_gb * 100 / stats.total_capacity_gb < 50",
    "stats.storage_protocol == 'iscsi'",
    "capabilities.storage_protocol == 'FC' or capabilities.storage_protocol == 'nfs'",
    "extra.tier == 'gold'",
    "qos.iops > 500",
    "stats.host == 'h1@b#p' || stats.backend_id == 'h2@b#p'",
    "capabilities.tier != 'silver' && !(volume.size > 1000)",
    "stats.reserved_percentage ^ 2 >= 25 ? volume.size > 1 : volume.size < 5",
    "max(volume.size, 10, capabilities.iops) < 1000",
    "1 < volume.size < 10",
    "abs(capabilities.latency) <> 5",
    "stats.provisioned_capacity_gb < 10",
    "stats.volume_backend_name == 'b' and stats.vendor_name == 'Acme'",
    "-stats.free_capacity_gb < -10.5",
    "volume.availability_zone == 'nova'",
    "volume.status == 'creating' and volume.user_id == 'user'",
    "capabilities.storage_protocol != stats.storage_protocol",
    "stats.storage_protocol < 'b'",
    "stats.total_capacity_gb - stats.allocated_capacity_gb >= volume.size",
    "capabilities.free_capacity_gb - stats.free_capacity_gb == 0",
    "volume.nothing == 1",
    "stats.updated > 1",
    "capabilities.nested == 1",
    "capabilities.allocated_capacity_gb == stats.allocated_capacity_gb",
    "stats.QoS_support",
    "'text'",
    "''",
    "0",
    "0.0",
    "volume.size /",
    "volume.size / 0 > 1",
    "stats.nothing == 1",
    "nothing.size == 1",
    "1 + 'a'",
    "'a' < 1",
    "",
    "größe < 1",
];

const GOODNESS_FUNCTIONS: &[&str] = &[
    "50",
    "100 - volume.size",
    "stats.free_capacity_gb / stats.total_capacity_gb * 100",
    "capabilities.iops / 100",
    "volume.size < 50",
    "volume.size < 50 ? 100 : 20.25",
    "stats.storage_protocol == 'iscsi' ? 80 : 30",
    "capabilities.storage_protocol == 'nvmeof' ? 101 : 99",
    "min(stats.allocated_capacity_gb, 100)",
    "extra.tier == 'gold' ? 90 : 10",
    "qos.iops / 50",
    "-1",
    "100.01",
    "100",
    "0",
    "volume.size * 3",
    "'60'",
    "'abc'",
    "volume.size +",
    "1 / 0",
    "stats.nothing",
    "capabilities.latency",
];

/// What a backend may say where a number belongs.
fn odd_number(dice: &mut Dice) -> Value {
    dice.value(&json!([
        null, true, false, " 12 ", "1e3", "1_0", "nan", "inf", "-inf", "abc", "", "0", "5", "12.5",
        "infinite", "unknown", "Infinite", -1, -0.5, -100, 0, 0.0, 1, 9_007_199_254_740_993_u64,
        1e18, 1e150, -1e150, 1e-300, 0.1, 33.333_333_333_333_336, 1_234.567_890_123, 99.995, [], [1],
        {}, {"a": 1}, "größer"
    ]))
}

/// What a backend may say where a truth or a text belongs.
fn odd_word(dice: &mut Dice) -> Value {
    dice.value(&json!([
        null, true, false, 0, 1, 2.5, "", "True", "true", "no", "off", " yes ", "straße", "b",
        [], ["a", "b"], [null, 1], {}, {"b": {"c": 3}}, "infinite", 1e150
    ]))
}

/// Draws the pools of a case for a volume of `size`, in order of their names.
pub(super) fn pools(dice: &mut Dice, size: u64) -> Vec<Value> {
    let count = *dice.pick(&[0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8]);
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..count {
        names.insert(name(dice));
    }
    // Oddness comes in whole cases, so that many have none and the arithmetic is what decides.
    let oddness = *dice.pick(&[0, 0, 0, 2, 8, 25]);
    let twin = dice.percent(15).then(|| report(dice, size, oddness));
    let mut zone = (String::new(), ZONES[1]);
    let mut pools = Vec::new();
    for name in names {
        let backend = name.split('#').next().unwrap_or_default().to_owned();
        if zone.0 != backend {
            // A service has one zone for all its pools.
            zone = (backend, *dice.pick(&["nova", "nova", "nova", "az1", "zöne"]));
        }
        let report = match &twin {
            // Equal pools: the name decides.
            Some(twin) if dice.percent(70) => twin.clone(),
            _ => report(dice, size, oddness),
        };
        pools.push(pool(dice, name, zone.1, report));
    }
    pools
}

/// The name of a pool; another one may have the same.
pub(super) fn name(dice: &mut Dice) -> String {
    format!("{}@{}#{}", dice.pick(&HOSTS), dice.pick(&BACKENDS), dice.pick(&POOLS))
}

fn pool(dice: &mut Dice, name: String, zone: &str, report: Map<String, Value>) -> Value {
    // Cinder itself raises when it takes space off a figure that is no number: that is the consuming of an earlier
    // request, not the judging of this one. An absent figure is one.
    let countable = ["free_capacity_gb", "provisioned_capacity_gb"].iter().all(|key| {
        let word = |value: &Value| value == "infinite" || value == "unknown";
        let free = *key == "free_capacity_gb";
        report.get(*key).is_none_or(|value| value.is_number() || (free && word(value)))
    });
    let consumed = if countable && dice.percent(30) { dice.between(1, 200) } else { 0 };
    let volumes = dice.between(0, 20);
    json!({
        "name": name,
        "zone": zone,
        "report": report,
        // What was placed since the report, and how much of that is no longer merely held.
        "consumed": consumed,
        "settled": dice.between(0, consumed),
        "volumes": volumes,
        "making": dice.between(0, volumes),
    })
}

fn report(dice: &mut Dice, size: u64, oddness: usize) -> Map<String, Value> {
    let mut report = Map::new();
    let total =
        *dice.pick(&[1.0, 10.0, 100.0, 500.0, 1000.0, 1000.0, 2000.0, 99.99, 1234.567, 1e6]);
    report.insert("total_capacity_gb".to_owned(), number(dice, total));
    let free = *dice.pick(&[1.0, 1.0, 1.0, 0.9, 0.75, 0.5, 0.3, 0.1, 0.015, 0.0]) * total;
    report.insert("free_capacity_gb".to_owned(), number(dice, free));
    // Cinder's volume service writes its own count here, whatever the driver says: always a whole number.
    let most = *dice.pick(&[0, 20, 300]);
    report.insert("allocated_capacity_gb".to_owned(), json!(dice.between(0, most)));
    let keys: [(&str, Value); 7] = [
        ("provisioned_capacity_gb", json!([0, 0, 0, 1, 10, 25, 50.5, 100, 333.333, 900, 2000])),
        ("reserved_percentage", json!([0, 0, 0, 0, 5, 5, 10, 33, 12.5, 100])),
        (
            "max_over_subscription_ratio",
            json!(["auto", "auto", 20.0, 1.0, 1.5, "2.5", "20.0", 10, 0.9, 1]),
        ),
        ("thin_provisioning_support", json!([true, true, false])),
        ("thick_provisioning_support", json!([true, false])),
        ("max_volumes", json!([1, 10])),
        ("total_volumes", json!([0, 10, 39, 40, 41])),
    ];
    for (key, values) in keys {
        if dice.percent(70) {
            report.insert(key.to_owned(), dice.value(&values));
        }
    }
    if dice.percent(8) {
        let key = *dice.pick(&["free_capacity_gb", "total_capacity_gb"]);
        let word = *dice.pick(&["infinite", "unknown", "infinite"]);
        report.insert(key.to_owned(), json!(word));
    } else if dice.percent(40) {
        fit(dice, &mut report, size);
    }
    capabilities(dice, &mut report);
    spoil(dice, &mut report, oddness);
    report
}

/// Makes what is left come close to `size`, from either side.
fn fit(dice: &mut Dice, report: &mut Map<String, Value>, size: u64) {
    let figure = |key: &str| report.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    let total = figure("total_capacity_gb");
    let left = total - (total * (figure("reserved_percentage") / 100.0)).floor();
    let size = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    let off = *dice.pick(&[0.0, 0.0, 0.005, -0.005, 0.004, -0.006, 1.0, -1.0, 0.5, -0.01]);
    if dice.percent(50) {
        report.insert("free_capacity_gb".to_owned(), json!(size + off));
        report.insert("provisioned_capacity_gb".to_owned(), json!(0));
    } else {
        let ratio = match report.get("max_over_subscription_ratio").and_then(Value::as_f64) {
            Some(ratio) if dice.percent(50) => ratio,
            _ => 1.0,
        };
        let provisioned = left * ratio - size + off;
        report.insert("provisioned_capacity_gb".to_owned(), json!(provisioned));
    }
}

/// Whole numbers are written with and without a fraction.
fn number(dice: &mut Dice, number: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)]
    if number.fract() == 0.0 && dice.percent(60) { json!(number as i64) } else { json!(number) }
}

fn capabilities(dice: &mut Dice, report: &mut Map<String, Value>) {
    let keys: [(&str, Value); 12] = [
        ("storage_protocol", json!(PROTOCOLS)),
        ("volume_backend_name", json!(["b", "lvm", "größe", ""])),
        ("vendor_name", json!(["Acme", "Ärzte", null])),
        ("driver_version", json!(["1.0", "2.3.4", 3])),
        ("QoS_support", json!([true, false, "True"])),
        ("multiattach", json!([true, false])),
        ("online_extend_support", json!([true, false, false, "false", null])),
        (
            "tier",
            json!(["gold", "silver", "Gold", 1, ["gold", "silver"], ["bronze"], "gold silver"]),
        ),
        ("iops", json!([1000, "1000", 500.5, " 12 ", "1e3", [100, 2000], "many"])),
        ("latency", json!([1, -5, 0.5, "-5", "low", null])),
        ("compression", json!([true, false, "True", "false", "on", 1, 0, "<is> True"])),
        ("nested", json!([{"a": {"b": 3}}, {"a": "b"}, {"a": ["x", "y"]}, ["a"], "a"])),
    ];
    for (key, values) in keys {
        if dice.percent(60) {
            report.insert(key.to_owned(), dice.value(&values));
        }
    }
    if dice.percent(5) {
        let several = json!([["iSCSI", "iscsi"], ["iscsi", "FC"], [], null, 5, true]);
        report.insert("storage_protocol".to_owned(), dice.value(&several));
    }
    for (key, functions) in
        [("filter_function", FILTER_FUNCTIONS), ("goodness_function", GOODNESS_FUNCTIONS)]
    {
        if dice.percent(65) {
            report.insert(key.to_owned(), json!(*dice.pick(functions)));
        } else if dice.percent(15) {
            report.insert(key.to_owned(), dice.value(&json!([null, true, false, 1, 0, 60, 5.5])));
        }
    }
}

fn spoil(dice: &mut Dice, report: &mut Map<String, Value>, oddness: usize) {
    let keys: Vec<String> = report.keys().cloned().collect();
    for key in keys {
        // A function is text, or what is written in its place; `allocated_capacity_gb` see above.
        if key == "allocated_capacity_gb" || key.ends_with("_function") || !dice.percent(oddness) {
            continue;
        }
        if dice.percent(20) {
            report.remove(&key);
        } else {
            let numeric = key.contains("capacity_gb")
                || key.ends_with("ratio")
                || key.ends_with("percentage");
            let odd = if numeric { odd_number(dice) } else { odd_word(dice) };
            if odd.as_f64().is_some_and(|odd| odd.abs() > 1e38) {
                // Integers of more than 128 bits are more than our expressions can hold.
                report.remove("filter_function");
                report.remove("goodness_function");
            }
            report.insert(key, odd);
        }
    }
}

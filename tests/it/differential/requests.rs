//! Draws requests: sizes, types, zones, hints, what was tried before, and where the volume must live.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::reports::{self, PROTOCOLS, ZONES};

/// Volumes and servers that hints can name, and one of each that nobody knows.
const VOLUMES: [&str; 4] = [
    "0a3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a01",
    "1b3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a02",
    "2c3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a03",
    "3d3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a04",
];
const SERVERS: [&str; 3] = [
    "aa3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a0a",
    "bb3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a0b",
    "cc3e8a52-5f0c-4d7e-9f7e-0d5c1d3b7a0c",
];

const SPECS: &[&str] = &[
    "tier",
    "iops",
    "latency",
    "compression",
    "nested",
    "nested:a",
    "nested:a:b",
    "storage_protocol",
    "volume_backend_name",
    "vendor_name",
    "QoS_support",
    "multiattach",
    "total_capacity_gb",
    "free_capacity_gb",
    "reserved_percentage",
    "thin_provisioning_support",
    "total_volumes",
    "allocated_capacity_gb",
    "driver_version",
    "missing",
    "pool_name",
    "online_extend_support",
];

pub(super) const OPERATORS: [&str; 15] = [
    "=", "<in>", "<is>", "==", "!=", ">=", "<=", "s==", "s!=", "s<", "s<=", "s>", "s>=", "<or>", "",
];

const OPERANDS: &[&str] = &[
    "gold", "silver", "True", "true", "false", "1", "0", "3", "1000", "500.5", "1e3", " 12 ",
    "abc", "b", "Acme", "größe", "on", "", "iSCSI", "infinite", "nan", "10", "x", "1.0",
];

const QUERIES: &[&str] = &[
    r#"["=", "$backend_id", "h1@b#p"]"#,
    r#"["=", "$host", "h2@b#p"]"#,
    r#"[">=", "$free_capacity_gb", 50]"#,
    r#"["<", "$total_capacity_gb", 1000.5]"#,
    r#"["and", [">", "$free_capacity_gb", 1], ["=", "$capabilities.tier", "gold"]]"#,
    r#"["or", ["=", "$capabilities.tier", "gold"], ["<=", "$allocated_capacity_gb", 100]]"#,
    r#"["not", ["=", "$volume_backend_name", "b"]]"#,
    r#"["in", "$vendor_name", "Acme", "Ärzte"]"#,
    r#"["in", "$capabilities.tier", "gold", "silver", 1]"#,
    r#"["not", true, ["<", "$reserved_percentage", 6]]"#,
    r#"["=", "$thin_provisioning_support", true]"#,
    r#"["=", "$capabilities.missing", 1]"#,
    r#"["<", "$capabilities.missing", 1]"#,
    r#"["=", "$capabilities.nested.a", "b"]"#,
    r#"["=", "$service.availability_zone", "nova"]"#,
    r#"["=", "$service.host", "h1@b"]"#,
    r#"["=", "$nothing.at.all", 1]"#,
    r#"[">", "$provisioned_capacity_gb", 10, 5, 1]"#,
    r#"["=", "$pool_name", "p"]"#,
    r#"["=", "$storage_protocol", "iscsi"]"#,
    r#"["in", "$capabilities.storage_protocol", "FC", "nfs"]"#,
    r#"["=", "$storage_protocol", "$capabilities.storage_protocol"]"#,
    r#"["<", "$storage_protocol", "z"]"#,
    r#"["not", "$storage_protocol"]"#,
    r#"["or", "$multiattach", "$QoS_support", ["not", "$thick_provisioning_support"]]"#,
    r#"[">=", "$max_over_subscription_ratio", 1.5]"#,
    r#"["and", "$filter_function", "$goodness_function"]"#,
    r#"["=", "$driver_version", "1.0"]"#,
    r#"["=", "$capabilities.pool_name", "p"]"#,
    r#"["<=", "$capabilities.free_capacity_gb", "$free_capacity_gb"]"#,
    r#"["=", "$capabilities", 1]"#,
    r#"["<", 1, "$service"]"#,
    r#"["=", "$capabilities.tier.x", 1]"#,
    r#"["=", "$", 1]"#,
    r#"["=", "", 1, 1]"#,
    r#"["=", null, 1, 1]"#,
    r#"["<", 1, 2, 1.5]"#,
    r#"["not", ["not", 1]]"#,
    r#"["=", 1]"#,
    r#"["and"]"#,
    r#"["or"]"#,
    "[]",
    "{}",
    "0",
    "null",
    r#"["xor", 1, 2]"#,
    r#"["<", "$free_capacity_gb", "text"]"#,
    "no json",
    r#"{"a": 1}"#,
    "5",
    "",
];

/// Draws the size of the volume, and what it grows to when it is to be extended.
pub(super) fn size(dice: &mut Dice) -> (u64, Option<u64>) {
    let size = match dice.below(20) {
        0 => 0,
        1 => dice.between(1000, 100_000),
        _ => *dice.pick(&[1, 1, 2, 3, 5, 7, 10, 10, 20, 33, 50, 64, 95, 100, 475]),
    };
    let grown = (size > 0 && dice.percent(12)).then(|| size + dice.between(1, 200));
    (size, grown)
}

/// Draws the rest of the request, and the tables that its hints lead into: `(request, hinted, servers)`.
pub(super) fn request(
    dice: &mut Dice,
    (size, grown): (u64, Option<u64>),
    pools: &[Value],
) -> (Value, Value, Value) {
    let known = |dice: &mut Dice| match pools {
        [] => reports::name(dice),
        _ if dice.percent(10) => reports::name(dice),
        _ => dice.pick(pools)["name"].as_str().unwrap_or_default().to_owned(),
    };
    let tried: Vec<String> = match dice.below(5) {
        0 => (0..dice.between(1, 3)).map(|_| known(dice)).collect(),
        _ => Vec::new(),
    };
    let pin = match dice.below(10) {
        0 => json!(known(dice)),
        1 => json!(known(dice).split('#').next()),
        _ => Value::Null,
    };
    let zones = match dice.below(12) {
        0 => json!([dice.pick(&ZONES)]),
        1 | 2 => json!(["az1", "nova"]),
        3 => json!(["nowhere", dice.pick(&ZONES)]),
        4 | 5 => json!(["nova"]),
        6 => json!([]),
        _ => Value::Null,
    };
    let zone = dice
        .value(&json!([{}, {}, {}, {"availability_zone": "nova"}, {"availability_zone": null}]));
    let request = json!({
        "size": size,
        "extra_specs": specs(dice, pools),
        "qos_specs": dice.value(&json!([null, {}, {"iops": "1000"}, {"iops": "100"}])),
        "availability_zones": zones,
        "resource_properties": zone,
        "metadata": {},
        "scheduler_hints": hints(dice),
        "tried": tried,
        "resource_backend": pin,
        "operation": grown.map(|_| "extend_volume"),
        "new_size": grown,
        "attach_status": dice.pick(&["attached", "detached"]),
        "exists_on": null,
    });
    let mut hinted = Map::new();
    for volume in &VOLUMES[1..] {
        hinted.insert((*volume).to_owned(), json!(known(dice)));
    }
    let host = known(dice).split('@').next().unwrap_or_default().to_owned();
    let servers = json!({SERVERS[1]: host, SERVERS[2]: null});
    (request, Value::Object(hinted), servers)
}

/// The extra specs of the type; null for no type.
fn specs(dice: &mut Dice, pools: &[Value]) -> Value {
    if dice.percent(20) {
        return Value::Null;
    }
    let mut specs = Map::new();
    for _ in 0..*dice.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 3]) {
        let scope = *dice.pick(&["", "", "", "capabilities:", "capabilities:", "vendor:"]);
        let key = *dice.pick(SPECS);
        if let (true, Some(pool)) = (dice.percent(70), pools.first())
            && let Some(wanted) = fitting(dice, &pool["report"][key])
        {
            specs.insert(format!("{scope}{key}"), json!(wanted));
            continue;
        }
        // Most keys with a colon are in somebody's scope; those in ours lead into nested values.
        specs.insert(format!("{scope}{key}"), wanted(dice, key));
    }
    if dice.percent(25) {
        let kind = dice.value(&json!(["thick", "thick", "thin", "Thick"]));
        specs.insert("provisioning:type".to_owned(), kind);
    }
    Value::Object(specs)
}

fn wanted(dice: &mut Dice, key: &str) -> Value {
    if dice.percent(4) {
        return Value::Null;
    }
    if key == "storage_protocol" && dice.percent(60) {
        return json!(dice.pick(&PROTOCOLS));
    }
    let operand = *dice.pick(OPERANDS);
    json!(match *dice.pick(&OPERATORS) {
        "" => operand.to_owned(),
        "<or>" if dice.percent(90) => format!("<or> {operand} <or> {}", dice.pick(OPERANDS)),
        operator => format!("{operator} {operand}"),
    })
}

/// A demand that a pool with this value meets; mostly.
fn fitting(dice: &mut Dice, value: &Value) -> Option<String> {
    let list = value.as_array().and_then(|list| list.first());
    let value = list.unwrap_or(value);
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) => value.to_string(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        _ => return None,
    };
    let other = *dice.pick(OPERANDS);
    let mut operators = match value {
        Value::Number(_) => vec!["=", "==", ">=", "<=", "!="],
        Value::Bool(_) => vec!["<is>"],
        _ => vec!["s==", "s>=", "s<=", "<in>", "<or>", "<or>", "s!=", "s<", "s>", "", "<is>"],
    };
    if text.trim().parse::<f64>().is_ok() {
        operators.extend(["=", "=="]);
    }
    Some(match *dice.pick(&operators) {
        "" => text,
        "<in>" => format!("<in> {}", text.chars().take(dice.below(4)).collect::<String>()),
        "<or>" if dice.percent(50) => format!("<or> {text} <or> {other}"),
        "<or>" => format!("<or> {other} <or> {text}"),
        operator @ ("s!=" | "s<" | "s>" | "!=") => format!("{operator} {other}"),
        operator => format!("{operator} {text}"),
    })
}

fn hints(dice: &mut Dice) -> Value {
    let mut hints = Map::new();
    if dice.percent(45) {
        let query = if dice.percent(95) {
            json!(*dice.pick(QUERIES))
        } else {
            dice.value(&json!([["=", 1, 1], {"a": 1}, 5, true, null, false]))
        };
        hints.insert("query".to_owned(), query);
    }
    for key in ["same_host", "different_host"] {
        if dice.percent(30) {
            hints.insert(key.to_owned(), volumes(dice));
        }
    }
    if dice.percent(30) {
        let server = match dice.below(8) {
            0 => dice.value(&json!(["", "no-uuid", null, 5, ["x"], SERVERS[0]])),
            1 => json!(SERVERS[2]),
            _ => json!(SERVERS[1]),
        };
        hints.insert("local_to_instance".to_owned(), server);
    }
    if hints.is_empty() { Value::Null } else { Value::Object(hints) }
}

/// What may stand in a hint for volumes.
fn volumes(dice: &mut Dice) -> Value {
    match dice.below(10) {
        0 => dice.value(&json!(["", "no-uuid", null, 5, {}, [], ["no-uuid"], [5], [null]])),
        1 => json!([VOLUMES[0]]),
        2 => json!(VOLUMES[1].replace('-', "")),
        3 => json!([dice.pick(&VOLUMES), "no-uuid"]),
        4..=6 => json!(dice.pick(&VOLUMES)),
        _ => json!(dice.some(&VOLUMES)),
    }
}

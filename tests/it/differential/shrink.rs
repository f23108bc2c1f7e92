//! Makes a case that shows a difference as small as it gets.

use serde_json::{Value, json};

/// Parts of a request and of the rules, and what they are when nothing is asked for.
const PARTS: &[(&str, &str)] = &[
    ("/request/extra_specs", "{}"),
    ("/request/qos_specs", "null"),
    ("/request/availability_zones", "null"),
    ("/request/resource_properties", "{}"),
    ("/request/scheduler_hints", "null"),
    ("/request/tried", "[]"),
    ("/request/resource_backend", "null"),
    ("/rules/filters", "[]"),
    ("/rules/weighers", "[]"),
    ("/rules/max_over_subscription_ratio", "\"20.0\""),
];

/// Leaves out what can be left out as long as `differs` says that the two still differ.
pub(super) fn shrink(mut case: Value, mut differs: impl FnMut(&Value) -> bool) -> Value {
    loop {
        let smaller = candidates(&case).into_iter().find(|smaller| differs(smaller));
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

/// The case with one thing less, each.
fn candidates(case: &Value) -> Vec<Value> {
    let mut smaller = Vec::new();
    without_each(case, "/pools", &mut smaller);
    for (pointer, nothing) in PARTS {
        let nothing = serde_json::from_str(nothing).expect("JSON");
        replaced(case, pointer, nothing, &mut smaller);
        without_each(case, pointer, &mut smaller);
    }
    for number in 0..case["pools"].as_array().map_or(0, Vec::len) {
        without_each(case, &format!("/pools/{number}/report"), &mut smaller);
        for key in ["consumed", "settled", "volumes", "making"] {
            let mut zero = case.clone();
            if zero["pools"][number][key] != json!(0) {
                zero["pools"][number][key] = json!(0);
                // Of what was not consumed nothing can be settled.
                zero["pools"][number]["settled"] = json!(0);
                if key == "volumes" {
                    zero["pools"][number]["making"] = json!(0);
                }
                smaller.push(zero);
            }
        }
    }
    smaller
}

fn replaced(case: &Value, pointer: &str, by: Value, into: &mut Vec<Value>) {
    let mut smaller = case.clone();
    if let Some(part) = smaller.pointer_mut(pointer)
        && *part != by
        && !part.is_null()
    {
        *part = by;
        into.push(smaller);
    }
}

/// Leaves out each item of the list or object there, one at a time.
fn without_each(case: &Value, pointer: &str, into: &mut Vec<Value>) {
    match case.pointer(pointer) {
        Some(Value::Array(list)) => {
            for number in 0..list.len() {
                let mut smaller = case.clone();
                smaller
                    .pointer_mut(pointer)
                    .and_then(Value::as_array_mut)
                    .map(|l| l.remove(number));
                into.push(smaller);
            }
        }
        Some(Value::Object(map)) => {
            // What Cinder's volume service always writes stays.
            for key in map.keys().filter(|key| *key != "allocated_capacity_gb") {
                let mut smaller = case.clone();
                smaller.pointer_mut(pointer).and_then(Value::as_object_mut).map(|m| m.remove(key));
                into.push(smaller);
            }
        }
        _ => {}
    }
}

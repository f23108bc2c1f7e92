//! JSON Patch (RFC 6902) with `add`, `remove` and `replace`, which is all that the documents need.

use serde_json::{Value, json};

/// The patch that makes `to` of `from`.
pub(super) fn between(from: &Value, to: &Value) -> Value {
    let mut steps = Vec::new();
    differ(&mut steps, "", from, to);
    Value::Array(steps)
}

fn differ(steps: &mut Vec<Value>, path: &str, from: &Value, to: &Value) {
    match (from, to) {
        _ if from == to => {}
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().filter(|key| !new.contains_key(*key)) {
                steps.push(json!({ "op": "remove", "path": below(path, key) }));
            }
            for (key, value) in new {
                match old.get(key) {
                    Some(old) => differ(steps, &below(path, key), old, value),
                    None => {
                        steps
                            .push(json!({ "op": "add", "path": below(path, key), "value": value }));
                    }
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => differ_in_lists(steps, path, old, new),
        _ => steps.push(json!({ "op": "replace", "path": path, "value": to })),
    }
}

/// What both lists begin and end with stays; of what is between, as many as both have are changed, and the rest goes or comes.
fn differ_in_lists(steps: &mut Vec<Value>, path: &str, old: &[Value], new: &[Value]) {
    let begin = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[begin..], &new[begin..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let both = old.len().min(new.len());
    for place in 0..both {
        differ(steps, &format!("{path}/{}", begin + place), &old[place], &new[place]);
    }
    for place in (both..old.len()).rev() {
        steps.push(json!({ "op": "remove", "path": format!("{path}/{}", begin + place) }));
    }
    for (place, value) in new.iter().enumerate().skip(both) {
        let path = format!("{path}/{}", begin + place);
        steps.push(json!({ "op": "add", "path": path, "value": value }));
    }
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Carries the patch out.
///
/// # Errors
/// The step that does not fit.
pub(super) fn apply(document: &mut Value, patch: &Value) -> Result<(), String> {
    for step in patch.as_array().into_iter().flatten() {
        carry_out(document, step).ok_or_else(|| step.to_string())?;
    }
    Ok(())
}

fn carry_out(document: &mut Value, step: &Value) -> Option<()> {
    let path = step["path"].as_str()?;
    if step["op"] == "replace" {
        *document.pointer_mut(path)? = step["value"].clone();
        return Some(());
    }
    let (parent, key) = path.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent)?, step["op"].as_str()?) {
        (Value::Object(map), "add") => drop(map.insert(key, step["value"].clone())),
        (Value::Object(map), "remove") => drop(map.remove(&key)?),
        (Value::Array(list), "add") => {
            let place = key.parse().ok().filter(|place| *place <= list.len())?;
            list.insert(place, step["value"].clone());
        }
        (Value::Array(list), "remove") => {
            let place = key.parse().ok().filter(|place| *place < list.len())?;
            list.remove(place);
        }
        _ => return None,
    }
    Some(())
}

#[test]
fn a_patch_makes_the_one_of_the_other() {
    let from = json!({ "a/b": { "x": 1 }, "gone": [], "list": [1, 2, { "k": "v" }, 9], "t": "u" });
    let to = json!({ "a/b": { "x": 2, "~": 0 }, "list": [1, { "k": "w" }, 3, 4, 9], "t": null });
    for (from, to) in [(&from, &to), (&to, &from), (&from, &from)] {
        let patch = between(from, to);
        let mut changed = from.clone();
        apply(&mut changed, &patch).expect("it fits");
        assert_eq!(&changed, to, "{patch}");
    }
    assert_eq!(between(&from, &from), json!([]));
    assert_eq!(
        between(&json!({ "a/b": 1 }), &json!({ "a/b": 2 })),
        json!([{ "op": "replace", "path": "/a~1b", "value": 2 }])
    );
}

#[test]
fn a_patch_that_does_not_fit_is_refused() {
    for step in [
        json!({ "op": "remove", "path": "/gone" }),
        json!({ "op": "add", "path": "/list/7", "value": 1 }),
        json!({ "op": "replace", "path": "/gone", "value": 1 }),
        json!({ "op": "move", "path": "/list" }),
    ] {
        let mut document = json!({ "list": [] });
        assert!(apply(&mut document, &json!([step])).is_err(), "{step}");
    }
}

//! Bodies of requests about QoS specs, and what the keys of a spec may be.

use std::collections::BTreeMap;

use ashlar_db::qos_specs::{CONSUMER, NAME};
use ashlar_types::QosConsumer;
use serde_json::{Map, Value, json};

use crate::body::{Body, pieces};
use crate::fault::Fault;

/// Longest key or value, in characters: what the columns hold.
const LONGEST: usize = 255;
/// Most keys that a spec has. Cinder has no such limit; a host knows some thirty.
pub const MOST_KEYS: usize = 256;

/// `POST /qos-specs`. Every key but the name is one of the spec: [`Keys::read`] looks at them.
pub static CREATE: Body = Body::new(&[(0, || {
    let name = json!({ "type": "string", "check": "name_trimmed" });
    let specs = json!({
        "type": "object", "properties": { "name": name }, "required": ["name"],
    });
    pieces::wrapped("qos_specs", specs)
})]);

/// `PUT /qos-specs/{qos_id}`.
pub static UPDATE: Body =
    Body::new(&[(0, || pieces::wrapped("qos_specs", pieces::extra_specs_with_null()))]);

/// `PUT /qos-specs/{qos_id}/delete_keys`.
pub static DELETE_KEYS: Body = Body::new(&[(0, || {
    let keys = json!({
        "type": "array", "items": pieces::short_string(), "uniqueItems": true,
    });
    pieces::wrapped("keys", keys)
})]);

/// Keys of a spec as a client gives them.
#[derive(Debug, PartialEq, Eq)]
pub struct Keys {
    /// Who is to apply them, if it is said. Null stands for the storage, as in Cinder.
    pub consumer: Option<QosConsumer>,
    /// The others.
    pub specs: BTreeMap<String, Option<String>>,
}

impl Keys {
    /// Reads all pairs.
    ///
    /// # Errors
    /// 400 for a key or value that is too long or no text, an unknown consumer, too many keys, or the key under which
    /// Cinder keeps names.
    pub fn read<'v>(pairs: impl Iterator<Item = (&'v String, &'v Value)>) -> Result<Self, Fault> {
        let mut keys = Self { consumer: None, specs: BTreeMap::new() };
        for (key, value) in pairs {
            check_length(key, &format!("Key \"{key}\""), 1)?;
            let value = match value {
                Value::Null => None,
                Value::String(text) => Some(text),
                _ => {
                    let reason = format!("Value for key \"{key}\" is not a string or unicode");
                    return Err(Fault::invalid_input(reason));
                }
            };
            if let Some(text) = value {
                check_length(text, &format!("Value for key \"{key}\""), 0)?;
            }
            match key.as_str() {
                CONSUMER => keys.consumer = Some(consumer(value.map(String::as_str))?),
                // Cinder would show such a row as a spec of its own.
                NAME => return Err(invalid(format!("the key {NAME} is reserved"))),
                _ => drop(keys.specs.insert(key.clone(), value.cloned())),
            }
        }
        check_count(keys.specs.len())?;
        Ok(keys)
    }
}

/// A spec has room for so many keys.
///
/// # Errors
/// 400.
pub fn check_count(count: usize) -> Result<(), Fault> {
    if count <= MOST_KEYS {
        return Ok(());
    }
    Err(invalid(format!("there are {count} keys, more than {MOST_KEYS}")))
}

fn consumer(text: Option<&str>) -> Result<QosConsumer, Fault> {
    let Some(text) = text else { return Ok(QosConsumer::default()) };
    QosConsumer::named(text).ok_or_else(|| {
        let all: Vec<_> = QosConsumer::ALL.iter().map(|one| one.as_str()).collect();
        invalid(format!("Valid consumer of QoS specs are: {}", all.join(", ")))
    })
}

fn check_length(text: &str, what: &str, least: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    let wrong = if length < least {
        format!("less than {least}")
    } else if length > LONGEST {
        format!("more than {LONGEST}")
    } else {
        return Ok(());
    };
    Err(Fault::invalid_input(format!("{what} has {length} characters, {wrong}.")))
}

/// 400 "Invalid qos specs: `reason`".
fn invalid(reason: impl std::fmt::Display) -> Fault {
    Fault::invalid_state("qos specs", reason)
}

/// The pairs of a create's body but for the name.
pub fn without_name(wish: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    wish.iter().filter(|(key, _)| *key != "name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn read(pairs: Value) -> Result<Keys, String> {
        let pairs = pairs.as_object().expect("an object").clone();
        Keys::read(pairs.iter()).map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn a_name_is_there_and_fits_when_it_is_trimmed() {
        let passes =
            |name: Value| CREATE.check(v3(0), &json!({ "qos_specs": { "name": name, "a": 1 } }));
        assert!(passes(json!(format!(" {} ", "x".repeat(255)))).is_ok());
        for wrong in [json!("x".repeat(256)), json!(" "), json!(""), json!(null), json!(1)] {
            assert!(passes(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(CREATE.check(v3(0), &json!({ "qos_specs": { "a": "b" } })).is_err());
    }

    #[test]
    fn keys_and_values_are_texts_that_the_table_can_hold() {
        let keys = read(json!({ "iops": "1", "none": null, "consumer": "both" })).expect("read");
        assert_eq!(keys.consumer, Some(QosConsumer::Both));
        let specs = [("iops".to_owned(), Some("1".to_owned())), ("none".to_owned(), None)];
        assert_eq!(keys.specs, specs.into());
        let long = "x".repeat(256);
        for (pairs, words) in [
            (json!({ "a": 1 }), "Value for key \"a\" is not a string or unicode"),
            (json!({ "a": long }), "Value for key \"a\" has 256 characters, more than 255."),
            (json!({ "": "a" }), "Key \"\" has 0 characters, less than 1."),
        ] {
            assert_eq!(read(pairs), Err(format!("Invalid input received: {words}")));
        }
        assert!(read(json!({ long: "a" })).is_err());
    }

    #[test]
    fn consumers_are_three_and_names_are_no_keys() {
        assert_eq!(read(json!({})).expect("read").consumer, None);
        let null = read(json!({ "consumer": null })).expect("read");
        assert_eq!(null.consumer, Some(QosConsumer::BackEnd));
        let words = "Invalid qos specs: Valid consumer of QoS specs are: front-end, back-end, both";
        assert_eq!(read(json!({ "consumer": "me" })), Err(words.to_owned()));
        assert!(read(json!({ "QoS_Specs_Name": "x" })).is_err());
        let many: Map<String, Value> = (0..257).map(|n| (n.to_string(), json!("x"))).collect();
        assert!(read(Value::Object(many)).is_err());
    }
}

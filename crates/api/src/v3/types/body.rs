//! Bodies of requests about volume types.

use ashlar_types::volume_type::ExtraSpecs;
use serde_json::{Map, Value, json};

use crate::body::{Body, pieces};

/// `POST /types`.
pub static CREATE: Body = Body::new(&[(0, || {
    let properties = json!({
        "name": pieces::name(),
        "description": pieces::description(),
        "extra_specs": pieces::extra_specs_with_null(),
        "os-volume-type-access:is_public": pieces::boolean(),
    });
    pieces::wrapped("volume_type", pieces::object(properties, &["name"]))
})]);

/// `PUT /types/{type_id}`. That something is to change, and that a name is not blank, Cinder says in words of
/// its own: the handler looks at that.
pub static UPDATE: Body = Body::new(&[(0, || {
    let properties = json!({
        "name": { "type": ["string", "null"], "minLength": 1, "maxLength": 255 },
        "description": pieces::description(),
        "is_public": pieces::boolean(),
    });
    pieces::wrapped("volume_type", pieces::object(properties, &[]))
})]);

/// `POST /types/{type_id}/extra_specs`.
pub static SPECS: Body =
    Body::new(&[(0, || pieces::wrapped("extra_specs", pieces::extra_specs_with_narrow_keys()))]);

/// `PUT /types/{type_id}/extra_specs/{key}`: the one pair, bare.
pub static SPEC: Body = Body::new(&[(0, || {
    let mut schema = pieces::extra_specs_with_narrow_keys();
    schema["minProperties"] = 1.into();
    schema["maxProperties"] = 1.into();
    schema
})]);

/// `addProjectAccess`.
pub static ADD_ACCESS: Body = Body::new(&[(0, || access("addProjectAccess"))]);

/// `removeProjectAccess`.
pub static REMOVE_ACCESS: Body = Body::new(&[(0, || access("removeProjectAccess"))]);

/// `POST /types/{type_id}/encryption`.
pub static CREATE_ENCRYPTION: Body =
    Body::new(&[(0, || encryption(&["provider", "control_location"]))]);

/// `PUT /types/{type_id}/encryption/{encryption_id}`.
pub static UPDATE_ENCRYPTION: Body = Body::new(&[(0, || encryption(&[]))]);

/// Keys that are not named here are let through, as in Cinder.
fn encryption(required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "key_size": {
                "type": ["string", "integer", "null"], "minimum": 0, "maximum": i32::MAX,
                "check": "key_size",
            },
            "provider": { "type": "string", "minLength": 0, "maxLength": 255 },
            "control_location": { "enum": ["front-end", "back-end"] },
            "cipher": pieces::nullable_string(),
        },
    });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    pieces::wrapped("encryption", schema)
}

fn access(action: &str) -> Value {
    let project = pieces::object(json!({ "project": pieces::short_string() }), &["project"]);
    pieces::wrapped(action, project)
}

/// The pairs of an object that passed one of the schemas for extra specs.
#[must_use]
pub fn specs(pairs: &Map<String, Value>) -> ExtraSpecs {
    pairs.iter().map(|(key, value)| (key.clone(), value.as_str().map(str::to_owned))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn passes(body: &Body, value: &Value) -> bool {
        body.check(v3(0), value).is_ok()
    }

    #[test]
    fn a_new_type_has_a_name_and_nothing_unknown() {
        let specs = json!({ "a b/c:d": "x", "none": null });
        let full = json!({ "volume_type": {
            "name": "gold", "description": null, "extra_specs": specs,
            "os-volume-type-access:is_public": "no",
        } });
        assert!(passes(&CREATE, &full));
        for wrong in [
            json!({ "volume_type": {} }),
            json!({ "volume_type": { "name": " " } }),
            json!({ "volume_type": { "name": "x", "description": "a\nb" } }),
            json!({ "volume_type": { "name": "x", "is_public": true } }),
            json!({ "volume_type": { "name": "x", "extra_specs": { "a": 1 } } }),
            json!({ "volume_type": { "name": "x", "os-volume-type-access:is_public": "perhaps" } }),
        ] {
            assert!(!passes(&CREATE, &wrong), "{wrong}");
        }
    }

    #[test]
    fn keys_of_specs_are_narrower_on_their_own_endpoints() {
        assert!(passes(&SPECS, &json!({ "extra_specs": { "a:b.c-d_e": null, "f": "" } })));
        assert!(!passes(&SPECS, &json!({ "extra_specs": { "a b": "x" } })));
        assert!(!passes(&SPECS, &json!({ "extra_specs": { "a/b": "x" } })));
        assert!(passes(&SPEC, &json!({ "a": "x" })));
        assert!(!passes(&SPEC, &json!({})));
        assert!(!passes(&SPEC, &json!({ "a": "x", "b": "y" })));
    }

    #[test]
    fn encryption_says_who_encrypts_and_how_and_may_say_more() {
        let passes = |more: Value| {
            let mut wish = json!({ "provider": "luks", "control_location": "front-end" });
            for (key, value) in more.as_object().expect("fields") {
                wish[key] = value.clone();
            }
            passes(&CREATE_ENCRYPTION, &json!({ "encryption": wish }))
        };
        for right in [json!({}), json!({ "key_size": "256", "cipher": null, "colour": "red" })] {
            assert!(passes(right.clone()), "{right}");
        }
        for wrong in [
            json!({ "control_location": "both" }),
            json!({ "provider": null }),
            json!({ "key_size": -1 }),
            json!({ "key_size": "many" }),
            json!({ "key_size": 2_147_483_648_u32 }),
            json!({ "cipher": 1 }),
        ] {
            assert!(!passes(wrong.clone()), "{wrong}");
        }
        let some = json!({ "encryption": { "cipher": "aes-xts-plain64" } });
        assert!(super::tests::passes(&UPDATE_ENCRYPTION, &some));
        assert!(!super::tests::passes(&CREATE_ENCRYPTION, &some));
    }

    #[test]
    fn access_names_one_project() {
        assert!(passes(&ADD_ACCESS, &json!({ "addProjectAccess": { "project": "p" } })));
        assert!(!passes(&ADD_ACCESS, &json!({ "addProjectAccess": { "project": "" } })));
        assert!(!passes(&REMOVE_ACCESS, &json!({ "removeProjectAccess": {} })));
    }
}

//! Bodies of consistency group requests. Unknown properties are tolerated.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /consistencygroups`.
pub static CREATE: Body = Body::new(&[(0, create)]);
/// `POST /consistencygroups/create_from_src`.
pub static CREATE_FROM_SRC: Body = Body::new(&[(0, create_from_src)]);
/// `PUT /consistencygroups/{id}/update`.
pub static UPDATE: Body = Body::new(&[(0, update)]);
/// `POST /consistencygroups/{id}/delete`: a body with `force`, an empty one, or none.
pub static DELETE: Body = Body::new(&[(0, delete)]);

fn create() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "volume_types": { "type": ["string", "null"] },
        "availability_zone": { "type": ["string", "null"], "maxLength": 255 },
    });
    open("consistencygroup", &properties, &["volume_types"])
}

fn create_from_src() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "cgsnapshot_id": { "type": "string" },
        "source_cgid": { "type": "string" },
    });
    open("consistencygroup-from-src", &properties, &[])
}

fn update() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "add_volumes": { "type": ["string", "null"] },
        "remove_volumes": { "type": ["string", "null"] },
    });
    open("consistencygroup", &properties, &[])
}

fn delete() -> Value {
    let forced = open("consistencygroup", &json!({ "force": pieces::boolean() }), &[]);
    let empty = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    json!({ "oneOf": [forced, empty, { "type": "null" }] })
}

/// One required key with an object below it; what else there is does not matter.
pub(in crate::v3) fn open(key: &str, properties: &Value, required: &[&str]) -> Value {
    let mut inner = pieces::object(properties.clone(), required);
    inner["additionalProperties"] = true.into();
    json!({
        "type": "object", "properties": { key: inner }, "required": [key],
        "additionalProperties": true,
    })
}

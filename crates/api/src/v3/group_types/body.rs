//! Bodies of requests about group types.

use serde_json::json;

use crate::body::{Body, pieces};

/// `POST /group_types`.
pub static CREATE: Body = Body::new(&[(0, || {
    let properties = json!({
        "name": pieces::name(),
        "description": pieces::description(),
        "is_public": pieces::boolean(),
        "group_specs": pieces::metadata_or_null(),
    });
    pieces::wrapped("group_type", pieces::object(properties, &["name"]))
})]);

/// `PUT /group_types/{group_type_id}`. That something is to change, and that a name is not blank, Cinder says in words
/// of its own: the handler looks at that.
pub static UPDATE: Body = Body::new(&[(0, || {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "is_public": pieces::boolean(),
    });
    pieces::wrapped("group_type", pieces::object(properties, &[]))
})]);

//! The body of a request for a snapshot of a consistency group. Unknown properties are tolerated.

use serde_json::{Value, json};

use crate::body::Body;
use crate::v3::consistencygroups::body::open;

/// `POST /cgsnapshots`.
pub static CREATE: Body = Body::new(&[(0, create)]);

/// Cinder has no bound for the texts, and then its database refuses them.
fn create() -> Value {
    let properties = json!({
        "consistencygroup_id": { "type": "string" },
        "name": { "type": "string", "maxLength": 255 },
        "description": { "type": "string", "maxLength": 255 },
    });
    open("cgsnapshot", &properties, &["consistencygroup_id"])
}

//! `/volumes/{volume_id}/metadata`: what users write on a volume, as one map and key by key.

mod change;
mod etag;
mod read;
mod write;

use serde_json::json;

pub(super) use change::{Change, Written, write};
pub(super) use etag::Condition;

use crate::body::{Body, pieces};
use crate::endpoint::Endpoint;
use crate::run;

const ALL: &str = "/volumes/{volume_id}/metadata";
const ONE: &str = "/volumes/{volume_id}/metadata/{key}";

/// Endpoints of volume metadata.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("volume.metadata.list", ALL, run!(read::list))
        .rule_after_load("volume:get_volume_metadata"),
    Endpoint::post("volume.metadata.create", ALL, run!(write::merge))
        .rule_after_load("volume:create_volume_metadata")
        .body(&MAP),
    Endpoint::put("volume.metadata.replace", ALL, run!(write::replace))
        .rule_after_load("volume:update_volume_metadata")
        .body(&MAP),
    Endpoint::get("volume.metadata.show", ONE, run!(read::show))
        .rule_after_load("volume:get_volume_metadata"),
    Endpoint::put("volume.metadata.set", ONE, run!(write::set))
        .rule_after_load("volume:update_volume_metadata")
        .body(&PAIR),
    Endpoint::delete("volume.metadata.delete", ONE, run!(write::remove))
        .rule_after_load("volume:delete_volume_metadata"),
];

static MAP: Body = Body::new(&[(0, || pieces::wrapped("metadata", pieces::metadata()))]);

static PAIR: Body = Body::new(&[(0, || {
    let mut pair = pieces::metadata();
    pair["minProperties"] = json!(1);
    pair["maxProperties"] = json!(1);
    pieces::wrapped("meta", pair)
})]);

#[cfg(test)]
mod tests;

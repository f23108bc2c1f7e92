//! The request that stands behind each operation of the matrix.

use reqwest::Method;
use serde_json::{Value, json};

/// A request that replays an operation. `{volume_id}`, `{snapshot_id}` and `{key}` stand for what was staged.
#[derive(Debug)]
pub(super) struct Deed {
    /// Microversion 3.N.
    pub(super) minor: u32,
    /// HTTP method.
    pub(super) method: Method,
    /// Path below the project, with the query.
    pub(super) path: &'static str,
    /// Body; the staged identities are put into it too.
    pub(super) body: Option<Value>,
    /// The volume has a snapshot.
    pub(super) with_snapshot: bool,
}

const NEWEST: u32 = 71;
const VOLUME: &str = "/volumes/{volume_id}";
const VOLUME_ACTION: &str = "/volumes/{volume_id}/action";
const SNAPSHOT: &str = "/snapshots/{snapshot_id}";
const SNAPSHOT_ACTION: &str = "/snapshots/{snapshot_id}/action";
const CASCADE: &str = "/volumes/{volume_id}?cascade=true";

impl Deed {
    fn new(method: Method, path: &'static str, body: Option<Value>) -> Self {
        Self { minor: NEWEST, method, path, body, with_snapshot: false }
    }

    fn at(mut self, minor: u32) -> Self {
        self.minor = minor;
        self
    }

    fn with_snapshot(mut self) -> Self {
        self.with_snapshot = true;
        self
    }
}

fn delete(path: &'static str) -> Deed {
    Deed::new(Method::DELETE, path, None)
}

fn post(path: &'static str, body: Value) -> Deed {
    Deed::new(Method::POST, path, Some(body))
}

fn put(path: &'static str, body: Value) -> Deed {
    Deed::new(Method::PUT, path, Some(body))
}

/// The request for an operation; none for one that is not replayed.
pub(super) fn deed(resource: &str, operation: &str) -> Option<Deed> {
    match resource {
        "volume" => on_volume(operation),
        "snapshot" => on_snapshot(operation),
        _ => None,
    }
}

fn on_volume(operation: &str) -> Option<Deed> {
    let act = |body| post(VOLUME_ACTION, body);
    let snapshot = |force: Option<bool>| {
        let mut body = json!({ "snapshot": { "volume_id": "{volume_id}" } });
        if let Some(force) = force {
            body["snapshot"]["force"] = force.into();
        }
        post("/snapshots", body)
    };
    Some(match operation {
        "DELETE volume" => delete(VOLUME),
        "DELETE volume force (3.23)" => delete("/volumes/{volume_id}?force=true").at(23),
        "DELETE volume having snapshot" => delete(VOLUME).with_snapshot(),
        "DELETE volume cascade (has snapshot)" => delete(CASCADE).with_snapshot(),
        "os-force_delete" => act(json!({ "os-force_delete": null })),
        "os-extend 3.41" => act(json!({ "os-extend": { "new_size": 2 } })).at(41),
        "os-extend 3.42" => act(json!({ "os-extend": { "new_size": 2 } })).at(42),
        "os-update_readonly_flag" => {
            act(json!({ "os-update_readonly_flag": { "readonly": true } }))
        }
        "os-set_bootable" => act(json!({ "os-set_bootable": { "bootable": true } })),
        "os-set_image_metadata" => {
            act(json!({ "os-set_image_metadata": { "metadata": { "os_type": "linux" } } }))
        }
        "PUT volume" => put(VOLUME, json!({ "volume": { "name": "renamed" } })),
        "POST metadata" => {
            post("/volumes/{volume_id}/metadata", json!({ "metadata": { "more": "x" } }))
        }
        "DELETE metadata key" => delete("/volumes/{volume_id}/metadata/{key}"),
        "POST snapshot 3.65" => snapshot(None).at(65),
        "POST snapshot force 3.65" => snapshot(Some(true)).at(65),
        "POST snapshot 3.66" => snapshot(None).at(66),
        "POST volume source_volid" => {
            post("/volumes", json!({ "volume": { "source_volid": "{volume_id}" } }))
        }
        other => act(reset(other)?),
    })
}

fn on_snapshot(operation: &str) -> Option<Deed> {
    let act = |body| post(SNAPSHOT_ACTION, body);
    Some(match operation {
        "DELETE" => delete(SNAPSHOT),
        "os-force_delete" => act(json!({ "os-force_delete": null })),
        "PUT" => put(SNAPSHOT, json!({ "snapshot": { "name": "renamed" } })),
        "POST metadata" => {
            post("/snapshots/{snapshot_id}/metadata", json!({ "metadata": { "more": "x" } }))
        }
        "os-reset_status available" => act(json!({ "os-reset_status": { "status": "available" } })),
        "POST volume from" => {
            post("/volumes", json!({ "volume": { "snapshot_id": "{snapshot_id}" } }))
        }
        "DELETE volume cascade" => delete(CASCADE),
        other => match other.strip_prefix("os-update_snapshot_status ") {
            Some(status) => act(json!({ "os-update_snapshot_status": { "status": status } })),
            None => act(reset(other)?),
        },
    })
}

/// `os-reset_status -> 'x'` and `os-reset_status attach_status -> 'x'`.
fn reset(operation: &str) -> Option<Value> {
    let (field, value) = operation.strip_prefix("os-reset_status ")?.split_once("-> '")?;
    let field = match field.trim() {
        "" => "status",
        named => named,
    };
    Some(json!({ "os-reset_status": { field: value.strip_suffix('\'')? } }))
}

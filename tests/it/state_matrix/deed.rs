//! The request that stands behind each operation of the matrix.

use reqwest::Method;
use serde_json::{Value, json};

use super::{group_snapshots, groups};

/// Who does what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The API by itself, or others after it has answered.
    Api,
    /// A volume service, before the API answers. Where Cinder was measured a stub said yes in its place; here a real one
    /// does its work, which leaves this status, or the measured one where another operation has a say.
    Service(Option<&'static str>),
}

/// What the staged volume is, beside its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Attached to some server when its status says so.
    Plain,
    /// The same, and several servers may have it.
    Shared,
    /// The server that the request names has an attachment already.
    SameServer,
    /// There is an offer of it to other projects, whatever its status says.
    Offered,
}

/// A request that replays an operation. `{volume_id}`, `{snapshot_id}`, `{attachment_id}`, `{transfer_id}`, `{auth_key}`,
/// `{image_id}` and `{key}` stand for what was staged.
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
    /// What the volume is.
    pub(super) kind: Kind,
    /// Who answers.
    pub(super) by: By,
}

/// The server that asks for attachments.
pub(super) const SERVER: &str = "11111111-2222-4333-8444-555555555555";
/// A type that no staged volume has.
pub(super) const OTHER_TYPE: &str = "other";
const NEWEST: u32 = 71;
const VOLUME: &str = "/volumes/{volume_id}";
const VOLUME_ACTION: &str = "/volumes/{volume_id}/action";
const TRANSFER: &str = "/volume-transfers/{transfer_id}";
const ACCEPT: &str = "/volume-transfers/{transfer_id}/accept";
const SNAPSHOT: &str = "/snapshots/{snapshot_id}";
const SNAPSHOT_ACTION: &str = "/snapshots/{snapshot_id}/action";
const ATTACHMENT: &str = "/attachments/{attachment_id}";
const CASCADE: &str = "/volumes/{volume_id}?cascade=true";

impl Deed {
    fn new(method: Method, path: &'static str, body: Option<Value>) -> Self {
        Self {
            minor: NEWEST,
            method,
            path,
            body,
            with_snapshot: false,
            kind: Kind::Plain,
            by: By::Api,
        }
    }

    fn at(mut self, minor: u32) -> Self {
        self.minor = minor;
        self
    }

    fn with_snapshot(mut self) -> Self {
        self.with_snapshot = true;
        self
    }

    fn of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }
}

pub(super) fn delete(path: &'static str) -> Deed {
    Deed::new(Method::DELETE, path, None)
}

pub(super) fn post(path: &'static str, body: Value) -> Deed {
    Deed::new(Method::POST, path, Some(body))
}

pub(super) fn put(path: &'static str, body: Value) -> Deed {
    Deed::new(Method::PUT, path, Some(body))
}

/// The request for an operation; none for one that is not replayed.
pub(super) fn deed(resource: &str, operation: &str) -> Option<Deed> {
    match resource {
        "volume" => on_volume(operation),
        "snapshot" => on_snapshot(operation),
        "attachment" => on_attachment(operation),
        _ if resource.starts_with("attachment vol=") => on_attachment(operation),
        "transfer" => on_transfer(operation),
        "group" => groups::on_group(operation).or_else(|| group_snapshots::on_group(operation)),
        "group_snapshot" => group_snapshots::on_group_snapshot(operation),
        "group replication" => groups::on_replication(operation),
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
        "os-unmanage" => act(json!({ "os-unmanage": {} })),
        "os-extend 3.41" => act(json!({ "os-extend": { "new_size": 2 } })).at(41),
        "os-extend 3.42" => act(json!({ "os-extend": { "new_size": 2 } })).at(42),
        "os-update_readonly_flag" => {
            act(json!({ "os-update_readonly_flag": { "readonly": true } }))
        }
        "os-retype" => act(json!({ "os-retype": { "new_type": OTHER_TYPE } })),
        "revert" => act(revert()).with_snapshot(),
        "os-extend_volume_completion" => act(json!({ "os-extend_volume_completion": {} })),
        "reimage" => act(json!({ "os-reimage": { "image_id": "{image_id}" } })),
        "reimage reserved" => {
            act(json!({ "os-reimage": { "image_id": "{image_id}", "reimage_reserved": true } }))
        }
        "upload_image" => act(json!({ "os-volume_upload_image": { "image_name": "image" } })),
        "upload_image force" => {
            act(json!({ "os-volume_upload_image": { "image_name": "image", "force": true } }))
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
        "POST transfer" => offer(),
        "POST volume source_volid" => {
            post("/volumes", json!({ "volume": { "source_volid": "{volume_id}" } }))
        }
        other => return attaching(other).or_else(|| Some(act(reset(other)?))),
    })
}

fn offer() -> Deed {
    post("/volume-transfers", json!({ "transfer": { "volume_id": "{volume_id}" } }))
}

fn revert() -> Value {
    json!({ "revert": { "snapshot_id": "{snapshot_id}" } })
}

/// What one host says of itself.
fn connector() -> Value {
    json!({ "host": "compute-1", "ip": "192.0.2.1", "initiator": "iqn.1993-08.org.debian:1" })
}

/// A volume's part in being attached and detached.
fn attaching(operation: &str) -> Option<Deed> {
    let act = |action: &str, value: Value| post(VOLUME_ACTION, json!({ action: value }));
    let attach = |connector: Option<Value>| {
        let mut wish = json!({ "volume_uuid": "{volume_id}", "instance_uuid": SERVER });
        if let Some(connector) = connector {
            wish["connector"] = connector;
        }
        post("/attachments", json!({ "attachment": wish }))
    };
    Some(match operation {
        "os-reserve" | "os-unreserve" | "os-begin_detaching" | "os-roll_detaching" => {
            act(operation, Value::Null)
        }
        "reserve multiattach" => act("os-reserve", Value::Null).of(Kind::Shared),
        "os-attach" => {
            let wish = json!({ "instance_uuid": SERVER, "mountpoint": "/dev/vdb" });
            act(operation, wish).by(By::Service(Some("in-use")))
        }
        "os-detach" => act(operation, json!({})).by(By::Service(Some("available"))),
        "os-initialize_connection" | "os-terminate_connection" => {
            act(operation, json!({ "connector": connector() })).by(By::Service(None))
        }
        "POST attachment (no connector)" => attach(None),
        "POST attachment (connector)" => {
            attach(Some(connector())).by(By::Service(Some("attaching")))
        }
        "attachment multiattach" => attach(None).of(Kind::Shared),
        "attachment same instance" => attach(None).of(Kind::SameServer),
        _ => return None,
    })
}

fn on_attachment(operation: &str) -> Option<Deed> {
    Some(match operation {
        "PUT connector" => {
            let wish = json!({ "attachment": { "connector": connector() } });
            put(ATTACHMENT, wish).by(By::Service(Some("attaching")))
        }
        "os-complete" => {
            post("/attachments/{attachment_id}/action", json!({ "os-complete": null }))
        }
        "DELETE" => delete(ATTACHMENT).by(By::Service(None)),
        _ => return None,
    })
}

/// A request about the offer of a volume.
fn on_transfer(operation: &str) -> Option<Deed> {
    let accept = |key: &str| post(ACCEPT, json!({ "accept": { "auth_key": key } }));
    let deed = match operation {
        "accept" => accept("{auth_key}"),
        "accept bad key" => accept("fedcba9876543210"),
        "DELETE" => delete(TRANSFER),
        _ => return None,
    };
    Some(deed.of(Kind::Offered))
}

fn on_snapshot(operation: &str) -> Option<Deed> {
    let act = |body| post(SNAPSHOT_ACTION, body);
    Some(match operation {
        "DELETE" => delete(SNAPSHOT),
        "os-force_delete" => act(json!({ "os-force_delete": null })),
        "os-unmanage" => act(json!({ "os-unmanage": {} })),
        "PUT" => put(SNAPSHOT, json!({ "snapshot": { "name": "renamed" } })),
        "POST metadata" => {
            post("/snapshots/{snapshot_id}/metadata", json!({ "metadata": { "more": "x" } }))
        }
        "os-reset_status available" => act(json!({ "os-reset_status": { "status": "available" } })),
        "POST volume from" => {
            post("/volumes", json!({ "volume": { "snapshot_id": "{snapshot_id}" } }))
        }
        "revert to" => post(VOLUME_ACTION, revert()),
        "DELETE volume cascade" => delete(CASCADE),
        "POST transfer of volume" => offer(),
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

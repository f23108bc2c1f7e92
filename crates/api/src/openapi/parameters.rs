//! Parameters of an operation: what its path names, and what its query may say. A list also takes other filters from
//! administrators, at most versions any column: those have no place here.

use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::version::{Version, v3};

/// The parameters of `endpoint`.
pub(super) fn of(endpoint: &Endpoint, version: Version) -> Vec<Value> {
    let mut all = vec![json!({ "$ref": "#/components/parameters/version" })];
    let names = endpoint
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')));
    for name in names {
        all.push(json!({
            "name": name, "in": "path", "required": true,
            "schema": { "type": "string", "minLength": 1 },
        }));
    }
    for parameter in of_query(endpoint.op).filter(|one| version >= v3(one.since)) {
        all.push(json!({
            "name": parameter.name, "in": "query", "required": parameter.required,
            "schema": (parameter.schema)(),
        }));
    }
    if endpoint.method == http::Method::POST || endpoint.method == http::Method::PUT {
        all.push(json!({ "$ref": "#/components/parameters/idempotency_key" }));
    }
    all
}

/// Whether the operation goes on after a marker, which may not be there.
pub(super) fn has_marker(op: &str, version: Version) -> bool {
    of_query(op).any(|one| one.name == "marker" && version >= v3(one.since))
}

/// One parameter of a query.
struct Parameter {
    name: &'static str,
    since: u16,
    required: bool,
    schema: fn() -> Value,
}

const fn query(name: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { name, since: 0, required: false, schema }
}

impl Parameter {
    const fn since(mut self, minor: u16) -> Self {
        self.since = minor;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

fn of_query(op: &str) -> impl Iterator<Item = &'static Parameter> {
    let found = QUERIES.iter().filter(move |(ops, _)| ops.contains(&op));
    found.flat_map(|(_, tables)| tables.iter().copied().flatten())
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn number() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": i32::MAX })
}

/// Keys with directions. Which keys there are depends on the list.
fn order() -> Value {
    json!({ "type": "string", "pattern": "^[a-z_]+(:(asc|desc))?(,[a-z_]+(:(asc|desc))?)*$" })
}

fn keys() -> Value {
    json!({ "type": "string", "pattern": "^[a-z_]+(,[a-z_]+)*$" })
}

fn directions() -> Value {
    json!({ "type": "string", "pattern": "^(asc|desc)(,(asc|desc))*$" })
}

/// A dictionary as Python writes it, or JSON.
fn pairs() -> Value {
    json!({ "type": "string", "pattern": r"^\{.*\}$" })
}

/// `gt:2026-01-01T00:00:00,lt:…`
fn moments() -> Value {
    json!({ "type": "string", "pattern": "^(gt|gte|eq|neq|lt|lte):[^,]+(,(gt|gte|eq|neq|lt|lte):[^,]+)*$" })
}

const LIMIT: Parameter = query("limit", number);
const OFFSET: Parameter = query("offset", number);
const MARKER: Parameter = query("marker", text);
const SORT: Parameter = query("sort", order);
const SORT_KEY: Parameter = query("sort_key", keys);
const SORT_DIR: Parameter = query("sort_dir", directions);
const ALL_TENANTS: Parameter = query("all_tenants", boolean);

/// What pages take.
const PAGE: &[Parameter] = &[LIMIT, OFFSET, MARKER, SORT, SORT_KEY, SORT_DIR];
/// Lists of whole projects.
const PROJECTS: &[Parameter] = &[ALL_TENANTS];
/// What a list is cut by that has no pages.
const CUT: &[Parameter] = &[LIMIT, OFFSET];

const VOLUMES: &[Parameter] = &[
    query("name", text),
    query("status", text),
    query("metadata", pairs),
    query("bootable", boolean),
    query("migration_status", text),
    query("availability_zone", text),
    query("size", number),
    query("group_id", text).since(10),
    query("created_at", moments).since(60),
    query("updated_at", moments).since(60),
    query("consumes_quota", boolean).since(65),
];
const SNAPSHOTS: &[Parameter] = &[
    query("name", text),
    query("status", text),
    query("volume_id", text),
    query("metadata", pairs).since(22),
    query("availability_zone", text),
    query("consumes_quota", boolean).since(65),
];
const ATTACHMENTS: &[Parameter] = &[
    query("volume_id", text),
    query("status", text),
    query("instance_id", text),
    query("attach_status", text),
];
const COUNT: &[Parameter] = &[query("with_count", boolean).since(45)];
const WITH_VOLUMES: &[Parameter] = &[query("list_volume", boolean).since(25)];
/// Below, none of its query is read.
const GROUP_SNAPSHOTS: &[Parameter] = &[
    LIMIT.since(29),
    OFFSET.since(29),
    MARKER.since(29),
    SORT.since(29),
    SORT_KEY.since(29),
    SORT_DIR.since(29),
    ALL_TENANTS.since(29),
    query("name", text).since(29),
    query("status", text).since(29),
    query("group_id", text).since(29),
];
const MESSAGES: &[Parameter] = &[
    LIMIT.since(5),
    OFFSET.since(5),
    MARKER.since(5),
    SORT.since(5),
    SORT_KEY.since(5),
    SORT_DIR.since(5),
    ALL_TENANTS.since(5),
    query("resource_uuid", text).since(5),
    query("resource_type", text).since(5),
    query("event_id", text).since(5),
    query("request_id", text).since(5),
    query("message_level", text).since(5),
];
const TRANSFERS: &[Parameter] = &[
    LIMIT,
    OFFSET,
    MARKER.since(59),
    SORT.since(59),
    SORT_KEY.since(59),
    SORT_DIR.since(59),
    ALL_TENANTS,
    query("name", text),
    query("volume_id", text),
];
const IS_PUBLIC: &[Parameter] = &[query("is_public", || json!({ "enum": [true, false, "none"] }))];
const TYPES: &[Parameter] = &[query("extra_specs", pairs).since(52)];
const QOS: &[Parameter] = &[query("name", text), query("consumer", text)];
const MANAGEABLE: &[Parameter] = &[
    query("host", text),
    query("cluster", text).since(17),
    LIMIT,
    OFFSET,
    query("marker", pairs),
    query(
        "sort",
        || json!({ "type": "string", "pattern": "^(reference|size)(:(asc|desc))?(,(reference|size)(:(asc|desc))?)*$" }),
    ),
    query("sort_key", || json!({ "enum": ["reference", "size"] })),
    query("sort_dir", || json!({ "enum": ["asc", "desc"] })),
];
const POOLS: &[Parameter] = &[
    query("detail", boolean),
    query("name", text).since(28),
    query("volume_type", text).since(35),
];
const SERVICES: &[Parameter] = &[query("host", text), query("binary", text)];
/// Other keys are refused.
const CLUSTERS: &[Parameter] = &[
    query("name", text),
    query("binary", text),
    query("is_up", boolean),
    query("disabled", boolean),
    query("num_hosts", number),
    query("num_down_hosts", number),
    query("replication_status", text).since(26),
    query("frozen", boolean).since(26),
    query("active_backend_id", text).since(26),
];
const CASCADE: &[Parameter] = &[query("cascade", boolean), query("force", boolean).since(23)];
const FORCE: &[Parameter] = &[query("force", boolean)];
const OF_TYPE: &[Parameter] = &[query("vol_type_id", text).required()];
const USAGE: &[Parameter] = &[query("usage", boolean)];
const OF_PROJECT: &[Parameter] = &[query("project_id", text).since(39)];
const GROUPS: &[Parameter] = &[query("name", text)];

/// The tables of each operation that reads its query.
type Queries = (&'static [&'static str], &'static [&'static [Parameter]]);
static QUERIES: &[Queries] = &[
    (&["volume.list", "volume.detail"], &[PAGE, PROJECTS, COUNT, VOLUMES]),
    (&["volume.summary"], &[PROJECTS, VOLUMES]),
    (&["volume.delete"], &[CASCADE]),
    (&["snapshot.list", "snapshot.detail"], &[PAGE, PROJECTS, COUNT, SNAPSHOTS]),
    (&["attachment.list", "attachment.detail"], &[PAGE, PROJECTS, ATTACHMENTS]),
    (&["message.list"], &[MESSAGES]),
    (&["type.list"], &[PAGE, IS_PUBLIC, TYPES]),
    (&["group_type.list"], &[PAGE, IS_PUBLIC]),
    (&["qos.list"], &[PAGE, QOS]),
    (&["qos.delete"], &[FORCE]),
    (&["qos.associate", "qos.disassociate"], &[OF_TYPE]),
    (&["group.list"], &[PAGE, PROJECTS, GROUPS]),
    (&["group.detail"], &[PAGE, PROJECTS, GROUPS, WITH_VOLUMES]),
    (&["group.show"], &[WITH_VOLUMES]),
    (&["group_snapshot.list", "group_snapshot.detail"], &[GROUP_SNAPSHOTS]),
    (&["cg.list", "cg.detail"], &[PAGE, PROJECTS, GROUPS]),
    (&["cgsnapshot.list", "cgsnapshot.detail"], &[CUT]),
    (&["transfer.list", "transfer.detail"], &[TRANSFERS]),
    (&["transfer-legacy.list", "transfer-legacy.detail"], &[CUT, PROJECTS]),
    (
        &[
            "manageable-volume.list",
            "manageable-volume.detail",
            "manageable-volume-legacy.list",
            "manageable-volume-legacy.detail",
            "manageable-snapshot.list",
            "manageable-snapshot.detail",
            "manageable-snapshot-legacy.list",
            "manageable-snapshot-legacy.detail",
        ],
        &[MANAGEABLE],
    ),
    (&["pool.list"], &[POOLS]),
    (&["service.list"], &[SERVICES]),
    (&["cluster.list", "cluster.detail"], &[CLUSTERS]),
    (&["cluster.show"], &[&[query("binary", text)]]),
    (&["host.list"], &[&[query("zone", text)]]),
    (&["resource_filters.list"], &[&[query("resource", text)]]),
    (&["quota.show"], &[USAGE]),
    (&["limits.show"], &[OF_PROJECT]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v3::TABLES;

    #[test]
    fn every_operation_with_parameters_is_served() {
        for op in QUERIES.iter().flat_map(|(ops, _)| ops.iter()) {
            let mut served = TABLES.iter().copied().flatten();
            assert!(served.any(|endpoint| endpoint.op == *op), "{op}");
        }
    }

    #[test]
    fn a_parameter_is_there_from_its_version_on() {
        assert!(!has_marker("message.list", v3(4)) && has_marker("message.list", v3(5)));
        assert!(!has_marker("limits.show", Version::MAX));
    }
}

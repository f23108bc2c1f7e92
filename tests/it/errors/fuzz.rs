//! Random requests at a running cloud: whatever they are, no answer is a 5xx, every refusal is in the usual
//! envelope, and quota agrees with the rows in the end.

use ashlar_api::Endpoint;
use ashlar_api::v3::TABLES;
use ashlar_testkit::{Client, clean};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

use super::wire::{PROJECT, Request};
use super::{assert_alive, clouds};

/// Requests in one run; `PROPTEST_CASES` can ask for more.
const CASES: u32 = 1_000;

/// Anything that JSON can be, with what bodies of this API are made of in between.
fn anything() -> impl Strategy<Value = Value> {
    let words = vec![
        "available",
        "error",
        "deleting",
        "",
        "1",
        "-1",
        "true",
        "None",
        "__DEFAULT__",
        "nova",
        "\u{0}",
        "é",
        "00000000-0000-4000-8000-000000000001",
        "volume",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..5).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(words).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        (250_usize..260).prop_map(|length| Value::from("x".repeat(length))),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-z_]{0,8}|.{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A right body for each operation that takes one; `None` for the others.
fn right_body(endpoint: &Endpoint, ids: &Ids) -> Option<Value> {
    let metadata = json!({ "key": "value" });
    let connector = json!({ "host": "c", "ip": "192.0.2.1", "initiator": "iqn.x:y", "mode": "rw" });
    let (server, attachment) = (&ids.volumes[0], &ids.attachments[0]);
    let inner = match (endpoint.op, endpoint.action) {
        ("volume.create", _) => json!({
            "size": 1, "name": "a", "description": "b", "availability_zone": "nova",
            "volume_type": "__DEFAULT__", "metadata": metadata, "source_volid": ids.volumes[0],
        }),
        ("volume.update", _) => json!({ "name": "a", "description": "b", "metadata": metadata }),
        ("snapshot.create", _) => json!({
            "volume_id": ids.volumes[0], "name": "a", "description": "b", "force": true,
            "metadata": metadata,
        }),
        ("snapshot.update", _) => json!({ "name": "a", "description": "b" }),
        ("type.create", _) => json!({
            "name": "a", "description": "b", "extra_specs": metadata,
            "os-volume-type-access:is_public": false,
        }),
        ("type.update", _) => json!({ "name": "b", "description": "c", "is_public": true }),
        (_, Some("os-extend")) => json!({ "new_size": 2 }),
        (_, Some("os-reset_status")) => json!({ "status": "error" }),
        (_, Some("os-update_readonly_flag")) => json!({ "readonly": true }),
        (_, Some("os-set_bootable")) => json!({ "bootable": true }),
        (_, Some("os-set_image_metadata")) => json!({ "metadata": metadata }),
        (_, Some("os-unset_image_metadata")) => json!({ "key": "key" }),
        (_, Some("os-update_snapshot_status")) => json!({ "status": "error", "progress": "10%" }),
        ("attachment.create", _) => json!({
            "volume_uuid": ids.volumes[1], "instance_uuid": server, "connector": connector,
            "mode": "ro",
        }),
        ("attachment.update", _) => json!({ "connector": connector }),
        (_, Some("os-attach")) => {
            json!({ "instance_uuid": server, "mountpoint": "/dev/vdb", "mode": "rw" })
        }
        (_, Some("os-detach")) => json!({ "attachment_id": attachment }),
        (_, Some("os-initialize_connection" | "os-terminate_connection")) => {
            json!({ "connector": connector })
        }
        (_, Some("os-force_detach")) => {
            json!({ "connector": connector, "attachment_id": attachment })
        }
        (_, Some("addProjectAccess" | "removeProjectAccess")) => json!({ "project": PROJECT }),
        (_, Some(_)) => Value::Null,
        ("quota.update", _) => json!({ "volumes": -1, "gigabytes": -1, "snapshots": 10 }),
        ("quota_class.update", _) => json!({ "volumes": -1, "gigabytes": "1000" }),
        _ => metadata,
    };
    let key = match (endpoint.op, endpoint.action) {
        (_, Some(action)) => action,
        ("type.extra_specs.update", _) => return Some(inner),
        ("quota.update", _) => "quota_set",
        ("quota_class.update", _) => "quota_class_set",
        ("type.create" | "type.update", _) => "volume_type",
        ("type.extra_specs.create", _) => "extra_specs",
        (op, _) if op.starts_with("service.") => {
            return Some(json!({
                "binary": "cinder-volume", "host": "testhost@sim", "disabled_reason": "x",
            }));
        }
        (op, _) if op.ends_with(".metadata.set") => "meta",
        (op, _) if op.contains(".metadata.") => "metadata",
        (op, _) => op.split('.').next().unwrap_or_default(),
    };
    endpoint.body.map(|_| json!({ key: inner }))
}

/// A right body, as it is or with one random part made something else; or something else altogether.
fn body(right: Option<Value>) -> BoxedStrategy<Option<String>> {
    let Some(right) = right else {
        return prop::option::weighted(0.1, anything().prop_map(|body| body.to_string())).boxed();
    };
    let spoiled = (Just(right.clone()), vec(any::<prop::sample::Index>(), 0..4), anything())
        .prop_map(|(mut body, way, other)| {
            spoil(&mut body, &way, other);
            Some(body.to_string())
        });
    prop_oneof![
        10 => spoiled,
        8 => Just(Some(right.to_string())),
        2 => anything().prop_map(|body| Some(body.to_string())),
        1 => ".{0,200}".prop_map(Some),
        1 => Just(None),
    ]
    .boxed()
}

/// Puts `other` where the way leads, as far as it leads.
fn spoil(body: &mut Value, way: &[prop::sample::Index], other: Value) {
    match (body, way.split_first()) {
        (Value::Object(map), Some((first, rest))) if !map.is_empty() => {
            let at = first.index(map.len());
            let (_, inner) = map.iter_mut().nth(at).expect("an index within");
            spoil(inner, rest, other);
        }
        (Value::Array(items), Some((first, rest))) if !items.is_empty() => {
            let at = first.index(items.len());
            spoil(&mut items[at], rest, other);
        }
        (body, _) => *body = other,
    }
}

/// A segment, or a value of the query, escaped.
fn word(known: Vec<String>) -> BoxedStrategy<String> {
    let words = ["detail", "default", "metadata", "0", "%00", "%ff", "%", "..", PROJECT];
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    prop_oneof![
        20 => select(known),
        2 => select(words),
        1 => vec(any::<u8>(), 0..12).prop_map(|bytes| {
            bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
        }),
    ]
    .boxed()
}

/// The endpoint's path with its names filled in, sometimes with something behind it.
fn path(endpoint: &Endpoint, ids: &Ids) -> impl Strategy<Value = String> + use<> {
    let segments: Vec<BoxedStrategy<String>> = endpoint
        .path
        .split('/')
        .skip(1)
        .map(|segment| match segment.strip_prefix('{') {
            Some(name) => word(ids.named(name.trim_end_matches('}'))),
            None => Just(segment.to_owned()).boxed(),
        })
        .collect();
    let behind = select(vec!["", "", "", "", "", "", "", ".json", "/", "/x"]);
    (segments, behind).prop_map(|(segments, behind)| format!("/{}{behind}", segments.join("/")))
}

fn query(ids: &Ids) -> impl Strategy<Value = String> + use<> {
    let keys = vec![
        "limit",
        "marker",
        "offset",
        "sort",
        "sort_key",
        "sort_dir",
        "all_tenants",
        "with_count",
        "name",
        "name~",
        "status",
        "metadata",
        "bootable",
        "size",
        "created_at",
        "force",
        "cascade",
        "usage",
        "project_id",
        "is_public",
        "extra_specs",
        "detail",
        "volume_type",
        "x",
        "volume_id",
        "glance_metadata",
        "group_id",
        "consumes_quota",
        "availability_zone",
        "binary",
        "host",
    ];
    let values = prop_oneof![
        select(vec![
            "1",
            "0",
            "-1",
            "true",
            "name:asc",
            "name",
            "desc",
            "created_at:asc,id:desc",
            "None",
            "%7B%27a%27:%27b%27%7D",
            "%7B",
            "%5B%27available%27%5D",
            "gt:2020-01-01T00:00:00",
            "gt:x",
            "",
            "%27",
            "99999999999999999999",
        ])
        .prop_map(str::to_owned),
        word(ids.volumes.clone()),
    ];
    vec((select(keys), values), 0..3).prop_map(|pairs| {
        let pairs: Vec<String> =
            pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join("&")
    })
}

fn request(ids: Ids) -> impl Strategy<Value = Request> {
    let endpoints: Vec<&Endpoint> = TABLES.iter().copied().flatten().collect();
    select(endpoints).prop_flat_map(move |endpoint| {
        let own = endpoint.method.as_str().to_owned();
        let other = select(vec!["GET", "POST", "PUT", "DELETE", "PATCH"]).prop_map(str::to_owned);
        let method = prop_oneof![19 => Just(own), 1 => other];
        let minor = prop_oneof![6 => 0_u32..73, 4 => Just(71)];
        let roles = select(vec!["", "", "", "", ":admin", ":member", ":reader", ":none"]);
        (method, path(endpoint, &ids), query(&ids), body(right_body(endpoint, &ids)), minor, roles)
            .prop_map(|(method, path, query, body, minor, roles)| {
                let target = if query.is_empty() { path } else { format!("{path}?{query}") };
                let mut request = Request::new(&method, &target).at(minor);
                for (name, value) in &mut request.headers {
                    if name == "X-Auth-Token" {
                        value.push_str(roles);
                    }
                }
                match body {
                    Some(body) => request.json(body),
                    None => request,
                }
            })
    })
}

/// What there is when it begins, so that requests may find something.
#[derive(Debug, Clone, Default)]
struct Ids {
    volumes: Vec<String>,
    snapshots: Vec<String>,
    types: Vec<String>,
    attachments: Vec<String>,
}

impl Ids {
    /// Enough of everything that some is left after many removals.
    async fn begin(client: &Client) -> Self {
        let mut ids = Self::default();
        for number in 0..8 {
            let volume = client.volume(1).await;
            ids.snapshots.push(client.snapshot(&volume).await);
            ids.volumes.push(volume);
            let named = json!({ "volume_type": { "name": format!("fuzz {number}") } });
            let made = client.post("/types", &named).await.expect(200);
            ids.types.push(ashlar_testkit::make::id_of(&made.body["volume_type"]));
        }
        for number in 0..8 {
            ids.volumes.push(client.volume(number % 2 + 1).await);
        }
        for volume in &ids.volumes[..4] {
            let wish = json!({ "volume_uuid": volume, "instance_uuid": volume });
            let made = client.post("/attachments", &json!({ "attachment": wish })).await;
            let made = ashlar_testkit::make::id_of(&made.expect(200).body["attachment"]);
            ids.attachments.push(made);
        }
        ids
    }

    /// What may stand for a name in a path.
    fn named(&self, name: &str) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match name {
            "volume_id" => self.volumes.clone(),
            "snapshot_id" => self.snapshots.clone(),
            "type_id" => self.types.clone(),
            "attachment_id" => self.attachments.clone(),
            "target_project_id" => words(&[PROJECT]),
            "class" => words(&["default", "other"]),
            "host" => words(&["testhost@sim", "testhost"]),
            "key" => words(&["key", "cipher"]),
            "alias" => words(&["os-hosts"]),
            _ => words(&["00000000-0000-4000-8000-000000000001"]),
        }
    }
}

#[test]
fn no_request_is_answered_with_a_5xx() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for cloud in runtime.block_on(clouds()) {
        let ids = runtime.block_on(Ids::begin(&cloud.client(PROJECT, &[])));
        let defaults = Config::default();
        let cases = defaults.cases.max(CASES);
        let config = Config { cases, failure_persistence: None, ..defaults };
        let outcome = TestRunner::new(config).run(&request(ids), |request| {
            let answer = runtime.block_on(request.send(cloud.address));
            // The precondition of a metadata change fails without a body, as in Cinder.
            let refused = answer.fault().is_some() || answer.status == 412;
            if answer.status < 400 || (answer.status < 500 && refused) {
                return Ok(());
            }
            Err(TestCaseError::fail(format!("{answer:?}")))
        });
        if let Err(failure) = outcome {
            panic!("on {:?}: {failure}", cloud.db.engine());
        }
        runtime.block_on(async {
            assert_alive(&cloud).await;
            cloud.quiet().await;
            let mut tx = cloud.db.read().await.expect("the database answers");
            clean::check_quota(&mut tx, cloud.settings.limits.no_snapshot_gb_quota).await;
        });
    }
}

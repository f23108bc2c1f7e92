//! What the API shows, at each microversion at which it changes: one file of `tests/golden` for each
//! resource.
//!
//! Every probe is asked at all 72 microversions; a file keeps the first answer and each that differs from
//! the one before. What no two runs have alike (identities, times, the port) is replaced by a word, but for
//! what was staged on purpose. `ASHLAR_BLESS=1` rewrites the files; read the difference then, it is the
//! contract with every client.

mod normal;
mod probe;
mod stage;

use ashlar_testkit::{Cloud, Plan, cloud, stored};
use probe::Probe;
use serde_json::json;
use stage::{
    ATTACHMENT, GOLD, GROUP, GROUP_SNAPSHOT, OFFER, PLAIN, PRIVATE, PROJECT, QOS, RICH, SERVER,
    SILVER, SNAPSHOT,
};

/// The newest microversion, 3.N.
const NEWEST: u32 = 71;

/// An idle cloud: what is staged stays as it is.
async fn idle() -> Cloud {
    let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
    Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&unlimited).idle()).await
}

/// An idle cloud with what [`stage::stage`] puts there.
async fn staged() -> Cloud {
    let cloud = idle().await;
    stage::stage(&cloud.db).await;
    cloud
}

/// Asks every probe at every microversion and compares with `tests/golden/<resource>.json`.
async fn check(resource: &str, cloud: &Cloud, probes: &[Probe]) {
    let mut told = Vec::with_capacity(probes.len());
    for probe in probes {
        let mut changes: Vec<(u32, String)> = Vec::new();
        for minor in 0..=NEWEST {
            let shown = probe.ask(cloud, minor).await;
            if changes.last().is_none_or(|(_, before)| *before != shown) {
                changes.push((minor, shown));
            }
        }
        let changes: Vec<String> =
            changes.iter().map(|(minor, shown)| format!("    \"3.{minor}\": {shown}")).collect();
        told.push(format!("  \"{}\": {{\n{}\n  }}", probe.name, changes.join(",\n")));
    }
    let text = format!("{{\n{}\n}}\n", told.join(",\n"));
    stored::check(&format!("tests/golden/{resource}.json"), &text);
}

#[tokio::test]
async fn volumes() {
    let new = json!({ "volume": {
        "size": 1, "name": "new", "description": "made here", "metadata": { "key": "value" },
    } });
    let probes = [
        Probe::get("show", format!("/volumes/{RICH}")),
        Probe::get("show to a member", format!("/volumes/{RICH}")).by_member(),
        Probe::get("show a plain one", format!("/volumes/{PLAIN}")),
        Probe::get("list", "/volumes"),
        Probe::get("list page", "/volumes?limit=1&sort=name:asc"),
        Probe::get("detail", "/volumes/detail"),
        Probe::get("detail with count", "/volumes/detail?limit=1&sort=name:asc&with_count=true"),
        Probe::get("detail to a member", "/volumes/detail").by_member(),
        Probe::get("summary", "/volumes/summary"),
        Probe::get("metadata", format!("/volumes/{RICH}/metadata")),
        Probe::get("metadata key", format!("/volumes/{RICH}/metadata/key")),
        Probe::get("encryption", format!("/volumes/{RICH}/encryption")),
        Probe::get("encryption key", format!("/volumes/{RICH}/encryption/cipher")),
        Probe::get("encryption of a plain one", format!("/volumes/{PLAIN}/encryption")),
        Probe::post(
            "os-show_image_metadata",
            format!("/volumes/{RICH}/action"),
            json!({ "os-show_image_metadata": null }),
        ),
        Probe::put(
            "update",
            format!("/volumes/{PLAIN}"),
            json!({ "volume": { "name": "renamed" } }),
        ),
        Probe::post("create", "/volumes", new),
    ];
    check("volume", &staged().await, &probes).await;
}

#[tokio::test]
async fn snapshots() {
    let new = json!({ "snapshot": {
        "volume_id": PLAIN, "name": "new", "description": "made here",
        "metadata": { "key": "value" },
    } });
    let probes = [
        Probe::get("show", format!("/snapshots/{SNAPSHOT}")),
        Probe::get("show to a member", format!("/snapshots/{SNAPSHOT}")).by_member(),
        Probe::get("list", "/snapshots"),
        Probe::get("detail", "/snapshots/detail"),
        Probe::get("detail with count", "/snapshots/detail?limit=1&with_count=true"),
        Probe::get("metadata", format!("/snapshots/{SNAPSHOT}/metadata")),
        Probe::get("metadata key", format!("/snapshots/{SNAPSHOT}/metadata/key")),
        Probe::put(
            "update",
            format!("/snapshots/{SNAPSHOT}"),
            json!({ "snapshot": { "name": "renamed" } }),
        ),
        Probe::post("create", "/snapshots", new),
    ];
    check("snapshot", &staged().await, &probes).await;
}

#[tokio::test]
async fn attachments() {
    let new = json!({ "attachment": { "volume_uuid": PLAIN, "instance_uuid": SERVER } });
    let read = json!({ "attachment": { "volume_uuid": PLAIN, "mode": "ro" } });
    let both = json!({ "attachment": { "volume_uuid": RICH, "instance_uuid": GOLD } });
    let probes = [
        Probe::get("show", format!("/attachments/{ATTACHMENT}")),
        Probe::get("show to a member", format!("/attachments/{ATTACHMENT}")).by_member(),
        Probe::get("list", "/attachments"),
        Probe::get("list page", "/attachments?limit=1"),
        Probe::get("list of a server", format!("/attachments?instance_id={SERVER}")).by_member(),
        Probe::get("list by what is no column", "/attachments?colour=red"),
        Probe::get("detail", "/attachments/detail"),
        Probe::get("detail to a member", "/attachments/detail").by_member(),
        Probe::post("create", "/attachments", new).undone_in("/attachments"),
        Probe::post("create for reading", "/attachments", read).undone_in("/attachments"),
        Probe::post("create another", "/attachments", both).undone_in("/attachments"),
        Probe::post(
            "complete",
            format!("/attachments/{ATTACHMENT}/action"),
            json!({ "os-complete": null }),
        ),
    ];
    check("attachment", &staged().await, &probes).await;
}

/// What lies on the backend: two things of ours and two of others. The backend itself is asked, so this cloud works.
#[tokio::test]
async fn manageable() {
    let sim = cloud::sim();
    let ours = [format!("volume-{PLAIN}"), format!("snapshot-{SNAPSHOT}")];
    let names = ["disk", "snapshot-old"].into_iter().chain(ours.iter().map(String::as_str));
    for (name, size) in names.zip(1..) {
        assert!(sim.put("pool", name, ashlar_types::Gib(size), b""));
    }
    let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
    let cloud = Cloud::planned(Plan::with_sim(&sim).limits(&unlimited)).await;
    stage::stage(&cloud.db).await;
    let host = format!("{}@sim", cloud::HOST);
    let reference = json!({ "source-name": "nothing" });
    let volume = json!({ "volume": {
        "host": host, "ref": reference, "name": "new", "description": "taken over",
        "metadata": { "key": "value" }, "bootable": true,
    } });
    let snapshot = json!({ "snapshot": {
        "volume_id": PLAIN, "ref": reference, "name": "new", "metadata": { "key": "value" },
    } });
    let mut probes = Vec::new();
    for (of, paths) in [
        ("volumes", ["/manageable_volumes", "/os-volume-manage"]),
        ("snapshots", ["/manageable_snapshots", "/os-snapshot-manage"]),
    ] {
        for (path, name) in paths.into_iter().zip(["", " by the older path"]) {
            let (body, path) = (if of == "volumes" { &volume } else { &snapshot }, path.to_owned());
            let told = |what: &str| -> &'static str { format!("{what} {of}{name}").leak() };
            probes.push(Probe::get(told("list"), format!("{path}?host={host}")));
            probes.push(Probe::get(told("detail"), format!("{path}/detail?host={host}")));
            probes.push(Probe::post(told("manage"), path, body.clone()));
        }
    }
    check("manageable", &cloud, &probes).await;
}

#[tokio::test]
async fn types() {
    let new = json!({ "volume_type": {
        "name": "new", "description": "made here", "extra_specs": { "key": "value" },
    } });
    let probes = [
        Probe::get("show", format!("/types/{GOLD}")),
        Probe::get("show to a member", format!("/types/{GOLD}")).by_member(),
        Probe::get("list", "/types?sort=name:asc"),
        Probe::get("list to a member", "/types?sort=name:asc").by_member(),
        Probe::get("default", "/types/default"),
        Probe::get("extra specs", format!("/types/{GOLD}/extra_specs")),
        Probe::get("extra specs to a member", format!("/types/{GOLD}/extra_specs")).by_member(),
        Probe::get("extra spec", format!("/types/{GOLD}/extra_specs/volume_backend_name")),
        Probe::get("access", format!("/types/{}/os-volume-type-access", stage::PRIVATE)),
        Probe::put(
            "update",
            format!("/types/{GOLD}"),
            json!({ "volume_type": { "description": "changed" } }),
        ),
        Probe::post("create", "/types", new).undone_in("/types"),
    ];
    check("volume_type", &staged().await, &probes).await;
}

#[tokio::test]
async fn group_types() {
    let cloud = staged().await;
    let path = format!("/group_types/{SILVER}");
    let specs = format!("{path}/group_specs");
    let new = json!({ "group_type": {
        "name": "new", "description": "made here", "group_specs": { "key": "value" },
    } });
    let probes = [
        Probe::get("show", &path),
        Probe::get("show to a member", &path).by_member(),
        Probe::get("default", "/group_types/default"),
        Probe::get("list", "/group_types?sort=name:asc"),
        Probe::get("list page", "/group_types?sort=name:asc&limit=1"),
        Probe::get("list to a member", "/group_types?sort=name:asc").by_member(),
        Probe::get("specs", &specs),
        Probe::get("spec", format!("{specs}/consistent_group_snapshot_enabled")),
        Probe::post("set specs", &specs, json!({ "group_specs": { "a": "b" } })),
        Probe::put("set spec", format!("{specs}/a"), json!({ "a": "c" })),
        Probe::put("update", &path, json!({ "group_type": { "description": "changed" } })),
        Probe::post("create", "/group_types", new).undone_in("/group_types"),
    ];
    check("group_type", &cloud, &probes).await;
}

#[tokio::test]
async fn groups() {
    let cloud = staged().await;
    let path = format!("/groups/{GROUP}");
    let probes = [
        Probe::get("show", &path),
        Probe::get("show with volumes", format!("{path}?list_volume=true")),
        Probe::get("show to a member", &path).by_member(),
        Probe::get("list", "/groups"),
        Probe::get("list page", "/groups?limit=1"),
        Probe::get("detail", "/groups/detail?list_volume=true"),
        Probe::get("detail page", "/groups/detail?limit=1"),
        Probe::get("detail to a member", "/groups/detail").by_member(),
        Probe::put("update", &path, json!({ "group": { "description": "changed" } })),
        Probe::post(
            "create of an unknown type",
            "/groups",
            json!({ "group": { "group_type": "unknown", "volume_types": ["gold"] } }),
        ),
    ];
    check("group", &cloud, &probes).await;
}

#[tokio::test]
async fn group_snapshots() {
    let cloud = staged().await;
    let path = format!("/group_snapshots/{GROUP_SNAPSHOT}");
    let new = json!({ "group_snapshot": { "group_id": GROUP, "name": "new" } });
    let probes = [
        Probe::get("show", &path),
        Probe::get("show to a member", &path).by_member(),
        Probe::get("list", "/group_snapshots"),
        Probe::get("list page", "/group_snapshots?limit=1"),
        Probe::get("detail", "/group_snapshots/detail"),
        Probe::get("detail page", "/group_snapshots/detail?limit=1"),
        Probe::get("detail to a member", "/group_snapshots/detail").by_member(),
        Probe::post(
            "reset_status",
            format!("{path}/action"),
            json!({ "reset_status": { "status": "available" } }),
        ),
        Probe::post("create", "/group_snapshots", new),
        Probe::post(
            "create a group of what is not there",
            "/groups/action",
            json!({ "create-from-src": { "source_group_id": PLAIN } }),
        ),
    ];
    check("group_snapshot", &cloud, &probes).await;
}

#[tokio::test]
async fn consistency_groups() {
    let cloud = staged().await;
    let (group, snapshot) =
        (format!("/consistencygroups/{GROUP}"), format!("/cgsnapshots/{GROUP_SNAPSHOT}"));
    let new = json!({ "consistencygroup": { "volume_types": "gold", "name": "new" } });
    let probes = [
        Probe::get("show", &group),
        Probe::get("list", "/consistencygroups"),
        Probe::get("list page", "/consistencygroups?limit=1"),
        Probe::get("detail", "/consistencygroups/detail"),
        Probe::get("detail to a member", "/consistencygroups/detail").by_member(),
        Probe::get("show a snapshot", &snapshot),
        Probe::get("list of snapshots", "/cgsnapshots"),
        Probe::get("detail of snapshots", "/cgsnapshots/detail?limit=1"),
        Probe::put(
            "update with nothing",
            format!("{group}/update"),
            json!({ "consistencygroup": { "name": "" } }),
        ),
        Probe::post("create", "/consistencygroups", new),
    ];
    check("consistency_group", &cloud, &probes).await;
}

#[tokio::test]
async fn transfers() {
    let cloud = staged().await;
    stage::offer(&cloud.db).await;
    let wish = json!({ "transfer": { "volume_id": PLAIN, "name": "new" } });
    let probes = [
        Probe::get("show", format!("/volume-transfers/{OFFER}")),
        Probe::get("show on the older path", format!("/os-volume-transfer/{OFFER}")),
        Probe::get("list", "/volume-transfers"),
        Probe::get("list page", "/volume-transfers?limit=1"),
        Probe::get("list on the older path", "/os-volume-transfer"),
        Probe::get("detail", "/volume-transfers/detail"),
        Probe::get("detail page", "/volume-transfers/detail?limit=1"),
        Probe::get("detail to a member", "/volume-transfers/detail").by_member(),
        Probe::get("detail on the older path", "/os-volume-transfer/detail"),
        Probe::post("create", "/volume-transfers", wish.clone()).undone_in("/volume-transfers"),
        Probe::post("create on the older path", "/os-volume-transfer", wish)
            .undone_in("/os-volume-transfer"),
        Probe::post(
            "accept with a wrong key",
            format!("/volume-transfers/{OFFER}/accept"),
            json!({ "accept": { "auth_key": "wrong" } }),
        ),
    ];
    check("transfer", &cloud, &probes).await;
}

#[tokio::test]
async fn resource_filters() {
    let probes = [
        Probe::get("list", "/resource_filters"),
        Probe::get("list of one", "/resource_filters?resource=volume").by_member(),
        Probe::get("list of an unknown one", "/resource_filters?resource=colour"),
    ];
    check("resource_filter", &idle().await, &probes).await;
}

#[tokio::test]
async fn qos_specs() {
    let path = format!("/qos-specs/{QOS}");
    let new = json!({ "qos_specs": { "name": "new", "consumer": "both", "key": "value" } });
    let probes = [
        Probe::get("show", &path),
        Probe::get("show to a member", &path).by_member(),
        Probe::get("list", "/qos-specs"),
        Probe::get("list page", "/qos-specs?limit=1"),
        Probe::get("associations", format!("{path}/associations")),
        Probe::get("show type", format!("/types/{GOLD}")),
        Probe::put("update", &path, json!({ "qos_specs": { "total_iops_sec": "200" } })),
        Probe::put(
            "remove what is not there",
            format!("{path}/delete_keys"),
            json!({ "keys": ["x"] }),
        ),
        Probe::post("create", "/qos-specs", new).undone_in("/qos-specs"),
    ];
    let cloud = staged().await;
    stage::qos_specs(&cloud.db).await;
    check("qos_specs", &cloud, &probes).await;
}

#[tokio::test]
async fn type_encryption() {
    let path = format!("/types/{GOLD}/encryption");
    let other = format!("/types/{PRIVATE}/encryption");
    let wish = json!({ "encryption": { "provider": "luks", "control_location": "front-end" } });
    let probes = [
        Probe::get("list", &path),
        Probe::get("list to a member", &path).by_member(),
        Probe::get("show", format!("{path}/cipher")),
        Probe::get("show what is not there", format!("{path}/colour")),
        Probe::post("create where volumes are", &path, wish.clone()),
        Probe::post("create what is there", &other, wish.clone()),
        Probe::put("update", format!("{other}/x"), wish),
        Probe::get("list of another", &other),
    ];
    let cloud = staged().await;
    stage::encrypt(&cloud.db).await;
    check("type_encryption", &cloud, &probes).await;
}

#[tokio::test]
async fn default_types() {
    let path = format!("/default-types/{PROJECT}");
    let gold = json!({ "default_type": { "volume_type": "gold" } });
    let probes = [
        Probe::put("set", &path, gold),
        Probe::get("show", &path),
        Probe::get("show to a member", &path).by_member(),
        Probe::get("show of a project without", "/default-types/0123"),
        Probe::get("list", "/default-types"),
        Probe::get("list to a member", "/default-types").by_member(),
    ];
    check("default_type", &staged().await, &probes).await;
}

#[tokio::test]
async fn hosts() {
    let probes = [
        Probe::get("list", "/os-hosts"),
        Probe::get("list to a member", "/os-hosts").by_member(),
        Probe::get("show", "/os-hosts/testhost@sim"),
        Probe::get("show what is not there", "/os-hosts/nowhere"),
        Probe::put("update", "/os-hosts/testhost@sim", json!({ "status": "enable" })),
    ];
    check("host", &staged().await, &probes).await;
}

#[tokio::test]
async fn services() {
    let switch = json!({ "binary": "cinder-volume", "host": "testhost@sim" });
    let reason = json!({
        "binary": "cinder-volume", "host": "testhost@sim", "disabled_reason": "tests",
    });
    let probes = [
        Probe::get("list", "/os-services"),
        Probe::get("list to a member", "/os-services").by_member(),
        Probe::put("disable with reason", "/os-services/disable-log-reason", reason),
        Probe::put("disable", "/os-services/disable", switch.clone()),
        Probe::put("enable", "/os-services/enable", switch),
        Probe::get("zones", "/os-availability-zone"),
        Probe::put(
            "failover_host",
            "/os-services/failover_host",
            json!({ "host": "testhost@sim" }),
        ),
        Probe::put("failover", "/os-services/failover", json!({ "host": "testhost@sim" })),
        Probe::put("get-log", "/os-services/get-log", json!({ "prefix": "ashlar_a" })),
        Probe::put("set-log", "/os-services/set-log", json!({ "level": "debug" })),
        Probe::put("get-log again", "/os-services/get-log", json!({ "prefix": "ashlar_a" })),
    ];
    let cloud = idle().await;
    stage::process(&cloud.db).await;
    check("service", &cloud, &probes).await;
}

#[tokio::test]
async fn clusters() {
    let cloud = idle().await;
    stage::cluster(&cloud.db).await;
    let probes = [
        Probe::get("show", "/clusters/cluster@sim"),
        Probe::get("show what is not there", "/clusters/unknown"),
        Probe::get("list", "/clusters"),
        Probe::get("list to a member", "/clusters").by_member(),
        Probe::get("list of frozen ones", "/clusters?frozen=true"),
        Probe::get("detail", "/clusters/detail"),
        Probe::put(
            "disable",
            "/clusters/disable",
            json!({ "name": "cluster@sim", "disabled_reason": "tests" }),
        ),
        Probe::put("enable", "/clusters/enable", json!({ "name": "cluster@sim" })),
        Probe::post("clean up", "/workers/cleanup", json!({ "is_up": true })),
    ];
    check("cluster", &cloud, &probes).await;
}

#[tokio::test]
async fn pools() {
    let probes = [
        Probe::get("list", "/scheduler-stats/get_pools"),
        Probe::get("detail", "/scheduler-stats/get_pools?detail=true"),
        Probe::get("detail to a member", "/scheduler-stats/get_pools?detail=true").by_member(),
        Probe::get("capabilities", "/capabilities/testhost@sim"),
    ];
    check("pool", &idle().await, &probes).await;
}

#[tokio::test]
async fn quotas() {
    let change = json!({ "quota_set": { "volumes": 20 } });
    let change_class = json!({ "quota_class_set": { "volumes": 30 } });
    let probes = [
        Probe::get("limits", "/limits"),
        Probe::get("limits to a member", "/limits").by_member(),
        Probe::get("show", format!("/os-quota-sets/{PROJECT}")),
        Probe::get("show usage", format!("/os-quota-sets/{PROJECT}?usage=true")),
        Probe::get("show to a member", format!("/os-quota-sets/{PROJECT}")).by_member(),
        Probe::get("defaults", format!("/os-quota-sets/{PROJECT}/defaults")),
        Probe::put("update", format!("/os-quota-sets/{PROJECT}"), change),
        Probe::get("show class", "/os-quota-class-sets/default"),
        Probe::put("update class", "/os-quota-class-sets/default", change_class),
    ];
    // The defaults of the options.
    let limits = [
        ("volumes", 10),
        ("snapshots", 10),
        ("gigabytes", 1000),
        ("backups", 10),
        ("backup_gigabytes", 1000),
        ("groups", 10),
    ];
    let plan = Plan::with_sim(&cloud::sim()).limits(&limits).idle();
    check("quota", &Cloud::planned(plan).await, &probes).await;
}

#[tokio::test]
async fn messages() {
    let cloud = staged().await;
    let id = stage::message(&cloud.db).await;
    let probes = [
        Probe::get("list", "/messages"),
        Probe::get("list page", "/messages?limit=1"),
        Probe::get("list to a member", "/messages").by_member(),
        Probe::get("show", format!("/messages/{id}")),
    ];
    check("message", &cloud, &probes).await;
}

#[tokio::test]
async fn versions_and_extensions() {
    let probes = [
        Probe::get("root", "/").at_root(),
        Probe::get("v3", "/v3/").at_root(),
        Probe::get("extensions", "/extensions"),
        Probe::get("extension", "/extensions/os-hosts"),
    ];
    check("version", &idle().await, &probes).await;
}

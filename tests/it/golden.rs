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
use stage::{ATTACHMENT, GOLD, PLAIN, PROJECT, RICH, SERVER, SNAPSHOT};

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
    ];
    check("service", &idle().await, &probes).await;
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

//! Taking over what lies on a backend, letting go of what is ours, and what can be managed.

mod files;
mod refused;

use std::sync::Arc;

use ashlar_db::testing;
use ashlar_drivers::sim::Sim;
use ashlar_testkit::cloud::HOST;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use ashlar_types::Gib;
use serde_json::{Value, json};

/// `host@backend`, of the `sim` backend.
fn sim_host() -> String {
    format!("{HOST}@sim")
}

fn reference(name: &str) -> Value {
    json!({ "source-name": name })
}

/// Asks for what has this name to become a volume.
async fn manage(client: &Client, host: &str, name: &str) -> Answer {
    let volume = json!({ "host": host, "ref": reference(name), "name": "managed" });
    client.post("/manageable_volumes", &json!({ "volume": volume })).await
}

/// The same, waited for. Its id.
async fn managed(client: &Client, host: &str, name: &str) -> String {
    let made = manage(client, host, name).await.expect(202);
    let id = id_of(&made.body["volume"]);
    client.wait_for("volumes", &id, "available").await;
    id
}

/// Asks for what has this name to become a snapshot of the volume, and waits for that. Its id.
async fn managed_snapshot(client: &Client, volume: &str, name: &str) -> String {
    let wish = json!({ "volume_id": volume, "ref": reference(name) });
    let made = client.post("/manageable_snapshots", &json!({ "snapshot": wish })).await;
    let id = id_of(&made.expect(202).body["snapshot"]);
    client.wait_for("snapshots", &id, "available").await;
    id
}

async fn unmanage(client: &Client, kind: &str, id: &str) -> Answer {
    client.post(&format!("/{kind}/{id}/action"), &json!({ "os-unmanage": null })).await
}

/// What is listed, by name.
async fn listed(client: &Client, what: &str, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/manageable_{what}/detail?{query}")).await.expect(200);
    answer.body[format!("manageable-{what}")].as_array().expect("a list").clone()
}

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().map(|it| it["reference"]["source-name"].as_str().expect("a name")).collect()
}

/// Volumes and gigabytes that the client's project uses.
async fn usage(client: &Client) -> (i64, i64) {
    let path = format!("/os-quota-sets/{}?usage=true", client.project);
    let set = client.get(&path).await.expect(200).body["quota_set"].clone();
    let used = |name: &str| set[name]["in_use"].as_i64().expect("a number");
    (used("volumes"), used("gigabytes"))
}

fn with_disks(disks: &[(&str, u64)]) -> (Sim, Plan) {
    let sim = cloud::sim();
    for (name, size) in disks {
        assert!(sim.put("pool", name, Gib(*size), name.as_bytes()));
    }
    let plan = Plan::with_sim(&sim);
    (sim, plan)
}

#[tokio::test]
async fn what_lies_on_a_backend_becomes_a_volume_and_may_be_let_go_and_taken_over_again() {
    for place in testing::databases().await {
        let (sim, plan) = with_disks(&[("disk", 3)]);
        let cloud = Cloud::on(place, plan).await;
        let admin = cloud.admin();
        let found = listed(&admin, "volumes", &format!("host={}", sim_host())).await;
        assert_eq!(
            found,
            [json!({
                "reference": reference("disk"), "size": 3, "safe_to_manage": true,
                "reason_not_safe": null, "cinder_id": null, "extra_info": null,
            })]
        );
        let made = manage(&admin, &sim_host(), "disk").await.expect(202);
        let shown = &made.body["volume"];
        assert_eq!((&shown["status"], &shown["size"]), (&json!("creating"), &json!(0)));
        assert!(shown.get("group_id").is_none(), "the form is the oldest: {shown}");
        let id = id_of(shown);
        let shown = admin.wait_for("volumes", &id, "available").await;
        assert_eq!((&shown["size"], &shown["name"]), (&json!(3), &json!("managed")));
        assert_eq!(shown["os-vol-host-attr:host"], format!("{}#pool", sim_host()));
        let name = format!("volume-{id}");
        assert_eq!(sim.read("pool", &name).expect("it has our name"), b"disk");
        assert_eq!(usage(&admin).await, (1, 3));

        let found = listed(&admin, "volumes", &format!("host={}", sim_host())).await;
        assert_eq!(names(&found), [name.as_str()]);
        assert_eq!(
            (&found[0]["safe_to_manage"], &found[0]["reason_not_safe"], &found[0]["cinder_id"]),
            (&json!(false), &json!("already managed"), &json!(id))
        );
        let twice = manage(&admin, &sim_host(), &name).await.expect(400);
        assert!(twice.message().contains("already managed"), "{}", twice.body);
        cloud.check().await;

        let _ = unmanage(&admin, "volumes", &id).await.expect(202);
        admin.wait_gone("volumes", &id).await;
        cloud.quiet().await;
        assert_eq!(usage(&admin).await, (0, 0));
        assert_eq!(sim.read("pool", &name).expect("it keeps name and content"), b"disk");
        let found = listed(&admin, "volumes", &format!("host={}", sim_host())).await;
        assert_eq!(
            (found[0]["safe_to_manage"].as_bool(), names(&found)),
            (Some(true), vec![name.as_str()])
        );
        let again = managed(&admin, &format!("{}#pool", sim_host()), &name).await;
        assert_eq!(sim.names("pool"), [format!("volume-{again}")]);
        cloud.check().await;
        let _ = admin.delete(&format!("/volumes/{again}")).await.expect(202);
        admin.wait_gone("volumes", &again).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_snapshot_is_managed_and_let_go_like_a_volume() {
    for place in testing::databases().await {
        let (sim, plan) = with_disks(&[("old-snapshot", 2)]);
        let cloud = Cloud::on(place, plan).await;
        let admin = cloud.admin();
        let volume = admin.volume(1).await;
        let wish = json!({ "volume_id": volume, "ref": reference("old-snapshot"), "name": "s" });
        let body = json!({ "snapshot": wish });
        let made = admin.post("/os-snapshot-manage", &body).await.expect(202);
        let id = id_of(&made.body["snapshot"]);
        let shown = admin.wait_for("snapshots", &id, "available").await;
        assert_eq!((&shown["size"], &shown["name"]), (&json!(2), &json!("s")));
        assert_eq!(usage(&admin).await, (1, 3));
        let name = format!("snapshot-{id}");
        assert_eq!(sim.read("pool", &name).expect("it has our name"), b"old-snapshot");
        let query = format!("host={}", sim_host());
        let of_volume = reference(&format!("volume-{volume}"));
        let found = listed(&admin, "snapshots", &query).await;
        assert_eq!(
            found,
            [json!({
                "reference": reference(&name), "size": 2, "safe_to_manage": false,
                "reason_not_safe": "already managed", "cinder_id": id, "extra_info": null,
                "source_reference": of_volume,
            })]
        );
        cloud.check().await;
        let _ = unmanage(&admin, "snapshots", &id).await.expect(202);
        admin.wait_gone("snapshots", &id).await;
        cloud.quiet().await;
        assert_eq!(usage(&admin).await, (1, 1));
        let found = listed(&admin, "snapshots", &query).await;
        let safe = (&found[0]["safe_to_manage"], &found[0]["source_reference"]);
        assert_eq!(safe, (&json!(true), &of_volume));
        let again = managed_snapshot(&admin, &volume, &name).await;
        cloud.check().await;
        let made = admin.volume_of(json!({ "size": 2, "snapshot_id": again })).await;
        assert_eq!(sim.read("pool", &format!("volume-{made}")).expect("made"), b"old-snapshot");
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_list_has_pages_and_an_order() {
    let (_sim, plan) = with_disks(&[("b", 2), ("a", 1), ("d", 1), ("c", 3)]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let told = async |query: &str| {
        let query = format!("host={}&{query}", sim_host());
        names(&listed(&admin, "volumes", &query).await).concat()
    };
    assert_eq!(told("").await, "dcba");
    assert_eq!(told("sort=reference:asc").await, "abcd");
    assert_eq!(told("sort=size:asc,reference:desc&limit=3").await, "dab");
    assert_eq!(told("sort_key=size&sort_dir=desc&offset=1&limit=2").await, "ba");
    let marker = "marker=%7B%22source-name%22%3A%22b%22%7D";
    assert_eq!(told(&format!("sort=reference:asc&{marker}")).await, "cd");
    assert_eq!(told(&format!("sort=reference:asc&{marker}&limit=1")).await, "c");
    assert_eq!(told("limit=0").await, "");
    let path = |query: &str| format!("/os-volume-manage?host={}&{query}", sim_host());
    let brief = admin.at(0).get(&path("limit=1")).await.expect(200).body;
    let only = json!({ "reference": reference("d"), "size": 1, "safe_to_manage": true });
    assert_eq!(brief, json!({ "manageable-volumes": [only] }));
    let missing = admin.get(&path("marker=%7B%22source-name%22%3A%22x%22%7D")).await.expect(400);
    assert!(missing.message().contains("marker not found"), "{}", missing.body);
    for wrong in ["marker=x", "sort=name", "sort=size:up", "limit=-1", "offset=x"] {
        let _ = admin.get(&path(wrong)).await.expect(400);
    }
    let elsewhere = format!("/manageable_volumes?host={}%23other", sim_host());
    assert_eq!(admin.get(&elsewhere).await.expect(200).body, json!({ "manageable-volumes": [] }));
}

#[tokio::test]
async fn two_who_want_the_same_get_it_once() {
    let (_sim, plan) = with_disks(&[("disk", 1)]);
    let cloud = Arc::new(Cloud::planned(plan).await);
    let admin = cloud.admin();
    let host = sim_host();
    let (first, second) =
        tokio::join!(manage(&admin, &host, "disk"), manage(&admin, &host, "disk"));
    let mut ends = Vec::new();
    for made in [first, second] {
        let id = id_of(&made.expect(202).body["volume"]);
        let settled = admin.settled("volumes", &id).await.expect("it is there");
        ends.push(settled["status"].as_str().unwrap_or_default().to_owned());
    }
    ends.sort_unstable();
    assert_eq!(ends, ["available", "error"]);
    assert_eq!(usage(&admin).await, (1, 1), "what failed counts for nothing");
    cloud.check().await;
}

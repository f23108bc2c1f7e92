//! Attaching and detaching through the API: the calls that Nova, Glance and older clients make, one after the other, on
//! a simulated backend, and every refusal with its code.

mod older;

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// A server.
const SERVER: &str = "11111111-2222-4333-8444-555555555555";
/// Another one.
const OTHER: &str = "66666666-7777-4888-8999-aaaaaaaaaaaa";

/// What os-brick says of a host.
fn connector(host: &str) -> Value {
    json!({
        "host": host, "ip": "192.0.2.7", "initiator": format!("iqn.1993-08.org.debian:{host}"),
        "multipath": false, "platform": "x86_64", "os_type": "linux", "mountpoint": "/dev/vdb",
    })
}

/// Asks for an attachment with these fields.
async fn attach(client: &Client, attachment: Value) -> Answer {
    client.post("/attachments", &json!({ "attachment": attachment })).await
}

/// Keeps the volume for the server. The attachment's id.
async fn reserve(client: &Client, volume: &str, server: &str) -> String {
    let made = attach(client, json!({ "volume_uuid": volume, "instance_uuid": server })).await;
    id_of(&made.expect(200).body["attachment"])
}

/// Connects the host to the attachment's volume.
async fn connect(client: &Client, attachment: &str, host: &str) -> Answer {
    let body = json!({ "attachment": { "connector": connector(host) } });
    client.put(&format!("/attachments/{attachment}"), &body).await
}

async fn complete(client: &Client, attachment: &str) -> Answer {
    client.post(&format!("/attachments/{attachment}/action"), &json!({ "os-complete": null })).await
}

async fn detach(client: &Client, attachment: &str) -> Answer {
    client.delete(&format!("/attachments/{attachment}")).await
}

async fn attachment(client: &Client, id: &str) -> Value {
    client.get(&format!("/attachments/{id}")).await.expect(200).body["attachment"].clone()
}

async fn volume(client: &Client, id: &str) -> Value {
    client.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone()
}

/// Status of the volume.
async fn status(client: &Client, id: &str) -> String {
    volume(client, id).await["status"].as_str().expect("a volume has a status").to_owned()
}

/// A volume that several servers may have.
async fn shareable(cloud: &Cloud, member: &Client) -> String {
    let admin = cloud.client(&member.project, &[]);
    let specs = json!({ "multiattach": "<is> True" });
    let body = json!({ "volume_type": { "name": "shared", "extra_specs": specs } });
    let _ = admin.post("/types", &body).await.expect(200);
    member.volume_of(json!({ "size": 1, "volume_type": "shared" })).await
}

#[tokio::test]
async fn a_server_gets_a_volume_and_gives_it_back_on_every_database() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member().at(44);
        let id = member.volume(1).await;
        let made = reserve(&member, &id, SERVER).await;
        assert_eq!(status(&member, &id).await, "reserved");
        assert_eq!(volume(&member, &id).await["attachments"], json!([]));

        let told = connect(&member, &made, "compute-1").await.expect(200).body;
        let info = &told["attachment"]["connection_info"];
        assert!(info["driver_volume_type"].is_string(), "{info}");
        assert_eq!(info["attachment_id"], json!(made));
        assert_eq!((&info["access_mode"], &info["encrypted"]), (&json!("rw"), &json!(false)));
        assert_eq!(attachment(&member, &made).await["connection_info"], *info);
        assert_eq!(attachment(&member, &made).await["status"], "attaching");
        assert_eq!(status(&member, &id).await, "attaching");

        assert_eq!(complete(&member, &made).await.expect(204).body, Value::Null);
        let seen = volume(&member, &id).await;
        assert_eq!(seen["status"], "in-use");
        let shown = &seen["attachments"][0];
        assert_eq!((&shown["server_id"], &shown["attachment_id"]), (&json!(SERVER), &json!(made)));
        assert_eq!((&shown["id"], &shown["device"]), (&json!(id), &json!("/dev/vdb")));
        assert_eq!(shown["host_name"], Value::Null);
        let admin = cloud.client(&member.project, &[]);
        assert_eq!(volume(&admin, &id).await["attachments"][0]["host_name"], "compute-1");
        assert_eq!(attachment(&member, &made).await["status"], "attached");
        let _ = member.delete(&format!("/volumes/{id}")).await.expect(400);

        // Without a compute service to ask, the service's token says who detaches.
        let nova = cloud.client(&member.project, &["member", "service"]).at(44);
        assert_eq!(detach(&nova, &made).await.expect(200).body, json!({ "attachments": [] }));
        assert_eq!(status(&member, &id).await, "available");
        assert_eq!(volume(&member, &id).await["attachments"], json!([]));
        let message = detach(&member, &made).await.expect(404).message();
        assert_eq!(
            message,
            format!("Volume attachment could not be found with filter: attachment_id = {made}.")
        );
        let _ = member.delete(&format!("/volumes/{id}")).await.expect(202);
        member.wait_gone("volumes", &id).await;
    }
}

#[tokio::test]
async fn an_attachment_with_a_connector_is_connected_at_once() {
    let cloud = Cloud::start().await;
    let member = cloud.member().at(54);
    let id = member.volume(1).await;
    let wish = json!({ "volume_uuid": id, "connector": connector("glance-1"), "mode": "ro" });
    let made = attach(&member, wish).await.expect(200).body["attachment"].clone();
    // As Cinder answers, though it is further by now.
    assert_eq!(made["status"], "reserved");
    assert_eq!((&made["attach_mode"], &made["instance"]), (&json!("ro"), &Value::Null));
    assert_eq!(made["connection_info"]["access_mode"], "ro");
    let made = id_of(&made);
    assert_eq!(attachment(&member, &made).await["status"], "attaching");
    let _ = complete(&member, &made).await.expect(204);
    // No server has it, so there is nobody to ask.
    let _ = detach(&member, &made).await.expect(200);
    assert_eq!(status(&member, &id).await, "available");
}

#[tokio::test]
async fn microversions_gate_the_resource_completing_and_the_mode() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let wish = json!({ "volume_uuid": id });
    let _ = attach(&member.at(26), wish.clone()).await.expect(404);
    let made = attach(&member.at(27), wish).await.expect(200);
    let made = id_of(&made.body["attachment"]);
    let _ = complete(&member.at(43), &made).await.expect(404);
    let _ = member.at(26).get(&format!("/attachments/{made}")).await.expect(404);
    let _ = detach(&member.at(27), &made).await.expect(200);
    let wish = json!({ "volume_uuid": id, "mode": "ro" });
    let message = attach(&member.at(53), wish.clone()).await.expect(400).message();
    assert!(message.contains("('mode' was unexpected)"), "{message}");
    let made = attach(&member.at(54), wish).await.expect(200);
    assert_eq!(made.body["attachment"]["attach_mode"], "ro");
}

#[tokio::test]
async fn a_volume_is_one_servers_unless_its_type_says_otherwise() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let _ = reserve(&member, &id, SERVER).await;
    let wish = json!({ "volume_uuid": id, "instance_uuid": OTHER });
    let message = attach(&member, wish).await.expect(400).message();
    assert!(message.starts_with("Invalid volume: "), "{message}");
    assert!(message.contains("reserved"), "{message}");

    let id = shareable(&cloud, &member).await;
    let first = reserve(&member, &id, SERVER).await;
    let _ = connect(&member, &first, "compute-1").await.expect(200);
    let _ = complete(&member, &first).await.expect(204);
    let second = reserve(&member, &id, OTHER).await;
    assert_eq!(status(&member, &id).await, "reserved");
    let _ = connect(&member, &second, "compute-2").await.expect(200);
    let _ = complete(&member, &second).await.expect(204);
    assert_eq!(volume(&member, &id).await["attachments"].as_array().map(Vec::len), Some(2));

    let nova = member.with_roles(&["member", "service"]);
    let left = detach(&nova, &first).await.expect(200).body;
    let summary = json!({ "id": second, "status": "attached", "instance": OTHER, "volume_id": id });
    assert_eq!(left, json!({ "attachments": [summary] }));
    assert_eq!(status(&member, &id).await, "in-use");
    assert_eq!(detach(&nova, &second).await.expect(200).body, json!({ "attachments": [] }));
    assert_eq!(status(&member, &id).await, "available");
}

#[tokio::test]
async fn a_server_that_moves_has_its_volume_twice_for_a_while() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let here = reserve(&member, &id, SERVER).await;
    let _ = connect(&member, &here, "compute-1").await.expect(200);
    let _ = complete(&member, &here).await.expect(204);
    let there = reserve(&member, &id, SERVER).await;
    assert_eq!(status(&member, &id).await, "in-use");
    let nova = member.with_roles(&["member", "service"]);
    let _ = detach(&nova, &there).await.expect(200);
    assert_eq!(status(&member, &id).await, "in-use");
    let _ = detach(&nova, &here).await.expect(200);
    assert_eq!(status(&member, &id).await, "available");
}

#[tokio::test]
async fn a_read_only_volume_is_attached_for_reading() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let flag = json!({ "readonly": true });
    let _ = member.act(&id, "os-update_readonly_flag", flag).await.expect(202);
    let wish = json!({ "volume_uuid": id, "connector": connector("c"), "mode": "rw" });
    let made = attach(&member, wish).await.expect(200);
    // What the volume says counts more than the request.
    assert_eq!(made.body["attachment"]["attach_mode"], "ro");
    let seen = volume(&member, &id).await;
    assert_eq!(seen["metadata"]["readonly"], "True");
}

#[tokio::test]
async fn another_projects_attachment_is_not_there() {
    let cloud = Cloud::start().await;
    let (member, stranger) = (cloud.member(), cloud.member());
    let id = member.volume(1).await;
    // In Cinder it takes no more than a volume of one's own to read everybody's attachments.
    let _ = stranger.volume(1).await;
    let made = reserve(&member, &id, SERVER).await;
    let path = format!("/attachments/{made}");
    for answer in [
        stranger.get(&path).await,
        connect(&stranger, &made, "c").await,
        complete(&stranger, &made).await,
        detach(&stranger, &made).await,
        attach(&stranger, json!({ "volume_uuid": id })).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.body);
    }
    assert_eq!(stranger.get("/attachments").await.expect(200).body, json!({ "attachments": [] }));
    let mine = member.get("/attachments/detail").await.expect(200).body;
    assert_eq!(mine["attachments"].as_array().map(Vec::len), Some(1));
    assert_eq!(attachment(&member, &made).await["status"], "reserved");
}

#[tokio::test]
async fn a_shared_volume_has_rules_of_its_own() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = shareable(&cloud, &member).await;
    let reader = member.with_roles(&["reader"]);
    let body = json!({ "volume": { "size": 1, "volume_type": "shared" } });
    let _ = reader.post("/volumes", &body).await.expect(403);
    let _ = member.act(&id, "os-set_bootable", json!({ "bootable": true })).await.expect(200);
    for server in [SERVER, OTHER] {
        let made = reserve(&member, &id, server).await;
        let _ = connect(&member, &made, server).await.expect(200);
        let _ = complete(&member, &made).await.expect(204);
    }
    assert_eq!(status(&member, &id).await, "in-use");
}

#[tokio::test]
async fn an_attachment_of_a_volume_in_error_is_neither_made_nor_connected() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let admin = cloud.client(&member.project, &[]);
    let id = member.volume(1).await;
    let made = reserve(&member, &id, SERVER).await;
    let error = json!({ "status": "error" });
    let _ = admin.act(&id, "os-reset_status", error).await.expect(202);
    let message = connect(&member, &made, "c").await.expect(409).message();
    assert!(message.contains("error state"), "{message}");
    let _ = attach(&member, json!({ "volume_uuid": id })).await.expect(400);
}

//! The older way, by actions on the volume: reserve, initialize, attach; begin detaching, terminate, detach.

use ashlar_testkit::{Answer, Client, Cloud};
use serde_json::{Value, json};

use super::{OTHER, SERVER, connector, shareable, status, volume};

async fn act(client: &Client, id: &str, action: &str, value: Value) -> Answer {
    client.act(id, action, value).await
}

/// Attaches the volume to the server as older releases of Nova did.
async fn attach(client: &Client, id: &str, server: &str, host: &str) {
    let _ = act(client, id, "os-reserve", Value::Null).await.expect(202);
    assert_eq!(status(client, id).await, "attaching");
    let wish = json!({ "connector": connector(host) });
    let told = act(client, id, "os-initialize_connection", wish).await.expect(200);
    assert!(told.body["connection_info"]["driver_volume_type"].is_string(), "{}", told.body);
    let wish = json!({ "instance_uuid": server, "mountpoint": "/dev/vdc", "mode": "rw" });
    assert_eq!(act(client, id, "os-attach", wish).await.expect(202).body, Value::Null);
    assert_eq!(status(client, id).await, "in-use");
}

#[tokio::test]
async fn a_server_gets_a_volume_and_gives_it_back() {
    let cloud = Cloud::start().await;
    let member = cloud.member().at(0);
    let nova = member.with_roles(&["member", "service"]);
    let id = member.volume(1).await;
    attach(&member, &id, SERVER, "compute-1").await;
    let seen = volume(&member, &id).await;
    assert_eq!(seen["attachments"][0]["server_id"], SERVER);
    assert_eq!(seen["attachments"][0]["device"], "/dev/vdc");
    assert_eq!(seen["metadata"]["attached_mode"], "rw");

    let _ = act(&member, &id, "os-begin_detaching", Value::Null).await.expect(202);
    assert_eq!(status(&member, &id).await, "detaching");
    let _ = act(&member, &id, "os-roll_detaching", Value::Null).await.expect(202);
    assert_eq!(status(&member, &id).await, "in-use");
    let _ = act(&member, &id, "os-begin_detaching", Value::Null).await.expect(202);
    let wish = json!({ "connector": connector("compute-1") });
    let _ = act(&nova, &id, "os-terminate_connection", wish).await.expect(202);
    let _ = act(&nova, &id, "os-detach", Value::Null).await.expect(202);
    let seen = volume(&member, &id).await;
    assert_eq!((&seen["status"], &seen["attachments"]), (&json!("available"), &json!([])));
    assert!(seen["metadata"].get("attached_mode").is_none());
}

#[tokio::test]
async fn a_connection_is_told_with_what_the_connector_said() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let mut host = connector("compute-1");
    host["enforce_multipath"] = json!(true);
    let wish = json!({ "connector": host });
    let told = act(&member, &id, "os-initialize_connection", wish).await.expect(200).body;
    let info = &told["connection_info"];
    assert_eq!(info["enforce_multipath"], true);
    assert_eq!(
        (&info["data"]["access_mode"], &info["data"]["encrypted"]),
        (&json!("rw"), &json!(false))
    );
    for wrong in [json!({}), json!({ "connector": null }), json!({ "connector": "host" })] {
        let _ = act(&member, &id, "os-initialize_connection", wrong).await.expect(400);
    }
    let _ = act(&member, &id, "os-terminate_connection", json!({})).await.expect(400);
}

#[tokio::test]
async fn a_reserved_volume_is_let_go_by_either_word() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    for (action, value) in [
        ("os-unreserve", Value::Null),
        ("os-terminate_connection", json!({ "connector": connector("c") })),
    ] {
        let _ = act(&member, &id, "os-reserve", json!({})).await.expect(202);
        let _ = act(&member, &id, "os-reserve", json!({})).await.expect(400);
        let _ = act(&member, &id, action, value).await.expect(202);
        assert_eq!(status(&member, &id).await, "available", "{action}");
    }
}

#[tokio::test]
async fn an_attach_names_a_server_or_a_host() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let admin = cloud.client(&member.project, &[]);
    let id = member.volume(1).await;
    for wrong in [
        json!({ "mountpoint": "/dev/vdb" }),
        json!({ "instance_uuid": SERVER }),
        json!({ "instance_uuid": "x", "mountpoint": "/dev/vdb" }),
        json!({ "instance_uuid": SERVER, "mountpoint": "" }),
        json!({ "instance_uuid": SERVER, "mountpoint": "/dev/vdb", "mode": "x" }),
    ] {
        let answer = act(&member, &id, "os-attach", wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let wish = json!({ "host_name": "backup-1", "mountpoint": "/mnt" });
    let _ = act(&member, &id, "os-attach", wish).await.expect(202);
    let seen = volume(&admin, &id).await["attachments"][0].clone();
    assert_eq!((&seen["host_name"], &seen["server_id"]), (&json!("backup-1"), &Value::Null));
    let _ = act(&member, &id, "os-detach", json!({})).await.expect(202);
    assert_eq!(status(&member, &id).await, "available");
}

#[tokio::test]
async fn a_read_only_volume_is_not_attached_for_writing() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let flag = json!({ "readonly": true });
    let _ = act(&member, &id, "os-update_readonly_flag", flag).await.expect(202);
    let wish =
        |mode: &str| json!({ "instance_uuid": SERVER, "mountpoint": "/dev/vdb", "mode": mode });
    let _ = act(&member, &id, "os-attach", wish("rw")).await.expect(400);
    let _ = act(&member, &id, "os-attach", wish("ro")).await.expect(202);
    assert_eq!(volume(&member, &id).await["metadata"]["attached_mode"], "ro");
}

#[tokio::test]
async fn of_several_attachments_the_one_to_go_must_be_named() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = shareable(&cloud, &member).await;
    attach(&member, &id, SERVER, "compute-1").await;
    attach(&member, &id, OTHER, "compute-2").await;
    let _ = act(&member, &id, "os-detach", json!({ "attachment_id": null })).await.expect(409);
    let seen = volume(&member, &id).await["attachments"].clone();
    let first = seen[0]["attachment_id"].clone();
    let _ = act(&member, &id, "os-detach", json!({ "attachment_id": first })).await.expect(202);
    assert_eq!(status(&member, &id).await, "in-use");
    let _ = act(&member, &id, "os-detach", json!({})).await.expect(202);
    assert_eq!(status(&member, &id).await, "available");
}

#[tokio::test]
async fn an_administrator_detaches_by_force() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    attach(&member, &id, SERVER, "compute-1").await;
    let _ = act(&member, &id, "os-force_detach", json!({})).await.expect(403);
    let seen = volume(&member, &id).await["attachments"][0]["attachment_id"].clone();
    let admin = cloud.client(&member.project, &["admin", "service"]);
    let wish = json!({ "attachment_id": seen, "connector": connector("compute-1") });
    let _ = act(&admin, &id, "os-force_detach", wish).await.expect(202);
    let seen = volume(&member, &id).await;
    assert_eq!((&seen["status"], &seen["attachments"]), (&json!("available"), &json!([])));
}

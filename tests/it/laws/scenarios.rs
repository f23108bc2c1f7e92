//! Each operation as a user asks for it: what is there before, the request, and how it ended.

mod group_snapshots;
mod groups;
mod manage;

use ashlar_flow::BoxFuture;
use ashlar_testkit::Client;
use ashlar_testkit::make::id_of;
use serde_json::json;

/// Name of the image that there is.
pub(super) const IMAGE: &str = "laws";

/// How an operation ended for its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As asked.
    Done,
    /// Not done, and the resource says so.
    Undone,
}

/// Identities that the request needs: a volume and perhaps a snapshot or an attachment of it.
pub(super) struct Prepared {
    volume: String,
    snapshot: String,
}

type Prepare = fn(Client) -> BoxFuture<'static, Prepared>;
type Act = fn(Client, Prepared) -> BoxFuture<'static, End>;

/// One way of asking for an operation.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) flow: &'static str,
    pub(super) prepare: Prepare,
    pub(super) act: Act,
}

fn nothing(_: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async { Prepared { volume: String::new(), snapshot: String::new() } })
}

fn a_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move { Prepared { volume: client.volume(1).await, snapshot: String::new() } })
}

fn a_snapshot(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let volume = client.volume(1).await;
        let snapshot = client.snapshot(&volume).await;
        Prepared { volume, snapshot }
    })
}

/// The volume or snapshot became available, or says `error`.
async fn made(client: &Client, kind: &str, id: &str) -> End {
    let settled = client.settled(kind, id).await.expect("what was made is there");
    match settled["status"].as_str() {
        Some("available") => End::Done,
        Some("error") => End::Undone,
        other => panic!("unexpected status {other:?}"),
    }
}

/// The volume or snapshot is gone, or says `error_deleting`.
async fn removed(client: &Client, kind: &str, id: &str) -> End {
    match client.settled(kind, id).await {
        None => End::Done,
        Some(left) => {
            assert_eq!(left["status"], "error_deleting", "{left}");
            End::Undone
        }
    }
}

async fn create(client: Client, volume: serde_json::Value) -> End {
    let made_volume = client.create_volume(volume).await;
    made(&client, "volumes", &id_of(&made_volume)).await
}

fn create_blank(client: Client, _: Prepared) -> BoxFuture<'static, End> {
    Box::pin(create(client, json!({ "size": 2 })))
}

fn create_from_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(create(client, json!({ "size": 2, "snapshot_id": there.snapshot })))
}

fn create_from_volume(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(create(client, json!({ "source_volid": there.volume })))
}

fn create_from_image(client: Client, _: Prepared) -> BoxFuture<'static, End> {
    Box::pin(create(client, json!({ "size": 1, "imageRef": IMAGE })))
}

/// The volume is free again either way; its owner is told when there is no image.
fn upload(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "image_name": "copy", "disk_format": "qcow2" });
        let _ = client.act(&there.volume, "os-volume_upload_image", wish).await.expect(202);
        client.wait_for("volumes", &there.volume, "available").await;
        let told = client.get("/messages").await.expect(200);
        match told.body["messages"].as_array().map(Vec::len) {
            Some(0) => End::Done,
            _ => End::Undone,
        }
    })
}

fn extend(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let id = there.volume;
        let _ = client.act(&id, "os-extend", json!({ "new_size": 3 })).await.expect(202);
        let settled = client.settled("volumes", &id).await.expect("the volume is there");
        match (settled["status"].as_str(), settled["size"].as_u64()) {
            (Some("available"), Some(3)) => End::Done,
            (Some("available" | "error_extending"), Some(1)) => End::Undone,
            other => panic!("unexpected status and size {other:?}"),
        }
    })
}

fn revert(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "snapshot_id": there.snapshot });
        let _ = client.act(&there.volume, "revert", wish).await.expect(202);
        let end = made(&client, "volumes", &there.volume).await;
        client.wait_for("snapshots", &there.snapshot, "available").await;
        end
    })
}

/// A blank volume and an image. What is prepared is the image, which some volume was made from.
fn a_volume_and_an_image(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let other = client.volume_of(json!({ "size": 1, "imageRef": IMAGE })).await;
        let shown = client.get(&format!("/volumes/{other}")).await.expect(200).body;
        let image = shown["volume"]["volume_image_metadata"]["image_id"].as_str();
        let snapshot = image.expect("it knows its image").to_owned();
        Prepared { volume: client.volume(1).await, snapshot }
    })
}

/// A volume that has the image can be booted from.
fn reimage(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let wish = json!({ "image_id": there.snapshot });
        let _ = client.act(&there.volume, "os-reimage", wish).await.expect(202);
        let settled = client.settled("volumes", &there.volume).await.expect("the volume is there");
        match (settled["status"].as_str(), settled["bootable"].as_str()) {
            (Some("available"), Some("true")) => End::Done,
            (Some("available" | "error"), Some("false")) => End::Undone,
            other => panic!("unexpected status and boot flag {other:?}"),
        }
    })
}

/// A new type each time, since the volume's own is refused.
fn retype(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let body = json!({ "volume_type": { "name": format!("of {}", there.volume) } });
        let made = client.post("/types", &body).await.expect(200);
        let name = made.body["volume_type"]["name"].clone();
        let wish = json!({ "new_type": name });
        let _ = client.act(&there.volume, "os-retype", wish).await.expect(202);
        let volume = client.wait_for("volumes", &there.volume, "available").await;
        if volume["volume_type"] == name { End::Done } else { End::Undone }
    })
}

fn create_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let body = json!({ "snapshot": { "volume_id": there.volume } });
        let answer = client.post("/snapshots", &body).await.expect(202);
        made(&client, "snapshots", &id_of(&answer.body["snapshot"])).await
    })
}

fn delete_snapshot(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let _ = client.delete(&format!("/snapshots/{}", there.snapshot)).await.expect(202);
        removed(&client, "snapshots", &there.snapshot).await
    })
}

fn delete_volume(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let _ = client.delete(&format!("/volumes/{}", there.volume)).await.expect(202);
        removed(&client, "volumes", &there.volume).await
    })
}

fn delete_with_snapshots(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let path = format!("/volumes/{}?cascade=true", there.volume);
        let _ = client.delete(&path).await.expect(202);
        let end = removed(&client, "volumes", &there.volume).await;
        let snapshot = removed(&client, "snapshots", &there.snapshot).await;
        assert_eq!(end, snapshot, "a volume and its snapshots end alike");
        end
    })
}

/// A volume that is kept for a server. What is prepared is the attachment.
fn a_reserved_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let volume = client.volume(1).await;
        let body = json!({ "attachment": { "volume_uuid": volume, "instance_uuid": SERVER } });
        let answer = client.post("/attachments", &body).await.expect(200);
        Prepared { volume, snapshot: id_of(&answer.body["attachment"]) }
    })
}

/// A volume that a host is connected to. What is prepared is the attachment.
fn a_connected_volume(client: Client) -> BoxFuture<'static, Prepared> {
    Box::pin(async move {
        let prepared = a_reserved_volume(client.clone()).await;
        let path = format!("/attachments/{}", prepared.snapshot);
        let _ = client.put(&path, &connector()).await.expect(200);
        prepared
    })
}

const SERVER: &str = "11111111-2222-4333-8444-555555555555";

fn connector() -> serde_json::Value {
    json!({ "attachment": { "connector": { "host": "compute-1", "initiator": "iqn.x" } } })
}

fn connect(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let path = format!("/attachments/{}", there.snapshot);
        let status = client.put(&path, &connector()).await.status;
        let shown = client.get(&path).await.expect(200).body["attachment"].clone();
        match (status, shown["status"].as_str()) {
            (200, Some("attaching")) => End::Done,
            (500, Some("error_attaching")) => End::Undone,
            other => panic!("unexpected statuses {other:?}"),
        }
    })
}

fn disconnect(client: Client, there: Prepared) -> BoxFuture<'static, End> {
    Box::pin(async move {
        let path = format!("/attachments/{}", there.snapshot);
        let status = client.delete(&path).await.status;
        let shown = client.get(&path).await;
        match (status, shown.status, shown.body["attachment"]["status"].as_str()) {
            (200, 404, None) => End::Done,
            (500, 200, Some("error_detaching")) => End::Undone,
            other => panic!("unexpected statuses {other:?}"),
        }
    })
}

/// Every operation; two of them in several forms.
pub(super) const SCENARIOS: [Scenario; 29] = [
    Scenario { name: "create", flow: "create-volume", prepare: nothing, act: create_blank },
    Scenario {
        name: "create from snapshot",
        flow: "create-volume",
        prepare: a_snapshot,
        act: create_from_snapshot,
    },
    Scenario {
        name: "create from volume",
        flow: "create-volume",
        prepare: a_volume,
        act: create_from_volume,
    },
    Scenario { name: "extend", flow: "extend-volume", prepare: a_volume, act: extend },
    Scenario {
        name: "create snapshot",
        flow: "create-snapshot",
        prepare: a_volume,
        act: create_snapshot,
    },
    Scenario {
        name: "delete snapshot",
        flow: "delete-snapshot",
        prepare: a_snapshot,
        act: delete_snapshot,
    },
    Scenario { name: "delete", flow: "delete-volume", prepare: a_volume, act: delete_volume },
    Scenario {
        name: "delete with snapshots",
        flow: "delete-volume",
        prepare: a_snapshot,
        act: delete_with_snapshots,
    },
    Scenario {
        name: "create from image",
        flow: "create-volume",
        prepare: nothing,
        act: create_from_image,
    },
    Scenario { name: "upload", flow: "upload-volume", prepare: a_volume, act: upload },
    Scenario { name: "connect", flow: "connect-volume", prepare: a_reserved_volume, act: connect },
    Scenario {
        name: "disconnect",
        flow: "disconnect-volume",
        prepare: a_connected_volume,
        act: disconnect,
    },
    Scenario { name: "revert", flow: "revert-volume", prepare: a_snapshot, act: revert },
    Scenario {
        name: "reimage",
        flow: "reimage-volume",
        prepare: a_volume_and_an_image,
        act: reimage,
    },
    Scenario { name: "retype", flow: "retype-volume", prepare: a_volume, act: retype },
    Scenario {
        name: "manage volume",
        flow: "manage-volume",
        prepare: manage::a_foreign_volume,
        act: manage::manage_volume,
    },
    Scenario {
        name: "manage snapshot",
        flow: "manage-snapshot",
        prepare: manage::a_foreign_snapshot,
        act: manage::manage_snapshot,
    },
    Scenario {
        name: "unmanage volume",
        flow: "unmanage-volume",
        prepare: a_volume,
        act: manage::unmanage_volume,
    },
    Scenario {
        name: "unmanage snapshot",
        flow: "unmanage-snapshot",
        prepare: a_snapshot,
        act: manage::unmanage_snapshot,
    },
    Scenario {
        name: "list manageable",
        flow: "list-manageable",
        prepare: a_volume,
        act: manage::list_manageable,
    },
    Scenario {
        name: "create group snapshot",
        flow: "create-group-snapshot",
        prepare: group_snapshots::a_full_group,
        act: group_snapshots::create,
    },
    Scenario {
        name: "delete group snapshot",
        flow: "delete-group-snapshot",
        prepare: group_snapshots::a_group_snapshot,
        act: group_snapshots::delete,
    },
    Scenario {
        name: "create group from snapshot",
        flow: "create-group-from-source",
        prepare: group_snapshots::a_group_snapshot,
        act: group_snapshots::create_from_snapshot,
    },
    Scenario {
        name: "create group from group",
        flow: "create-group-from-source",
        prepare: group_snapshots::a_full_group,
        act: group_snapshots::create_from_group,
    },
    Scenario {
        name: "create group",
        flow: "create-group",
        prepare: groups::a_group_type,
        act: groups::create,
    },
    Scenario {
        name: "create in group",
        flow: "create-volume",
        prepare: groups::a_group_beside_a_volume,
        act: groups::create_volume,
    },
    Scenario {
        name: "update group",
        flow: "update-group",
        prepare: groups::a_group_beside_a_volume,
        act: groups::update,
    },
    Scenario {
        name: "delete group",
        flow: "delete-group",
        prepare: groups::a_group_with_a_volume,
        act: groups::delete,
    },
    Scenario {
        name: "replicate group",
        flow: "replicate-group",
        prepare: groups::a_replicated_group,
        act: groups::replicate,
    },
];

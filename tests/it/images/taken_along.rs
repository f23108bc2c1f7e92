//! What a volume keeps of its image goes along with its bytes.

use serde_json::json;

use super::{MIB, Stage, disk};

#[tokio::test]
async fn clones_and_snapshots_of_a_bootable_volume_know_its_image_and_have_its_bytes() {
    let stage = Stage::with_files().await;
    let disk = disk(MIB, 1);
    let image = stage.glance.add("origin", "raw", disk.clone());
    let volume = stage.made(&image).await;
    let id = volume["id"].as_str().expect("an id");
    let snapshot = stage.client.snapshot(id).await;
    for source in [json!({ "source_volid": id }), json!({ "snapshot_id": snapshot })] {
        let made = stage.client.volume_of(source.clone()).await;
        let shown = stage.client.get(&format!("/volumes/{made}")).await.expect(200);
        let shown = &shown.body["volume"];
        assert_eq!(shown["bootable"], "true", "{source}");
        assert_eq!(shown["volume_image_metadata"], volume["volume_image_metadata"], "{source}");
        assert_eq!(stage.bytes(shown, disk.len()), disk, "{source}");
    }
    assert_eq!(stage.glance.downloads(), 1);
    stage.check().await;
}

#[tokio::test]
async fn what_is_not_bootable_hands_nothing_on() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("origin", "raw", disk(MIB, 2));
    let volume = stage.made(&image).await;
    let id = volume["id"].as_str().expect("an id");
    let _ = stage.client.act(id, "os-set_bootable", json!({ "bootable": false })).await.expect(200);
    let snapshot = stage.client.snapshot(id).await;
    for source in [json!({ "source_volid": id }), json!({ "snapshot_id": snapshot })] {
        let made = stage.client.volume_of(source).await;
        let shown = stage.client.get(&format!("/volumes/{made}")).await.expect(200);
        assert_eq!(shown.body["volume"]["bootable"], "false");
        assert!(shown.body["volume"].get("volume_image_metadata").is_none());
    }
    stage.check().await;
}

//! What is said of an image before a volume is accepted.

use ashlar_testkit::make::id_of;
use serde_json::{Value, json};

use super::{MIB, Stage, disk, sim};

async fn asked(stage: &Stage, minor: u32, volume: Value) -> (u16, String) {
    let body = json!({ "volume": volume });
    let answer = stage.client.at(minor).post("/volumes", &body).await;
    (answer.status, answer.message())
}

#[tokio::test]
async fn an_image_is_found_by_identity_url_or_name() {
    let stage = Stage::with_sim(&sim()).await;
    let image = stage.glance.add("mine", "raw", disk(MIB, 1));
    for reference in [image.clone(), format!("http://glance:9292/images/{image}"), "mine".into()] {
        for key in ["imageRef", "image_id"] {
            let volume = json!({ "size": 1, key: reference });
            let made = stage.client.volume_of(volume).await;
            let volume = stage.client.get(&format!("/volumes/{made}")).await.expect(200);
            assert_eq!(volume.body["volume"]["volume_image_metadata"]["image_id"], image);
        }
    }
    let unknown = "Invalid image identifier or unable to access requested image.";
    for reference in ["theirs", "", "2f4ee1e1-0000-4000-8000-000000000000"] {
        let answer = asked(&stage, 71, json!({ "size": 1, "imageRef": reference })).await;
        assert_eq!(answer, (400, unknown.to_owned()), "{reference}");
    }
    stage.glance.add("mine", "raw", disk(MIB, 2));
    let (status, message) = asked(&stage, 71, json!({ "size": 1, "imageRef": "mine" })).await;
    assert_eq!(status, 409);
    assert_eq!(message, "Multiple matches found for 'mine', use an ID to be more specific.");
    stage.check().await;
}

#[tokio::test]
async fn an_image_that_cannot_become_the_volume_is_refused_before_there_is_one() {
    let stage = Stage::with_sim(&sim()).await;
    let refused = async |name: &str, value: Value, text: &str| {
        let image = stage.glance.add("image", "raw", disk(MIB, 3));
        stage.glance.say(&image, name, value);
        let (status, message) = asked(&stage, 71, json!({ "size": 1, "imageRef": image })).await;
        assert_eq!(status, 400, "{name}: {message}");
        assert!(message.contains(text), "{name}: {message}");
    };
    refused("status", json!("queued"), "is not active.").await;
    refused("size", json!((1 << 30) + 1), "Size of specified image 2GB is larger").await;
    refused("min_disk", json!(2), "cannot be smaller than the image minDisk size 2GB.").await;
    refused("virtual_size", json!(2_u64 << 30), "virtual size is 2GB").await;
    refused("disk_format", json!("docker"), "is unacceptable").await;
    refused("container_format", json!("compressed"), "is unacceptable").await;
    refused("cinder_encryption_key_id", json!("k"), "encrypted").await;
    let image = stage.glance.add("image", "raw", disk(MIB, 3));
    let (status, _) = asked(&stage, 71, json!({ "imageRef": image })).await;
    assert_eq!(status, 400, "an image has no size for a volume");
    let two = json!({ "size": 1, "imageRef": image, "source_volid": image });
    assert_eq!(asked(&stage, 71, two).await.0, 400);
    let listed = stage.client.get("/volumes").await.expect(200);
    assert_eq!(listed.body["volumes"], json!([]));
    assert_eq!(stage.glance.downloads(), 0);
    stage.check().await;
}

#[tokio::test]
async fn an_image_may_name_the_type_of_its_volumes() {
    let stage = Stage::with_sim(&sim()).await;
    let admin = stage.cloud.admin();
    for name in ["fast", "slow"] {
        let _ = admin.post("/types", &json!({ "volume_type": { "name": name } })).await.expect(200);
    }
    let image = stage.glance.add("typed", "raw", disk(MIB, 4));
    stage.glance.say(&image, "cinder_img_volume_type", json!("fast"));
    assert_eq!(stage.made(&image).await["volume_type"], "fast");
    let other = json!({ "size": 1, "imageRef": image, "volume_type": "slow" });
    assert_eq!(stage.client.create_volume(other).await["volume_type"], "slow");
    stage.glance.say(&image, "cinder_img_volume_type", json!("none"));
    let (status, message) = asked(&stage, 71, json!({ "size": 1, "imageRef": image })).await;
    assert_eq!((status, message.as_str()), (404, "Volume type with name none could not be found."));
    stage.check().await;
}

#[tokio::test]
async fn an_image_of_novas_stands_for_the_snapshot_that_its_server_boots_from_3_46_on() {
    let stage = Stage::with_sim(&sim()).await;
    let volume = stage.client.volume(1).await;
    let snapshot = stage.client.snapshot(&volume).await;
    let image = stage.glance.add("server", "raw", disk(MIB, 5));
    let mapping = json!([{ "source_type": "snapshot", "boot_index": 0, "snapshot_id": snapshot }]);
    stage.glance.say(&image, "block_device_mapping", mapping.to_string().into());
    let body = json!({ "volume": { "imageRef": image } });
    let made = stage.client.at(46).post("/volumes", &body).await.expect(202);
    assert_eq!(made.body["volume"]["snapshot_id"], snapshot);
    assert_eq!(made.body["volume"]["size"], 1);
    stage.client.wait_for("volumes", &id_of(&made.body["volume"]), "available").await;
    assert_eq!(stage.glance.downloads(), 0);
    let body = json!({ "volume": { "imageRef": image, "size": 1 } });
    let made = stage.client.at(45).post("/volumes", &body).await.expect(202);
    assert_eq!(made.body["volume"]["snapshot_id"], Value::Null);
    stage.client.wait_for("volumes", &id_of(&made.body["volume"]), "available").await;
    assert_eq!(stage.glance.downloads(), 1);
    let gone = json!([{ "source_type": "snapshot", "boot_index": 0, "snapshot_id": image }]);
    stage.glance.say(&image, "block_device_mapping", gone.to_string().into());
    assert_eq!(asked(&stage, 71, json!({ "imageRef": image })).await.0, 404);
    stage.check().await;
}

#[tokio::test]
async fn a_name_is_looked_for_only_when_glance_says_that_there_is_no_such_identity() {
    let stage = Stage::with_sim(&sim()).await;
    let unclear = stage.glance.add("unclear", "raw", disk(MIB, 6));
    stage.glance.add(&unclear, "raw", disk(MIB, 7));
    stage.glance.say(&unclear, "id", json!(5));
    let (status, message) = asked(&stage, 71, json!({ "size": 1, "imageRef": unclear })).await;
    assert_eq!(status, 400, "{message}");
    stage.glance.remove(&unclear);
    assert_eq!(asked(&stage, 71, json!({ "size": 1, "imageRef": unclear })).await.0, 202);
    stage.cloud.quiet().await;
    stage.check().await;
}

#[tokio::test]
async fn without_a_glance_there_are_no_images() {
    let cloud = ashlar_testkit::Cloud::start().await;
    let body = json!({ "volume": { "size": 1, "imageRef": "x" } });
    let answer = cloud.member().post("/volumes", &body).await.expect(400);
    assert!(answer.message().starts_with("Invalid image identifier"));
}

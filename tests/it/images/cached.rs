//! The image cache: an image comes once, and goes when there is no more room for it.

use std::time::Duration;

use ashlar_db::args;
use ashlar_db::image_cache::{self, Entry};
use ashlar_operations::CacheLimits;
use ashlar_testkit::Plan;
use ashlar_testkit::cloud::{CACHE_PROJECT, HOST};
use ashlar_testkit::glance::Trouble;
use ashlar_testkit::make::id_of;
use ashlar_types::{BackendName, PoolName};
use serde_json::{Value, json};

use super::{MIB, Stage, disk, image_of, sim};

async fn stage(max_gib: u64, max_count: u64) -> Stage {
    let mut plan = Plan::with_sim(&sim());
    plan.cache = Some(CacheLimits { max_gib, max_count });
    Stage::planned(tempfile::tempdir().expect("a directory"), plan).await
}

fn pool() -> PoolName {
    BackendName::new(HOST, "sim").pool("pool")
}

async fn entries(stage: &Stage) -> Vec<Entry> {
    let mut tx = stage.cloud.db.read().await.expect("the database answers");
    image_cache::of_host(&mut tx, &pool()).await.expect("entries can be listed")
}

/// The volumes of the cache's owner.
async fn kept(stage: &Stage) -> Vec<Value> {
    let owner = stage.cloud.client(CACHE_PROJECT, &["admin"]);
    let listed = owner.get("/volumes/detail").await.expect(200);
    listed.body["volumes"].as_array().cloned().expect("a list")
}

async fn made(stage: &Stage, image: &str, size: u64) -> Value {
    let asked = stage.client.create_volume(json!({ "size": size, "imageRef": image })).await;
    stage.client.wait_for("volumes", &id_of(&asked), "available").await
}

#[tokio::test]
async fn an_image_comes_once_however_many_volumes_are_made_of_it_and_whenever() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("kept", "raw", disk(MIB, 1));
    let mut asked = Vec::new();
    for size in [3, 1, 2, 5, 1] {
        let volume = json!({ "size": size, "imageRef": image });
        asked.push(id_of(&stage.client.create_volume(volume).await));
    }
    for id in asked {
        let volume = stage.client.wait_for("volumes", &id, "available").await;
        assert_eq!(volume["bootable"], "true");
        assert_eq!(volume["volume_image_metadata"]["image_id"], image);
    }
    stage.cloud.quiet().await;
    made(&stage, &image, 4).await;
    assert_eq!(stage.glance.downloads(), 1);
    let kept = kept(&stage).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["name"], format!("image-{image}"));
    assert_eq!((&kept[0]["size"], &kept[0]["status"]), (&json!(1), &json!("available")));
    let entries = entries(&stage).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].volume.to_string(), id_of(&kept[0]));
    stage.check().await;
}

#[tokio::test]
async fn what_was_not_used_for_longest_goes_first() {
    let stage = stage(0, 2).await;
    let images = [1, 2, 3].map(|seed| stage.glance.add("image", "raw", disk(MIB, seed)));
    let [first, second, third] = &images;
    for image in [first, second, first, third] {
        made(&stage, image, 1).await;
    }
    stage.cloud.quiet().await;
    let listed = entries(&stage).await;
    let listed: Vec<String> = listed.iter().map(|entry| entry.image.to_string()).collect();
    assert_eq!(listed, [third.clone(), first.clone()]);
    assert_eq!(kept(&stage).await.len(), 2);
    assert_eq!(stage.glance.downloads(), 3);
    stage.check().await;
}

#[tokio::test]
async fn an_image_that_the_cache_has_no_room_for_fills_its_volume_itself() {
    let stage = stage(1, 0).await;
    let image = stage.glance.add("large", "raw", disk(MIB, 4));
    stage.glance.say(&image, "virtual_size", json!(2_u64 << 30));
    made(&stage, &image, 2).await;
    assert!(kept(&stage).await.is_empty());
    assert_eq!(stage.glance.downloads(), 1);
    stage.check().await;
}

#[tokio::test]
async fn an_image_that_changed_is_fetched_anew() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("fresh", "raw", disk(MIB, 5));
    made(&stage, &image, 1).await;
    let before = entries(&stage).await;
    stage.glance.say(&image, "updated_at", json!("2026-11-23T12:00:00Z"));
    made(&stage, &image, 1).await;
    stage.cloud.quiet().await;
    let after = entries(&stage).await;
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before[0].volume, after[0].volume);
    assert_eq!(kept(&stage).await.len(), 1);
    assert_eq!(stage.glance.downloads(), 2);
    stage.check().await;
}

#[tokio::test]
async fn a_volume_of_the_cache_that_was_deleted_is_made_again() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("lost", "raw", disk(MIB, 6));
    made(&stage, &image, 1).await;
    let owner = stage.cloud.client(CACHE_PROJECT, &["admin"]);
    let lost = id_of(&kept(&stage).await[0]);
    let _ = owner.delete(&format!("/volumes/{lost}")).await.expect(202);
    owner.wait_gone("volumes", &lost).await;
    made(&stage, &image, 1).await;
    assert_eq!(kept(&stage).await.len(), 1);
    assert_eq!(entries(&stage).await.len(), 1);
    stage.check().await;
}

#[tokio::test]
async fn an_image_of_no_use_stays_nowhere_and_says_why_to_whoever_asked() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("bad", "raw", image_of(&disk(MIB, 7), "qcow2"));
    let mut asked = Vec::new();
    for _ in 0..5 {
        let volume = json!({ "size": 1, "imageRef": image });
        asked.push(id_of(&stage.client.create_volume(volume).await));
    }
    for id in asked {
        stage.client.wait_for("volumes", &id, "error").await;
    }
    assert_eq!(stage.told().await, "VOLUME_VOLUME_005_029");
    stage.cloud.quiet().await;
    assert!(entries(&stage).await.is_empty());
    assert!(kept(&stage).await.is_empty());
    stage.check().await;
}

#[tokio::test]
async fn what_is_still_being_made_stays_in_the_cache_and_the_next_image_does_without() {
    let stage = stage(0, 1).await;
    let [slow, quick] = [8, 9].map(|seed| stage.glance.add("image", "raw", disk(MIB, seed)));
    stage.glance.plan(&[Trouble::Slow(Duration::from_millis(150))]);
    let asked = stage.client.create_volume(json!({ "size": 1, "imageRef": slow })).await;
    while stage.glance.downloads() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    made(&stage, &quick, 1).await;
    stage.client.wait_for("volumes", &id_of(&asked), "available").await;
    stage.cloud.quiet().await;
    let entries = entries(&stage).await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].image.to_string(), slow);
    assert_eq!(kept(&stage).await.len(), 1);
    stage.check().await;
}

#[tokio::test]
async fn whoever_asked_before_an_image_changed_does_not_displace_what_is_newer() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("fresh", "raw", disk(MIB, 10));
    stage.glance.say(&image, "updated_at", json!("2026-11-22T13:00:00Z"));
    made(&stage, &image, 1).await;
    let before = entries(&stage).await;
    stage.glance.say(&image, "updated_at", json!("2026-11-22T12:00:00Z"));
    made(&stage, &image, 1).await;
    stage.cloud.quiet().await;
    assert_eq!(entries(&stage).await, before);
    assert_eq!(stage.glance.downloads(), 2);
    stage.check().await;
}

#[tokio::test]
async fn a_volume_of_the_cache_that_somebody_writes_to_is_not_cloned() {
    let stage = stage(0, 0).await;
    let image = stage.glance.add("used", "raw", disk(MIB, 11));
    made(&stage, &image, 1).await;
    let before = entries(&stage).await;
    for (status, downloads) in [("in-use", 2), ("available", 2)] {
        let mut tx = stage.cloud.db.begin().await.expect("begins");
        let sql = "UPDATE volumes SET status = ? WHERE id = ?";
        tx.execute(sql, args![status, before[0].volume]).await.expect("it is there");
        tx.commit().await.expect("commits");
        made(&stage, &image, 1).await;
        assert_eq!(stage.glance.downloads(), downloads, "{status}");
    }
    let after: Vec<_> = entries(&stage).await.iter().map(|entry| entry.volume).collect();
    assert_eq!(after, [before[0].volume]);
    stage.check().await;
}

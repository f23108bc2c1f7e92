//! Bodies of new volumes as requests, and requests over a real database.

use ashlar_types::VolumeId;
use serde_json::{Value, json};

use super::*;
use crate::testing::House;
use crate::v3::volumes::tests::{limit, put};

const MEMBER: (&str, u16) = ("me:abc:member", 71);

fn read(minor: u16, volume: &Value) -> Result<create_volume::Request, Fault> {
    wish(v3(minor), volume.as_object().expect("an object"), &Map::new())
}

fn refusal(minor: u16, volume: &Value) -> (u16, String) {
    let fault = read(minor, volume).expect_err("refused");
    (fault.status().as_u16(), fault.message().to_owned())
}

#[test]
fn both_spellings_of_names_are_read_and_the_newer_wins() {
    let old = json!({ "size": 1, "display_name": " a ", "display_description": "b" });
    let wish = read(71, &old).expect("legal");
    assert_eq!((wish.name.as_deref(), wish.description.as_deref()), (Some("a"), Some("b")));
    let both = json!({ "size": "7", "name": null, "display_name": "a" });
    let wish = read(71, &both).expect("legal");
    assert_eq!((wish.name, wish.size), (None, Some(Gib(7))));
}

#[test]
fn what_a_client_leaves_null_is_left_to_the_house() {
    let nulls = json!({
        "size": 1, "volume_type": "", "availability_zone": null, "metadata": null,
        "snapshot_id": null, "source_volid": null, "imageRef": null, "backup_id": null,
        "consistencygroup_id": null, "group_id": null, "multiattach": false,
    });
    let wish = read(47, &nulls).expect("legal");
    assert_eq!((wish.volume_type, wish.availability_zone), (None, None));
    assert!(wish.metadata.is_empty());
}

#[test]
fn a_volume_has_a_size_or_a_source() {
    assert_eq!(refusal(71, &json!({})), (400, GENERIC.to_owned()));
    let id = VolumeId::random().to_string();
    assert!(read(71, &json!({ "source_volid": id })).is_ok());
    assert!(read(71, &json!({ "snapshot_id": id })).is_ok());
}

#[test]
fn only_one_source_is_taken() {
    let id = VolumeId::random().to_string();
    let two = json!({ "snapshot_id": id, "source_volid": id });
    let message = "Invalid input received: May specify only one of backup, imageRef, snapshot, \
                   source volume";
    assert_eq!(refusal(0, &two), (400, message.to_owned()));
    assert_eq!(refusal(0, &json!({ "size": 1, "imageRef": "x", "snapshot_id": id })).1, message);
    let backup = json!({ "backup_id": id, "snapshot_id": id });
    assert!(read(46, &backup).is_ok(), "below 3.47 there is no such property");
    assert_eq!(refusal(47, &backup).1, message);
}

#[test]
fn an_image_needs_a_size_unless_it_may_stand_for_a_snapshot() {
    let image = |wish: create_volume::Request| wish.image.expect("an image");
    let wish = read(45, &json!({ "size": 1, "imageRef": "x" })).expect("legal");
    assert!(!image(wish).follows_snapshots);
    assert_eq!(refusal(45, &json!({ "imageRef": "x" })), (400, GENERIC.to_owned()));
    let wish = image(read(46, &json!({ "image_id": "x" })).expect("legal"));
    assert!(wish.follows_snapshots && wish.reference == "x");
    let hidden = json!({ "size": 1, "image_id": null, "imageRef": "x" });
    let wish = read(71, &hidden).expect("legal");
    assert!(wish.image.is_none(), "the newer spelling wins");
}

#[test]
fn sources_that_are_not_built_are_refused_in_words() {
    let id = VolumeId::random().to_string();
    assert!(refusal(47, &json!({ "backup_id": id })).1.starts_with("Invalid backup: "));
    let group = json!({ "size": 1, "group_id": id });
    assert_eq!(read(13, &group).expect("legal").group.map(|id| id.to_string()), Some(id.clone()));
    assert_eq!(read(12, &group).expect("ignored").group, None);
    let nothing = json!({ "size": 1, "group_id": "x" });
    assert_eq!(refusal(13, &nothing), (404, "Group x could not be found.".to_owned()));
    let consistency = json!({ "size": 1, "consistencygroup_id": id });
    assert!(read(0, &consistency).expect("legal").group.is_some());
    let both = json!({ "size": 1, "consistencygroup_id": VolumeId::random().to_string(),
                       "group_id": id });
    assert_eq!(read(13, &both).expect("legal").group.map(|id| id.to_string()), Some(id));
}

#[test]
fn the_multiattach_flag_is_refused_when_it_is_true_in_any_spelling() {
    for word in [json!(true), json!("yes"), json!("1")] {
        let (status, message) = refusal(71, &json!({ "size": 1, "multiattach": word }));
        assert_eq!(status, 400);
        assert!(message.starts_with("multiattach parameter has been removed."), "{message}");
    }
    assert!(read(71, &json!({ "size": 1, "multiattach": "off" })).is_ok());
}

async fn post(house: &House, volume: Value) -> crate::testing::Got {
    house.ask(MEMBER, "POST", "/v3/abc/volumes", &json!({ "volume": volume })).await
}

#[tokio::test]
async fn a_volume_is_accepted_and_answered_without_the_extensions() {
    let house = House::furnished().await;
    let asked = json!({
        "size": 2, "name": "new", "metadata": {"k": "v"}, "availability_zone": "nova",
    });
    let got = post(&house, asked).await;
    assert_eq!(got.status, 202);
    let volume = &got.body["volume"];
    assert_eq!((&volume["status"], &volume["size"]), (&json!("creating"), &json!(2)));
    assert_eq!((&volume["name"], &volume["metadata"]), (&json!("new"), &json!({ "k": "v" })));
    assert_eq!(volume["volume_type"], "__DEFAULT__");
    assert!(volume.as_object().expect("an object").keys().all(|key| !key.contains(':')));
    let id = volume["id"].as_str().expect("an id");
    let mut shown = house.get(MEMBER, &format!("/v3/abc/volumes/{id}")).await.body;
    let shown = shown["volume"].as_object_mut().expect("an object");
    shown.retain(|key, _| !key.contains(':'));
    assert_eq!(&Value::Object(shown.clone()), volume, "what was answered is what is stored");
}

#[tokio::test]
async fn hints_are_taken_and_any_text_is_a_name() {
    let house = House::furnished().await;
    let body = json!({
        "volume": { "size": 1, "name": "\u{1f980}\n" , "description": "\u{1f980} a\nb" },
        "OS-SCH-HNT:scheduler_hints": { "same_host": [], "mine": 1 },
    });
    let got = house.ask(MEMBER, "POST", "/v3/volumes", &body).await;
    assert_eq!((got.status, &got.body["volume"]["name"]), (202, &json!("\u{1f980}")));
    assert_eq!(got.body["volume"]["description"], "\u{1f980} a\nb");
}

#[tokio::test]
async fn what_a_request_names_must_be_there() {
    let house = House::furnished().await;
    let id = VolumeId::random();
    let refused = async |volume: Value| {
        let got = post(&house, volume).await;
        let (status, message) = got.fault();
        (status, message.to_owned())
    };
    assert_eq!(
        refused(json!({ "size": 1, "volume_type": "gold" })).await,
        (404, "Volume type with name gold could not be found.".to_owned())
    );
    assert_eq!(
        refused(json!({ "source_volid": id })).await,
        (404, format!("Volume {id} could not be found."))
    );
    assert_eq!(
        refused(json!({ "snapshot_id": id })).await,
        (404, format!("Snapshot {id} could not be found."))
    );
    assert_eq!(
        refused(json!({ "size": 1, "availability_zone": "mars" })).await,
        (400, "Availability zone 'mars' is invalid.".to_owned())
    );
    let foreign = put(&house, "def", "foreign", 4).await;
    assert_eq!(refused(json!({ "source_volid": foreign })).await.0, 404);
    let own = put(&house, "abc", "own", 4).await;
    assert_eq!(refused(json!({ "source_volid": own, "size": 3 })).await.0, 400);
}

#[tokio::test]
async fn a_quota_and_a_missing_right_stop_a_volume() {
    let house = House::furnished().await;
    limit(&house, "gigabytes", 1000).await;
    let over = post(&house, json!({ "size": 1001 })).await;
    assert_eq!(over.status, 413);
    assert_eq!(over.headers["retry-after"], "0");
    assert_eq!(
        over.fault().1,
        "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes \
         quota. Requested 1001G, quota is 1000G and 0G has been consumed."
    );
    let body = json!({ "volume": { "size": 1 } });
    let reader = house.ask(("me:abc:reader", 71), "POST", "/v3/volumes", &body).await;
    assert_eq!(reader.fault(), (403, "Policy doesn't allow volume:create to be performed."));
}

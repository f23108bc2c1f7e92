//! Transfers through the API: volume, snapshots and quota change hands together, once, or not at all.

mod connected;
mod meanwhile;
mod stayed;

use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use futures::future::join_all;
use serde_json::{Value, json};

/// An offer as its maker knows it.
struct Offer {
    id: String,
    key: String,
}

/// Asks for an offer with these other fields.
async fn ask(client: &Client, volume: &str, more: Value) -> Answer {
    let mut wish = json!({ "volume_id": volume });
    for (key, value) in more.as_object().expect("fields") {
        wish[key] = value.clone();
    }
    client.post("/volume-transfers", &json!({ "transfer": wish })).await
}

async fn offer(client: &Client, volume: &str, more: Value) -> Offer {
    let made = ask(client, volume, more).await.expect(202);
    let made = &made.body["transfer"];
    Offer { id: id_of(made), key: made["auth_key"].as_str().expect("a key").to_owned() }
}

async fn accept(client: &Client, offer: &Offer) -> Answer {
    let body = json!({ "accept": { "auth_key": offer.key } });
    client.post(&format!("/volume-transfers/{}/accept", offer.id), &body).await
}

/// What the project has of these: volumes, snapshots, gigabytes.
async fn used(client: &Client) -> [i64; 3] {
    let path = format!("/os-quota-sets/{}?usage=true", client.project);
    let set = client.get(&path).await.expect(200).body["quota_set"].clone();
    ["volumes", "snapshots", "gigabytes"]
        .map(|resource| set[resource]["in_use"].as_i64().expect("a number"))
}

async fn status(client: &Client, volume: &str) -> Value {
    client.get(&format!("/volumes/{volume}")).await.expect(200).body["volume"]["status"].clone()
}

#[tokio::test]
async fn volume_snapshots_and_quota_go_to_whoever_has_the_key() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        let volume = giver.volume(2).await;
        let snapshot = giver.snapshot(&volume).await;
        let offer = offer(&giver, &volume, json!({})).await;
        assert_eq!(status(&giver, &volume).await, "awaiting-transfer");
        let _ = giver.delete(&format!("/volumes/{volume}")).await.expect(400);
        let _ = taker.get(&format!("/volumes/{volume}")).await.expect(404);
        let _ = accept(&taker, &offer).await.expect(202);
        assert_eq!(used(&giver).await, [0, 0, 0]);
        assert_eq!(used(&taker).await, [1, 1, 4]);
        let _ = giver.get(&format!("/volumes/{volume}")).await.expect(404);
        let _ = giver.get(&format!("/snapshots/{snapshot}")).await.expect(404);
        assert_eq!(status(&taker, &volume).await, "available");
        let _ = taker.delete(&format!("/volumes/{volume}?cascade=true")).await.expect(202);
        taker.wait_gone("volumes", &volume).await;
        assert_eq!(used(&taker).await, [0, 0, 0]);
        cloud.check().await;
    }
}

#[tokio::test]
async fn snapshots_that_stay_remain_their_owners() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        let volume = giver.volume(2).await;
        let snapshot = giver.snapshot(&volume).await;
        let offer = offer(&giver, &volume, json!({ "no_snapshots": true })).await;
        let _ = accept(&taker, &offer).await.expect(202);
        assert_eq!(used(&giver).await, [0, 1, 2]);
        assert_eq!(used(&taker).await, [1, 0, 2]);
        let path = format!("/volumes/{volume}");
        let _ = taker.delete(&path).await.expect(400);
        let _ = taker.delete(&format!("{path}?cascade=true")).await.expect(400);
        let _ = giver.delete(&format!("/snapshots/{snapshot}")).await.expect(202);
        giver.wait_gone("snapshots", &snapshot).await;
        let _ = taker.delete(&path).await.expect(202);
        taker.wait_gone("volumes", &volume).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_limit_of_the_receiver_holds_for_everything_that_comes() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, giver, taker) = (cloud.admin(), cloud.member(), cloud.member());
        let volume = giver.volume(2).await;
        let _ = giver.snapshot(&volume).await;
        let offer = offer(&giver, &volume, json!({})).await;
        let path = format!("/os-quota-sets/{}", taker.project);
        for (limits, word) in [
            (json!({ "gigabytes": 3 }), "VolumeSizeExceedsAvailableQuota"),
            (json!({ "gigabytes": 4, "volumes": 0 }), "VolumeLimitExceeded"),
            (json!({ "volumes": 1, "snapshots": 0 }), "SnapshotLimitExceeded"),
            (json!({ "snapshots": 1, "per_volume_gigabytes": 1 }), "VolumeSizeExceedsLimit"),
        ] {
            let _ = admin.put(&path, &json!({ "quota_set": limits })).await.expect(200);
            let refused = accept(&taker, &offer).await.expect(413);
            assert!(refused.message().starts_with(word), "{}", refused.message());
            assert_eq!(refused.header("retry-after"), "0");
            assert_eq!((used(&giver).await, used(&taker).await), ([1, 1, 4], [0, 0, 0]));
        }
        let last = json!({ "quota_set": { "per_volume_gigabytes": 2 } });
        let _ = admin.put(&path, &last).await.expect(200);
        let _ = accept(&taker, &offer).await.expect(202);
        assert_eq!((used(&giver).await, used(&taker).await), ([0, 0, 0], [1, 1, 4]));
        cloud.check().await;
    }
}

#[tokio::test]
async fn one_who_accepts_what_is_his_own_needs_no_more_quota() {
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&[("volumes", 1)])).await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let offer = offer(&member, &volume, json!({})).await;
    let _ = accept(&member, &offer).await.expect(202);
    assert_eq!(used(&member).await, [1, 0, 1]);
    cloud.check().await;
}

#[tokio::test]
async fn a_forced_delete_ends_the_offer_too() {
    let cloud = Cloud::start().await;
    let (giver, taker) = (cloud.member(), cloud.member());
    let volume = giver.volume(1).await;
    let offer = offer(&giver, &volume, json!({})).await;
    let admin = giver.with_roles(&["admin"]);
    let _ = admin.act(&volume, "os-force_delete", Value::Null).await.expect(202);
    giver.wait_gone("volumes", &volume).await;
    let _ = accept(&taker, &offer).await.expect(404);
    let path = format!("/volume-transfers/{}", offer.id);
    let _ = giver.get(&path).await.expect(404);
    let _ = admin.get(&path).await.expect(404);
    let listed = admin.get("/volume-transfers?all_tenants=1").await.expect(200).body;
    assert_eq!(listed["transfers"], json!([]));
    cloud.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_accept_at_once_one_gets_the_volume() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let giver = cloud.member();
        let volume = giver.volume(1).await;
        let offer = offer(&giver, &volume, json!({})).await;
        let takers: Vec<Client> = (0..12).map(|_| cloud.member()).collect();
        let path = format!("/volume-transfers/{}", offer.id);
        let (answers, withdrawn) = futures::join!(
            join_all(takers.iter().map(|taker| accept(taker, &offer))),
            giver.delete(&path),
        );
        let won = answers.iter().filter(|answer| answer.status == 202).count();
        let back = usize::from(withdrawn.status == 202);
        assert_eq!(won + back, 1, "{withdrawn:?}");
        for answer in answers.iter().chain([&withdrawn]) {
            assert!([202, 400, 404].contains(&answer.status), "{}", answer.body);
        }
        let mut owners = 0;
        for client in takers.iter().chain([&giver]) {
            owners += used(client).await[0];
        }
        assert_eq!(owners, 1);
        cloud.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volumes_that_two_projects_give_each_other_at_once_all_arrive() {
    for place in testing::databases().await {
        let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).limits(&unlimited)).await;
        let (one, other) = (cloud.member(), cloud.member());
        let mut offers = Vec::new();
        for _ in 0..6 {
            for (giver, taker) in [(&one, &other), (&other, &one)] {
                let volume = giver.volume(1).await;
                let _ = giver.snapshot(&volume).await;
                offers.push((taker, offer(giver, &volume, json!({})).await));
            }
        }
        for answer in join_all(offers.iter().map(|(taker, offer)| accept(taker, offer))).await {
            let _ = answer.expect(202);
        }
        assert_eq!((used(&one).await, used(&other).await), ([6, 6, 12], [6, 6, 12]));
        cloud.check().await;
    }
}

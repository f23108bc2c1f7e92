//! What is not accepted, and what turns out only on the way.

use std::time::Duration;

use ashlar_db::{args, flows, services};
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan};
use serde_json::{Value, json};

use super::{manage, managed, reference, sim_host, unmanage, usage, with_disks};

async fn post(client: &Client, volume: Value) -> ashlar_testkit::Answer {
    client.post("/manageable_volumes", &json!({ "volume": volume })).await
}

#[tokio::test]
async fn the_place_must_be_one_that_can_be_given_work() {
    let (_sim, plan) = with_disks(&[("disk", 1)]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let disk = reference("disk");
    let refused = post(&admin, json!({ "host": "nowhere@sim", "ref": disk })).await.expect(400);
    assert_eq!(refused.message(), "Host 'nowhere@sim' not found");
    let refused = post(&admin, json!({ "cluster": "c@sim", "ref": disk })).await.expect(400);
    assert_eq!(refused.message(), "Cluster 'c@sim' not found");
    let refused = post(&admin, json!({ "ref": disk })).await.expect(400);
    assert!(refused.message().contains("One and only one of cluster and host must be set."));
    // A name that is no text is refused without a word why, as in Cinder.
    let _ =
        post(&admin, json!({ "host": sim_host(), "ref": { "source-name": 1 } })).await.expect(400);
    let body = json!({ "volume": { "ref": disk } });
    let refused = admin.at(15).post("/os-volume-manage", &body).await.expect(400);
    assert!(refused.message().contains("Host field is missing."));
    let _ = admin.get("/manageable_volumes?host=nowhere@sim").await.expect(404);
    let _ = admin.get("/manageable_volumes").await.expect(400);
    let path = format!("/manageable_volumes?host={}", sim_host());
    let _ = admin.at(7).get(&path).await.expect(404);
    let _ = admin.at(8).get(&path).await.expect(200);
    let _ = cloud.member().get(&path).await.expect(403);

    let off = json!({ "binary": services::VOLUME, "host": sim_host() });
    let _ = admin.put("/os-services/disable", &off).await.expect(200);
    for refused in [admin.get(&path).await, manage(&admin, &sim_host(), "disk").await] {
        assert_eq!(refused.expect(400).message(), "Service is unavailable at this time.");
    }
    let _ = admin.put("/os-services/enable", &off).await.expect(200);
    managed(&admin, &sim_host(), "disk").await;
    cloud.check().await;
}

#[tokio::test]
async fn the_members_of_a_cluster_are_asked_by_its_name() {
    let (_sim, plan) = with_disks(&[("disk", 1)]);
    let cloud = Cloud::planned(plan).await;
    let mut tx = cloud.db.begin().await.expect("a transaction");
    let set = "UPDATE services SET cluster_name = ? WHERE host = ?";
    tx.execute(set, args!["c@sim", sim_host().as_str()]).await.expect("set");
    tx.commit().await.expect("stored");
    let admin = cloud.admin();
    let listed = admin.get("/manageable_volumes?cluster=c@sim").await.expect(200);
    assert_eq!(listed.body["manageable-volumes"].as_array().map(Vec::len), Some(1));
    let made = post(&admin, json!({ "cluster": "c@sim", "ref": reference("disk") })).await;
    let id = id_of(&made.expect(202).body["volume"]);
    admin.wait_for("volumes", &id, "available").await;
    cloud.check().await;
}

#[tokio::test]
async fn the_type_must_be_known_and_the_backend_suit_it() {
    let (_sim, plan) = with_disks(&[("disk", 1)]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let of_type = async |name: &str| {
        let wish = json!({ "host": sim_host(), "ref": reference("disk"), "volume_type": name });
        post(&admin, wish).await
    };
    let refused = of_type("nothing").await.expect(400);
    let text = "Invalid volume type: Cannot find requested 'nothing' volume type";
    assert_eq!(refused.message(), text);
    let specs = json!({ "volume_backend_name": "another" });
    let other = json!({ "volume_type": { "name": "other", "extra_specs": specs } });
    let _ = admin.post("/types", &other).await.expect(200);
    let id = id_of(&of_type("other").await.expect(202).body["volume"]);
    admin.wait_for("volumes", &id, "error").await;
    assert_eq!(usage(&admin).await, (0, 0));
    let good = json!({ "volume_type": { "name": "good", "extra_specs": {} } });
    let _ = admin.post("/types", &good).await.expect(200);
    let id = id_of(&of_type("good").await.expect(202).body["volume"]);
    admin.wait_for("volumes", &id, "available").await;
    cloud.check().await;
}

#[tokio::test]
async fn quota_is_taken_for_the_volume_at_once_and_for_its_size_when_it_is_known() {
    let (sim, plan) = with_disks(&[("large", 30), ("small", 2), ("more", 1)]);
    let limits = [("volumes", 1), ("gigabytes", 10)];
    let cloud = Cloud::planned(plan.limits(&limits)).await;
    let admin = cloud.admin();
    let made = manage(&admin, &sim_host(), "large").await.expect(202);
    let id = id_of(&made.body["volume"]);
    admin.wait_for("volumes", &id, "error").await;
    assert_eq!(usage(&admin).await, (0, 0));
    assert!(sim.names("pool").contains(&"large".to_owned()), "it was left alone");
    managed(&admin, &sim_host(), "small").await;
    let refused = manage(&admin, &sim_host(), "more").await.expect(413);
    assert!(refused.message().starts_with("VolumeLimitExceeded: "), "{}", refused.body);
    let told = admin.get(&format!("/messages?resource_uuid={id}")).await.expect(200).body;
    let text = told["messages"][0]["user_message"].as_str().expect("a message");
    assert!(text.contains("quota"), "{text}");
    cloud.check().await;
}

#[tokio::test]
async fn only_a_volume_that_nobody_uses_is_let_go() {
    let (_sim, plan) = with_disks(&[]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let volume = admin.volume(1).await;
    let _ = unmanage(&cloud.member(), "volumes", &volume).await.expect(404);
    let _ = unmanage(&admin.with_roles(&["member"]), "volumes", &volume).await.expect(403);
    let attach = json!({ "instance_uuid": "11111111-2222-4333-8444-555555555555", "mountpoint": "/dev/vdb" });
    let _ = admin.act(&volume, "os-attach", attach).await.expect(202);
    let refused = unmanage(&admin, "volumes", &volume).await.expect(400);
    assert!(refused.message().starts_with("Invalid volume: "), "{}", refused.body);
    let _ = admin.act(&volume, "os-detach", json!({})).await.expect(202);

    let mut tx = cloud.db.begin().await.expect("a transaction");
    let key = "0f1e2d3c-0000-4000-8000-000000000001";
    let set = "UPDATE volumes SET encryption_key_id = ? WHERE id = ?";
    tx.execute(set, args![key, volume.as_str()]).await.expect("set");
    tx.commit().await.expect("stored");
    let refused = unmanage(&admin, "volumes", &volume).await.expect(400);
    assert!(refused.message().contains("encrypted"), "{}", refused.body);
    let told = admin.get(&format!("/messages?resource_uuid={volume}")).await.expect(200).body;
    assert_eq!(
        told["messages"][0]["user_message"],
        "unmanage volume:An encrypted volume cannot be unmanaged."
    );
    admin.wait_for("volumes", &volume, "available").await;
}

#[tokio::test]
async fn a_volume_that_lives_nowhere_is_forgotten_at_once() {
    let (_sim, plan) = with_disks(&[]);
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let failed = id_of(&manage(&admin, &sim_host(), "nothing").await.expect(202).body["volume"]);
    admin.wait_for("volumes", &failed, "error").await;
    let _ = unmanage(&admin, "volumes", &failed).await.expect(202);
    let _ = admin.get(&format!("/volumes/{failed}")).await.expect(404);
    cloud.check().await;
}

#[tokio::test]
async fn a_question_that_a_backend_is_slow_to_answer_ends_when_nobody_waits_any_more() {
    let pools = vec![SimPool::thin("pool", 1000)];
    let settings =
        SimSettings { latency: Duration::from_millis(500), ..SimSettings::new("sim", pools) };
    let mut plan = Plan::with_sim(&Sim::new(settings));
    plan.settings.answer_within = Duration::from_millis(20);
    let cloud = Cloud::planned(plan).await;
    let path = format!("/manageable_volumes?host={}", sim_host());
    let refused = cloud.admin().get(&path).await.expect(503);
    assert!(refused.message().contains("takes too long"), "{}", refused.body);
    cloud.quiet().await;
    let mut tx = cloud.db.read().await.expect("the database answers");
    let all = flows::list(&mut tx, &flows::Filter::default()).await.expect("flows");
    let [flow] = all.as_slice() else { panic!("one question, one flow: {all:?}") };
    let failure = flow.record.failure.as_ref().expect("it did not wait for the backend");
    assert!(failure.cause.contains("nobody waits"), "{failure:?}");
    let left = tx.rows("SELECT flow_id FROM ashlar_answers", args![]).await.expect("rows");
    assert!(left.is_empty(), "an answer that nobody takes");
}

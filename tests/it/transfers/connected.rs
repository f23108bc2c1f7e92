//! A volume that a host of its owner is connected to does not change hands: the host would keep it.

use std::time::Duration;

use ashlar_db::testing;
use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use ashlar_types::VolumeStatus;
use serde_json::{Value, json};

use super::{accept, ask, offer, status, used};
use crate::state_matrix::deed::Kind;
use crate::state_matrix::stage::{Wanted, default_type, stage};

fn host(name: &str) -> Value {
    json!({ "connector": { "host": name, "initiator": format!("iqn.1993-08.org.debian:{name}") } })
}

async fn connect(client: &Client, volume: &str, name: &str) -> Answer {
    client.act(volume, "os-initialize_connection", host(name)).await
}

async fn disconnect(client: &Client, volume: &str, name: &str) {
    let _ = client.act(volume, "os-terminate_connection", host(name)).await.expect(202);
}

/// It was refused for a host, and says what to do.
fn ensure_told(refused: Answer) {
    let message = refused.expect(400).message();
    assert!(message.starts_with("Invalid volume: a host is connected to volume "), "{message}");
    assert!(
        message.ends_with("delete the attachment or terminate the connection first"),
        "{message}"
    );
}

#[tokio::test]
async fn a_host_that_the_older_action_connected_goes_before_the_volume() {
    for place in testing::databases().await {
        let sim = cloud::sim();
        let cloud = Cloud::on(place, Plan::with_sim(&sim)).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        let volume = giver.volume(1).await;
        let _ = connect(&giver, &volume, "compute-1").await.expect(200);
        ensure_told(ask(&giver, &volume, json!({})).await);
        assert_eq!(status(&giver, &volume).await, "available");
        disconnect(&giver, &volume, "compute-1").await;
        let offer = offer(&giver, &volume, json!({})).await;
        // An offer keeps no host away.
        let _ = connect(&giver, &volume, "compute-1").await.expect(200);
        ensure_told(accept(&taker, &offer).await);
        assert_eq!(status(&giver, &volume).await, "awaiting-transfer");
        assert_eq!((used(&giver).await, used(&taker).await), ([1, 0, 1], [0, 0, 0]));
        disconnect(&giver, &volume, "compute-1").await;
        let _ = accept(&taker, &offer).await.expect(202);
        let name = format!("volume-{volume}");
        assert_eq!(sim.export("pool", &name), None);
        let _ = connect(&taker, &volume, "compute-2").await.expect(200);
        let hosts = sim.export("pool", &name).expect("it is offered to the new owner").hosts;
        assert_eq!(hosts.into_iter().collect::<Vec<_>>(), ["compute-2"]);
        disconnect(&taker, &volume, "compute-2").await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn what_the_backend_has_still_to_close_is_not_handed_over_open() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let (giver, taker) = (cloud.member(), cloud.member());
    let volume = giver.volume(1).await;
    for name in ["compute-1", "compute-2"] {
        let _ = connect(&giver, &volume, name).await.expect(200);
    }
    sim.plan(PlannedFailure::before(Call::DestroyExport, When::Always, FailureKind::Busy));
    disconnect(&giver, &volume, "compute-1").await;
    let hosts = sim.export("pool", &format!("volume-{volume}")).expect("it is there").hosts;
    assert_eq!(hosts.into_iter().collect::<Vec<_>>(), ["compute-2"]);
    let offer = offer(&giver, &volume, json!({})).await;
    let message = accept(&taker, &offer).await.expect(400).message();
    assert!(message.ends_with("still under way; try again when it is over"), "{message}");
    sim.clear_plan();
    disconnect(&giver, &volume, "compute-1").await;
    let _ = accept(&taker, &offer).await.expect(202);
    assert_eq!(sim.exported(), Vec::<String>::new());
    cloud.check().await;
}

#[tokio::test]
async fn an_attachment_that_a_reset_status_hides_goes_before_the_volume() {
    let cloud = Cloud::start().await;
    let giver = cloud.member();
    let volume = giver.volume(1).await;
    let wish = json!({ "host_name": "compute-1", "mountpoint": "/dev/vdb" });
    let _ = giver.act(&volume, "os-attach", wish).await.expect(202);
    let reset = json!({ "status": "available" });
    let _ = cloud.admin().act(&volume, "os-reset_status", reset).await.expect(202);
    ensure_told(ask(&giver, &volume, json!({})).await);
    let _ = giver.act(&volume, "os-detach", json!({})).await.expect(202);
    offer(&giver, &volume, json!({})).await;
    cloud.check().await;
}

#[tokio::test]
async fn of_a_volume_that_may_have_many_hosts_all_are_let_go() {
    let cloud = Cloud::start().await;
    let giver = cloud.member();
    let specs = json!({ "name": "shared", "extra_specs": { "multiattach": "<is> True" } });
    let _ = cloud.admin().post("/types", &json!({ "volume_type": specs })).await.expect(200);
    let volume = giver.volume_of(json!({ "size": 1, "volume_type": "shared" })).await;
    for name in ["compute-1", "compute-2"] {
        let _ = connect(&giver, &volume, name).await.expect(200);
    }
    disconnect(&giver, &volume, "compute-1").await;
    ensure_told(ask(&giver, &volume, json!({})).await);
    let all = json!({ "connector": null });
    let _ = giver.act(&volume, "os-terminate_connection", all).await.expect(202);
    offer(&giver, &volume, json!({})).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_host_that_is_being_connected_counts() {
    for place in testing::databases().await {
        let mut plan = Plan::with_sim(&cloud::sim()).idle();
        plan.settings.answer_within = Duration::from_millis(10);
        let cloud = Cloud::on(place, plan).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        let default = default_type(&cloud.db).await;
        let wanted = Wanted {
            volume: VolumeStatus::Available,
            kind: Kind::Plain,
            snapshot: None,
            attachment: None,
        };
        let made = async || stage(&cloud, &giver.project, default, wanted).await.volume.to_string();

        let volume = made().await;
        let _ = connect(&giver, &volume, "compute-1").await.expect(503);
        ensure_told(ask(&giver, &volume, json!({})).await);
        assert_eq!(status(&giver, &volume).await, "available");

        let volume = made().await;
        let offer = offer(&giver, &volume, json!({})).await;
        let _ = connect(&giver, &volume, "compute-1").await.expect(503);
        ensure_told(accept(&taker, &offer).await);
        let _ = taker.get(&format!("/volumes/{volume}")).await.expect(404);
    }
}
